"""The parts of a scene.

Painters of the picture and of the sketch both read these; neither reads the other's pixels.
"""

from dataclasses import dataclass, field

import numpy as np


@dataclass
class Part:
    """One flat piece of a thing."""

    points: np.ndarray
    role: object
    """A role of `materials`, or a colour [3]."""
    side: float = 0.0
    """1: faces right, -1: faces left, 0: the front."""
    up: float = 0.15
    """Its light beyond that of the front."""
    sketch: bool = True
    """Big enough to be in a sketch."""
    lamp: bool = False
    """Shines where windows are lit."""


@dataclass
class Things:
    """Things at one distance, painted in one go, and upside down below `mirror` where they stand in water."""

    parts: list
    depth: float = 0.0
    mirror: float | None = None


@dataclass
class Ground:
    """Land below a crest line, painted as `kind`: peaks, hills, dunes, mesa, flat."""

    kind: str
    line: np.ndarray
    role: str
    depth: float
    bottom: float
    summits: list = field(default_factory=list)
    snow: float = 0.0
    """How far down from the summits snow lies, in units."""


@dataclass
class Area:
    """A flat piece of ground: path, field, beach, ice."""

    points: np.ndarray
    role: str
    depth: float = 0.0


@dataclass
class Water:
    """Water inside an outline; everything above `shore` is mirrored in it."""

    points: np.ndarray
    role: str
    shore: float
    calm: float = 1.0
    """1 mirrors, 0 has waves."""


@dataclass
class Cloud:
    x: float
    y: float
    size: float
    puffs: np.ndarray
    """[N, 3]: x, y, radius."""


@dataclass
class Sky:
    """`orb` is "sun", "moon" or None; at `x`, `y` stands the light even when it is not seen."""

    x: float
    y: float
    radius: float
    orb: str | None
    crescent: bool
    clouds: list
    stars: np.ndarray
    features: list
    """Of "aurora", "rainbow", "lightning", "stars"."""
    seed: int


Item = Ground | Area | Water | Things
"""Everything in a layout."""
