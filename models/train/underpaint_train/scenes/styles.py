"""Painting styles, applied to a finished picture.

Each follows the picture's own edges; patterns repeat every 4 or 8 pixels, as latents do.
"""

import numpy as np
from PIL import Image, ImageDraw
from scipy.ndimage import gaussian_filter, map_coordinates, sobel

from .canvas import noise, smoothstep
from .materials import rgb

PAPER = rgb("f8f3e6")


def _soft(picture: np.ndarray, sigma: float) -> np.ndarray:
    return gaussian_filter(picture, (sigma, sigma, 0), mode="nearest")


def _moved(rng: np.random.Generator, picture: np.ndarray, reach: float, cell: float) -> np.ndarray:
    """Outlines bent a little, as by a wet brush."""
    h, w = picture.shape[:2]
    rows, columns = np.mgrid[0:h, 0:w].astype(np.float32)
    at = [rows + reach * noise(rng, (h, w), cell), columns + reach * noise(rng, (h, w), cell)]
    return np.stack([map_coordinates(picture[..., c], at, order=1, mode="nearest") for c in range(3)], -1)


def watercolour(rng: np.random.Generator, picture: np.ndarray, scale: float) -> np.ndarray:
    """Lighter washes on paper, pigment gathered at the edges, blooms inside, a ragged margin of bare paper."""
    h, w = picture.shape[:2]
    bent = _moved(rng, picture, 1.7 * scale, 9 * scale)
    wash = _soft(bent, 1.0 * scale)
    broad = _soft(bent, 5 * scale)
    edge = np.clip(np.abs(wash - _soft(bent, 2.6 * scale)).sum(-1) * 2.4, 0, 1)
    wet = 1 - (1 - wash) * 0.86
    wet = wet * 0.8 + 0.2 * (1 - (1 - broad) * 0.8)
    bloom = noise(rng, (h, w), 26 * scale) * 0.6 + noise(rng, (h, w), 9 * scale) * 0.4
    density = 1 + 0.16 * bloom + 0.75 * edge
    mean = wet.mean(-1, keepdims=True)
    out = PAPER * np.clip(mean + (wet - mean) * 1.22, 0.02, 1) ** density[..., None]
    grain = noise(rng, (h, w), 1.6) * 0.022
    rows, columns = np.mgrid[0:h, 0:w]
    border = np.minimum.reduce([rows, columns, h - 1 - rows, w - 1 - columns]) / scale + 3.4 * noise(
        rng, (h, w), 11 * scale
    )
    bare = (1 - smoothstep(5.5, 7.5, border))[..., None]
    return out * (1 - bare) + PAPER * bare + grain[..., None]


def oil(rng: np.random.Generator, picture: np.ndarray, scale: float) -> np.ndarray:
    """Strokes that run along the edges of shapes: broad ones everywhere, fine ones where there is detail."""
    h, w = picture.shape[:2]
    smooth = _soft(picture, 1.6 * scale)
    grey = gaussian_filter(smooth.mean(-1), 2.0 * scale)
    gy, gx = sobel(grey, 0), sobel(grey, 1)
    weight = gaussian_filter(np.hypot(gx, gy), 4 * scale) + 1e-4
    # Double angles, so that opposite gradients do not cancel.
    angle = (
        0.5 * np.arctan2(gaussian_filter(2 * gx * gy, 4 * scale), gaussian_filter(gx * gx - gy * gy, 4 * scale))
        + np.pi / 2
    )
    calm = weight < 0.012
    angle = np.where(calm, 0.12 * np.sin(np.mgrid[0:h, 0:w][1] / (30 * scale)), angle)
    image = Image.fromarray((np.clip(smooth, 0, 1) * 255).astype(np.uint8)).resize((w * 2, h * 2))
    draw = ImageDraw.Draw(image)
    detail = np.abs(picture - _soft(picture, 3 * scale)).sum(-1)
    for step, length, width, only in ((7, 17, 7.5, 0.0), (4, 9, 3.6, 0.07), (2.6, 5, 1.9, 0.2)):
        _strokes(
            rng,
            draw,
            (smooth if only == 0 else picture),
            angle,
            detail,
            (step * scale, length * scale, width * scale, only),
        )
    painted = np.asarray(image.reduce(2), np.float32) / 255
    # Ridges of thick paint catch the light from above left.
    relief = painted.mean(-1) - gaussian_filter(painted.mean(-1), 0.9 * scale)
    return np.clip(painted * 1.02 + 0.35 * relief[..., None], 0, 1)


