"""The plan of a scene, before anything is drawn."""

from dataclasses import dataclass, field

import numpy as np

PLACES = {
    "mountains": 10,
    "forest": 8,
    "hills": 7,
    "desert": 6,
    "ocean": 7,
    "lake": 9,
    "river": 6,
    "island": 5,
    "city": 7,
    "village": 6,
    "canyon": 5,
    "waterfall": 4,
    "meadow": 6,
    "arctic": 4,
    "beach": 5,
    "volcano": 3,
    "portrait": 8,
    "abstract": 4,
    "still life": 3,
}
TIMES = {"day": 34, "dawn": 13, "sunset": 21, "dusk": 10, "night": 22}
SEASON_SHARES = {"spring": 20, "summer": 36, "autumn": 20, "winter": 24}
WEATHERS = {"clear": 34, "cloudy": 20, "fog": 9, "rain": 10, "storm": 9, "snowfall": 9, "aurora": 7}
STYLES = {"poster": 58, "watercolour": 14, "oil": 14, "ink": 8, "pixel art": 6}
INDOORS = ("portrait", "abstract", "still life")
"""Places without time, season and weather."""

# Things that may be in a place, with their chance.
MAY = {
    "mountains": {
        "pine": 0.6,
        "house": 0.15,
        "deer": 0.1,
        "balloon": 0.1,
        "birds": 0.15,
        "tent": 0.12,
        "person": 0.06,
        "castle": 0.12,
        "campfire": 0.1,
    },
    "forest": {
        "pine": 0.55,
        "tree": 0.35,
        "birch": 0.3,
        "deer": 0.2,
        "tent": 0.12,
        "campfire": 0.1,
        "path": 0.35,
        "house": 0.12,
        "person": 0.08,
        "bush": 0.2,
        "rock": 0.15,
    },
    "hills": {
        "tree": 0.45,
        "house": 0.25,
        "windmill": 0.2,
        "path": 0.4,
        "church": 0.12,
        "castle": 0.2,
        "balloon": 0.15,
        "birds": 0.15,
        "horse": 0.16,
        "flowers": 0.15,
        "fence": 0.12,
        "pine": 0.15,
    },
    "desert": {
        "cactus": 0.5,
        "palm": 0.2,
        "tent": 0.12,
        "balloon": 0.12,
        "rock": 0.2,
        "birds": 0.1,
        "person": 0.1,
        "horse": 0.08,
    },
    "ocean": {"sailboat": 0.45, "lighthouse": 0.3, "birds": 0.2, "whale": 0.18, "rock": 0.15, "balloon": 0.06},
    "lake": {
        "pine": 0.5,
        "tree": 0.25,
        "boat": 0.22,
        "sailboat": 0.18,
        "house": 0.25,
        "birds": 0.1,
        "castle": 0.12,
        "bush": 0.15,
        "deer": 0.1,
        "birch": 0.12,
        "campfire": 0.14,
    },
    "river": {
        "tree": 0.4,
        "pine": 0.35,
        "bridge": 0.4,
        "house": 0.15,
        "boat": 0.12,
        "birds": 0.1,
        "bush": 0.2,
        "deer": 0.08,
        "church": 0.06,
    },
    "island": {"palm": 0.75, "sailboat": 0.3, "birds": 0.2, "house": 0.1, "lighthouse": 0.12, "boat": 0.12},
    "city": {
        "bridge": 0.12,
        "boat": 0.15,
        "sailboat": 0.12,
        "birds": 0.12,
        "balloon": 0.1,
        "tree": 0.25,
        "person": 0.08,
    },
    "village": {
        "church": 0.5,
        "tree": 0.4,
        "pine": 0.25,
        "path": 0.4,
        "fence": 0.2,
        "windmill": 0.1,
        "person": 0.1,
        "birds": 0.1,
        "snowman": 0.12,
    },
    "canyon": {"cactus": 0.3, "balloon": 0.2, "birds": 0.2, "bush": 0.15, "horse": 0.1, "tent": 0.06},
    "waterfall": {"pine": 0.5, "tree": 0.25, "rock": 0.5, "birds": 0.1, "rainbow": 0.15, "bush": 0.2, "person": 0.06},
    "meadow": {
        "flowers": 0.6,
        "tree": 0.45,
        "horse": 0.2,
        "cow": 0.3,
        "windmill": 0.2,
        "fence": 0.25,
        "haystack": 0.25,
        "house": 0.18,
        "path": 0.25,
        "birds": 0.12,
        "balloon": 0.1,
        "birch": 0.1,
    },
    "arctic": {"iceberg": 0.6, "whale": 0.2, "birds": 0.12, "tent": 0.1, "person": 0.08, "boat": 0.1},
    "beach": {
        "palm": 0.5,
        "umbrella": 0.45,
        "sailboat": 0.3,
        "person": 0.15,
        "birds": 0.15,
        "rock": 0.15,
        "boat": 0.12,
    },
    "volcano": {"pine": 0.2, "palm": 0.2, "birds": 0.15, "rock": 0.2},
}


@dataclass
class Plan:
    place: str
    time: str = "day"
    season: str = "summer"
    weather: str = "clear"
    style: str = "poster"
    things: list = field(default_factory=list)


def pick(rng: np.random.Generator, shares: dict) -> str:
    p = np.array(list(shares.values()), float)
    return str(rng.choice(list(shares), p=p / p.sum()))


def make_plan(rng: np.random.Generator, place: str | None = None) -> Plan:
    """A plan whose parts go together."""
    plan = Plan(place or pick(rng, PLACES), style=pick(rng, STYLES))
    if plan.place in INDOORS:
        return plan
    plan.time, plan.season, plan.weather = pick(rng, TIMES), pick(rng, SEASON_SHARES), pick(rng, WEATHERS)
    if plan.place in ("desert", "canyon", "beach", "island") and plan.season == "winter" and rng.random() < 0.6:
        plan.season = "summer"
    if plan.place == "arctic" or plan.weather == "snowfall":
        plan.season = "winter"
    settle(plan)
    plan.things = [thing for thing, p in MAY[plan.place].items() if rng.random() < p]
    return plan


def settle(plan: Plan) -> None:
    """Makes a light possible: an aurora needs the night, rain in winter is snow."""
    if plan.weather == "aurora":
        plan.time = "night"
    if plan.season == "winter" and plan.weather in ("rain", "storm"):
        plan.weather = "snowfall"
    if plan.weather == "snowfall":
        plan.season = "winter"
