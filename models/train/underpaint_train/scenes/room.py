"""Shared by scenes without a landscape: colours, the light of a room, backdrops."""

from typing import Any

import numpy as np

from .geometry import box, ellipse, poly
from .layout import Layout
from .light import Light
from .materials import rgb
from .parts import Part, Things

SKIN = [rgb(c) for c in ("f7d3b5", "eebb94", "d99e74", "b87a52", "8f5a3a", "66402c")]
HAIR = [rgb(c) for c in ("2a2228", "4a3028", "7a4a2c", "b8793c", "e2bd72", "a8452c", "b9b4b4")]
CLOTH = [
    rgb(c) for c in ("2f5f8f", "c8503f", "3f7f6a", "e0a83f", "5a4a7f", "efe8da", "38404f", "d9879a", "7fa8c0", "8a9a4f")
]
WALL = [
    rgb(c) for c in ("d9e4e0", "f0dfc4", "b8cdd9", "e6c3b0", "8fa9a6", "6f7f9f", "c9b8cf", "4a5a6f", "e9e4da", "9fb88f")
]
SCHEMES = [
    "264653 2a9d8f e9c46a f4a261 e76f51",
    "1d3557 457b9d a8dadc f1faee e63946",
    "f94144 f9844a f9c74f 43aa8b 577590",
    "2b2d42 8d99ae edf2f4 ef233c d80032",
    "606c38 283618 fefae0 dda15e bc6c25",
    "cdb4db ffc8dd ffafcc bde0fe a2d2ff",
    "003049 d62828 f77f00 fcbf49 eae2b7",
    "0b132b 1c2541 3a506b 5bc0be f5f5f0",
    "5f0f40 9a031e fb8b24 e36414 0f4c5c",
    "f2cc8f e07a5f 3d405b 81b29a f4f1de",
]
PLACES_INDOORS = ("portrait", "still life", "abstract")


def room_light(side: float) -> Light:
    grey = np.full(3, 0.8, np.float32)
    return Light(
        grey,
        grey,
        grey,
        np.array((1.08, 1.03, 0.97), np.float32),
        np.array((0.60, 0.60, 0.72), np.float32),
        0.0,
        side,
        "day",
        "clear",
    )


def one_of(rng: np.random.Generator, colours: list) -> Any:
    return colours[int(rng.integers(len(colours)))]


def backdrop(a: Layout) -> None:
    """A wall, sometimes with a window, a shelf, or light spots out of focus."""
    rng, w, h = a.rng, a.w, a.h
    wall = one_of(rng, WALL)
    parts = [Part(box(-4, -4, w + 4, h + 4), wall, up=0.2)]
    kind = rng.integers(5)
    if kind == 1:
        x = w * rng.choice([0.16, 0.84])
        parts += [
            Part(box(x - 36, h * 0.1, x + 36, h * 0.52), rgb("fbf7ee"), up=0.4),
            Part(box(x - 31, h * 0.12, x + 31, h * 0.5), rgb("a8d4ee"), up=0.6),
            Part(box(x - 2, h * 0.1, x + 2, h * 0.52), rgb("fbf7ee"), up=0.3, sketch=False),
        ]
    elif kind == 2:
        for y in (h * 0.28, h * 0.56):
            x = 6.0
            while x < w - 10:
                wide, high = rng.uniform(6, 13), rng.uniform(24, 40)
                if rng.random() < 0.85:
                    parts.append(Part(box(x, y - high, x + wide, y), one_of(rng, CLOTH), sketch=False))
                x += wide + 1
            parts.append(Part(box(-4, y, w + 4, y + 6), "wood", up=0.3))
    elif kind == 3:
        parts += [
            Part(
                ellipse(rng.uniform(0, w), rng.uniform(0, h * 0.8), rng.uniform(9, 22)),
                wall * 0.6 + 0.4,
                up=0.4,
                sketch=False,
            )
            for _ in range(9)
        ]
    elif kind == 4:
        parts.append(Part(poly((-4, h * 0.62), (w + 4, h * 0.5), (w + 4, h + 4), (-4, h + 4)), wall * 0.72, up=0.1))
    a.add(Things(parts))
