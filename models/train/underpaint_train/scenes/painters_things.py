"""Paints things made of parts, their lamps and their reflections."""

import numpy as np

from .canvas import Canvas
from .light import Light
from .materials import GLOWING, colour, rgb
from .parts import Things

LAMP = rgb("ffd27a")


def paint_things(canvas: Canvas, things: Things, light: Light, season: str) -> None:
    shapes, lamps, reflected = [], [], []
    for part in things.parts:
        albedo = colour(part.role, season)
        if albedo is None:
            continue
        if part.lamp and light.lamps:
            look = LAMP + (light.air - LAMP) * min(things.depth * 0.5, 0.6)
            lamps.append(part.points)
        elif isinstance(part.role, str) and part.role in GLOWING:
            look = albedo
            lamps.append(part.points)
        else:
            look = light.tone(albedo, part.side * light.side + part.up, things.depth)
        shapes.append((part.points, look))
        if things.mirror is not None:
            upside = part.points.copy()
            upside[:, 1] = 2 * things.mirror - upside[:, 1]
            reflected.append((upside, look * 0.72 + 0.18 * light.middle))
    if reflected:
        before = canvas.picture.copy()
        canvas.stamp(reflected)
        fade = 0.62 * np.exp(-np.clip(canvas.rows - things.mirror, 0, None) / 38) * (canvas.rows >= things.mirror)
        canvas.picture = before + (canvas.picture - before) * fade[..., None]
    canvas.stamp(shapes)
    _shine(canvas, lamps, light)


def _shine(canvas: Canvas, lamps: list, light: Light) -> None:
    """A warm halo around whatever shines, at most around twelve of them."""
    if not lamps:
        return
    strength = 0.42 if light.lamps else 0.16
    halo = np.zeros_like(canvas.rows)
    for points in lamps[:: -(-len(lamps) // 12)]:
        x, y = points.mean(0)
        reach = 3.5 + min(1.6 * float(np.ptp(points[:, 1])), 16)
        halo = np.maximum(halo, strength * np.exp(-np.hypot(canvas.columns - x, canvas.rows - y) / reach))
    canvas.light(halo, LAMP)
