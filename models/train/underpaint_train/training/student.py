"""The student: one call takes any noisy latents to clean ones.

Distilled from the teacher (latent consistency distillation, Luo et al. 2023), or trained in isolation (consistency
training, Song et al. 2023).
"""

import copy
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from ..networks.control import ControlEncoder
from ..networks.diffusion import SHAPE, ControlledUnet, boundary, guidance_embedding, scales, x0_of
from ..networks.samplers import consistency_times, sample_latents
from ..networks.text import load_tokenizer, make_text_encoder, tokenize
from ..scenes.by_hand import hand_sketches
from ..scenes.dataset import Scenes
from . import peers
from .autoencoder import save_rows, to_tensor
from .device import DEVICE, Dice, compiled, placed
from .latents import Batch, LatentScenes, channel_weights
from .length import Length
from .loop import Run, load_weights
from .solvers import SOLVERS
from .teacher import SKEW, Decoding, Teacher, Told, empty_tokens, sketches_of, start_control

SKIP = 20
"""Timesteps between neighbours on a trajectory, at the end of training; the scheduler's 50 points are as far apart."""
SKIPS = ((0.35, 100), (0.65, 40), (1.0, SKIP))
"""Until which part of the training which distance. Knowledge at the start of a trajectory has to reach its end one
distance at a time; long ones bring it there soon, short ones make it exact (as in Song and Dhariwal 2024)."""
GUIDANCE_RANGE = (1.0, 5.0)
TARGET_DECAY = 0.9
HUBER = 0.03

Paint = Callable[..., np.ndarray]
"""paint(captions, sketches, steps, scale=1.0): pictures uint8 [B, H, W, 3] from sketches [B, 3, H, W] in 0..1."""
Neighbour = Callable[[Batch, Tensor, Tensor, Told, Tensor], Tensor]
"""Latents at timesteps `to` [B] on the trajectories of a batch at `t`, given the conditions and a guidance [B]."""


class Student(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.unet = ControlledUnet(with_guidance=True)

    def start_from(self, teacher: Teacher) -> None:
        """The teacher's weights; the guidance, which it has no input for, at first changes nothing."""
        missing = self.unet.load_state_dict(teacher.unet.state_dict(), strict=False).missing_keys
        if missing != ["unet.time_embedding.cond_proj.weight"]:
            raise ValueError(f"teacher and student differ in {missing}")
        nn.init.zeros_(self.unet.unet.time_embedding.cond_proj.weight)

    def forward(self, x: Tensor, t: Tensor, told: Told, guidance: Tensor) -> Tensor:
        """f(x, t): clean latents, by c_skip x + c_out x0."""
        v = self.unet(x, t, told.hidden, told.control, told.scale, guidance)
        c_skip, c_out = boundary(t)
        return c_skip * x + c_out * x0_of(v, x, t)


class Pair(nn.Module):
    """The student, the running average of it that gives its targets, and the encoders of words and sketches that both
    read."""

    def __init__(self, text: nn.Module, control: nn.Module | None = None):
        super().__init__()
        self.student, self.text, self.control = Student(), text, control or ControlEncoder()
        self.target = copy.deepcopy(self.student).requires_grad_(False)

    def start_from(self, teacher: Teacher) -> None:
        self.student.start_from(teacher)
        self.target.load_state_dict(self.student.state_dict())

    @torch.no_grad()
    def follow(self) -> None:
        for slow, fast in zip(self.target.parameters(), self.student.parameters()):
            slow.lerp_(fast, 1 - TARGET_DECAY)

    def told(self, tokens: Tensor, sketches: Tensor, scale: Tensor) -> Told:
        return Told(self.text(tokens).last_hidden_state.float(), self.control(sketches).float(), scale)


def pseudo_huber(a: Tensor, b: Tensor) -> Tensor:
    """sqrt(|a - b|^2 + c^2) - c a value (Song and Dhariwal 2024)."""
    return (((a - b) ** 2 + HUBER**2).sqrt() - HUBER).mean()


METRICS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "huber": pseudo_huber,
    "l1": nn.functional.l1_loss,
    "l2": nn.functional.mse_loss,
}


