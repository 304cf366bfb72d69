"""One step back along the probability-flow trajectory, by the teacher: the solvers of distillation."""

from collections.abc import Callable

from torch import Tensor

from ..networks.diffusion import betas, ddim, scales

Predict = Callable[[Tensor, Tensor], Tensor]
"""Clean latents [B, C, h, w] from noised ones and their timesteps [B]."""


def ddim_step(predict: Predict, x: Tensor, t: Tensor, to: Tensor) -> Tensor:
    """DDIM, which is Euler's step in x / a over s / a (Song, Meng and Ermon 2021, eq. 14)."""
    return ddim(predict(x, t), x, t, to)


def euler_step(predict: Predict, x: Tensor, t: Tensor, to: Tensor) -> Tensor:
    """Euler's step in t on dx/dt = -beta/2 x + beta/(2 s) eps (Song et al. 2021, eq. 13, variance preserving)."""
    a, s = scales(t)
    noise = (x - a * predict(x, t)) / s
    beta = betas(t)
    return x + (to - t).view(-1, 1, 1, 1) * beta / 2 * (noise / s - x)


def heun_step(predict: Predict, x: Tensor, t: Tensor, to: Tensor) -> Tensor:
    """Heun's step in x / a over s / a, two predictions (Karras et al. 2022, algorithm 1)."""
    a, s = scales(t)
    a_to, s_to = scales(to)
    first = (x - a * predict(x, t)) / s
    there = a_to * (x / a + (s_to / a_to - s / a) * first)
    second = (there - a_to * predict(there, to)) / s_to
    return a_to * (x / a + (s_to / a_to - s / a) * (first + second) / 2)


SOLVERS = {"ddim": ddim_step, "euler": euler_step, "heun": heun_step}
