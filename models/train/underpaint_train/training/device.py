"""Where training runs, and the random numbers of a step. Everything that differs between a GPU and a processor is here.

A GPU is used if PyTorch finds one. Convolutions and products are then in bfloat16, as on processors that multiply such
numbers by themselves; weights, sums and losses stay float32.
"""

from typing import TypeVar

import torch
from torch import Tensor, nn

AnyModule = TypeVar("AnyModule", bound=nn.Module)

DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
COMPILING_PAYS = 600.0
"""Seconds of training from which torch.compile, which takes a minute or two, is worth its time on a GPU. On a
processor it gains nothing: oneDNN's convolutions are called either way."""


def fast_bfloat16() -> bool:
    """Whether the device multiplies bfloat16 numbers by itself; then convolutions take half the time."""
    if DEVICE.type == "cuda":
        return torch.cuda.is_bf16_supported()
    supported = getattr(torch.cpu, "_is_avx512_bf16_supported", None)
    return bool(supported and supported())


def mixed_precision() -> torch.autocast:
    return torch.autocast(DEVICE.type, torch.bfloat16, enabled=fast_bfloat16())


def placed(model: AnyModule) -> AnyModule:
    """The same module on the device, its convolutions' weights in the order that is fastest there, channels last."""
    model.to(DEVICE)
    model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's types leave this form out
    return model


def compiled(model: AnyModule, seconds: float) -> AnyModule:
    """The same module, compiled in place where that pays in a training of so many seconds."""
    if DEVICE.type == "cuda" and seconds >= COMPILING_PAYS:
        model.compile()
    return model


class Dice:
    """Random numbers of one step. They are drawn on the processor, so that a seed gives the same on every device."""

    def __init__(self, generator: torch.Generator):
        self.generator = generator

    def uniform(self, *shape: int) -> Tensor:
        return torch.rand(shape, generator=self.generator).to(DEVICE)

    def normal(self, *shape: int) -> Tensor:
        return torch.randn(shape, generator=self.generator).to(DEVICE)

    def below(self, high: int, *shape: int) -> Tensor:
        """Whole numbers from 0 to `high` - 1."""
        return torch.randint(high, shape, generator=self.generator).to(DEVICE)

    def chance(self, share: float, count: int) -> Tensor:
        """bool [count], true with this probability each."""
        return self.uniform(count) < share
