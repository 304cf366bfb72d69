"""Water that mirrors what is painted above it, and a boat on it."""

import numpy as np

from . import objects
from .canvas import SIZE, Stamp
from .noise import fbm, smoothstep
from .painting import Painting
from .palette import rgb


def water(painting: Painting, top: float, bottom: float = SIZE, mask: np.ndarray | None = None) -> None:
    """A sheet of water that mirrors what is above `top`, rougher toward the viewer, with a path of light."""
    canvas, rng = painting.canvas, painting.rng
    depth = np.clip((canvas.rows - top) / max(1.0, bottom - top), 0, 1)
    rough = rng.uniform(0.4, 1.6)
    ripple = 0.8 * fbm(rng, SIZE, SIZE, 9, 2, stretch=6) + 0.7 * fbm(rng, SIZE, SIZE, 18, 2, stretch=5)
    y = np.clip(2 * top - canvas.rows * 1.0 + ripple * (1 + 7 * depth) * rough, 0, max(1, top - 1)).astype(int)
    x = np.clip(canvas.columns + 2.2 * ripple * (0.4 + 2 * depth), 0, SIZE - 1).astype(int)
    mirror = canvas.picture[y, x]
    deep = 0.55 * painting.sky.top + 0.3 * painting.sky.middle
    if painting.plan.time == "day" and painting.plan.weather in ("clear", "cloudy"):
        deep = 0.6 * deep + 0.4 * rgb(30, 110, 140)
    amount = (0.28 + 0.42 * depth)[..., None]
    colour = mirror * (1 - amount) + deep * amount
    colour = colour * (1 + 0.075 * ripple * (0.3 + depth))[..., None]
    inside = smoothstep(top - 0.5, top + 0.5, canvas.rows) if mask is None else mask
    canvas.paint(inside, np.clip(colour, 0, 1))
    if painting.plan.has("sun") or painting.plan.has("moon"):
        width = 7 + 34 * depth
        path = (
            np.exp(-(((canvas.columns - painting.sun_x) / width) ** 2)) * smoothstep(0.1, 1.0, ripple + 0.35) * inside
        )
        canvas.light(path * 0.8, painting.sky.sun)
    flat = 0.5 * (0.4 * painting.sky.middle + 0.6 * painting.sky.horizon) + 0.5 * deep
    canvas.fill(inside > 0.5, flat, 1)


def boat(painting: Painting, top: float) -> None:
    if painting.plan.has("sailboat"):
        stamp, y = Stamp(), top + painting.rng.uniform(8, 50)
        objects.sailboat(painting.rng, stamp, painting.rng.uniform(30, 226), y, 5 + (y - top) * 0.3, painting.tint)
        stamp.onto(painting.canvas)
