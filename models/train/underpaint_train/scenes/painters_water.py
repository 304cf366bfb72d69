"""Paints water.

The sky and the shore upside down, darker; glints below sun or moon; level lines that widen towards the front.
"""

import numpy as np

from .canvas import Canvas, smoothstep
from .light import Light
from .materials import colour, rgb
from .parts import Sky, Water


def paint_water(canvas: Canvas, water: Water, sky: Sky, light: Light, season: str) -> None:
    s, shore = canvas.scale, water.shore
    first = int(np.clip(shore * s, 1, canvas.pixels_h - 1))
    depth = np.clip(canvas.rows - shore, 0, None)
    down = depth / max(canvas.h - shore, 1)
    # Row y shows what stands (y - shore) above the shore, drawn out by waves.
    source = np.clip(first - 1 - (np.arange(canvas.pixels_h) - first) * 1.12, 0, first - 1)
    wave = np.sin(canvas.rows * (26 / (5 + depth * 0.16))) * (0.4 + 2.6 * down)
    shift = np.rint(wave * s * (1.6 - 0.8 * water.calm)).astype(int)
    columns = np.clip(np.arange(canvas.pixels_w)[None] + shift, 0, canvas.pixels_w - 1)
    mirrored = canvas.picture[source.astype(int)[:, None], columns]
    body = light.tone(colour(water.role, season), 0.1 - 0.9 * down)
    keep = ((0.78 if water.calm > 0.5 else 0.42) - 0.42 * down)[..., None]
    look = body + (mirrored * np.array((0.86, 0.92, 0.97), np.float32) - body) * keep
    look = (
        look
        + (light.tone(colour("foam", season), 0.3) - look)
        * (_lines(canvas, depth, down) * (0.2 if water.calm > 0.5 else 0.38))[..., None]
    )
    swell = np.sin(np.log1p(depth / 9) * 13 + 0.8 * np.sin(canvas.columns / (18 + 50 * down) + down * 9)) * (
        0.045 if water.calm < 0.5 else 0.02
    )
    look = look * (1 + smoothstep(0, 0.08, down) * swell)[..., None]
    mask = canvas.mask(water.points)
    canvas.paint(mask, look)
    canvas.light(mask * np.exp(-depth / 2.2) * 0.3, light.air)
    if sky.orb and light.weather in ("clear", "cloudy", "aurora"):
        _glints(canvas, mask, sky, light, depth, down)


def _lines(canvas: Canvas, depth: np.ndarray, down: np.ndarray) -> np.ndarray:
    """Short level strokes, closer together far away."""
    row = np.sin(np.log1p(depth / 7) * 19)
    cut = np.sin(canvas.columns / (9 + 26 * down) + 4.1 * np.floor(np.log1p(depth / 7) * 19 / (2 * np.pi)) ** 1.3)
    return smoothstep(0.8, 0.95, row) * smoothstep(0.35, 0.6, cut) * smoothstep(0.02, 0.12, down)


def _glints(canvas: Canvas, mask: np.ndarray, sky: Sky, light: Light, depth: np.ndarray, down: np.ndarray) -> None:
    width = 5 + 22 * down
    near = np.exp(-(((canvas.columns - sky.x) / width) ** 2))
    dashes = smoothstep(-0.1, 0.5, np.sin(np.log1p(depth / 6) * 24 + 0.9 * np.sin(canvas.columns / 7)))
    amount = mask * near * (0.25 + 0.75 * dashes) * (0.85 - 0.35 * down)
    tint = {"night": "dfe8ff", "sunset": "ffd28a", "dawn": "ffe4b8", "dusk": "ffc0a0"}.get(light.time, "fffdf0")
    canvas.light(amount * 0.85, rgb(tint))
