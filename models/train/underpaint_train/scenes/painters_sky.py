"""Paints the sky: gradient, glow, orb, stars, aurora, rainbow, clouds, lightning."""

import numpy as np
from scipy.ndimage import gaussian_filter

from .canvas import Canvas, smoothstep
from .geometry import ellipse, stroke
from .light import Light
from .materials import rgb
from .parts import Cloud, Sky


def paint_sky(canvas: Canvas, sky: Sky, light: Light, horizon: float) -> None:
    t = np.clip(canvas.rows / horizon, 0, 1)[..., None]
    upper = light.top + (light.middle - light.top) * smoothstep(0.0, 0.65, t)
    canvas.picture = (upper + (light.horizon - upper) * smoothstep(0.42, 1.0, t)).astype(np.float32)
    if light.weather in ("clear", "cloudy", "aurora"):
        _glow(canvas, sky, light)
    rng = np.random.default_rng(sky.seed)
    if "stars" in sky.features:
        _stars(canvas, sky, horizon)
    if "aurora" in sky.features:
        _aurora(canvas, rng, horizon)
    if sky.orb:
        _orb(canvas, sky, light)
    if "rainbow" in sky.features:
        _rainbow(canvas, sky, horizon)
    for cloud in sky.clouds:
        paint_cloud(canvas, cloud, sky, light)
    if "lightning" in sky.features:
        _lightning(canvas, rng, sky, horizon)


def _glow(canvas: Canvas, sky: Sky, light: Light) -> None:
    away = np.hypot(canvas.columns - sky.x, (canvas.rows - sky.y) * 1.15)
    if light.time == "night":
        if sky.orb:
            canvas.light(0.5 * np.exp(-away / 26) + 0.22 * np.exp(-away / 80), rgb("9fb8f0"))
        return
    colour = {"day": "fff2cf", "dawn": "ffd9a0", "sunset": "ffb060", "dusk": "e59a90"}[light.time]
    canvas.light(0.42 * np.exp(-away / 34) + 0.34 * np.exp(-away / 110), rgb(colour))


def _orb(canvas: Canvas, sky: Sky, light: Light) -> None:
    disc = canvas.mask(ellipse(sky.x, sky.y, sky.radius))
    if sky.orb == "sun":
        low = {"sunset": "fff0b0", "dusk": "ffc890", "dawn": "fff2c4"}.get(light.time, "fffbe6")
        canvas.paint(disc, rgb(low))
        return
    if sky.crescent:
        disc = disc * (1 - canvas.mask(ellipse(sky.x - sky.radius * 0.5, sky.y - sky.radius * 0.16, sky.radius * 0.92)))
    canvas.paint(disc, rgb("f8f4de"))
    if not sky.crescent:
        craters = [
            ellipse(sky.x + u * sky.radius, sky.y + v * sky.radius, r * sky.radius)
            for u, v, r in ((-0.3, -0.25, 0.24), (0.3, 0.12, 0.18), (-0.12, 0.42, 0.15))
        ]
        canvas.paint(canvas.mask(*craters) * 0.3, rgb("cfc8b8"))


def _stars(canvas: Canvas, sky: Sky, horizon: float) -> None:
    """Each star is a dot; the larger ones have a small halo."""
    fade = np.clip(1.15 - canvas.rows / horizon, 0, 1)
    for size in (0.55, 0.85, 1.25):
        dots = [ellipse(x, y, size) for x, y, s in sky.stars if abs(s - size) < 0.01]
        if dots:
            canvas.light(canvas.mask(*dots) * fade * (0.65 + 0.3 * size), rgb("fffaf0"))


