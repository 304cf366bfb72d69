"""The sketch as a condition of the UNet, beside words and noise."""

import torch
from torch import Tensor, nn

from .autoencoder import CHANNELS, ENCODER_WIDTH, Encoder

CONTROL_CHANNELS = 48


class ControlEncoder(nn.Module):
    """Sketches [B, 3, H, W] in 0..1 to features [B, 48, H/8, W/8]. Runs once a frame; the UNet reads them at each step.

    It begins as the encoder of the autoencoder: a fresh network of its kind ignores most of the sketch for a long time.
    """

    def __init__(self) -> None:
        super().__init__()
        self.trunk = Encoder().layers[:-1]
        self.out = nn.Conv2d(ENCODER_WIDTH, CONTROL_CHANNELS, 3, padding=1)

    @torch.no_grad()
    def start_from(self, encoder: Encoder, sketches: Tensor) -> None:
        """Copies the trained layers. The first channels are the latents of a sketch; all have mean 0 and deviation 1 on
        `sketches`."""
        self.trunk.load_state_dict(encoder.layers[:-1].state_dict())
        for own, trained in zip(self.out.parameters(), encoder.layers[-1].parameters()):
            own[:CHANNELS].copy_(trained)
        seen = self(sketches)
        mean, deviation = seen.mean((0, 2, 3)), seen.std((0, 2, 3)).clamp(min=1e-3)
        weight, bias = self.out.parameters()
        weight.div_(deviation.view(-1, 1, 1, 1))
        bias.sub_(mean).div_(deviation)

    def forward(self, controlnet_cond: Tensor) -> Tensor:
        return self.out(self.trunk(2 * controlnet_cond - 1))
