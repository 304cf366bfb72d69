"""Small things of the open air."""

import numpy as np

from ..geometry import box, curve, ellipse, poly, stroke
from ..parts import Part


def rock(rng: np.random.Generator, x: float, y: float, s: float) -> list:
    top = x + rng.uniform(-0.15, 0.15) * s
    a = (top + s * 0.05, y - s * 0.42)
    return [
        Part(
            poly((x - s * 0.6, y), (x - s * 0.46, y - s * 0.4), (top - s * 0.1, y - s * 0.66), a, (x - s * 0.02, y)),
            "rock",
            side=-0.85,
        ),
        Part(
            poly((x - s * 0.02, y), a, (top - s * 0.1, y - s * 0.66), (x + s * 0.38, y - s * 0.5), (x + s * 0.62, y)),
            "rock",
            side=0.85,
        ),
        Part(
            poly(
                (x - s * 0.46, y - s * 0.4),
                (top - s * 0.1, y - s * 0.66),
                (x + s * 0.38, y - s * 0.5),
                (x + s * 0.1, y - s * 0.46),
            ),
            "cover",
            up=0.5,
            sketch=False,
        ),
    ]


def tent(rng: np.random.Generator, x: float, y: float, s: float) -> list:
    role = str(rng.choice(["orange", "crimson", "yellow", "teal"]))
    top = (x - s * 0.1, y - s * 0.75)
    return [
        Part(poly((x - s * 0.75, y), top, (x + s * 0.25, y)), role, side=-0.6),
        Part(poly(top, (x + s * 0.35, y - s * 0.7), (x + s * 0.85, y), (x + s * 0.25, y)), role, side=0.8),
        Part(poly((x - s * 0.32, y), (x - s * 0.12, y - s * 0.52), (x + s * 0.04, y)), "dark", sketch=False, lamp=True),
    ]


def campfire(rng: np.random.Generator, x: float, y: float, s: float) -> list:
    logs = [
        Part(stroke([(x - k * s * 0.5, y), (x + k * s * 0.4, y - s * 0.16)], s * 0.15), "wooddark") for k in (-1, 1)
    ]
    flames = [(0.34, 0.9, "lava"), (0.24, 0.66, "flame"), (0.12, 0.4, "sun")]
    return logs + [
        Part(
            np.concatenate(
                [
                    curve((x - s * w, y - s * 0.12), (x - s * w, y - s * h * 0.5), (x, y - s * h)),
                    curve((x, y - s * h), (x + s * w, y - s * h * 0.5), (x + s * w, y - s * 0.12)),
                ]
            ),
            role,
            sketch=role != "sun",
        )
        for w, h, role in flames
    ]


def fence(rng: np.random.Generator, x: float, y: float, s: float) -> list:
    """Eight posts and two rails."""
    half = s * 2.6
    rails = [Part(box(x - half, y - s * f, x + half, y - s * (f - 0.13)), "wood", up=0.2) for f in (0.78, 0.42)]
    return rails + [
        Part(box(x + u * half - s * 0.07, y - s, x + u * half + s * 0.07, y), "wood", side=0.3)
        for u in np.linspace(-0.95, 0.95, 7)
    ]


def haystack(rng: np.random.Generator, x: float, y: float, s: float) -> list:
    return [
        Part(
            np.concatenate([curve((x - s * 0.6, y), (x - s * 0.6, y - s * 0.7), (x, y - s * 0.8)), [(x, y)]]),
            "crop",
            side=-0.7,
        ),
        Part(
            np.concatenate([curve((x + s * 0.6, y), (x + s * 0.6, y - s * 0.7), (x, y - s * 0.8)), [(x, y)]]),
            "crop",
            side=0.7,
        ),
    ]


def umbrella(rng: np.random.Generator, x: float, y: float, s: float) -> list:
    """A sunshade on the beach, in stripes."""
    a = str(rng.choice(["crimson", "orange", "blue", "yellow"]))
    t = np.linspace(np.pi, 2 * np.pi, 11)
    rim = np.stack([x + s * 0.55 * np.cos(t), y - s * 0.62 + s * 0.4 * np.sin(t)], 1)
    out = [Part(stroke([(x, y), (x, y - s)], s * 0.04), "wood"), Part(rim, a)]
    return out + [
        Part(np.array([(x, y - s * 1.02), rim[i], rim[i + 2]]), "white", side=i / 5 - 0.8, sketch=False)
        for i in (0, 4, 8)
    ]


def snowman(rng: np.random.Generator, x: float, y: float, s: float) -> list:
    out = [
        Part(ellipse(x, y - s * f, s * r), "snowball", up=u)
        for f, r, u in ((0.24, 0.26, 0.1), (0.58, 0.19, 0.2), (0.84, 0.13, 0.3))
    ]
    out += [Part(ellipse(x + k * s * 0.05, y - s * 0.87, s * 0.02), "coal", sketch=False) for k in (-1, 1)]
    return out + [
        Part(poly((x, y - s * 0.84), (x + s * 0.14, y - s * 0.81), (x, y - s * 0.8)), "carrot", sketch=False),
        Part(box(x - s * 0.1, y - s * 1.08, x + s * 0.1, y - s * 0.94), "coal", sketch=False),
        Part(box(x - s * 0.15, y - s * 0.96, x + s * 0.15, y - s * 0.93), "coal", sketch=False),
    ]


THINGS = {
    "rock": rock,
    "tent": tent,
    "campfire": campfire,
    "fence": fence,
    "haystack": haystack,
    "umbrella": umbrella,
    "snowman": snowman,
}
