"""Things that stand in a landscape. Each draws itself on a Stamp: x, y is where it touches the ground, in pixels."""

import numpy as np

from .canvas import Stamp
from .palette import LEAVES, PINE, SNOW, rgb, vary


def pine(
    rng: np.random.Generator, stamp: Stamp, x: float, y: float, height: float, tint: np.ndarray, snowy: bool = False
) -> None:
    base = vary(rng, PINE, 0.12) * tint * 1.3
    width = height * rng.uniform(0.2, 0.3)
    tiers = max(2, int(height / 12))
    stamp.line([(x, y), (x, y - height * 0.3)], max(1, height / 18), rgb(70, 52, 40) * tint)
    flat = np.clip(base, 0, 1)
    stamp.polygon([(x - width, y - height * 0.08), (x, y - height), (x + width, y - height * 0.08)], base * 0.9, flat)
    for tier in range(tiers):
        bottom = y - height * (0.08 + 0.86 * tier / tiers)
        top = y - height * min(1.0, 0.08 + 0.86 * (tier + 1.7) / tiers)
        half = width * (1 - tier / tiers) ** 0.85 * rng.uniform(0.9, 1.12) + 0.5
        droop = height * 0.025
        stamp.polygon([(x - half, bottom + droop), (x, top), (x + half * 0.2, bottom)], base * 0.9)
        stamp.polygon(
            [(x + half, bottom + droop), (x, top), (x - half * 0.3, bottom - droop)], np.clip(base * 1.15, 0, 1)
        )
        if snowy:
            stamp.polygon(
                [
                    (x - half * 0.5, bottom - height * 0.06),
                    (x, top),
                    (x + half * 0.6, bottom - height * 0.05),
                    (x, bottom - height * 0.1),
                ],
                SNOW * np.clip(tint * 1.15, 0, 1),
            )


def leaf_tree(
    rng: np.random.Generator, stamp: Stamp, x: float, y: float, height: float, tint: np.ndarray, season: str = "summer"
) -> None:
    colour = vary(rng, LEAVES[season], 0.1) * tint
    trunk = rgb(84, 62, 46) * tint
    stamp.line([(x, y), (x, y - height * 0.55)], max(1.2, height / 11), trunk, trunk)
    cy, r = y - height * 0.66, height * 0.34
    blobs = [(x + rng.normal(0, r * 0.5), cy + rng.normal(0, r * 0.38), r * rng.uniform(0.38, 0.62)) for _ in range(9)]
    stamp.ellipse(x, cy, r * 0.8, r * 0.8, colour * 0.72, np.clip(colour, 0, 1))
    for bx, by, br in sorted(blobs, key=lambda b: b[1]):
        stamp.ellipse(bx, by, br, br * 0.85, colour * 0.74)
        stamp.ellipse(bx - br * 0.16, by - br * 0.2, br * 0.8, br * 0.66, np.clip(colour, 0, 1))
    for _ in range(int(height / 3)):
        angle, radius = rng.uniform(0, 6.3), r * np.sqrt(rng.random())
        px, py = x + np.cos(angle) * radius, cy + np.sin(angle) * radius * 0.85
        shade = 1.16 if py < cy else 0.78
        stamp.ellipse(
            px, py, height / 26 + 0.5, height / 26 + 0.5, np.clip(colour * shade * rng.uniform(0.9, 1.1), 0, 1)
        )


def palm(rng: np.random.Generator, stamp: Stamp, x: float, y: float, height: float, tint: np.ndarray) -> None:
    trunk, leaf = rgb(120, 92, 62) * tint, rgb(58, 122, 56) * tint
    lean = height * rng.uniform(-0.25, 0.25)
    curve = [(x + lean * t**1.8, y - height * t) for t in np.linspace(0, 1, 8)]
    stamp.line(curve, max(1.2, height / 20), trunk, trunk)
    tx, ty = curve[-1]
    for angle in np.linspace(-0.25, np.pi + 0.25, 8) + rng.normal(0, 0.1, 8):
        length = height * rng.uniform(0.34, 0.46)
        steps = np.linspace(0, 1, 6)
        frond = [
            (tx + np.cos(angle) * length * t, ty - np.sin(angle) * length * 0.55 * t + length * 0.62 * t * t)
            for t in steps
        ]
        stamp.line(frond, max(1.4, height / 24), leaf * rng.uniform(0.8, 1.25), leaf)


