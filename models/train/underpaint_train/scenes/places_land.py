"""Places of the land."""

import numpy as np

from .geometry import curve, ellipse, height_at, poly, stroke, waves
from .layout import Layout
from .parts import Area, Ground, Part, Things


def _tree_names(layout: Layout, fallback: str = "tree") -> list:
    return [n for n in ("pine", "tree", "birch") if layout.has(n)] or [fallback]


def mountains(a: Layout) -> None:
    rng, y = a.rng, a.horizon
    a.range(y + 2, rng.uniform(70, 105), rng.uniform(70, 110), 0.85, "farpeak", rng.uniform(20, 34))
    a.range(y + 22, rng.uniform(88, 140), rng.uniform(110, 170), 0.45, "peak", rng.uniform(26, 44))
    line = a.rise(y + 26, 9, rng.uniform(90, 170), 0.32, "moss")
    if a.has("castle"):
        x = a.third()
        a.stand("castle", x, float(height_at(line, x)) + 3, rng.uniform(40, 60), 0.22)
    a.trees(["pine"], line, 16, (16, 27), 0.27)
    near = a.rise(y + 52, 11, rng.uniform(110, 190), 0.12, "grass2")
    if a.has("house"):
        x = a.third()
        a.stand("house", x, float(height_at(near, x)) + 6, rng.uniform(24, 32), 0.08)
    if a.has("pine"):
        a.trees(["pine"], near, 14, (30, 52), 0.1, 16)
    a.rise(a.h - 22, 9, rng.uniform(100, 200), 0.0, "grass")
    a.front()
    if rng.random() < 0.5:
        a.frame(["pine"], 110, 170)


def forest(a: Layout) -> None:
    rng, y = a.rng, a.horizon - 24
    names = _tree_names(a, "pine")
    if rng.random() < 0.5:
        a.range(y + 10, rng.uniform(50, 90), rng.uniform(80, 130), 0.9, "farpeak", 18)
    for k, (depth, size) in enumerate(((0.72, (30, 48)), (0.48, (44, 66)), (0.24, (62, 92)))):
        line = a.rise(y + 22 + 27 * k, 7, rng.uniform(90, 160), depth * 0.92, "moss" if k < 2 else "grass2")
        a.trees(names, line, 30 - 6 * k, size, depth, 12)
    a.rise(a.h - 40, 8, rng.uniform(110, 190), 0.05, "grass")
    if a.has("path"):
        a.path(a.w * rng.uniform(0.4, 0.6), a.h - 44)
    if a.has("house"):
        a.stand("house", a.third(), a.h - 36, rng.uniform(32, 42), 0.05)
    a.front()
    a.frame(names, 130, 200)


def hills(a: Layout) -> None:
    rng, y = a.rng, a.horizon
    if rng.random() < 0.6:
        a.distance(0.85)
    names, lines = _tree_names(a), []
    for k, depth in enumerate((0.6, 0.42, 0.24)):
        lines.append(a.rise(y + 8 + 27 * k, 11 + 3 * k, rng.uniform(110, 230), depth, ("grass2", "grass", "grass2")[k]))
        if k == 1:
            for name, low, high in (("castle", 48, 70), ("windmill", 44, 62), ("church", 40, 54), ("house", 24, 32)):
                if a.has(name):
                    x = a.third()
                    a.stand(name, x, float(height_at(lines[1], x)) + 4, rng.uniform(low, high), 0.25)
        if k and (a.has("tree") or a.has("pine")):
            a.trees(names, lines[k], 6, (18 + 9 * k, 28 + 12 * k), depth * 0.8, 9)
    a.rise(a.h - 34, 10, rng.uniform(120, 220), 0.05, "grass")
    if a.has("path"):
        a.path(a.w * rng.uniform(0.35, 0.65), float(height_at(lines[2], a.w / 2)) + 3)
    a.front()


def desert(a: Layout) -> None:
    rng, y = a.rng, a.horizon
    if rng.random() < 0.35:
        a.range(y + 4, rng.uniform(30, 60), rng.uniform(70, 120), 0.85, "red3")
    for k, (depth, high) in enumerate(((0.62, 16), (0.34, 26), (0.06, 30))):
        a.rise(y + 10 + 38 * k, high, rng.uniform(150, 260), depth, "sand" if k != 1 else "sand2", "dunes")
        if k == 1 and a.has("palm"):
            x = a.third()
            for _ in range(3):
                px = x + rng.uniform(-24, 24)
                a.stand(
                    "palm",
                    px,
                    float(
                        height_at(
                            a.items[-1].line if hasattr(a.items[-1], "line") else waves(rng, a.w, y + 48, 1, 200), px
                        )
                    )
                    + 6,
                    rng.uniform(38, 58),
                    0.2,
                )
    a.front()


def canyon(a: Layout) -> None:
    rng, y = a.rng, a.horizon

    def table(level: float, high: float, depth: float, role: str) -> None:
        points, x = [], -10.0
        while x < a.w + 30:
            gap, wide, up = rng.uniform(14, 70), rng.uniform(26, 80), high * rng.uniform(0.5, 1)
            points += [
                (x, level),
                (x + gap, level - 2),
                (x + gap + 7, level - up * 0.45),
                (x + gap + 9, level - up),
                (x + gap + 9 + wide, level - up),
                (x + gap + 11 + wide, level - up * 0.45),
                (x + gap + 20 + wide, level),
            ]
            x += gap + wide + 22
        a.add(Ground("mesa", np.array(points), role, depth, level))

    table(y + 3, rng.uniform(30, 60), 0.75, "red3")
    table(y + 16, rng.uniform(50, 100), 0.38, "red")
    a.rise(y + 22, 6, rng.uniform(90, 170), 0.28, "red3", "flat")
    if rng.random() < 0.5:
        table(y + 56, rng.uniform(20, 44), 0.12, "red2")
    a.rise(y + 58, 8, rng.uniform(120, 190), 0.06, "red", "flat")
    a.front()


