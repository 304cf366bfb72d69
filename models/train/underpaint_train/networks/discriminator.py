"""Tells painted pictures from real ones, patch by patch, at three sizes (as in Wang et al. 2018, pix2pixHD)."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .text import WIDTH

SIZES = 3
FINE = 8.0
"""How much the difference from the mean of 3 x 3 pixels is amplified before it is judged."""


@dataclass
class Verdict:
    """Scores of patches at each size, 1 for real-looking ones and 0 for others, and the features of the layers."""

    scores: list
    features: list

    def error(self, wanted: float) -> Tensor:
        """Mean squared distance of the scores from `wanted` (least squares GAN, Mao et al. 2017)."""
        return sum(((score - wanted) ** 2).mean() for score in self.scores) / len(self.scores)

    @staticmethod
    def distance(a: "Verdict", b: "Verdict") -> Tensor:
        """L1 of the features of two sets of pictures, [B]."""
        parts = [(x - y.detach()).abs().mean((1, 2, 3)) for x, y in zip(a.features, b.features)]
        return sum(parts) / len(parts)


class Patches(nn.Module):
    """Judges each patch of 30 pixels: [B, 9, H, W] to [B, 1, H/8, W/8].

    What the words say shifts the scores (projection, Miyato and Koyama 2018). Without normalisation and with Kaiming's
    start it tells something after a few steps; with spectral or instance normalisation it does not for hundreds.
    """

    def __init__(self, channels: int):
        super().__init__()
        widths = (9, channels, 2 * channels, 3 * channels)
        layers = [nn.Conv2d(a, b, 4, stride=2, padding=1) for a, b in zip(widths, widths[1:])]
        self.layers = nn.ModuleList(layers)
        self.score = nn.Conv2d(widths[-1], 1, 3, padding=1)
        self.words = nn.Linear(WIDTH, widths[-1])
        for layer in layers:
            nn.init.kaiming_normal_(layer.weight, a=0.2)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)

    def forward(self, seen: Tensor, words: Tensor) -> tuple:
        x, features = seen, []
        for layer in self.layers:
            x = F.leaky_relu(layer(x), 0.2)
            features.append(x.float())
        matches = (x.mean((2, 3)) * self.words(words)).mean(1)
        return self.score(x).float() + matches.float().view(-1, 1, 1, 1), features


class Discriminator(nn.Module):
    """Sees a picture, its sketch, and the picture's fine detail."""

    def __init__(self, channels: int = 48):
        super().__init__()
        self.sizes = nn.ModuleList([Patches(channels) for _ in range(SIZES)])

    def forward(self, pictures: Tensor, sketches: Tensor, words: Tensor) -> Verdict:
        """Pictures and sketches [B, 3, H, W] in -1..1, and the text encoder's last hidden state of the captions
        [B, 128]."""
        verdicts = []
        for i, patches in enumerate(self.sizes):
            small, drawn = (F.avg_pool2d(x, 2**i) if i else x for x in (pictures, sketches))
            fine = FINE * (small - F.avg_pool2d(F.pad(small, (1, 1, 1, 1), mode="replicate"), 3, stride=1))
            verdicts.append(patches(torch.cat([small, drawn, fine], 1), words))
        return Verdict([score for score, _ in verdicts], [layer for _, seen in verdicts for layer in seen])
