"""The student: one call takes any noisy latents to clean ones. Distilled from the teacher (latent consistency
distillation, Luo et al. 2023), or trained in isolation (consistency training, Song et al. 2023)."""

import copy
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from ..networks.diffusion import SHAPE, boundary, guidance_embedding, make_unet, scales, x0_of
from ..networks.samplers import consistency_times, sample_latents
from ..networks.text import load_tokenizer, make_text_encoder, tokenize
from ..scenes.dataset import Scenes
from .latents import Batch, LatentScenes
from .loop import Run, channels_last, load_weights
from .solvers import SOLVERS
from .teacher import Decoding, Teacher, empty_tokens

SKIP = 20
"""Timesteps between neighbours on a trajectory, at the end of training; the scheduler's 50 points are as far apart."""
SKIPS = ((0.35, 100), (0.65, 40), (1.0, SKIP))
"""Until which part of the training which distance. What is known at the start of a trajectory has to reach its end one
distance at a time; long ones bring it there soon, short ones make it exact (as in Song and Dhariwal 2024)."""
GUIDANCE_RANGE = (1.0, 5.0)
TARGET_DECAY = 0.9
HUBER = 0.03


class Student(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.unet = make_unet(with_guidance=True)

    def start_from(self, teacher: Teacher) -> None:
        """The teacher's weights; the guidance, which it has no input for, at first changes nothing."""
        missing = self.unet.load_state_dict(teacher.unet.state_dict(), strict=False).missing_keys
        if missing != ["time_embedding.cond_proj.weight"]:
            raise ValueError(f"teacher and student differ in {missing}")
        nn.init.zeros_(self.unet.time_embedding.cond_proj.weight)

    def forward(self, x: Tensor, t: Tensor, hidden: Tensor, guidance: Tensor) -> Tensor:
        """f(x, t): clean latents, by c_skip x + c_out x0."""
        x = x.contiguous(memory_format=torch.channels_last)
        v = self.unet(x, t, hidden, timestep_cond=guidance).sample.float()
        c_skip, c_out = boundary(t)
        return c_skip * x + c_out * x0_of(v, x, t)


class Pair(nn.Module):
    """The student, the running average of it that gives its targets, and the text encoder that both read."""

    def __init__(self, text: nn.Module):
        super().__init__()
        self.student, self.text = Student(), text
        self.target = copy.deepcopy(self.student).requires_grad_(False)

    def start_from(self, teacher: Teacher) -> None:
        self.student.start_from(teacher)
        self.target.load_state_dict(self.student.state_dict())

    @torch.no_grad()
    def follow(self) -> None:
        for slow, fast in zip(self.target.parameters(), self.student.parameters()):
            slow.lerp_(fast, 1 - TARGET_DECAY)

    def encode(self, tokens: Tensor) -> Tensor:
        return self.text(tokens).last_hidden_state.float()


def pseudo_huber(a: Tensor, b: Tensor) -> Tensor:
    """sqrt(|a - b|^2 + c^2) - c a value (Song and Dhariwal 2024)."""
    return (((a - b) ** 2 + HUBER**2).sqrt() - HUBER).mean()


METRICS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "huber": pseudo_huber,
    "l1": nn.functional.l1_loss,
    "l2": nn.functional.mse_loss,
}


def train_distilled(
    runs: Path, steps: int, batch: int, *, solver: str = "ddim", metric: str = "huber", learning_rate: float = 2e-4
) -> None:
    """Neighbours on a trajectory are a noised picture and where one guided step of the teacher's takes it."""
    tokenizer = load_tokenizer(runs / "tokenizer.json")
    teacher = channels_last(load_weights(runs / "teacher", Teacher(tokenizer))).requires_grad_(False)
    pair = Pair(teacher.text)
    pair.start_from(teacher)
    with torch.no_grad():
        empty = teacher.encode(empty_tokens(tokenize(tokenizer, ["a"])))

    def neighbour(batch: Batch, t: Tensor, to: Tensor, hidden: Tensor, scale: Tensor) -> Tensor:
        def predict(x: Tensor, at: Tensor) -> Tensor:
            return teacher.guided_x0(x, at, hidden, empty, scale)

        return SOLVERS[solver](predict, batch.noisy, t, to)

    folder = runs / student_folder(solver, metric)
    _train_pair(
        pair,
        LatentScenes(runs / "scenes/train", tokenizer),
        neighbour,
        folder=folder,
        steps=steps,
        batch=batch,
        metric=metric,
        learning_rate=learning_rate,
    )
    save_student_grid(runs, folder)


