"""Landscapes: a picture, the sketch a person might draw of it, and a caption. One seed is one scene, byte for byte."""

from dataclasses import dataclass, field

import numpy as np

from . import objects
from .canvas import SIZE, Canvas, Stamp, leave_gaps, simplify, wobble
from .captions import caption
from .noise import fbm, ridge_line, smoothstep
from .palette import GRASS, ROCK, SAND, SNOW, Light, pick_light, rgb, vary

KINDS = ["mountains", "forest", "hills", "desert", "ocean", "lake", "river", "island", "city"]


@dataclass
class Plan:
    """What a scene shows. The caption is written from it, and the picture painted."""

    kind: str
    time: str
    season: str
    weather: str
    things: list = field(default_factory=list)

    def has(self, thing: str) -> bool:
        return thing in self.things


@dataclass
class Scene:
    picture: np.ndarray
    """uint8 [256, 256, 3]"""
    sketch: np.ndarray
    """uint8 [256, 256, 3]"""
    caption: str
    plan: Plan


def make_plan(rng: np.random.Generator) -> Plan:
    def chance(p: float) -> bool:
        return rng.random() < p

    kind = str(rng.choice(KINDS, p=[0.17, 0.13, 0.12, 0.1, 0.12, 0.14, 0.08, 0.06, 0.08]))
    time = str(rng.choice(["dawn", "day", "sunset", "dusk", "night"], p=[0.13, 0.33, 0.23, 0.09, 0.22]))
    season = str(rng.choice(["spring", "summer", "autumn", "winter"], p=[0.22, 0.36, 0.21, 0.21]))
    weather = str(rng.choice(["clear", "cloudy", "fog", "rain", "snow"], p=[0.42, 0.34, 0.1, 0.07, 0.07]))
    if kind in ("desert", "island"):
        season, weather = "summer", "clear" if weather in ("snow", "rain", "fog") else weather
    if weather == "snow":
        season = "winter"
    elif season == "winter" and weather == "rain":
        weather = "cloudy"
    plan = Plan(kind, time, season, weather)
    dark, open_sky = time == "night", weather in ("clear", "cloudy")
    if open_sky:
        if dark:
            plan.things += ["moon"] * chance(0.6) + ["stars"] * chance(0.85)
            plan.things += ["aurora"] * (weather == "clear" and chance(0.3))
        elif chance(0.75 if time in ("sunset", "dawn") else 0.45):
            plan.things.append("sun")
    if time == "day" and weather in ("cloudy", "rain") and chance(0.2):
        plan.things.append("rainbow")
    if weather == "cloudy":
        plan.things.append("clouds")
    if not dark and open_sky and chance(0.14):
        plan.things.append("birds")
    if kind in ("mountains", "hills", "lake", "river") and chance(0.5):
        plan.things.append("pines" if kind == "mountains" or chance(0.5) else "trees")
    if kind == "forest":
        plan.things.append("pines" if chance(0.55) else "trees")
    plan.things += ["cabin"] * (kind in ("mountains", "forest", "hills", "lake", "river") and chance(0.16))
    plan.things += ["sailboat"] * (kind in ("ocean", "lake", "island") and chance(0.28))
    plan.things += ["lighthouse"] * (kind == "ocean" and chance(0.3))
    plan.things += ["bridge"] * (kind == "river" and chance(0.35))
    plan.things += ["palms"] * (kind == "island" or (kind == "desert" and chance(0.15)))
    plan.things += ["cacti"] * (kind == "desert" and chance(0.5))
    return plan