def meadow(a: Layout) -> None:
    rng, y = a.rng, a.horizon
    a.distance(0.8)
    a.rise(y + 8, 5, rng.uniform(120, 200), 0.45, "grass2")
    line = a.rise(y + 20, 4, rng.uniform(150, 240), 0.3, "crop" if rng.random() < 0.5 else "grass")
    for name, low, high in (("windmill", 50, 72), ("house", 26, 36)):
        if a.has(name):
            a.stand(name, a.third(), y + 25, rng.uniform(low, high), 0.18)
    if a.has("tree") or a.has("birch"):
        a.trees([n for n in ("tree", "birch") if a.has(n)], line, 8, (30, 50), 0.2, 9)
    a.rise(y + 46, 5, rng.uniform(150, 240), 0.1, "grass")
    if rng.random() < 0.4:
        vanish = a.w * rng.uniform(0.3, 0.7)
        for k in np.arange(-7, 8, 2):
            foot = vanish + k * a.w * 0.13
            a.add(
                Area(
                    poly(
                        (vanish + k * 4, y + 52),
                        (vanish + (k + 1) * 4, y + 52),
                        (foot + a.w * 0.13, a.h + 5),
                        (foot, a.h + 5),
                    ),
                    "crop",
                    0.06,
                )
            )
    if a.has("path"):
        a.path(a.w * rng.uniform(0.35, 0.65), y + 30)
    a.front()


def village(a: Layout) -> None:
    rng, y = a.rng, a.horizon
    a.distance(0.8)
    back = a.rise(y + 12, 8, rng.uniform(120, 200), 0.4, "moss")
    a.trees(_tree_names(a), back, 12, (18, 30), 0.34)
    ground = a.rise(y + 24, 6, rng.uniform(140, 240), 0.22, "grass2")
    if a.has("church"):
        x = a.third()
        a.stand("church", x, float(height_at(ground, x)) + 6, rng.uniform(58, 80), 0.2)
    if a.has("windmill"):
        x = a.third()
        a.stand("windmill", x, float(height_at(back, x)) + 5, rng.uniform(46, 60), 0.3)
    for row, (size, depth) in enumerate(((25, 0.2), (34, 0.08))):
        for x in np.arange(rng.uniform(10, 40), a.w, rng.uniform(46, 70) + 18 * row):
            if rng.random() < 0.8:
                a.stand(
                    "house",
                    x + rng.uniform(-7, 7),
                    y + 34 + 30 * row + rng.uniform(-3, 4),
                    size * rng.uniform(0.9, 1.15),
                    depth,
                )
        if row == 0:
            a.rise(y + 46, 5, rng.uniform(140, 240), 0.1, "grass")
    if a.has("path"):
        a.path(a.w * rng.uniform(0.4, 0.6), y + 66)
    if a.has("tree") or a.has("pine"):
        a.trees(_tree_names(a), waves(rng, a.w, y + 74, 3, 90), 5, (36, 52), 0.04, 12)
    a.front()


def volcano(a: Layout) -> None:
    rng, y = a.rng, a.horizon
    a.distance(0.85)
    x, half, top = a.w * rng.uniform(0.36, 0.64), a.w * rng.uniform(0.4, 0.52), y - rng.uniform(92, 120)
    rim = 17
    left = curve((x - half, y + 14), (x - half * 0.36, y - 18), (x - rim, top), n=9)
    right = curve((x + rim, top), (x + half * 0.36, y - 18), (x + half, y + 14), n=9)
    line = np.concatenate([[(-20, y + 14)], left, [(x, top + 5)], right, [(a.w + 20, y + 14)]])
    smoke = [
        Part(ellipse(x + (k * 7 + rng.uniform(-4, 4)), top - 6 - k * 15, 10 + k * 4.4), "smoke", up=0.1 * k - 0.2)
        for k in range(6)
    ][::-1]
    a.add(Things(smoke, 0.3), Ground("peaks", line, "ash", 0.34, y + 14, [10], 0.0))
    flows = [
        Part(
            stroke(
                curve(
                    (x + u * 8, top + 4),
                    (x + u * 14, top + 40),
                    (x + u * 34 + rng.uniform(-8, 8), y - rng.uniform(0, 30)),
                ),
                6,
                2,
            ),
            "lava",
        )
        for u in (-0.9, 0.1, 1)
    ]
    a.add(Things(flows + [Part(ellipse(x, top + 3, rim - 1, 4), "flame")], 0.2))
    line = a.rise(y + 16, 8, rng.uniform(110, 190), 0.28, "moss")
    a.trees([n for n in ("pine", "palm") if a.has(n)] or ["pine"], line, 14, (18, 32), 0.22)
    a.rise(y + 48, 9, rng.uniform(110, 190), 0.05, "grass2")
    a.front()


PLACES = {
    "mountains": mountains,
    "forest": forest,
    "hills": hills,
    "desert": desert,
    "canyon": canyon,
    "meadow": meadow,
    "village": village,
    "volcano": volcano,
}
