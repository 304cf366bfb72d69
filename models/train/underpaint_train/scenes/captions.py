"""Captions as people write prompts: whole phrases or lists of words, in varied order and wording, seldom everything."""

import numpy as np

from .plan import Plan

KIND_WORDS = {
    "mountains": ["mountains", "a mountain range", "snowy peaks", "rocky mountains", "high mountains", "alpine peaks"],
    "forest": ["a forest", "deep woods", "a wood", "woodland", "a dense forest"],
    "hills": ["rolling hills", "green hills", "hills", "a meadow", "hills and meadows"],
    "desert": ["a desert", "sand dunes", "dunes", "desert dunes", "a sandy desert"],
    "ocean": ["the ocean", "the sea", "a seascape", "open sea", "a coast", "ocean waves"],
    "lake": ["a lake", "a mountain lake", "a calm lake", "a lake with reflections", "still water"],
    "river": ["a river", "a winding river", "a river valley", "a stream"],
    "island": ["an island", "a tropical island", "an island with palm trees", "a small island"],
    "city": ["a city", "a city skyline", "skyscrapers", "a skyline", "downtown"],
}
TIME_WORDS = {
    "dawn": ["at dawn", "at sunrise", "in the early morning", "sunrise", "morning light"],
    "day": ["at noon", "by day", "in daylight", "on a bright day", "daytime"],
    "sunset": ["at sunset", "sunset", "in the evening", "golden hour", "evening light", "an orange sunset"],
    "dusk": ["at dusk", "in the twilight", "twilight", "dusk", "after sunset"],
    "night": ["at night", "night", "by night", "under a night sky", "in the dark"],
}
SEASON_WORDS = {
    "spring": ["in spring", "spring", "spring blossom"],
    "summer": ["in summer", "summer", "green summer"],
    "autumn": ["in autumn", "autumn", "fall colours", "autumn leaves"],
    "winter": ["in winter", "winter", "snow", "covered in snow", "snowy", "snow on the ground"],
}
WEATHER_WORDS = {
    "clear": ["clear sky", "under a clear sky", "no clouds"],
    "cloudy": ["clouds", "cloudy", "with clouds", "dramatic clouds"],
    "fog": ["fog", "mist", "foggy", "misty", "in the mist"],
    "rain": ["rain", "rainy", "in the rain", "grey rain"],
    "snow": ["snowfall", "falling snow", "it is snowing", "snowstorm"],
}
THING_WORDS = {
    "sun": ["the sun", "with the sun", "a low sun"],
    "moon": ["the moon", "moonlight", "a full moon", "with the moon"],
    "stars": ["stars", "starry sky", "a sky full of stars"],
    "aurora": ["aurora", "northern lights", "an aurora"],
    "rainbow": ["a rainbow", "with a rainbow"],
    "birds": ["birds", "a flock of birds"],
    "pines": ["pines", "pine trees", "fir trees", "with pines"],
    "trees": ["trees", "with trees", "leafy trees"],
    "palms": ["palms", "palm trees"],
    "cacti": ["cacti", "a cactus", "with cacti"],
    "cabin": ["a cabin", "a wooden hut", "a small house"],
    "lighthouse": ["a lighthouse", "with a lighthouse"],
    "sailboat": ["a sailboat", "a boat", "with a sailing boat"],
    "bridge": ["a bridge", "a stone bridge"],
}
OPENINGS = ["", "", "", "a painting of ", "a picture of ", "landscape, ", "a view of ", "a photo of "]


def caption(rng: np.random.Generator, plan: Plan) -> str:
    """A caption that is true of the plan."""

    def one(words: list) -> str:
        return str(words[rng.integers(len(words))])

    parts = []
    if rng.random() < 0.85:
        parts.append(one(TIME_WORDS[plan.time]))
    telling = plan.season in ("autumn", "winter") or rng.random() < 0.35
    if telling and plan.kind not in ("desert", "island") and rng.random() < 0.85:
        parts.append(one(SEASON_WORDS[plan.season]))
    if plan.weather in ("fog", "rain", "snow") or (plan.weather == "clear" and rng.random() < 0.25):
        parts.append(one(WEATHER_WORDS[plan.weather]))
    for thing in dict.fromkeys(plan.things):
        if thing == "clouds":
            if rng.random() < 0.6:
                parts.append(one(WEATHER_WORDS["cloudy"]))
        elif rng.random() < 0.75:
            parts.append(one(THING_WORDS[thing]))
    rng.shuffle(parts)
    subject = one(KIND_WORDS[plan.kind])
    if rng.random() < 0.8:
        parts.insert(0, subject)
    else:
        parts.insert(int(rng.integers(len(parts) + 1)), subject)
    glue = ", " if rng.random() < 0.6 else " "
    return one(OPENINGS) + glue.join(parts)
