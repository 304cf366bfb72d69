"""Paints with a published folder through ONNX Runtime alone, as README.md describes its graphs."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from tokenizers import Tokenizer
from torch import Tensor

from ..networks.diffusion import SHAPE, boundary, guidance_embedding, x0_of
from ..networks.samplers import consistency_times, sample_latents

GRAPHS = ("control_encoder", "unet", "text_encoder", "vae_decoder")
Watch = Callable[[str, dict[str, np.ndarray]], None]
"""Called with the name of a graph and its inputs before each call."""


class FolderPainter:
    def __init__(self, folder: Path, file: str = "model.onnx", watch: Watch | None = None):
        """`file` is the variant of the graphs; a graph without it is used in its plain form."""
        self.facts = json.loads((folder / "underpaint.json").read_text())
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer/tokenizer.json"))
        self.tokens = json.loads((folder / "tokenizer/tokenizer_config.json").read_text())["model_max_length"]
        self.watch = watch
        self.graphs = {}
        # One thread: times are comparable then, and the same sums in the same order.
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        for name in GRAPHS:
            path = folder / name / file
            path = path if path.exists() else path.with_name("model.onnx")
            self.graphs[name] = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def run(self, graph: str, **inputs: Tensor) -> Tensor:
        taken = {one.name for one in self.graphs[graph].get_inputs()}
        feeds = {name: value.numpy() for name, value in inputs.items() if name in taken}
        if self.watch:
            self.watch(graph, feeds)
        [out] = self.graphs[graph].run(None, feeds)
        return torch.from_numpy(out)

    def words(self, text: str) -> Tensor:
        ids = self.tokenizer.encode(text).ids
        ids = ids[: self.tokens - 1] + [ids[-1]] * (self.tokens - min(len(ids), self.tokens - 1))
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

    def consistency(
        self, text: str, sketch: np.ndarray, scale: float, guidance: float
    ) -> Callable[[Tensor, Tensor], Tensor]:
        """f(x, t) for one sketch, uint8 [1, H, W, 3]."""
        hidden = self.words(text)
        pixels = torch.from_numpy(np.array(sketch)).permute(0, 3, 1, 2) / 255
        control = self.run("control_encoder", controlnet_cond=pixels)

        def denoise(x: Tensor, t: Tensor) -> Tensor:
            skip, out = boundary(t)
            return skip * x + out * x0_of(self.velocity(x, t, hidden, control, scale, guidance), x, t)

        return denoise

    def picture(self, latents: Tensor) -> np.ndarray:
        """uint8 [B, H, W, 3]"""
        out = self.run("vae_decoder", latent_sample=latents)
        return ((out.clamp(-1, 1) + 1) * 127.5).round().byte().permute(0, 2, 3, 1).numpy()

    def paint(self, text: str, sketch: np.ndarray, steps: int = 2, guidance: float = 2.0, seed: int = 1) -> np.ndarray:
        """One picture, uint8 [1, H, W, 3], of a sketch, uint8 [1, 256, 256, 3]."""
        generator = torch.Generator().manual_seed(seed)
        noises = [torch.randn((1, *SHAPE), generator=generator) for _ in range(steps)]
        denoise = self.consistency(text, sketch, 1.0, guidance)
        return self.picture(sample_latents(denoise, noises, consistency_times(steps)))
