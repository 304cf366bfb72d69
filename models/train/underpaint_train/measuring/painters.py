"""Every way of painting that the evaluation compares: a name, a number of steps, and a function that gives latents."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor

from ..networks.diffusion import SHAPE
from ..networks.text import load_tokenizer, tokenize
from ..training.loop import fast_bfloat16, load_weights
from ..training.student import Pair, load_pair, sample_student
from ..training.teacher import Teacher, sample_ddim

STUDENT_STEPS = (1, 2, 4, 8)
TEACHER_STEPS = (1, 2, 4, 8, 25)
ROWS_AT_ONCE = 40
FOLDERS = ("student", "distilled", "isolated")
"""What the names of trained students begin with."""

Paint = Callable[..., Tensor]
"""paint(captions, start=None, strength=1.0): latents [N, 4, 32, 32], from noise or from the latents `start`."""


@dataclass
class Painter:
    trainer: str
    steps: int
    paint: Paint


def _in_parts(one: Callable, captions: list, start: Tensor | None, strength: float) -> Tensor:
    """Noise depends on the row alone, so that all painters begin at the same noise."""
    parts = []
    for i in range(0, len(captions), ROWS_AT_ONCE):
        part = slice(i, i + ROWS_AT_ONCE)
        with torch.autocast("cpu", torch.bfloat16, enabled=fast_bfloat16()):
            parts.append(
                one(
                    captions[part], torch.Generator().manual_seed(i), None if start is None else start[part], strength
                ).float()
            )
    return torch.cat(parts)


def student_painter(pair: Pair, tokenizer: Tokenizer, steps: int, guidance: float) -> Paint:
    def one(captions: list, generator: torch.Generator, start: Tensor | None, strength: float) -> Tensor:
        hidden = pair.encode(tokenize(tokenizer, captions))
        return sample_student(
            pair.student, hidden, steps=steps, scale=guidance, generator=generator, start=start, strength=strength
        )

    return lambda captions, start=None, strength=1.0: _in_parts(one, captions, start, strength)


def teacher_painter(teacher: Teacher, tokenizer: Tokenizer, steps: int, guidance: float) -> Paint:
    def one(captions: list, generator: torch.Generator, start: Tensor | None, strength: float) -> Tensor:
        noise = torch.randn((len(captions), *SHAPE), generator=generator)
        return sample_ddim(
            teacher,
            tokenize(tokenizer, captions),
            steps=steps,
            scale=guidance,
            noise=noise,
            start=start,
            strength=strength,
        )

    return lambda captions, start=None, strength=1.0: _in_parts(one, captions, start, strength)


def painters(runs: Path, guidance: float) -> list:
    """The students that were trained, the served one first, then the teacher; those without a checkpoint are left
    out."""
    tokenizer, rows = load_tokenizer(runs / "tokenizer.json"), []
    trained = [path.parent.name for path in runs.glob("*/checkpoint.pt") if path.parent.name.split("-")[0] in FOLDERS]
    for folder in sorted(trained, key=lambda name: (name != "student", name)):
        pair = load_pair(runs, folder)
        rows += [Painter(folder, steps, student_painter(pair, tokenizer, steps, guidance)) for steps in STUDENT_STEPS]
    teacher = load_weights(runs / "teacher", Teacher(tokenizer))
    return rows + [
        Painter("teacher", steps, teacher_painter(teacher, tokenizer, steps, guidance)) for steps in TEACHER_STEPS
    ]
