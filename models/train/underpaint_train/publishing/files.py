"""The files of a published folder beside its graphs."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors.torch import save_file
from torch import Tensor

TOLERANCE = 2e-2
"""Largest difference from PyTorch, relative to the largest value: the allowed effect of rounding weights to float16."""
WEIGHTS = "diffusion_pytorch_model.safetensors"
"""The name that diffusers gives the weights of a network."""


def save_weights(state: Mapping[str, Tensor], path: Path) -> None:
    """Saves a state dictionary as float16 safetensors."""
    path.parent.mkdir(parents=True, exist_ok=True)
    halves = {k: v.half().contiguous() if v.is_floating_point() else v.contiguous() for k, v in state.items()}
    save_file(halves, path, metadata={"format": "pt"})


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2) + "\n")
