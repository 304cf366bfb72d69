"""A scene as a person would block it in.

Outlines with one flat colour each, made from the layout and not from the picture.
"""

import numpy as np

from .geometry import box, ellipse, stroke, under
from .layout import Layout
from .light import Light
from .materials import GLOWING, colour, rgb
from .painters_ground import snow_reach
from .painters_sky import cloud_colours
from .parts import Area, Ground, Item, Sky, Things, Water

Flat = tuple
"""An outline [N, 2] and a colour [3]."""


def flats(
    rng: np.random.Generator, layout: Layout, sky: Sky | None, light: Light, season: str, bands: int | None = None
) -> list:
    """From back to front. `light` and `season` may be others than the picture's. The sky has `bands` colours."""
    out = _sky(rng, layout, sky, light, bands or int(rng.integers(1, 4))) if sky else []
    for item in layout.items:
        out += _item(rng, item, light, season)
    return out


def _sky(rng: np.random.Generator, layout: Layout, sky: Sky, light: Light, bands: int) -> list:
    w = layout.w
    colours = [
        (0.5 * light.top + 0.5 * light.middle,),
        (light.top, 0.4 * light.middle + 0.6 * light.horizon),
        (light.top, light.middle, light.horizon),
    ][bands - 1]
    cuts = np.linspace(0, layout.horizon * rng.uniform(0.8, 1.0), bands + 1)
    out = [(box(-9, -9 if k == 0 else cuts[k], w + 9, layout.h + 9), c) for k, c in enumerate(colours)]
    if sky.orb:
        disc = ellipse(sky.x, sky.y, sky.radius * rng.uniform(0.95, 1.2))
        if sky.orb == "moon" and sky.crescent and rng.random() < 0.8:
            t = np.linspace(-1.9, 1.9, 18)
            outer = np.stack([sky.x + sky.radius * np.cos(t), sky.y + sky.radius * np.sin(t)], 1)
            inner = np.stack([sky.x + sky.radius * (0.45 * np.cos(t) - 0.1), sky.y + sky.radius * 0.9 * np.sin(t)], 1)
            disc = np.concatenate([outer, inner[::-1]])
        out.append((disc, rgb("f8f4de") if light.time == "night" else rgb("ffe27a")))
    if "rainbow" in sky.features:
        t = np.linspace(np.pi, 2 * np.pi, 30)
        for k, code in enumerate(("f06060", "f4e060", "4fc890", "4f8fe8")):
            r = layout.horizon * 0.86 + 7 - 4.5 * k
            out.append((stroke(np.stack([w - sky.x + r * np.cos(t), layout.horizon + r * np.sin(t)], 1), 5), rgb(code)))
    dark, bright = cloud_colours(light)
    white = 0.35 * dark + 0.65 * bright
    for cloud in sky.clouds:
        base = cloud.y + cloud.size * 0.02
        out += [(_clipped(ellipse(x, y, r), base), white) for x, y, r in cloud.puffs]
    if light.time == "night" and "stars" in sky.features and rng.random() < 0.5:
        out += [(ellipse(x, y, 1.6), rgb("fffaf0")) for x, y, s in sky.stars if s > 0.8][:24]
    return out


def _clipped(points: np.ndarray, base: float) -> np.ndarray:
    return np.stack([points[:, 0], np.minimum(points[:, 1], base)], 1)


def _item(rng: np.random.Generator, item: Item, light: Light, season: str) -> list:
    if isinstance(item, Ground):
        out = [(under(item.line, 640), light.tone(colour(item.role, season), 0.25, item.depth * 0.85))]
        if item.snow > 0 and rng.random() < 0.7:
            out += _caps(item, snow_reach(item, season), light.tone(colour("snow", season), 0.4, item.depth * 0.6))
        return out
    if isinstance(item, Area):
        return [(item.points, light.tone(colour(item.role, season), 0.25))]
    if isinstance(item, Water):
        body = light.tone(colour(item.role, season), 0.1)
        return [(item.points, 0.7 * body + 0.3 * light.middle)]
    return _things(item, light, season)


def _caps(ground: Ground, reach: float, white: np.ndarray) -> list:
    out = []
    for i in ground.summits:
        x, y = ground.line[i]
        near = ground.line[(np.abs(ground.line[:, 0] - x) < reach * 1.2) & (ground.line[:, 1] < y + reach)]
        if len(near) > 2:
            out.append(
                (
                    np.concatenate(
                        [
                            near,
                            [
                                (near[-1, 0] - 2, y + reach),
                                (x, y + reach * 0.8),
                                (near[0, 0] + 2, y + reach),
                            ],
                        ]
                    ),
                    white,
                )
            )
    return out


def _things(things: Things, light: Light, season: str) -> list:
    out = []
    for part in things.parts:
        albedo = colour(part.role, season) if part.sketch else None
        if albedo is None:
            continue
        glows = isinstance(part.role, str) and part.role in GLOWING
        out.append((part.points, albedo if glows else light.tone(albedo, 0.15, things.depth * 0.8)))
    return out
