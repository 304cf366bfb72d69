"""Adds int8 graphs to a published folder, and says what they cost in quality and save in time."""

import time
from pathlib import Path

import numpy as np

from underpaint_onnx.quantise import FILE, psnr, quantise

from ..errors import TrainingError
from ..scenes.dataset import Scenes
from .folder import FolderPainter

CALIBRATION = 48
"""Held-out scenes whose frames give the ranges; those that quality is measured on come after them."""
QUANTISED = ("control_encoder", "unet", "vae_decoder")
"""The text encoder runs once for each prompt: its speed is not worth the error."""
MEASURED = 32
LEAST = 30.0
"""A quantised graph below this many dB is wrong."""


def write_int8(runs: Path, folder: Path) -> dict[str, float]:
    """Quantises the graphs of a folder on frames of held-out sketches.

    Returns:
        PSNR of pictures against float32 in dB, mean and worst, and the share of its time
    Raises:
        TrainingError: when the pictures are not the same
    """
    scenes = Scenes(runs / "scenes/held-out")
    seen: dict[str, list[dict[str, np.ndarray]]] = {name: [] for name in QUANTISED}

    def watch(graph: str, feeds: dict[str, np.ndarray]) -> None:
        if graph in seen:
            seen[graph].append(feeds)

    paint_all(FolderPainter(folder, watch=watch), scenes, range(CALIBRATION))
    for name, feeds in seen.items():
        path = quantise(folder / name, feeds)
        if path is None:
            continue
        print(f"{name}: {path.stat().st_size / 1e6:.2f} MB in int8, {psnr(folder / name, feeds):.1f} dB", flush=True)
    report = measure(folder, scenes, range(CALIBRATION, min(len(scenes), CALIBRATION + MEASURED)))
    print(f"int8: {report['mean']} dB, worst {report['worst']} dB, {report['time']} of the time", flush=True)
    if report["worst"] < LEAST:
        raise TrainingError(f"{folder}: pictures in int8 are {report['worst']} dB from those in float32")
    return report


def paint_all(painter: FolderPainter, scenes: Scenes, some: range) -> np.ndarray:
    return np.concatenate([painter.paint(scenes.captions[i], scenes.sketches[i : i + 1]) for i in some])


def measure(folder: Path, scenes: Scenes, some: range) -> dict[str, float]:
    painted, seconds = [], []
    for file in ("model.onnx", FILE):
        painter = FolderPainter(folder, file)
        paint_all(painter, scenes, some[:1])
        begun = time.process_time()
        painted.append(paint_all(painter, scenes, some).astype(float))
        seconds.append(time.process_time() - begun)
    error = ((painted[0] - painted[1]) ** 2).mean((1, 2, 3)).clip(1e-3)
    decibels = 10 * np.log10(255**2 / error)
    return {
        "mean": round(float(decibels.mean()), 2),
        "worst": round(float(decibels.min()), 2),
        "time": round(seconds[1] / seconds[0], 2),
    }
