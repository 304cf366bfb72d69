"""The picture while it is painted.

Masks are drawn three times enlarged and reduced, so that silhouettes are sharp but not jagged.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
from PIL import Image, ImageChops, ImageDraw

OVER = 3


def smoothstep(low: float, high: float, x: Any) -> Any:
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def noise(rng: np.random.Generator, shape: tuple, cell: float, stretch: float = 1.0) -> np.ndarray:
    """Smooth noise [H, W] of mean 0 and about -1..1; features are `cell` pixels high and `stretch` times as wide."""
    h, w = max(2, int(shape[0] / cell) + 2), max(2, int(shape[1] / cell / stretch) + 2)
    small = Image.fromarray(rng.uniform(-1, 1, (h, w)).astype(np.float32))
    return np.asarray(small.resize((shape[1], shape[0]), Image.Resampling.BICUBIC))


class Canvas:
    """`picture` is float [H, W, 3]; `rows` and `columns` are the units of its pixels' centres."""

    def __init__(self, size: tuple[int, int]):
        self.pixels_w, self.pixels_h = size
        self.scale = min(size) / 256
        self.w, self.h = size[0] / self.scale, size[1] / self.scale
        self.picture = np.zeros((size[1], size[0], 3), np.float32)
        rows, columns = np.mgrid[0 : size[1], 0 : size[0]].astype(np.float32)
        self.rows, self.columns = (rows + 0.5) / self.scale, (columns + 0.5) / self.scale

    def large(self, shapes: Iterable) -> Image.Image:
        """The mask of some outlines, OVER times enlarged."""
        image = Image.new("L", (self.pixels_w * OVER, self.pixels_h * OVER), 0)
        draw = ImageDraw.Draw(image)
        for points in shapes:
            draw.polygon((points * (self.scale * OVER)).ravel().tolist(), fill=255)
        return image

    def small(self, image: Image.Image) -> np.ndarray:
        return np.asarray(image.reduce(OVER), np.float32) / 255

    def mask(self, *shapes: np.ndarray) -> np.ndarray:
        """[H, W], 0..1."""
        return self.small(self.large(shapes))

    def within(self, outer: Image.Image, shapes: list) -> np.ndarray:
        """The mask of outlines, cut off at a mask made by `large`."""
        return self.small(ImageChops.multiply(outer, self.large(shapes)))

    def paint(self, mask: np.ndarray, colour: np.ndarray) -> None:
        """Lays a colour, [3] or [H, W, 3], over the picture."""
        self.picture += (colour - self.picture) * mask[..., None]

    def light(self, amount: np.ndarray, colour: np.ndarray) -> None:
        """Adds light as a screen does: never beyond white."""
        self.picture = 1 - (1 - np.clip(self.picture, 0, 1)) * (1 - np.clip(amount, 0, 1)[..., None] * colour)

    def stamp(self, shapes: list) -> None:
        """Lays pairs of outline and colour over the picture, in their order."""
        image = Image.new("RGBA", (self.pixels_w * OVER, self.pixels_h * OVER), (0, 0, 0, 0))
        draw = ImageDraw.Draw(image)
        for points, colour in shapes:
            fill = tuple(int(255 * min(max(float(c), 0), 1) + 0.5) for c in colour) + (255,)
            draw.polygon((points * (self.scale * OVER)).ravel().tolist(), fill=fill)
        bounds = image.getbbox()
        if bounds is None:
            return
        x0, y0, x1, y1 = bounds[0] // OVER, bounds[1] // OVER, -(-bounds[2] // OVER), -(-bounds[3] // OVER)
        part = np.asarray(image.crop((x0 * OVER, y0 * OVER, x1 * OVER, y1 * OVER)).reduce(OVER), np.float32) / 255
        area = self.picture[y0:y1, x0:x1]
        area += (part[..., :3] - area) * part[..., 3:]
