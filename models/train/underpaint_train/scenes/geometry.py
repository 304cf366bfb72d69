"""Outlines as arrays [N, 2] of x and y, in units of 1/256 of a picture's short side."""

from typing import Any, TypeAlias

import numpy as np

Points: TypeAlias = np.ndarray


def box(x0: float, y0: float, x1: float, y1: float) -> Points:
    return np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], float)


def poly(*points: tuple) -> Points:
    return np.array(points, float)


def ellipse(x: float, y: float, rx: float, ry: float | None = None, turn: float = 0.0) -> Points:
    ry = rx if ry is None else ry
    a = np.linspace(0, 2 * np.pi, 26, endpoint=False)
    px, py = rx * np.cos(a), ry * np.sin(a)
    c, s = np.cos(turn), np.sin(turn)
    return np.stack([x + px * c - py * s, y + px * s + py * c], 1)


def dome(x: float, y: float, rx: float, ry: float) -> Points:
    """The upper half of an ellipse, standing on y."""
    a = np.linspace(np.pi, 2 * np.pi, 16)
    return np.stack([x + rx * np.cos(a), y + ry * np.sin(a)], 1)


def stroke(points: Any, width: float, tip: float | None = None) -> Points:
    """The outline of a line that is `width` wide at its start and `tip` at its end."""
    p = np.asarray(points, float)
    way = np.gradient(p, axis=0)
    normal = np.stack([-way[:, 1], way[:, 0]], 1)
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-6)
    half = np.linspace(width, width if tip is None else tip, len(p))[:, None] / 2
    return np.concatenate([p + normal * half, (p - normal * half)[::-1]])


def curve(*control: tuple, n: int = 14) -> Points:
    """A Bezier curve through two ends, led by one or two inner points."""
    p, t = np.array(control, float), np.linspace(0, 1, n)[:, None]
    if len(p) == 3:
        return (1 - t) ** 2 * p[0] + 2 * t * (1 - t) * p[1] + t**2 * p[2]
    return (1 - t) ** 3 * p[0] + 3 * t * (1 - t) ** 2 * p[1] + 3 * t**2 * (1 - t) * p[2] + t**3 * p[3]


def blob(rng: np.random.Generator, x: float, y: float, rx: float, ry: float, rough: float = 0.15) -> Points:
    """A rounded shape that is no ellipse: a few low harmonics."""
    a = np.linspace(0, 2 * np.pi, 36, endpoint=False)
    r = np.ones_like(a)
    for k in range(2, 6):
        r += rough / k * 1.6 * rng.normal() * np.cos(k * a + rng.uniform(0, 6.3))
    return np.stack([x + rx * r * np.cos(a), y + ry * r * np.sin(a)], 1)


def waves(rng: np.random.Generator, width: float, level: float, height: float, length: float) -> Points:
    """A smooth crest line over the whole width: a sum of three sines about `level`."""
    x = np.arange(-6, width + 9, 3.0)
    y = sum(
        a * np.sin(2 * np.pi * x / (length * f) + rng.uniform(0, 6.3))
        for a, f in ((0.6, 1.0), (0.28, 0.53), (0.12, 0.29))
    )
    return np.stack([x, level - height * y], 1)


def peaks(rng: np.random.Generator, width: float, level: float, height: float, spacing: float) -> tuple[Points, list]:
    """A mountain crest, and its summits as indices into it. Between summit and saddle the line has two fixed kinks."""
    points, summits = [], []
    x = -spacing * rng.uniform(0.3, 0.9)
    saddle = (x, level - height * 0.2)
    while saddle[0] < width + spacing:
        gap = spacing * rng.uniform(0.7, 1.4)
        top = (saddle[0] + gap * rng.uniform(0.42, 0.58), level - height * rng.uniform(0.55, 1.0))
        low = (saddle[0] + gap, level - height * rng.uniform(0.05, 0.4))
        for start, end, kinks in (
            (saddle, top, ((0.35, 0.28), (0.5, 0.56), (0.8, 0.76))),
            (top, low, ((0.22, 0.28), (0.5, 0.44), (0.66, 0.72))),
        ):
            points.append(start)
            points += [
                (
                    start[0] + (end[0] - start[0]) * (u + rng.normal(0, 0.02)),
                    start[1] + (end[1] - start[1]) * (v + rng.normal(0, 0.02)),
                )
                for u, v in kinks
            ]
            if end is top:
                summits.append(len(points))
        saddle = low
    points.append(saddle)
    return np.array(points), summits


def under(line: Points, bottom: float) -> Points:
    """The area below a crest line."""
    return np.concatenate([line, [(line[-1, 0], bottom), (line[0, 0], bottom)]])


def height_at(line: Points, x: Any) -> np.ndarray:
    """y of a crest line at x."""
    return np.interp(x, line[:, 0], line[:, 1])
