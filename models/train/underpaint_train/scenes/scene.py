"""One scene: picture, sketch, caption and facts. One seed is one scene, byte for byte."""

from dataclasses import dataclass, replace

import numpy as np

from .captions import THING_WORDS, caption
from .flats import flats
from .layout import make_sky
from .light import make_light
from .painting import paint, stream
from .parts import Sky
from .plan import INDOORS, SEASON_SHARES, TIMES, Plan, make_plan, pick, settle
from .sketch import MODES, PAINTED, make_sketch
from .styles import apply_style

CONTRADICTING = 0.66
"""Share of the painted sketches whose colours are of another time or season than the caption's; about 0.4 of all."""


@dataclass
class Scene:
    picture: np.ndarray
    """uint8 [H, W, 3]"""
    sketch: np.ndarray
    """uint8 [H, W, 3]"""
    caption: str
    facts: dict
    """place, time, season, weather, style, things, sketch (its kind), contradicts."""


def render(seed: int, size: tuple[int, int] = (256, 256), plan: Plan | None = None, mode: str | None = None) -> Scene:
    """The scene of a seed; width and height are multiples of 8. `plan` and `mode` override the seed's choice."""
    if size[0] % 8 or size[1] % 8 or min(size) < 64:
        raise ValueError(f"size must be multiples of 8 and at least 64, not {size[0]} x {size[1]}")
    plan = plan or make_plan(stream(seed, 0))
    rng = stream(seed, 5)
    mode = mode or pick(rng, MODES)
    bare, layout, sky, light = paint(seed, size, plan)
    things = present(plan, layout.shown, sky)
    picture = apply_style(stream(seed, 6), bare, plan.style)
    contradicts = mode in PAINTED and plan.place not in INDOORS and rng.random() < CONTRADICTING
    as_drawn = other_light(rng, plan) if contradicts else plan
    if contradicts and sky:
        drawn_sky = make_sky(stream(seed, 2), layout, as_drawn)
        # Things in the sky are at the same places in sketch and picture.
        sky = replace(drawn_sky, x=sky.x, y=sky.y, orb=sky.orb, clouds=sky.clouds)
        light = make_light(stream(seed, 3), as_drawn.time, as_drawn.weather).turned(light.side)
    source = bare if rng.random() < 0.5 else picture
    sketch = make_sketch(
        rng, mode, flats(rng, layout, sky, light, as_drawn.season, 1 if "lines" in mode else None), source
    )
    must = tuple(f for f in ("time", "season", "weather") if contradicts and getattr(plan, f) != getattr(as_drawn, f))
    facts = {
        "place": plan.place,
        "time": plan.time,
        "season": plan.season,
        "weather": plan.weather,
        "style": plan.style,
        "things": things,
        "sketch": mode,
        "contradicts": bool(contradicts),
    }
    text = caption(stream(seed, 7), replace(plan, things=things), must)
    return Scene((picture * 255 + 0.5).astype(np.uint8), np.ascontiguousarray(sketch), text, facts)


def other_light(rng: np.random.Generator, plan: Plan) -> Plan:
    """The same place by another time, season or weather: most people paint a summer's day."""
    for _ in range(20):
        other = replace(
            plan,
            time="day" if rng.random() < 0.6 else pick(rng, TIMES),
            season=str(rng.choice(["summer", "spring"])) if rng.random() < 0.6 else pick(rng, SEASON_SHARES),
            weather="clear" if rng.random() < 0.85 else plan.weather,
        )
        if rng.random() < 0.4:
            other.season = plan.season
        settle(other)
        if (other.time, other.season) != (plan.time, plan.season):
            return other
    return replace(plan, time="day" if plan.time != "day" else "night", weather="clear")


def present(plan: Plan, shown: list, sky: Sky | None) -> list:
    """Things that can be seen: what the layout holds without what the season hides, and what the sky shows."""
    out = [
        t
        for t in shown
        if t in THING_WORDS
        and not (t == "flowers" and plan.season == "winter")
        and not (t == "snowman" and plan.season != "winter")
    ]
    if sky is None:
        return out
    if sky.orb:
        out.append("crescent" if sky.orb == "moon" and sky.crescent else sky.orb)
    out += [f for f in ("rainbow", "stars") if f in sky.features and f not in out]
    return out
