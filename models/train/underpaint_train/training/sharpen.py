"""Sharpens the served model: adversarial training of student, control encoder and decoder in pixels (patch
discriminators as in VQGAN, Esser et al. 2021, after distillation as in Sauer et al. 2023)."""

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..networks.autoencoder import FACTOR, Autoencoder
from ..networks.diffusion import guidance_embedding, scales
from ..networks.discriminator import Discriminator, Verdict
from ..networks.text import load_tokenizer
from ..scenes.dataset import Scenes
from .autoencoder import CROP, measure, save_grid
from .device import DEVICE, Dice, compiled, placed
from .latents import Batch, LatentScenes
from .length import Length
from .loop import Run, load_weights, write_whole
from .student import GUIDANCE_RANGE, Pair, load_pair, save_student_grid, untrained_pair
from .teacher import Told

ADVERSARIAL = 0.5
FEATURES = 0.5
CELLS = 2.0
PIXELS = 2.0
"""Weights of the parts of a painted picture's loss: scores of the discriminators, their features, L1 of 8 x 8 cells, L1
of pixels."""
BETAS = (0.5, 0.95)
ENCODERS_RATE = 0.3
"""The encoders of words and sketches learn more slowly than the rest."""
ENCODED_SHARE = 0.25
LATENT_NOISE = 0.1
"""Most noise on encoded pictures, in deviations: a student's latents are never as clean."""
FRESH_SHARE = 0.7
LATER = (759, 499, 259)
"""Timesteps of the rows that do not start from noise alone: those of 2 and 4 steps."""
ROLLED_SHARE = 0.6
"""Of these, the share that starts at the student's own estimate, noised anew. So more steps do not drift."""
CELL = 8
PUBLISHED_SECONDS = 300.0


def alike(decoded: Tensor, target: Tensor) -> Tensor:
    """L1 of cells, [B]: light, colours and shapes."""
    return (F.avg_pool2d(decoded, CELL) - F.avg_pool2d(target, CELL)).abs().mean((1, 2, 3))


class Cut:
    """The same random crops of latents and of the pictures that belong to them."""

    def __init__(self, count: int, cells: int, generator: torch.Generator):
        self.size = CROP // FACTOR
        self.corners = torch.randint(cells - self.size + 1, (count, 2), generator=generator).tolist()

    def __call__(self, rows: Tensor, factor: int) -> Tensor:
        """Crops of [B, C, h, w], where one cell of the latents is `factor` wide."""
        size = self.size * factor
        places = [(y * factor, x * factor) for y, x in self.corners]
        return torch.stack([row[:, y : y + size, x : x + size] for row, (y, x) in zip(rows, places)])