def train_distilled(
    runs: Path,
    length: Length,
    batch: int,
    *,
    solver: str = "ddim",
    metric: str = "huber",
    learning_rate: float = 2e-4,
) -> None:
    """Neighbours on a trajectory are a noised picture and the result of one guided step of the teacher from it."""
    tokenizer = load_tokenizer(runs / "tokenizer.json")
    teacher = placed(load_weights(runs / "teacher", Teacher(tokenizer))).requires_grad_(False)
    pair = Pair(teacher.text, teacher.control)
    pair.start_from(teacher)
    with torch.no_grad():
        empty = teacher.encode(empty_tokens(tokenize(tokenizer, ["a"]).to(DEVICE)))

    def neighbour(batch: Batch, t: Tensor, to: Tensor, told: Told, guidance: Tensor) -> Tensor:
        def predict(x: Tensor, at: Tensor) -> Tensor:
            return teacher.guided_x0(x, at, told, empty, guidance)

        return SOLVERS[solver](predict, batch.noisy, t, to)

    folder = runs / student_folder(solver, metric)
    data = LatentScenes(runs / "scenes/train", tokenizer)
    weights = channel_weights(runs)
    _train_pair(pair, data, neighbour, folder, length, weights, batch=batch, metric=metric, learning_rate=learning_rate)
    if peers.is_first():
        save_student_grid(runs, folder)


def train_isolated(
    runs: Path, length: Length, batch: int, *, metric: str = "huber", learning_rate: float = 1e-3
) -> None:
    """Neighbours are one picture under more and less of one and the same noise. There is no teacher, so there is no
    guidance either, and the encoders of words and sketches learn along."""
    tokenizer = load_tokenizer(runs / "tokenizer.json")
    control = placed(ControlEncoder())
    start_control(runs, control)
    pair = Pair(make_text_encoder(tokenizer), control)

    def neighbour(batch: Batch, _t: Tensor, to: Tensor, _told: Told, _guidance: Tensor) -> Tensor:
        a, s = scales(to)
        return a * batch.pictures + s * batch.noise

    data, folder = LatentScenes(runs / "scenes/train", tokenizer), runs / "isolated"
    weights = channel_weights(runs)
    _train_pair(pair, data, neighbour, folder, length, weights, batch=batch, metric=metric, learning_rate=learning_rate)
    if peers.is_first():
        save_student_grid(runs, folder)


def _train_pair(
    pair: Pair,
    data: LatentScenes,
    neighbour: Neighbour,
    folder: Path,
    length: Length,
    weights: Tensor,
    *,
    batch: int,
    metric: str,
    learning_rate: float,
) -> None:
    placed(pair)
    compiled(pair.student.unet, length.seconds)
    low, high = GUIDANCE_RANGE
    visible = weights.sqrt()

    def step_loss(share: float, dice: Dice) -> Tensor:
        skip = next(distance for end, distance in SKIPS if share < end)
        pair.follow()
        b = data.batch(batch, dice, every=SKIP, skew=SKEW)
        amount = low + (high - low) * dice.uniform(batch)
        guidance, told = guidance_embedding(amount), pair.told(b.tokens, b.sketches, b.scale)
        earlier = (b.t - skip).clamp(min=0)
        with torch.no_grad():
            there = neighbour(b, b.t, earlier, told, amount)
            wanted = pair.target(there, earlier, told, guidance)
            # The trajectory has ended there: its start is the point itself.
            wanted = torch.where((b.t < skip).view(-1, 1, 1, 1), there, wanted)
        return METRICS[metric](visible * pair.student(b.noisy, b.t, told, guidance), visible * wanted)

    Run(
        folder,
        pair,
        length,
        learning_rate,
        step_loss,
        ema_decay=0.98,
        warmup=50,
        on_checkpoint=lambda step: print(flush=True),
    ).train()


