"""Whether the parts of a picture are where its sketch has them."""

import torch
from torch import Tensor
from torch.nn import functional as F

SIDE = 64
REACH = 3
INK = 0.5
"""Luminance below which a line drawing is ink."""
EDGE = 0.04
"""Change of luminance from a pixel to the next from which there is an edge: ten of 255."""


def correlation(pictures: Tensor, sketches: Tensor) -> Tensor:
    """Pearson's correlation of each picture with its sketch, both made small, over all colours and pixels: [B].

    Both are [B, 3, H, W]; 1 is the same layout and colours, up to contrast and brightness."""

    def flat(x: Tensor) -> Tensor:
        small = F.adaptive_avg_pool2d(x, SIDE).flatten(1)
        return small - small.mean(1, keepdim=True)

    return F.cosine_similarity(flat(pictures), flat(sketches), dim=1)


def luminance(pictures: Tensor) -> Tensor:
    """[B, 3, H, W] in -1..1 to [B, 1, H, W] in 0..1 (Rec. 709 weights)."""
    weights = torch.tensor([0.2126, 0.7152, 0.0722], device=pictures.device).view(1, 3, 1, 1)
    return ((pictures + 1) / 2 * weights).sum(1, keepdim=True)


def near_edges(pictures: Tensor) -> Tensor:
    """Where an edge is within 3 pixels, bool [B, 1, H, W]."""
    light = F.avg_pool2d(F.pad(luminance(pictures), (1, 1, 1, 1), mode="replicate"), 3, stride=1)
    padded = F.pad(light, (1, 1, 1, 1), mode="replicate")
    across = (padded[..., 1:-1, 2:] - padded[..., 1:-1, :-2]) / 2
    down = (padded[..., 2:, 1:-1] - padded[..., :-2, 1:-1]) / 2
    edges = ((across**2 + down**2).sqrt() > EDGE).float()
    return F.max_pool2d(edges, 2 * REACH + 1, stride=1, padding=REACH) > 0


def lines_kept(pictures: Tensor, sketches: Tensor) -> dict[str, float]:
    """Of line drawings: the share of their ink that has an edge of the picture near, and the share of all places that
    has one: the result of chance."""
    ink, near = luminance(sketches) < INK, near_edges(pictures)
    return {"kept": round(float(near[ink].float().mean()), 3), "chance": round(float(near.float().mean()), 3)}