def _strokes(
    rng: np.random.Generator,
    draw: ImageDraw.ImageDraw,
    picture: np.ndarray,
    angle: np.ndarray,
    detail: np.ndarray,
    brush: tuple,
) -> None:
    step, length, width, only = brush
    h, w = angle.shape
    ys, xs = np.mgrid[0 : h + step : step, 0 : w + step : step]
    ys, xs = (
        (ys + rng.uniform(-0.5, 0.5, ys.shape) * step).ravel(),
        (xs + rng.uniform(-0.5, 0.5, xs.shape) * step).ravel(),
    )
    iy, ix = np.clip(ys.astype(int), 0, h - 1), np.clip(xs.astype(int), 0, w - 1)
    keep = np.flatnonzero(detail[iy, ix] >= only)
    keep = keep[rng.permutation(len(keep))]
    colours = np.clip(picture[iy, ix] + rng.normal(0, 0.018, (len(iy), 1)), 0, 1)
    fills = (colours * 255).astype(int)
    dx, dy = np.cos(angle[iy, ix]) * length, np.sin(angle[iy, ix]) * length
    # A stroke is shorter where its end would run into another colour.
    ends = picture[np.clip((ys + dy / 2).astype(int), 0, h - 1), np.clip((xs + dx / 2).astype(int), 0, w - 1)]
    short = np.where(np.abs(ends - picture[iy, ix]).sum(-1) > 0.16, 0.4, 1.0)
    for k in keep:
        x, y, a, b, r = xs[k] * 2, ys[k] * 2, dx[k] * short[k], dy[k] * short[k], width * (0.55 + 0.45 * short[k])
        fill = tuple(fills[k])
        draw.line((x - a, y - b, x + a, y + b), fill=fill, width=max(1, round(r * 2)))


def ink(rng: np.random.Generator, picture: np.ndarray, scale: float) -> np.ndarray:
    """Dark outlines and hatching on cream paper over a pale wash."""
    h, w = picture.shape[:2]
    smooth = _soft(picture, 0.8 * scale)
    level = smooth @ np.array((0.3, 0.59, 0.11), np.float32)
    edges = np.max(
        [
            np.abs(gaussian_filter(smooth[..., c], 0.7 * scale) - gaussian_filter(smooth[..., c], 1.9 * scale))
            for c in range(3)
        ],
        axis=0,
    )
    line = smoothstep(0.022, 0.06, edges)
    tone = np.clip(
        (level - np.percentile(level, 2)) / max(np.percentile(level, 97) - np.percentile(level, 2), 0.2), 0, 1
    )
    rows, columns = np.mgrid[0:h, 0:w]
    a = ((rows + columns) % 8) / 8.0
    b = ((rows - columns) % 8) / 8.0
    dark = 1 - tone
    hatch = smoothstep(-0.14, 0.14, dark * 0.95 - 0.36 - _wave(a) * 0.62)
    cross = smoothstep(-0.14, 0.14, dark * 0.95 - 0.62 - _wave(b) * 0.5)
    amount = np.clip(np.maximum.reduce([line * 0.95, hatch * 0.72, cross * 0.85]), 0, 1)[..., None]
    grey = level[..., None]
    wash = PAPER * np.clip(0.56 + 0.5 * tone[..., None] + 0.55 * (smooth - grey), 0, 1)
    return wash * (1 - amount) + rgb("262a3c") * amount


def _wave(u: np.ndarray) -> np.ndarray:
    """From 0 to 1 and back over each unit."""
    return 0.5 - 0.5 * np.cos(2 * np.pi * u)


def pixel_art(rng: np.random.Generator, picture: np.ndarray, scale: float) -> np.ndarray:
    """Blocks of 4 pixels, few colours."""
    h, w = picture.shape[:2]
    small = picture.reshape(h // 4, 4, w // 4, 4, 3).mean((1, 3))
    small = small + 0.35 * (small - _soft(small, 1.0))
    image = (
        Image.fromarray((np.clip(small, 0, 1) * 255).astype(np.uint8))
        .quantize(28, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        .convert("RGB")
    )
    return np.asarray(image.resize((w, h), Image.Resampling.NEAREST), np.float32) / 255


STYLES = {
    "poster": lambda rng, picture, scale: picture,
    "watercolour": watercolour,
    "oil": oil,
    "ink": ink,
    "pixel art": pixel_art,
}


def apply_style(rng: np.random.Generator, picture: np.ndarray, style: str) -> np.ndarray:
    return np.clip(STYLES[style](rng, picture, min(picture.shape[:2]) / 256), 0, 1)
