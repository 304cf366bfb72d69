"""What all painters of a scene share: the plan, the canvas, the light and where the horizon lies."""

import numpy as np

from .canvas import SIZE, Canvas
from .palette import Light, pick_light
from .plan import Plan


class Painting:
    """One scene while it is painted, from the sky to the foreground. Positions are in pixels."""

    def __init__(self, rng: np.random.Generator, plan: Plan):
        self.rng, self.plan = rng, plan
        self.canvas = Canvas(rng)
        self.sky: Light = pick_light(rng, plan.time, plan.weather)
        self.sun_x, self.sun_y = rng.uniform(0.12, 0.88) * SIZE, 0.0
        self.horizon = rng.uniform(0.42, 0.66) * SIZE

    @property
    def tint(self) -> np.ndarray:
        """What the light does to the colours of the ground: a factor for each channel, [3]."""
        return self.sky.tint

    def haze(self, colour: np.ndarray, depth: float) -> np.ndarray:
        """A colour seen through the air, `depth` 0 near to 1 at the horizon."""
        amount = depth * (0.85 if self.plan.weather in ("fog", "rain", "snow") else 0.62)
        return colour * (1 - amount) + (0.75 * self.sky.horizon + 0.25 * self.sky.middle) * amount
