"""Tells painted pictures from real ones, patch by patch, at two sizes (as in Wang et al. 2018, pix2pixHD)."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .text import WIDTH

PLACES = 16
"""Places each way on which features are compared at the most."""


@dataclass
class Verdict:
    """Scores of patches at each size, high where they look real, and what the layers saw."""

    scores: list
    features: list

    def mean(self) -> Tensor:
        return sum(score.mean() for score in self.scores) / len(self.scores)

    def hinge(self, sign: int) -> Tensor:
        """Loss of a discriminator that is to give scores beyond `sign`."""
        return torch.stack([F.relu(1 - sign * score).mean() for score in self.scores]).mean()

    @staticmethod
    def distance(a: "Verdict", b: "Verdict") -> Tensor:
        """L1 of what the layers saw of two sets of pictures, on the average of places, [B]: the same texture, not the
        same pixels."""
        parts = [(_places(x) - _places(y.detach())).abs().mean((1, 2, 3)) for x, y in zip(a.features, b.features)]
        return torch.stack(parts).mean(0)


def _places(seen: Tensor) -> Tensor:
    """[B, C, 16, 16] and smaller: what a layer saw, averaged where it looked closer."""
    return F.avg_pool2d(seen, seen.shape[-1] // PLACES) if seen.shape[-1] > PLACES else seen


class Patches(nn.Module):
    """Judges each patch of 30 pixels: [B, 3, H, W] to [B, 1, H/8, W/8]. What the words say shifts the scores
    (projection, Miyato and Koyama 2018)."""

    def __init__(self, channels: int):
        super().__init__()
        norm = nn.utils.parametrizations.spectral_norm
        widths = (3, channels, 2 * channels, 3 * channels)
        self.layers = nn.ModuleList(norm(nn.Conv2d(a, b, 4, stride=2, padding=1)) for a, b in zip(widths, widths[1:]))
        self.score = norm(nn.Conv2d(widths[-1], 1, 3, padding=1))
        self.words = norm(nn.Linear(WIDTH, widths[-1]))

    def forward(self, pictures: Tensor, words: Tensor) -> tuple:
        x, seen = pictures, []
        for layer in self.layers:
            x = F.leaky_relu(layer(x), 0.2)
            seen.append(x.float())
        matches = (x.mean((2, 3)) * self.words(words)).mean(1)
        return self.score(x).float() + matches.float().view(-1, 1, 1, 1), seen


class Discriminator(nn.Module):
    def __init__(self, channels: int = 48):
        super().__init__()
        self.sizes = nn.ModuleList([Patches(channels), Patches(channels)])

    def forward(self, pictures: Tensor, words: Tensor) -> Verdict:
        """Pictures [B, 3, H, W] in -1..1, and the text encoder's last hidden state of their captions [B, 128]."""
        verdicts = [
            patches(F.avg_pool2d(pictures, 2**i) if i else pictures, words) for i, patches in enumerate(self.sizes)
        ]
        return Verdict([score for score, _ in verdicts], [layer for _, seen in verdicts for layer in seen])
