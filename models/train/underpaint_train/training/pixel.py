"""Trains the pixel-space models: the diffusion teacher, and consistency models by distillation and in isolation."""

import copy
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from ..networks.pixel import (
    METRICS,
    SIGMA_DATA,
    SIZE,
    SOLVERS,
    TRAIN_LEVELS,
    PixelModel,
    karras_sigmas,
    sample_consistency,
    sample_diffusion,
)
from ..scenes.dataset import Scenes
from .autoencoder import to_pictures, to_tensor
from .device import DEVICE, Dice, placed
from .length import Length
from .loop import Run, load_weights

Make = Callable[[], PixelModel]

TEACHER_NOISE = (-0.8, 1.4)
"""Mean and deviation of ln sigma while the teacher trains; a little higher than Karras's, as these pictures are
smooth."""
TARGET_DECAY = 0.95
LEVELS = (8, 16, 32, 64)
"""How finely the noise is divided in the quarters of isolated training: rough pairs get there soon, fine ones make it
exact (the curriculum of Song and Dhariwal 2024, cut to a short training)."""
PAIR_NOISE = (-1.1, 2.0)
"""Mean and deviation of ln sigma of the pairs in isolated training (the same paper, section 3.4)."""


def thumbnails(runs: Path, split: str, size: int = SIZE) -> Tensor:
    """All pictures of a split made small by averaging: uint8 [N, size, size, 3], kept in runs/pixel."""
    pictures, path = Scenes(runs / "scenes" / split).pictures, runs / f"pixel/{split}-{size}.npy"
    if path.exists() and len(small := np.load(path)) == len(pictures):
        return torch.from_numpy(small)
    factor = pictures.shape[1] // size

    def shrink(x: np.ndarray) -> np.ndarray:
        return x.reshape(len(x), size, factor, size, factor, 3).mean((2, 4))

    small = np.concatenate([shrink(pictures[i : i + 64]).round().astype(np.uint8) for i in range(0, len(pictures), 64)])
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, small)
    return torch.from_numpy(small)


class Thumbnails:
    def __init__(self, runs: Path, model: PixelModel):
        self.pictures = thumbnails(runs, "train", model.size)

    def batch(self, count: int, dice: Dice) -> tuple[Tensor, Tensor]:
        """Pictures in -1..1, half of them mirrored, and as much noise."""
        index = torch.randint(len(self.pictures), (count,), generator=dice.generator)
        pictures = to_tensor(self.pictures[index].numpy())
        mirrored = dice.uniform(count, 1, 1, 1) < 0.5
        return torch.where(mirrored, pictures.flip(3), pictures), dice.normal(*pictures.shape)


def train_pixel_teacher(
    runs: Path, length: Length, batch: int, *, make: Make = PixelModel, learning_rate: float = 1e-3
) -> None:
    """Denoising, weighted so that every noise level counts the same (Karras et al. 2022, section 5)."""
    model, folder = placed(make()), runs / "pixel/teacher"
    data = Thumbnails(runs, model)

    def step_loss(_share: float, dice: Dice) -> Tensor:
        pictures, noise = data.batch(batch, dice)
        mean, deviation = TEACHER_NOISE
        sigma = (mean + deviation * dice.normal(batch)).exp()
        weight = (sigma**2 + SIGMA_DATA**2) / (sigma * SIGMA_DATA) ** 2
        x = pictures + sigma.view(-1, 1, 1, 1) * noise
        return (weight * METRICS["l2"](model.denoise(x, sigma), pictures)).mean()

    def report(_step: int) -> None:
        averaged = placed(load_weights(folder, make()))
        save_grid(runs, folder, [lambda noise, n=n: sample_diffusion(averaged, noise, n) for n in (6, 18)], model.size)

    Run(folder, model, length, learning_rate, step_loss, ema_decay=0.999, on_checkpoint=report).train()


