"""Captions as people write prompts.

Whole phrases or lists of words, in varied order, seldom everything. The vocabulary is closed: `VOCABULARY`.
"""

import re

import numpy as np

from .plan import INDOORS, Plan

PLACE_WORDS = {
    "mountains": ["mountains", "a mountain", "a mountain range", "high mountains", "alps", "mountain peaks"],
    "forest": ["a forest", "forest", "woods", "a dense forest", "deep woods"],
    "hills": ["hills", "rolling hills", "green hills", "countryside"],
    "desert": ["a desert", "desert", "sand dunes", "dunes"],
    "ocean": ["the ocean", "the sea", "sea", "ocean", "a seascape", "open sea"],
    "lake": ["a lake", "lake", "a calm lake", "a mountain lake", "a lake with reflections"],
    "river": ["a river", "river", "a winding river", "a river valley", "a stream"],
    "island": ["an island", "island", "a tropical island", "a small island"],
    "city": ["a city", "city", "a city skyline", "skyscrapers", "skyline"],
    "village": ["a village", "village", "houses", "a small town"],
    "canyon": ["a canyon", "canyon", "red rocks", "mesas"],
    "waterfall": ["a waterfall", "waterfall", "cliffs with a waterfall"],
    "meadow": ["a meadow", "meadow", "fields", "farmland"],
    "arctic": ["the arctic", "arctic", "ice", "icebergs", "a frozen sea"],
    "beach": ["a beach", "beach", "a sandy beach", "the seaside"],
    "volcano": ["a volcano", "volcano", "a volcano with lava"],
    "portrait": [
        "a portrait",
        "a portrait of a person",
        "a person",
        "a face",
        "portrait",
        "a man",
        "a woman",
        "someone in a room",
    ],
    "abstract": ["abstract", "an abstract painting", "shapes", "coloured shapes", "an abstract pattern"],
    "still life": ["a still life", "still life", "objects on a table", "a table with things"],
}
TIME_WORDS = {
    "day": ["by day", "day", "in daylight", "at noon", "on a sunny day", "daytime"],
    "dawn": ["at dawn", "dawn", "at sunrise", "sunrise", "in the morning", "morning"],
    "sunset": ["at sunset", "sunset", "in the evening", "evening", "golden hour", "an orange sunset"],
    "dusk": ["at dusk", "dusk", "twilight", "in the twilight"],
    "night": ["at night", "night", "by night", "in the dark", "moonlight", "a starry night"],
}
SEASON_WORDS = {
    "spring": ["in spring", "spring", "blossom", "spring blossom"],
    "summer": ["in summer", "summer"],
    "autumn": ["in autumn", "autumn", "fall", "autumn colours", "autumn leaves"],
    "winter": ["in winter", "winter", "snow", "snowy", "in winter with snow", "covered in snow"],
}
WEATHER_WORDS = {
    "clear": ["clear sky", "a clear sky", "clear"],
    "cloudy": ["clouds", "cloudy", "with clouds"],
    "fog": ["fog", "foggy", "mist", "misty", "in the fog"],
    "rain": ["rain", "rainy", "in the rain"],
    "storm": ["storm", "a storm", "stormy", "lightning", "a thunderstorm"],
    "snowfall": ["snowfall", "falling snow", "it is snowing", "snowing"],
    "aurora": ["aurora", "northern lights", "with northern lights", "an aurora"],
}
STYLE_WORDS = {
    "poster": ["", "", "", "", "", "poster", "flat poster", "illustration", "a travel poster"],
    "watercolour": ["watercolour", "a watercolour", "a watercolour painting", "watercolor"],
    "oil": ["oil painting", "an oil painting", "oil", "gouache", "thick paint"],
    "ink": ["ink drawing", "an ink drawing", "ink", "woodcut", "engraving"],
    "pixel art": ["pixel art", "pixels", "retro game"],
}
THING_WORDS = {
    "pine": ["pines", "pine trees", "fir trees", "a pine"],
    "tree": ["trees", "a tree"],
    "birch": ["birches", "birch trees"],
    "palm": ["palms", "palm trees", "a palm"],
    "cactus": ["a cactus", "cacti"],
    "bush": ["bushes", "a bush"],
    "flowers": ["flowers", "wildflowers"],
    "rock": ["rocks", "a rock"],
    "house": ["a house", "a cabin", "a hut"],
    "church": ["a church", "a tower"],
    "lighthouse": ["a lighthouse"],
    "castle": ["a castle"],
    "bridge": ["a bridge", "a stone bridge"],
    "boat": ["a boat", "a rowing boat"],
    "sailboat": ["a sailboat", "a sailing boat", "a boat"],
    "balloon": ["a hot air balloon", "balloons", "a balloon"],
    "birds": ["birds", "a flock of birds"],
    "whale": ["a whale"],
    "deer": ["a deer"],
    "horse": ["a horse"],
    "cow": ["cows"],
    "person": ["a person", "a hiker"],
    "tent": ["a tent", "camping"],
    "campfire": ["a campfire", "a fire"],
    "windmill": ["a windmill"],
    "fence": ["a fence"],
    "path": ["a path", "a road"],
    "haystack": ["a haystack"],
    "umbrella": ["an umbrella", "a sunshade"],
    "snowman": ["a snowman"],
    "iceberg": ["an iceberg"],
    "rainbow": ["a rainbow"],
    "sun": ["the sun", "sun"],
    "moon": ["the moon", "moon", "a full moon"],
    "crescent": ["a crescent moon", "moon", "the moon"],
    "stars": ["stars", "starry sky"],
}
WORDS = {
    "place": PLACE_WORDS,
    "time": TIME_WORDS,
    "season": SEASON_WORDS,
    "weather": WEATHER_WORDS,
    "style": STYLE_WORDS,
}
"""The words for each facet's classes."""
NEED_OPEN_SKY = ("on a sunny day", "moonlight", "a starry night")
OPENINGS = ["", "", "", "", "", "a painting of ", "a picture of ", "a view of ", "landscape, "]
_ALL = [
    t
    for table in (PLACE_WORDS, TIME_WORDS, SEASON_WORDS, WEATHER_WORDS, STYLE_WORDS, THING_WORDS)
    for texts in table.values()
    for t in texts
]
WORD = re.compile(r"[a-z]+")
VOCABULARY = sorted({word for text in _ALL + OPENINGS + ["with and on in"] for word in WORD.findall(text.lower())})
"""Every word that a caption can hold."""


