"""The noise schedule and the networks that teacher and student share."""

import torch
from diffusers import UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from torch import Tensor, nn

from .autoencoder import CHANNELS
from .control import CONTROL_CHANNELS
from .text import WIDTH

TRAIN_STEPS = 1000
BETA_START, BETA_END = 0.00085, 0.016
SCHEDULE = {
    "beta_schedule": "scaled_linear",
    "beta_start": BETA_START,
    "beta_end": BETA_END,
    "num_train_timesteps": TRAIN_STEPS,
    "prediction_type": "v_prediction",
}
GUIDANCE_WIDTH = 256
LATENT_SIZE = 32
SHAPE = (CHANNELS, LATENT_SIZE, LATENT_SIZE)

BETAS = torch.linspace(BETA_START**0.5, BETA_END**0.5, TRAIN_STEPS, dtype=torch.float64) ** 2
"""Scaled-linear betas, as Stable Diffusion's but ending higher: smooth latents show through more noise than its do."""
ABAR = torch.cumprod(1 - BETAS, 0).float()
"""abar_t (Ho et al. 2020), float32 [1000]."""


def betas(t: Tensor) -> Tensor:
    """beta_t, [B, 1, 1, 1]."""
    return BETAS.to(t.device)[t].float().view(-1, 1, 1, 1)


def scales(t: Tensor) -> tuple[Tensor, Tensor]:
    """sqrt(abar_t) and sqrt(1 - abar_t), each [B, 1, 1, 1]."""
    abar = ABAR.to(t.device)[t].view(-1, 1, 1, 1)
    return abar.sqrt(), (1 - abar).sqrt()


class ControlledUnet(nn.Module):
    """A UNet that reads the features of a sketch beside its latents. 5 M parameters, 1.8 GFLOP at 32 x 32."""

    def __init__(self, with_guidance: bool):
        super().__init__()
        self.unet = UNet2DConditionModel(
            sample_size=LATENT_SIZE,
            in_channels=CHANNELS + CONTROL_CHANNELS,
            out_channels=CHANNELS,
            layers_per_block=1,
            block_out_channels=(64, 96, 128),
            down_block_types=("DownBlock2D", "DownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "UpBlock2D", "UpBlock2D"),
            norm_num_groups=16,
            cross_attention_dim=WIDTH,
            attention_head_dim=4,
            time_cond_proj_dim=GUIDANCE_WIDTH if with_guidance else None,
            # Attention reads the words at 8 x 8 alone. Pooled and added to the timestep's embedding, they reach every
            # block, and light and season concern all pixels.
            addition_embed_type="text",
            addition_embed_type_num_heads=4,
        )
        nn.init.constant_(self.unet.add_embedding.norm2.weight, 0.1)
        # Past all normalisation, outlines keep their exact place and contrast.
        self.sketch = nn.Conv2d(CONTROL_CHANNELS, CHANNELS, 1)
        for parameter in self.sketch.parameters():
            nn.init.zeros_(parameter)
        # On a processor the way back through fused attention is slow: a step of training would take a tenth longer.
        self.unet.set_attn_processor(AttnProcessor())

    def forward(
        self,
        sample: Tensor,
        timestep: Tensor,
        encoder_hidden_states: Tensor,
        control: Tensor,
        conditioning_scale: Tensor,
        timestep_cond: Tensor | None = None,
    ) -> Tensor:
        """The velocity [B, 12, h, w]. `control` [B, 48, h, w] counts `conditioning_scale` [B] times: 0 is no sketch."""
        control = conditioning_scale.view(-1, 1, 1, 1) * control
        both = torch.cat([sample, control], 1).contiguous(memory_format=torch.channels_last)
        hidden = encoder_hidden_states
        velocity = self.unet(both, timestep, hidden, timestep_cond=timestep_cond, return_dict=False)[0]
        return (velocity + self.sketch(control)).float()


def guidance_embedding(scale: Tensor) -> Tensor:
    """[B] scales to [B, 256], as diffusers embeds w = scale - 1 (Meng et al. 2023; latent consistency models,
    eq. 13)."""
    half = GUIDANCE_WIDTH // 2
    exponents = torch.arange(half, device=scale.device) * (torch.log(torch.tensor(10000.0)) / (half - 1))
    angles = 1000.0 * (scale - 1)[:, None] * torch.exp(-exponents)[None]
    return torch.cat([angles.sin(), angles.cos()], 1)


def x0_of(v: Tensor, x: Tensor, t: Tensor) -> Tensor:
    """The clean latents that a velocity implies (Salimans and Ho 2022): x0 = a x - s v."""
    a, s = scales(t)
    return a * x - s * v


def velocity_toward(x0: Tensor, x: Tensor, t: Tensor) -> Tensor:
    """The velocity at `x` whose clean latents are `x0`: v = (a x - x0) / s."""
    a, s = scales(t)
    return (a * x - x0) / s


def ddim(x0: Tensor, x: Tensor, t: Tensor, to: Tensor) -> Tensor:
    """One deterministic DDIM step (Song, Meng and Ermon 2021, eq. 12, eta 0) from t to `to`, given the clean
    latents."""
    a, s = scales(t)
    a_to, s_to = scales(to)
    return a_to * x0 + s_to * (x - a * x0) / s


def boundary(t: Tensor) -> tuple[Tensor, Tensor]:
    """c_skip and c_out (latent consistency models, appendix; timestep scaling 10, sigma_data 0.5), each
    [B, 1, 1, 1]."""
    scaled = (10.0 * t.double()).view(-1, 1, 1, 1)
    return (0.25 / (scaled**2 + 0.25)).float(), (scaled / (scaled**2 + 0.25).sqrt()).float()
