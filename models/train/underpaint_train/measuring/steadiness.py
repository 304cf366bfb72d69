"""Unwanted changes of a picture: far away from a new stroke, and by another noise."""

import torch
from torch import Tensor
from torch.nn import functional as F

FAR = 32
LEVELS = 127.5
"""Levels of 0..255 in one unit of -1..1."""
COLOURS = ((0.36, 0.24, 0.16), (0.16, 0.34, 0.2), (0.45, 0.45, 0.48), (0.62, 0.3, 0.26))
"""Colours of strokes that are not lights: brown, dark green, grey, a dull red."""
WIDTH, LENGTH = 8, 44


def add_stroke(sketches: Tensor, seed: int = 0) -> tuple[Tensor, Tensor]:
    """The same sketches [B, 3, H, W] in 0..1 with one thick stroke each, and where it is, bool [B, 1, H, W]."""
    count, _, high, wide = sketches.shape
    generator = torch.Generator().manual_seed(seed)

    def random(low: float, end: float) -> Tensor:
        return (low + (end - low) * torch.rand(count, 1, 1, 1, generator=generator)).to(sketches.device)

    x, y, turn = random(0.2 * wide, 0.8 * wide), random(0.3 * high, 0.8 * high), random(-0.6, 0.6)
    column = torch.arange(wide, device=sketches.device).view(1, 1, 1, wide) - x
    row = torch.arange(high, device=sketches.device).view(1, 1, high, 1) - y
    along, across = column * turn.cos() + row * turn.sin(), row * turn.cos() - column * turn.sin()
    # Slightly bent, as if drawn by hand.
    stroke = (along.abs() < LENGTH / 2) & ((across - along**2 / 90).abs() < WIDTH / 2)
    colours = torch.tensor([COLOURS[i % len(COLOURS)] for i in range(count)], device=sketches.device)
    return torch.where(stroke, colours.view(count, 3, 1, 1), sketches), stroke


def reach(before: Tensor, after: Tensor, stroke: Tensor) -> dict[str, float]:
    """Mean change in levels, of pictures [B, 3, H, W] in -1..1: at the stroke, and farther than 32 pixels from it."""
    change = LEVELS * (after - before).abs().mean(1, keepdim=True)
    near = F.max_pool2d(stroke.float(), 2 * FAR + 1, stride=1, padding=FAR) > 0
    far = [float(one[~there].mean()) for one, there in zip(change, near)]
    return {
        "at": round(float(change[stroke].mean()), 2),
        "far": round(sum(far) / len(far), 2),
        "farWorst": round(max(far), 2),
    }


def diversity(sets: list[Tensor]) -> float:
    """Mean deviation in levels of each pixel over pictures from other noises: a list of [B, 3, H, W] in -1..1."""
    return round(LEVELS * float(torch.stack(sets).std(0).mean()), 2)
