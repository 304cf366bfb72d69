"""The parts of a graph, and the graphs of the networks that both the training and the export write.

Inputs and outputs have the names that the server reads, which are those of Hugging Face's Optimum.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn

BATCH = {0: "batch"}
PICTURE = {0: "batch", 2: "height", 3: "width"}
LATENTS = {0: "batch", 2: "latent_height", 3: "latent_width"}
"""Different sizes need different names, because ONNX Runtime plans memory by name."""

Outputs: TypeAlias = Tensor | tuple[Tensor, ...]
Example = Callable[[int, int, int], dict[str, Tensor]]
"""Inputs by name for a batch, and for a height and width in units of the smallest size that the part accepts."""


@dataclass
class GraphSpec:
    """One module as a graph."""

    folder: str
    module: nn.Module
    call: Callable[..., Outputs]
    """Takes the module and its inputs in the order of the example."""
    example: Example
    outputs: list[str]
    axes: dict[str, dict[int, str]] = field(default_factory=dict)
    """The axes of inputs and outputs with free sizes, and their names."""


class Call(nn.Module):
    """A module whose forward is a function of another module, so that a graph may differ from the class."""

    def __init__(self, spec: GraphSpec):
        super().__init__()
        self.module = spec.module
        self.call = spec.call

    def forward(self, *inputs: Tensor) -> Outputs:
        return self.call(self.module, *inputs)


Noise = Callable[..., Tensor]


def numbers(module: nn.Module) -> tuple[Noise, torch.dtype]:
    """Returns a function for standard normal numbers, equal in each run and of the module's type, and that type."""
    dtype = next(module.parameters()).dtype
    generator = torch.Generator().manual_seed(0)

    def noise(*shape: int) -> Tensor:
        return torch.randn(shape, generator=generator).to(dtype)

    return noise, dtype


def unet_graph(unet: Any, tokens: int = 77) -> GraphSpec:
    """A diffusers UNet2DConditionModel whose text is `tokens` long.

    Inputs: sample [B, C, h, w], timestep int64 [B], encoder_hidden_states [B, tokens, D]; where the model has them
    timestep_cond [B, d], text_embeds [B, D] and time_ids [B, 6]. Output: out_sample [B, C, h, w].
    """
    config = unet.config
    noise, dtype = numbers(unet)
    step = 2 ** (len(config.block_out_channels) - 1)
    is_xl = config.addition_embed_type == "text_time"
    pooled = config.projection_class_embeddings_input_dim - 6 * config.addition_time_embed_dim if is_xl else 0

    def example(batch: int, high: int, wide: int) -> dict[str, Tensor]:
        inputs = {
            "sample": noise(batch, config.in_channels, step * high, step * wide),
            "timestep": torch.arange(999, 0, -979 // batch)[:batch],
            "encoder_hidden_states": noise(batch, tokens, config.cross_attention_dim),
        }
        if config.time_cond_proj_dim:
            inputs["timestep_cond"] = noise(batch, config.time_cond_proj_dim).clamp(-1, 1)
        if is_xl:
            inputs["text_embeds"] = noise(batch, pooled)
            inputs["time_ids"] = torch.tensor([[512, 512, 0, 0, 512, 512]], dtype=dtype).repeat(batch, 1)
        return inputs

    def call(module: Any, sample: Tensor, timestep: Tensor, hidden: Tensor, *rest: Tensor) -> Tensor:
        more = list(rest)
        condition = more.pop(0) if config.time_cond_proj_dim else None
        added = dict(zip(["text_embeds", "time_ids"], more)) or None
        return module(sample, timestep, hidden, timestep_cond=condition, added_cond_kwargs=added, return_dict=False)[0]

    rows = dict.fromkeys(["timestep", "encoder_hidden_states", "timestep_cond", "text_embeds", "time_ids"], BATCH)
    return GraphSpec("unet", unet, call, example, ["out_sample"], rows | {"sample": LATENTS, "out_sample": LATENTS})


def text_graph(folder: str, encoder: Any, *, is_pair: bool = False, attention: str = "eager") -> GraphSpec:
    """A CLIP text encoder of transformers: input_ids int64 [B, N] to last_hidden_state [B, N, D].

    Args:
        is_pair: it is one of two encoders of a model that reads the last two hidden states
        attention: "eager", or "sdpa" for a smaller graph, which is right for float32 only: its mask is float32 whatever
            the type of the rest
    """
    config = encoder.config
    if hasattr(encoder, "set_attn_implementation"):
        encoder.set_attn_implementation(attention)
    else:
        config._attn_implementation = attention
    projects = "Projection" in type(encoder).__name__
    last = config.num_hidden_layers
    outputs = [f"hidden_states.{last - 1}", f"hidden_states.{last}"] if is_pair else ["last_hidden_state"]

    def example(batch: int, _high: int, _wide: int) -> dict[str, Tensor]:
        shape = (batch, config.max_position_embeddings)
        ids = torch.randint(0, config.vocab_size - 2, shape, generator=torch.Generator().manual_seed(0))
        ids[:, -1] = config.vocab_size - 1 if config.eos_token_id == 2 else config.eos_token_id
        return {"input_ids": ids}

    def call(module: Any, input_ids: Tensor) -> tuple[Tensor, ...]:
        given = module(input_ids, output_hidden_states=is_pair)
        hidden = given.hidden_states[-2:] if is_pair else (given.last_hidden_state,)
        return (*hidden, given.text_embeds) if projects else hidden

    names = [*outputs, *(["text_embeds"] if projects else [])]
    return GraphSpec(folder, encoder, call, example, names, dict.fromkeys(["input_ids", *names], BATCH))
