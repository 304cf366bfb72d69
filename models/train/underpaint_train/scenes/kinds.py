"""A painter for each kind of landscape, by the name that a plan has for it."""

from collections.abc import Callable

import numpy as np

from . import objects
from .canvas import SIZE, Stamp
from .ground import foreground, grass, ridge, rock, sand
from .growth import cabin, trees
from .noise import fbm, smoothstep
from .painting import Painting
from .palette import rgb
from .water import boat, water

Painter = Callable[[Painting], None]
PAINTERS: dict[str, Painter] = {}
"""The painter of each kind; `kind` adds to them."""


def kind(painter: Painter) -> Painter:
    """Registers a painter by its own name."""
    PAINTERS[painter.__name__] = painter
    return painter


@kind
def mountains(painting: Painting) -> None:
    rng = painting.rng
    for i, depth in enumerate(np.linspace(0.85, 0.3, int(rng.integers(2, 4)))):
        ridge(
            painting,
            painting.horizon + 12 + 26 * i,
            rng.uniform(60, 120) * (1 - 0.15 * i),
            sharp=rng.uniform(0.6, 1),
            depth=float(depth),
            of="rock",
        )
    line = ridge(painting, painting.horizon + 74, rng.uniform(16, 40), sharp=0.1, depth=0.15, of="grass")
    if painting.plan.has("pines") or painting.plan.has("trees"):
        trees(painting, line, int(rng.integers(14, 46)), rng.uniform(18, 34), 0.15, 14)
    front = foreground(painting)
    cabin(painting, front)
    if painting.plan.has("pines") and rng.random() < 0.5:
        trees(painting, front, int(rng.integers(2, 7)), rng.uniform(48, 84), 0.0, 4)


@kind
def hills(painting: Painting) -> None:
    rng, line = painting.rng, np.zeros(SIZE)
    if rng.random() < 0.4:
        ridge(painting, painting.horizon + 6, rng.uniform(30, 70), sharp=0.7, depth=0.9, of="rock")
    count = int(rng.integers(2, 5))
    for i, depth in enumerate(np.linspace(0.7, 0.05, count)):
        line = ridge(
            painting,
            painting.horizon + 18 + i * 110 / count,
            rng.uniform(22, 46),
            sharp=0.0,
            depth=float(depth),
            of="grass",
        )
        if (painting.plan.has("pines") or painting.plan.has("trees")) and rng.random() < 0.8:
            trees(painting, line, int(rng.integers(2, 12)), 12 + 30 * (1 - depth), float(depth), 8)
    cabin(painting, line)


@kind
def forest(painting: Painting) -> None:
    rng, line = painting.rng, np.zeros(SIZE)
    if rng.random() < 0.45:
        ridge(painting, painting.horizon + 4, rng.uniform(40, 90), sharp=0.8, depth=0.85, of="rock")
    layers = int(rng.integers(3, 5))
    for i, depth in enumerate(np.linspace(0.75, 0.0, layers)):
        line = ridge(
            painting,
            painting.horizon + 14 + i * 130 / layers,
            rng.uniform(10, 30),
            sharp=0.15,
            depth=float(depth),
            of="grass",
        )
        trees(painting, line, int(46 / (1 + i)), 22 + 26 * i, float(depth), 7)
    cabin(painting, line)


@kind
def desert(painting: Painting) -> None:
    rng, line = painting.rng, np.zeros(SIZE)
    if rng.random() < 0.5:
        ridge(painting, painting.horizon + 4, rng.uniform(20, 60), sharp=0.5, depth=0.75, of="sand")
    for i, depth in enumerate(np.linspace(0.55, 0.0, int(rng.integers(2, 5)))):
        line = ridge(
            painting, painting.horizon + 16 + 34 * i, rng.uniform(16, 48), sharp=0.12, depth=float(depth), of="sand"
        )
    stamp = Stamp()
    for thing, draw, low, high in (("cacti", objects.cactus, 20, 52), ("palms", objects.palm, 40, 76)):
        if painting.plan.has(thing):
            for x in rng.uniform(12, 244, rng.integers(2, 6)):
                draw(rng, stamp, x, float(line[int(x)]) + rng.uniform(4, 26), rng.uniform(low, high), painting.tint)
    stamp.onto(painting.canvas)