class Painter:
    """Paints one plan from the sky to the foreground."""

    def __init__(self, rng: np.random.Generator, plan: Plan):
        self.rng, self.plan = rng, plan
        self.canvas = Canvas(rng)
        self.sky: Light = pick_light(rng, plan.time, plan.weather)
        self.sun_x, self.sun_y = rng.uniform(0.12, 0.88) * SIZE, 0.0
        self.horizon = rng.uniform(0.42, 0.66) * SIZE

    @property
    def tint(self) -> np.ndarray:
        return self.sky.tint

    def paint(self) -> Canvas:
        self.paint_sky()
        getattr(self, f"paint_{self.plan.kind}")()
        if self.plan.has("birds"):
            stamp = Stamp()
            objects.birds(self.rng, stamp, self.rng.integers(3, 9), self.tint)
            stamp.onto(self.canvas)
        self.paint_weather()
        return self.canvas

    # ── sky ──────────────────────────────────────────────────────────────────────────────────────────────────────────

    def paint_sky(self) -> None:
        canvas, rng, sky, plan = self.canvas, self.rng, self.sky, self.plan
        t = np.clip(canvas.rows / self.horizon, 0, 1)[..., None]
        upper = sky.top + (sky.middle - sky.top) * smoothstep(0.0, 0.62, t)
        canvas.picture = (upper + (sky.horizon - upper) * smoothstep(0.4, 1.0, t)).astype(np.float32)
        bands = int(rng.integers(1, 4))
        canvas.sketch[:] = (0.55 * sky.middle + 0.45 * sky.top) if bands == 1 else sky.top
        if bands > 1:
            canvas.fill(canvas.rows > self.horizon * rng.uniform(0.35, 0.6), sky.middle, 1)
        if bands > 2:
            canvas.fill(canvas.rows > self.horizon * rng.uniform(0.7, 0.85), sky.horizon, 1)
        if plan.has("stars"):
            self.paint_stars()
        if plan.has("aurora"):
            self.paint_aurora()
        if plan.has("sun") or plan.has("moon"):
            self.paint_disc()
        if plan.has("clouds") or plan.weather in ("rain", "snow"):
            self.paint_clouds()
        elif rng.random() < 0.35 and plan.weather == "clear":
            self.paint_clouds(cover=1.1)
        if plan.has("rainbow"):
            self.paint_rainbow()

    def paint_stars(self) -> None:
        stamp, rng = Stamp(), self.rng
        for _ in range(int(rng.integers(30, 90))):
            x, y, size = rng.uniform(0, SIZE), rng.uniform(0, self.horizon), rng.choice([0.6, 0.8, 0.8, 1.2])
            glow = rng.uniform(0.6, 1.0)
            stamp.ellipse(x, y, size, size, np.array([0.94, 0.96, 1.0]) * glow)
        if rng.random() < 0.35:
            for _ in range(int(rng.integers(5, 18))):
                x, y = rng.uniform(0, SIZE), rng.uniform(0, self.horizon)
                stamp.ellipse(x, y, 0.9, 0.9, np.ones(3))
                stamp._flat_draw.ellipse((x - 1.6, y - 1.6, x + 1.6, y + 1.6), fill=(245, 245, 235, 255))
        stamp.onto(self.canvas)

    def paint_aurora(self) -> None:
        canvas, rng = self.canvas, self.rng
        hue = [rgb(60, 255, 160), rgb(80, 230, 220), rgb(150, 120, 255)][rng.integers(3)]
        for _ in range(int(rng.integers(1, 4))):
            line = rng.uniform(0.25, 0.75) * self.horizon + 26 * fbm(rng, 2, SIZE, 110, 3)[0]
            height = self.horizon * rng.uniform(0.35, 0.6)
            streaks = 0.65 + 0.35 * fbm(rng, 2, SIZE, 9, 3)[0]
            up = (line[None] - canvas.rows) / height
            curtain = np.where(up > 0, np.exp(-2.6 * up), np.exp(9 * up)) * np.clip(streaks, 0.1, 1.4)[None]
            top = np.clip(up, 0, 1)[..., None] * rgb(150, 70, 220)
            canvas.light(curtain * rng.uniform(0.45, 0.75), np.clip(hue * (1 - 0.6 * np.clip(up, 0, 1)[..., None]) + 0.6 * top, 0, 1))
            canvas.fill((up > -0.05) & (up < 0.4), 0.55 * hue + 0.3 * self.sky.top, 3)

    def paint_disc(self) -> None:
        canvas, rng, sky = self.canvas, self.rng, self.sky
        low = self.plan.time in ("sunset", "dawn", "dusk")
        self.sun_y = self.horizon * (rng.uniform(0.62, 0.98) if low else rng.uniform(0.14, 0.55))
        radius = rng.uniform(8, 19)
        distance = np.hypot(canvas.columns - self.sun_x, canvas.rows - self.sun_y)
        moon = self.plan.has("moon")
        canvas.light(np.exp(-distance / (radius * (1.5 if moon else 3.4))) * (0.35 if moon else 0.6), sky.sun)
        canvas.light(np.exp(-distance / 90) * (0.1 if moon else 0.28), sky.sun)
        disc = smoothstep(radius + 0.8, radius - 0.8, distance)
        face = np.broadcast_to(sky.sun, canvas.picture.shape)
        if moon:
            face = face * (1 - 0.16 * smoothstep(0.2, 1.2, fbm(rng, SIZE, SIZE, 9, 3)))[..., None]
            if rng.random() < 0.3:
                shift = np.hypot(canvas.columns - self.sun_x - radius * 0.55, canvas.rows - self.sun_y + radius * 0.2)
                disc = disc * smoothstep(radius - 0.8, radius + 0.8, shift)
        canvas.paint(disc, face)
        canvas.fill(disc > 0.5, sky.sun * (1.0 if moon else np.array([1.0, 0.94, 0.72])), 1)

    def paint_clouds(self, cover: float | None = None) -> None:
        canvas, rng, sky = self.canvas, self.rng, self.sky
        if cover is None:
            cover = rng.uniform(-0.1, 0.75) if self.plan.weather == "cloudy" else -0.4
        field = fbm(rng, SIZE, SIZE, rng.uniform(50, 90), 5, stretch=rng.uniform(1.4, 3.0))
        field = field - 0.5 * smoothstep(0.5, 1.0, canvas.rows / self.horizon)
        mask = smoothstep(cover, cover + 0.75, field) * (canvas.rows < self.horizon + 4)
        side = 1 if self.sun_x > SIZE / 2 else -1
        lit = np.clip(0.62 + 0.9 * (field - np.roll(np.roll(field, -5, 0), 4 * side, 1)), 0, 1)[..., None]
        bright = np.clip(0.35 * sky.horizon + 0.75 * sky.sun * (0.32 if self.plan.time == "night" else 0.8), 0, 1)
        if self.plan.weather in ("rain", "snow"):
            bright = 0.75 * sky.middle + 0.2
        shadow = 0.62 * sky.middle + 0.12 * sky.top
        canvas.paint(mask * 0.94, shadow + (bright - shadow) * lit)
        if rng.random() < 0.65:
            canvas.fill(mask > 0.5, 0.3 * shadow + 0.7 * bright, 4)

    def paint_rainbow(self) -> None:
        canvas, rng = self.canvas, self.rng
        cx, cy, radius = rng.uniform(40, 216), self.horizon + rng.uniform(0, 30), rng.uniform(80, 130)
        distance = np.hypot(canvas.columns - cx, canvas.rows - cy)
        bands = [rgb(240, 60, 60), rgb(250, 150, 50), rgb(250, 230, 80), rgb(90, 200, 90), rgb(70, 130, 230), rgb(140, 80, 200)]
        for i, colour in enumerate(bands):
            arc = np.exp(-(((distance - radius + i * 2.6) / 1.7) ** 2)) * (canvas.rows < self.horizon + 6)
            canvas.light(arc * 0.42, colour)
            canvas.fill((np.abs(distance - radius + i * 2.6) < 1.5) & (canvas.rows < self.horizon), colour * 0.75 + 0.2, 0.4)

    # ── ground ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def haze(self, colour: np.ndarray, depth: float) -> np.ndarray:
        """A colour seen through the air, `depth` 0 near to 1 at the horizon."""
        amount = depth * (0.85 if self.plan.weather in ("fog", "rain", "snow") else 0.62)
        return colour * (1 - amount) + (0.75 * self.sky.horizon + 0.25 * self.sky.middle) * amount

    def ridge(self, base: float, height: float, *, sharp: float, depth: float, material: str) -> np.ndarray:
        """One range from side to side; returns its outline in rows."""
        canvas, rng = self.canvas, self.rng
        line = base - height * ridge_line(rng, SIZE, rng.uniform(46, 110), sharp)
        below = canvas.rows - line[None]
        mask = smoothstep(-0.6, 0.6, below)
        colour, flat = getattr(self, f"_{material}")(below, height)
        canvas.paint(mask, self.haze(np.clip(colour, 0, 1) * self.tint, depth))
        canvas.fill(mask > 0.5, self.haze(flat * self.tint, depth), rng.uniform(1.5, 4.5))
        self._flat_snow(below, height, depth, material)
        return line

    def _flat_snow(self, below, height, depth, material) -> None:
        if material == "rock" and self.snow_line > 0:
            wide = np.abs(self.canvas.rows - self.canvas.rows) + height * self.snow_line * 0.8
            self.canvas.fill((below > -1) & (below < wide), self.haze(SNOW * np.clip(self.tint * 1.1, 0, 1), depth), 2)

    snow_line = 0.0

    def _rock(self, below, height):
        rng = self.rng
        base = vary(rng, ROCK)
        slope = self.canvas.columns + (below * rng.uniform(0.5, 1.0))
        shear = fbm(rng, SIZE, SIZE, 44, 3, gain=0.6)
        rows = np.clip((below * 1.5).astype(int), 0, SIZE - 1)
        columns = np.mod(slope.astype(int), SIZE)
        crag = shear[rows, columns]
        light = crag - np.roll(crag, 3 if self.sun_x > SIZE / 2 else -3, 1)
        shade = np.clip(0.86 + 0.34 * light + 0.1 * crag, 0.35, 1.5)
        colour = base * shade[..., None]
        winter = 0.5 if self.plan.season == "winter" else 0.0
        self.snow_line = max(winter + 0.2, float(rng.uniform(-0.2, 0.5))) if winter else float(rng.uniform(-0.25, 0.45))
        if self.snow_line > 0:
            edge = below - height * self.snow_line + crag * height * 0.14
            snow = smoothstep(3, -3, edge)[..., None] * smoothstep(-1.1, 0.15, light)[..., None]
            colour = colour * (1 - snow) + SNOW * np.clip(0.9 + 0.22 * light, 0.6, 1.08)[..., None] * snow
        foot = smoothstep(height * 0.55, height * 1.3, below)[..., None] * (0.0 if winter else 0.65)
        grass = vary(rng, GRASS[self.plan.season]) * (0.82 + 0.1 * crag)[..., None]
        return colour * (1 - foot) + grass * foot, base * 0.9

    def _grass(self, below, height):
        rng = self.rng
        base = vary(rng, GRASS[self.plan.season])
        soft = fbm(rng, SIZE, SIZE, 46, 4, stretch=2.2)
        fine = fbm(rng, SIZE, SIZE, 10, 2, stretch=1.5)
        top = np.exp(-np.clip(below, 0, None) / 9)
        snowy = self.plan.season == "winter"
        shade = 0.9 + (0.04 if snowy else 0.1) * soft + (0.02 if snowy else 0.07) * fine + 0.14 * top - 0.0011 * np.clip(below, 0, 120)
        return base * shade[..., None], base * 0.95

    def _sand(self, below, height):
        rng = self.rng
        base = vary(rng, SAND)
        soft = fbm(rng, SIZE, SIZE, 60, 3, stretch=2.6)
        wave = below * rng.uniform(0.5, 0.8) + 7 * fbm(rng, SIZE, SIZE, 60, 2, stretch=2) + self.canvas.columns * rng.uniform(-0.15, 0.15)
        ripples = np.sin(wave) * np.exp(-np.clip(below, 0, None) / 80) * 0.045
        lee = smoothstep(-0.3, 0.5, soft - np.roll(soft, 8, 1))
        shade = 0.92 + 0.1 * np.exp(-np.clip(below, 0, None) / 12) + ripples - 0.2 * lee
        return base * shade[..., None], base * 0.94

    def trees(self, line, count, size, depth, spread=10.0) -> None:
        """Pines or leaf trees along an outline, the far ones first."""
        rng, plan, stamp = self.rng, self.plan, Stamp()
        places = sorted((float(line[int(x)] + abs(rng.normal(0, spread))), x) for x in rng.uniform(2, SIZE - 3, count))
        haze = self.haze(np.zeros(3, np.float32), 1.0)
        for y, x in places:
            height = size * rng.uniform(0.65, 1.3)
            if plan.has("pines"):
                objects.pine(rng, stamp, x, y + 2, height, self.tint, plan.season == "winter")
            else:
                objects.leaf_tree(rng, stamp, x, y + 2, height * 0.9, self.tint, plan.season)
        stamp.onto(self.canvas, haze, depth * 0.62)

    def foreground(self, base=None, material="grass") -> np.ndarray:
        base = SIZE * self.rng.uniform(0.8, 0.92) if base is None else base
        return self.ridge(base, self.rng.uniform(8, 26), sharp=0.05, depth=0.0, material=material)

    def cabin_on(self, line) -> None:
        if not self.plan.has("cabin"):
            return
        stamp, x = Stamp(), self.rng.uniform(40, 216)
        objects.cabin(self.rng, stamp, x, float(line[int(x)]) + 5, self.rng.uniform(9, 17), self.tint,
                      self.plan.time in ("night", "dusk"), self.plan.season == "winter")
        stamp.onto(self.canvas)

    # ── kinds ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def paint_mountains(self) -> None:
        rng = self.rng
        for i, depth in enumerate(np.linspace(0.85, 0.3, int(rng.integers(2, 4)))):
            self.ridge(self.horizon + 12 + 26 * i, rng.uniform(60, 120) * (1 - 0.15 * i), sharp=rng.uniform(0.6, 1), depth=float(depth), material="rock")
        line = self.ridge(self.horizon + 74, rng.uniform(16, 40), sharp=0.1, depth=0.15, material="grass")
        if self.plan.has("pines") or self.plan.has("trees"):
            self.trees(line, int(rng.integers(14, 46)), rng.uniform(18, 34), 0.15, 14)
        front = self.foreground()
        self.cabin_on(front)
        if self.plan.has("pines") and rng.random() < 0.5:
            self.trees(front, int(rng.integers(2, 7)), rng.uniform(48, 84), 0.0, 4)

    def paint_hills(self) -> None:
        rng, line = self.rng, None
        if rng.random() < 0.4:
            self.ridge(self.horizon + 6, rng.uniform(30, 70), sharp=0.7, depth=0.9, material="rock")
        count = int(rng.integers(2, 5))
        for i, depth in enumerate(np.linspace(0.7, 0.05, count)):
            line = self.ridge(self.horizon + 18 + i * 110 / count, rng.uniform(22, 46), sharp=0.0, depth=float(depth), material="grass")
            if (self.plan.has("pines") or self.plan.has("trees")) and rng.random() < 0.8:
                self.trees(line, int(rng.integers(2, 12)), 12 + 30 * (1 - depth), float(depth), 8)
        self.cabin_on(line)

    def paint_forest(self) -> None:
        rng, line = self.rng, None
        if rng.random() < 0.45:
            self.ridge(self.horizon + 4, rng.uniform(40, 90), sharp=0.8, depth=0.85, material="rock")
        layers = int(rng.integers(3, 5))
        for i, depth in enumerate(np.linspace(0.75, 0.0, layers)):
            line = self.ridge(self.horizon + 14 + i * 130 / layers, rng.uniform(10, 30), sharp=0.15, depth=float(depth), material="grass")
            self.trees(line, int(46 / (1 + i)), 22 + 26 * i, float(depth), 7)
        self.cabin_on(line)

    def paint_desert(self) -> None:
        rng, line = self.rng, None
        if rng.random() < 0.5:
            self.ridge(self.horizon + 4, rng.uniform(20, 60), sharp=0.5, depth=0.75, material="sand")
        for i, depth in enumerate(np.linspace(0.55, 0.0, int(rng.integers(2, 5)))):
            line = self.ridge(self.horizon + 16 + 34 * i, rng.uniform(16, 48), sharp=0.12, depth=float(depth), material="sand")
        stamp = Stamp()
        for thing, draw, low, high in (("cacti", objects.cactus, 20, 52), ("palms", objects.palm, 40, 76)):
            if self.plan.has(thing):
                for x in rng.uniform(12, 244, rng.integers(2, 6)):
                    draw(rng, stamp, x, float(line[int(x)]) + rng.uniform(4, 26), rng.uniform(low, high), self.tint)
        stamp.onto(self.canvas)

    def water(self, top: float, bottom: float = SIZE, mask: np.ndarray | None = None) -> None:
        """A sheet of water that mirrors what is above `top`, rougher toward the viewer, with a path of light."""
        canvas, rng = self.canvas, self.rng
        depth = np.clip((canvas.rows - top) / max(1.0, bottom - top), 0, 1)
        rough = rng.uniform(0.4, 1.6)
        ripple = 0.8 * fbm(rng, SIZE, SIZE, 9, 2, stretch=6) + 0.7 * fbm(rng, SIZE, SIZE, 18, 2, stretch=5)
        y = np.clip(2 * top - canvas.rows * 1.0 + ripple * (1 + 7 * depth) * rough, 0, max(1, top - 1)).astype(int)
        x = np.clip(canvas.columns + 2.2 * ripple * (0.4 + 2 * depth), 0, SIZE - 1).astype(int)
        mirror = canvas.picture[y, x]
        deep = 0.55 * self.sky.top + 0.3 * self.sky.middle
        if self.plan.time == "day" and self.plan.weather in ("clear", "cloudy"):
            deep = 0.6 * deep + 0.4 * rgb(30, 110, 140)
        amount = (0.28 + 0.42 * depth)[..., None]
        colour = mirror * (1 - amount) + deep * amount
        colour = colour * (1 + 0.075 * ripple * (0.3 + depth))[..., None]
        inside = smoothstep(top - 0.5, top + 0.5, canvas.rows) if mask is None else mask
        canvas.paint(inside, np.clip(colour, 0, 1))
        if self.plan.has("sun") or self.plan.has("moon"):
            width = 7 + 34 * depth
            path = np.exp(-(((canvas.columns - self.sun_x) / width) ** 2)) * smoothstep(0.1, 1.0, ripple + 0.35) * inside
            canvas.light(path * 0.8, self.sky.sun)
        flat = 0.5 * (0.4 * self.sky.middle + 0.6 * self.sky.horizon) + 0.5 * deep
        canvas.fill(inside > 0.5, flat, 1)

    def boat(self, top: float) -> None:
        if self.plan.has("sailboat"):
            stamp, y = Stamp(), top + self.rng.uniform(8, 50)
            objects.sailboat(self.rng, stamp, self.rng.uniform(30, 226), y, 5 + (y - top) * 0.3, self.tint)
            stamp.onto(self.canvas)

    def paint_ocean(self) -> None:
        rng = self.rng
        if rng.random() < 0.3:
            self.ridge(self.horizon + 3, rng.uniform(8, 24), sharp=0.4, depth=0.8, material="grass")
        self.water(self.horizon)
        self.boat(self.horizon)
        if self.plan.has("lighthouse"):
            x, y = rng.uniform(36, 220), self.horizon + rng.uniform(20, 56)
            away = np.abs(self.canvas.columns - x) / rng.uniform(26, 50)
            below = self.canvas.rows - (y + 10 - 16 * np.exp(-away**2) + 3 * fbm(rng, 2, SIZE, 20, 4)[0][None])
            rock, flat = self._rock(below, 60)
            mask = smoothstep(-0.6, 0.6, below) * smoothstep(1.6, 1.3, away) * smoothstep(y + 26, y + 22, self.canvas.rows)
            self.canvas.paint(mask, np.clip(rock * 0.7 * self.tint, 0, 1))
            self.canvas.fill(mask > 0.5, flat * 0.7 * self.tint, 2)
            stamp = Stamp()
            objects.lighthouse(rng, stamp, x, y, rng.uniform(56, 96), self.tint, self.plan.time in ("night", "dusk"))
            stamp.onto(self.canvas)
        if rng.random() < 0.45:
            line = self.ridge(SIZE * rng.uniform(0.9, 1.02), rng.uniform(14, 34), sharp=0.05, depth=0.0, material="sand")
            foam = np.exp(-(((self.canvas.rows - line[None] + 2) / 2.2) ** 2))
            self.canvas.light(foam * 0.5 * smoothstep(-0.4, 0.6, fbm(rng, SIZE, SIZE, 14, 3, stretch=3)), np.ones(3) * self.tint)

    def paint_lake(self) -> None:
        rng = self.rng
        far = "rock" if rng.random() < 0.7 else "grass"
        for depth in np.linspace(0.8, 0.4, int(rng.integers(1, 3))):
            self.ridge(self.horizon + 4, rng.uniform(40, 100), sharp=0.8 if far == "rock" else 0.0, depth=float(depth), material=far)
        line = self.ridge(self.horizon + 4, rng.uniform(6, 20), sharp=0.1, depth=0.3, material="grass")
        if self.plan.has("pines") or self.plan.has("trees"):
            self.trees(line, int(rng.integers(12, 44)), rng.uniform(12, 26), 0.3, 2)
        self.cabin_on(line)
        self.water(self.horizon + 4)
        self.boat(self.horizon + 4)
        if rng.random() < 0.5:
            front = self.foreground(SIZE * rng.uniform(0.93, 1.04))
            if self.plan.has("pines") and rng.random() < 0.6:
                self.trees(front, int(rng.integers(1, 5)), rng.uniform(60, 100), 0.0, 3)

    def paint_river(self) -> None:
        rng, canvas = self.rng, self.canvas
        self.ridge(self.horizon + 6, rng.uniform(36, 90), sharp=rng.uniform(0.2, 0.9), depth=0.75, material="rock")
        line = self.ridge(self.horizon + 10, rng.uniform(8, 22), sharp=0.05, depth=0.35, material="grass")
        top = self.horizon + 6
        ground, flat = self._grass(canvas.rows - top, 60)
        below = smoothstep(top - 1, top + 1, canvas.rows)
        canvas.paint(below, np.clip(ground * self.tint, 0, 1))
        canvas.fill(below > 0.5, flat * self.tint, 1)
        t = np.clip((canvas.rows - top) / (SIZE - top), 0, 1)
        bend = rng.uniform(20, 56) * np.sin(t * rng.uniform(3, 6) + rng.uniform(0, 6)) * (0.25 + t)
        middle = rng.uniform(90, 166) + bend + rng.uniform(-40, 40) * t
        half = 3 + rng.uniform(26, 60) * t**1.35
        inside = smoothstep(half + 1, half - 1, np.abs(canvas.columns - middle)) * below
        canvas.paint(smoothstep(half + 5, half + 1, np.abs(canvas.columns - middle)) * below * 0.5, np.clip(rgb(150, 130, 96) * self.tint, 0, 1))
        self.water(top, SIZE, inside)
        if self.plan.has("pines") or self.plan.has("trees"):
            self.trees(line, int(rng.integers(10, 30)), rng.uniform(12, 22), 0.3, 3)
        if self.plan.has("bridge"):
            row = int(top + (SIZE - top) * rng.uniform(0.25, 0.6))
            stamp, x, reach = Stamp(), float(middle[row, 0]), float(half[row, 0]) + 14
            objects.bridge(rng, stamp, x - reach, x + reach, row + 4, reach * 0.42, self.tint)
            stamp.onto(canvas)
        self.cabin_on(line + 14)

    def paint_island(self) -> None:
        rng, canvas = self.rng, self.canvas
        self.water(self.horizon)
        x, y, half = rng.uniform(70, 186), self.horizon + rng.uniform(16, 50), rng.uniform(40, 84)
        away = np.clip(np.abs(canvas.columns - x) / half, 0, 1.2)
        line = y - rng.uniform(12, 26) * np.clip(1 - away**2, 0, 1) + 2 * fbm(rng, 2, SIZE, 24, 3)[0][None]
        below = canvas.rows - line
        mask = smoothstep(-0.6, 0.6, below) * (away < 1.0) * smoothstep(y + 5, y + 3, canvas.rows + 3 * away)
        sand, flat = self._sand(below, 20)
        canvas.light(np.exp(-((canvas.rows - y - 4) / 9) ** 2) * smoothstep(1.35, 0.9, np.abs(canvas.columns - x) / half) * 0.3, rgb(120, 230, 220) * self.tint)
        canvas.paint(mask, np.clip(sand * self.tint, 0, 1))
        canvas.fill(mask > 0.5, flat * self.tint, 1.5)
        green = mask * smoothstep(0.75, 0.55, away) * smoothstep(y - 2, y - 7, canvas.rows + 3 * fbm(rng, SIZE, SIZE, 9, 3))
        canvas.paint(green, np.clip(rgb(78, 140, 62) * self.tint * (1 + 0.15 * fbm(rng, SIZE, SIZE, 6, 3))[..., None], 0, 1))
        canvas.fill(green > 0.5, rgb(78, 140, 62) * self.tint, 2)
        stamp = Stamp()
        for px in x + rng.uniform(-0.55, 0.55, rng.integers(2, 7)) * half:
            objects.palm(rng, stamp, px, float(line[0, int(px)]) + 3, rng.uniform(26, 56), self.tint)
        stamp.onto(canvas)
        self.boat(self.horizon)

    def paint_city(self) -> None:
        rng = self.rng
        lit = self.plan.time in ("night", "dusk", "sunset")
        if rng.random() < 0.4:
            self.ridge(self.horizon + 2, rng.uniform(20, 60), sharp=0.5, depth=0.85, material="rock")
        stamp = Stamp()
        objects.skyline(rng, stamp, self.horizon + 6, rng.uniform(60, 120), np.clip(self.tint, 0.2, 1), lit)
        stamp.onto(self.canvas, self.haze(np.zeros(3, np.float32), 1.0), 0.22)
        if rng.random() < 0.7:
            self.water(self.horizon + 6)
            self.boat(self.horizon + 6)
        else:
            line = self.ridge(self.horizon + 20, 12, sharp=0.0, depth=0.1, material="grass")
            self.plan.things.append("trees")
            self.trees(line, int(rng.integers(8, 26)), rng.uniform(14, 26), 0.1, 20)

    # ── air ──────────────────────────────────────────────────────────────────────────────────────────────────────────

    def paint_weather(self) -> None:
        canvas, rng, plan = self.canvas, self.rng, self.plan
        if plan.weather == "fog":
            low = np.exp(-(((canvas.rows - self.horizon - 14) / rng.uniform(34, 70)) ** 2))
            veil = np.clip(low * (0.72 + 0.32 * fbm(rng, SIZE, SIZE, 60, 4, stretch=3)), 0, 0.93)
            canvas.paint(veil, 0.8 * self.sky.horizon + 0.2 * self.sky.middle)
        if plan.weather in ("rain", "snow"):
            canvas.paint(np.full((SIZE, SIZE), 0.18, np.float32), self.sky.middle)
            stamp = Stamp()
            for _ in range(int(rng.integers(60, 140))):
                x, y = rng.uniform(-8, SIZE + 8), rng.uniform(0, SIZE)
                if plan.weather == "rain":
                    length = rng.uniform(7, 15)
                    stamp.line([(x, y), (x - length * 0.25, y + length)], 0.8, np.clip(self.sky.horizon * 1.15, 0, 1))
                else:
                    size = rng.choice([1.0, 1.4, 1.8, 2.4])
                    stamp.ellipse(x, y, size, size, np.clip(SNOW * (0.45 + 0.6 * self.tint), 0, 1))
            stamp.onto(canvas)


def finish_sketch(rng: np.random.Generator, sketch: np.ndarray) -> np.ndarray:
    """What a hand makes of the flat scene: fewer colours, moved outlines, paper left over."""
    out = simplify(sketch, int(rng.integers(5, 11)))
    out = wobble(rng, out)
    if rng.random() < 0.3:
        out = leave_gaps(rng, out)
    if rng.random() < 0.5:
        out = np.clip(out * (1 + rng.normal(0, 0.05, 3)) + rng.normal(0, 0.03), 0, 1)
    if out.mean() < 0.25:
        # The colours of a paint box are brighter than a night.
        out = np.clip(out, 0, 1) ** rng.uniform(0.6, 1.0)
    return out


def make_scene(seed: int) -> Scene:
    """The scene of a seed."""
    rng = np.random.default_rng(seed)
    plan = make_plan(rng)
    canvas = Painter(rng, plan).paint()
    sketch = finish_sketch(rng, canvas.sketch)
    as_bytes = lambda x: (np.clip(x, 0, 1) * 255 + 0.5).astype(np.uint8)  # noqa: E731
    return Scene(as_bytes(canvas.picture), as_bytes(sketch), caption(rng, plan), plan)
