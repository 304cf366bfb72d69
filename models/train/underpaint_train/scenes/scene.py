"""Landscapes: a picture, the sketch a person might draw of it, and a caption. One seed is one scene, byte for byte."""

from dataclasses import asdict
from typing import Any, NamedTuple

import numpy as np

from . import objects
from .canvas import Stamp, leave_gaps, simplify, wobble
from .captions import caption
from .kinds import PAINTERS
from .painting import Painting
from .plan import make_plan
from .sky import paint_sky
from .weather import paint_weather


class Scene(NamedTuple):
    """What one seed gives."""

    picture: np.ndarray
    """uint8 [256, 256, 3]"""
    sketch: np.ndarray
    """uint8 [256, 256, 3]"""
    caption: str
    facts: dict[str, Any]
    """What the scene shows, for measuring: kind, time, season, weather (words) and things (a list of words)."""


def render(seed: int) -> Scene:
    """The scene of a seed, the same bytes every time."""
    rng = np.random.default_rng(seed)
    plan = make_plan(rng)
    painting = Painting(rng, plan)
    paint_sky(painting)
    PAINTERS[plan.kind](painting)
    if plan.has("birds"):
        stamp = Stamp()
        objects.birds(rng, stamp, int(rng.integers(3, 9)), painting.tint)
        stamp.onto(painting.canvas)
    paint_weather(painting)
    sketch = finish_sketch(rng, painting.canvas.sketch)
    return Scene(to_bytes(painting.canvas.picture), to_bytes(sketch), caption(rng, plan), asdict(plan))


def finish_sketch(rng: np.random.Generator, sketch: np.ndarray) -> np.ndarray:
    """What a hand makes of the flat scene: fewer colours, moved outlines, paper left over."""
    out = simplify(sketch, int(rng.integers(5, 11)))
    out = wobble(rng, out)
    if rng.random() < 0.3:
        out = leave_gaps(rng, out)
    if rng.random() < 0.5:
        out = np.clip(out * (1 + rng.normal(0, 0.05, 3)) + rng.normal(0, 0.03), 0, 1)
    if out.mean() < 0.25:
        # The colours of a paint box are brighter than a night.
        out = np.clip(out, 0, 1) ** rng.uniform(0.6, 1.0)
    return out


def to_bytes(x: np.ndarray) -> np.ndarray:
    """0..1 as uint8, rounded."""
    return (np.clip(x, 0, 1) * 255 + 0.5).astype(np.uint8)