def cactus(rng: np.random.Generator, stamp: Stamp, x: float, y: float, height: float, tint: np.ndarray) -> None:
    green = rgb(82, 122, 70) * tint * rng.uniform(0.85, 1.1)
    width = height * 0.16
    stamp.line([(x, y), (x, y - height)], width, green, green)
    stamp.ellipse(x, y - height, width / 2, width / 2, green, green)
    stamp.line([(x - width * 0.22, y), (x - width * 0.22, y - height)], width * 0.22, np.clip(green * 1.3, 0, 1))
    for side in (-1, 1):
        if rng.random() < 0.8:
            ay = y - height * rng.uniform(0.3, 0.55)
            arm = [
                (x, ay),
                (x + side * height * 0.24, ay),
                (x + side * height * 0.24, ay - height * rng.uniform(0.2, 0.34)),
            ]
            stamp.line(arm, width * 0.72, green, green)


def cabin(
    rng: np.random.Generator,
    stamp: Stamp,
    x: float,
    y: float,
    size: float,
    tint: np.ndarray,
    night: bool = False,
    snowy: bool = False,
) -> None:
    wall, roof = rgb(128, 84, 54) * tint, (SNOW if snowy else rgb(96, 52, 46)) * tint
    stamp.polygon([(x - size, y), (x - size, y - size * 0.8), (x + size, y - size * 0.8), (x + size, y)], wall, wall)
    for row in np.arange(0.12, 0.8, 0.14):
        stamp.line([(x - size, y - size * row), (x + size, y - size * row)], 0.6, wall * 0.74)
    stamp.polygon(
        [(x - size * 1.25, y - size * 0.75), (x, y - size * 1.6), (x + size * 1.25, y - size * 0.75)], roof, roof
    )
    glass = rgb(255, 206, 110) if night else rgb(150, 180, 200) * tint
    stamp.polygon(
        [
            (x - size * 0.7, y - size * 0.6),
            (x - size * 0.2, y - size * 0.6),
            (x - size * 0.2, y - size * 0.25),
            (x - size * 0.7, y - size * 0.25),
        ],
        glass,
        glass if night else None,
    )
    stamp.polygon(
        [
            (x + size * 0.2, y),
            (x + size * 0.2, y - size * 0.58),
            (x + size * 0.62, y - size * 0.58),
            (x + size * 0.62, y),
        ],
        wall * 0.55,
    )


def lighthouse(
    rng: np.random.Generator, stamp: Stamp, x: float, y: float, height: float, tint: np.ndarray, night: bool = False
) -> None:
    white, red = rgb(238, 236, 230) * tint, rgb(190, 52, 46) * tint
    width = height * 0.13
    stamp.polygon(
        [
            (x - width * 2.4, y + height * 0.1),
            (x - width, y - height * 0.02),
            (x + width, y - height * 0.02),
            (x + width * 2.8, y + height * 0.1),
        ],
        rgb(88, 84, 82) * tint,
        rgb(88, 84, 82) * tint,
    )
    for band in range(5):
        low, high = band / 5 * 0.8, (band + 1) / 5 * 0.8
        wl, wh = width * (1 - 0.4 * low), width * (1 - 0.4 * high)
        colour = red if band % 2 else white
        stamp.polygon(
            [
                (x - wl, y - height * low),
                (x - wh, y - height * high),
                (x + wh, y - height * high),
                (x + wl, y - height * low),
            ],
            colour,
            colour,
        )
        stamp.polygon(
            [
                (x + wl * 0.3, y - height * low),
                (x + wh * 0.3, y - height * high),
                (x + wh, y - height * high),
                (x + wl, y - height * low),
            ],
            colour * 0.78,
        )
    lamp = rgb(255, 240, 170) if night else rgb(220, 220, 200) * tint
    stamp.polygon(
        [
            (x - width * 0.5, y - height * 0.8),
            (x - width * 0.5, y - height * 0.92),
            (x + width * 0.5, y - height * 0.92),
            (x + width * 0.5, y - height * 0.8),
        ],
        lamp,
        lamp,
    )
    stamp.polygon(
        [(x - width * 0.7, y - height * 0.92), (x, y - height), (x + width * 0.7, y - height * 0.92)], red, red
    )


