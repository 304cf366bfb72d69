"""Scenes without a landscape: portraits, still lifes, abstract paintings. All are parts on a backdrop, in the light of a room."""

import numpy as np

from .geometry import Points, blob, box, curve, dome, ellipse, poly, stroke
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


def _one(rng, colours: list):
    return colours[int(rng.integers(len(colours)))]


def _backdrop(a: Layout) -> None:
    """A wall, sometimes with a window, a shelf, or light spots out of focus."""
    rng, w, h = a.rng, a.w, a.h
    wall = _one(rng, WALL)
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
                    parts.append(Part(box(x, y - high, x + wide, y), _one(rng, CLOTH), sketch=False))
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


def portrait(a: Layout) -> None:
    _backdrop(a)
    rng, w, h = a.rng, a.w, a.h
    r = rng.uniform(38, 78)
    x, y, rx = w * rng.uniform(0.38, 0.62), h * rng.uniform(0.36, 0.45), r * 0.76
    skin, hair, cloth = _one(rng, SKIN), _one(rng, HAIR), _one(rng, CLOTH)
    long = rng.random() < 0.45
    parts: list = []
    if long:
        parts.append(
            Part(
                np.concatenate(
                    [
                        dome(x, y - r * 0.1, rx * 1.34, r * 1.06),
                        [(x + rx * 1.5, y + r * 1.35), (x - rx * 1.5, y + r * 1.35)],
                    ]
                ),
                hair,
                up=-0.4,
            )
        )
    parts += [
        Part(
            poly(
                (x - rx * 0.44, y + r * 0.6),
                (x + rx * 0.44, y + r * 0.6),
                (x + rx * 0.5, y + r * 1.4),
                (x - rx * 0.5, y + r * 1.4),
            ),
            skin,
            up=-0.55,
        )
    ]
    for k in (-1, 1):
        shoulder = np.concatenate(
            [
                [(x, y + r * 1.4)],
                curve(
                    (x + k * rx * 0.5, y + r * 1.14),
                    (x + k * rx * 1.5, y + r * 1.36),
                    (x + k * rx * 2.35, y + r * 1.6),
                    (x + k * rx * 2.6, h + 6),
                ),
                [(x, h + 6)],
            ]
        )
        parts.append(Part(shoulder, cloth, up=0.2))
    for k in (-1, 1):
        sleeve = np.concatenate(
            [
                curve(
                    (x + k * rx * 0.62, y + r * 1.17),
                    (x + k * rx * 1.5, y + r * 1.36),
                    (x + k * rx * 2.35, y + r * 1.6),
                    (x + k * rx * 2.6, h + 6),
                ),
                curve((x + k * rx * 1.5, h + 6), (x + k * rx * 1.7, y + r * 1.9), (x + k * rx * 0.62, y + r * 1.17)),
            ]
        )
        parts.append(Part(sleeve, cloth, side=0.65 * k, up=0.1, sketch=False))
    parts.append(
        Part(
            poly((x - rx * 0.5, y + r * 1.14), (x + rx * 0.5, y + r * 1.14), (x, y + r * rng.uniform(1.4, 1.9))),
            skin if rng.random() < 0.5 else cloth * 0.5 + 0.5,
            up=-0.2,
        )
    )
    a.add(Things(parts), Things(_head(rng, x, y, r, rx, skin, hair)))


def _face_side(x, y, rx, r, k) -> Points:
    """The part of a face that turns to one side: from the outline in to the cheek."""
    t = np.linspace(-1.25, 1.25, 20)
    outer = np.stack([x + k * rx * np.cos(t), y + r * np.sin(t)], 1)
    inner = np.stack([x + k * rx * (0.22 + 0.2 * np.cos(3.2 * t)), y + r * np.sin(t)], 1)
    return np.concatenate([outer, inner[::-1]])


