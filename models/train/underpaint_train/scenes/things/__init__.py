"""The registry of things.

Each is a function (rng, x, y, size) -> parts, standing on (x, y) and about `size` units high.
"""

from . import buildings, creatures, outdoors, trees, vessels

THINGS = {**trees.THINGS, **buildings.THINGS, **vessels.THINGS, **creatures.THINGS, **outdoors.THINGS}
