"""Writes the served pixel-space model: the folder of diffusers' ConsistencyModelPipeline, with an ONNX graph beside the
weights that reads them."""

import json
import shutil
from pathlib import Path

import torch
from diffusers import CMStochasticIterativeScheduler
from torch import Tensor, nn

from ..measuring.pixel import evaluate_pixel
from ..measuring.tables import pixel_table
from ..networks.pixel import SCHEDULE, PixelModel
from ..training.pixel import load_pixel
from .export import write_json
from .graphs import save_weights, write_graph

WEIGHTS = "diffusion_pytorch_model.safetensors"
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


class _Unet(nn.Module):
    def __init__(self, model: PixelModel):
        super().__init__()
        self.unet = model.unet

    def forward(self, sample: Tensor, timestep: Tensor) -> Tensor:
        return self.unet(sample, timestep, return_dict=False)[0]


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


def write_pixel(out: Path, model: PixelModel) -> None:
    folder, size, batch = out / "unet", model.size, {0: "batch"}
    save_weights(model.unet.state_dict(), folder / WEIGHTS)
    (folder / "config.json").write_text(model.unet.to_json_string())
    noise = torch.randn((2, 3, size, size), generator=torch.Generator().manual_seed(0))
    write_graph(
        _Unet(model),
        folder,
        ["sample", "timestep"],
        "out_sample",
        inputs=(noise, torch.tensor([1000.0, -500.0])),
        axes=dict.fromkeys(("sample", "timestep", "out_sample"), batch),
        weights=WEIGHTS,
    )
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
