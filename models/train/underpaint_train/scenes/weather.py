"""Weather in front of everything: veils of fog, rain, falling snow."""

import numpy as np

from .canvas import Canvas
from .geometry import ellipse, stroke
from .light import Light


def paint_weather(canvas: Canvas, rng: np.random.Generator, light: Light, horizon: float) -> None:
    if light.weather == "fog":
        _fog(canvas, rng, light, horizon)
    elif light.weather in ("rain", "storm"):
        _rain(canvas, rng, light)
    elif light.weather == "snowfall":
        _snow(canvas, rng, light)


def _fog(canvas: Canvas, rng: np.random.Generator, light: Light, horizon: float) -> None:
    """Banks that lie level, densest a little below the horizon."""
    veil = np.zeros_like(canvas.rows)
    for level, thick, strength in ((horizon - 26, 24, 0.45), (horizon + 12, 17, 0.62), (horizon + 46, 13, 0.42)):
        wave = (
            level
            + 7 * np.sin(canvas.columns / rng.uniform(28, 60) + rng.uniform(0, 6))
            + 4 * np.sin(canvas.columns / 17 + rng.uniform(0, 6))
        )
        veil = np.maximum(veil, strength * np.exp(-(((canvas.rows - wave) / thick) ** 2)))
    canvas.paint(0.1 + 0.85 * veil, light.air + (1 - light.air) * 0.12)


def _rain(canvas: Canvas, rng: np.random.Generator, light: Light) -> None:
    canvas.paint(np.full_like(canvas.rows, 0.12), light.middle)
    streaks = []
    for _ in range(int(110 * canvas.w * canvas.h / 65536)):
        x, y, length = rng.uniform(-8, canvas.w + 20), rng.uniform(-10, canvas.h), rng.uniform(10, 22)
        streaks.append(stroke([(x, y), (x - length * 0.28, y + length)], 1.1))
    canvas.paint(canvas.mask(*streaks) * 0.5, np.clip(light.horizon * 1.1 + 0.12, 0, 1))


def _snow(canvas: Canvas, rng: np.random.Generator, light: Light) -> None:
    canvas.paint(np.full_like(canvas.rows, 0.14), light.air)
    look = np.clip(
        0.35 * light.air + 0.65 * np.array((0.97, 0.98, 1.0)) * (0.55 + 0.45 * float(np.clip(light.key, 0, 1).mean())),
        0,
        1,
    )
    for size, count in ((1.0, 90), (1.6, 60), (2.6, 26)):
        flakes = [
            ellipse(rng.uniform(0, canvas.w), rng.uniform(0, canvas.h), size)
            for _ in range(int(count * canvas.w * canvas.h / 65536))
        ]
        canvas.paint(canvas.mask(*flakes) * 0.92, look)
