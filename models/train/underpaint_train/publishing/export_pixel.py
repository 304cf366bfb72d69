"""Writes the served pixel-space model: the folder of diffusers' ConsistencyModelPipeline, with an ONNX graph beside the
weights that reads them."""

import json
import shutil
from pathlib import Path
from typing import Any

import torch
from diffusers import CMStochasticIterativeScheduler
from torch import Tensor

from underpaint_onnx.check import write_checked
from underpaint_onnx.graphs import BATCH, GraphSpec, numbers
from underpaint_onnx.storage import halved

from ..measuring.pixel import evaluate_pixel
from ..measuring.tables import pixel_table
from ..networks.pixel import SCHEDULE, PixelModel
from ..training.pixel import load_pixel
from .files import TOLERANCE, WEIGHTS, save_weights, write_json

CARD = """# Thumbnails

A consistency model in pixel space: landscapes of {size} x {size}, without a prompt, in one to eight steps. Distilled
with `models/train` from a diffusion model of the same size. Apache-2.0, weights and data.

![Samples](docs/samples.png)

Rows: one step, two, four, from the same noise; last, real held-out pictures.

{parameters:.2f} M parameters. Losses, mean of the first and the last 50 steps: {losses}.

Sliced Wasserstein distances of {held_out} pictures from as many real ones, times 1000, by level (Karras et al. 2018);
smaller is nearer:

{table}

`underpaint infer --model models/thumbnails` paints with it, and so does diffusers' ConsistencyModelPipeline.
"""
RUNS = {"teacher": "diffusion model", "student": "distilled", "isolated": "in isolation"}
HELD_OUT = 120


def export_pixel(runs: Path, out: Path) -> None:
    """Exports the distilled model from `runs` to the folder `out`, with its card."""
    model = load_pixel(runs / "pixel/student")
    write_pixel(out, model)
    (out / "docs").mkdir(exist_ok=True)
    shutil.copy(runs / "pixel/student/grid.png", out / "docs/samples.png")
    losses = "; ".join(
        f"{words} {fall(runs / 'pixel' / name)}" for name, words in RUNS.items() if (runs / "pixel" / name).exists()
    )
    (out / "README.md").write_text(
        CARD.format(
            size=model.size,
            parameters=sum(p.numel() for p in model.parameters()) / 1e6,
            losses=losses,
            held_out=HELD_OUT,
            table=pixel_table({"pixel": evaluate_pixel(runs, HELD_OUT)}),
        )
    )


def fall(folder: Path) -> str:
    losses = json.loads((folder / "losses.json").read_text())
    first, last = (sum(part) / len(part) for part in (losses[:50], losses[-50:]))
    return f"{first:.4f} to {last:.4f} in {len(losses)} steps"


def pixel_graph(model: PixelModel) -> GraphSpec:
    """sample [B, 3, size, size] and timestep float [B] to out_sample [B, 3, size, size]."""
    noise, _ = numbers(model)

    def example(batch: int, _high: int, _wide: int) -> dict[str, Tensor]:
        return {"sample": noise(batch, 3, model.size, model.size), "timestep": torch.linspace(1000, -500, batch)}

    def call(unet: Any, sample: Tensor, timestep: Tensor) -> Tensor:
        return unet(sample, timestep, return_dict=False)[0]

    axes = dict.fromkeys(("sample", "timestep", "out_sample"), BATCH)
    return GraphSpec("unet", model.unet, call, example, ["out_sample"], axes)


def write_pixel(out: Path, model: PixelModel) -> None:
    """Writes the network, its graph and its descriptions; no card."""
    size = model.size
    save_weights(model.unet.state_dict(), out / "unet" / WEIGHTS)
    (out / "unet/config.json").write_text(model.unet.to_json_string())
    write_checked(pixel_graph(model), out, TOLERANCE, halved(WEIGHTS))
    CMStochasticIterativeScheduler(**SCHEDULE).save_pretrained(out / "scheduler")
    write_json(
        out / "model_index.json",
        {
            "_class_name": "ConsistencyModelPipeline",
            "scheduler": ["diffusers", "CMStochasticIterativeScheduler"],
            "unet": ["diffusers", "UNet2DModel"],
        },
    )
    write_json(
        out / "underpaint.json",
        {"name": "Thumbnails", "width": size, "height": size, "prompts": [], "palette": [], "defaults": {"steps": 2}},
    )
