"""A small classifier of real pictures, which judges whether generated ones show what their captions say."""

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..scenes import FACETS, THINGS
from ..scenes.dataset import Scenes
from ..training.autoencoder import to_tensor
from ..training.device import DEVICE, Dice, placed
from ..training.length import Length
from ..training.loop import Run, load_weights
from .facts import classes

CHANNELS = (24, 48, 96, 128)
LENGTH = Length(800)


class Classifier(nn.Module):
    """Pictures [B, 3, 128, 128] in -1..1 to a row of scores for each facet and one for the things; 0.1 GFLOP a
    picture."""

    def __init__(self) -> None:
        super().__init__()
        layers, width = [], 12
        for channels in CHANNELS:
            layers += [nn.Conv2d(width, channels, 3, padding=1), nn.BatchNorm2d(channels), nn.ReLU(), nn.MaxPool2d(2)]
            width = channels
        self.layers = nn.Sequential(nn.PixelUnshuffle(2), *layers)
        self.heads = nn.ModuleDict(
            {
                **{facet: nn.Linear(2 * width, len(names)) for facet, names in FACETS.items()},
                "things": nn.Linear(2 * width, len(THINGS)),
            }
        )

    def forward(self, pictures: Tensor) -> dict:
        seen = self.layers(pictures)
        seen = torch.cat([seen.mean((2, 3)), seen.amax((2, 3))], 1)
        return {name: head(seen).float() for name, head in self.heads.items()}


def train_classifier(runs: Path, length: Length = LENGTH, batch: int = 32) -> None:
    """Learns what real pictures show; runs/classifier."""
    scenes, model = Scenes(runs / "scenes/train"), placed(Classifier())
    truth = {name: there.to(DEVICE) for name, there in classes(scenes.facts).items()}

    def step_loss(_share: float, dice: Dice) -> Tensor:
        index = torch.randint(len(scenes), (batch,), generator=dice.generator).sort().values
        pictures = F.avg_pool2d(to_tensor(scenes.pictures[index.numpy()]), 2)
        mirrored = dice.uniform(batch, 1, 1, 1) < 0.5
        # Generated pictures are a little soft or noisy; their labels should not depend on that.
        noise = 0.1 * dice.uniform(batch, 1, 1, 1) * dice.normal(*pictures.shape)
        scores = model(torch.where(mirrored, pictures.flip(3), pictures) + noise)
        index = index.to(DEVICE)
        loss = F.binary_cross_entropy_with_logits(scores["things"], truth["things"][index])
        return 2 * loss + sum(F.cross_entropy(scores[facet], truth[facet][index]) for facet in FACETS)

    Run(runs / "classifier", model, length, 3e-3, step_loss, ema_decay=0.98).train()


@torch.no_grad()
def classify(model: Classifier, pictures: Tensor) -> dict:
    """The labels of pictures [N, 3, 256, 256]: class numbers [N] of each facet, and "things" [N, 35] as
    probabilities."""
    parts = [model(F.avg_pool2d(part, 2)) for part in pictures.split(32)]
    scores = {name: torch.cat([part[name] for part in parts]) for name in parts[0]}
    return {name: (x.sigmoid() if name == "things" else x.argmax(1)).cpu() for name, x in scores.items()}


def load_classifier(runs: Path) -> Classifier:
    return placed(load_weights(runs / "classifier", Classifier()))
