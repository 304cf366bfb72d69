"""Colours by time of day, season and weather. Channels are 0..1."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

Colour: TypeAlias = np.ndarray


def rgb(red: int, green: int, blue: int) -> Colour:
    return np.array([red, green, blue], np.float32) / 255


@dataclass
class Light:
    """What the sky looks like and what its light does to the ground."""

    top: Colour
    middle: Colour
    horizon: Colour
    tint: Colour
    """Multiplies the colours of the ground."""
    sun: Colour


TIMES = {
    "dawn": [
        Light(rgb(112, 140, 196), rgb(208, 186, 200), rgb(255, 214, 176), rgb(215, 190, 185), rgb(255, 240, 205)),
        Light(rgb(140, 160, 190), rgb(238, 190, 190), rgb(255, 226, 200), rgb(210, 192, 196), rgb(255, 236, 214)),
    ],
    "day": [
        Light(rgb(44, 112, 200), rgb(110, 170, 226), rgb(194, 222, 240), rgb(255, 250, 240), rgb(255, 250, 220)),
        Light(rgb(72, 140, 214), rgb(140, 192, 232), rgb(216, 232, 240), rgb(250, 250, 245), rgb(255, 252, 230)),
        Light(rgb(36, 132, 190), rgb(104, 190, 216), rgb(200, 234, 232), rgb(255, 252, 238), rgb(255, 250, 220)),
    ],
    "sunset": [
        Light(rgb(70, 66, 130), rgb(226, 116, 92), rgb(255, 190, 98), rgb(222, 150, 116), rgb(255, 226, 150)),
        Light(rgb(96, 74, 150), rgb(232, 124, 140), rgb(255, 196, 150), rgb(214, 150, 140), rgb(255, 220, 170)),
        Light(rgb(120, 60, 80), rgb(240, 110, 60), rgb(255, 206, 90), rgb(226, 144, 96), rgb(255, 232, 150)),
    ],
    "dusk": [
        Light(rgb(28, 30, 78), rgb(96, 64, 124), rgb(226, 128, 118), rgb(126, 100, 132), rgb(255, 190, 150)),
        Light(rgb(34, 44, 92), rgb(84, 92, 148), rgb(196, 150, 168), rgb(118, 112, 144), rgb(250, 210, 190)),
    ],
    "night": [
        Light(rgb(5, 9, 30), rgb(12, 22, 56), rgb(28, 46, 86), rgb(64, 82, 132), rgb(236, 240, 250)),
        Light(rgb(10, 8, 34), rgb(26, 20, 66), rgb(52, 44, 98), rgb(74, 74, 130), rgb(240, 238, 246)),
        Light(rgb(4, 16, 34), rgb(8, 34, 58), rgb(20, 62, 86), rgb(56, 88, 124), rgb(232, 244, 248)),
    ],
}

GRASS = {
    "spring": [rgb(120, 172, 72), rgb(104, 160, 84)],
    "summer": [rgb(88, 142, 54), rgb(72, 128, 58)],
    "autumn": [rgb(168, 132, 62), rgb(146, 120, 56)],
    "winter": [rgb(226, 234, 244), rgb(214, 226, 240)],
}
LEAVES = {
    "spring": [rgb(128, 184, 76), rgb(236, 176, 196), rgb(150, 194, 92)],
    "summer": [rgb(66, 122, 46), rgb(84, 138, 56), rgb(56, 108, 52)],
    "autumn": [rgb(208, 104, 34), rgb(222, 158, 48), rgb(180, 60, 36), rgb(196, 128, 40)],
    "winter": [rgb(206, 216, 228), rgb(190, 202, 216)],
}
ROCK = [rgb(112, 108, 112), rgb(128, 116, 106), rgb(100, 104, 122), rgb(138, 122, 112)]
SAND = [rgb(222, 184, 128), rgb(212, 164, 108), rgb(230, 198, 150), rgb(200, 140, 92)]
SNOW = rgb(244, 248, 255)
PINE = [rgb(34, 72, 48), rgb(28, 62, 52), rgb(44, 80, 44)]


def pick_light(rng: np.random.Generator, time: str, weather: str) -> Light:
    """A sky of that time, jittered, and dulled by the weather."""
    base = TIMES[time][rng.integers(len(TIMES[time]))]
    shift = rng.normal(0, 0.025, 3).astype(np.float32)
    colours = [
        np.clip(c * (1 + shift) + rng.normal(0, 0.012, 3), 0, 1).astype(np.float32)
        for c in (base.top, base.middle, base.horizon)
    ]
    dull = {"clear": 0.0, "cloudy": 0.25, "fog": 0.55, "rain": 0.7, "snow": 0.6}[weather]
    grey = np.mean(np.stack(colours), axis=(0, 1)) * (0.8 if weather == "rain" else 1.0) * np.array([0.98, 1.0, 1.04])
    top, middle, horizon = ((1 - dull) * c + dull * grey for c in colours)
    tint = base.tint * (1 - 0.25 * dull) * (1 - 0.3 * dull * (1 - grey / grey.max()))
    return Light(*(c.astype(np.float32) for c in (top, middle, horizon, tint, base.sun)))


def vary(rng: np.random.Generator, colours: list, amount: float = 0.06) -> Colour:
    """One of the colours, a little different each time."""
    colour = colours[rng.integers(len(colours))]
    return np.clip(colour * (1 + rng.normal(0, amount)) + rng.normal(0, amount / 3, 3), 0, 1).astype(np.float32)
