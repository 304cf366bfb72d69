"""Renders scenes into files, and reads them.

Files: pictures.npy and sketches.npy (uint8 [N, H, W, 3]) and scenes.jsonl (caption and facts, a line for each scene).
All three only ever grow. A scene counts once its line is written, so rendering may be killed at any moment and goes on
where it stopped, and training can read a folder that is still being rendered.
"""

import json
import math
import shutil
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path

import numpy as np
from numpy.lib import format as npy
from tqdm import tqdm

from .scene import render

HELD_OUT_SEED = 10_000_000
"""Seeds from here on are never trained on."""
CHUNK = 25
AHEAD = 2
"""Chunks for each process that may wait to be written."""
ARRAYS = ("pictures", "sketches")
LINES = "scenes.jsonl"


def _render(seeds: range, size: tuple[int, int]) -> tuple[dict[str, np.ndarray], list[str]]:
    scenes = [render(seed, size) for seed in seeds]
    arrays = {"pictures": np.stack([s.picture for s in scenes]), "sketches": np.stack([s.sketch for s in scenes])}
    return arrays, [json.dumps({"caption": s.caption, **s.facts}) + "\n" for s in scenes]


def write_scenes(
    folder: Path,
    count: int,
    seed: int,
    processes: int,
    size: tuple[int, int] = (256, 256),
    *,
    seconds: float = math.inf,
) -> None:
    """Renders scenes from `seed` on until there are `count`, or the time is over. Those that are there already are
    kept. Without `processes` it renders in this one."""
    end = time.monotonic() + seconds
    folder.mkdir(parents=True, exist_ok=True)
    done = _whole_lines(folder)
    if done >= count:
        return
    free, needed = shutil.disk_usage(folder).free, 6 * size[0] * size[1] * (count - done)
    if free < needed and seconds == math.inf:
        left = f"{count - done} scenes need {needed / 1e9:.2f} GB"
        raise OSError(f"{left} in {folder}, where {free / 1e9:.2f} GB are free")
    chunks = [range(seed + i, seed + min(i + CHUNK, count)) for i in range(done, count, CHUNK)]
    with (
        ProcessPoolExecutor(max(1, processes)) as pool,
        tqdm(total=count, initial=done, unit="scene", desc=folder.name, mininterval=5) as bar,
    ):
        for arrays, lines in _rendered(chunks, size, pool, AHEAD * processes):
            for name, rows in arrays.items():
                append(folder / f"{name}.npy", rows, done)
            with (folder / LINES).open("a") as file:
                file.writelines(lines)
            done += len(lines)
            bar.update(len(lines))
            if time.monotonic() > end:
                break
        pool.shutdown(cancel_futures=True)


def _rendered(
    chunks: list[range], size: tuple[int, int], pool: ProcessPoolExecutor, ahead_at_most: int
) -> Iterator[tuple[dict[str, np.ndarray], list[str]]]:
    """Chunks in their order. A few are ahead in the pool, not all: they would have to be waited for at the end."""
    if not ahead_at_most:
        yield from (_render(chunk, size) for chunk in chunks)
        return
    ahead: deque[Future] = deque()
    for chunk in chunks:
        ahead.append(pool.submit(_render, chunk, size))
        if len(ahead) > ahead_at_most:
            yield ahead.popleft().result()
    while ahead:
        yield ahead.popleft().result()


def _whole_lines(folder: Path) -> int:
    """How many scenes there are. An incomplete line of a killed process is cut off."""
    path = folder / LINES
    if not path.exists():
        return 0
    content = path.read_bytes()
    whole = content.rfind(b"\n") + 1
    if whole < len(content):
        with path.open("r+b") as file:
            file.truncate(whole)
    return content.count(b"\n")


def append(path: Path, rows: np.ndarray, at: int) -> None:
    """Writes rows [n, ...] as rows `at` to `at` + n of an .npy file, which then ends.

    NumPy leaves room in the header for the first dimension to grow, so that it can be written again in place.
    """
    with path.open("r+b" if path.exists() else "w+b") as file:
        start = 0
        if at:
            npy.read_magic(file)
            shape = npy.read_array_header_1_0(file)[0]
            if shape[1:] != rows.shape[1:]:
                raise OSError(f"{path} holds rows of {shape[1:]}, not {rows.shape[1:]}; use another folder")
            start = file.tell()
        header = {"descr": rows.dtype.str, "fortran_order": False, "shape": (at + len(rows), *rows.shape[1:])}
        if not at:
            npy.write_array_header_1_0(file, header)
            start = file.tell()
        file.seek(start + at * rows[0].nbytes)
        file.write(rows.tobytes())
        file.truncate()
        file.flush()
        file.seek(0)
        npy.write_array_header_1_0(file, header)


class Scenes:
    """The scenes of a folder. The arrays stay on disk and are read as needed."""

    def __init__(self, folder: Path):
        path = folder / LINES
        if not path.exists():
            raise OSError(f"{path} does not exist; run the stage scenes first")
        lines = path.read_text().split("\n")[:-1]
        self.facts = [json.loads(line) for line in lines]
        self.pictures, self.sketches = (np.load(folder / f"{name}.npy", mmap_mode="r")[: len(lines)] for name in ARRAYS)

    def __len__(self) -> int:
        return len(self.facts)

    @property
    def captions(self) -> list:
        return [fact["caption"] for fact in self.facts]
