"""Sky: its gradient, and the painters of what stands in it."""

import numpy as np

from .canvas import SIZE, Stamp
from .noise import fbm, smoothstep
from .painting import Painting
from .palette import rgb


def paint_sky(painting: Painting) -> None:
    canvas, rng, sky, plan = painting.canvas, painting.rng, painting.sky, painting.plan
    t = np.clip(canvas.rows / painting.horizon, 0, 1)[..., None]
    upper = sky.top + (sky.middle - sky.top) * smoothstep(0.0, 0.62, t)
    canvas.picture = (upper + (sky.horizon - upper) * smoothstep(0.4, 1.0, t)).astype(np.float32)
    bands = int(rng.integers(1, 4))
    canvas.sketch[:] = (0.55 * sky.middle + 0.45 * sky.top) if bands == 1 else sky.top
    if bands > 1:
        canvas.fill(canvas.rows > painting.horizon * rng.uniform(0.35, 0.6), sky.middle, 1)
    if bands > 2:
        canvas.fill(canvas.rows > painting.horizon * rng.uniform(0.7, 0.85), sky.horizon, 1)
    if plan.has("stars"):
        stars(painting)
    if plan.has("aurora"):
        aurora(painting)
    if plan.has("sun") or plan.has("moon"):
        disc(painting)
    if plan.has("clouds") or plan.weather in ("rain", "snow"):
        clouds(painting)
    elif rng.random() < 0.35 and plan.weather == "clear":
        clouds(painting, cover=1.1)
    if plan.has("rainbow"):
        rainbow(painting)


def stars(painting: Painting) -> None:
    stamp, rng = Stamp(), painting.rng
    for _ in range(int(rng.integers(30, 90))):
        x, y, size = rng.uniform(0, SIZE), rng.uniform(0, painting.horizon), rng.choice([0.6, 0.8, 0.8, 1.2])
        glow = rng.uniform(0.6, 1.0)
        stamp.ellipse(x, y, size, size, np.array([0.94, 0.96, 1.0]) * glow)
    if rng.random() < 0.35:
        for _ in range(int(rng.integers(5, 18))):
            x, y = rng.uniform(0, SIZE), rng.uniform(0, painting.horizon)
            stamp.ellipse(x, y, 0.9, 0.9, np.ones(3))
            stamp.dot(x, y, 1.6, (245, 245, 235))
    stamp.onto(painting.canvas)


def aurora(painting: Painting) -> None:
    canvas, rng = painting.canvas, painting.rng
    hue = [rgb(60, 255, 160), rgb(80, 230, 220), rgb(150, 120, 255)][rng.integers(3)]
    for _ in range(int(rng.integers(1, 4))):
        line = rng.uniform(0.25, 0.75) * painting.horizon + 26 * fbm(rng, 2, SIZE, 110, 3)[0]
        height = painting.horizon * rng.uniform(0.35, 0.6)
        streaks = 0.65 + 0.35 * fbm(rng, 2, SIZE, 9, 3)[0]
        up = (line[None] - canvas.rows) / height
        curtain = np.where(up > 0, np.exp(-2.6 * up), np.exp(9 * up)) * np.clip(streaks, 0.1, 1.4)[None]
        top = np.clip(up, 0, 1)[..., None] * rgb(150, 70, 220)
        canvas.light(
            curtain * rng.uniform(0.45, 0.75), np.clip(hue * (1 - 0.6 * np.clip(up, 0, 1)[..., None]) + 0.6 * top, 0, 1)
        )
        canvas.fill((up > -0.05) & (up < 0.4), 0.55 * hue + 0.3 * painting.sky.top, 3)


def disc(painting: Painting) -> None:
    canvas, rng, sky = painting.canvas, painting.rng, painting.sky
    low = painting.plan.time in ("sunset", "dawn", "dusk")
    painting.sun_y = painting.horizon * (rng.uniform(0.62, 0.98) if low else rng.uniform(0.14, 0.55))
    radius = rng.uniform(8, 19)
    distance = np.hypot(canvas.columns - painting.sun_x, canvas.rows - painting.sun_y)
    moon = painting.plan.has("moon")
    canvas.light(np.exp(-distance / (radius * (1.5 if moon else 3.4))) * (0.35 if moon else 0.6), sky.sun)
    canvas.light(np.exp(-distance / 90) * (0.1 if moon else 0.28), sky.sun)
    disc = smoothstep(radius + 0.8, radius - 0.8, distance)
    face = np.broadcast_to(sky.sun, canvas.picture.shape)
    if moon:
        face = face * (1 - 0.16 * smoothstep(0.2, 1.2, fbm(rng, SIZE, SIZE, 9, 3)))[..., None]
        if rng.random() < 0.3:
            shift = np.hypot(
                canvas.columns - painting.sun_x - radius * 0.55, canvas.rows - painting.sun_y + radius * 0.2
            )
            disc = disc * smoothstep(radius - 0.8, radius + 0.8, shift)
    canvas.paint(disc, face)
    canvas.fill(disc > 0.5, sky.sun * (1.0 if moon else np.array([1.0, 0.94, 0.72])), 1)


def clouds(painting: Painting, cover: float | None = None) -> None:
    canvas, rng, sky = painting.canvas, painting.rng, painting.sky
    if cover is None:
        cover = rng.uniform(-0.1, 0.75) if painting.plan.weather == "cloudy" else -0.4
    field = fbm(rng, SIZE, SIZE, rng.uniform(50, 90), 5, stretch=rng.uniform(1.4, 3.0))
    field = field - 0.5 * smoothstep(0.5, 1.0, canvas.rows / painting.horizon)
    mask = smoothstep(cover, cover + 0.75, field) * (canvas.rows < painting.horizon + 4)
    side = 1 if painting.sun_x > SIZE / 2 else -1
    lit = np.clip(0.62 + 0.9 * (field - np.roll(np.roll(field, -5, 0), 4 * side, 1)), 0, 1)[..., None]
    bright = np.clip(0.35 * sky.horizon + 0.75 * sky.sun * (0.32 if painting.plan.time == "night" else 0.8), 0, 1)
    if painting.plan.weather in ("rain", "snow"):
        bright = 0.75 * sky.middle + 0.2
    shadow = 0.62 * sky.middle + 0.12 * sky.top
    canvas.paint(mask * 0.94, shadow + (bright - shadow) * lit)
    if rng.random() < 0.65:
        canvas.fill(mask > 0.5, 0.3 * shadow + 0.7 * bright, 4)


def rainbow(painting: Painting) -> None:
    canvas, rng = painting.canvas, painting.rng
    cx, cy, radius = rng.uniform(40, 216), painting.horizon + rng.uniform(0, 30), rng.uniform(80, 130)
    distance = np.hypot(canvas.columns - cx, canvas.rows - cy)
    bands = [
        rgb(240, 60, 60),
        rgb(250, 150, 50),
        rgb(250, 230, 80),
        rgb(90, 200, 90),
        rgb(70, 130, 230),
        rgb(140, 80, 200),
    ]
    for i, colour in enumerate(bands):
        arc = np.exp(-(((distance - radius + i * 2.6) / 1.7) ** 2)) * (canvas.rows < painting.horizon + 6)
        canvas.light(arc * 0.42, colour)
        canvas.fill(
            (np.abs(distance - radius + i * 2.6) < 1.5) & (canvas.rows < painting.horizon), colour * 0.75 + 0.2, 0.4
        )
