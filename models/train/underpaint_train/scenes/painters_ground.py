"""Paints land below a crest line.

Every plane follows from the line alone, so that a sketch of the line tells the picture.
"""

import numpy as np
from PIL import ImageChops

from .canvas import Canvas, smoothstep
from .geometry import Points, height_at, under
from .light import Light
from .materials import colour
from .parts import Area, Ground

_ZIGZAG = (0.0, 0.55, -0.25, 0.5, -0.4, 0.35, -0.2, 0.3, 0.0)


def paint_ground(canvas: Canvas, ground: Ground, light: Light, season: str) -> None:
    PAINTERS[ground.kind](canvas, ground, light, season)


def _mist(canvas: Canvas, ground: Ground, strength: float) -> np.ndarray:
    """Depth [H, W]: the foot of far land lies in more air than its crest."""
    crest, foot = ground.line[:, 1].min(), max(ground.bottom, ground.line[:, 1].max())
    down = np.clip((canvas.rows - crest) / max(foot - crest, 1), 0, 1)
    return np.clip(ground.depth + strength * ground.depth * down * 0.9, 0, 1.1)


def _spine(line: Points, i: int, bottom: float) -> Points:
    """The edge between the two sides of a mountain, from its summit to the foot."""
    x, y = line[i]
    t = np.linspace(0, 1, len(_ZIGZAG))
    reach = (bottom - y) * 0.16
    return np.stack([x + np.array(_ZIGZAG) * reach * (0.25 + t), y + (bottom - y) * t], 1)


