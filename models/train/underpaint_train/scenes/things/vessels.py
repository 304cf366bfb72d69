"""Boats, a balloon, a whale in the water."""

import numpy as np

from ..geometry import box, curve, ellipse, poly, stroke
from ..parts import Part


def sailboat(rng: np.random.Generator, x: float, y: float, s: float) -> list:
    hull, sail = str(rng.choice(["wood", "crimson", "dark", "white"])), str(rng.choice(["cloth", "white", "orange"]))
    return [
        Part(
            poly((x - s * 0.4, y - s * 0.16), (x + s * 0.44, y - s * 0.16), (x + s * 0.28, y), (x - s * 0.28, y)), hull
        ),
        Part(stroke([(x, y - s * 0.14), (x, y - s)], s * 0.03), "wooddark", sketch=False),
        Part(
            np.concatenate(
                [
                    curve((x + s * 0.03, y - s * 0.97), (x + s * 0.34, y - s * 0.5), (x + s * 0.38, y - s * 0.23)),
                    poly((x + s * 0.03, y - s * 0.23)),
                ]
            ),
            sail,
            side=0.8,
        ),
        Part(
            np.concatenate(
                [
                    curve((x - s * 0.03, y - s * 0.9), (x - s * 0.2, y - s * 0.5), (x - s * 0.33, y - s * 0.23)),
                    poly((x - s * 0.03, y - s * 0.23)),
                ]
            ),
            sail,
            side=-0.8,
        ),
    ]


def rowing_boat(rng: np.random.Generator, x: float, y: float, s: float) -> list:
    hull = str(rng.choice(["wood", "crimson", "teal"]))
    shape = np.concatenate(
        [
            curve((x - s, y - s * 0.42), (x, y - s * 0.18), (x + s, y - s * 0.42)),
            curve(
                (x + s, y - s * 0.42), (x + s * 0.6, y + s * 0.06), (x - s * 0.6, y + s * 0.06), (x - s, y - s * 0.42)
            ),
        ]
    )
    return [
        Part(ellipse(x, y - s * 0.3, s * 0.74, s * 0.1), "wooddark", up=-0.4, sketch=False),
        Part(shape, hull, up=0.1),
        Part(stroke([(x - s * 0.3, y - s * 0.32), (x - s * 0.95, y + s * 0.05)], s * 0.06), "wooddark", sketch=False),
    ]


def balloon(rng: np.random.Generator, x: float, y: float, s: float) -> list:
    """Gores in two colours; `y` is the basket's bottom."""
    a, b = (
        str(c) for c in rng.choice(["crimson", "yellow", "teal", "orange", "white", "blue", "violet"], 2, replace=False)
    )
    cx, cy, r, neck = x, y - s * 0.64, s * 0.36, y - s * 0.17

    def gore(f0: float, f1: float) -> np.ndarray:
        t = np.linspace(-np.pi / 2, np.pi * 0.32, 14)
        xs, ys = np.cos(t), cy + r * np.sin(t)
        left, right = np.stack([cx + f0 * r * xs, ys], 1), np.stack([cx + f1 * r * xs, ys], 1)
        return np.concatenate([left, [(cx + f0 * s * 0.07, neck), (cx + f1 * s * 0.07, neck)], right[::-1]])

    out = [Part(gore(-1, 1), a)]
    for k, (f0, f1) in enumerate(((-1, -0.72), (-0.72, -0.26), (-0.26, 0.26), (0.26, 0.72), (0.72, 1))):
        out.append(Part(gore(f0, f1), b if k % 2 else a, side=(f0 + f1) / 2, sketch=k % 2 == 1))
    out += [
        Part(stroke([(x + k * s * 0.06, neck), (x + k * s * 0.05, y - s * 0.08)], s * 0.012), "dark", sketch=False)
        for k in (-1, 1)
    ]
    return out + [Part(box(x - s * 0.06, y - s * 0.1, x + s * 0.06, y), "wood")]


def whale(rng: np.random.Generator, x: float, y: float, s: float) -> list:
    """A back with a fin, the fluke and the spout."""
    body = np.concatenate(
        [
            curve((x - s, y), (x - s * 0.9, y - s * 0.62), (x - s * 0.1, y - s * 0.56), (x + s * 0.8, y - s * 0.02)),
            [(x + s * 0.8, y)],
        ]
    )
    fluke = np.concatenate(
        [
            curve((x + s * 1.02, y), (x + s * 1.0, y - s * 0.3), (x + s * 1.0, y - s * 0.4)),
            curve((x + s * 1.0, y - s * 0.42), (x + s * 0.8, y - s * 0.5), (x + s * 0.62, y - s * 0.66)),
            curve((x + s * 0.8, y - s * 0.7), (x + s * 1.0, y - s * 0.66), (x + s * 1.06, y - s * 0.54)),
            curve((x + s * 1.06, y - s * 0.54), (x + s * 1.2, y - s * 0.7), (x + s * 1.5, y - s * 0.66)),
            curve((x + s * 1.4, y - s * 0.5), (x + s * 1.16, y - s * 0.36), (x + s * 1.14, y)),
        ]
    )
    spout = [
        Part(
            stroke(
                curve(
                    (x - s * 0.6, y - s * 0.42), (x - s * 0.6, y - s * 0.9), (x - s * (0.6 - k * 0.28), y - s * 0.82)
                ),
                s * 0.07,
                s * 0.03,
            ),
            "foam",
            up=0.5,
        )
        for k in (-1, 1)
    ]
    return spout + [
        Part(body, "whale", up=0.1),
        Part(fluke, "whale", side=0.3),
        Part(ellipse(x - s * 0.74, y - s * 0.16, s * 0.035), "black", sketch=False),
    ]


def iceberg(rng: np.random.Generator, x: float, y: float, s: float) -> list:
    top = x + s * rng.uniform(-0.2, 0.2)
    return [
        Part(
            poly((x - s, y), (x - s * 0.7, y - s * 0.45), (x - s * 0.4, y - s * 0.5), (top, y - s), (top, y)),
            "ice",
            side=-0.9,
        ),
        Part(
            poly((top, y), (top, y - s), (x + s * 0.4, y - s * 0.62), (x + s * 0.62, y - s * 0.3), (x + s, y)),
            "ice",
            side=0.9,
        ),
        Part(poly((top - s * 0.25, y), (top, y - s * 0.5), (top + s * 0.2, y)), "ice2", side=-0.2, sketch=False),
    ]


THINGS = {"sailboat": sailboat, "boat": rowing_boat, "balloon": balloon, "whale": whale, "iceberg": iceberg}
