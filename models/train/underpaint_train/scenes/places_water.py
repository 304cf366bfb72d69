"""Places by the water, and the city."""

import numpy as np

from .geometry import blob, box, curve, ellipse, height_at, poly, waves
from .layout import Layout
from .parts import Area, Ground, Part, Things, Water
from .things import THINGS


def _vessels(a: Layout, low: float, high: float) -> None:
    """Boats on water whose shore is the horizon."""
    rng = a.rng
    if a.has("sailboat"):
        y = a.horizon + rng.uniform(14, 50)
        a.stand("sailboat", a.third(), y, rng.uniform(low, high) * (0.6 + 0.014 * (y - a.horizon)), 0.1, y)
    if a.has("boat"):
        y = a.h - rng.uniform(26, 56)
        a.stand("boat", a.w * rng.uniform(0.25, 0.75), y, rng.uniform(20, 30), 0.02, y + 2)
    if a.has("whale"):
        y = a.horizon + rng.uniform(34, 60)
        a.stand("whale", a.w * rng.uniform(0.3, 0.6), y, rng.uniform(30, 44), 0.06, y)


def _sheet(a: Layout, role: str, calm: float) -> None:
    a.add(Water(box(-5, a.horizon, a.w + 5, a.h + 5), role, a.horizon, calm))


def ocean(a: Layout) -> None:
    rng, y = a.rng, a.horizon
    if rng.random() < 0.3:
        a.rise(y + 1, 6, rng.uniform(90, 170), 0.85, "moss")
    _sheet(a, "sea", 0.2)
    _vessels(a, 44, 70)
    if a.has("lighthouse"):
        _headland(a)
    for _ in range(2 * a.has("rock")):
        ry = rng.uniform(y + 40, a.h - 10)
        a.stand("rock", a.w * rng.uniform(0.1, 0.9), ry, rng.uniform(18, 36), 0.05, ry)


def _headland(a: Layout) -> None:
    """A cliff at one edge with the lighthouse on it."""
    rng, y = a.rng, a.horizon
    left = a.third() < a.w / 2
    reach, top = a.w * rng.uniform(0.34, 0.48), y - rng.uniform(16, 34)
    xs = np.array([-10, reach * 0.55, reach * 0.8, reach * 0.9, reach])
    ys = np.array([top - 8, top, top + 6, y + 8, y + 26])
    line = np.stack([xs, ys], 1)
    flip = (lambda p: p) if left else (lambda p: np.stack([a.w - p[:, 0], p[:, 1]], 1))
    cliff = np.concatenate([line, [(reach * 0.9, y + 34), (-10, y + 42)]])
    side = 0.6 if left else -0.6
    face = np.array(
        [
            (reach * 0.5, top + 5),
            (reach * 0.8, top + 8),
            (reach * 0.9, y + 8),
            (reach, y + 26),
            (reach * 0.9, y + 34),
            (reach * 0.45, y + 38),
        ]
    )
    parts = [Part(flip(cliff), "rock", side=-side), Part(flip(face), "rock", side=side, sketch=False)]
    parts.append(
        Part(
            flip(
                np.array(
                    [
                        (-10, top - 10),
                        (reach * 0.55, top - 2),
                        (reach * 0.82, top + 5),
                        (reach * 0.8, top + 12),
                        (reach * 0.4, top + 9),
                        (-10, top + 10),
                    ]
                )
            ),
            "grass",
            up=0.5,
        )
    )
    a.add(Things(parts, 0.1, y + 36))
    x = reach * 0.5
    a.stand("lighthouse", x if left else a.w - x, top + 2, rng.uniform(70, 92), 0.08)


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
    _sheet(a, "water", 1.0)
    _vessels(a, 34, 52)
    if rng.random() < 0.65 or any(a.has(n) for n in ("bush", "deer", "campfire")):
        _bank(a)
    if a.has("pine") and rng.random() < 0.5:
        a.frame(["pine"], 100, 160)


def _bank(a: Layout) -> None:
    """The near shore, rising to one side, with what stands on it."""
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


