"""The teacher: latent diffusion with classifier-free guidance, its text encoder trained along with it."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from tokenizers import Tokenizer
from torch import Tensor, nn

from ..networks.autoencoder import Autoencoder
from ..networks.diffusion import SHAPE, TRAIN_STEPS, ddim, make_unet, scales, velocity_toward, x0_of
from ..networks.text import load_tokenizer, make_text_encoder, tokenize
from ..scenes.dataset import Scenes
from .autoencoder import to_pictures
from .latents import LatentScenes
from .loop import Run, channels_last, load_weights


class Teacher(nn.Module):
    """The diffusion model and its text encoder: noisy latents [B, 4, h, w] at timesteps [B] to velocities."""

    def __init__(self, tokenizer: Tokenizer):
        super().__init__()
        self.unet = make_unet(with_guidance=False)
        self.text = make_text_encoder(tokenizer)

    def forward(self, x: Tensor, t: Tensor, hidden: Tensor) -> Tensor:
        return self.unet(x.contiguous(memory_format=torch.channels_last), t, hidden).sample.float()

    def encode(self, tokens: Tensor) -> Tensor:
        return self.text(tokens).last_hidden_state.float()

    def guided_x0(self, x: Tensor, t: Tensor, hidden: Tensor, empty: Tensor, scale: Tensor) -> Tensor:
        """Clean latents under classifier-free guidance (Ho and Salimans 2022) of the given scale [B]."""
        both = self(torch.cat([x, x]), torch.cat([t, t]), torch.cat([hidden, empty.expand_as(hidden)]))
        conditioned, unconditioned = both.chunk(2)
        v = unconditioned + scale.view(-1, 1, 1, 1) * (conditioned - unconditioned)
        return x0_of(v, x, t)


def train_teacher(runs: Path, steps: int, batch: int, learning_rate: float = 1.2e-3) -> None:
    tokenizer = load_tokenizer(runs / "tokenizer.json")
    data = LatentScenes(runs / "scenes/train", tokenizer)
    model = channels_last(Teacher(tokenizer))

    def step_loss(_step: int, generator: torch.Generator) -> Tensor:
        b = data.batch(batch, generator)
        v = model(b.noisy, b.t, model.encode(b.tokens))
        # What a picture has and its sketch has not cannot be known, and as a velocity it is large where there is little
        # noise. Such rows count by their clean latents: v is off by 1 / s of what those are.
        _, s = scales(b.t)
        weight = torch.where(b.share > 0, s**2, torch.ones_like(s))
        return (weight * (v - velocity_toward(b.pictures, b.noisy, b.t)) ** 2).mean()

    run = Run(
        runs / "teacher",
        model,
        steps,
        learning_rate,
        step_loss,
        ema_decay=0.998,
        warmup=100,
        on_checkpoint=lambda step: print(flush=True),
    )
    run.train()
    save_teacher_grid(runs)


@torch.no_grad()
def sample_ddim(
    teacher: Teacher,
    tokens: Tensor,
    *,
    steps: int,
    scale: float,
    noise: Tensor,
    start: Tensor | None = None,
    strength: float = 1.0,
) -> Tensor:
    """DDIM with classifier-free guidance from noise, or from `start` noised as far as `strength` says; latents."""
    times = torch.linspace(strength * (TRAIN_STEPS - 1), 0, steps + 1).round().long()
    empty = teacher.encode(empty_tokens(tokens))
    hidden, scales_ = teacher.encode(tokens), torch.full((len(tokens),), scale)
    a, s = scales(times[:1])
    x = noise if start is None else a * start + s * noise
    for t, to in zip(times[:-1], times[1:]):
        t, to = t.expand(len(x)), to.expand(len(x))
        x0 = teacher.guided_x0(x, t, hidden, empty, scales_)
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
        state = torch.load(runs / "autoencoder/final.pt", weights_only=True)
        self.model = Autoencoder()
        self.model.load_state_dict(state["model"])
        self.model.eval()
        self.mean, self.deviation = (state[k].view(1, -1, 1, 1) for k in ("mean", "deviation"))

    @torch.no_grad()
    def __call__(self, latents: Tensor) -> np.ndarray:
        return to_pictures(self.model.decoder(latents * self.deviation + self.mean))


@torch.no_grad()
def save_teacher_grid(runs: Path, count: int = 8) -> None:
    """Rows: sketch; from the sketch at strength 0.6; from the caption alone; the real picture."""
    tokenizer, scenes = load_tokenizer(runs / "tokenizer.json"), Scenes(runs / "scenes/held-out")
    teacher, decode = load_weights(runs / "teacher", Teacher(tokenizer)), Decoding(runs)
    data = torch.load(runs / "scenes/held-out/latents.pt", weights_only=True)
    tokens = tokenize(tokenizer, scenes.captions[:count])
    noise = torch.randn((count, *SHAPE), generator=torch.Generator().manual_seed(1))
    sketched = sample_ddim(
        teacher, tokens, steps=25, scale=4.0, noise=noise, start=data["sketches"][:count].float(), strength=0.6
    )
    alone = sample_ddim(teacher, tokens, steps=25, scale=4.0, noise=noise)
    rows = [scenes.sketches[:count], decode(sketched), decode(alone), scenes.pictures[:count]]
    Image.fromarray(np.concatenate([np.concatenate(list(row), 1) for row in rows])).save(runs / "teacher/grid.png")
