"""The teacher: latent diffusion with classifier-free guidance.

Its text encoder and its control encoder are trained along with it.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from ..networks.autoencoder import Autoencoder
from ..networks.control import ControlEncoder
from ..networks.diffusion import SHAPE, TRAIN_STEPS, ControlledUnet, ddim, velocity_toward, x0_of
from ..networks.text import load_tokenizer, make_text_encoder, tokenize
from ..scenes.dataset import Scenes
from . import peers
from .autoencoder import save_rows, to_pictures, to_tensor
from .device import DEVICE, Dice, compiled, placed
from .latents import LatentScenes, channel_weights
from .length import Length
from .loop import Run, load_weights

SKEW = 0.4
"""More rows with much noise: the served model starts from noise alone."""
CONTROL_RATE, CONTROL_FROM = 0.3, 0.6
"""The control encoder begins trained: it learns more slowly, and only in the last part of the training. Until then a
step takes a quarter less time."""


@dataclass
class Told:
    """The conditions of the UNet."""

    hidden: Tensor
    """Hidden states of the words, [B, 32, 128]."""
    control: Tensor
    """Features of the sketch, [B, 48, 32, 32]."""
    scale: Tensor
    """How much these count, [B]."""

    def __getitem__(self, some: slice | Tensor) -> "Told":
        return Told(self.hidden[some], self.control[some], self.scale[some])


class Teacher(nn.Module):
    def __init__(self, tokenizer: Tokenizer):
        super().__init__()
        self.unet = ControlledUnet(with_guidance=False)
        self.text = make_text_encoder(tokenizer)
        self.control = ControlEncoder()

    def encode(self, tokens: Tensor) -> Tensor:
        return self.text(tokens).last_hidden_state.float()

    def told(self, tokens: Tensor, sketches: Tensor, scale: Tensor) -> Told:
        return Told(self.encode(tokens), self.control(sketches).float(), scale)

    def guided_x0(self, x: Tensor, t: Tensor, told: Told, empty: Tensor, guidance: Tensor) -> Tensor:
        """Clean latents under classifier-free guidance (Ho and Salimans 2022) of the given scale [B]: words are left
        out, the sketch stays."""

        def twice(a: Tensor) -> Tensor:
            return torch.cat([a, a])

        hidden = torch.cat([told.hidden, empty.expand_as(told.hidden)])
        both = self.unet(twice(x), twice(t), hidden, twice(told.control), twice(told.scale))
        conditioned, unconditioned = both.chunk(2)
        return x0_of(unconditioned + guidance.view(-1, 1, 1, 1) * (conditioned - unconditioned), x, t)


def start_control(runs: Path, control: ControlEncoder) -> None:
    """The control encoder begins as the trained autoencoder's encoder."""
    encoder = placed(load_weights(runs / "autoencoder", Autoencoder())).encoder
    control.start_from(encoder, sketches_of(Scenes(runs / "scenes/train"), slice(0, 64)))


def train_teacher(runs: Path, length: Length, batch: int, learning_rate: float = 1.2e-3) -> None:
    """Learns the velocity (Salimans and Ho 2022) of noised pictures, told their captions and sketches; runs/teacher."""
    tokenizer = load_tokenizer(runs / "tokenizer.json")
    data = LatentScenes(runs / "scenes/train", tokenizer)
    model, weights = placed(Teacher(tokenizer)), channel_weights(runs)
    start_control(runs, model.control)
    compiled(model.unet, length.seconds)

    def step_loss(share: float, dice: Dice) -> Tensor:
        b = data.batch(batch, dice, skew=SKEW)
        with torch.set_grad_enabled(share >= CONTROL_FROM):
            control = model.control(b.sketches).float()
        v = model.unet(b.noisy, b.t, model.encode(b.tokens), control, b.scale)
        return (weights * (v - velocity_toward(b.pictures, b.noisy, b.t)) ** 2).mean()

    Run(
        runs / "teacher",
        model,
        length,
        learning_rate,
        step_loss,
        ema_decay=0.998,
        warmup=100,
        rates={"control": CONTROL_RATE},
        on_checkpoint=lambda step: print(flush=True),
    ).train()
    if peers.is_first():
        save_teacher_grid(runs)


def sketches_of(scenes: Scenes, some: slice) -> Tensor:
    """Pixels [B, 3, 256, 256] in 0..1."""
    return (to_tensor(scenes.sketches[some]) + 1) / 2


@torch.no_grad()
def sample_ddim(
    teacher: Teacher,
    tokens: Tensor,
    sketches: Tensor,
    *,
    steps: int,
    guidance: float,
    noise: Tensor,
    scale: float = 1.0,
) -> Tensor:
    """DDIM with classifier-free guidance from noise; latents [B, 12, 32, 32]."""
    times = torch.linspace(TRAIN_STEPS - 1, 0, steps + 1).round().long().to(DEVICE)
    empty = teacher.encode(empty_tokens(tokens))
    told = teacher.told(tokens, sketches, torch.full((len(tokens),), scale, device=DEVICE))
    guidances, x = torch.full((len(tokens),), guidance, device=DEVICE), noise
    for now, then in zip(times[:-1], times[1:]):
        t, to = now.expand(len(x)), then.expand(len(x))
        x0 = teacher.guided_x0(x, t, told, empty, guidances)
        x = ddim(x0, x, t, to)
    return x0


def empty_tokens(tokens: Tensor) -> Tensor:
    """The tokens of the empty caption: its start, then ends, which every row has first and last."""
    row = tokens[:1].clone()
    row[:, 1:] = tokens[0, -1]
    return row


class Decoding:
    """Latents of the diffusion, which are normalised, to pictures."""

    def __init__(self, runs: Path):
        state = torch.load(runs / "autoencoder/final.pt", weights_only=True, map_location=DEVICE)
        self.model = placed(Autoencoder())
        self.model.load_state_dict(state["model"])
        self.model.eval()
        self.mean, self.deviation = (state[k].view(1, -1, 1, 1) for k in ("mean", "deviation"))

    @torch.no_grad()
    def __call__(self, latents: Tensor) -> np.ndarray:
        return to_pictures(self.model.decoder(latents * self.deviation + self.mean))


@torch.no_grad()
def save_teacher_grid(runs: Path, count: int = 10) -> None:
    """Rows: sketch; DDIM with 8 steps at guidance 1 and 3; from the caption alone; the real picture."""
    tokenizer, scenes = load_tokenizer(runs / "tokenizer.json"), Scenes(runs / "scenes/held-out")
    count = min(count, len(scenes))
    teacher, decode = placed(load_weights(runs / "teacher", Teacher(tokenizer))), Decoding(runs)
    tokens = tokenize(tokenizer, scenes.captions[:count]).to(DEVICE)
    sketches = sketches_of(scenes, slice(0, count))
    noise = torch.randn((count, *SHAPE), generator=torch.Generator().manual_seed(1)).to(DEVICE)
    rows = [scenes.sketches[:count]]
    for guidance, scale in ((1.0, 1.0), (3.0, 1.0), (3.0, 0.0)):
        latents = sample_ddim(teacher, tokens, sketches, steps=8, guidance=guidance, noise=noise, scale=scale)
        rows.append(decode(latents))
    save_rows([*rows, scenes.pictures[:count]], runs / "teacher/grid.png")