def _one(rng: np.random.Generator, words: list) -> str:
    return str(words[int(rng.integers(len(words)))])


def caption(rng: np.random.Generator, plan: Plan, must: tuple = ()) -> str:
    """A caption that is true of the plan.

    It names every facet in `must` ("time", "season", "weather"), and others as people happen to.
    """
    style = _one(rng, STYLE_WORDS[plan.style])
    if plan.place in INDOORS:
        parts = [_one(rng, PLACE_WORDS[plan.place])] + [style] * bool(style)
        return "" if rng.random() < 0.05 and not style else _join(rng, parts)
    if not must and plan.style == "poster" and rng.random() < 0.05:
        return ""
    short = rng.random() < 0.22
    light = _light(rng, plan, must, 0.35 if short else 0.8)
    things = [
        _one(rng, THING_WORDS[t]) for t in plan.things if t in THING_WORDS and rng.random() < (0.1 if short else 0.62)
    ]
    rng.shuffle(things)
    place = [_one(rng, PLACE_WORDS[plan.place])] if not short or not light or rng.random() < 0.55 else []
    if rng.random() < 0.25 and place and not short:
        return _sentence(rng, place[0], things, light, style)
    rest = light + things[:3]
    rng.shuffle(rest)
    parts = place + rest if rng.random() < 0.75 else rest + place
    at = len(parts) if rng.random() < 0.7 else 0
    parts[at:at] = [style] * bool(style)
    return _join(rng, parts)


def _light(rng: np.random.Generator, plan: Plan, must: tuple, likely: float) -> list:
    """Words for time, season and weather."""
    out, open_sky = [], plan.weather in ("clear", "cloudy", "aurora")
    usual = {"time": ("day",), "season": ("summer", "spring"), "weather": ("clear",)}
    for facet, words in (("time", TIME_WORDS), ("season", SEASON_WORDS), ("weather", WEATHER_WORDS)):
        value = getattr(plan, facet)
        chance = likely * (0.4 if value in usual[facet] else 1.0)
        if facet == "season" and plan.weather == "snowfall":
            chance *= 0.4
        if facet in must or rng.random() < chance:
            out.append(_one(rng, [text for text in words[value] if open_sky or text not in NEED_OPEN_SKY]))
    rng.shuffle(out)
    return out


def _sentence(rng: np.random.Generator, place: str, things: list, light: list, style: str) -> str:
    """ "A painting of a lake with a boat at night, watercolour": one clause."""
    text = _one(rng, OPENINGS) + place
    if things and " with " not in text:
        text += " with " + " and ".join(things[:2])
    tail = [p for p in light if p.startswith(("at ", "in ", "by ", "on "))]
    rest = [p for p in light if p not in tail]
    text += "".join(" " + p for p in tail)
    return ", ".join([text] + rest + [style] * bool(style))


def _join(rng: np.random.Generator, parts: list) -> str:
    return (", " if rng.random() < 0.7 else " ").join(parts)
