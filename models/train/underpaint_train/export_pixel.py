"""Writes the served pixel-space model: the folder of diffusers' ConsistencyModelPipeline, with an ONNX graph beside the
weights that reads them."""

from pathlib import Path

import torch
from diffusers import CMStochasticIterativeScheduler
from torch import Tensor, nn

from .export import write_json
from .graphs import save_weights, write_graph
from .pixel import SCHEDULE, PixelModel
from .train_pixel import load_pixel

WEIGHTS = "diffusion_pytorch_model.safetensors"


class _Unet(nn.Module):
    def __init__(self, model: PixelModel):
        super().__init__()
        self.unet = model.unet

    def forward(self, sample: Tensor, timestep: Tensor) -> Tensor:
        return self.unet(sample, timestep, return_dict=False)[0]


def export_pixel(runs: Path, out: Path) -> None:
    """Exports the distilled model from `runs` to the folder `out`."""
    write_pixel(out, load_pixel(runs / "pixel/student"))


def write_pixel(out: Path, model: PixelModel) -> None:
    folder, size, batch = out / "unet", model.size, {0: "batch"}
    save_weights(model.unet.state_dict(), folder / WEIGHTS)
    (folder / "config.json").write_text(model.unet.to_json_string())
    noise = torch.randn((2, 3, size, size), generator=torch.Generator().manual_seed(0))
    write_graph(_Unet(model), folder, ["sample", "timestep"], "out_sample", inputs=(noise, torch.tensor([1000.0, -500.0])),
                axes={name: batch for name in ("sample", "timestep", "out_sample")}, weights=WEIGHTS)
    CMStochasticIterativeScheduler(**SCHEDULE).save_pretrained(out / "scheduler")
    write_json(out / "model_index.json", {"_class_name": "ConsistencyModelPipeline", "scheduler": ["diffusers", "CMStochasticIterativeScheduler"],
                                          "unet": ["diffusers", "UNet2DModel"]})
    write_json(out / "underpaint.json", {"name": "Thumbnails", "width": size, "height": size, "prompts": [], "palette": [],
                                         "defaults": {"steps": 2}})
