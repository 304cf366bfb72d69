"""The encoded data set, and batches of it."""

import random
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from .dataset import Scenes
from .diffusion import TRAIN_STEPS, scales
from .text import tokenize, worsen

EMPTY_SHARE = 0.12
SKETCH_SHARE = 0.45
SKETCH_RANGE = (120, 880)


@dataclass
class Batch:
    pictures: Tensor
    """Latents [B, 16, 16, 16] of the real pictures."""
    noisy: Tensor
    t: Tensor
    tokens: Tensor


class LatentScenes:
    def __init__(self, folder: Path, tokenizer):
        self.tokenizer = tokenizer
        self.captions = Scenes(folder).captions
        data = torch.load(folder / "latents.pt", weights_only=True)
        self.pictures = torch.stack([data["pictures"], data["pictures_mirrored"]])
        self.sketches = torch.stack([data["sketches"], data["sketches_mirrored"]])

    def __len__(self) -> int:
        return self.pictures.shape[1]

    def batch(self, size: int, generator: torch.Generator, low: int = 0) -> Batch:
        """A batch noised to random timesteps from `low` on.

        Almost half of the rows at middling timesteps start from the latents of the *sketch*: img2img does the same when
        it is used, so the networks learn to bring a noised sketch to the picture and not back to the sketch.
        """
        index = torch.randint(len(self), (size,), generator=generator)
        side = torch.randint(2, (size,), generator=generator)
        t = torch.randint(low, TRAIN_STEPS, (size,), generator=generator)
        pictures, sketches = self.pictures[side, index].float(), self.sketches[side, index].float()
        from_sketch = (torch.rand(size, generator=generator) < SKETCH_SHARE) & (t >= SKETCH_RANGE[0]) & (t <= SKETCH_RANGE[1])
        start = torch.where(from_sketch.view(-1, 1, 1, 1), sketches, pictures)
        a, s = scales(t)
        noisy = a * start + s * torch.randn(start.shape, generator=generator)
        rng = random.Random(int(torch.randint(2**31, (), generator=generator)))
        captions = ["" if rng.random() < EMPTY_SHARE else worsen(self.captions[i], rng) for i in index.tolist()]
        return Batch(pictures, noisy, t, tokenize(self.tokenizer, captions))
