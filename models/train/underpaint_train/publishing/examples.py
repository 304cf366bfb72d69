"""Held-out sketches that come with the model, for tests, benchmarks and the model card."""

import json
from pathlib import Path

from PIL import Image

from ..scenes.dataset import Scenes

CHOSEN = [1, 2, 8, 10, 28, 35, 37, 44]


def write_examples(scenes: Scenes, folder: Path) -> None:
    """Writes sketch-1.png ... and prompts.json, the captions of their scenes."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, index in enumerate(CHOSEN, 1):
        Image.fromarray(scenes.sketches[index]).save(folder / f"sketch-{number}.png", optimize=True)
    (folder / "prompts.json").write_text(json.dumps([scenes.captions[i] for i in CHOSEN], indent=2) + "\n")
