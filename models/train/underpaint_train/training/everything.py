"""The whole chain within a time budget: scenes, autoencoder, teacher, student, sharpening.

Each stage gets its share of the remaining time, so a slow one leaves the later ones a little less.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..networks.text import train_tokenizer
from ..scenes.dataset import HELD_OUT_SEED, Scenes, write_scenes
from .autoencoder import train_autoencoder
from .device import DEVICE
from .latents import encode_all
from .length import Length
from .sharpen import train_sharpening
from .student import train_distilled
from .teacher import train_teacher

HELD_OUT_SHARE = 0.08
HELD_OUT = 320
MOST_SCENES = 200_000
BATCHES = {"cpu": 16, "cuda": 128}
"""Scenes in a step: enough to keep the device busy."""


@dataclass
class Part:
    name: str
    share: float
    """Of the budget."""
    run: Callable[[Path, Length, int], None]
    """Does it in a folder, in so much time, on so many processes."""


def render(runs: Path, length: Length, processes: int) -> None:
    held_out = HELD_OUT_SHARE * length.seconds
    write_scenes(runs / "scenes/held-out", HELD_OUT, HELD_OUT_SEED, processes, seconds=held_out)
    write_scenes(runs / "scenes/train", MOST_SCENES, 0, processes, seconds=length.seconds - held_out)


def encode(runs: Path, _length: Length, _processes: int) -> None:
    """Not limited: encoding a picture takes a hundredth of the time of rendering it."""
    prepare_tokenizer(runs)
    encode_all(runs)


def prepare_tokenizer(runs: Path) -> None:
    """Trains it once: models could not read the tokens of another one."""
    path = runs / "tokenizer.json"
    if not path.exists():
        train_tokenizer(Scenes(runs / "scenes/train").captions).save(str(path))


def parts(batch: int) -> list[Part]:
    return [
        Part("scenes", 0.2, render),
        Part("autoencoder", 0.17, lambda runs, length, _: train_autoencoder(runs, length, batch)),
        Part("encode", 0.03, encode),
        Part("teacher", 0.25, lambda runs, length, _: train_teacher(runs, length, batch)),
        Part("distill", 0.05, lambda runs, length, _: train_distilled(runs, length, batch)),
        Part("sharpen", 0.27, lambda runs, length, _: train_sharpening(runs, length, batch)),
    ]


def train_everything(runs: Path, minutes: float, processes: int, batch: int | None = None) -> None:
    """Runs all stages in about so many minutes. Killed, it resumes with the time that is left; with more minutes than
    before, every stage trains on."""
    plan = Plan(runs / "all.json", minutes)
    todo = parts(batch or BATCHES[DEVICE.type])
    for i, part in enumerate(todo):
        seconds = plan.seconds(part.name, part.share / sum(p.share for p in todo[i:]))
        print(f"{part.name}: {seconds / 60:.1f} minutes", flush=True)
        begun = time.monotonic()
        part.run(runs, Length(seconds=seconds), processes)
        plan.took(part.name, time.monotonic() - begun)


class Plan:
    """How long each stage is meant to take and took, kept in a file so that a killed run knows what is left."""

    def __init__(self, path: Path, minutes: float):
        self.path = path
        self.state: dict = {"minutes": minutes, "planned": {}, "took": {}}
        if path.exists():
            before = json.loads(path.read_text())
            if before["minutes"] == minutes:
                self.state = before

    def seconds(self, name: str, share: float) -> float:
        """The time for a stage: as planned, or its share of the time that earlier stages left."""
        planned, took = self.state["planned"], self.state["took"]
        if name not in planned:
            spent = sum(took.get(stage, seconds) for stage, seconds in planned.items())
            planned[name] = max(1.0, share * (60 * self.state["minutes"] - spent))
            self._write()
        return planned[name]

    def took(self, name: str, seconds: float) -> None:
        took = self.state["took"]
        took.setdefault(name, seconds)
        self._write()

    def _write(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps(self.state, indent=1))
