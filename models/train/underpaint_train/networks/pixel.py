"""The pixel-space models: an unconditional diffusion model of small pictures (Karras et al. 2022) and the consistency
models that come of it, in the parametrisation of diffusers' CMStochasticIterativeScheduler."""

import torch
from diffusers import UNet2DModel
from torch import Tensor, nn

from .samplers import renoises

SIZE = 32
CHANNELS = (16, 48, 64, 80)
TRAIN_LEVELS = 18
SCHEDULE = {
    "num_train_timesteps": TRAIN_LEVELS,
    "sigma_min": 0.002,
    "sigma_max": 80.0,
    "sigma_data": 0.5,
    "s_noise": 1.0,
    "rho": 7.0,
    "clip_denoised": True,
}
SIGMA_MIN, SIGMA_MAX, SIGMA_DATA = (SCHEDULE[k] for k in ("sigma_min", "sigma_max", "sigma_data"))


def karras_sigmas(count: int) -> Tensor:
    """Noise levels from 80 down to 0.002, float32 [count] (Karras et al. 2022, eq. 5, rho 7)."""
    ramp, power = torch.linspace(0, 1, count, dtype=torch.float64), 1 / SCHEDULE["rho"]
    return ((SIGMA_MAX**power + ramp * (SIGMA_MIN**power - SIGMA_MAX**power)) ** (1 / power)).float()


def _rows(sigma: Tensor) -> Tensor:
    return sigma.view(-1, 1, 1, 1)


class PixelModel(nn.Module):
    """One network, read in two ways: as a denoiser, and as a consistency function."""

    def __init__(self, size: int = SIZE, channels: tuple = CHANNELS) -> None:
        super().__init__()
        self.size = size
        self.unet = UNet2DModel(
            sample_size=size,
            in_channels=3,
            out_channels=3,
            layers_per_block=1,
            block_out_channels=channels,
            down_block_types=("DownBlock2D",) * len(channels),
            up_block_types=("UpBlock2D",) * len(channels),
            add_attention=False,
            norm_num_groups=8,
            resnet_time_scale_shift="scale_shift",
        )

    def _output(self, x: Tensor, sigma: Tensor) -> Tensor:
        """The network at c_in x; its timestep is 250 ln sigma, as Karras's c_noise times 1000."""
        scaled = x / _rows((sigma**2 + SIGMA_DATA**2).sqrt())
        return self.unet(scaled.contiguous(), 250 * sigma.log()).sample.float()

    def denoise(self, x: Tensor, sigma: Tensor) -> Tensor:
        """D(x; sigma), the mean of the clean pictures behind `x` [B, 3, H, W] (Karras et al. 2022, eq. 7)."""
        s = _rows(sigma)
        total = s**2 + SIGMA_DATA**2
        return SIGMA_DATA**2 / total * x + s * SIGMA_DATA / total.sqrt() * self._output(x, sigma)

    def forward(self, x: Tensor, sigma: Tensor) -> Tensor:
        """f(x, sigma), the start of the trajectory through `x`; x itself at sigma_min (Song et al. 2023, appendix
        C)."""
        s = _rows(sigma)
        c_skip = SIGMA_DATA**2 / ((s - SIGMA_MIN) ** 2 + SIGMA_DATA**2)
        c_out = (s - SIGMA_MIN) * SIGMA_DATA / (s**2 + SIGMA_DATA**2).sqrt()
        return c_skip * x + c_out * self._output(x, sigma)


def euler(teacher: PixelModel, x: Tensor, sigma: Tensor, to: Tensor) -> Tensor:
    """One step of the probability-flow ODE dx/dsigma = (x - D(x; sigma)) / sigma."""
    return x + _rows(to - sigma) * (x - teacher.denoise(x, sigma)) / _rows(sigma)


def heun(teacher: PixelModel, x: Tensor, sigma: Tensor, to: Tensor) -> Tensor:
    """The same with the slope averaged over both ends (Karras et al. 2022, algorithm 1); `to` is above zero."""
    slope = (x - teacher.denoise(x, sigma)) / _rows(sigma)
    ahead = x + _rows(to - sigma) * slope
    slope_ahead = (ahead - teacher.denoise(ahead, to)) / _rows(to)
    return x + _rows(to - sigma) * (slope + slope_ahead) / 2


SOLVERS = {"euler": euler, "heun": heun}


def squared(a: Tensor, b: Tensor) -> Tensor:
    return (a - b).square().mean((1, 2, 3))


def absolute(a: Tensor, b: Tensor) -> Tensor:
    return (a - b).abs().mean((1, 2, 3))


def pseudo_huber(a: Tensor, b: Tensor) -> Tensor:
    """sqrt(|a - b|^2 + c^2) - c with c = 0.00054 sqrt(d), divided by sqrt(d) (Song and Dhariwal 2024)."""
    return (squared(a, b) + 0.00054**2).sqrt() - 0.00054


METRICS = {"l2": squared, "l1": absolute, "huber": pseudo_huber}
"""Distances of pictures [B, 3, H, W], one a picture: [B]."""


@torch.no_grad()
def sample_diffusion(teacher: PixelModel, noise: Tensor, steps: int, solver: str = "heun") -> Tensor:
    """Pictures by the ODE from sigma_max to sigma_min, `steps` steps; `noise` [B, 3, H, W] has unit variance."""
    x, sigmas = noise * SIGMA_MAX, karras_sigmas(steps + 1).to(noise.device)
    for sigma, to in zip(sigmas[:-1], sigmas[1:]):
        x = SOLVERS[solver](teacher, x, sigma.expand(len(x)), to.expand(len(x)))
    return x.clamp(-1, 1)


def consistency_sigmas(steps: int) -> Tensor:
    """The noise levels of multistep sampling, every N/steps-th of the schedule, as CMStochasticIterativeScheduler picks
    them."""
    every = TRAIN_LEVELS // steps
    return karras_sigmas(TRAIN_LEVELS)[: every * steps : every]


@torch.no_grad()
def sample_consistency(model: PixelModel, noises: list | Tensor, steps: int, sampler: str = "multistep") -> Tensor:
    """Pictures [B, 3, H, W] by the samplers of a consistency model (see samplers.py). The noises have unit variance:
    noises[0] is where it begins, noises[k] is added after step k - 1 where that step renoises."""
    steps = 1 if sampler == "onestep" else steps
    x, sigmas = noises[0] * SIGMA_MAX, consistency_sigmas(steps).to(noises[0].device)
    for i, sigma in enumerate(sigmas):
        clean = model(x, sigma.expand(len(x))).clamp(-1, 1)
        if i + 1 < steps:
            to = sigmas[i + 1]
            again = renoises(sampler, i, steps)
            x = clean + ((to**2 - SIGMA_MIN**2).sqrt() * noises[i + 1] if again else to * (x - clean) / sigma)
    return clean
