"""Palettes of the sky, chosen by hand for each time of day, and their effect on the colours of things."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .materials import rgb

# Sky above, in the middle, at the horizon.
PALETTES = {
    "day": [
        "3f8fd2 86c5ea dff1f4",
        "2f7fc4 6fb6e4 cfeaf0",
        "4aa5d8 9bd5ec f3f3df",
        "5b9bd5 a9cfee f6ead8",
        "2c9ab7 7fcfd3 e5f4e3",
        "6fa8dc b4d4f0 fbe9dd",
        "3a78b5 7bb0dc d5e6ef",
        "57b0c9 a5dcdc fff3d9",
    ],
    "dawn": [
        "6f8fc7 d8b4c8 ffdcb8",
        "7a9cc6 e9c2c0 ffe6b3",
        "8a86bf e6a9b8 ffd3a8",
        "5f86b8 b9c0d6 ffd9c4",
        "9c8ec4 f0b6b6 ffe2ae",
        "6a9ab8 c7d3c8 ffe0a6",
        "8796cf d9b9dd ffc9b9",
        "5d7fb0 d9a6a6 ffc98f",
    ],
    "sunset": [
        "4b3a78 c2567a ff9d52",
        "32406f d8646a ffb35c",
        "5a3270 e0526a ff8a4a",
        "27496d e07a5f ffc46b",
        "6a3d7d e56b6f ffba6b",
        "3b2a5e a8456f ff7a45",
        "84477a f08a5d ffd56b",
        "2f5d7c ef8f6b ffd98a",
    ],
    "dusk": [
        "1f2a5a 5a5a9a d79ab0",
        "24305e 6a5f9c e0a08c",
        "1b3458 4a6f98 c7a7b5",
        "2d2557 6f4f8f d6889c",
        "19394f 4b7d8f d9b59a",
        "2a2f66 5e6cb0 b9b2d8",
        "33254f 7d4d7a e5947a",
        "1d2c4c 4c5c86 a88fa8",
    ],
    "night": [
        "081030 12285a 2c4f86",
        "0a0c2a 1c2458 43508f",
        "06182c 0e3650 2a6a80",
        "100a30 2a1f60 584a96",
        "050f24 0f2748 2a4a70",
        "0b1a3a 1b3f6b 4f7fa6",
        "120d28 2f2452 6b4f85",
        "041a26 0b3b48 1f6f70",
    ],
}
# Colours of the lit side and the shadow side of a white thing.
SIDES = {
    "day": ((1.08, 1.05, 0.96), (0.60, 0.68, 0.86)),
    "dawn": ((1.12, 0.96, 0.84), (0.62, 0.58, 0.76)),
    "sunset": ((1.22, 0.82, 0.58), (0.46, 0.34, 0.50)),
    "dusk": ((0.66, 0.58, 0.76), (0.30, 0.30, 0.50)),
    "night": ((0.38, 0.47, 0.72), (0.13, 0.17, 0.34)),
}
# Share of grey in the sky, brightness, share of the difference between the sides that is left, haze.
WEATHER = {
    "clear": (0.0, 1.0, 1.0, 0.52),
    "cloudy": (0.18, 0.97, 0.8, 0.56),
    "fog": (0.4, 1.03, 0.5, 0.92),
    "rain": (0.5, 0.84, 0.5, 0.7),
    "storm": (0.6, 0.66, 0.6, 0.6),
    "snowfall": (0.5, 1.0, 0.5, 0.8),
    "aurora": (0.0, 0.9, 1.0, 0.55),
}


@dataclass(frozen=True)
class Light:
    top: np.ndarray
    middle: np.ndarray
    horizon: np.ndarray
    key: np.ndarray
    shade: np.ndarray
    haze: float
    side: float
    """1 when the sun stands to the right, -1 to the left."""
    time: str
    weather: str

    @property
    def lamps(self) -> bool:
        """Whether windows are lit."""
        return self.time in ("night", "dusk") or self.weather == "storm"

    def tone(self, albedo: np.ndarray, lit: Any = 0.0, depth: Any = 0.0) -> np.ndarray:
        """The colour of a surface, [3] or [H, W, 3]: `lit` is -1 (shadow) to 1 (sun), `depth` 0 (near) to 1 (far)."""
        t = np.asarray((np.clip(lit, -1, 1) + 1) / 2, np.float32)[..., None]
        colour = albedo * (self.shade + (self.key - self.shade) * t)
        far = np.asarray(np.clip(depth * self.haze, 0, 0.96), np.float32)[..., None]
        return np.clip(colour + (self.air - colour) * far, 0, 1)

    @property
    def air(self) -> np.ndarray:
        return 0.72 * self.horizon + 0.28 * self.middle

    def turned(self, side: float) -> "Light":
        return replace(self, side=side)


def make_light(rng: np.random.Generator, time: str, weather: str) -> Light:
    top, middle, horizon = (rgb(c) for c in str(rng.choice(PALETTES[time])).split())
    key, shade = (np.array(c, np.float32) for c in SIDES[time])
    # Shadows take some of the sky's hue.
    shade = shade * (0.75 + 0.25 * middle / max(middle.mean(), 0.05))
    grey, bright, contrast, haze = WEATHER[weather]
    if time in ("night", "dusk"):
        # Dark areas cannot lose much more, or shapes drown.
        bright = {"aurora": 0.92, "clear": 1.0, "cloudy": 1.0, "fog": 1.3, "snowfall": 1.3}.get(weather, 1.12)
    mean = (key + shade) / 2
    key, shade = (mean + (c - mean) * contrast for c in (key, shade))

    def overcast(c: np.ndarray, weight: float) -> np.ndarray:
        level = c.mean() * np.array((0.88, 1.0, 1.16), np.float32)
        return np.clip((c + (level - c) * grey * weight) * bright, 0, 1)

    return Light(
        overcast(top, 1.0),
        overcast(middle, 0.95),
        overcast(horizon, 0.85),
        key * bright,
        shade * bright,
        haze,
        1.0,
        time,
        weather,
    )
