"""Places by the sea."""

import numpy as np

from .geometry import blob, curve, ellipse, poly
from .layout import Layout
from .parts import Area, Ground, Part, Things
from .shores import sheet, vessels


def ocean(a: Layout) -> None:
    rng, y = a.rng, a.horizon
    if rng.random() < 0.3:
        a.rise(y + 1, 6, rng.uniform(90, 170), 0.85, "moss")
    sheet(a, "sea", 0.2)
    vessels(a, 44, 70)
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


def island(a: Layout) -> None:
    rng, y = a.rng, a.horizon
    sheet(a, "sea", 0.3)
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
    vessels(a, 40, 60)


def beach(a: Layout) -> None:
    rng, y = a.rng, a.horizon
    if rng.random() < 0.4:
        a.rise(y + 1, 10, rng.uniform(90, 170), 0.7, "moss")
    sheet(a, "sea", 0.25)
    vessels(a, 34, 54)
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
    sheet(a, "water", 0.8)
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
    vessels(a, 34, 48)
    if rng.random() < 0.6 or a.has("tent") or a.has("person"):
        a.rise(a.h - 24, 8, rng.uniform(100, 180), 0.0, "snow")
        a.front()


PLACES = {"ocean": ocean, "island": island, "beach": beach, "arctic": arctic}
