"""Trains the autoencoder on pictures and on sketches, which it has to carry as well."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional as F

from ..networks.autoencoder import Autoencoder, gradient_energy, reconstruction_loss
from ..scenes.dataset import Scenes
from .device import DEVICE, Dice, compiled, placed
from .length import Length
from .loop import Run

CROP = 128
SKETCH_SHARE = 0.25
SMALLER_SHARE = 0.3
"""Share of the batches whose latents are averaged over 2 x 2 before they are decoded, to give the picture at half its
size: latents that can be scaled like pictures are smooth like pictures (EQ-VAE, Kouzelis et al. 2025)."""


def to_tensor(pictures: np.ndarray) -> Tensor:
    """uint8 [B, H, W, 3] to float [B, 3, H, W] in -1..1, on the device."""
    moved = torch.from_numpy(np.array(pictures)).to(DEVICE).permute(0, 3, 1, 2)
    return moved.float().div(127.5).sub(1).contiguous(memory_format=torch.channels_last)


def to_pictures(sample: Tensor) -> np.ndarray:
    """The reverse of `to_tensor`, rounded and clamped."""
    return ((sample.float().clamp(-1, 1) + 1) * 127.5).round().byte().permute(0, 2, 3, 1).cpu().numpy()


def crops(scenes: Scenes, batch: int, generator: torch.Generator) -> Tensor:
    """Random crops, some of them of sketches, half of them mirrored."""

    def pick(high: int) -> int:
        return int(torch.randint(high, (), generator=generator))

    out = np.empty((batch, CROP, CROP, 3), np.uint8)
    for i in range(batch):
        source = scenes.sketches if torch.rand((), generator=generator) < SKETCH_SHARE else scenes.pictures
        y, x = pick(source.shape[1] + 1 - CROP), pick(source.shape[2] + 1 - CROP)
        crop = source[pick(len(source)), y : y + CROP, x : x + CROP]
        out[i] = crop[:, ::-1] if pick(2) else crop
    return to_tensor(out)


def train_autoencoder(runs: Path, length: Length, batch: int) -> None:
    """Trains encoder and decoder together; runs/autoencoder."""
    scenes, held_out = Scenes(runs / "scenes/train"), Scenes(runs / "scenes/held-out")
    model, folder = placed(Autoencoder()), runs / "autoencoder"
    compiled(model.encoder, length.seconds)
    compiled(model.decoder, length.seconds)

    def step_loss(_share: float, dice: Dice) -> Tensor:
        target = crops(scenes, batch, dice.generator)
        latents = model.encoder(target).float()
        if torch.rand((), generator=dice.generator) < SMALLER_SHARE:
            latents, target = F.avg_pool2d(latents, 2), F.avg_pool2d(target, 2)
        decoded = model.decoder(latents).float()
        return reconstruction_loss(decoded, target) + 1e-4 * (latents**2).mean()

    def report(step: int) -> None:
        print(f"\n{step}: {measure(model, held_out)}", flush=True)
        save_grid(model, held_out, folder / "grid.png")

    Run(folder, model, length, 1.5e-3, step_loss, on_checkpoint=report).train()


@torch.no_grad()
def measure(model: Autoencoder, scenes: Scenes, count: int = 48) -> dict:
    """PSNR in dB and the share of detail that is kept, on whole held-out pictures."""
    target = to_tensor(scenes.pictures[:count])
    decoded = torch.cat([model.decoder(model.encoder(x)).clamp(-1, 1) for x in target.split(8)])
    error = ((decoded - target) / 2).pow(2).mean((1, 2, 3))
    return {
        "psnr": round(float((-10 * error.log10()).mean()), 2),
        "gradient": round(gradient_energy(target), 5),
        "gradientKept": round(gradient_energy(decoded) / gradient_energy(target), 3),
    }


@torch.no_grad()
def save_grid(model: Autoencoder, scenes: Scenes, path: Path) -> None:
    """Rows: six pictures and two sketches; the same after encoding and decoding."""
    originals = np.concatenate([scenes.pictures[:6], scenes.sketches[6:8]])
    save_rows([originals, to_pictures(model.decoder(model.encoder(to_tensor(originals))))], path)


def save_rows(rows: list[np.ndarray], path: Path) -> None:
    """Rows of pictures, uint8 [N, H, W, 3] each, as one picture at full size."""
    Image.fromarray(np.concatenate([np.concatenate(list(row), 1) for row in rows])).save(path)
