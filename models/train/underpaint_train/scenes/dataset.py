"""Renders scenes into arrays on disk, and reads them.

Files: pictures.npy and sketches.npy (uint8 [N, H, W, 3]), scenes.json (caption and facts of each), facts.json (the
facts alone).
"""

import json
import shutil
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Literal

import numpy as np
from tqdm import tqdm

from .scene import render

HELD_OUT_SEED = 10_000_000
"""Seeds from here on are never trained on."""
CHUNK = 25


def _render(seeds: range, size: tuple[int, int]):
    scenes = [render(seed, size) for seed in seeds]
    return (
        np.stack([s.picture for s in scenes]),
        np.stack([s.sketch for s in scenes]),
        [{"caption": s.caption, **s.facts} for s in scenes],
    )


def write_scenes(folder: Path, count: int, seed: int, processes: int, size: tuple[int, int] = (256, 256)) -> None:
    """Renders `count` scenes from `seed` on. A folder that is complete is left as it is."""
    folder = Path(folder)
    if (folder / "scenes.json").exists() and len(json.loads((folder / "scenes.json").read_text())) == count:
        return
    folder.mkdir(parents=True, exist_ok=True)
    shape = (count, size[1], size[0], 3)
    # A file that is mapped and finds no room would end the process without a word.
    free, needed = shutil.disk_usage(folder).free, 2 * int(np.prod(shape))
    if free < needed:
        raise OSError(f"{count} scenes need {needed / 1e9:.2f} GB in {folder}, where {free / 1e9:.2f} GB are free")
    pictures = np.lib.format.open_memmap(folder / "pictures.npy", "w+", np.uint8, shape)
    sketches = np.lib.format.open_memmap(folder / "sketches.npy", "w+", np.uint8, shape)
    scenes: list = []
    chunks = [range(seed + i, seed + min(i + CHUNK, count)) for i in range(0, count, CHUNK)]
    with ProcessPoolExecutor(processes) as pool, tqdm(total=count, unit="scene", desc=folder.name) as bar:
        for chunk, (picture, sketch, facts) in zip(chunks, pool.map(_render, chunks, [size] * len(chunks))):
            at = chunk.start - seed
            pictures[at : at + len(chunk)], sketches[at : at + len(chunk)] = picture, sketch
            scenes += facts
            bar.update(len(chunk))
    (folder / "facts.json").write_text(json.dumps([{k: v for k, v in s.items() if k != "caption"} for s in scenes]))
    (folder / "scenes.json").write_text(json.dumps(scenes))


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