def _shadow_sides(ground: Ground, light: Light) -> list:
    """Outlines of the sides that face away from the sun."""
    line, out = ground.line, []
    edges = [0] + [(a + b) // 2 for a, b in zip(ground.summits, ground.summits[1:])] + [len(line) - 1]
    for k, i in enumerate(ground.summits):
        spine = _spine(line, i, ground.bottom)
        if light.side > 0:
            out.append(np.concatenate([line[edges[k] : i + 1], spine, [(line[edges[k], 0], ground.bottom)]]))
        else:
            out.append(
                np.concatenate([line[i : edges[k + 1] + 1], [(line[edges[k + 1], 0], ground.bottom)], spine[::-1]])
            )
    return out


def _spurs(ground: Ground, light: Light) -> list:
    """Narrow lit planes within the shadow, one for each summit."""
    out = []
    for i in ground.summits:
        x, y = ground.line[i]
        d, k = ground.bottom - y, -light.side
        out.append(
            np.array(
                [
                    (x + k * d * 0.1, y + d * 0.34),
                    (x + k * d * 0.27, y + d * 0.62),
                    (x + k * d * 0.2, y + d * 0.78),
                    (x + k * d * 0.13, y + d * 0.56),
                ]
            )
        )
        out.append(
            np.array(
                [
                    (x - k * d * 0.1, y + d * 0.42),
                    (x - k * d * 0.2, y + d * 0.56),
                    (x - k * d * 0.27, y + d * 0.84),
                    (x - k * d * 0.14, y + d * 0.68),
                ]
            )
        )
    return out


def snow_reach(ground: Ground, season: str) -> float:
    """How far down from the summits snow lies, in units: most of a mountain in winter."""
    return ground.snow * 2.3 if season == "winter" else ground.snow


def _caps(ground: Ground, cap: float) -> list:
    """Snow below each summit, with a jagged lower edge."""
    line, out = ground.line, []
    for i in ground.summits:
        x, y = line[i]
        near = line[(np.abs(line[:, 0] - x) < cap * 1.7) & (line[:, 1] < y + cap)]
        lo, hi = (near[0, 0], near[-1, 0]) if len(near) > 1 else (x - cap / 2, x + cap / 2)
        lo, hi = min(lo, x - cap * 0.5) - 2, max(hi, x + cap * 0.5) + 2
        xs = np.linspace(hi, lo, 9)
        teeth = y + cap * np.array([0.75, 0.6, 1.15, 0.7, 1.3, 0.75, 1.1, 0.62, 0.78])
        out.append(np.concatenate([[(lo, y - 2), (hi, y - 2)], np.stack([xs, teeth], 1)]))
    return out


def _peaks(canvas: Canvas, ground: Ground, light: Light, season: str) -> None:
    whole = canvas.large([under(ground.line, ground.bottom + 80)])
    dark = canvas.within(whole, _shadow_sides(ground, light))
    spurs = canvas.within(whole, _spurs(ground, light))
    lit = 0.75 - 1.55 * dark
    lit += spurs * np.where(dark > 0.5, 0.5, -0.55)
    albedo = colour(ground.role, season)
    if ground.snow > 0:
        snow = canvas.within(whole, _caps(ground, snow_reach(ground, season)))[..., None]
        albedo = albedo + (colour("snow", season) - albedo) * snow
    canvas.paint(canvas.small(whole), light.tone(albedo, lit, _mist(canvas, ground, 0.8)))


def _lift(canvas: Canvas, ground: Ground) -> np.ndarray:
    """[H, W]: units below the crest."""
    return canvas.rows - height_at(ground.line, canvas.columns[0])[None]


def _slope(canvas: Canvas, ground: Ground, light: Light) -> np.ndarray:
    """[1, W]: 1 where the crest falls towards the sun."""
    y = height_at(ground.line, canvas.columns[0])
    return np.clip(np.gradient(y, canvas.columns[0]) * light.side * 2.2, -1, 1)[None]


def _hills(canvas: Canvas, ground: Ground, light: Light, season: str) -> None:
    """Bands that follow the crest, a rim of light, the side away from the sun darker."""
    below = _lift(canvas, ground)
    span = 30 * (1.15 - ground.depth)
    lit = 0.15 + 0.55 * _slope(canvas, ground, light) * np.exp(-np.clip(below, 0, None) / (span * 0.9))
    lit = lit + 0.5 * smoothstep(5.5 * (1.2 - ground.depth), 0, below)
    for k, edge in enumerate((0.62, 1.5, 2.7)):
        wave = span * edge * (1 + 0.22 * np.sin(canvas.columns / (47 + 19 * k) + 1.7 * k))
        lit = lit - 0.2 * smoothstep(wave - 0.7, wave + 0.7, below)
    tint = colour(ground.role, season)
    canvas.paint(canvas.mask(under(ground.line, canvas.h + 8)), light.tone(tint, lit, _mist(canvas, ground, 0.6)))


def _dunes(canvas: Canvas, ground: Ground, light: Light, season: str) -> None:
    """Each crest bends down into the plain; the side away from the sun is one dark plane with a soft end."""
    whole = canvas.large([under(ground.line, canvas.h + 8)])
    line, sides = ground.line, []
    y = line[:, 1]
    tops = [i for i in range(2, len(y) - 2) if y[i] <= y[i - 1] and y[i] < y[i + 1] and y[i] < np.median(y)]
    for i in tops:
        k = -light.side
        reach = ground.bottom - y[i]
        t = np.linspace(0, 1, 16)
        spine = np.stack(
            [
                line[i, 0] + reach * (0.45 * np.sin(t * 3.4) * (1 - t * 0.4)) * k * -0.8 + k * reach * 0.5 * t,
                y[i] + reach * t,
            ],
            1,
        )
        edge = line[i:] if k > 0 else line[: i + 1][::-1]
        edge = edge[np.abs(edge[:, 0] - line[i, 0]) < reach * 1.5]
        sides.append(np.concatenate([spine[::-1], edge]))
    dark = canvas.within(whole, sides) if sides else np.zeros_like(canvas.rows)
    below = _lift(canvas, ground)
    fade = smoothstep(90, 10, below)
    ripple = 0.1 * np.sin(below / 2.3 + 5 * np.sin(canvas.columns / 46)) * smoothstep(4, 30, below) * (1 - ground.depth)
    lit = 0.7 - 1.6 * dark * (0.3 + 0.7 * fade) + ripple * (1 - dark) + 0.3 * smoothstep(3, 0, below)
    canvas.paint(canvas.small(whole), light.tone(colour(ground.role, season), lit, _mist(canvas, ground, 0.7)))


def _mesa(canvas: Canvas, ground: Ground, light: Light, season: str) -> None:
    """Strata at fixed heights; steep columns are lit in turn; the side away from the sun is dark."""
    below = _lift(canvas, ground)
    y = height_at(ground.line, canvas.columns[0])
    x = canvas.columns[0]
    # The walls next to a drop of the line belong to its side.
    reach = max(3, int(14 * canvas.scale))
    drop = np.convolve(np.gradient(y, x), np.ones(2 * reach + 1), "same")
    side = np.clip(drop * light.side / (12 * canvas.scale), -1, 1)[None]
    columns = (
        0.13 * np.sign(np.sin(x / 5.2 + 2 * np.sin(x / 17)))[None] * smoothstep(2, 6, below) * smoothstep(62, 40, below)
    )
    strata = np.sin(canvas.rows / 3.6) + 0.6 * np.sin(canvas.rows / 7.9 + 1)
    lit = 0.1 + 0.7 * side + columns + 0.5 * smoothstep(3.2, 1.2, below)
    a = colour(ground.role, season)
    b = np.clip(a * 1.18 + 0.04, 0, 1) if ground.role == "rock" else colour("red3", season)
    band = (smoothstep(0.2, 0.5, strata) * (0.3 if ground.role == "rock" else 0.5) * smoothstep(2, 4, below))[..., None]
    albedo = a + (b - a) * band
    if season == "winter":
        albedo = (
            albedo + (colour("snow", season) - albedo) * smoothstep(9, 6, below + 2 * np.sin(x / 4.1)[None])[..., None]
        )
    canvas.paint(canvas.mask(under(ground.line, canvas.h + 8)), light.tone(albedo, lit, _mist(canvas, ground, 0.7)))


def _flat(canvas: Canvas, ground: Ground, light: Light, season: str) -> None:
    """A plain: one soft gradient and sparse level brush strokes."""
    below = _lift(canvas, ground)
    marks = np.sin(canvas.rows * (14 / (4 + np.clip(below, 0, 200) * 0.14)) + 2 * np.sin(canvas.columns / 31)) * np.sin(
        canvas.columns / 23 + canvas.rows / 5
    )
    lit = 0.32 - 0.5 * smoothstep(0, 90, below) + 0.16 * smoothstep(0.55, 0.8, marks) + 0.25 * smoothstep(3, 0, below)
    canvas.paint(
        canvas.mask(under(ground.line, canvas.h + 8)),
        light.tone(colour(ground.role, season), lit, _mist(canvas, ground, 0.3)),
    )


PAINTERS = {"peaks": _peaks, "hills": _hills, "dunes": _dunes, "mesa": _mesa, "flat": _flat}


def paint_area(canvas: Canvas, area: Area, light: Light, season: str) -> None:
    """A flat piece of ground: lighter far away, with a soft lit edge."""
    top, foot = area.points[:, 1].min(), area.points[:, 1].max()
    down = np.clip((canvas.rows - top) / max(foot - top, 1), 0, 1)
    large = canvas.large([area.points])
    moved = ImageChops.offset(large, 0, int(3 * canvas.scale))
    rim = canvas.small(ImageChops.subtract(large, moved))
    canvas.paint(
        canvas.small(large),
        light.tone(colour(area.role, season), 0.45 - 0.55 * down + 0.3 * rim, area.depth * (1 - 0.5 * down)),
    )
