"""Paints with a published folder through ONNX Runtime alone, as README.md describes its graphs."""

import json
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from tokenizers import Tokenizer
from torch import Tensor

from underpaint_train.networks.diffusion import boundary, guidance_embedding, x0_of


class FolderPainter:
    def __init__(self, folder: Path):
        self.facts = json.loads((folder / "underpaint.json").read_text())
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer/tokenizer.json"))
        self.tokens = json.loads((folder / "tokenizer/tokenizer_config.json").read_text())["model_max_length"]
        names = ("control_encoder", "unet", "text_encoder", "vae_encoder", "vae_decoder")
        self.graphs = {
            name: onnxruntime.InferenceSession(folder / name / "model.onnx", providers=["CPUExecutionProvider"])
            for name in names
        }

    def run(self, graph: str, **inputs: Tensor) -> Tensor:
        taken = {one.name for one in self.graphs[graph].get_inputs()}
        [out] = self.graphs[graph].run(None, {k: v.numpy() for k, v in inputs.items() if k in taken})
        return torch.from_numpy(out)

    def words(self, text: str) -> Tensor:
        ids = self.tokenizer.encode(text).ids
        end = ids[-1]
        ids = ids[: self.tokens - 1] + [end] * (self.tokens - min(len(ids), self.tokens - 1))
        return self.run("text_encoder", input_ids=torch.tensor([ids]))

    def velocity(self, x: Tensor, t: Tensor, hidden: Tensor, control: Tensor, scale: float, guidance: float) -> Tensor:
        return self.run(
            "unet",
            sample=x,
            timestep=t,
            encoder_hidden_states=hidden,
            control=control,
            conditioning_scale=torch.full((len(x),), scale),
            timestep_cond=guidance_embedding(torch.full((len(x),), guidance)),
        )

    def consistency(self, text: str, sketch: np.ndarray, scale: float, guidance: float):
        """f(x, t) for one sketch, uint8 [1, H, W, 3]."""
        hidden = self.words(text)
        control = self.run("control_encoder", controlnet_cond=torch.from_numpy(sketch).permute(0, 3, 1, 2) / 255)

        def denoise(x: Tensor, t: Tensor) -> Tensor:
            skip, out = boundary(t)
            return skip * x + out * x0_of(self.velocity(x, t, hidden, control, scale, guidance), x, t)

        return denoise

    def picture(self, latents: Tensor) -> np.ndarray:
        out = self.run("vae_decoder", latent_sample=latents)
        return ((out.clamp(-1, 1) + 1) * 127.5).round().byte().permute(0, 2, 3, 1).numpy()
