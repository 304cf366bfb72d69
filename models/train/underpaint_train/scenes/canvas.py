"""A picture and the sketch of it, painted side by side."""

import numpy as np
from PIL import Image, ImageDraw

from .noise import blur, fbm

SIZE = 256
OVERSAMPLE = 2

Points = list[tuple[float, float]]


class Canvas:
    """`picture` is the finished scene; `sketch` the same in flat colours; both float [SIZE, SIZE, 3], 0..1."""

    def __init__(self, rng: np.random.Generator):
        self.rng = rng
        self.picture = np.zeros((SIZE, SIZE, 3), np.float32)
        self.sketch = np.ones((SIZE, SIZE, 3), np.float32)
        self.rows, self.columns = np.mgrid[0:SIZE, 0:SIZE].astype(np.float32)

    def paint(self, mask: np.ndarray, colour: np.ndarray) -> None:
        """Lays `colour` ([3] or [SIZE, SIZE, 3]) over the picture where `mask` is 1."""
        m = np.clip(mask, 0, 1)[..., None]
        self.picture = self.picture * (1 - m) + colour * m

    def fill(self, mask: np.ndarray, colour: np.ndarray, soften: float = 2.0) -> None:
        """Lays one flat colour over the sketch, with the mask's outline rounded off as by a thick brush."""
        m = (blur(mask, soften) > 0.5)[..., None]
        self.sketch = np.where(m, np.clip(colour, 0, 1), self.sketch).astype(np.float32)

    def light(self, amount: np.ndarray, colour: np.ndarray) -> None:
        """Adds light to the picture, as a screen does: never beyond white."""
        glow = np.clip(amount, 0, 1)[..., None] * colour
        self.picture = 1 - (1 - self.picture) * (1 - glow)


class Stamp:
    """Shapes with crisp edges, drawn enlarged and scaled down; one layer of things at the same distance."""

    def __init__(self) -> None:
        side = SIZE * OVERSAMPLE
        self._image = Image.new("RGBA", (side, side), (0, 0, 0, 0))
        self._flat = Image.new("RGBA", (SIZE, SIZE), (0, 0, 0, 0))
        self._draw = ImageDraw.Draw(self._image)
        self._flat_draw = ImageDraw.Draw(self._flat)

    @staticmethod
    def _rgba(colour: np.ndarray) -> tuple:
        return tuple(int(round(255 * float(c))) for c in np.clip(colour, 0, 1)) + (255,)

    def polygon(self, points: Points, colour: np.ndarray, flat: np.ndarray | None = None) -> None:
        self._draw.polygon([(x * OVERSAMPLE, y * OVERSAMPLE) for x, y in points], fill=self._rgba(colour))
        if flat is not None:
            self._flat_draw.polygon([tuple(p) for p in points], fill=self._rgba(flat))

    def ellipse(
        self, x: float, y: float, rx: float, ry: float, colour: np.ndarray, flat: np.ndarray | None = None
    ) -> None:
        box = (x - rx, y - ry, x + rx, y + ry)
        self._draw.ellipse([v * OVERSAMPLE for v in box], fill=self._rgba(colour))
        if flat is not None:
            self._flat_draw.ellipse(box, fill=self._rgba(flat))

    def dot(self, x: float, y: float, radius: float, rgb: tuple[int, int, int]) -> None:
        """A dot on the sketch alone."""
        self._flat_draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(*rgb, 255))

    def line(self, points: Points, width: float, colour: np.ndarray, flat: np.ndarray | None = None) -> None:
        self._draw.line(
            [(x * OVERSAMPLE, y * OVERSAMPLE) for x, y in points],
            fill=self._rgba(colour),
            width=max(1, round(width * OVERSAMPLE)),
            joint="curve",
        )
        if flat is not None:
            self._flat_draw.line([tuple(p) for p in points], fill=self._rgba(flat), width=max(3, round(width)))

    def onto(self, canvas: Canvas, haze: np.ndarray | None = None, amount: float = 0.0) -> None:
        """Lays the shapes over picture and sketch; `haze` by `amount` is what the air puts before them."""
        small = np.asarray(self._image.resize((SIZE, SIZE), Image.Resampling.LANCZOS), np.float32) / 255
        colour = small[..., :3] / np.maximum(small[..., 3:], 1e-3) * (small[..., 3:] > 0.02)
        if haze is not None:
            colour = colour * (1 - amount) + haze * amount
        canvas.paint(small[..., 3], np.clip(colour, 0, 1))
        flat = np.asarray(self._flat, np.float32) / 255
        canvas.sketch = np.where(flat[..., 3:] > 0.5, flat[..., :3], canvas.sketch).astype(np.float32)


def wobble(rng: np.random.Generator, sketch: np.ndarray) -> np.ndarray:
    """Moves every outline of a sketch by a few pixels, smoothly, as a hand does."""
    strength = rng.uniform(0.8, 3.2)
    dx = fbm(rng, SIZE, SIZE, rng.uniform(28, 70), 2) * strength
    dy = fbm(rng, SIZE, SIZE, rng.uniform(28, 70), 2) * strength
    rows, columns = np.mgrid[0:SIZE, 0:SIZE]
    y = np.clip(np.rint(rows + dy), 0, SIZE - 1).astype(int)
    x = np.clip(np.rint(columns + dx), 0, SIZE - 1).astype(int)
    return sketch[y, x]


def leave_gaps(rng: np.random.Generator, sketch: np.ndarray) -> np.ndarray:
    """Leaves the paper showing in a few places, or paints nothing at all above a line."""
    paper = np.ones(3, np.float32) if rng.random() < 0.5 else np.clip(rng.uniform(0.8, 1.0, 3), 0, 1)
    gaps = fbm(rng, SIZE, SIZE, rng.uniform(30, 60), 2, stretch=rng.uniform(1, 4)) > rng.uniform(1.5, 2.4)
    return np.where(gaps[..., None], paper, sketch).astype(np.float32)


def simplify(sketch: np.ndarray, colours: int) -> np.ndarray:
    """At most so many flat colours, and no speck smaller than a brush."""
    image = Image.fromarray((np.clip(sketch, 0, 1) * 255).astype(np.uint8))
    # Coverage of the colours, not of the area: a small moon keeps its own.
    quantised = image.quantize(colours, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).convert("RGB")
    return np.asarray(quantised, np.float32) / 255
