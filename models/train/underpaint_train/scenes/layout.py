"""Where everything stands.

A layout knows nothing of time, season or weather: the same seed is the same place under any of them.
"""

import numpy as np

from .geometry import Points, curve, height_at, peaks, waves
from .parts import Area, Cloud, Ground, Item, Sky, Things
from .plan import Plan
from .things import THINGS


class Layout:
    """`items` in the order of painting, from the horizon to the front. `w` and `h` in units."""

    def __init__(self, rng: np.random.Generator, size: tuple[float, float], plan: Plan):
        self.rng, self.plan = rng, plan
        self.w, self.h = size
        self.horizon = self.h * rng.uniform(0.46, 0.66)
        self.items: list = []
        self.shown: list = []
        """Names of the things that were painted, once each."""
        self.sun_x = self.w * rng.choice(
            [rng.uniform(0.14, 0.36), rng.uniform(0.64, 0.86), rng.uniform(0.36, 0.64)], p=[0.38, 0.38, 0.24]
        )

    def has(self, thing: str) -> bool:
        return thing in self.plan.things

    def add(self, *items: Item) -> None:
        self.items += items

    def third(self) -> float:
        """A pleasing x for a main thing, usually away from the sun."""
        left, right = self.w * self.rng.uniform(0.2, 0.36), self.w * self.rng.uniform(0.64, 0.8)
        away, near = (left, right) if self.sun_x > self.w / 2 else (right, left)
        return away if self.rng.random() < 0.7 else near

    def range(
        self, level: float, height: float, spacing: float, depth: float, role: str = "peak", snow: float = 0.0
    ) -> Points:
        line, summits = peaks(self.rng, self.w, level, height, spacing)
        self.add(Ground("peaks", line, role, depth, level + 6, summits, snow))
        return line

    def rise(
        self, level: float, height: float, length: float, depth: float, role: str = "grass", kind: str = "hills"
    ) -> Points:
        line = waves(self.rng, self.w, level, height, length)
        self.add(Ground(kind, line, role, depth, level + height + 40))
        return line

    def distance(self, far: float = 0.8) -> None:
        """The end of the view far away: a range, two ranges or low hills."""
        rng, kind = self.rng, self.rng.integers(3)
        if kind == 0:
            self.range(self.horizon + 4, rng.uniform(45, 85), rng.uniform(60, 110), far, "farpeak", rng.uniform(12, 24))
        elif kind == 1:
            self.range(
                self.horizon + 4, rng.uniform(60, 95), rng.uniform(80, 130), far + 0.1, "farpeak", rng.uniform(14, 28)
            )
            self.rise(self.horizon, 9, rng.uniform(90, 160), far * 0.75, "moss")
        else:
            self.rise(self.horizon - 12, rng.uniform(8, 16), rng.uniform(110, 200), far, "moss")
            self.rise(self.horizon, rng.uniform(6, 10), rng.uniform(90, 150), far * 0.75, "moss")

    def path(self, x: float, y: float, role: str = "path") -> None:
        """A way from the front edge to (x, y), narrowing and bending."""
        rng = self.rng
        self.note("path")
        foot, bend = self.w * rng.uniform(0.25, 0.75), rng.uniform(-0.3, 0.3) * self.w
        line = curve(
            (foot, self.h + 6),
            (foot + bend, self.h * 0.62 + y * 0.38),
            (x - bend * 0.8, y * 0.85 + self.h * 0.15),
            (x, y),
            n=26,
        )
        width = 2.5 + 44 * ((line[:, 1] - y) / (self.h - y)) ** 1.35
        left, right = line.copy(), line.copy()
        left[:, 0] -= width / 2
        right[:, 0] += width / 2
        self.add(Area(np.concatenate([left, right[::-1]]), role, 0.1))

    def stand(
        self, name: str, x: float, y: float, size: float, depth: float = 0.1, mirror: float | None = None
    ) -> None:
        self.note(name)
        self.add(Things(THINGS[name](self.rng, x, y, size), depth, mirror))

    def note(self, name: str) -> None:
        if name not in self.shown:
            self.shown.append(name)

    def maybe(self, name: str, *place: float) -> None:
        if self.has(name):
            self.stand(name, *place)

    def trees(
        self,
        names: list,
        line: Points,
        count: int,
        size: tuple,
        depth: float,
        sink: float = 6.0,
        mirror: float | None = None,
        keep_clear: tuple | None = None,
    ) -> None:
        """A loose row along a crest line, the nearer ones painted later."""
        rng, spots = self.rng, []
        groups = rng.uniform(0, self.w, max(2, count // 5))
        for _ in range(count):
            x = (
                float(rng.choice(groups) + rng.normal(0, self.w * 0.07))
                if rng.random() < 0.7
                else rng.uniform(0, self.w)
            )
            if keep_clear and abs(x - keep_clear[0]) < keep_clear[1]:
                continue
            y = float(height_at(line, x)) + rng.uniform(1, sink)
            spots.append((y, x, rng.uniform(*size), str(rng.choice(names))))
        parts: list = []
        for y, x, s, name in sorted(spots):
            self.note(name)
            parts += THINGS[name](rng, x, y, s)
        if parts:
            self.add(Things(parts, depth, mirror))

    def frame(self, names: list, low: float = 90, high: float = 150) -> None:
        """One to three large trees at one edge, close by."""
        rng = self.rng
        left = self.sun_x > self.w / 2
        for _ in range(int(rng.integers(1, 4))):
            x = self.w * rng.uniform(-0.02, 0.15)
            name = str(rng.choice(names))
            size = rng.uniform(low, high) * (1.0 if name == "pine" else 0.72)
            self.stand(name, x if left else self.w - x, self.h + rng.uniform(2, 10), size, 0.0)

    def air(self) -> None:
        """Things in the air."""
        rng = self.rng
        if self.has("balloon"):
            for k in range(int(rng.choice([1, 1, 2, 3]))):
                size = rng.uniform(44, 74) / (1 + 0.55 * k)
                self.stand(
                    "balloon",
                    self.w * rng.uniform(0.12, 0.88),
                    rng.uniform(0.32, 0.85) * self.horizon,
                    size,
                    0.12 + 0.18 * k,
                )
        if self.has("birds"):
            self.stand(
                "birds",
                self.w * rng.uniform(0.25, 0.75),
                rng.uniform(0.2, 0.6) * self.horizon,
                rng.uniform(16, 24),
                0.25,
            )

    def front(self) -> None:
        """Small things close by, each at a spot of its own."""
        rng, h = self.rng, self.h
        spots = list(rng.permutation(np.linspace(0.14, 0.86, 7)) * self.w)
        for name, low, high in (
            ("fence", 15, 21),
            ("bush", 22, 34),
            ("rock", 18, 34),
            ("haystack", 26, 38),
            ("tent", 34, 48),
            ("campfire", 18, 26),
            ("deer", 34, 46),
            ("horse", 38, 50),
            ("cow", 32, 40),
            ("person", 32, 46),
            ("snowman", 34, 44),
            ("umbrella", 40, 56),
            ("cactus", 46, 78),
        ):
            if self.has(name) and spots:
                for _ in range({"cow": 2, "cactus": 2, "rock": 2}.get(name, 1)):
                    if spots:
                        self.stand(name, spots.pop(), h - rng.uniform(12, 38), rng.uniform(low, high), 0.04)
        if self.has("flowers"):
            for x in np.arange(8, self.w, 21):
                self.stand("flowers", x + rng.uniform(-7, 7), h - rng.uniform(-4, 26), rng.uniform(11, 16), 0.0)


def make_sky(rng: np.random.Generator, layout: Layout, plan: Plan) -> Sky:
    """The sky over a layout. Its geometry is drawn first and whole, so that it stays when the weather changes."""
    w, horizon = layout.w, layout.horizon
    high, low = horizon * rng.uniform(0.16, 0.45), horizon * rng.uniform(0.62, 0.9)
    radius, crescent, shown = rng.uniform(9, 19), rng.random() < 0.35, rng.random()
    clouds = [_cloud(rng, w, horizon, k) for k in range(5)]
    count = int(rng.integers(1, 4))
    stars = np.stack(
        [
            rng.uniform(0, w, 130),
            rng.uniform(0, horizon, 130) * rng.uniform(0.3, 1, 130),
            rng.choice([0.55, 0.85, 1.25], 130, p=[0.62, 0.28, 0.1]),
        ],
        1,
    )
    rainbow = rng.random() < 0.3
    y = low if plan.time in ("sunset", "dawn", "dusk") else high
    open_sky = plan.weather in ("clear", "cloudy", "aurora")
    orb = None
    if open_sky and shown < {"day": 0.6, "night": 0.75, "dusk": 0.25}.get(plan.time, 0.9):
        orb = "moon" if plan.time == "night" else "sun"
    features = []
    if plan.time == "night" and open_sky:
        features.append("stars")
    if plan.weather == "aurora":
        features.append("aurora")
    if plan.weather == "storm":
        features.append("lightning")
    if "rainbow" in plan.things or (rainbow and plan.time == "day" and plan.weather == "rain"):
        features.append("rainbow")
    seen = {"clear": count - 2, "cloudy": count + 2, "rain": 4, "storm": 5, "snowfall": 2}.get(plan.weather, 0)
    return Sky(
        layout.sun_x,
        y,
        radius * (1.15 if orb == "moon" else 1),
        orb,
        crescent,
        clouds[: max(seen, 0)],
        stars,
        features,
        int(rng.integers(1 << 30)),
    )


def _cloud(rng: np.random.Generator, w: float, horizon: float, k: int) -> Cloud:
    """Puffs on a level base, the largest in the middle."""
    size = rng.uniform(20, 42) * (1.15 - 0.12 * k)
    x, y = w * ((0.19 + 0.38 * k) % 1) + rng.normal(0, 0.06) * w, horizon * rng.uniform(0.2, 0.78)
    n = int(rng.integers(6, 10))
    u = np.linspace(-1, 1, n) + rng.normal(0, 0.05, n)
    r = size * (0.15 + 0.34 * np.clip(1 - np.abs(u) ** 1.7, 0, 1)) * rng.uniform(0.78, 1.22, n)
    return Cloud(x, y, size, np.stack([x + u * size * 1.3, y - r * 0.5, r], 1))