def _head(rng, x, y, r, rx, skin, hair) -> list:
    out = [
        Part(ellipse(x + k * rx * 1.0, y + r * 0.1, rx * 0.16, r * 0.18), skin, side=0.5 * k, sketch=False)
        for k in (-1, 1)
    ]
    jaw = np.concatenate([ellipse(x, y, rx, r)])
    out += [Part(jaw, skin, up=0.35)]
    out += [Part(_face_side(x, y, rx, r, k), skin, side=0.75 * k, up=0.1, sketch=False) for k in (-1, 1)]
    if rng.random() < 0.22:
        beard = np.concatenate(
            [
                curve((x - rx * 0.98, y + r * 0.08), (x - rx * 0.6, y + r * 0.45), (x, y + r * 0.3)),
                curve((x, y + r * 0.3), (x + rx * 0.6, y + r * 0.45), (x + rx * 0.98, y + r * 0.08)),
                curve(
                    (x + rx * 0.98, y + r * 0.08),
                    (x + rx * 0.9, y + r * 1.3),
                    (x - rx * 0.9, y + r * 1.3),
                    (x - rx * 0.98, y + r * 0.08),
                ),
            ]
        )
        out.append(Part(beard, hair, up=-0.1))
    out.append(
        Part(
            curve((x - rx * 0.28, y + r * 0.53), (x, y + r * 0.68), (x + rx * 0.28, y + r * 0.53)),
            rgb("b0504a"),
            up=0.1,
            sketch=bool(rng.random() < 0.5),
        )
    )
    out.append(
        Part(
            poly((x - rx * 0.03, y), (x + rx * 0.15, y + r * 0.3), (x - rx * 0.13, y + r * 0.31)),
            skin,
            up=-0.35,
            sketch=False,
        )
    )
    for k in (-1, 1):
        ex, ey = x + k * rx * 0.4, y - r * 0.06
        out += [
            Part(ellipse(ex, ey, rx * 0.17, r * 0.085), rgb("fbfaf5"), up=0.4, sketch=False),
            Part(ellipse(ex, ey, rx * 0.085, r * 0.085), rgb("3a2c2c"), up=-0.2),
        ]
        out.append(
            Part(
                stroke(
                    curve((ex - rx * 0.2, ey - r * 0.17), (ex, ey - r * 0.27), (ex + rx * 0.2, ey - r * 0.17)),
                    r * 0.055,
                ),
                hair * 0.85,
                up=-0.1,
                sketch=False,
            )
        )
    if rng.random() < 0.25:
        for k in (-1, 1):
            ring = ellipse(x + k * rx * 0.42, y - r * 0.05, rx * 0.3, r * 0.2)
            out.append(
                Part(stroke(np.concatenate([ring, ring[:2]]), r * 0.04), rgb("2f2c38"), sketch=bool(rng.random() < 0.6))
            )
        out.append(Part(box(x - rx * 0.13, y - r * 0.1, x + rx * 0.13, y - r * 0.06), rgb("2f2c38"), sketch=False))
    style = rng.integers(4)
    part = rng.uniform(-0.4, 0.4)
    if style < 3:
        line = curve((x + rx * 1.02, y - r * 0.05), (x + rx * 0.8, y - r * 0.6), (x + rx * part, y - r * 0.62), n=10)
        line2 = curve((x + rx * part, y - r * 0.62), (x - rx * 0.8, y - r * 0.5), (x - rx * 1.02, y - r * 0.05), n=10)
        top = np.concatenate([dome(x, y - r * 0.1, rx * 1.12, r * 1.06), line, line2])
        out.append(Part(top, hair, up=0.0))
        shine = np.concatenate(
            [
                curve((x - rx * 0.7, y - r * 0.75), (x - rx * 0.2, y - r * 1.1), (x + rx * 0.3, y - r * 1.06)),
                curve((x + rx * 0.3, y - r * 0.98), (x - rx * 0.2, y - r * 0.98), (x - rx * 0.7, y - r * 0.75)),
            ]
        )
        out.append(Part(shine, hair, up=0.9, sketch=False))
    else:
        hat = _one(rng, CLOTH)
        out += [
            Part(np.concatenate([dome(x, y - r * 0.4, rx * 1.04, r * 0.9)]), hat),
            Part(
                np.concatenate(
                    [
                        curve((x - rx * 1.06, y - r * 0.42), (x, y - r * 0.6), (x + rx * 1.06, y - r * 0.42)),
                        curve((x + rx * 1.06, y - r * 0.24), (x, y - r * 0.42), (x - rx * 1.06, y - r * 0.24)),
                    ]
                ),
                hat * 0.8,
                up=0.2,
            ),
        ]
    return out


