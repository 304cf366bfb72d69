"""Paints a layout: the sky, then every item from far to near, then the weather."""

import numpy as np

from . import indoors, places_land, places_sea, places_water
from .canvas import Canvas
from .layout import Layout, make_sky
from .light import Light, make_light
from .painters_ground import paint_area, paint_ground
from .painters_sky import paint_sky
from .painters_things import paint_things
from .painters_water import paint_water
from .parts import Area, Ground, Sky, Things, Water
from .plan import INDOORS, Plan
from .room import room_light
from .weather import paint_weather

PLACES = {**places_land.PLACES, **places_water.PLACES, **places_sea.PLACES, **indoors.PLACES}


def stream(seed: int, purpose: int) -> np.random.Generator:
    """Random numbers of one purpose, independent of those of other purposes."""
    return np.random.default_rng([seed, purpose])


def compose(seed: int, units: tuple[float, float], plan: Plan) -> tuple[Layout, Sky | None, Light]:
    """Where everything stands, and the light on it. Rooms have no sky."""
    layout = Layout(stream(seed, 1), units, plan)
    PLACES[plan.place](layout)
    if plan.place in INDOORS:
        return layout, None, room_light(1.0 if layout.sun_x > layout.w / 2 else -1.0)
    layout.air()
    sky = make_sky(stream(seed, 2), layout, plan)
    light = make_light(stream(seed, 3), plan.time, plan.weather).turned(1.0 if sky.x > layout.w / 2 else -1.0)
    return layout, sky, light


def paint(seed: int, size: tuple[int, int], plan: Plan) -> tuple[np.ndarray, Layout, Sky | None, Light]:
    """The picture, float [H, W, 3], in the poster style."""
    canvas = Canvas(size)
    layout, sky, light = compose(seed, (canvas.w, canvas.h), plan)
    if sky:
        paint_sky(canvas, sky, light, layout.horizon + 8)
    for item in layout.items:
        if isinstance(item, Ground):
            paint_ground(canvas, item, light, plan.season)
        elif isinstance(item, Area):
            paint_area(canvas, item, light, plan.season)
        elif isinstance(item, Water) and sky:
            paint_water(canvas, item, sky, light, plan.season)
        elif isinstance(item, Things):
            paint_things(canvas, item, light, plan.season)
    paint_weather(canvas, stream(seed, 4), light, layout.horizon)
    return np.clip(canvas.picture, 0, 1), layout, sky, light
