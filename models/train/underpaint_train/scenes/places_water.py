"""Places by fresh water, and the city."""

import numpy as np

from .geometry import box, curve, ellipse, height_at, poly
from .layout import Layout
from .parts import Ground, Part, Things, Water
from .shores import sheet, vessels
from .things import THINGS


def lake(a: Layout) -> None:
    rng, y = a.rng, a.horizon
    if rng.random() < 0.75:
        a.range(y + 4, rng.uniform(60, 110), rng.uniform(80, 150), 0.7, "peak", rng.uniform(18, 36))
    else:
        a.distance(0.75)
    line = a.rise(y - 6, 7, rng.uniform(90, 170), 0.4, "moss")
    a.trees(
        ["pine"] if a.has("pine") else ["tree", "birch"] if a.has("birch") else ["tree"], line, 22, (16, 30), 0.34, 7
    )
    for name, low, high in (("castle", 44, 62), ("house", 22, 30)):
        if a.has(name):
            a.stand(name, a.third(), y + 1, rng.uniform(low, high), 0.22)
    sheet(a, "water", 1.0)
    vessels(a, 34, 52)
    if rng.random() < 0.65 or any(a.has(n) for n in ("bush", "deer", "campfire")):
        _bank(a)
    if a.has("pine") and rng.random() < 0.5:
        a.frame(["pine"], 100, 160)


def _bank(a: Layout) -> None:
    """The near shore, rising to one side, with the things on it."""
    rng = a.rng
    tall, low = a.h - rng.uniform(34, 50), a.h + 6
    ends = (tall, low) if rng.random() < 0.5 else (low, tall)
    x = np.linspace(-6, a.w + 6, 40)
    line = np.stack([x, np.interp(x, (0, a.w), ends) + 3 * np.sin(x / 23)], 1)
    a.add(Ground("hills", line, "grass", 0.0, a.h + 20))
    at = (0.18 if ends[0] == tall else 0.82) * a.w
    for name, size in (("bush", 28), ("deer", 40), ("campfire", 22)):
        if a.has(name):
            px = at + rng.uniform(-26, 26)
            a.stand(name, px, float(height_at(line, px)) + 5, size, 0.02)


def river(a: Layout) -> None:
    rng, y = a.rng, a.horizon
    a.distance(0.8)
    line = a.rise(y + 6, 6, rng.uniform(100, 170), 0.42, "moss")
    names = [n for n in ("pine", "tree") if a.has(n)] or ["tree"]
    a.trees(names, line, 14, (16, 28), 0.36)
    a.rise(y + 18, 5, rng.uniform(130, 210), 0.2, "grass")
    x, foot, bend = (
        a.w * rng.uniform(0.35, 0.65),
        a.w * rng.uniform(0.3, 0.7),
        a.w * rng.choice([-1, 1]) * rng.uniform(0.25, 0.5),
    )
    mid = curve((x, y + 20), (x + bend, y + 32), (foot - bend * 0.8, y + 52), (foot, a.h + 8), n=30)
    width = 5 + 92 * np.clip((mid[:, 1] - y - 20) / (a.h - y - 20), 0, 1) ** 1.2
    left, right = mid.copy(), mid.copy()
    left[:, 0] -= width / 2
    right[:, 0] += width / 2
    a.add(Water(np.concatenate([left, right[::-1]]), "water", y + 16, 0.8))
    if a.has("bridge"):
        k = int(np.argmin(np.abs(mid[:, 1] - (y + 52))))
        a.stand("bridge", mid[k, 0], mid[k, 1] + 4, max(16.0, width[k] * 0.36), 0.1)
    for name, low, high in (("church", 46, 60), ("house", 26, 34)):
        if a.has(name):
            a.stand(name, a.w * (0.16 if foot > a.w / 2 else 0.84), y + 34, rng.uniform(low, high), 0.14)
    edge = np.stack([np.array([0, a.w]), np.array([a.h - 20, a.h - 20])], 1)
    a.trees(names, edge, 6, (46, 74), 0.03, 18, keep_clear=(foot, 62))
    far_side = a.w * (0.14 if foot > a.w / 2 else 0.86)
    for name, size in (("bush", 28), ("deer", 42)):
        if a.has(name):
            a.stand(name, far_side + rng.uniform(-12, 12), a.h - rng.uniform(10, 30), size, 0.02)
    if a.has("boat"):
        a.stand("boat", foot, a.h - 24, 20, 0.02, a.h - 22)


