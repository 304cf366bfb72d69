"""Sketches as people make them.

Outlines are thinned out, moved and drawn anew with a round brush. Pixels of the picture are used in photos alone.
"""

import io

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from .canvas import noise

MODES = {
    "flat": 0.36,
    "rough": 0.2,
    "lines": 0.13,
    "half": 0.15,
    "photo": 0.08,
    "coloured lines": 0.035,
    "blank": 0.045,
}
"""How often each kind of sketch is made."""
PAINTED = ("flat", "rough", "half")
"""Kinds whose colours may contradict the caption."""
OVER = 2


def thin(rng: np.random.Generator, points: np.ndarray, gap: float) -> np.ndarray:
    """Fewer points, about `gap` apart: corners finer than that are lost."""
    step = np.hypot(*np.diff(np.concatenate([points, points[:1]]), axis=0).T)
    along = np.concatenate([[0], np.cumsum(step)])
    total = along[-1]
    if total < 6 * gap:
        return points
    closed = np.concatenate([points, points[:1]])
    at = np.linspace(0, total, int(total / gap), endpoint=False) + rng.uniform(0, gap)
    # Long edges keep their ends; only short pieces are thinned.
    at = np.unique(np.concatenate([at % total, along[:-1][step > gap * 1.5]]))
    return np.stack([np.interp(at, along, closed[:, k]) for k in (0, 1)], 1)


class Hand:
    """How one person draws: how much outlines move, how fine they are, how thick the brush is."""

    def __init__(self, rng: np.random.Generator, size: tuple[int, int], rough: float):
        self.rng, self.size, self.rough = rng, size, rough
        self.scale = min(size) / 256
        h, w = int(size[1] / self.scale), int(size[0] / self.scale)
        reach = rng.uniform(0.6, 2.0) + 3.0 * rough
        self.dx, self.dy = (reach * noise(rng, (h + 2, w + 2), rng.uniform(18, 46)) for _ in range(2))

    def outline(self, points: np.ndarray) -> np.ndarray:
        rng = self.rng
        span = float(np.ptp(points, axis=0).max())
        p = thin(rng, points, 4 + 9 * self.rough) if span > 16 else points
        h, w = self.dx.shape
        iy, ix = np.clip(p[:, 1].astype(int), 0, h - 1), np.clip(p[:, 0].astype(int), 0, w - 1)
        slack = min(1.0, span / 40)
        shift = rng.normal(0, (0.5 + 1.0 * self.rough), 2) * slack
        moved = p + (0.3 + 0.7 * slack) * np.stack([self.dx[iy, ix], self.dy[iy, ix]], 1) + shift
        if span < 200 and self.rough > 0.2:
            moved = p.mean(0) + shift + (moved - p.mean(0)) * rng.uniform(0.92, 1.18)
        return moved

    def draw(self, shapes: list, brush: float, ground: tuple = (255, 255, 255)) -> Image.Image:
        """Fills each outline and goes round it with the brush."""
        k = self.scale * OVER
        image = Image.new("RGB", (self.size[0] * OVER, self.size[1] * OVER), ground)
        draw = ImageDraw.Draw(image)
        for points, colour in shapes:
            p = (self.outline(points) * k).ravel().tolist()
            fill = tuple(int(c) for c in np.clip(np.asarray(colour) * 255 + 0.5, 0, 255))
            draw.polygon(p, fill=fill)
            if brush > 0:
                draw.line(p + p[:4], fill=fill, width=max(1, int(brush * k)), joint="curve")
        return image.reduce(OVER)

    def lines(self, shapes: list, width: float, ink: tuple, coloured: bool) -> Image.Image:
        """Outlines on paper; shapes in front hide those behind."""
        k = self.scale * OVER
        image = Image.new("RGB", (self.size[0] * OVER, self.size[1] * OVER), (255, 255, 255))
        draw = ImageDraw.Draw(image)
        for group in _silhouettes(shapes):
            look = tuple(int(c) for c in np.clip(np.asarray(group[0][1]) * 200, 0, 255)) if coloured else ink
            outlines = [(self.outline(points) * k).ravel().tolist() for points, _ in group]
            # Half of a stroke lies inside and is covered again, so each is drawn twice as wide.
            for p in outlines:
                draw.line(p + p[:4], fill=look, width=max(2, int(2 * width * k)), joint="curve")
            for p in outlines:
                draw.polygon(p, fill=(255, 255, 255))
        return image.reduce(OVER)


def _silhouettes(shapes: list) -> list:
    """Neighbours of one colour together: a cloud has one outline and not one for each puff."""
    groups: list = []
    for shape in shapes:
        if groups and np.array_equal(groups[-1][-1][1], shape[1]):
            groups[-1].append(shape)
        else:
            groups.append([shape])
    return groups


def few_colours(image: Image.Image, count: int) -> Image.Image:
    return image.quantize(count, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).convert("RGB")