def train_isolated(runs: Path, steps: int, batch: int, *, metric: str = "huber", learning_rate: float = 1e-3) -> None:
    """Neighbours are one picture under more and less of one and the same noise. There is no teacher, so there is no
    guidance either, and the text encoder learns along."""
    tokenizer = load_tokenizer(runs / "tokenizer.json")

    def neighbour(batch: Batch, _t: Tensor, to: Tensor, _hidden: Tensor, _scale: Tensor) -> Tensor:
        a, s = scales(to)
        return a * batch.pictures + s * batch.noise

    folder = runs / "isolated"
    _train_pair(
        Pair(make_text_encoder(tokenizer)),
        LatentScenes(runs / "scenes/train", tokenizer),
        neighbour,
        folder=folder,
        steps=steps,
        batch=batch,
        metric=metric,
        learning_rate=learning_rate,
    )
    save_student_grid(runs, folder)


def _train_pair(
    pair: Pair,
    data: LatentScenes,
    neighbour: Callable,
    *,
    folder: Path,
    steps: int,
    batch: int,
    metric: str,
    learning_rate: float,
) -> None:
    channels_last(pair)
    low, high = GUIDANCE_RANGE

    def step_loss(step: int, generator: torch.Generator) -> Tensor:
        skip = next(distance for end, distance in SKIPS if step < end * steps or end == 1.0)
        pair.follow()
        b = data.batch(batch, generator, every=SKIP)
        scale = low + (high - low) * torch.rand(batch, generator=generator)
        guidance, hidden = guidance_embedding(scale), pair.encode(b.tokens)
        earlier = (b.t - skip).clamp(min=0)
        with torch.no_grad():
            there = neighbour(b, b.t, earlier, hidden, scale)
            wanted = pair.target(there, earlier, hidden, guidance)
            # The trajectory has ended there: its start is the point itself.
            wanted = torch.where((b.t < skip).view(-1, 1, 1, 1), there, wanted)
        return METRICS[metric](pair.student(b.noisy, b.t, hidden, guidance), wanted)

    Run(
        folder,
        pair,
        steps,
        learning_rate,
        step_loss,
        ema_decay=0.98,
        warmup=50,
        on_checkpoint=lambda step: print(flush=True),
    ).train()


def student_folder(solver: str = "ddim", metric: str = "huber") -> str:
    """The folder of a distilled student in `runs`; the one that is sharpened and served has the plain name."""
    return "distilled" if (solver, metric) == ("ddim", "huber") else f"distilled-{solver}-{metric}"


def load_pair(runs: Path, folder: str = "student") -> Pair:
    """A student and its text encoder: the one that is served, or `distilled`, or `isolated`."""
    tokenizer = load_tokenizer(runs / "tokenizer.json")
    return load_weights(runs / folder, Pair(make_text_encoder(tokenizer)))


@torch.no_grad()
def sample_student(
    student: Student,
    hidden: Tensor,
    *,
    steps: int,
    scale: float,
    generator: torch.Generator,
    start: Tensor | None = None,
    strength: float = 1.0,
) -> Tensor:
    """Multistep consistency sampling on the times of LCMScheduler (50 original steps); latents [B, 4, 32, 32]."""
    guidance = guidance_embedding(torch.full((len(hidden),), scale))
    noises = [torch.randn((len(hidden), *SHAPE), generator=generator) for _ in range(steps)]
    return sample_latents(
        lambda x, t: student(x, t, hidden, guidance), noises, consistency_times(steps, strength), start=start
    )


@torch.no_grad()
def save_student_grid(runs: Path, folder: Path, count: int = 8, first: int = 8) -> None:
    """Rows: sketch; from it 1 step at 0.5, 2 at 0.5, 4 at 0.5, 4 at 0.8; caption alone 1, 4; the real picture."""
    tokenizer, scenes = load_tokenizer(runs / "tokenizer.json"), Scenes(runs / "scenes/held-out")
    pair, decode = load_pair(runs, folder.name), Decoding(runs)
    some = slice(first, first + count)
    data = torch.load(runs / "scenes/held-out/latents.pt", weights_only=True)
    hidden, sketches = pair.encode(tokenize(tokenizer, scenes.captions[some])), data["sketches"][some].float()
    rows = [scenes.sketches[some]]
    for steps, strength in ((1, 0.5), (2, 0.5), (4, 0.5), (4, 0.8), (1, None), (4, None)):
        start = None if strength is None else sketches
        latents = sample_student(
            pair.student,
            hidden,
            steps=steps,
            scale=2.0,
            generator=torch.Generator().manual_seed(1),
            start=start,
            strength=strength or 1.0,
        )
        rows.append(decode(latents))
    rows.append(scenes.pictures[some])
    Image.fromarray(np.concatenate([np.concatenate(list(row), 1) for row in rows])).save(folder / "grid.png")
