"""Ranges of ground from side to side, each of one material."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from .canvas import SIZE
from .noise import fbm, ridge_line, smoothstep
from .painting import Painting
from .palette import GRASS, ROCK, SAND, SNOW, vary


class Surface(NamedTuple):
    """How a range looks before light and haze."""

    colour: np.ndarray
    """[SIZE, SIZE, 3], of the picture"""
    flat: np.ndarray
    """[3], of the sketch"""
    snow: float = 0.0
    """How far down from the outline snow reaches, as a share of the height; no snow where it is 0 or less."""


Material = Callable[[Painting, np.ndarray, float], Surface]
MATERIALS: dict[str, Material] = {}
"""What a range can be made of. Each takes the rows below the outline, [SIZE, SIZE], and the height of the range."""


def material(painter: Material) -> Material:
    """Registers a material by its own name."""
    MATERIALS[painter.__name__] = painter
    return painter


def ridge(painting: Painting, base: float, height: float, *, sharp: float, depth: float, of: str) -> np.ndarray:
    """One range from side to side; returns its outline in rows."""
    canvas, rng = painting.canvas, painting.rng
    line = base - height * ridge_line(rng, SIZE, rng.uniform(46, 110), sharp)
    below = canvas.rows - line[None]
    mask = smoothstep(-0.6, 0.6, below)
    colour, flat, snow = MATERIALS[of](painting, below, height)
    canvas.paint(mask, painting.haze(np.clip(colour, 0, 1) * painting.tint, depth))
    canvas.fill(mask > 0.5, painting.haze(flat * painting.tint, depth), rng.uniform(1.5, 4.5))
    if snow > 0:
        cap = (below > -1) & (below < height * snow * 0.8)
        canvas.fill(cap, painting.haze(SNOW * np.clip(painting.tint * 1.1, 0, 1), depth), 2)
    return line


@material
def rock(painting: Painting, below: np.ndarray, height: float) -> Surface:
    rng = painting.rng
    base = vary(rng, ROCK)
    slope = painting.canvas.columns + (below * rng.uniform(0.5, 1.0))
    shear = fbm(rng, SIZE, SIZE, 44, 3, gain=0.6)
    rows = np.clip((below * 1.5).astype(int), 0, SIZE - 1)
    columns = np.mod(slope.astype(int), SIZE)
    crag = shear[rows, columns]
    light = crag - np.roll(crag, 3 if painting.sun_x > SIZE / 2 else -3, 1)
    shade = np.clip(0.86 + 0.34 * light + 0.1 * crag, 0.35, 1.5)
    colour = base * shade[..., None]
    winter = 0.5 if painting.plan.season == "winter" else 0.0
    snow_line = max(winter + 0.2, float(rng.uniform(-0.2, 0.5))) if winter else float(rng.uniform(-0.25, 0.45))
    if snow_line > 0:
        edge = below - height * snow_line + crag * height * 0.14
        snow = smoothstep(3, -3, edge)[..., None] * smoothstep(-1.1, 0.15, light)[..., None]
        colour = colour * (1 - snow) + SNOW * np.clip(0.9 + 0.22 * light, 0.6, 1.08)[..., None] * snow
    foot = smoothstep(height * 0.55, height * 1.3, below)[..., None] * (0.0 if winter else 0.65)
    green = vary(rng, GRASS[painting.plan.season]) * (0.82 + 0.1 * crag)[..., None]
    return Surface(colour * (1 - foot) + green * foot, base * 0.9, snow_line)


@material
def grass(painting: Painting, below: np.ndarray, height: float) -> Surface:
    rng = painting.rng
    base = vary(rng, GRASS[painting.plan.season])
    soft = fbm(rng, SIZE, SIZE, 46, 4, stretch=2.2)
    fine = fbm(rng, SIZE, SIZE, 10, 2, stretch=1.5)
    top = np.exp(-np.clip(below, 0, None) / 9)
    snowy = painting.plan.season == "winter"
    shade = (
        0.9
        + (0.04 if snowy else 0.1) * soft
        + (0.02 if snowy else 0.07) * fine
        + 0.14 * top
        - 0.0011 * np.clip(below, 0, 120)
    )
    return Surface(base * shade[..., None], base * 0.95)


@material
def sand(painting: Painting, below: np.ndarray, height: float) -> Surface:
    rng = painting.rng
    base = vary(rng, SAND)
    soft = fbm(rng, SIZE, SIZE, 60, 3, stretch=2.6)
    wave = (
        below * rng.uniform(0.5, 0.8)
        + 7 * fbm(rng, SIZE, SIZE, 60, 2, stretch=2)
        + painting.canvas.columns * rng.uniform(-0.15, 0.15)
    )
    ripples = np.sin(wave) * np.exp(-np.clip(below, 0, None) / 80) * 0.045
    lee = smoothstep(-0.3, 0.5, soft - np.roll(soft, 8, 1))
    shade = 0.92 + 0.1 * np.exp(-np.clip(below, 0, None) / 12) + ripples - 0.2 * lee
    return Surface(base * shade[..., None], base * 0.94)


def foreground(painting: Painting, base: float | None = None) -> np.ndarray:
    """The nearest range, of grass; returns its outline in rows."""
    base = SIZE * painting.rng.uniform(0.8, 0.92) if base is None else base
    return ridge(painting, base, painting.rng.uniform(8, 26), sharp=0.05, depth=0.0, of="grass")
