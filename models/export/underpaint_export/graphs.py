"""The parts as graphs with the inputs and outputs that the server reads (Optimum's names), and examples of their
inputs."""

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

BATCH = {0: "batch"}
PICTURE = {0: "batch", 2: "height", 3: "width"}
LATENTS = {0: "batch", 2: "latent_height", 3: "latent_width"}
"""Sizes that differ must not share a name: ONNX Runtime plans memory by it."""


@dataclass
class GraphSpec:
    folder: str
    module: nn.Module
    call: Callable[..., object]
    example: Callable[[int, int, int], dict[str, Tensor]]
    """Inputs by name for a batch, and a height and width in steps of the smallest size that the part takes."""
    outputs: list[str]
    axes: dict[str, dict[int, str]] = field(default_factory=dict)


class Call(nn.Module):
    """A module whose forward is a function of another one: what the graph gives out is not all that the class does."""

    def __init__(self, spec: GraphSpec):
        super().__init__()
        self.module = spec.module
        self.call = spec.call

    def forward(self, *inputs):
        return self.call(self.module, *inputs)


def unet_graph(unet: nn.Module) -> GraphSpec:
    config = unet.config
    noise, dtype = numbers(unet)
    step = 2 ** (len(config.block_out_channels) - 1)
    names = ["sample", "timestep", "encoder_hidden_states"]
    if config.time_cond_proj_dim:
        names.append("timestep_cond")
    is_xl = config.addition_embed_type == "text_time"
    pooled = config.projection_class_embeddings_input_dim - 6 * config.addition_time_embed_dim if is_xl else 0

    def example(batch: int, high: int, wide: int) -> dict[str, Tensor]:
        inputs = {
            "sample": noise(batch, config.in_channels, step * high, step * wide),
            "timestep": torch.arange(999, 0, -979 // batch)[:batch],
            "encoder_hidden_states": noise(batch, 77, config.cross_attention_dim),
        }
        if config.time_cond_proj_dim:
            inputs["timestep_cond"] = noise(batch, config.time_cond_proj_dim).clamp(-1, 1)
        if is_xl:
            inputs["text_embeds"] = noise(batch, pooled)
            inputs["time_ids"] = torch.tensor([[512, 512, 0, 0, 512, 512]], dtype=dtype).repeat(batch, 1)
        return inputs

    def call(module, sample, timestep, hidden, *more):
        more = list(more)
        condition = more.pop(0) if config.time_cond_proj_dim else None
        added = dict(zip(["text_embeds", "time_ids"], more)) or None
        return module(sample, timestep, hidden, timestep_cond=condition, added_cond_kwargs=added, return_dict=False)[0]

    rows = dict.fromkeys(["timestep", "encoder_hidden_states", "timestep_cond", "text_embeds", "time_ids"], BATCH)
    return GraphSpec("unet", unet, call, example, ["out_sample"], rows | {"sample": LATENTS, "out_sample": LATENTS})


def text_graph(folder: str, encoder: nn.Module, *, is_pair: bool) -> GraphSpec:
    """`is_pair`: of a model that reads the last hidden state but one of two encoders."""
    config = encoder.config
    # The fused attention is traced with a float32 mask whatever the type of the rest is.
    if hasattr(encoder, "set_attn_implementation"):
        encoder.set_attn_implementation("eager")
    else:
        config._attn_implementation = "eager"
    projects = "Projection" in type(encoder).__name__
    last = config.num_hidden_layers
    outputs = [f"hidden_states.{last - 1}", f"hidden_states.{last}"] if is_pair else ["last_hidden_state"]

    def example(batch: int, _high: int, _wide: int) -> dict[str, Tensor]:
        ids = torch.randint(
            0,
            config.vocab_size - 2,
            (batch, config.max_position_embeddings),
            generator=torch.Generator().manual_seed(0),
        )
        ids[:, -1] = config.vocab_size - 1 if config.eos_token_id == 2 else config.eos_token_id
        return {"input_ids": ids}

    def call(module, input_ids):
        given = module(input_ids, output_hidden_states=is_pair)
        hidden = given.hidden_states[-2:] if is_pair else (given.last_hidden_state,)
        return (*hidden, given.text_embeds) if projects else hidden

    names = [*outputs, *(["text_embeds"] if projects else [])]
    return GraphSpec(folder, encoder, call, example, names, dict.fromkeys(["input_ids", *names], BATCH))


def vae_graphs(vae: nn.Module, prefix: str = "") -> list[GraphSpec]:
    is_tiny = type(vae).__name__ == "AutoencoderTiny"
    noise, _ = numbers(vae)
    # A tiny one has a stage for each halving, the other one more.
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


def safety_graph(checker: nn.Module) -> GraphSpec:
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


def numbers(module: nn.Module):
    """Standard normal numbers, the same every time, of the type that the module computes in; and that type."""
    dtype = next(module.parameters()).dtype
    generator = torch.Generator().manual_seed(0)
    return (lambda *shape: torch.randn(shape, generator=generator).to(dtype)), dtype