def train_pixel(
    runs: Path,
    length: Length,
    batch: int,
    *,
    way: str,
    solver: str = "heun",
    metric: str = "huber",
    make: Make = PixelModel,
    learning_rate: float | None = None,
) -> None:
    """`way` distill: pairs on the teacher's trajectories, the running average as target. isolate: one picture under
    more and less of the same noise, the network itself as target."""
    model, folder = placed(make()), runs / "pixel" / pixel_folder(way, solver, metric)
    data = Thumbnails(runs, model)
    if way == "distill":
        teacher = placed(load_weights(runs / "pixel/teacher", make()))
        model.load_state_dict(teacher.state_dict())
        pairs = _distilled_pairs(teacher.requires_grad_(False), solver)
    else:
        pairs = _isolated_pairs()
    bundle = nn.ModuleDict({"student": model, "target": copy.deepcopy(model).requires_grad_(False)})
    decay = TARGET_DECAY if way == "distill" else 0.0

    def step_loss(share: float, dice: Dice) -> Tensor:
        for slow, fast in zip(bundle["target"].parameters(), model.parameters()):
            slow.data.lerp_(fast.data, 1 - decay)
        pictures, noise = data.batch(batch, dice)
        with torch.no_grad():
            x, sigma, earlier, lower, weight = pairs(share, pictures, noise, dice)
            wanted = bundle["target"](earlier, lower)
        return (weight * METRICS[metric](model(x, sigma), wanted)).mean()

    def report(_step: int) -> None:
        averaged = load_pixel(folder, make)
        save_grid(
            runs,
            folder,
            [lambda noise, n=n: sample_consistency(averaged, step_noises(noise, n), n) for n in (1, 2, 4)],
            model.size,
        )

    rate = learning_rate or (3e-4 if way == "distill" else 1e-3)
    Run(folder, bundle, length, rate, step_loss, ema_decay=0.99, on_checkpoint=report).train()


def _distilled_pairs(teacher: PixelModel, solver: str) -> Callable:
    """Points at neighbouring noise levels of one trajectory of the teacher's (Song et al. 2023, algorithm 2)."""
    sigmas = karras_sigmas(TRAIN_LEVELS).to(DEVICE)

    def pairs(_share: float, pictures: Tensor, noise: Tensor, dice: Dice) -> tuple:
        n = dice.below(len(sigmas) - 1, len(pictures))
        sigma, lower = sigmas[n], sigmas[n + 1]
        x = pictures + sigma.view(-1, 1, 1, 1) * noise
        return x, sigma, SOLVERS[solver](teacher, x, sigma, lower), lower, 1.0

    return pairs


def _isolated_pairs() -> Callable:
    """One picture under two noise levels, with the same noise (Song et al. 2023, algorithm 3); levels drawn and pairs
    weighted as in Song and Dhariwal 2024."""

    def pairs(share: float, pictures: Tensor, noise: Tensor, dice: Dice) -> tuple:
        sigmas = karras_sigmas(LEVELS[min(len(LEVELS) - 1, int(share * len(LEVELS)))] + 1)
        bounds = torch.special.erf((sigmas.log() - PAIR_NOISE[0]) / (PAIR_NOISE[1] * 2**0.5))
        n = torch.multinomial(bounds[:-1] - bounds[1:], len(pictures), replacement=True, generator=dice.generator)
        sigma, lower = sigmas[n].to(DEVICE), sigmas[n + 1].to(DEVICE)

        def at(s: Tensor) -> Tensor:
            return pictures + s.view(-1, 1, 1, 1) * noise

        return at(sigma), sigma, at(lower), lower, 1 / (sigma - lower)

    return pairs


def pixel_folder(way: str, solver: str, metric: str) -> str:
    """The folder of a consistency model in runs/pixel; the ones of the defaults have plain names."""
    if way == "isolate":
        return "isolated" if metric == "huber" else f"isolated-{metric}"
    return "student" if (solver, metric) == ("heun", "huber") else f"student-{solver}-{metric}"


def load_pixel(folder: Path, make: Make = PixelModel) -> PixelModel:
    """The averaged weights of a consistency model."""
    student = make()
    load_weights(folder, nn.ModuleDict({"student": student, "target": make()}))
    return placed(student)


def step_noises(noise: Tensor, steps: int) -> list:
    """`noise` to begin with, and one for each step more."""
    dice = Dice(torch.Generator().manual_seed(2))
    return [noise, *(dice.normal(*noise.shape) for _ in range(steps - 1))]


@torch.no_grad()
def save_grid(runs: Path, folder: Path, samplers: list, size: int, count: int = 12) -> None:
    """Rows: samples of the same noise by more and more steps; last, real held-out pictures."""
    real = thumbnails(runs, "held-out", size).numpy()[:count]
    noise = Dice(torch.Generator().manual_seed(1)).normal(len(real), 3, size, size)
    rows = [*(to_pictures(sample(noise)) for sample in samplers), real]
    grid = Image.fromarray(np.concatenate([np.concatenate(list(row), 1) for row in rows]))
    grid.resize((grid.width * 3, grid.height * 3), Image.Resampling.NEAREST).save(folder / "grid.png")