def waterfall(a: Layout) -> None:
    rng, y = a.rng, a.h * 0.62
    a.horizon = a.h * 0.5
    a.distance(0.85)
    x, half, top = a.w * rng.uniform(0.4, 0.6), rng.uniform(15, 28), a.h * rng.uniform(0.24, 0.34)
    line = np.array(
        [
            (-10, top - 18),
            (a.w * 0.16, top - 26),
            (x - half - 34, top - 8),
            (x - half - 4, top - 2),
            (x - half, top + 6),
            (x + half, top + 6),
            (x + half + 5, top - 4),
            (x + half + 40, top - 14),
            (a.w * 0.88, top - 30),
            (a.w + 10, top - 20),
        ]
    )
    a.add(Ground("mesa", line, "rock", 0.22, y))
    a.trees(["pine"] if a.has("pine") else ["tree"], line, 22, (26, 44), 0.2, 6, keep_clear=(x, half + 9))
    falls = [
        Part(
            poly((x - half, top + 4), (x + half, top + 4), (x + half * 1.25, y + 8), (x - half * 1.25, y + 8)),
            "foam",
            up=-0.1,
        )
    ]
    falls += [
        Part(
            poly(
                (x + u * half, top + 5),
                (x + (u + 0.16) * half, top + 5),
                (x + (u + 0.2) * half * 1.25, y + 6),
                (x + u * half * 1.25, y + 6),
            ),
            "ice2",
            up=0.1,
            sketch=False,
        )
        for u in (-0.8, -0.35, 0.1, 0.55)
    ]
    a.add(Things(falls, 0.12), Water(box(-5, y, a.w + 5, a.h + 5), "water", y, 0.6))
    a.add(
        Things(
            [Part(ellipse(x + u * half * 1.4, y + 3, half * 0.55, 6), "foam", up=0.3) for u in (-1, -0.3, 0.4, 1)], 0.05
        )
    )
    for side in (-1, 1):
        px = a.w / 2 + side * a.w * 0.52
        bank = np.stack([np.linspace(-8, a.w + 8, 40)] * 2, 1)
        bank[:, 1] = a.h - 52 * np.exp(-(((bank[:, 0] - px) / (a.w * 0.22)) ** 2)) + 8
        a.add(Ground("hills", bank, "grass2", 0.03, a.h + 20))
    a.front()


def city(a: Layout) -> None:
    rng, y = a.rng, a.horizon + 12
    if rng.random() < 0.3:
        a.range(y, rng.uniform(30, 60), rng.uniform(80, 130), 0.85, "farpeak", 12)
    for depth, low, high, step in ((0.7, 40, 110, 21), (0.36, 34, 132, 27), (0.1, 20, 84, 34)):
        parts: list = []
        middle = a.w * rng.uniform(0.35, 0.65)
        for x in np.arange(-4, a.w + 10, step):
            near = np.exp(-(((x - middle) / (a.w * 0.3)) ** 2))
            parts += _tower(
                a, x + rng.uniform(-6, 6), y + 4, (low + (high - low) * (0.25 + 0.75 * near) * rng.uniform(0.45, 1))
            )
        a.add(Things(parts, depth))
    a.horizon = y
    if any(a.has(n) for n in ("boat", "sailboat", "bridge")) or (
        rng.random() < 0.6 and not a.has("tree") and not a.has("person")
    ):
        sheet(a, "water", 0.9)
        if a.has("bridge"):
            a.stand("bridge", a.third(), y + 30, rng.uniform(20, 28), 0.06, y + 30)
        vessels(a, 30, 44)
    else:
        line = a.rise(y + 8, 3, rng.uniform(110, 190), 0.08, "grass")
        a.trees(["tree"], line, 16, (18, 28), 0.06, 8)
        a.path(a.w * rng.uniform(0.4, 0.6), y + 16, "road")
        a.front()


def _tower(a: Layout, x: float, y: float, s: float) -> list:
    return THINGS["skyscraper"](a.rng, x, y, s)


PLACES = {"lake": lake, "river": river, "waterfall": waterfall, "city": city}
