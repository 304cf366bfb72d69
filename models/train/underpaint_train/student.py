"""The student: latent consistency distillation (Luo et al. 2023). One call takes any noisy latents to clean ones."""

import copy
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from .dataset import Scenes
from .diffusion import boundary, ddim, guidance_embedding, make_unet, scales, x0_of
from .latents import LatentScenes
from .loop import Run, load_weights
from .teacher import Decoding, Teacher, empty_tokens
from .text import load_tokenizer, tokenize

SKIP = 20
GUIDANCE_RANGE = (1.0, 8.0)
TARGET_DECAY = 0.95
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
        v = self.unet(x, t, hidden, timestep_cond=guidance).sample
        c_skip, c_out = boundary(t)
        return c_skip * x + c_out * x0_of(v, x, t)


def pseudo_huber(a: Tensor, b: Tensor) -> Tensor:
    """sqrt(|a - b|^2 + c^2) - c a value (Song and Dhariwal 2024)."""
    return (((a - b) ** 2 + HUBER**2).sqrt() - HUBER).mean()


def train_student(runs: Path, steps: int, batch: int, learning_rate: float = 4e-4) -> None:
    tokenizer = load_tokenizer(runs / "tokenizer.json")
    data = LatentScenes(runs / "scenes/train", tokenizer)
    teacher = load_weights(runs / "teacher", Teacher(tokenizer)).to(memory_format=torch.channels_last).requires_grad_(False)
    model = Student().to(memory_format=torch.channels_last)
    model.start_from(teacher)
    target = copy.deepcopy(model).requires_grad_(False)
    bundle = nn.ModuleDict({"student": model, "target": target})
    with torch.no_grad():
        empty = teacher.encode(empty_tokens(tokenize(tokenizer, ["a"])))

    def step_loss(_step: int, generator: torch.Generator) -> Tensor:
        with torch.no_grad():
            for slow, fast in zip(target.parameters(), model.parameters()):
                slow.lerp_(fast, 1 - TARGET_DECAY)
            b = data.batch(batch, generator)
            # The discretised times of the scheduler: 19, 39, ... 999.
            t = (b.t // SKIP) * SKIP + SKIP - 1
            a, s = scales(b.t)
            noise = (b.noisy - a * b.pictures) / s
            a, s = scales(t)
            x = a * b.pictures + s * noise
            low, high = GUIDANCE_RANGE
            scale = low + (high - low) * torch.rand(batch, generator=generator)
            guidance, hidden = guidance_embedding(scale), teacher.encode(b.tokens)
            earlier = (t - SKIP).clamp(min=0)
            x_earlier = ddim(teacher.guided_x0(x, t, hidden, empty, scale), x, t, earlier)
            wanted = target(x_earlier, earlier, hidden, guidance)
            # At the last pair the trajectory has ended: its start is the point itself.
            wanted = torch.where((t < SKIP).view(-1, 1, 1, 1), x_earlier, wanted)
        return pseudo_huber(model(x, t, hidden, guidance), wanted)

    run = Run(runs / "student", bundle, steps, learning_rate, step_loss, ema_decay=0.98, warmup=50,
              on_checkpoint=lambda step: print(flush=True))
    run.train()
    save_student_grid(runs)


def load_student(runs: Path) -> Student:
    bundle = nn.ModuleDict({"student": Student(), "target": Student()})
    return load_weights(runs / "student", bundle)["student"]


@torch.no_grad()
def sample_student(student: Student, hidden: Tensor, *, steps: int, scale: float, generator: torch.Generator,
                   start: Tensor | None = None, strength: float = 1.0) -> Tensor:
    """Multistep consistency sampling on the times of LCMScheduler (50 original steps); latents [B, 16, 16, 16]."""
    count, original = len(hidden), int(50 * strength)
    times = [(original - i * original // steps) * SKIP - 1 for i in range(steps)]
    guidance = guidance_embedding(torch.full((count,), scale))
    x = torch.randn((count, 16, 16, 16), generator=generator)
    if start is not None:
        a, s = scales(torch.tensor([times[0]]))
        x = a * start + s * x
    for i, time in enumerate(times):
        denoised = student(x, torch.full((count,), time), hidden, guidance)
        if i + 1 < steps:
            a, s = scales(torch.tensor([times[i + 1]]))
            x = a * denoised + s * torch.randn(x.shape, generator=generator)
    return denoised


@torch.no_grad()
def save_student_grid(runs: Path, count: int = 8, first: int = 8) -> None:
    """Rows: sketch; from it 1 step at 0.6, 2 at 0.6, 4 at 0.6, 4 at 0.8; caption alone 1, 4; the real picture."""
    tokenizer, scenes = load_tokenizer(runs / "tokenizer.json"), Scenes(runs / "scenes/held-out")
    teacher, student, decode = load_weights(runs / "teacher", Teacher(tokenizer)), load_student(runs), Decoding(runs)
    some = slice(first, first + count)
    data = torch.load(runs / "scenes/held-out/latents.pt", weights_only=True)
    hidden, sketches = teacher.encode(tokenize(tokenizer, scenes.captions[some])), data["sketches"][some].float()
    rows = [scenes.sketches[some]]
    for steps, strength in ((1, 0.6), (2, 0.6), (4, 0.6), (4, 0.8), (1, None), (4, None)):
        start = None if strength is None else sketches
        latents = sample_student(student, hidden, steps=steps, scale=4.0, generator=torch.Generator().manual_seed(1),
                                 start=start, strength=strength or 1.0)
        rows.append(decode(latents))
    rows.append(scenes.pictures[some])
    Image.fromarray(np.concatenate([np.concatenate(list(row), 1) for row in rows])).save(runs / "student/grid.png")