def still_life(a: Layout) -> None:
    _backdrop(a)
    rng, w, h = a.rng, a.w, a.h
    y = h * rng.uniform(0.62, 0.72)
    a.horizon = y
    a.add(
        Things(
            [
                Part(
                    box(-4, y, w + 4, h + 4),
                    _one(rng, [rgb("a8764f"), rgb("e9dcc4"), rgb("6f8f9f"), rgb("8a5a44")]),
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


def _halves(outline: np.ndarray, x: float, role) -> list:
    """A round body from its right outline (top to foot)."""
    left = outline.copy()
    left[:, 0] = 2 * x - left[:, 0]
    middle = np.array([(x, outline[-1, 1]), (x, outline[0, 1])])
    light = outline.copy()
    light[:, 0] = x + (outline[:, 0] - x) * 0.5
    dark = light.copy()
    dark[:, 0] = 2 * x - dark[:, 0]
    return [
        Part(np.concatenate([left, outline[::-1]]), role),
        Part(np.concatenate([outline, light[::-1]]), role, side=0.8, sketch=False),
        Part(np.concatenate([left, dark[::-1]]), role, side=-0.8, sketch=False),
    ]


def _vase(rng, x, y) -> list:
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
    return stems + _halves(side, x, _one(rng, CLOTH))


def _bowl(rng, x, y) -> list:
    fruit = []
    for dx, dy in ((-20, -36), (20, -36), (0, -42), (-9, -52), (11, -53)):
        colour = rgb(str(rng.choice(["e0503f", "f0a83a", "9abf4a", "f4d44a", "8a4a8f"])))
        fruit += [
            Part(ellipse(x + dx, y + dy, 13), colour, up=-0.1),
            Part(ellipse(x + dx - 4, y + dy - 4, 5), colour, up=0.8, sketch=False),
        ]
    return fruit + _halves(curve((x + 42, y - 36), (x + 38, y - 4), (x + 14, y)), x, _one(rng, CLOTH))


def _cup(rng, x, y) -> list:
    ring = ellipse(x + 24, y - 22, 12, 12)
    cloth = _one(rng, CLOTH)
    return (
        [Part(stroke(np.concatenate([ring, ring[:2]]), 5), cloth, sketch=True)]
        + _halves(np.array([(x + 24, y - 42), (x + 22, y - 8), (x + 16, y)], float), x, cloth)
        + [Part(ellipse(x, y - 42, 24, 5), rgb("5a3a2c"), up=-0.2)]
    )


def _bottle(rng, x, y) -> list:
    side = np.array([(x + 6, y - 104), (x + 6, y - 78), (x + 17, y - 62), (x + 17, y)], float)
    return _halves(side, x, rgb(str(rng.choice(["3f7f5a", "7a3f2c", "4a7f9f"])))) + [
        Part(box(x - 17, y - 44, x + 17, y - 18), rgb("f3e9d2"), up=0.3)
    ]


def abstract(a: Layout) -> None:
    """Overlapping shapes in five colours that go together."""
    rng, w, h = a.rng, a.w, a.h
    colours = [rgb(c) for c in str(rng.choice(SCHEMES)).split()]
    ground = _one(rng, colours)
    a.add(Things([Part(box(-4, -4, w + 4, h + 4), ground, up=0.4)]))
    kind, parts = rng.integers(4), []
    for _ in range(int(rng.integers(5, 12))):
        x, y, r = rng.uniform(0, w), rng.uniform(0, h), rng.uniform(16, 70)
        role = _one(rng, [c for c in colours if c is not ground])
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
