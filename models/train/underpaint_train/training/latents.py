"""The scenes as latents: encoding them once, and batches of noised ones."""

import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor
from tqdm import tqdm

from ..networks.autoencoder import Autoencoder
from ..networks.diffusion import TRAIN_STEPS, scales
from ..networks.text import tokenize, worsen
from ..scenes.dataset import Scenes
from ..scenes.palette import GRASS
from .autoencoder import to_tensor
from .loop import channels_last, fast_bfloat16, load_weights

STATISTICS = 512
RECOLOURED = 0.4
THAWED = 0.6
GROUND_SHARE = 0.12
GROUNDS = ("mountains", "forest", "hills", "river")
EMPTY_SHARE = 0.12
SKETCH_LOWEST = 40


def recolour(sketches: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Some of the sketches in other colours, as if under another light. Their pictures stay as they are, so the
    networks learn to take the light from the words where the two disagree. White stays white: it is paper. uint8 [B, H,
    W, 3]."""
    out = sketches.copy()
    for i in np.flatnonzero(rng.random(len(out)) < RECOLOURED):
        gain = np.exp(rng.normal(0, 0.35) + rng.normal(0, 0.15, 3))
        changed = np.clip(out[i] * gain + rng.normal(0, 12, 3), 0, 255).astype(np.uint8)
        out[i] = np.where((out[i] > 245).all(-1, keepdims=True), out[i], changed)
    return out


def thaw(sketches: np.ndarray, facts: list, rng: np.random.Generator) -> np.ndarray:
    """Some of the sketches of winters with the ground of another season, where the caption says that there is snow: it
    is taken from the words too. Ground is what colours fill much of the lowest third. uint8 [B, H, W, 3]."""
    out = sketches.copy()
    for sketch, fact in zip(out, facts):
        told = any(word in fact["caption"] for word in ("snow", "winter"))
        if rng.random() >= THAWED or fact["season"] != "winter" or fact["kind"] not in GROUNDS or not told:
            continue
        season = ("spring", "summer", "autumn")[rng.integers(3)]
        turn = GRASS[season][rng.integers(2)] / GRASS["winter"][0]
        colours, counts = np.unique(sketch[-len(sketch) // 3 :].reshape(-1, 3), axis=0, return_counts=True)
        for colour in colours[counts > GROUND_SHARE * counts.sum()]:
            if not (colour > 245).all():
                sketch[(sketch == colour).all(-1)] = np.clip(colour * turn, 0, 255).astype(np.uint8)
    return out


@torch.no_grad()
def encode_all(runs: Path) -> None:
    """Encodes all scenes once. Writes latents.pt beside the scenes, with pictures, sketches and their mirror images as
    float16 [N, 4, 32, 32] of mean 0 and deviation 1, and autoencoder/final.pt with the statistics that make them so."""
    model = channels_last(load_weights(runs / "autoencoder", Autoencoder()))

    def encode(pictures: np.ndarray) -> Tensor:
        with torch.autocast("cpu", torch.bfloat16, enabled=fast_bfloat16()):
            return model.encoder(to_tensor(np.ascontiguousarray(pictures))).float().contiguous()

    train = Scenes(runs / "scenes/train")
    sample = torch.cat([encode(train.pictures[i : i + 32]) for i in range(0, min(STATISTICS, len(train.pictures)), 32)])
    mean, deviation = sample.mean((0, 2, 3)), sample.std((0, 2, 3))
    torch.save({"model": model.state_dict(), "mean": mean, "deviation": deviation}, runs / "autoencoder/final.pt")
    shape = (1, -1, 1, 1)
    for split in ("held-out", "train"):
        scenes, out = Scenes(runs / "scenes" / split), {}
        rng, seasons = np.random.default_rng(0), np.random.default_rng(1)
        for name, source in (("pictures", scenes.pictures), ("sketches", scenes.sketches)):
            for suffix, turn in (("", 1), ("_mirrored", -1)):
                parts = []
                for i in tqdm(range(0, len(source), 32), desc=f"{split} {name}{suffix}", mininterval=5):
                    batch = np.asarray(source[i : i + 32, :, ::turn])
                    if (split, name) == ("train", "sketches"):
                        batch = recolour(thaw(batch, scenes.facts[i : i + 32], seasons), rng)
                    parts.append(((encode(batch) - mean.view(shape)) / deviation.view(shape)).half())
                out[name + suffix] = torch.cat(parts)
        torch.save(out, runs / f"scenes/{split}/latents.pt")


@dataclass
class Batch:
    pictures: Tensor
    """Latents [B, 4, 32, 32] of the real pictures."""
    noisy: Tensor
    """What they were noised to, some of them on the way from their sketch."""
    noise: Tensor
    """The noise by which `noisy` is a picture at `t`; where the row began as a sketch, the difference is part of it."""
    t: Tensor
    share: Tensor
    """How much of the sketch was in what was noised, 0 to 1, [B, 1, 1, 1]."""
    tokens: Tensor
    index: Tensor
    """Which scenes they are."""
    mirrored: Tensor


class LatentScenes:
    def __init__(self, folder: Path, tokenizer: Tokenizer):
        self.tokenizer = tokenizer
        self.captions = Scenes(folder).captions
        data = torch.load(folder / "latents.pt", weights_only=True)
        self.pictures = torch.stack([data["pictures"], data["pictures_mirrored"]])
        self.sketches = torch.stack([data["sketches"], data["sketches_mirrored"]])

    def __len__(self) -> int:
        return self.pictures.shape[1]

    def batch(
        self, size: int, generator: torch.Generator, every: int = 1, skew: float = 1.0, sketched: float = 0.5
    ) -> Batch:
        """A batch noised to random timesteps, of `every` - 1, 2 `every` - 1, ... 999; the lower ones more often with a
        greater `skew`.

        `sketched` of the rows at middling and high timesteps start from the latents of the *sketch*, or from a point
        between the two: img2img begins at the one and DDIM passes the others, so the networks learn to bring them to
        the picture."""

        def uniform() -> Tensor:
            return torch.rand(size, generator=generator)

        index = torch.randint(len(self), (size,), generator=generator)
        side = torch.randint(2, (size,), generator=generator)
        t = ((uniform() ** skew * (TRAIN_STEPS // every)).long() + 1) * every - 1
        pictures, sketches = self.pictures[side, index].float(), self.sketches[side, index].float()
        kind, part = uniform(), uniform()
        share = torch.where(
            kind > sketched, torch.zeros(size), torch.where(kind < 0.6 * sketched, torch.ones(size), part)
        )
        share = torch.where(t < SKETCH_LOWEST, torch.zeros(size), share).view(-1, 1, 1, 1)
        a, s = scales(t)
        noise = torch.randn(pictures.shape, generator=generator) + share * (sketches - pictures) * a / s
        rng = random.Random(int(torch.randint(2**31, (), generator=generator)))
        captions = ["" if rng.random() < EMPTY_SHARE else worsen(self.captions[i], rng) for i in index.tolist()]
        return Batch(
            pictures, a * pictures + s * noise, noise, t, share, tokenize(self.tokenizer, captions), index, side == 1
        )