class Sharpening(nn.Module):
    """Everything that learns: the decoder, the student with the encoders of words and sketches, and the
    discriminators."""

    def __init__(self, runs: Path, autoencoder: Autoencoder, pair: Pair):
        super().__init__()
        self.decoder, self.student, self.control, self.text = autoencoder.decoder, pair.student, pair.control, pair.text
        self.discriminator = Discriminator()
        state = torch.load(runs / "autoencoder/final.pt", weights_only=True, map_location=DEVICE)
        self._mean, self._deviation = (state[k].view(1, -1, 1, 1) for k in ("mean", "deviation"))
        # In a list, so that it is no part of this module.
        self._pair = [pair]
        self._data = LatentScenes(runs / "scenes/train", load_tokenizer(runs / "tokenizer.json"))

    def loss(self, batch: int, dice: Dice) -> Tensor:
        """Some of the rows are encoded pictures, which have to come back; the others are what the student makes of
        noise. The discriminators' own loss is part of the sum."""
        b = self._data.batch(batch, dice)
        split = max(1, round(ENCODED_SHARE * batch))
        encoded, painted = slice(0, split), slice(split, batch)
        cut = Cut(batch, b.pictures.shape[-1], dice.generator)
        told = self._pair[0].told(b.tokens, b.sketches, b.scale)
        low, high = GUIDANCE_RANGE
        guidance = guidance_embedding(low + (high - low) * dice.uniform(batch))
        drawn = self._paint(b, painted, told[painted], guidance[painted], dice)
        amount = LATENT_NOISE * dice.uniform(split, 1, 1, 1)
        kept = b.pictures[encoded] + amount * dice.normal(*b.pictures[encoded].shape)
        decoded = self.decoder(cut(torch.cat([kept, drawn]), 1) * self._deviation + self._mean).float()
        real = cut(b.real(self._data.scenes), FACTOR)
        sketches = cut(b.scale.view(-1, 1, 1, 1) * (2 * b.sketches - 1), FACTOR)

        words = told.hidden[:, -1].detach()
        wanted = self.discriminator(real, sketches, words)
        # The painters are not to learn from this part.
        telling = self.discriminator(decoded.detach(), sketches, words).error(0) + wanted.error(1)
        self.discriminator.requires_grad_(False)
        faked = self.discriminator(decoded, sketches, words)
        self.discriminator.requires_grad_(True)

        faithful = (decoded - real).abs().mean((1, 2, 3))
        like = PIXELS * faithful + CELLS * alike(decoded, real) + FEATURES * Verdict.distance(faked, wanted)
        return like.mean() + 0.5 * faithful[encoded].mean() + ADVERSARIAL * faked.error(1) + telling

    def _paint(self, b: Batch, rows: slice, told: Told, guidance: Tensor, dice: Dice) -> Tensor:
        """The student's clean latents of noise alone, of noised pictures, and of its own estimates noised anew."""
        pictures = b.pictures[rows]
        count = len(pictures)
        fresh = dice.chance(FRESH_SHARE, count)
        rolled = ~fresh & dice.chance(ROLLED_SHARE, count)
        later = torch.tensor(LATER, device=DEVICE)[dice.below(len(LATER), count)]
        first = torch.full((count,), 999, device=DEVICE)
        t = torch.where(fresh, first, later)
        begin, clean = dice.normal(*pictures.shape), pictures.clone()
        some = rolled.nonzero()[:, 0]
        if len(some):
            with torch.no_grad():
                a, s = scales(first[some])
                noisy = a * pictures[some] + s * begin[some]
                clean[some] = self.student(noisy, first[some], told[some], guidance[some])
        a, s = scales(t)
        # At t = 999 a trace of the picture is left; where there is none to start from, there is none either.
        noisy = torch.where(fresh.view(-1, 1, 1, 1), begin, a * clean + s * dice.normal(*pictures.shape))
        return self.student(noisy, t, told, guidance)


def train_sharpening(
    runs: Path, length: Length, batch: int, *, start: str = "teacher", learning_rate: float = 5e-4
) -> None:
    """Trains the decoder and the student on; the autoencoder's encoder stays as it is. At each checkpoint the averaged
    student goes to runs/student, and the decoder to autoencoder/final.pt.

    Args:
        start: "teacher" begins with the teacher's own estimate from noise alone, which is blurred and keeps all
            shapes; "distilled" with the student that walks the teacher's trajectories, which a young teacher loses
            its way on
    """
    autoencoder = placed(load_weights(runs / "autoencoder", Autoencoder()))
    pair = untrained_pair(runs) if start == "teacher" else load_pair(runs, start)
    autoencoder.encoder.requires_grad_(False)
    model = placed(Sharpening(runs, autoencoder, pair))
    for part in (model.decoder, model.student.unet, model.discriminator):
        compiled(part, length.seconds)
    Run(
        runs / "sharpening",
        model,
        length,
        learning_rate,
        lambda _share, dice: model.loss(batch, dice),
        ema_decay=0.995,
        betas=BETAS,
        rates={"control": ENCODERS_RATE, "text": ENCODERS_RATE},
        apart="discriminator",
        checkpoint_seconds=PUBLISHED_SECONDS,
        on_checkpoint=lambda _step: publish(runs, model, autoencoder, pair),
    ).train()


def publish(runs: Path, model: Sharpening, autoencoder: Autoencoder, pair: Pair) -> None:
    """Puts the averaged weights of the last checkpoint where the export looks for them, and saves the grids."""
    folder = runs / "sharpening"
    kept = {key: value.clone() for key, value in model.state_dict().items()}
    model.load_state_dict(torch.load(folder / "checkpoint.pt", weights_only=True, map_location=DEVICE)["average"])
    state = torch.load(runs / "autoencoder/final.pt", weights_only=True)
    write_whole({**state, "model": autoencoder.state_dict()}, runs / "autoencoder/final.pt")
    (runs / "student").mkdir(exist_ok=True)
    write_whole({"average": pair.state_dict()}, runs / "student/checkpoint.pt")
    held_out = Scenes(runs / "scenes/held-out")
    print(f"\n{measure(autoencoder, held_out)}", flush=True)
    save_grid(autoencoder, held_out, folder / "grid.png")
    save_student_grid(runs, runs / "student")
    model.load_state_dict(kept)