def sailboat(rng: np.random.Generator, stamp: Stamp, x: float, y: float, size: float, tint: np.ndarray) -> None:
    sail = (rgb(250, 246, 238) if rng.random() < 0.7 else rgb(220, 80, 60)) * np.clip(tint * 1.1, 0, 1)
    hull = rgb(120, 66, 46) * tint
    stamp.polygon(
        [(x - size, y - size * 0.28), (x + size, y - size * 0.28), (x + size * 0.6, y), (x - size * 0.7, y)], hull, hull
    )
    stamp.polygon(
        [(x - size * 0.05, y - size * 0.36), (x - size * 0.05, y - size * 1.9), (x + size * 0.85, y - size * 0.4)],
        sail,
        sail,
    )
    stamp.polygon(
        [(x - size * 0.15, y - size * 0.4), (x - size * 0.15, y - size * 1.5), (x - size * 0.75, y - size * 0.42)],
        sail * 0.88,
        sail,
    )


def bridge(
    rng: np.random.Generator, stamp: Stamp, left: float, right: float, y: float, height: float, tint: np.ndarray
) -> None:
    stone = rgb(126, 116, 108) * tint
    xs = np.linspace(left, right, 24)
    arch = [(x, y - height * np.sin(np.pi * (x - left) / (right - left))) for x in xs]
    deck = [(x, ay - height * 0.42) for x, ay in arch]
    stamp.polygon(arch + deck[::-1], stone, stone)
    stamp.line(deck, 2.0, np.clip(stone * 1.25, 0, 1))
    for x, ay in arch[1:-1:2]:
        stamp.line([(x, ay), (x, ay - height * 0.3)], 0.7, stone * 0.76)


def skyline(rng: np.random.Generator, stamp: Stamp, y: float, tallest: float, tint: np.ndarray, lit: bool) -> None:
    for depth in (0.55, 1.0):
        x = rng.uniform(-12, 0)
        while x < 256:
            width = rng.uniform(9, 26)
            height = tallest * rng.uniform(0.25, 1.0) ** 1.4 * (1.15 - 0.3 * depth)
            if rng.random() < 0.85:
                wall = rgb(*rng.integers(70, 130, 3)) * tint * (1.25 - 0.35 * depth)
                stamp.polygon([(x, y), (x, y - height), (x + width, y - height), (x + width, y)], wall, wall)
                if rng.random() < 0.25:
                    stamp.line(
                        [(x + width / 2, y - height), (x + width / 2, y - height - rng.uniform(5, 14))], 0.8, wall
                    )
                for wy in np.arange(y - height + 4, y - 5, 8):
                    for wx in np.arange(x + 2.5, x + width - 4, 6):
                        on = rng.random() < (0.5 if lit else 0.0)
                        pane = rgb(255, 214, 130) * rng.uniform(0.75, 1.0) if on else wall * (0.82 if not lit else 0.7)
                        stamp.polygon([(wx, wy), (wx + 3, wy), (wx + 3, wy + 4), (wx, wy + 4)], pane)
            x += width + rng.uniform(-3, 5)


def birds(rng: np.random.Generator, stamp: Stamp, count: int, tint: np.ndarray) -> None:
    cx, cy = rng.uniform(40, 216), rng.uniform(20, 90)
    for _ in range(count):
        x, y, s = cx + rng.normal(0, 24), cy + rng.normal(0, 12), rng.uniform(2.5, 5)
        stamp.line(
            [
                (x - s, y - s * 0.5),
                (x - s * 0.4, y - s * 0.65),
                (x, y),
                (x + s * 0.4, y - s * 0.65),
                (x + s, y - s * 0.5),
            ],
            0.8,
            rgb(40, 40, 48) * np.clip(tint * 1.3, 0.2, 1),
        )