def blobs(rng: np.random.Generator, image: Image.Image, count: int, cell: float) -> Image.Image:
    """Everything finer than a thick brush is gone: each colour's area is rounded off."""
    w, h = image.size
    few = image.quantize(count, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    index, palette = np.asarray(few), few.getpalette()
    small = (max(4, int(w / cell)), max(4, int(h / cell)))
    best, chosen = np.full((h, w), -1.0, np.float32), np.zeros((h, w), int)
    for k in np.unique(index):
        mask = (
            Image.fromarray(((index == k) * 255).astype(np.uint8))
            .resize(small, Image.Resampling.BOX)
            .resize((w, h), Image.Resampling.BICUBIC)
        )
        weight = np.asarray(mask, np.float32) * (1.25 if (index == k).mean() < 0.06 else 1.0)
        chosen = np.where(weight > best, k, chosen)
        best = np.maximum(best, weight)
    colours = np.array(palette, np.uint8).reshape(-1, 3)
    return Image.fromarray(colours[chosen])


def unpainted(rng: np.random.Generator, image: Image.Image) -> Image.Image:
    """Paper shows where no stroke of a thick brush went."""
    w, h = image.size
    k = min(w, h) / 256
    mask = Image.new("L", (w, h), 0)
    draw = ImageDraw.Draw(mask)
    kind = rng.integers(3)
    if kind == 0:
        for _ in range(int(rng.integers(3, 8))):
            x, y, width = rng.uniform(0, w), rng.uniform(0, h), rng.uniform(26, 60) * k
            points = []
            for i in range(int(rng.integers(5, 13))):
                points.append((x + (i % 2 * 2 - 1) * rng.uniform(20, 80) * k, y + i * width * 0.42))
            draw.line(points, fill=255, width=int(width), joint="curve")
            for px, py in points:
                draw.ellipse((px - width / 2, py - width / 2, px + width / 2, py + width / 2), fill=255)
    elif kind == 1:
        edge = noise(rng, (h, w), 40 * k) * 14 * k
        rows, columns = np.mgrid[0:h, 0:w]
        cut = rng.uniform(0.25, 0.7)
        which = rng.integers(4)
        field = (rows - h * cut, h * cut - rows, columns - w * cut, w * cut - columns)[which] + edge
        mask = Image.fromarray(((field > 0) * 255).astype(np.uint8))
    else:
        gaps = noise(rng, (h, w), rng.uniform(22, 50) * k, rng.uniform(1, 3)) > rng.uniform(0.3, 0.55)
        mask = Image.fromarray(((~gaps) * 255).astype(np.uint8))
    paper = Image.new("RGB", (w, h), (255, 255, 255))
    return Image.composite(image, paper, mask)


def photo(rng: np.random.Generator, picture: np.ndarray) -> Image.Image:
    """The picture as a camera or a clipboard gives it."""
    image = np.clip(picture * rng.uniform(0.75, 1.18) + rng.normal(0, 0.04, 3), 0, 1)
    image = (
        image
        + rng.normal(0, rng.uniform(0, 0.05), picture.shape[:2])[..., None]
        + rng.normal(0, rng.uniform(0, 0.03), picture.shape)
    )
    out = Image.fromarray((np.clip(image, 0, 1) * 255).astype(np.uint8)).filter(
        ImageFilter.GaussianBlur(float(rng.choice([0, 0.6, 1.2, 2.2])))
    )
    held = io.BytesIO()
    out.save(held, "JPEG", quality=int(rng.integers(30, 92)))
    return Image.open(held).convert("RGB")


def crayons(rng: np.random.Generator, shapes: list) -> list:
    """The same shapes in the few strong colours of a paint box."""
    gain, lift = rng.uniform(1.1, 1.7), rng.normal(0, 0.05, 3)

    def strong(c: np.ndarray) -> np.ndarray:
        mean = float(np.mean(c))
        return np.clip(mean + (np.asarray(c) - mean) * gain + lift, 0, 1)

    return [(points, strong(c)) for points, c in shapes]


def fewer(rng: np.random.Generator, shapes: list, least: float) -> list:
    """Leaves small shapes out: a hand draws no pane of a window."""
    return [shape for shape in shapes if float(np.prod(np.ptp(shape[0], axis=0))) >= least]


def make_sketch(rng: np.random.Generator, mode: str, shapes: list, picture: np.ndarray) -> np.ndarray:
    """u8 [H, W, 3]. `shapes` as `flats` gives them; `picture` float [H, W, 3]."""
    h, w = picture.shape[:2]
    if mode == "blank":
        return np.full((h, w, 3), 255, np.uint8)
    if mode == "photo":
        return np.asarray(photo(rng, picture))
    if rng.random() < 0.5:
        shapes = crayons(rng, shapes)
    if mode in ("lines", "coloured lines"):
        hand = Hand(rng, (w, h), rng.uniform(0, 0.5))
        ink = (0, 0, 0) if rng.random() < 0.6 else tuple(int(c) for c in rng.integers(0, 90, 3))
        return np.asarray(
            hand.lines(
                fewer(rng, shapes, rng.choice([6, 20, 60])),
                float(rng.choice([1.2, 2.0, 3.0, 4.5])),
                ink,
                mode != "lines",
            )
        )
    rough = rng.uniform(0.5, 1.0) if mode == "rough" else rng.uniform(0, 0.55)
    hand = Hand(rng, (w, h), rough)
    image = hand.draw(fewer(rng, shapes, 30 * rough), rng.uniform(0, 2.4) + 2.2 * rough)
    if mode == "rough":
        image = blobs(rng, image, int(rng.integers(4, 8)), rng.uniform(3.5, 8.5) * hand.scale)
    elif rng.random() < 0.55:
        image = few_colours(image, int(rng.integers(5, 10)))
    if mode == "half":
        image = unpainted(rng, image)
    return np.asarray(image)
