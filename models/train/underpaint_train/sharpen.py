"""Sharpens the decoder: fine texture cannot be carried by the latents, so the decoder learns to paint it (a patch
discriminator as in VQGAN, Esser et al. 2021) and how much of it there has to be (local gradient energy)."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .autoencoder import FACTOR, Autoencoder
from .dataset import Scenes
from .loop import Run, load_weights
from .painted import paint_scenes
from .train_autoencoder import CROP, crops, measure, save_grid, to_tensor, with_noise

ADVERSARIAL = 0.25
TEXTURE = 2.0
BETAS = (0.5, 0.95)
CELL = 8


class Discriminator(nn.Module):
    """Says of each patch of 30 pixels whether it is real; [B, 3, H, W] to [B, 1, H/8, W/8]."""

    def __init__(self, channels: int = 48):
        super().__init__()
        norm = nn.utils.parametrizations.spectral_norm
        self.layers = nn.Sequential(
            norm(nn.Conv2d(3, channels, 4, stride=2, padding=1)), nn.LeakyReLU(0.2),
            norm(nn.Conv2d(channels, 2 * channels, 4, stride=2, padding=1)), nn.LeakyReLU(0.2),
            norm(nn.Conv2d(2 * channels, 3 * channels, 4, stride=2, padding=1)), nn.LeakyReLU(0.2),
            norm(nn.Conv2d(3 * channels, 1, 3, padding=1)),
        )

    def forward(self, pictures: Tensor) -> Tensor:
        return self.layers(pictures).float()


def texture(pictures: Tensor) -> Tensor:
    """Root mean square of the gradients in cells of 8 pixels: [B, 6, H/8, W/8]."""
    steps = [F.pad(pictures.diff(dim=3), (0, 1)), F.pad(pictures.diff(dim=2), (0, 0, 0, 1))]
    return (F.avg_pool2d(torch.cat(steps, 1) ** 2, CELL) + 1e-4).sqrt()


def faithful(decoded: Tensor, target: Tensor) -> Tensor:
    """L1 of pixels and of cells: encoded latents hold the picture, so it has to come back."""
    return F.l1_loss(decoded, target) + alike(decoded, target)


def alike(decoded: Tensor, target: Tensor) -> Tensor:
    """L1 of cells: painted latents hold a picture like it, so its light and colours have to come back."""
    return F.l1_loss(F.avg_pool2d(decoded, CELL), F.avg_pool2d(target, CELL))


def painted_crops(scenes: Scenes, painted: Tensor, batch: int, generator: torch.Generator) -> tuple:
    """Crops of painted latents [B, 16, 8, 8] and of the pictures there [B, 3, 128, 128]."""
    cells, most = CROP // FACTOR, painted.shape[-1] - CROP // FACTOR
    picked = [[int(torch.randint(high, (), generator=generator)) for high in (len(painted), most + 1, most + 1)] for _ in range(batch)]
    latents = torch.stack([painted[i, :, y : y + cells, x : x + cells].float() for i, y, x in picked])
    pictures = [scenes.pictures[i, y * FACTOR : y * FACTOR + CROP, x * FACTOR : x * FACTOR + CROP] for i, y, x in picked]
    return latents, to_tensor(np.stack(pictures))


def train_sharpening(runs: Path, steps: int, batch: int, learning_rate: float = 4e-4) -> None:
    """Trains the decoder on, with the encoder as it is: latents that were encoded already stay good."""
    scenes, held_out = Scenes(runs / "scenes/train", in_memory=True), Scenes(runs / "scenes/held-out")
    state = torch.load(runs / "autoencoder/final.pt", weights_only=True)
    mean, deviation = (state[k].view(1, -1, 1, 1) for k in ("mean", "deviation"))
    painted = paint_scenes(runs)
    autoencoder = load_weights(runs / "decoder", Autoencoder()).to(memory_format=torch.channels_last)
    autoencoder.encoder.requires_grad_(False)
    discriminator = Discriminator().to(memory_format=torch.channels_last)
    model = nn.ModuleDict({"decoder": autoencoder.decoder, "discriminator": discriminator})
    folder = runs / "sharpening"

    def step_loss(_step: int, generator: torch.Generator) -> Tensor:
        target = crops(scenes, batch // 2, generator)
        with torch.no_grad():
            latents = with_noise(autoencoder.encoder(target).float(), generator)
        drawn, wanted = painted_crops(scenes, painted, batch - batch // 2, generator)
        decoded = autoencoder.decoder(torch.cat([latents, drawn * deviation + mean])).float()
        real = torch.cat([target, wanted])
        discriminator.requires_grad_(False)
        fooling = -discriminator(decoded).mean()
        discriminator.requires_grad_(True)
        # Hinge loss; the decoder is not to learn from this part.
        telling = F.relu(1 - discriminator(real)).mean() + F.relu(1 + discriminator(decoded.detach())).mean()
        detail = F.l1_loss(texture(decoded), texture(real))
        likeness = faithful(decoded[: len(target)], target) + alike(decoded[len(target) :], wanted)
        return likeness + TEXTURE * detail + ADVERSARIAL * fooling + telling

    def report(step: int) -> None:
        print(f"\n{step}: {measure(autoencoder, held_out)}", flush=True)
        save_grid(autoencoder, held_out, folder / "grid.png")

    Run(folder, model, steps, learning_rate, step_loss, ema_decay=0.99, betas=BETAS, on_checkpoint=report).train()
    model.load_state_dict(torch.load(folder / "checkpoint.pt", weights_only=True)["average"])
    report(steps)
    state["model"] = autoencoder.state_dict()
    torch.save(state, runs / "autoencoder/final.pt")
