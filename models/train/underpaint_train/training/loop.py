"""The loop that every trainer shares: steps, checkpoints, losses, and an end when something is not a number."""

import json
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn
from tqdm import tqdm

from ..errors import TrainingError
from . import peers
from .curves import save_curve
from .device import DEVICE, AnyModule, Dice, mixed_precision
from .length import Length


@dataclass
class Run:
    """One training run in a folder. Killing it is harmless: it goes on from its last checkpoint, and since the batch
    and the noise of a step depend on the step alone, to the same losses as if it had never stopped."""

    folder: Path
    model: nn.Module
    length: Length
    learning_rate: float
    step_loss: Callable[[float, Dice], Tensor]
    """The loss of one step, given how much of the training is over, 0 to 1, and the step's random numbers."""
    warmup: int = 50
    ema_decay: float = 0.0
    weight_decay: float = 1e-3
    betas: tuple[float, float] = (0.9, 0.98)
    seed: int = 0
    checkpoint_seconds: float = 120.0
    rates: dict[str, float] = field(default_factory=dict)
    """Parts of the model, by the beginnings of their names, that learn at so many times the rate."""
    apart: str = ""
    """The beginning of the names of parts whose gradients are clipped apart from the others': discriminators."""
    on_checkpoint: Callable[[int], None] | None = None
    losses: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.optimiser = torch.optim.AdamW(
            self._groups(), self.learning_rate, betas=self.betas, weight_decay=self.weight_decay, fused=True
        )
        self.average = {k: v.clone() for k, v in self.model.state_dict().items()} if self.ema_decay else None
        self.step = 0
        self.seconds = 0.0
        """Time spent in steps, over all times that it was started."""

    def _groups(self) -> list[dict]:
        """The parameters that learn, by how fast they do."""
        groups: dict[float, list] = {}
        for name, parameter in self.model.named_parameters():
            if parameter.requires_grad:
                factor = next((f for start, f in self.rates.items() if name.startswith(start)), 1.0)
                groups.setdefault(factor, []).append(parameter)
        return [{"params": parameters, "factor": factor} for factor, parameters in groups.items()]

    @property
    def share(self) -> float:
        """How much of the training is over."""
        return self.length.share(self.step, self.seconds)

    def rate(self) -> float:
        """Linear warm-up, and a linear fall to zero."""
        return self.learning_rate * min(1.0, (self.step + 1) / self.warmup) * (1 - self.share)

    def train(self) -> None:
        self.resume()
        saved = begun = time.monotonic()
        shown = {"total": self.length.steps or None, "initial": self.step, "disable": not peers.is_first()}
        with tqdm(desc=self.folder.name, unit="step", mininterval=5, **shown) as bar:
            while not self._is_over():
                self.losses.append(self._one_step())
                now = time.monotonic()
                self.seconds, begun = self.seconds + now - begun, now
                self._meet()
                bar.update()
                bar.set_postfix(loss=f"{sum(self.losses[-50:]) / len(self.losses[-50:]):.4f}", refresh=False)
                if peers.is_first() and (now - saved > self.checkpoint_seconds or self._is_over()):
                    self.save()
                    if self.on_checkpoint:
                        self.on_checkpoint(self.step)
                    # The time budget includes checkpoints and their grids, which take little.
                    saved = time.monotonic()

    def _is_over(self) -> bool:
        """Processes that train together end together, at a step at which they meet."""
        return self.share == 1 and (peers.count() == 1 or self.step % peers.EVERY == 0 or self.length.steps > 0)

    def _meet(self) -> None:
        if peers.count() > 1 and self.step % peers.EVERY == 0:
            peers.average(self.model)
            self.seconds = peers.longest(self.seconds)

    def _batch_seed(self) -> int:
        return self.seed * 1_000_003 + self.step * peers.count() + peers.rank()

    def _one_step(self) -> float:
        generator = torch.Generator().manual_seed(self._batch_seed())
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate() * group["factor"]
        with mixed_precision():
            loss = self.step_loss(self.share, Dice(generator))
        self._check("loss", loss)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        for parameters in self._clipped_together():
            self._check("gradient", nn.utils.clip_grad_norm_(parameters, 1.0))
        self.optimiser.step()
        self.step += 1
        self._follow()
        return loss.item()

    def _clipped_together(self) -> list[list[nn.Parameter]]:
        painters: list[nn.Parameter] = []
        judges: list[nn.Parameter] = []
        for name, parameter in self.model.named_parameters():
            (judges if self.apart and name.startswith(self.apart) else painters).append(parameter)
        return [parameters for parameters in (painters, judges) if parameters]

    def _check(self, name: str, value: Tensor) -> None:
        if not torch.isfinite(value):
            seed = self._batch_seed()
            raise TrainingError(f"the {name} of step {self.step} is {value.item()}; its batch has seed {seed}")

    @torch.no_grad()
    def _follow(self) -> None:
        """Moves the running average. While it is young it follows fast, so that the noise it started from is
        forgotten."""
        if not self.average:
            return
        decay = min(self.ema_decay, (1 + self.step) / (10 + self.step))
        for key, value in self.model.state_dict().items():
            if value.is_floating_point():
                self.average[key].lerp_(value, 1 - decay)
            else:
                self.average[key].copy_(value)

    def save(self) -> None:
        """Writes the checkpoint beside the old one and then moves it there: a full disk leaves the old one whole."""
        state = {
            "step": self.step,
            "seconds": self.seconds,
            "model": self.model.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "average": self.average,
            "losses": self.losses,
        }
        write_whole(state, self.folder / "checkpoint.pt")
        (self.folder / "losses.json").write_text(json.dumps([round(x, 5) for x in self.losses]))
        total = self.length.expected_steps(self.step, self.seconds)
        save_curve(self.losses, self.folder / "losses.png", self.folder.name, total)

    def resume(self) -> None:
        path = self.folder / "checkpoint.pt"
        if path.exists():
            state = torch.load(path, weights_only=True, map_location=DEVICE)
            self.model.load_state_dict(state["model"])
            self.optimiser.load_state_dict(state["optimiser"])
            self.step, self.average, self.losses = state["step"], state["average"], state["losses"]
            self.seconds = state.get("seconds", 0.0)


def write_whole(state: dict, path: Path) -> None:
    """Saves tensors beside the old file and then moves them there.

    Raises:
        TrainingError: when the disk is full; the old file stays complete
    """
    unfinished = path.with_suffix(".tmp")
    try:
        torch.save(state, unfinished)
    except (OSError, RuntimeError) as error:  # PyTorch's writer has no OSError for a full disk.
        unfinished.unlink(missing_ok=True)
        free = shutil.disk_usage(path.parent).free / 1e9
        raise TrainingError(
            f"cannot write a checkpoint to {path.parent}, where {free:.2f} GB are free; the one before it "
            f"is whole, and training goes on from there when it is started again"
        ) from error
    os.replace(unfinished, path)


def load_weights(folder: Path, model: AnyModule) -> AnyModule:
    """Puts the trained weights of a run into `model`, averaged if the run averages.

    Raises:
        TrainingError: when the run has no checkpoint yet
    """
    path = folder / "checkpoint.pt"
    if not path.exists():
        raise TrainingError(f"{path} does not exist; train that part first")
    state = torch.load(path, weights_only=True, map_location="cpu")
    model.load_state_dict(state["average"] or state["model"])
    return model.eval()
