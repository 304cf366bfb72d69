"""From noise to latents: the samplers that `underpaint infer --sampler` has, step for step."""

from collections.abc import Callable

import torch
from torch import Tensor

from .diffusion import TRAIN_STEPS, scales

SAMPLERS = ("onestep", "multistep", "alternate", "ddim")
ORIGINAL_STEPS = 50

Denoise = Callable[[Tensor, Tensor], Tensor]
"""Clean latents [B, C, h, w] from noised ones and their timesteps [B]: a consistency function, or a guided denoiser."""


def renoises(sampler: str, index: int, steps: int) -> bool:
    """Whether the estimate of step `index`, which is not the last of `steps`, is noised anew; else DDIM goes on from
    it.

    multistep: always (Song et al. 2023, algorithm 1). ddim: never. alternate: in the first half.
    """
    return sampler == "multistep" or (sampler == "alternate" and index < steps // 2)


def consistency_time(index: int, steps: int | Tensor, usable: int | Tensor) -> int | Tensor:
    """t_i = (L - floor(i L / n)) 20 - 1, as LCMScheduler has it: step `index` of `steps` on the lowest `usable` of its
    50 points. Numbers, or tensors of them."""
    return (usable - index * usable // steps) * (TRAIN_STEPS // ORIGINAL_STEPS) - 1


def consistency_times(steps: int, strength: float = 1.0) -> list:
    """The timesteps of `steps` steps, with L = trunc(50 strength)."""
    return [consistency_time(i, steps, int(ORIGINAL_STEPS * strength)) for i in range(steps)]


def trailing_times(steps: int, strength: float = 1.0) -> list:
    """The last trunc(n strength) of n timesteps from 999 down, as DDIMScheduler spaces them ("trailing") and img2img
    cuts them, raised so that one is left."""
    whole = [round(TRAIN_STEPS - i * TRAIN_STEPS / steps) - 1 for i in range(steps)]
    return whole[len(whole) - max(1, min(steps, int(steps * strength))) :]


@torch.no_grad()
def sample_latents(
    denoise: Denoise, noises: list | Tensor, times: list, *, sampler: str = "multistep", start: Tensor | None = None
) -> Tensor:
    """Clean latents [B, C, h, w] after the last of `times`. noises[0] is where it begins, from `start` if there is one;
    noises[k] is added after step k - 1 where that step renoises."""
    times = times[:1] if sampler == "onestep" else times

    def at(i: int) -> tuple[Tensor, Tensor]:
        return scales(torch.tensor([times[i]], device=noises[0].device))

    a, s = at(0)
    x = noises[0] if start is None else a * start + s * noises[0]
    for i, time in enumerate(times):
        clean = denoise(x, torch.full((len(x),), time, device=x.device))
        if i + 1 < len(times):
            (a, s), (a_to, s_to) = at(i), at(i + 1)
            x = a_to * clean + s_to * (noises[i + 1] if renoises(sampler, i, len(times)) else (x - a * clean) / s)
    return clean
