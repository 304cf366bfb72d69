"""A training of everything at toy size, made once: few scenes, small networks, some steps."""

import atexit
import contextlib
import functools
import io
import shutil
import tempfile
from pathlib import Path
from unittest import mock

import torch

from underpaint_train.networks import diffusion
from underpaint_train.networks.pixel import PixelModel
from underpaint_train.networks.text import train_tokenizer
from underpaint_train.scenes.dataset import HELD_OUT_SEED, Scenes, write_scenes
from underpaint_train.training import loop, sharpen, student, teacher
from underpaint_train.training.autoencoder import train_autoencoder
from underpaint_train.training.device import Dice
from underpaint_train.training.latents import encode_all
from underpaint_train.training.length import Length
from underpaint_train.training.pixel import train_pixel_teacher

TRAIN, HELD_OUT, BATCH = 12, 24, 2
STEPS = 10
LENGTH = Length(STEPS)
LAST = 1 - 1 / STEPS
"""Progress of a training at its last step."""

tiny_pixel = functools.partial(PixelModel, size=16, channels=(16, 32))
Whole = diffusion.UNet2DConditionModel


def tiny_unet(**shape) -> Whole:
    return Whole(**{**shape, "block_out_channels": (16, 32, 48), "norm_num_groups": 8})


class Stopped(Exception):
    """The training was killed."""


@contextlib.contextmanager
def small():
    """Small UNets, fast warm-up, no grids, nothing printed."""
    run = loop.Run.__init__
    with contextlib.ExitStack() as stack:
        stack.enter_context(mock.patch.object(diffusion, "UNet2DConditionModel", tiny_unet))
        stack.enter_context(
            mock.patch.object(loop.Run, "__init__", lambda self, *a, **k: run(self, *a, **{**k, "warmup": 2}))
        )
        for module, name in (
            (teacher, "save_teacher_grid"),
            (student, "save_student_grid"),
            (sharpen, "save_student_grid"),
        ):
            stack.enter_context(mock.patch.object(module, name, lambda *_: None))
        stack.enter_context(contextlib.redirect_stdout(io.StringIO()))
        stack.enter_context(contextlib.redirect_stderr(io.StringIO()))
        yield


@functools.cache
def runs() -> Path:
    """A folder with scenes, and everything that each trainer needs to begin."""
    folder = Path(tempfile.mkdtemp(prefix="underpaint-train-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    torch.manual_seed(0)
    with small():
        write_scenes(folder / "scenes/train", TRAIN, 0, 2)
        write_scenes(folder / "scenes/held-out", HELD_OUT, HELD_OUT_SEED, 2)
        train_tokenizer(Scenes(folder / "scenes/train").captions).save(str(folder / "tokenizer.json"))
        train_autoencoder(folder, LENGTH, BATCH)
        encode_all(folder)
        teacher.train_teacher(folder, LENGTH, BATCH)
        student.train_distilled(folder, LENGTH, BATCH)
        sharpen.train_sharpening(folder, Length(2), BATCH)
        train_pixel_teacher(folder, LENGTH, BATCH, make=tiny_pixel)
    return folder


def fresh(name: str) -> Path:
    """Another folder with the same beginnings, in which the trainer of that name has not run."""
    folder = Path(tempfile.mkdtemp(prefix="underpaint-train-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for path in runs().rglob("*"):
        beside = path.relative_to(runs())
        if path.is_dir() or beside.is_relative_to(name):
            continue
        (folder / beside).parent.mkdir(parents=True, exist_ok=True)
        # Checkpoints are replaced, never changed, so a second name for the same file is enough.
        (folder / beside).hardlink_to(path)
    return folder


@contextlib.contextmanager
def stopping(save_at: int, stop_at: int):
    """Training writes a checkpoint before one step and is killed before a later one."""
    one_step = loop.Run._one_step

    def step(run: loop.Run) -> float:
        if run.step == save_at:
            run.save()
        if run.step == stop_at:
            raise Stopped
        return one_step(run)

    with mock.patch.object(loop.Run, "_one_step", step):
        yield


@contextlib.contextmanager
def overfitting(before_and_after: list):
    """Trains on one and the same batch, and notes its loss before and after, against the targets that there were
    before.

    The loss of consistency training compares a network with itself: at first, steps on different batches make a network
    disagree with itself more, because its answers are no longer all alike. On one batch, each step has to improve it.
    """
    train = loop.Run.train

    def probe(run: loop.Run, first: dict) -> float:
        kept = {key: value.clone() for key, value in run.model.state_dict().items()}
        run.model.load_state_dict({**kept, **{key: value for key, value in first.items() if key.startswith("target.")}})
        with torch.no_grad():
            loss = run.step_loss(LAST, Dice(torch.Generator())).item()
        run.model.load_state_dict(kept)
        return loss

    def overfit(run: loop.Run) -> None:
        step_loss = run.step_loss
        run.step_loss = lambda _share, _dice: step_loss(LAST, Dice(torch.Generator().manual_seed(5)))
        first = {key: value.clone() for key, value in run.model.state_dict().items()}
        before = probe(run, first)
        train(run)
        before_and_after.append((before, probe(run, first)))

    with mock.patch.object(loop.Run, "train", overfit):
        yield
