"""Low-rank adaptations (Hu et al. 2021) fused by their own arithmetic: W += weight * alpha / rank * up @ down."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from .errors import ExportError

KOHYA = {"lora_unet": "unet", "lora_te": "text_encoder", "lora_te1": "text_encoder", "lora_te2": "text_encoder_2"}
"""Prefixes of kohya's keys, and the part that each stands for."""
DOWN = re.compile(
    r"\.(lora_down\.weight|lora_A(\.\w+)?\.weight|lora\.down\.weight|lora_linear_layer\.down\.weight|down\.weight)$"
)
UP = re.compile(
    r"\.(lora_up\.weight|lora_B(\.\w+)?\.weight|lora\.up\.weight|lora_linear_layer\.up\.weight|up\.weight)$"
)
UNET = re.compile(r"(down_blocks|mid_block|up_blocks|conv_in|conv_out|time_embedding|add_embedding)\.")
"""Prefixes of keys in files with only the layers of a unet."""
ALPHA = re.compile(r"(\.lora)?\.alpha$")


Weighted: TypeAlias = nn.Linear | nn.Conv2d
"""The kinds of layer that a LoRA can change."""


@dataclass
class Layer:
    """The two matrices of one layer and their scale. Both are present once the whole file is read."""

    down: Tensor = field(default_factory=lambda: torch.empty(0))
    up: Tensor = field(default_factory=lambda: torch.empty(0))
    alpha: float | None = None

    def delta(self, shape: torch.Size) -> Tensor:
        """The change of a weight of that shape, in float32."""
        down, up = self.down.float(), self.up.float()
        rank = down.shape[0]
        product = up.flatten(1) @ down.flatten(1)
        return product.reshape(shape) * ((rank if self.alpha is None else self.alpha) / rank)


class Lora:
    """One file in the format of kohya's scripts or of diffusers, sorted by part and layer."""

    def __init__(self, path: Path, weight: float):
        self.path, self.weight = path, weight
        self.layers: dict[str, dict[str, Layer]] = {}
        for key, value in read(path).items():
            self.add(key, value)
        for part, layers in self.layers.items():
            for name, layer in layers.items():
                if not (layer.down.numel() and layer.up.numel()):
                    raise ExportError(f"{path}: {part} {name} has only one of its two matrices: is the file complete?")

    def add(self, key: str, value: Tensor) -> None:
        for pattern, matrix in [(DOWN, "down"), (UP, "up"), (ALPHA, "alpha")]:
            if match := pattern.search(key):
                part, name = split(key[: match.start()], self.path)
                layer = self.layers.setdefault(part, {}).setdefault(name, Layer())
                setattr(layer, matrix, float(value) if matrix == "alpha" else value)
                return
        raise ExportError(
            f"{self.path} is not a plain LoRA, it has {key}: LoHa, LoKr, DoRA and the like are not supported"
        )

    def fuse(self, part: str, module: nn.Module) -> int:
        """
        Adds the LoRA to the weights of a part.

        Returns:
            the number of changed layers
        Raises:
            ExportError: if a layer is missing in the part or has another shape, as with LoRAs of other model families
        """
        modules = modules_by_key(module)
        layers = self.layers.get(part, {})
        for name, layer in layers.items():
            target = modules.get(flat(name))
            if target is None:
                raise ExportError(f"{self.path} is for another model: there is no {part} layer {name}")
            up, down = layer.up.flatten(1), layer.down.flatten(1)
            if up.shape[1] != down.shape[0] or up.shape[0] * down.shape[1] != target.weight.numel():
                raise ExportError(
                    f"{self.path} is for another model: {part} {name} is {tuple(target.weight.shape)}, "
                    f"the LoRA's matrices are {tuple(layer.up.shape)} and {tuple(layer.down.shape)}"
                )
            with torch.no_grad():
                fused = target.weight.float() + self.weight * layer.delta(target.weight.shape)
                target.weight.copy_(fused)
        return len(layers)

    def require_parts(self, parts: list[str]) -> None:
        for part in self.layers:
            if part not in parts:
                raise ExportError(f"{self.path} is for another model: it changes {part}, and this model has none")


