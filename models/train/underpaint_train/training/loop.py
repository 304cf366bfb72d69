"""The loop that every trainer shares: steps, checkpoints, losses, and an end when something is not a number."""

import json
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import torch
from torch import Tensor, nn
from tqdm import tqdm

from ..errors import TrainingError
from .curves import save_curve

AnyModule = TypeVar("AnyModule", bound=nn.Module)


def fast_bfloat16() -> bool:
    """Whether this processor multiplies bfloat16 numbers by itself; then convolutions take half the time."""
    supported = getattr(torch.cpu, "_is_avx512_bf16_supported", None)
    return bool(supported and supported())


@dataclass
class Run:
    """One training run in a folder. Killing it is harmless: it goes on from its last checkpoint, and since the batch
    and the noise of a step depend on the step alone, to the same losses as if it had never stopped."""

    folder: Path
    model: nn.Module
    steps: int
    learning_rate: float
    step_loss: Callable[[int, torch.Generator], Tensor]
    warmup: int = 50
    ema_decay: float = 0.0
    weight_decay: float = 1e-3
    betas: tuple = (0.9, 0.98)
    seed: int = 0
    checkpoint_seconds: float = 120.0
    mixed: bool = field(default_factory=fast_bfloat16)
    """Convolutions and products in bfloat16; weights, sums and losses stay float32."""
    rates: dict = field(default_factory=dict)
    """Parts of the model, by the beginnings of their names, that learn at so many times the rate."""
    on_checkpoint: Callable[[int], None] | None = None
    losses: list = field(default_factory=list)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.optimiser = torch.optim.AdamW(
            self._groups(), self.learning_rate, betas=self.betas, weight_decay=self.weight_decay, fused=True
        )
        self.average = {k: v.clone() for k, v in self.model.state_dict().items()} if self.ema_decay else None
        self.step = 0

    def _groups(self) -> list:
        """The parameters that learn, by how fast they do."""
        groups: dict = {}
        for name, parameter in self.model.named_parameters():
            if parameter.requires_grad:
                factor = next((f for start, f in self.rates.items() if name.startswith(start)), 1.0)
                groups.setdefault(factor, []).append(parameter)
        return [{"params": parameters, "factor": factor} for factor, parameters in groups.items()]

    def rate(self, step: int) -> float:
        """Linear warm-up, then a linear fall to zero."""
        if step < self.warmup:
            return self.learning_rate * (step + 1) / self.warmup
        return self.learning_rate * max(0.0, 1 - (step - self.warmup) / max(1, self.steps - self.warmup))

    def train(self) -> None:
        self.resume()
        saved = time.monotonic()
        with tqdm(total=self.steps, initial=self.step, desc=self.folder.name, unit="step", mininterval=5) as bar:
            while self.step < self.steps:
                loss = self._one_step()
                self.losses.append(loss)
                bar.update()
                bar.set_postfix(loss=f"{sum(self.losses[-50:]) / len(self.losses[-50:]):.4f}", refresh=False)
                if time.monotonic() - saved > self.checkpoint_seconds or self.step == self.steps:
                    self.save()
                    if self.on_checkpoint:
                        self.on_checkpoint(self.step)
                    saved = time.monotonic()

    def _one_step(self) -> float:
        generator = torch.Generator().manual_seed(self.seed * 1_000_003 + self.step)
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate(self.step) * group["factor"]
        with torch.autocast("cpu", torch.bfloat16, enabled=self.mixed):
            loss = self.step_loss(self.step, generator)
        if not torch.isfinite(loss):
            raise TrainingError(
                f"the loss of step {self.step} is {loss.item()}; its batch has seed {generator.initial_seed()}"
            )
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        slope = nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        if not torch.isfinite(slope):
            raise TrainingError(
                f"the gradient of step {self.step} is {slope.item()}; its batch has seed {generator.initial_seed()}"
            )
        self.optimiser.step()
        self.step += 1
        if self.average:
            # Young averages follow fast, so that the noise they started from is forgotten.
            decay = min(self.ema_decay, (1 + self.step) / (10 + self.step))
            with torch.no_grad():
                for key, value in self.model.state_dict().items():
                    if value.is_floating_point():
                        self.average[key].lerp_(value, 1 - decay)
                    else:
                        self.average[key].copy_(value)
        return loss.item()

    def save(self) -> None:
        """Writes the checkpoint beside the old one and then moves it there: a full disk leaves the old one whole."""
        state = {
            "step": self.step,
            "model": self.model.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "average": self.average,
            "losses": self.losses,
        }
        unfinished = self.folder / "checkpoint.tmp"
        try:
            torch.save(state, unfinished)
        except (OSError, RuntimeError) as error:  # PyTorch's writer has no OSError for a full disk.
            unfinished.unlink(missing_ok=True)
            free = shutil.disk_usage(self.folder).free / 1e9
            raise TrainingError(
                f"cannot write a checkpoint to {self.folder}, where {free:.2f} GB are free; the one before it "
                f"is whole, and training goes on from there when it is started again"
            ) from error
        os.replace(unfinished, self.folder / "checkpoint.pt")
        (self.folder / "losses.json").write_text(json.dumps([round(x, 5) for x in self.losses]))
        save_curve(self.losses, self.folder / "losses.png", self.folder.name, self.steps)

    def resume(self) -> None:
        path = self.folder / "checkpoint.pt"
        if path.exists():
            state = torch.load(path, weights_only=True)
            self.model.load_state_dict(state["model"])
            self.optimiser.load_state_dict(state["optimiser"])
            self.step, self.average, self.losses = state["step"], state["average"], state["losses"]


def channels_last(model: AnyModule) -> AnyModule:
    """The same module with its convolutions' weights in the order that convolutions on a CPU like best."""
    model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's types leave this form out
    return model


def load_weights(folder: Path, model: AnyModule) -> AnyModule:
    """Puts the trained weights of a run into `model`, averaged if the run averages.

    Raises:
        TrainingError: when the run has no checkpoint yet
    """
    path = folder / "checkpoint.pt"
    if not path.exists():
        raise TrainingError(f"{path} does not exist; train that part first")
    state = torch.load(path, weights_only=True)
    model.load_state_dict(state["average"] or state["model"])
    return model.eval()
