"""Every way of painting that the evaluation compares: a name, a number of steps, and a function that gives latents."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor

from ..networks.diffusion import SHAPE
from ..networks.text import load_tokenizer, tokenize
from ..training.device import DEVICE, mixed_precision, placed
from ..training.loop import load_weights
from ..training.student import Pair, load_pair, sample_student
from ..training.teacher import Teacher, sample_ddim

STUDENT_STEPS = (1, 2, 4, 8)
TEACHER_STEPS = (1, 2, 4, 8, 25)
SAMPLERS = ("alternate", "ddim")
SAMPLER_STEPS = (2, 4)
ROWS_AT_ONCE = 32
FOLDERS = ("student", "distilled", "isolated")
"""Beginnings of the names of trained students."""


@dataclass
class Painter:
    """Latents [N, 12, 32, 32] of captions and sketches. The noise of a row depends on its place and the seed alone, so
    that all painters begin at the same noise."""

    trainer: str
    steps: int
    sampler: str
    once: Callable[[list[str], Tensor, float, torch.Generator], Tensor]
    """Paints a few rows: captions, sketches [B, 3, H, W] in 0..1, how much these count, random numbers."""

    def paint(self, captions: list[str], sketches: Tensor, scale: float = 1.0, seed: int = 0) -> Tensor:
        parts = []
        for i in range(0, len(captions), ROWS_AT_ONCE):
            part = slice(i, i + ROWS_AT_ONCE)
            generator = torch.Generator().manual_seed(1000 * seed + i)
            with mixed_precision():
                parts.append(self.once(captions[part], sketches[part], scale, generator).float())
        return torch.cat(parts)


def student_painter(name: str, pair: Pair, tokenizer: Tokenizer, steps: int, guidance: float, sampler: str) -> Painter:
    def once(captions: list[str], sketches: Tensor, scale: float, generator: torch.Generator) -> Tensor:
        tokens = tokenize(tokenizer, captions).to(DEVICE)
        told = pair.told(tokens, sketches, torch.full((len(captions),), scale, device=DEVICE))
        return sample_student(pair.student, told, steps=steps, guidance=guidance, generator=generator, sampler=sampler)

    return Painter(name, steps, sampler, once)


def teacher_painter(teacher: Teacher, tokenizer: Tokenizer, steps: int, guidance: float) -> Painter:
    def once(captions: list[str], sketches: Tensor, scale: float, generator: torch.Generator) -> Tensor:
        noise = torch.randn((len(captions), *SHAPE), generator=generator).to(DEVICE)
        tokens = tokenize(tokenizer, captions).to(DEVICE)
        return sample_ddim(teacher, tokens, sketches, steps=steps, guidance=guidance, noise=noise, scale=scale)

    return Painter("teacher", steps, "ddim", once)


def painters(runs: Path, guidance: float) -> list[Painter]:
    """The students that were trained, the served one first, then the teacher; those without a checkpoint are left
    out."""
    tokenizer, rows = load_tokenizer(runs / "tokenizer.json"), []
    trained = [path.parent.name for path in runs.glob("*/checkpoint.pt") if path.parent.name.split("-")[0] in FOLDERS]
    for folder in sorted(trained, key=lambda name: (name != "student", name)):
        pair = load_pair(runs, folder)
        plans = [(steps, "multistep") for steps in STUDENT_STEPS]
        if folder == "student":
            plans += [(steps, sampler) for sampler in SAMPLERS for steps in SAMPLER_STEPS]
        rows += [student_painter(folder, pair, tokenizer, steps, guidance, sampler) for steps, sampler in plans]
    teacher = placed(load_weights(runs / "teacher", Teacher(tokenizer)))
    return rows + [teacher_painter(teacher, tokenizer, steps, guidance) for steps in TEACHER_STEPS]
