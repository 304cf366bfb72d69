"""A page that shows pairs of pictures of two models without saying which is which, and counts the choices."""

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from ..errors import TrainingError
from ..scenes.by_hand import hand_sketches
from ..scenes.dataset import Scenes
from ..training.autoencoder import to_tensor
from ..training.student import painter

TRAIN = Path(__file__).resolve().parents[2]
CLI = TRAIN.parents[1] / "server/bin/underpaint.js"
PAGE = TRAIN / "judge.html"
STEPS = 2
ROWS_AT_ONCE = 20


def write_pairs(runs: Path, old: Path, out: Path, count: int) -> None:
    """Writes a folder with judge.html and `count` pairs, of sketches drawn with a mouse and held-out ones: what
    the model folder `old` makes of them, through `underpaint infer` with its defaults, and what the student in
    `runs` does, in 2 steps."""
    out.mkdir(parents=True, exist_ok=True)
    drawn = hand_sketches()[:count]
    scenes = Scenes(runs / "scenes/held-out")
    more = range(count - len(drawn))
    if len(scenes) < len(more):
        raise TrainingError(f"{count} pairs need {len(more)} held-out scenes, there are {len(scenes)}; ask for fewer")
    sketches = np.stack([*(one.sketch for one in drawn), *(scenes.sketches[i] for i in more)])
    words = [*(one.prompt for one in drawn), *(scenes.captions[i] for i in more)]
    pairs = []
    for i, picture in enumerate(paint_new(runs, words, sketches)):
        names = {kind: f"{kind}-{i}.png" for kind in ("sketch", "new", "old")}
        Image.fromarray(sketches[i]).save(out / names["sketch"])
        Image.fromarray(picture).save(out / names["new"])
        paint_old(old, out / names["sketch"], words[i], out / names["old"])
        pictures = {"old": names["old"], "new": names["new"]}
        pairs.append({"sketch": names["sketch"], "words": words[i], "pictures": pictures})
    (out / "pairs.js").write_text(f"const PAIRS = {json.dumps(pairs, indent=1)};\n")
    shutil.copy(PAGE, out / "judge.html")


@torch.no_grad()
def paint_new(runs: Path, words: list[str], sketches: np.ndarray) -> np.ndarray:
    paint, parts = painter(runs), []
    for i in range(0, len(words), ROWS_AT_ONCE):
        part = slice(i, i + ROWS_AT_ONCE)
        parts.append(paint(words[part], (to_tensor(sketches[part]) + 1) / 2, STEPS))
    return np.concatenate(parts)


def paint_old(folder: Path, sketch: Path, words: str, out: Path) -> None:
    command = ["node", str(CLI), "infer", "--model", str(folder), "--input", str(sketch), "--prompt", words]
    done = subprocess.run([*command, "--seed", "1", "--output", str(out)], capture_output=True, text=True)
    if done.returncode:
        raise TrainingError(f"{folder} does not paint: {done.stderr.strip()}")
