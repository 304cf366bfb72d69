"""Scenes without a landscape: portraits, still lifes, abstract paintings."""

import numpy as np

from .geometry import blob, box, curve, ellipse, poly, stroke
from .layout import Layout
from .materials import rgb
from .parts import Part, Things
from .portraits import portrait
from .room import CLOTH, SCHEMES, backdrop, one_of


def still_life(a: Layout) -> None:
    backdrop(a)
    rng, w, h = a.rng, a.w, a.h
    y = h * rng.uniform(0.62, 0.72)
    a.horizon = y
    a.add(
        Things(
            [
                Part(
                    box(-4, y, w + 4, h + 4),
                    one_of(rng, [rgb("a8764f"), rgb("e9dcc4"), rgb("6f8f9f"), rgb("8a5a44")]),
                    up=0.3,
                )
            ]
        )
    )
    spots = [w * u for u in rng.permutation((0.2, 0.5, 0.78))]
    makers = [_vase, _bowl, _cup, _bottle]
    for x, k in zip(spots, rng.permutation(4)[: int(rng.integers(2, 4))]):
        a.add(
            Things(
                [Part(ellipse(x + 8, y + 31, 38, 6), rgb("4a3a3a"), up=-0.2, sketch=False)] + makers[k](rng, x, y + 32)
            )
        )


def _halves(outline: np.ndarray, x: float, role: object) -> list:
    """A round body from its right outline (top to foot)."""
    left = outline.copy()
    left[:, 0] = 2 * x - left[:, 0]
    light = outline.copy()
    light[:, 0] = x + (outline[:, 0] - x) * 0.5
    dark = light.copy()
    dark[:, 0] = 2 * x - dark[:, 0]
    return [
        Part(np.concatenate([left, outline[::-1]]), role),
        Part(np.concatenate([outline, light[::-1]]), role, side=0.8, sketch=False),
        Part(np.concatenate([left, dark[::-1]]), role, side=-0.8, sketch=False),
    ]


def _vase(rng: np.random.Generator, x: float, y: float) -> list:
    stems = []
    for _ in range(int(rng.integers(4, 8))):
        fx, fy, r = x + rng.normal(0, 19), y - rng.uniform(92, 138), rng.uniform(9, 15)
        colour = str(rng.choice(["petal", "petal2", "petal3"]))
        stems.append(Part(stroke([(x, y - 66), (fx, fy)], 2.4), "stem", sketch=False))
        stems += [
            Part(ellipse(fx, fy, r), colour),
            Part(ellipse(fx, fy, r * 0.6), colour, up=0.7, sketch=False),
            Part(ellipse(fx, fy, r * 0.3), "orange", sketch=False),
        ]
    side = np.concatenate(
        [
            curve((x + 11, y - 70), (x + 7, y - 56), (x + 26, y - 42)),
            curve((x + 26, y - 42), (x + 28, y - 14), (x + 13, y)),
        ]
    )
    return stems + _halves(side, x, one_of(rng, CLOTH))


def _bowl(rng: np.random.Generator, x: float, y: float) -> list:
    fruit = []
    for dx, dy in ((-20, -36), (20, -36), (0, -42), (-9, -52), (11, -53)):
        colour = rgb(str(rng.choice(["e0503f", "f0a83a", "9abf4a", "f4d44a", "8a4a8f"])))
        fruit += [
            Part(ellipse(x + dx, y + dy, 13), colour, up=-0.1),
            Part(ellipse(x + dx - 4, y + dy - 4, 5), colour, up=0.8, sketch=False),
        ]
    return fruit + _halves(curve((x + 42, y - 36), (x + 38, y - 4), (x + 14, y)), x, one_of(rng, CLOTH))


def _cup(rng: np.random.Generator, x: float, y: float) -> list:
    ring = ellipse(x + 24, y - 22, 12, 12)
    cloth = one_of(rng, CLOTH)
    return (
        [Part(stroke(np.concatenate([ring, ring[:2]]), 5), cloth, sketch=True)]
        + _halves(np.array([(x + 24, y - 42), (x + 22, y - 8), (x + 16, y)], float), x, cloth)
        + [Part(ellipse(x, y - 42, 24, 5), rgb("5a3a2c"), up=-0.2)]
    )


def _bottle(rng: np.random.Generator, x: float, y: float) -> list:
    side = np.array([(x + 6, y - 104), (x + 6, y - 78), (x + 17, y - 62), (x + 17, y)], float)
    return _halves(side, x, rgb(str(rng.choice(["3f7f5a", "7a3f2c", "4a7f9f"])))) + [
        Part(box(x - 17, y - 44, x + 17, y - 18), rgb("f3e9d2"), up=0.3)
    ]


def abstract(a: Layout) -> None:
    """Overlapping shapes in five colours that go together."""
    rng, w, h = a.rng, a.w, a.h
    colours = [rgb(c) for c in str(rng.choice(SCHEMES)).split()]
    ground = one_of(rng, colours)
    a.add(Things([Part(box(-4, -4, w + 4, h + 4), ground, up=0.4)]))
    kind, parts = rng.integers(4), []
    for _ in range(int(rng.integers(5, 12))):
        x, y, r = rng.uniform(0, w), rng.uniform(0, h), rng.uniform(16, 70)
        role = one_of(rng, [c for c in colours if c is not ground])
        if kind == 0 or rng.random() < 0.25:
            shape = blob(rng, x, y, r, r * rng.uniform(0.6, 1.2), 0.25)
        elif kind == 1:
            shape = ellipse(x, y, r)
        elif kind == 2:
            turn = rng.uniform(0, 3.14)
            shape = (
                ellipse(x, y, r * 1.3, r)[[1, 7, 14, 20]]
                if turn < 2
                else poly((x, y - r), (x + r, y + r * 0.7), (x - r, y + r * 0.7))
            )
        else:
            shape = stroke(
                curve(
                    (x, -10),
                    (x + rng.normal(0, 70), h * 0.3),
                    (x + rng.normal(0, 70), h * 0.7),
                    (x + rng.normal(0, 50), h + 10),
                    n=24,
                ),
                r * 0.6,
            )
        light = shape * np.array((0.62, 0.62)) + shape.mean(0) * 0.38 - np.array((0.1 * r, 0.1 * r))
        parts += [Part(shape, role, up=0.3), Part(light, role, up=0.75, sketch=False)]
    a.add(Things(parts))


PLACES = {"portrait": portrait, "still life": still_life, "abstract": abstract}
