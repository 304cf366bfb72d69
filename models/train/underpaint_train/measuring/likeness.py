"""How near pictures are to the ones they should be, pixel by pixel and structure by structure."""

import torch
from torch import Tensor
from torch.nn import functional as F


def psnr(pictures: Tensor, wanted: Tensor) -> float:
    """Peak signal to noise ratio in dB, averaged over pictures [B, 3, H, W] in -1..1."""
    error = ((pictures - wanted) / 2).square().mean((1, 2, 3)).clamp(min=1e-10)
    return float((-10 * error.log10()).mean())


def ssim(pictures: Tensor, wanted: Tensor) -> float:
    """Structural similarity (Wang et al. 2004: Gaussian window of 11 pixels and deviation 1.5, K = 0.01 and 0.03) of
    each channel, averaged over everything; pictures [B, 3, H, W] in -1..1."""
    at = torch.arange(11.0) - 5
    window = torch.softmax(-(at**2) / (2 * 1.5**2), 0).view(1, 1, 1, 11).expand(3, 1, 1, 11)

    def blur(x: Tensor) -> Tensor:
        return F.conv2d(F.conv2d(x, window, groups=3), window.transpose(2, 3), groups=3)

    total = 0.0
    for a, b in zip(pictures.split(16), wanted.split(16)):
        a, b = (a + 1) / 2, (b + 1) / 2
        mean_a, mean_b = blur(a), blur(b)
        var_a, var_b, both = blur(a * a) - mean_a**2, blur(b * b) - mean_b**2, blur(a * b) - mean_a * mean_b
        likeness = (
            (2 * mean_a * mean_b + 1e-4) * (2 * both + 9e-4) / ((mean_a**2 + mean_b**2 + 1e-4) * (var_a + var_b + 9e-4))
        )
        total += float(likeness.mean((1, 2, 3)).sum())
    return total / len(pictures)
