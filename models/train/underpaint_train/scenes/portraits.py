"""Portraits: head and shoulders before a wall."""

import numpy as np

from .geometry import Points, box, curve, dome, ellipse, poly, stroke
from .layout import Layout
from .materials import rgb
from .parts import Part, Things
from .room import CLOTH, HAIR, SKIN, backdrop, one_of


def portrait(a: Layout) -> None:
    backdrop(a)
    rng, w, h = a.rng, a.w, a.h
    r = rng.uniform(38, 78)
    x, y, rx = w * rng.uniform(0.38, 0.62), h * rng.uniform(0.36, 0.45), r * 0.76
    skin, hair, cloth = one_of(rng, SKIN), one_of(rng, HAIR), one_of(rng, CLOTH)
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


def _face_side(x: float, y: float, rx: float, r: float, k: float) -> Points:
    """The part of a face that turns to one side: from the outline in to the cheek."""
    t = np.linspace(-1.25, 1.25, 20)
    outer = np.stack([x + k * rx * np.cos(t), y + r * np.sin(t)], 1)
    inner = np.stack([x + k * rx * (0.22 + 0.2 * np.cos(3.2 * t)), y + r * np.sin(t)], 1)
    return np.concatenate([outer, inner[::-1]])


def _head(rng: np.random.Generator, x: float, y: float, r: float, rx: float, skin: object, hair: np.ndarray) -> list:
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
        hat = one_of(rng, CLOTH)
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
