"""Renders scenes into arrays on disk, and reads them. Files: pictures.npy, sketches.npy (uint8 [N, 256, 256, 3]),
scenes.json."""

import json
import shutil
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, Literal

import numpy as np
from tqdm import tqdm

from .canvas import SIZE
from .scene import render

HELD_OUT_SEED = 10_000_000
"""Seeds from here on are never trained on."""
CHUNK = 25


def _render(seeds: range) -> tuple[np.ndarray, np.ndarray, list[dict[str, Any]]]:
    scenes = [render(seed) for seed in seeds]
    facts = [{"caption": s.caption, **s.facts} for s in scenes]
    return np.stack([s.picture for s in scenes]), np.stack([s.sketch for s in scenes]), facts


def write_scenes(folder: Path, count: int, first_seed: int, workers: int) -> None:
    """Renders `count` scenes from `first_seed` on. A folder that is complete is left as it is."""
    if (folder / "scenes.json").exists() and len(json.loads((folder / "scenes.json").read_text())) == count:
        return
    folder.mkdir(parents=True, exist_ok=True)
    shape = (count, SIZE, SIZE, 3)
    # A file that is mapped and finds no room would end the process without a word.
    free, needed = shutil.disk_usage(folder).free, 2 * count * SIZE * SIZE * 3
    if free < needed:
        raise OSError(f"{count} scenes need {needed / 1e9:.2f} GB in {folder}, where {free / 1e9:.2f} GB are free")
    pictures = np.lib.format.open_memmap(folder / "pictures.npy", "w+", np.uint8, shape)
    sketches = np.lib.format.open_memmap(folder / "sketches.npy", "w+", np.uint8, shape)
    facts: list = []
    chunks = [range(first_seed + i, first_seed + min(i + CHUNK, count)) for i in range(0, count, CHUNK)]
    with ProcessPoolExecutor(workers) as pool, tqdm(total=count, unit="scene", desc=folder.name) as bar:
        for chunk, (picture, sketch, fact) in zip(chunks, pool.map(_render, chunks)):
            at = chunk.start - first_seed
            pictures[at : at + len(chunk)], sketches[at : at + len(chunk)] = picture, sketch
            facts += fact
            bar.update(len(chunk))
    (folder / "scenes.json").write_text(json.dumps(facts))


class Scenes:
    """The scenes of a folder. The arrays stay on disk and are read as needed, or are held in memory (3 GB for 8000)."""

    def __init__(self, folder: Path, in_memory: bool = False):
        mode: Literal["r"] | None = None if in_memory else "r"
        self.pictures = np.load(folder / "pictures.npy", mmap_mode=mode)
        self.sketches = np.load(folder / "sketches.npy", mmap_mode=mode)
        path = folder / "scenes.json"
        self.facts = json.loads(path.read_text()) if path.exists() else []

    @property
    def captions(self) -> list:
        return [fact["caption"] for fact in self.facts]