def read(path: Path) -> dict[str, Tensor]:
    if not path.is_file():
        raise ExportError(f"there is no file {path}: name the .safetensors file of a LoRA")
    try:
        tensors = load_file(path)
    except SafetensorError as error:
        raise ExportError(f"{path} is not a complete safetensors file") from error
    if not any(DOWN.search(key) for key in tensors):
        raise ExportError(f"{path} is not a LoRA: it has no pairs of matrices")
    return tensors


def split(name: str, path: Path) -> tuple[str, str]:
    """The part of the model and the layer in it that a key names."""
    name = name.removeprefix("base_model.model.")
    if UNET.match(name):
        return "unet", name
    prefix, _, rest = name.partition(".")
    if prefix in ("unet", "text_encoder", "text_encoder_2"):
        # The first diffusers wrote attn1.processor.to_q_lora for attn1.to_q, and to_out for to_out.0.
        rest = re.sub(r"\.processor\.(to_\w+?)_lora$", r".\1", rest)
        return prefix, re.sub(r"\.to_out$", ".to_out.0", rest)
    for prefix in sorted(KOHYA, key=len, reverse=True):
        if name.startswith(prefix + "_"):
            return KOHYA[prefix], name[len(prefix) + 1 :]
    raise ExportError(f"{path} has {name}, which belongs to neither a unet nor a text encoder")


def flat(name: str) -> str:
    return name.replace(".", "_")


def modules_by_key(module: nn.Module) -> dict[str, Weighted]:
    """Layers with weights, by their path with _ for every dot, as in kohya's keys, and by all their other names."""
    named: dict[str, Weighted] = {
        name: layer for name, layer in module.named_modules() if isinstance(layer, (nn.Linear, nn.Conv2d))
    }
    keys: dict[str, Weighted] = {flat(name): layer for name, layer in named.items()}
    for name, layer in named.items():
        # Paths of text encoders lost their text_model. in transformers 5; files still have it.
        keys.setdefault(flat(f"text_model.{name}"), layer)
        keys.setdefault(flat(name.removeprefix("text_model.")), layer)
    if hasattr(module, "down_blocks"):
        for ldm, ours in ldm_blocks(module).items():
            for name, layer in named.items():
                if name == ours or name.startswith(ours + "."):
                    keys.setdefault(flat(ldm + ldm_name(name[len(ours) :])), layer)
    return keys


RESNET = {
    "conv1": "in_layers.2",
    "conv2": "out_layers.3",
    "time_emb_proj": "emb_layers.1",
    "conv_shortcut": "skip_connection",
}


def ldm_name(name: str) -> str:
    """The name of a block's layer in the original implementation of latent diffusion."""
    return re.sub(r"^\.(\w+)$", lambda match: "." + RESNET.get(match[1], match[1]), name)


def ldm_blocks(unet: Any) -> dict[str, str]:
    """The names of a UNet's blocks in that implementation, which numbers all blocks."""
    names = {
        "input_blocks.0.0": "conv_in",
        "time_embed.0": "time_embedding.linear_1",
        "time_embed.2": "time_embedding.linear_2",
        "label_emb.0.0": "add_embedding.linear_1",
        "label_emb.0.2": "add_embedding.linear_2",
        "out.2": "conv_out",
        "middle_block.0": "mid_block.resnets.0",
        "middle_block.1": "mid_block.attentions.0",
        "middle_block.2": "mid_block.resnets.1",
    }
    number = 1
    for i, block in enumerate(unet.down_blocks):
        for j in range(len(block.resnets)):
            names[f"input_blocks.{number}.0"] = f"down_blocks.{i}.resnets.{j}"
            names[f"input_blocks.{number}.1"] = f"down_blocks.{i}.attentions.{j}"
            number += 1
        if getattr(block, "downsamplers", None):
            names[f"input_blocks.{number}.0.op"] = f"down_blocks.{i}.downsamplers.0.conv"
            number += 1
    number = 0
    for i, block in enumerate(unet.up_blocks):
        has_attention = bool(getattr(block, "attentions", None))
        for j in range(len(block.resnets)):
            names[f"output_blocks.{number}.0"] = f"up_blocks.{i}.resnets.{j}"
            names[f"output_blocks.{number}.1"] = f"up_blocks.{i}.attentions.{j}"
            number += 1
        if getattr(block, "upsamplers", None):
            names[f"output_blocks.{number - 1}.{2 if has_attention else 1}"] = f"up_blocks.{i}.upsamplers.0"
    return names
