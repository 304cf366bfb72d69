"""Colours of things in neutral light, by season. A role without a colour in a season is not painted then."""

from typing import Any

import numpy as np


def rgb(code: str) -> np.ndarray:
    return np.array([int(code[i : i + 2], 16) for i in (0, 2, 4)], np.float32) / 255


SEASONS = ["spring", "summer", "autumn", "winter"]
# One colour for all of the year, or spring, summer, autumn, winter ("-" is nothing).
_TABLE = {
    "grass": "93c65a 6aa84a d0a04c eef3fb",
    "grass2": "7cb84e 4f9145 bf8a3e e2eaf6",
    "crop": "c8d66a e6c85a d8953f e6edf7",
    "moss": "6fae55 3f7f48 a9773a dbe5f2",
    "leaf": "f3a9c0 4f9a46 e0792b dfe7f2",
    "leaf2": "f8c6d2 6fae4a efaa3a e9eff8",
    "leaf3": "a5cf62 3c8447 c8492f d3deec",
    "birch": "bfe07a 8fc552 f5c23e e8eef7",
    "birchbark": "f3f0e8",
    "blackmark": "4a4648",
    "pine": "2f7355 24654c 2f6650 3d6f66",
    "pine2": "3d8560 2f7657 3d7558 4f8076",
    "cover": "- - - f4f8ff",
    "trunk": "7d5a44",
    "wood": "9a6b47",
    "wooddark": "6b4a38",
    "bush": "7fba55 4d9048 cc7a35 e3ebf5",
    "palm": "4fa65a",
    "palm2": "3b8f55",
    "cactus": "4f9a62",
    "cactus2": "3f8557",
    "petal": "ef6f7a ef6f7a c97a3a -",
    "petal2": "f6d04d f6d04d d99a3a -",
    "petal3": "b98be0 b98be0 a8675a -",
    "stem": "6fae55 5b9b4a a9873a -",
    "peak": "8b8fa6 8d90a4 958b98 8f98b0",
    "farpeak": "8fa0bf 8fa0bf a399b0 a9b6cf",
    "rock": "8a8690",
    "rock2": "77747f",
    "snow": "f7faff",
    "sand": "f6c97c f6c97c f0bd78 f1eef2",
    "sand2": "eab062 eab062 e2a662 e4e2ec",
    "beach": "f4dcaa f4dcaa eccf9c eee9e6",
    "red": "cf7650",
    "red2": "b55a40",
    "red3": "e09a6a",
    "lava": "ff6a2a",
    "ash": "5f5560",
    "snowball": "- - - f7faff",
    "coal": "- - - 2a2a36",
    "carrot": "- - - f08a3c",
    "ice": "cfe8f5",
    "ice2": "a9d2ea",
    "water": "3f8fbf 3a86bd 477f9f 5f93b5",
    "sea": "2f8fb5",
    "shallow": "6fd0c8",
    "foam": "f4fbfb",
    "wall": "f3ead8",
    "wall2": "e8c9a0",
    "wall3": "d9d4de",
    "stone": "b3aaa3",
    "stone2": "9b928f",
    "brick": "c4694f",
    "dark": "3b3a48",
    "black": "2a2a36",
    "roof": "c8553d c8553d c8553d f1f5fd",
    "roof2": "5f7191 5f7191 5f7191 eef3fc",
    "roof3": "8a5a44 8a5a44 8a5a44 eef3fb",
    "door": "6f4a3a",
    "pane": "6f8fae",
    "tower": "8a93ad",
    "tower2": "a7a3b8",
    "tower3": "6f7f9f",
    "tower4": "c2b7b4",
    "white": "fbfbf8",
    "crimson": "d8433f",
    "orange": "f08a3c",
    "yellow": "f5c945",
    "blue": "3f7fc4",
    "teal": "2fa3a0",
    "violet": "8a5fb0",
    "pink": "f090a8",
    "path": "e2c99a d9bf92 d2b083 dde4ee",
    "road": "8b8790 8b8790 8b8790 c5cad6",
    "skin": "eeb98f",
    "deer": "9a6a45",
    "horse": "6f4a38",
    "whale": "44607f",
    "cloud": "ffffff",
    "smoke": "7d7683",
    "flame": "ffb03a",
    "cloth": "f2ede2",
    "sun": "fff0b8",
    "moon": "f6f3df",
}
COLOURS = {
    role: [None if c == "-" else rgb(c) for c in (codes.split() * 4)[:4]] if " " in codes else [rgb(codes)] * 4
    for role, codes in _TABLE.items()
}
GLOWING = {"lava", "flame", "sun", "moon"}
"""Roles that keep their colour whatever the light."""


def colour(role: object, season: str) -> Any:
    """The colour [3] of a role (or of a colour that is given as it is), or None."""
    return COLOURS[role][SEASONS.index(season)] if isinstance(role, str) else np.asarray(role, np.float32)
