"""Shared by places at the water: the sheet of water, and boats on it."""

from .geometry import box
from .layout import Layout
from .parts import Water


def vessels(a: Layout, low: float, high: float) -> None:
    """Boats on water whose shore is the horizon."""
    rng = a.rng
    if a.has("sailboat"):
        y = a.horizon + rng.uniform(14, 50)
        a.stand("sailboat", a.third(), y, rng.uniform(low, high) * (0.6 + 0.014 * (y - a.horizon)), 0.1, y)
    if a.has("boat"):
        y = a.h - rng.uniform(26, 56)
        a.stand("boat", a.w * rng.uniform(0.25, 0.75), y, rng.uniform(20, 30), 0.02, y + 2)
    if a.has("whale"):
        y = a.horizon + rng.uniform(34, 60)
        a.stand("whale", a.w * rng.uniform(0.3, 0.6), y, rng.uniform(30, 44), 0.06, y)


def sheet(a: Layout, role: str, calm: float) -> None:
    a.add(Water(box(-5, a.horizon, a.w + 5, a.h + 5), role, a.horizon, calm))