@kind
def ocean(painting: Painting) -> None:
    rng = painting.rng
    if rng.random() < 0.3:
        ridge(painting, painting.horizon + 3, rng.uniform(8, 24), sharp=0.4, depth=0.8, of="grass")
    water(painting, painting.horizon)
    boat(painting, painting.horizon)
    if painting.plan.has("lighthouse"):
        x, y = rng.uniform(36, 220), painting.horizon + rng.uniform(20, 56)
        away = np.abs(painting.canvas.columns - x) / rng.uniform(26, 50)
        below = painting.canvas.rows - (y + 10 - 16 * np.exp(-(away**2)) + 3 * fbm(rng, 2, SIZE, 20, 4)[0][None])
        stone, flat, _ = rock(painting, below, 60)
        mask = (
            smoothstep(-0.6, 0.6, below) * smoothstep(1.6, 1.3, away) * smoothstep(y + 26, y + 22, painting.canvas.rows)
        )
        painting.canvas.paint(mask, np.clip(stone * 0.7 * painting.tint, 0, 1))
        painting.canvas.fill(mask > 0.5, flat * 0.7 * painting.tint, 2)
        stamp = Stamp()
        objects.lighthouse(
            rng, stamp, x, y, rng.uniform(56, 96), painting.tint, painting.plan.time in ("night", "dusk")
        )
        stamp.onto(painting.canvas)
    if rng.random() < 0.45:
        line = ridge(painting, SIZE * rng.uniform(0.9, 1.02), rng.uniform(14, 34), sharp=0.05, depth=0.0, of="sand")
        foam = np.exp(-(((painting.canvas.rows - line[None] + 2) / 2.2) ** 2))
        painting.canvas.light(
            foam * 0.5 * smoothstep(-0.4, 0.6, fbm(rng, SIZE, SIZE, 14, 3, stretch=3)), np.ones(3) * painting.tint
        )


@kind
def lake(painting: Painting) -> None:
    rng = painting.rng
    far = "rock" if rng.random() < 0.7 else "grass"
    for depth in np.linspace(0.8, 0.4, int(rng.integers(1, 3))):
        ridge(
            painting,
            painting.horizon + 4,
            rng.uniform(40, 100),
            sharp=0.8 if far == "rock" else 0.0,
            depth=float(depth),
            of=far,
        )
    line = ridge(painting, painting.horizon + 4, rng.uniform(6, 20), sharp=0.1, depth=0.3, of="grass")
    if painting.plan.has("pines") or painting.plan.has("trees"):
        trees(painting, line, int(rng.integers(12, 44)), rng.uniform(12, 26), 0.3, 2)
    cabin(painting, line)
    water(painting, painting.horizon + 4)
    boat(painting, painting.horizon + 4)
    if rng.random() < 0.5:
        front = foreground(painting, SIZE * rng.uniform(0.93, 1.04))
        if painting.plan.has("pines") and rng.random() < 0.6:
            trees(painting, front, int(rng.integers(1, 5)), rng.uniform(60, 100), 0.0, 3)


