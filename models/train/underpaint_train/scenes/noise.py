"""Random fields and smooth curves that the scenes are made of. Everything takes a numpy Generator, so a seed is a
scene."""

import numpy as np
from PIL import Image


def resize(field: np.ndarray, height: int, width: int) -> np.ndarray:
    """Bicubic interpolation of a float field [h, w] to [height, width]."""
    return np.asarray(Image.fromarray(field.astype(np.float32), "F").resize((width, height), Image.Resampling.BICUBIC))


def fbm(
    rng: np.random.Generator,
    height: int,
    width: int,
    cell: float,
    octaves: int = 5,
    stretch: float = 1.0,
    gain: float = 0.5,
) -> np.ndarray:
    """Fractal noise [height, width] of about unit deviation. `cell` is the size of the largest features in pixels,
    `stretch` how much wider than high they are."""
    total = np.zeros((height, width), np.float32)
    amplitude, power = 1.0, 0.0
    for octave in range(octaves):
        size = cell / 2**octave
        rows = max(2, int(np.ceil(height / size * 1.0)) + 2)
        columns = max(2, int(np.ceil(width / (size * stretch))) + 2)
        if rows > 2 * height or columns > 2 * width:
            break
        grid = rng.standard_normal((rows, columns)).astype(np.float32)
        total += amplitude * resize(grid, height, width)
        power += amplitude**2
        amplitude *= gain
    return total / np.sqrt(power) * 1.35


def ridge_line(rng: np.random.Generator, width: int, cell: float, sharp: float) -> np.ndarray:
    """A mountain's outline [width], 0 in the valleys to 1 at the peaks; `sharp` 0 is rolling, 1 is jagged."""
    rolling = fbm(rng, 2, width, cell * 2, 3)[0]
    rolling = (rolling - rolling.min()) / max(1e-3, np.ptp(rolling))
    folded = 1 - np.abs(fbm(rng, 2, width, cell, 6)[0])
    folded = (folded - folded.min()) / max(1e-3, np.ptp(folded))
    return (1 - sharp) * rolling + sharp * (0.45 * rolling + 0.55 * folded)


def smoothstep(low: float, high: float, x: np.ndarray) -> np.ndarray:
    """0 below `low`, 1 above `high`, smooth between."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def blur(field: np.ndarray, radius: float) -> np.ndarray:
    """Three box blurs, near enough to a Gaussian of that deviation; edges are repeated."""
    size = max(1, int(radius * 1.2))
    out: np.ndarray = field.astype(np.float32)
    for axis in (0, 1):
        for _ in range(3):
            padded = np.concatenate(
                [np.repeat(out.take([0], axis), size, axis), out, np.repeat(out.take([-1], axis), size, axis)], axis
            )
            total = np.cumsum(padded, axis=axis, dtype=np.float64)
            first = np.zeros_like(total.take([0], axis))
            total = np.concatenate([first, total], axis)
            n, window = out.shape[axis], 2 * size + 1
            out = (total.take(range(window, window + n), axis) - total.take(range(n), axis)).astype(np.float32) / window
    return out