def student_folder(solver: str = "ddim", metric: str = "huber") -> str:
    """The folder of a distilled student in `runs`; the one that is sharpened and served has the plain name."""
    return "distilled" if (solver, metric) == ("ddim", "huber") else f"distilled-{solver}-{metric}"


def untrained_pair(runs: Path) -> Pair:
    """A student with the teacher's weights: from noise alone it estimates the picture as the teacher does."""
    teacher = load_weights(runs / "teacher", Teacher(load_tokenizer(runs / "tokenizer.json")))
    pair = Pair(teacher.text, teacher.control)
    pair.start_from(teacher)
    return placed(pair.eval())


def load_pair(runs: Path, folder: str = "student") -> Pair:
    """A student and its encoders: the one that is served, or `distilled`, or `isolated`."""
    tokenizer = load_tokenizer(runs / "tokenizer.json")
    return placed(load_weights(runs / folder, Pair(make_text_encoder(tokenizer))))


@torch.no_grad()
def sample_student(
    student: Student,
    told: Told,
    *,
    steps: int,
    guidance: float,
    generator: torch.Generator,
    sampler: str = "multistep",
) -> Tensor:
    """Latents [B, 12, 32, 32] from noise, on the times of LCMScheduler (50 original steps)."""
    embedded = guidance_embedding(torch.full((len(told.hidden),), guidance, device=DEVICE))
    noises = [torch.randn((len(told.hidden), *SHAPE), generator=generator).to(DEVICE) for _ in range(steps)]
    times = consistency_times(steps)
    return sample_latents(lambda x, t: student(x, t, told, embedded), noises, times, sampler=sampler)


@torch.no_grad()
def save_student_grid(runs: Path, folder: Path, count: int = 10, first: int = 10) -> None:
    """Rows: sketch; from it in 1, 2 and 4 steps; at night; in winter; from the caption alone in 2 steps; the real
    picture."""
    scenes = Scenes(runs / "scenes/held-out")
    some = slice(first, first + count)
    sketches, captions = sketches_of(scenes, some), scenes.captions[some]
    count = len(captions)
    plans = [
        (captions, 1, 1.0),
        (captions, 2, 1.0),
        (captions, 4, 1.0),
        (["at night"] * count, 2, 1.0),
        (["in winter, snow"] * count, 2, 1.0),
        (captions, 2, 0.0),
    ]
    paint = painter(runs, folder.name)
    painted = [paint(words, sketches, steps, scale) for words, steps, scale in plans]
    save_rows([scenes.sketches[some], *painted, scenes.pictures[some]], folder / "grid.png")
    save_hand_grid(paint, folder / "by-hand.png")


HAND_COLUMNS = 8


@torch.no_grad()
def save_hand_grid(paint: Paint, path: Path, steps: int = 2) -> None:
    """Sketches that were drawn with a mouse, and below them what is made of each with its own words, and at night."""
    drawn = hand_sketches()
    sketches = (to_tensor(np.stack([one.sketch for one in drawn])) + 1) / 2
    words = [one.prompt for one in drawn]
    rows = [np.stack([one.sketch for one in drawn])]
    rows += [paint(told, sketches, steps) for told in (words, [f"{text}, at night" for text in words])]
    halves = [slice(i, i + HAND_COLUMNS) for i in range(0, len(drawn), HAND_COLUMNS)]
    save_rows([row[half] for half in halves for row in rows], path)


def painter(runs: Path, folder: str = "student", guidance: float = 2.0) -> Paint:
    """Paints with a student of `runs`, from the same noise every time."""
    tokenizer, pair, decode = load_tokenizer(runs / "tokenizer.json"), load_pair(runs, folder), Decoding(runs)

    def paint(captions: list[str], sketches: Tensor, steps: int, scale: float = 1.0) -> np.ndarray:
        tokens = tokenize(tokenizer, captions).to(DEVICE)
        told = pair.told(tokens, sketches, torch.full((len(captions),), scale, device=DEVICE))
        generator = torch.Generator().manual_seed(1)
        return decode(sample_student(pair.student, told, steps=steps, guidance=guidance, generator=generator))

    return paint
