"""Loss curves as a picture."""

import math
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 900, 420
LEFT, RIGHT, TOP, BOTTOM = 76, 20, 40, 44
PAPER, INK, GRID, RAW, SMOOTH = "#ffffff", "#30343a", "#e4e6ea", "#b9c7dc", "#1f4e9c"


def smooth(losses: np.ndarray, width: int) -> np.ndarray:
    """Running mean over the last `width` steps, fewer at the beginning."""
    sums = np.concatenate([[0.0], np.cumsum(losses)])
    ends = np.arange(1, len(losses) + 1)
    starts = np.maximum(0, ends - width)
    return (sums[ends] - sums[starts]) / (ends - starts)


def save_curve(losses: list, path: Path, title: str, total: int) -> None:
    """The loss of every step, light, and its running mean, dark, over steps 0 to `total`; the losses on a logarithmic
    scale where they are all above zero and differ by more than a factor of four."""
    values = np.asarray(losses, float)
    mean = smooth(values, max(1, len(values) // 40))
    low, high = np.percentile(values, [0.5, 99.5])
    logarithmic = low > 0 and high / low > 4
    scale = (lambda y: math.log10(max(y, low))) if logarithmic else float
    bottom, top = scale(low), scale(high)
    span = (top - bottom) or 1.0

    def at(step: int, loss: float) -> tuple:
        share = min(1.0, max(0.0, (scale(loss) - bottom) / span))
        return (LEFT + (WIDTH - LEFT - RIGHT) * step / max(1, total), HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share)

    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(14)
    for i in range(5):
        value = bottom + span * i / 4
        value = 10**value if logarithmic else value
        y = HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * i / 4
        draw.line((LEFT, y, WIDTH - RIGHT, y), fill=GRID)
        draw.text((LEFT - 8, y), f"{value:.3g}", fill=INK, font=font, anchor="rm")
        x = LEFT + (WIDTH - LEFT - RIGHT) * i / 4
        draw.text((x, HEIGHT - BOTTOM + 8), f"{total * i // 4}", fill=INK, font=font, anchor="ma")
    draw.line([at(i, y) for i, y in enumerate(values)], fill=RAW)
    draw.line([at(i, y) for i, y in enumerate(mean)], fill=SMOOTH, width=2)
    words = f"{title}: loss of step {len(values)} of {total}, {mean[-1]:.4g} on average" + (
        ", logarithmic" if logarithmic else ""
    )
    draw.text((LEFT, 12), words, fill=INK, font=font)
    unfinished = path.with_name(path.stem + ".tmp.png")
    image.save(unfinished, optimize=True)
    unfinished.replace(path)
