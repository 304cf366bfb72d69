"""Layered illustrations with the sketches and captions that people might make of them."""

from .captions import THING_WORDS, VOCABULARY
from .dataset import HELD_OUT_SEED, Scenes, write_scenes
from .plan import PLACES, SEASON_SHARES, STYLES, TIMES, WEATHERS, Plan
from .scene import Scene, render

FACETS = {
    "place": list(PLACES),
    "time": list(TIMES),
    "season": list(SEASON_SHARES),
    "weather": list(WEATHERS),
    "style": list(STYLES),
}
"""A scene has one class of each."""
THINGS = list(THING_WORDS)
"""Any number of these is in a scene."""

__all__ = ["FACETS", "HELD_OUT_SEED", "THINGS", "VOCABULARY", "Plan", "Scene", "Scenes", "render", "write_scenes"]
