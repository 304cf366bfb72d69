"""Fog, rain and snow, before everything else that is painted."""

import numpy as np

from .canvas import SIZE, Stamp
from .noise import fbm
from .painting import Painting
from .palette import SNOW


def paint_weather(painting: Painting) -> None:
    canvas, rng, plan = painting.canvas, painting.rng, painting.plan
    if plan.weather == "fog":
        low = np.exp(-(((canvas.rows - painting.horizon - 14) / rng.uniform(34, 70)) ** 2))
        veil = np.clip(low * (0.72 + 0.32 * fbm(rng, SIZE, SIZE, 60, 4, stretch=3)), 0, 0.93)
        canvas.paint(veil, 0.8 * painting.sky.horizon + 0.2 * painting.sky.middle)
    if plan.weather in ("rain", "snow"):
        canvas.paint(np.full((SIZE, SIZE), 0.18, np.float32), painting.sky.middle)
        stamp = Stamp()
        for _ in range(int(rng.integers(60, 140))):
            x, y = rng.uniform(-8, SIZE + 8), rng.uniform(0, SIZE)
            if plan.weather == "rain":
                length = rng.uniform(7, 15)
                stamp.line([(x, y), (x - length * 0.25, y + length)], 0.8, np.clip(painting.sky.horizon * 1.15, 0, 1))
            else:
                size = rng.choice([1.0, 1.4, 1.8, 2.4])
                stamp.ellipse(x, y, size, size, np.clip(SNOW * (0.45 + 0.6 * painting.tint), 0, 1))
        stamp.onto(canvas)
