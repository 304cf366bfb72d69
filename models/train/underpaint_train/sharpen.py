"""Sharpens what is served. Fine texture cannot be carried by the latents, so the decoder learns to paint it, and the student
to give latents that it paints well: adversarial training of both in pixels (a patch discriminator as in VQGAN, Esser et al.
2021, after distillation as in Sauer et al. 2023), and toward as much local detail as pictures have."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .autoencoder import FACTOR, Autoencoder
from .dataset import Scenes
from .diffusion import guidance_embedding, scales
from .latents import Batch, LatentScenes
from .loop import Run, load_weights
from .student import SKIP, Pair, load_pair, save_student_grid
from .text import load_tokenizer
from .train_autoencoder import CROP, crops, measure, save_grid, to_tensor, with_noise

ADVERSARIAL = 0.25
TEXTURE = 2.0
BETAS = (0.5, 0.95)
STUDENT_RATE = 0.25
GUIDANCE_RANGE = (1.0, 4.0)
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


def alike(decoded: Tensor, target: Tensor) -> Tensor:
    """L1 of cells, [B]: light, colours and shapes."""
    return (F.avg_pool2d(decoded, CELL) - F.avg_pool2d(target, CELL)).abs().mean((1, 2, 3))


class Painted:
    """What the student makes of noised scenes, cut to crops, beside the pictures that are there."""

    def __init__(self, runs: Path, scenes: Scenes, pair: Pair):
        state = torch.load(runs / "autoencoder/final.pt", weights_only=True)
        self.mean, self.deviation = (state[k].view(1, -1, 1, 1) for k in ("mean", "deviation"))
        self.scenes, self.pair = scenes, pair
        self.data = LatentScenes(runs / "scenes/train", load_tokenizer(runs / "tokenizer.json"))

    def crops(self, count: int, generator: torch.Generator) -> tuple:
        """Latents for the decoder [B, 16, 8, 8], pictures [B, 3, 128, 128], and how much of them the student saw [B]."""
        b = self.data.batch(count, generator, every=SKIP)
        low, high = GUIDANCE_RANGE
        guidance = guidance_embedding(low + (high - low) * torch.rand(count, generator=generator))
        latents = self.pair.student(b.noisy, b.t, self.pair.encode(b.tokens), guidance)
        cells = CROP // FACTOR
        corners = torch.randint(latents.shape[-1] - cells + 1, (count, 2), generator=generator).tolist()
        cut = torch.stack([row[:, y : y + cells, x : x + cells] for row, (y, x) in zip(latents, corners)])
        signal, _ = scales(b.t)
        return cut * self.deviation + self.mean, self._pictures(b, corners), signal.flatten()

    def _pictures(self, b: Batch, corners: list) -> Tensor:
        out = []
        for index, mirrored, (y, x) in zip(b.index.tolist(), b.mirrored.tolist(), corners):
            picture = self.scenes.pictures[index][:, ::-1] if mirrored else self.scenes.pictures[index]
            out.append(picture[y * FACTOR : y * FACTOR + CROP, x * FACTOR : x * FACTOR + CROP])
        return to_tensor(np.stack(out))


def train_sharpening(runs: Path, steps: int, batch: int, learning_rate: float = 4e-4) -> None:
    """Trains the decoder and the student on, with the encoder and the text encoder as they are. Half of a batch is encoded
    pictures, which have to come back; half is what the student paints, which has to be like its picture as far as the
    student can know it. The student goes to runs/student, the decoder to autoencoder/final.pt."""
    scenes, held_out = Scenes(runs / "scenes/train", in_memory=True), Scenes(runs / "scenes/held-out")
    autoencoder = load_weights(runs / "decoder", Autoencoder()).to(memory_format=torch.channels_last)
    autoencoder.encoder.requires_grad_(False)
    pair = load_pair(runs, "distilled").to(memory_format=torch.channels_last)
    pair.text.requires_grad_(False)
    painted = Painted(runs, scenes, pair)
    discriminator = Discriminator().to(memory_format=torch.channels_last)
    model = nn.ModuleDict({"decoder": autoencoder.decoder, "discriminator": discriminator, "student": pair.student})
    folder = runs / "sharpening"

    def step_loss(_step: int, generator: torch.Generator) -> Tensor:
        target = crops(scenes, batch // 2, generator)
        with torch.no_grad():
            latents = with_noise(autoencoder.encoder(target).float(), generator)
        drawn, wanted, signal = painted.crops(batch - batch // 2, generator)
        decoded = autoencoder.decoder(torch.cat([latents, drawn])).float()
        real = torch.cat([target, wanted])
        discriminator.requires_grad_(False)
        fooling = -discriminator(decoded).mean()
        discriminator.requires_grad_(True)
        # Hinge loss; what paints is not to learn from this part.
        telling = F.relu(1 - discriminator(real)).mean() + F.relu(1 + discriminator(decoded.detach())).mean()
        detail = F.l1_loss(texture(decoded), texture(real))
        faithful = F.l1_loss(decoded[: len(target)], target) + alike(decoded[: len(target)], target).mean()
        likeness = (signal * alike(decoded[len(target) :], wanted)).mean()
        return faithful + 2 * likeness + TEXTURE * detail + ADVERSARIAL * fooling + telling

    def report(step: int) -> None:
        print(f"\n{step}: {measure(autoencoder, held_out)}", flush=True)
        save_grid(autoencoder, held_out, folder / "grid.png")

    Run(folder, model, steps, learning_rate, step_loss, ema_decay=0.99, betas=BETAS, slower={"student": STUDENT_RATE},
        on_checkpoint=report).train()
    model.load_state_dict(torch.load(folder / "checkpoint.pt", weights_only=True)["average"])
    report(steps)
    state = torch.load(runs / "autoencoder/final.pt", weights_only=True)
    torch.save({**state, "model": autoencoder.state_dict()}, runs / "autoencoder/final.pt")
    (runs / "student").mkdir(exist_ok=True)
    torch.save({"average": pair.state_dict()}, runs / "student/checkpoint.pt")
    save_student_grid(runs, runs / "student")
