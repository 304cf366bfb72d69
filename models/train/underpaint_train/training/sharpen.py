"""Sharpens what is served. Fine texture cannot be carried by the latents, so the decoder learns to paint it, and the
student to give latents that it paints well: adversarial training of both in pixels (patch discriminators as in VQGAN,
Esser et al. 2021, after distillation as in Sauer et al. 2023)."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..networks.autoencoder import FACTOR, Autoencoder
from ..networks.diffusion import guidance_embedding, scales
from ..networks.discriminator import Discriminator, Verdict
from ..networks.samplers import consistency_time
from ..networks.text import load_tokenizer
from ..scenes.dataset import Scenes
from .autoencoder import CROP, measure, save_grid, to_tensor
from .latents import Batch, LatentScenes
from .loop import Run, channels_last, load_weights
from .student import GUIDANCE_RANGE, SKIP, Pair, load_pair, save_student_grid

ADVERSARIAL = (0.15, 0.05)
"""Weight of the discriminators' verdict at the start and at the end, when they can tell little any more and would have
painters follow their whims."""
FEATURES = 2.0
LIKENESS = 4.0
CONTRAST = (8.0, 4.0)
"""Of encoded pictures, whose texture is known where it is and how much, and of painted ones."""
BETAS = (0.5, 0.95)
STUDENT_RATE = 1.5
ENCODED_SHARE = 0.375
OUTSTANDING = 3.0
"""How much the mean square counts beside its root in contrast."""
CELL, REGION = 8, 16
"""Sides in pixels of what likeness and contrast are averaged over."""
LATENT_NOISE = 0.1
"""Most noise on encoded pictures, in deviations: what a student gives is never as clean."""
SKEW = 2.0
"""How much oftener rows have little noise, where pictures are like their sketches and people draw."""
SKETCHED = 0.8
SAMPLED_STEPS = (2, 4, 8)
ONWARD = 0.6
"""The student's rows sample in one of so many steps; of those that are at one step, this share goes on to the next
before it is judged. So more steps do not drift from what was drawn."""
LEAST_KNOWN = 0.2
"""What rows count at the least by what they show: even from noise alone, light and colours should be sane."""


def alike(decoded: Tensor, target: Tensor) -> Tensor:
    """L1 of cells, [B]: light, colours and shapes."""
    return (F.avg_pool2d(decoded, CELL) - F.avg_pool2d(target, CELL)).abs().mean((1, 2, 3))


def contrast(pictures: Tensor) -> list:
    """How much neighbouring pixels differ in overlapping regions, at full and at half size: the root of the mean
    square, and the mean square, to which stars and outlines count for more. [B, 3, n, n] each."""
    out = []
    for size in (pictures, F.avg_pool2d(pictures, 2)):
        energy = size.diff(dim=3)[:, :, 1:].square() + size.diff(dim=2)[..., 1:].square()
        energy = F.avg_pool2d(energy, REGION, REGION // 2)
        out += [(energy + 1e-5).sqrt(), OUTSTANDING * energy]
    return out


def as_crisp(decoded: Tensor, target: Tensor) -> Tensor:
    """L1 of their contrast, [B]: as much texture, wherever its pixels are."""
    return sum((a - b).abs().mean((1, 2, 3)) for a, b in zip(contrast(decoded), contrast(target)))


class Cut:
    """The same random crops of latents and of the pictures that belong to them."""

    def __init__(self, count: int, cells: int, generator: torch.Generator):
        self.size = CROP // FACTOR
        self.corners = torch.randint(cells - self.size + 1, (count, 2), generator=generator).tolist()

    def latents(self, latents: Tensor) -> Tensor:
        return torch.stack([row[:, y : y + self.size, x : x + self.size] for row, (y, x) in zip(latents, self.corners)])

    def pictures(self, scenes: Scenes, batch: Batch) -> Tensor:
        out = []
        for index, mirrored, (y, x) in zip(batch.index.tolist(), batch.mirrored.tolist(), self.corners):
            picture = scenes.pictures[index][:, ::-1] if mirrored else scenes.pictures[index]
            out.append(picture[y * FACTOR : y * FACTOR + CROP, x * FACTOR : x * FACTOR + CROP])
        return to_tensor(np.stack(out))


class Sharpening(nn.Module):
    """What learns: the decoder, the student, and what tells their pictures from real ones. What does not is beside
    it."""

    def __init__(self, runs: Path, scenes: Scenes, autoencoder: Autoencoder, pair: Pair):
        super().__init__()
        self.decoder, self.student, self.discriminator = autoencoder.decoder, pair.student, Discriminator()
        state = torch.load(runs / "autoencoder/final.pt", weights_only=True)
        self._mean, self._deviation = (state[k].view(1, -1, 1, 1) for k in ("mean", "deviation"))
        self._scenes, self._encode = scenes, [pair.encode]
        self._data = LatentScenes(runs / "scenes/train", load_tokenizer(runs / "tokenizer.json"))

    def loss(self, batch: int, generator: torch.Generator, *, adversarial: float) -> Tensor:
        """Some of the rows are encoded pictures, which have to come back; the others are what the student makes of
        noised ones, which have to be like them as far as they can be known. The discriminator's own loss is part of the
        sum."""
        b = self._data.batch(batch, generator, every=SKIP, skew=SKEW, sketched=SKETCHED)
        split = round(ENCODED_SHARE * batch)
        encoded, painted = slice(0, split), slice(split, batch)
        cut = Cut(batch, b.pictures.shape[-1], generator)
        hidden = self._encode[0](b.tokens)
        low, high = GUIDANCE_RANGE
        guidance = guidance_embedding(low + (high - low) * torch.rand(batch, generator=generator))
        drawn = self._draw(b.noisy[painted], b.t[painted], hidden[painted], guidance[painted], generator)
        amount = LATENT_NOISE * torch.rand((split, 1, 1, 1), generator=generator)
        kept = b.pictures[encoded] + amount * torch.randn(b.pictures[encoded].shape, generator=generator)
        latents = cut.latents(torch.cat([kept, drawn])) * self._deviation + self._mean
        decoded, real = self.decoder(latents).float(), cut.pictures(self._scenes, b)

        words = hidden[:, -1]
        wanted = self.discriminator(real, words)
        # Hinge loss; what paints is not to learn from this part.
        telling = self.discriminator(decoded.detach(), words).hinge(-1) + wanted.hinge(1)
        self.discriminator.requires_grad_(False)
        faked = self.discriminator(decoded, words)
        self.discriminator.requires_grad_(True)

        # What a row shows is known as far as its latents are not noise.
        signal = torch.cat([torch.ones(split), scales(b.t[painted])[0].flatten()]).clamp(min=LEAST_KNOWN)
        crisp = torch.tensor([CONTRAST[0]] * split + [CONTRAST[1]] * (batch - split)) * as_crisp(decoded, real)
        faithful = (decoded - real).abs().mean((1, 2, 3))
        like = faithful + LIKENESS * alike(decoded, real) + crisp + FEATURES * Verdict.distance(faked, wanted)
        return (signal * like).mean() - adversarial * faked.mean() + telling

    def _draw(self, x: Tensor, t: Tensor, hidden: Tensor, guidance: Tensor, generator: torch.Generator) -> Tensor:
        """The student's clean latents of noisy ones, of some of them after the first steps of sampling from there
        on."""
        x, t, usable = x.clone(), t.clone(), (t + 1) // SKIP
        steps = torch.tensor(SAMPLED_STEPS)[torch.randint(len(SAMPLED_STEPS), t.shape, generator=generator)]
        with torch.no_grad():
            going = torch.ones(len(t), dtype=torch.bool)
            for step in range(1, max(SAMPLED_STEPS)):
                going &= (torch.rand(t.shape, generator=generator) < ONWARD) & (step < steps) & (steps <= usable)
                some = going.nonzero()[:, 0]
                if len(some) == 0:
                    break
                clean = self.student(x[some], t[some], hidden[some], guidance[some])
                earlier = torch.as_tensor(consistency_time(step, steps[some], usable[some]))
                a, s = scales(earlier)
                x[some], t[some] = a * clean + s * torch.randn(clean.shape, generator=generator), earlier
        return self.student(x, t, hidden, guidance)


def train_sharpening(runs: Path, steps: int, batch: int, learning_rate: float = 4e-4) -> None:
    """Trains the decoder and the student on, with the encoder and the text encoder as they are. The student goes to
    runs/student, the decoder to autoencoder/final.pt."""
    scenes, held_out = Scenes(runs / "scenes/train", in_memory=True), Scenes(runs / "scenes/held-out")
    autoencoder = channels_last(load_weights(runs / "autoencoder", Autoencoder()))
    pair = channels_last(load_pair(runs, "distilled"))
    autoencoder.encoder.requires_grad_(False)
    pair.text.requires_grad_(False)
    model = channels_last(Sharpening(runs, scenes, autoencoder, pair))
    folder = runs / "sharpening"

    def report(step: int) -> None:
        print(f"\n{step}: {measure(autoencoder, held_out)}", flush=True)
        save_grid(autoencoder, held_out, folder / "grid.png")

    def step_loss(step: int, generator: torch.Generator) -> Tensor:
        first, last = ADVERSARIAL
        return model.loss(batch, generator, adversarial=first + (last - first) * step / steps)

    Run(
        folder,
        model,
        steps,
        learning_rate,
        step_loss,
        ema_decay=0.99,
        betas=BETAS,
        rates={"student": STUDENT_RATE},
        on_checkpoint=report,
    ).train()
    model.load_state_dict(torch.load(folder / "checkpoint.pt", weights_only=True)["average"])
    report(steps)
    state = torch.load(runs / "autoencoder/final.pt", weights_only=True)
    torch.save({**state, "model": autoencoder.state_dict()}, runs / "autoencoder/final.pt")
    (runs / "student").mkdir(exist_ok=True)
    torch.save({"average": pair.state_dict()}, runs / "student/checkpoint.pt")
    save_student_grid(runs, runs / "student")
