"""Whether words act on sketches that show something else."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from ..scenes.captions import PLACE_WORDS
from ..scenes.plan import INDOORS
from .facts import share_of

WORDS = {
    "at night": ("time", "night"),
    "at sunset": ("time", "sunset"),
    "in winter, covered in snow": ("season", "winter"),
    "in autumn": ("season", "autumn"),
    "fog": ("weather", "fog"),
    "storm": ("weather", "storm"),
    "northern lights": ("weather", "aurora"),
    "watercolour": ("style", "watercolour"),
    "oil painting": ("style", "oil"),
    "ink drawing": ("style", "ink"),
    "pixel art": ("style", "pixel art"),
}
"""The words to add to a caption, and the label that should then be found."""
PLAIN = {"time": "day", "weather": "clear", "style": "poster"}
SKETCHES = 24

Find = Callable[[list[str], Tensor], dict[str, Tensor]]
"""The labels that a classifier finds in pictures of captions and sketches."""


def plain_days(facts: list[dict[str, Any]]) -> list[int]:
    """Scenes whose sketches show a clear day, no winter and no place indoors: each of the words contradicts them."""
    return [
        i
        for i, fact in enumerate(facts)
        if all(fact[facet] == value for facet, value in PLAIN.items())
        and fact["season"] in ("spring", "summer")
        and fact["place"] not in INDOORS
        and not fact["contradicts"]
        and fact["sketch"] in ("flat", "rough")
    ][:SKETCHES]


def changes(find: Find, facts: list[dict[str, Any]], sketches: Tensor, real: dict[str, Tensor]) -> list[dict]:
    """For each of the words, on sketches of plain days: the share of pictures in which it is found, without the word,
    with it, and in real pictures that are so. `real`: the labels found in the real pictures of all facts."""
    some = plain_days(facts)
    if not some:
        return []
    subjects = [PLACE_WORDS[facts[i]["place"]][0] for i in some]
    without = find(subjects, sketches[some])
    rows = []
    for words, (facet, name) in WORDS.items():
        found = find([f"{subject}, {words}" for subject in subjects], sketches[some])
        those = torch.tensor([fact[facet] == name and fact["place"] not in INDOORS for fact in facts])
        rows.append(
            {
                "words": words,
                "without": share_of(without[facet], facet, name),
                "with": share_of(found[facet], facet, name),
                "real": share_of(real[facet][those], facet, name) if those.any() else None,
            }
        )
    return rows
