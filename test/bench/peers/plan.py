"""What a latent consistency model of a folder does with a sketch, apart from its networks: numbers of its schedule."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from diffusers import LCMScheduler
from tokenizers import Tokenizer


@dataclass(frozen=True)
class Step:
    """x0 = skip * x + out * (alpha * x - sigma * v), or with noise eps of it: (x - sigma * eps) / alpha."""

    timestep: int
    alpha: float
    sigma: float
    skip: float
    out: float


@dataclass(frozen=True)
class Plan:
    steps: list[Step]
    predicts_v: bool
    starts_from_noise: bool
    scaling: float
    """Of latents."""
    size: tuple[int, int]
    """Height and width in pixels."""
    ids: np.ndarray
    """int64 [1, N], of the prompt."""
    guidance: np.ndarray
    """float32 [1, D], the embedding of the guidance scale."""
    control: float


def read_json(path: Path) -> dict:
    return json.loads(path.read_text()) if path.exists() else {}


def plan_of(folder: Path, steps: int, prompt: str) -> Plan:
    card, unet = read_json(folder / "underpaint.json"), read_json(folder / "unet/config.json")
    defaults = card.get("defaults", {})
    scheduler = LCMScheduler.from_config(read_json(folder / "scheduler/scheduler_config.json"))
    scheduler.set_timesteps(
        steps,
        original_inference_steps=scheduler.config.original_inference_steps,
        strength=defaults.get("strength", 1),
    )
    made = []
    for t in scheduler.timesteps:
        abar = float(scheduler.alphas_cumprod[t])
        skip, out = scheduler.get_scalings_for_boundary_condition_discrete(t)
        made.append(Step(int(t), abar**0.5, (1 - abar) ** 0.5, float(skip), float(out)))
    return Plan(
        steps=made,
        predicts_v=scheduler.config.prediction_type == "v_prediction",
        starts_from_noise=bool(card.get("startsFromNoise")) and defaults.get("strength", 1) == 1,
        scaling=read_json(folder / "vae_decoder/config.json").get("scaling_factor", 1.0),
        size=(card["height"], card["width"]),
        ids=ids_of(folder, prompt),
        guidance=guidance_embedding(defaults.get("guidance", 1.0), unet["time_cond_proj_dim"]),
        control=defaults.get("control", 1.0),
    )


def ids_of(folder: Path, prompt: str) -> np.ndarray:
    tokens = read_json(folder / "tokenizer/tokenizer_config.json")["model_max_length"]
    ids = Tokenizer.from_file(str(folder / "tokenizer/tokenizer.json")).encode(prompt).ids
    ids = ids[: tokens - 1] + [ids[-1]] * (tokens - min(len(ids), tokens - 1))
    return np.array([ids], np.int64)


def guidance_embedding(guidance: float, width: int) -> np.ndarray:
    """As diffusers' get_guidance_scale_embedding (Luo et al. 2023, section 4.2)."""
    half = width // 2
    frequencies = torch.exp(torch.arange(half) * -(torch.log(torch.tensor(10000.0)) / (half - 1)))
    angles = torch.tensor([(guidance - 1.0) * 1000]).float()[:, None] * frequencies[None]
    return torch.cat([torch.sin(angles), torch.cos(angles)], 1).numpy()
