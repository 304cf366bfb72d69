"""Rendered scenes: a picture, a sketch of it and a caption from one seed, and the arrays on disk that hold them.

The other packages use `render`, `write_scenes` and `Scenes`; how a scene is painted is known in here alone.
"""

from .dataset import HELD_OUT_SEED, Scenes, write_scenes
from .scene import Scene, render

__all__ = ["HELD_OUT_SEED", "Scene", "Scenes", "render", "write_scenes"]
