"""The facts of a scene as classes, and which of them its caption names: a picture of the caption should show those."""

import re
from typing import Any

import torch
from torch import Tensor

from ..scenes import FACETS, THINGS
from ..scenes.captions import THING_WORDS, WORDS


def classes(facts: list) -> dict:
    """Class numbers [N] of each facet, and "things" [N, 35], 1 for those in the scene."""
    out = {facet: torch.tensor([names.index(fact[facet]) for fact in facts]) for facet, names in FACETS.items()}
    out["things"] = torch.tensor([[float(thing in fact["things"]) for thing in THINGS] for fact in facts])
    return out


def told(facts: list) -> dict:
    """Whether the caption names each of them, true or false: [N] for each facet, and "things" [N, 35]."""

    def says(fact: dict[str, Any], words: list[str]) -> re.Match[str] | None:
        # A poster needs no word: its list has empty ones.
        return re.search(rf"\b({'|'.join(filter(None, words))})\b", fact["caption"])

    out = {facet: torch.tensor([bool(says(fact, WORDS[facet][fact[facet]])) for fact in facts]) for facet in FACETS}
    out["things"] = torch.tensor(
        [[thing in fact["things"] and bool(says(fact, THING_WORDS[thing])) for thing in THINGS] for fact in facts]
    )
    return out


def agreement(found: dict, facts: list) -> dict:
    """Share of the facts in the captions that a classifier finds in the pictures, by facet and over all.
    `found`: class numbers [N] of each facet, and "things" [N, 35] as probabilities."""
    true, said = classes(facts), told(facts)
    right = {facet: (found[facet] == true[facet])[said[facet]] for facet in FACETS}
    right["things"] = (found["things"] > 0.5)[said["things"]]

    def share(x: Tensor) -> float | None:
        return round(float(x.float().mean()), 3) if len(x) else None

    return {**{facet: share(x) for facet, x in right.items()}, "all": share(torch.cat(list(right.values())))}


def share_of(found: Tensor, facet: str, name: str) -> float:
    """Share of pictures in which that class was found."""
    return round(float((found == FACETS[facet].index(name)).float().mean()), 3)