@kind
def river(painting: Painting) -> None:
    rng, canvas = painting.rng, painting.canvas
    ridge(painting, painting.horizon + 6, rng.uniform(36, 90), sharp=rng.uniform(0.2, 0.9), depth=0.75, of="rock")
    line = ridge(painting, painting.horizon + 10, rng.uniform(8, 22), sharp=0.05, depth=0.35, of="grass")
    top = painting.horizon + 6
    ground, flat, _ = grass(painting, canvas.rows - top, 60)
    below = smoothstep(top - 1, top + 1, canvas.rows)
    canvas.paint(below, np.clip(ground * painting.tint, 0, 1))
    canvas.fill(below > 0.5, flat * painting.tint, 1)
    t = np.clip((canvas.rows - top) / (SIZE - top), 0, 1)
    bend = rng.uniform(20, 56) * np.sin(t * rng.uniform(3, 6) + rng.uniform(0, 6)) * (0.25 + t)
    middle = rng.uniform(90, 166) + bend + rng.uniform(-40, 40) * t
    half = 3 + rng.uniform(26, 60) * t**1.35
    inside = smoothstep(half + 1, half - 1, np.abs(canvas.columns - middle)) * below
    canvas.paint(
        smoothstep(half + 5, half + 1, np.abs(canvas.columns - middle)) * below * 0.5,
        np.clip(rgb(150, 130, 96) * painting.tint, 0, 1),
    )
    water(painting, top, SIZE, inside)
    if painting.plan.has("pines") or painting.plan.has("trees"):
        trees(painting, line, int(rng.integers(10, 30)), rng.uniform(12, 22), 0.3, 3)
    if painting.plan.has("bridge"):
        row = int(top + (SIZE - top) * rng.uniform(0.25, 0.6))
        stamp, x, reach = Stamp(), float(middle[row, 0]), float(half[row, 0]) + 14
        objects.bridge(rng, stamp, x - reach, x + reach, row + 4, reach * 0.42, painting.tint)
        stamp.onto(canvas)
    cabin(painting, line + 14)


@kind
def island(painting: Painting) -> None:
    rng, canvas = painting.rng, painting.canvas
    water(painting, painting.horizon)
    x, y, half = rng.uniform(70, 186), painting.horizon + rng.uniform(16, 50), rng.uniform(40, 84)
    away = np.clip(np.abs(canvas.columns - x) / half, 0, 1.2)
    line = y - rng.uniform(12, 26) * np.clip(1 - away**2, 0, 1) + 2 * fbm(rng, 2, SIZE, 24, 3)[0][None]
    below = canvas.rows - line
    mask = smoothstep(-0.6, 0.6, below) * (away < 1.0) * smoothstep(y + 5, y + 3, canvas.rows + 3 * away)
    beach, flat, _ = sand(painting, below, 20)
    canvas.light(
        np.exp(-(((canvas.rows - y - 4) / 9) ** 2)) * smoothstep(1.35, 0.9, np.abs(canvas.columns - x) / half) * 0.3,
        rgb(120, 230, 220) * painting.tint,
    )
    canvas.paint(mask, np.clip(beach * painting.tint, 0, 1))
    canvas.fill(mask > 0.5, flat * painting.tint, 1.5)
    green = mask * smoothstep(0.75, 0.55, away) * smoothstep(y - 2, y - 7, canvas.rows + 3 * fbm(rng, SIZE, SIZE, 9, 3))
    canvas.paint(
        green, np.clip(rgb(78, 140, 62) * painting.tint * (1 + 0.15 * fbm(rng, SIZE, SIZE, 6, 3))[..., None], 0, 1)
    )
    canvas.fill(green > 0.5, rgb(78, 140, 62) * painting.tint, 2)
    stamp = Stamp()
    for px in x + rng.uniform(-0.55, 0.55, rng.integers(2, 7)) * half:
        objects.palm(rng, stamp, px, float(line[0, int(px)]) + 3, rng.uniform(26, 56), painting.tint)
    stamp.onto(canvas)
    boat(painting, painting.horizon)


@kind
def city(painting: Painting) -> None:
    rng = painting.rng
    lit = painting.plan.time in ("night", "dusk", "sunset")
    if rng.random() < 0.4:
        ridge(painting, painting.horizon + 2, rng.uniform(20, 60), sharp=0.5, depth=0.85, of="rock")
    stamp = Stamp()
    objects.skyline(rng, stamp, painting.horizon + 6, rng.uniform(60, 120), np.clip(painting.tint, 0.2, 1), lit)
    stamp.onto(painting.canvas, painting.haze(np.zeros(3, np.float32), 1.0), 0.22)
    if rng.random() < 0.7:
        water(painting, painting.horizon + 6)
        boat(painting, painting.horizon + 6)
    else:
        line = ridge(painting, painting.horizon + 20, 12, sharp=0.0, depth=0.1, of="grass")
        painting.plan.things.append("trees")
        trees(painting, line, int(rng.integers(8, 26)), rng.uniform(14, 26), 0.1, 20)
