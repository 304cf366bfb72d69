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
from ..scenes.dataset import Scenes, append
from .autoencoder import to_tensor
from .device import DEVICE, Dice, mixed_precision, placed
from .loop import load_weights, write_whole

STATISTICS = 512
ROWS_AT_ONCE = 32
FILES = {"latents.npy": 1, "latents-mirrored.npy": -1}
EMPTY_SHARE = 0.12
UNTOLD_SHARE = 0.08
"""Share of rows without their sketch, so that words alone paint too."""
PARTLY_SHARE = 0.12
"""Share of rows with the sketch at a scale between 0 and 1."""


@torch.no_grad()
def encode_all(runs: Path) -> None:
    """Encodes all pictures once; those that are encoded already are kept.

    Writes latents.npy and latents-mirrored.npy beside the scenes, float16 [N, 12, 32, 32] of mean 0 and deviation 1,
    and autoencoder/final.pt with the statistics that make them so.
    """
    model = placed(load_weights(runs / "autoencoder", Autoencoder()))
    if not _is_final(runs, model):
        for path in runs.glob("scenes/*/latents*.npy"):
            path.unlink()
        _write_final(runs, model)
    state = torch.load(runs / "autoencoder/final.pt", weights_only=True, map_location=DEVICE)
    mean, deviation = (state[name].view(1, -1, 1, 1) for name in ("mean", "deviation"))
    for split in ("held-out", "train"):
        folder = runs / "scenes" / split
        scenes = Scenes(folder)
        for name, turn in FILES.items():
            done = len(np.load(folder / name, mmap_mode="r")) if (folder / name).exists() else 0
            for i in tqdm(range(done, len(scenes), ROWS_AT_ONCE), desc=f"{split} {name}", mininterval=5):
                latents = _encode(model, scenes.pictures[i : i + ROWS_AT_ONCE, :, ::turn])
                append(folder / name, ((latents - mean) / deviation).half().cpu().numpy(), i)


def _encode(model: Autoencoder, pictures: np.ndarray) -> Tensor:
    with mixed_precision():
        return model.encoder(to_tensor(pictures)).float().contiguous()


def _is_final(runs: Path, model: Autoencoder) -> bool:
    """Whether autoencoder/final.pt has this encoder; its decoder may have been sharpened since."""
    path = runs / "autoencoder/final.pt"
    if not path.exists():
        return False
    before = torch.load(path, weights_only=True, map_location=DEVICE)["model"]
    return all(torch.equal(value, before[f"encoder.{name}"]) for name, value in model.encoder.state_dict().items())


def _write_final(runs: Path, model: Autoencoder) -> None:
    pictures = Scenes(runs / "scenes/train").pictures[:STATISTICS]
    parts = [_encode(model, pictures[i : i + ROWS_AT_ONCE]) for i in range(0, len(pictures), ROWS_AT_ONCE)]
    seen = torch.cat(parts)
    state = {"model": model.state_dict(), "mean": seen.mean((0, 2, 3)), "deviation": seen.std((0, 2, 3))}
    write_whole(state, runs / "autoencoder/final.pt")


def channel_weights(runs: Path) -> Tensor:
    """The weight of an error in each channel, [1, 12, 1, 1], 1 on average.

    Normalised channels are equally large, but not equally visible: an error of one deviation changes pixels in
    proportion to the deviation before normalising, by 30 levels in those that carry light and shapes and by 4 in those
    that carry texture. Without weights the unknowable texture of nine channels hides the other three.
    """
    state = torch.load(runs / "autoencoder/final.pt", weights_only=True, map_location=DEVICE)
    visible = state["deviation"].square()
    return (visible / visible.mean()).view(1, -1, 1, 1)


@dataclass
class Batch:
    """Scenes of one step, noised."""

    pictures: Tensor
    """Latents [B, 12, 32, 32] of the real pictures."""
    noisy: Tensor
    """The same with noise."""
    noise: Tensor
    t: Tensor
    sketches: Tensor
    """Pixels [B, 3, 256, 256] in 0..1."""
    scale: Tensor
    """How much the sketches count, [B]."""
    tokens: Tensor
    index: Tensor
    """Which scenes they are, [B] on the processor."""
    mirrored: Tensor
    """Which of them are mirrored, bool [B] on the processor."""

    def real(self, scenes: Scenes) -> Tensor:
        """The pictures themselves, [B, 3, 256, 256] in -1..1."""
        return to_tensor(take(scenes.pictures, self.index, self.mirrored))


def take(source: np.ndarray, index: Tensor, mirrored: Tensor) -> np.ndarray:
    """Those rows, some of them mirrored."""
    return np.stack([source[i][:, ::-1] if m else source[i] for i, m in zip(index.tolist(), mirrored.tolist())])


class LatentScenes:
    """The scenes of a folder that are encoded."""

    def __init__(self, folder: Path, tokenizer: Tokenizer):
        self.tokenizer, self.scenes = tokenizer, Scenes(folder)
        self.captions = self.scenes.captions
        self.latents = [np.load(folder / name, mmap_mode="r") for name in FILES]
        self.count = min(len(self.scenes), *map(len, self.latents))

    def __len__(self) -> int:
        return self.count

    def batch(self, size: int, dice: Dice, every: int = 1, skew: float = 1.0) -> Batch:
        """A batch noised to random timesteps, of `every` - 1, 2 `every` - 1, ... 999; the higher ones more often with a
        smaller `skew`."""
        index = torch.randint(self.count, (size,), generator=dice.generator)
        mirrored = torch.randint(2, (size,), generator=dice.generator) == 1
        points = TRAIN_STEPS // every
        t = ((dice.uniform(size) ** skew * points).long().clamp(max=points - 1) + 1) * every - 1
        rows = [self.latents[side][i] for side, i in zip(mirrored.long().tolist(), index.tolist())]
        pictures = torch.from_numpy(np.stack(rows)).to(DEVICE).float()
        a, s = scales(t)
        noise = dice.normal(*pictures.shape)
        told, part = dice.uniform(size), dice.uniform(size)
        scale = torch.where(told < UNTOLD_SHARE, 0.0, torch.where(told < UNTOLD_SHARE + PARTLY_SHARE, part, 1.0))
        rng = random.Random(int(torch.randint(2**31, (), generator=dice.generator)))
        captions = ["" if rng.random() < EMPTY_SHARE else worsen(self.captions[i], rng) for i in index.tolist()]
        return Batch(
            pictures=pictures,
            noisy=a * pictures + s * noise,
            noise=noise,
            t=t,
            sketches=(to_tensor(take(self.scenes.sketches, index, mirrored)) + 1) / 2,
            scale=scale,
            tokens=tokenize(self.tokenizer, captions).to(DEVICE),
            index=index,
            mirrored=mirrored,
        )