def _aurora(canvas: Canvas, rng: np.random.Generator, horizon: float) -> None:
    """Curtains: light that stands on a winding foot line and fades upward."""
    x = canvas.columns[0]
    for k, colour in enumerate(("4dffa8", "38e0c0", "9a6cff")):
        foot = (
            horizon * (0.66 - 0.13 * k)
            + horizon * 0.1 * np.sin(x / canvas.w * rng.uniform(4, 7) + rng.uniform(0, 6))
            + 7 * np.sin(x / 21 + rng.uniform(0, 6))
        )
        high = horizon * (0.46 + 0.1 * np.sin(x / 37 + rng.uniform(0, 6)))
        up = (foot[None] - canvas.rows) / high[None]
        rays = 0.78 + 0.22 * np.sin(x / 4.2 + 3 * np.sin(x / 19))[None]
        amount = smoothstep(-0.03, 0.05, up) * np.clip(1 - up, 0, 1) ** 1.6
        canvas.light(amount * rays * (0.72 - 0.16 * k), rgb(colour))


def _rainbow(canvas: Canvas, sky: Sky, horizon: float) -> None:
    cx, radius = canvas.w - sky.x, horizon * 0.86
    away = (np.hypot(canvas.columns - cx, canvas.rows - horizon) - radius) / 15
    for i, colour in enumerate(("8a6ae0", "4f8fe8", "4fc890", "f4e060", "f8a048", "f06060")):
        band = np.exp(-(((away - (i - 2.5) / 6) * 8) ** 2))
        canvas.paint(band * 0.62 * (canvas.rows < horizon + 30), rgb(colour))


def paint_cloud(canvas: Canvas, cloud: Cloud, sky: Sky, light: Light) -> None:
    """A lit rim on the side of the light, shade within that fades upward, a level base that dissolves."""
    puffs = cloud.puffs
    base = cloud.y + cloud.size * 0.06
    dx, dy = sky.x - cloud.x, sky.y - cloud.y
    away = max(np.hypot(dx, dy), 1)
    dx, dy = dx / away * 0.24, min(dy / away * 0.24, -0.1)
    body = canvas.mask(*[ellipse(x, y, r) for x, y, r in puffs])
    inner = canvas.mask(*[ellipse(x - dx * r * 0.9, y - dy * r * 1.2 + 0.1 * r, r * 0.9) for x, y, r in puffs])
    sink = smoothstep(base + 2.0, base - cloud.size * 0.16, canvas.rows)
    rise = smoothstep(base, base - cloud.size * 0.62, canvas.rows)
    dark, bright = cloud_colours(light)
    shade = gaussian_filter(inner, 1.5 * canvas.scale) * (1 - 0.55 * rise)
    look = bright + (dark - bright) * np.clip(shade, 0, 1)[..., None]
    canvas.paint(body * sink * 0.96, look)


def cloud_colours(light: Light) -> tuple:
    """Shadow and lit colour of clouds."""
    lift = {"night": 0.1, "dusk": 0.16, "sunset": 0.3, "dawn": 0.5, "day": 0.86}[light.time]
    if light.weather in ("storm", "rain"):
        lift *= 0.3
    bright = light.horizon + (np.clip(light.key, 0, 1) - light.horizon) * 0.25
    bright = bright + (1 - bright) * lift
    dark = 0.55 * light.middle + 0.45 * light.horizon
    if light.weather in ("storm", "rain"):
        dark = dark * 0.72
    return np.clip(dark, 0, 1), np.clip(bright, 0, 1)


def _lightning(canvas: Canvas, rng: np.random.Generator, sky: Sky, horizon: float) -> None:
    x, y, points = sky.x, horizon * 0.12, []
    while y < horizon:
        points.append((x, y))
        x, y = x + rng.uniform(-13, 13), y + rng.uniform(9, 17)
    points.append((x, horizon))
    bolt = [stroke(points, 3.4, 1.4)]
    k = len(points) // 2
    bolt.append(
        stroke([points[k], (points[k][0] + 16, points[k][1] + 14), (points[k][0] + 22, points[k][1] + 34)], 2.0, 0.8)
    )
    away = np.abs(canvas.columns - np.interp(canvas.rows, [p[1] for p in points], [p[0] for p in points]))
    canvas.light((0.5 * np.exp(-away / 9) + 0.25 * np.exp(-away / 40)) * (canvas.rows < horizon + 4), rgb("b8c4ff"))
    canvas.paint(canvas.mask(*bolt), rgb("fdfcff"))
