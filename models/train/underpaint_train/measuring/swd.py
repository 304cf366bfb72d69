"""Sliced Wasserstein distance between sets of pictures, on Laplacian pyramids: how alike their texture and colours are
at each scale (Karras et al. 2018, arXiv 1710.10196, section 5). No network is needed. Smaller is nearer."""

import torch
from torch import Tensor
from torch.nn import functional as F

PATCH = 7
PATCHES = 128
PROJECTIONS = 512
SMALLEST = 16


def _blur(pictures: Tensor, gain: float = 1.0) -> Tensor:
    """The binomial filter 1 4 6 4 1 in both directions, edges mirrored."""
    weights = torch.tensor([1.0, 4.0, 6.0, 4.0, 1.0], device=pictures.device) * gain / 16
    kernel = weights.view(1, 1, 1, 5).expand(3, 1, 1, 5)
    padded = F.pad(pictures, (2, 2, 2, 2), mode="reflect")
    return F.conv2d(F.conv2d(padded, kernel, groups=3), kernel.transpose(2, 3), groups=3)


def _enlarge(pictures: Tensor) -> Tensor:
    """Twice the size: zeros between the pixels, then the filter with twice its weight in each direction."""
    rows, channels, height, width = pictures.shape
    out = pictures.new_zeros(rows, channels, 2 * height, 2 * width)
    out[:, :, ::2, ::2] = pictures
    return _blur(out, gain=2.0)


def laplacian_pyramid(pictures: Tensor) -> list:
    """[B, 3, H, W] to its differences at H, H/2, ... and the rest at 16 (Burt and Adelson 1983)."""
    levels = []
    while pictures.shape[-1] > SMALLEST:
        smaller = _blur(pictures)[:, :, ::2, ::2]
        levels.append(pictures - _enlarge(smaller))
        pictures = smaller
    return [*levels, pictures]


def _patches(level: Tensor, generator: torch.Generator) -> Tensor:
    """128 random 7 x 7 patches of each picture: [B * 128, 147], each channel at mean 0 and deviation 1 over the
    whole."""
    count, _, height, width = level.shape

    def pick(high: int) -> Tensor:
        return torch.randint(high - PATCH + 1, (count, PATCHES, 1, 1), generator=generator)

    y, x = pick(height) + torch.arange(PATCH).view(1, 1, PATCH, 1), pick(width) + torch.arange(PATCH)
    patches = level.permute(0, 2, 3, 1)[torch.arange(count).view(-1, 1, 1, 1), y, x]
    patches = patches.reshape(-1, PATCH * PATCH, 3)
    mean, deviation = patches.mean((0, 1)), patches.std((0, 1))
    return ((patches - mean) / deviation.clamp(min=1e-6)).reshape(len(patches), -1)


def _sorted_projections(pictures: Tensor, seed: int) -> list:
    """For each level, the patches along 512 random directions, sorted: [512, B * 128]."""
    out = []
    for number, level in enumerate(laplacian_pyramid(pictures)):
        generator = torch.Generator().manual_seed(seed * 100 + number)
        directions = F.normalize(torch.randn(3 * PATCH * PATCH, PROJECTIONS, generator=generator), dim=0)
        out.append((_patches(level, generator) @ directions).T.contiguous().sort(1).values)
    return out


class SlicedWasserstein:
    """Distances of sets of pictures from a set of real ones. Sets have the same number of pictures [B, 3, H, W]."""

    def __init__(self, real: Tensor, seed: int = 0):
        self.seed, self.sizes = seed, []
        self.real = _sorted_projections(real, seed)
        size = real.shape[-1]
        while size >= SMALLEST:
            self.sizes.append(size)
            size //= 2

    def __call__(self, pictures: Tensor) -> dict:
        """Times 1000, as in the paper: {"256": ..., ... "16": ..., "mean": ...}."""
        got = _sorted_projections(pictures, self.seed)
        distances = [1000 * float((a - b).abs().mean()) for a, b in zip(got, self.real)]
        named = {str(size): round(distance, 2) for size, distance in zip(self.sizes, distances)}
        return {**named, "mean": round(sum(distances) / len(distances), 2)}


def level_energies(pictures: Tensor) -> dict[str, float]:
    """Mean square of each level of the Laplacian pyramids of pictures [B, 3, H, W], by the level's side, without
    the rest at 16."""
    sums: dict[str, float] = {}
    for part in pictures.split(16):
        for level in laplacian_pyramid(part)[:-1]:
            side = str(level.shape[-1])
            sums[side] = sums.get(side, 0.0) + float(level.square().sum()) / (3 * int(side) ** 2)
    return {side: total / len(pictures) for side, total in sums.items()}
