"""What stands along the outline of a range: trees and a cabin."""

import numpy as np

from . import objects
from .canvas import SIZE, Stamp
from .painting import Painting


def trees(painting: Painting, line: np.ndarray, count: int, size: float, depth: float, spread: float = 10.0) -> None:
    """Pines or leaf trees along an outline, the far ones first."""
    rng, plan, stamp = painting.rng, painting.plan, Stamp()
    places = sorted((float(line[int(x)] + abs(rng.normal(0, spread))), x) for x in rng.uniform(2, SIZE - 3, count))
    haze = painting.haze(np.zeros(3, np.float32), 1.0)
    for y, x in places:
        height = size * rng.uniform(0.65, 1.3)
        if plan.has("pines"):
            objects.pine(rng, stamp, x, y + 2, height, painting.tint, plan.season == "winter")
        else:
            objects.leaf_tree(rng, stamp, x, y + 2, height * 0.9, painting.tint, plan.season)
    stamp.onto(painting.canvas, haze, depth * 0.62)


def cabin(painting: Painting, line: np.ndarray) -> None:
    if not painting.plan.has("cabin"):
        return
    stamp, x = Stamp(), painting.rng.uniform(40, 216)
    objects.cabin(
        painting.rng,
        stamp,
        x,
        float(line[int(x)]) + 5,
        painting.rng.uniform(9, 17),
        painting.tint,
        painting.plan.time in ("night", "dusk"),
        painting.plan.season == "winter",
    )
    stamp.onto(painting.canvas)
