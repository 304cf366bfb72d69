"""What a scene shows, drawn at random before anything is painted."""

from dataclasses import dataclass, field

import numpy as np

KINDS = ["mountains", "forest", "hills", "desert", "ocean", "lake", "river", "island", "city"]


@dataclass
class Plan:
    """What a scene shows. The caption is written from it, and the picture painted."""

    kind: str
    time: str
    season: str
    weather: str
    things: list = field(default_factory=list)

    def has(self, thing: str) -> bool:
        return thing in self.things


def make_plan(rng: np.random.Generator) -> Plan:
    def chance(p: float) -> bool:
        return rng.random() < p

    kind = str(rng.choice(KINDS, p=[0.17, 0.13, 0.12, 0.1, 0.12, 0.14, 0.08, 0.06, 0.08]))
    time = str(rng.choice(["dawn", "day", "sunset", "dusk", "night"], p=[0.13, 0.33, 0.23, 0.09, 0.22]))
    season = str(rng.choice(["spring", "summer", "autumn", "winter"], p=[0.22, 0.36, 0.21, 0.21]))
    weather = str(rng.choice(["clear", "cloudy", "fog", "rain", "snow"], p=[0.42, 0.34, 0.1, 0.07, 0.07]))
    if kind in ("desert", "island"):
        season, weather = "summer", "clear" if weather in ("snow", "rain", "fog") else weather
    if weather == "snow":
        season = "winter"
    elif season == "winter" and weather == "rain":
        weather = "cloudy"
    plan = Plan(kind, time, season, weather)
    dark, open_sky = time == "night", weather in ("clear", "cloudy")
    if open_sky:
        if dark:
            plan.things += ["moon"] * chance(0.6) + ["stars"] * chance(0.85)
            plan.things += ["aurora"] * (weather == "clear" and chance(0.3))
        elif chance(0.75 if time in ("sunset", "dawn") else 0.45):
            plan.things.append("sun")
    if time == "day" and weather in ("cloudy", "rain") and chance(0.2):
        plan.things.append("rainbow")
    if weather == "cloudy":
        plan.things.append("clouds")
    if not dark and open_sky and chance(0.14):
        plan.things.append("birds")
    if kind in ("mountains", "hills", "lake", "river") and chance(0.5):
        plan.things.append("pines" if kind == "mountains" or chance(0.5) else "trees")
    if kind == "forest":
        plan.things.append("pines" if chance(0.55) else "trees")
    plan.things += ["cabin"] * (kind in ("mountains", "forest", "hills", "lake", "river") and chance(0.16))
    plan.things += ["sailboat"] * (kind in ("ocean", "lake", "island") and chance(0.28))
    plan.things += ["lighthouse"] * (kind == "ocean" and chance(0.3))
    plan.things += ["bridge"] * (kind == "river" and chance(0.35))
    plan.things += ["palms"] * (kind == "island" or (kind == "desert" and chance(0.15)))
    plan.things += ["cacti"] * (kind == "desert" and chance(0.5))
    return plan
