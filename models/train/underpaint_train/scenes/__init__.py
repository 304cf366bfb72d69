"""Layered illustrations with the sketches and captions that people might make of them."""

from .captions import VOCABULARY
from .plan import Plan
from .scene import Scene, render
from .write import write_scenes

__all__ = ["VOCABULARY", "Plan", "Scene", "render", "write_scenes"]
