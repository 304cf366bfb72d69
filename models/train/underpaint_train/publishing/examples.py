"""The sketches that come with the model, for tests, benchmarks and the model card: drawn with a mouse."""

import json
from pathlib import Path

from PIL import Image

from ..scenes.by_hand import hand_sketches

CHOSEN = (0, 1, 2, 3, 4, 8, 9, 10)


def write_examples(folder: Path) -> None:
    """Writes sketch-1.png ... and prompts.json, their words."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn = hand_sketches()
    for number, index in enumerate(CHOSEN, 1):
        Image.fromarray(drawn[index].sketch).save(folder / f"sketch-{number}.png", optimize=True)
    (folder / "prompts.json").write_text(json.dumps([drawn[i].prompt for i in CHOSEN], indent=2) + "\n")
