"""Measures the pixel-space models: the teacher and the consistency models of both ways, at one to eighteen steps."""

from pathlib import Path

import torch

from ..networks.pixel import SIZE, PixelModel, sample_consistency, sample_diffusion
from ..training.autoencoder import to_tensor
from ..training.device import Dice, placed
from ..training.loop import load_weights
from ..training.pixel import load_pixel, step_noises, thumbnails
from .swd import SlicedWasserstein

STEPS = (1, 2, 4, 8)
TEACHER_STEPS = (1, 2, 4, 8, 17)


def evaluate_pixel(runs: Path, count: int) -> list:
    """A row for each model and number of steps; those that were not trained are left out."""
    folders = sorted(path.parent for path in runs.glob("pixel/*/checkpoint.pt"))
    if not folders:
        return []
    distance = SlicedWasserstein(to_tensor(thumbnails(runs, "held-out").numpy()[:count]).cpu())
    noise = Dice(torch.Generator().manual_seed(1)).normal(count, 3, SIZE, SIZE)
    rows = [
        {
            "trainer": "other real pictures",
            "steps": 0,
            "swd": distance(to_tensor(thumbnails(runs, "train").numpy()[:count]).cpu()),
        }
    ]
    for folder in folders:
        if folder.name == "teacher":
            teacher = placed(load_weights(folder, PixelModel()))
            painted = {n: sample_diffusion(teacher, noise, n) for n in TEACHER_STEPS}
        else:
            model = load_pixel(folder)
            painted = {n: sample_consistency(model, step_noises(noise, n), n) for n in STEPS}
        rows += [
            {"trainer": folder.name, "steps": n, "swd": distance(pictures.cpu())} for n, pictures in painted.items()
        ]
    return rows
