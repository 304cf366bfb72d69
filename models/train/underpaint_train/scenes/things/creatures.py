"""Animals and people, as silhouettes of a few pieces."""

import numpy as np

from ..geometry import curve, ellipse, poly, stroke
from ..parts import Part


def birds(rng: np.random.Generator, x: float, y: float, s: float) -> list:
    """A flock about (x, y): each two bent wings."""
    out = []
    for _ in range(int(rng.integers(4, 8))):
        bx, by, r = x + rng.normal(0, 1.3) * s, y + rng.normal(0, 0.6) * s, s * rng.uniform(0.22, 0.4)
        out += [
            Part(
                np.concatenate(
                    [
                        curve((bx, by), (bx + k * r * 0.5, by - r * 0.75), (bx + k * r, by - r * 0.25)),
                        curve((bx + k * r, by - r * 0.25), (bx + k * r * 0.5, by - r * 0.4), (bx, by + r * 0.18)),
                    ]
                ),
                "black",
                up=-0.3,
            )
            for k in (-1, 1)
        ]
    return out


def _four_legs(x: float, y: float, s: float, k: float, role: object, high: float) -> list:
    body = Part(
        np.concatenate(
            [
                curve((x - s * 0.4, y - s * 0.62), (x, y - s * 0.7), (x + s * 0.34, y - s * 0.64)),
                curve((x + s * 0.36, y - s * 0.4), (x, y - s * 0.32), (x - s * 0.4, y - s * 0.42)),
            ]
        ),
        role,
        up=0.1,
    )
    legs = [
        Part(
            stroke([(x + u * s, y - s * 0.46), (x + (u + d) * s, y - s * 0.2), (x + u * s, y)], s * 0.085, s * 0.045),
            role,
            up=-0.3,
            sketch=False,
        )
        for u, d in ((-0.34, -0.04), (-0.26, 0.03), (0.24, 0.03), (0.31, -0.02))
    ]
    body.points[:, 0] = x + k * (body.points[:, 0] - x)
    for leg in legs:
        leg.points[:, 0] = x + k * (leg.points[:, 0] - x)
    nx, ny = x + k * s * 0.3, y - s * 0.58
    head = (x + k * s * 0.52, y - s * high)
    neck = Part(stroke([(nx, ny), head], s * 0.17, s * 0.1), role, side=0.4 * k)
    muzzle = Part(
        stroke([(head[0] - k * s * 0.03, head[1]), (head[0] + k * s * 0.17, head[1] + s * 0.06)], s * 0.11, s * 0.06),
        role,
        side=0.4 * k,
    )
    return legs + [body, neck, muzzle]


def deer(rng: np.random.Generator, x: float, y: float, s: float) -> list:
    k = int(rng.choice([-1, 1]))
    hx, hy = x + k * s * 0.5, y - s * 0.9
    horns = [
        Part(
            stroke(curve((hx, hy), (hx + d * s * 0.16, hy - s * 0.06), (hx + d * s * 0.12, hy - s * 0.28)), s * 0.03),
            "wooddark",
            sketch=False,
        )
        for d in (-1, 1)
    ]
    horns += [
        Part(
            stroke([(hx + d * s * 0.09, hy - s * 0.1), (hx + d * s * 0.2, hy - s * 0.2)], s * 0.025),
            "wooddark",
            sketch=False,
        )
        for d in (-1, 1)
    ]
    return _four_legs(x, y, s, k, "deer", 0.88) + horns


def horse(rng: np.random.Generator, x: float, y: float, s: float) -> list:
    k = int(rng.choice([-1, 1]))
    tail = Part(
        stroke(
            curve((x - k * s * 0.38, y - s * 0.6), (x - k * s * 0.56, y - s * 0.5), (x - k * s * 0.52, y - s * 0.24)),
            s * 0.09,
            s * 0.03,
        ),
        "black",
        sketch=False,
    )
    mane = Part(
        stroke([(x + k * s * 0.27, y - s * 0.66), (x + k * s * 0.46, y - s * 0.92)], s * 0.08), "black", sketch=False
    )
    return [tail] + _four_legs(x, y, s, k, "horse", 0.88) + [mane]


def person(rng: np.random.Generator, x: float, y: float, s: float) -> list:
    coat, hair = (
        str(rng.choice(["crimson", "blue", "yellow", "teal", "dark", "violet"])),
        str(rng.choice(["black", "wooddark", "yellow"])),
    )
    legs = [
        Part(stroke([(x + k * s * 0.05, y - s * 0.42), (x + k * s * 0.08, y)], s * 0.1, s * 0.08), "dark", side=0.4 * k)
        for k in (-1, 1)
    ]
    body = [
        Part(
            poly((x - s * 0.12, y - s * 0.78), (x, y - s * 0.8), (x, y - s * 0.34), (x - s * 0.16, y - s * 0.34)),
            coat,
            side=-0.7,
        ),
        Part(
            poly((x + s * 0.12, y - s * 0.78), (x, y - s * 0.8), (x, y - s * 0.34), (x + s * 0.16, y - s * 0.34)),
            coat,
            side=0.7,
        ),
    ]
    arms = [
        Part(
            stroke([(x + k * s * 0.12, y - s * 0.75), (x + k * s * 0.2, y - s * 0.42)], s * 0.08, s * 0.06),
            coat,
            side=0.7 * k,
            sketch=False,
        )
        for k in (-1, 1)
    ]
    return (
        legs
        + arms
        + body
        + [
            Part(ellipse(x, y - s * 0.89, s * 0.095, s * 0.11), "skin"),
            Part(np.concatenate([ellipse(x, y - s * 0.93, s * 0.1, s * 0.08)]), hair, sketch=False),
        ]
    )


def cow(rng: np.random.Generator, x: float, y: float, s: float) -> list:
    k = int(rng.choice([-1, 1]))
    spots = [Part(ellipse(x + u * s, y - s * 0.54, s * 0.1, s * 0.07), "black", sketch=False) for u in (-0.2, 0.12)]
    return _four_legs(x, y, s, k, "white", 0.66) + spots


THINGS = {"birds": birds, "deer": deer, "horse": horse, "person": person, "cow": cow}
