"""Sketches that a person drew with a mouse: strokes of a few thick brushes. No scene is behind them.

by_hand.json is a list of {prompt, paper, strokes}; a stroke is [colour, width, [x, y, x, y, ...]], in pixels of 256. A
width of 0 fills the outline.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

FILE = Path(__file__).with_name("by_hand.json")
SIDE = 256
OVER = 2


@dataclass
class HandSketch:
    prompt: str
    sketch: np.ndarray
    """uint8 [size, size, 3]"""
    lines_only: bool
    """Dark lines on white paper."""


def hand_sketches(size: int = SIDE) -> list[HandSketch]:
    """All of them, in the order of the file."""
    return [
        HandSketch(entry["prompt"], draw(entry["paper"], entry["strokes"], size), entry.get("lines", False))
        for entry in json.loads(FILE.read_text())
    ]


def rounded(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """The same stroke with its corners cut twice (Chaikin): a hand turns in a curve. Its ends stay."""
    for _ in range(2):
        cut = [points[0]]
        for (ax, ay), (bx, by) in zip(points, points[1:]):
            cut += [(0.9 * ax + 0.1 * bx, 0.9 * ay + 0.1 * by), (0.1 * ax + 0.9 * bx, 0.1 * ay + 0.9 * by)]
        points = [*cut, points[-1]]
    return points


def draw(paper: str, strokes: list, size: int) -> np.ndarray:
    """Round brushes, one stroke over the other, uint8 [size, size, 3]."""
    k = size * OVER / SIDE
    image = Image.new("RGB", (size * OVER, size * OVER), paper)
    pen = ImageDraw.Draw(image)
    for colour, width, numbers in strokes:
        points = [(x * k, y * k) for x, y in zip(numbers[::2], numbers[1::2])]
        points = rounded(points)
        if width == 0:
            pen.polygon(points, fill=colour)
            continue
        pen.line(points, fill=colour, width=round(width * k), joint="curve")
        r = width * k / 2
        for x, y in points:
            pen.ellipse((x - r, y - r, x + r, y + r), fill=colour)
    return np.asarray(image.reduce(OVER))