def island(a: Layout) -> None:
    rng, y = a.rng, a.horizon
    _sheet(a, "sea", 0.3)
    for k in range(int(rng.choice([1, 1, 2]))):
        x, half, base = (
            a.w * rng.uniform(0.3, 0.7) if k == 0 else a.w * rng.choice([0.12, 0.88]),
            a.w * rng.uniform(0.22, 0.34) / (1 + k),
            y + (22 if k == 0 else 8),
        )
        depth = 0.12 + 0.4 * k
        mound = curve(
            (x - half, base),
            (x - half * 0.3, base - half * 0.75),
            (x + half * 0.3, base - half * 0.75),
            (x + half, base),
            n=20,
        )
        parts = [
            Part(ellipse(x, base, half * 1.12, 6.5), "shallow", up=0.3),
            Part(ellipse(x, base - 1, half * 1.04, 4.6), "beach", up=0.4),
        ]
        if rng.random() < 0.4:
            parts += [
                Part(
                    poly((x - half * 0.7, base - 3), (x - half * 0.1, base - half * 1.2), (x, base - 4)),
                    "rock",
                    side=-0.8,
                ),
                Part(
                    poly(
                        (x, base - 4),
                        (x - half * 0.1, base - half * 1.2),
                        (x + half * 0.2, base - half * 0.7),
                        (x + half * 0.62, base - 3),
                    ),
                    "rock",
                    side=0.8,
                ),
            ]
        parts += [
            Part(
                np.concatenate([mound[:11], [(x, base - 2), (x - half, base - 2)]]),
                "leaf3" if k else "grass2",
                side=-0.6,
            ),
            Part(np.concatenate([mound[10:], [(x, base - 2)]]), "grass2", side=0.6),
        ]
        a.add(Things(parts, depth, base))
        if k == 0:
            if a.has("lighthouse"):
                a.stand("lighthouse", x + half * 0.3, base - half * 0.42, rng.uniform(52, 70), depth)
            if a.has("house"):
                a.stand("house", x - half * 0.35, base - half * 0.3, 22, depth)
        for u in rng.uniform(-0.75, 0.75, 6 if a.has("palm") and k == 0 else 2):
            a.stand(
                "palm", x + u * half, base - half * 0.45 * (1 - u * u) - 1, rng.uniform(30, 52) / (1 + 0.6 * k), depth
            )
    _vessels(a, 40, 60)


def beach(a: Layout) -> None:
    rng, y = a.rng, a.horizon
    if rng.random() < 0.4:
        a.rise(y + 1, 10, rng.uniform(90, 170), 0.7, "moss")
    _sheet(a, "sea", 0.25)
    _vessels(a, 34, 54)
    x = np.linspace(-8, a.w + 8, 40)
    slope, k = rng.uniform(18, 52), rng.choice([-1, 1])
    shore = y + 52 + slope * k * (x / a.w - 0.5) + 4 * np.sin(x / 31 + rng.uniform(0, 6))
    for lift, role in ((10, "shallow"), (3, "foam")):
        a.add(
            Area(
                np.concatenate(
                    [np.stack([x, shore - lift + 2 * np.sin(x / 19)], 1), [(a.w + 8, a.h + 8), (-8, a.h + 8)]]
                ),
                role,
                0.05,
            )
        )
    a.add(Ground("flat", np.stack([x, shore], 1), "beach", 0.04, a.h))
    a.front()
    if a.has("palm"):
        edge = a.w * 0.1 if k < 0 else a.w * 0.9
        for _ in range(int(rng.integers(1, 4))):
            a.stand("palm", edge + rng.uniform(-24, 24), a.h - rng.uniform(6, 40), rng.uniform(90, 140), 0.0)


def arctic(a: Layout) -> None:
    rng, y = a.rng, a.horizon
    a.range(y + 2, rng.uniform(40, 80), rng.uniform(60, 110), 0.7, "ice2", rng.uniform(24, 40))
    _sheet(a, "water", 0.8)
    if a.has("iceberg"):
        for k in range(int(rng.integers(1, 4))):
            base = y + 10 + 20 * k
            a.stand(
                "iceberg",
                a.w * rng.uniform(0.1, 0.9),
                base,
                rng.uniform(22, 42) * (0.8 + 0.3 * k),
                0.35 - 0.1 * k,
                base,
            )
    for _ in range(int(rng.integers(3, 8))):
        fy = rng.uniform(y + 24, a.h - 34)
        half = 8 + (fy - y) * 0.26
        a.add(Things([Part(blob(rng, a.w * rng.uniform(0, 1), fy, half, half * 0.24, 0.1), "ice", up=0.5)], 0.05))
    _vessels(a, 34, 48)
    if rng.random() < 0.6 or a.has("tent") or a.has("person"):
        a.rise(a.h - 24, 8, rng.uniform(100, 180), 0.0, "snow")
        a.front()


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
        _sheet(a, "water", 0.9)
        if a.has("bridge"):
            a.stand("bridge", a.third(), y + 30, rng.uniform(20, 28), 0.06, y + 30)
        _vessels(a, 30, 44)
    else:
        line = a.rise(y + 8, 3, rng.uniform(110, 190), 0.08, "grass")
        a.trees(["tree"], line, 16, (18, 28), 0.06, 8)
        a.path(a.w * rng.uniform(0.4, 0.6), y + 16, "road")
        a.front()


def _tower(a: Layout, x: float, y: float, s: float) -> list:
    return THINGS["skyscraper"](a.rng, x, y, s)


PLACES = {
    "ocean": ocean,
    "lake": lake,
    "river": river,
    "island": island,
    "beach": beach,
    "arctic": arctic,
    "waterfall": waterfall,
    "city": city,
}
