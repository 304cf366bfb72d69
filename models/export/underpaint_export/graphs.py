"""The graphs of autoencoders and safety checkers; underpaint_onnx has those of UNets and text encoders."""

from typing import Any

import torch
from torch import Tensor

from underpaint_onnx.graphs import BATCH, LATENTS, PICTURE, GraphSpec, numbers


def vae_graphs(vae: Any, prefix: str = "") -> list[GraphSpec]:
    is_tiny = type(vae).__name__ == "AutoencoderTiny"
    noise, _ = numbers(vae)
    # A tiny autoencoder has one stage for each halving, others have one more.
    channels = vae.config.decoder_block_out_channels if is_tiny else vae.config.block_out_channels
    factor = 2 ** (len(channels) - 1)

    def pictures(batch: int, high: int, wide: int) -> dict[str, Tensor]:
        return {"sample": noise(batch, 3, factor * 4 * high, factor * 4 * wide).clamp(-1, 1)}

    def latents(batch: int, high: int, wide: int) -> dict[str, Tensor]:
        return {"latent_sample": noise(batch, vae.config.latent_channels, 4 * high, 4 * wide)}

    encoded = "latent_sample" if is_tiny else "latent_parameters"
    encode = (
        (lambda module, x: module.encode(x).latents)
        if is_tiny
        else (lambda module, x: module.encode(x).latent_dist.parameters)
    )
    return [
        GraphSpec(f"{prefix}vae_encoder", vae, encode, pictures, [encoded], {"sample": PICTURE, encoded: LATENTS}),
        GraphSpec(
            f"{prefix}vae_decoder",
            vae,
            lambda module, z: module.decode(z).sample,
            latents,
            ["sample"],
            {"sample": PICTURE, "latent_sample": LATENTS},
        ),
    ]


def safety_graph(checker: Any) -> GraphSpec:
    noise, dtype = numbers(checker)
    edge = checker.config.vision_config.image_size

    def example(batch: int, high: int, wide: int) -> dict[str, Tensor]:
        return {
            "clip_input": noise(batch, 3, edge, edge),
            "images": torch.rand(batch, 8 * high, 8 * wide, 3, dtype=dtype),
        }

    axes = {"clip_input": BATCH, "has_nsfw_concepts": BATCH}
    for name in ["images", "out_images"]:
        axes[name] = {0: "batch", 1: "height", 2: "width"}
    return GraphSpec(
        "safety_checker",
        checker,
        lambda module, *inputs: module.forward_onnx(*inputs),
        example,
        ["out_images", "has_nsfw_concepts"],
        axes,
    )
