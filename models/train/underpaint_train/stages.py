"""Every stage of training: its name, help, options and work, defined in one place each.

A stage's modules are imported when it runs, so that `--help` does not wait for PyTorch.
"""

import argparse
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .training.length import Length

HERE = Path(__file__).resolve().parents[1]
MODELS = HERE.parent
HELD_OUT_SCENES = 320
METRICS = ("huber", "l2", "l1")
DESCRIPTION = "The stages of training, in the order in which they are listed."

Run = Callable[[argparse.Namespace], None]


@dataclass(frozen=True)
class Option:
    """`--name`. Its type is that of the default, a number if there is none; the first of choices is the default."""

    name: str
    help: str
    default: int | Path | None = None
    choices: tuple[str, ...] = ()

    def add_to(self, parser: argparse.ArgumentParser) -> None:
        flag = f"--{self.name}"
        if self.choices:
            parser.add_argument(flag, help=self.help, choices=self.choices, default=self.choices[0])
            return
        kind = float if self.default is None else int if isinstance(self.default, int) else Path
        parser.add_argument(flag, help=self.help, type=kind, default=self.default)


@dataclass(frozen=True)
class Stage:
    """One command."""

    run: Run
    help: str
    options: tuple[Option, ...] = field(default_factory=tuple)


STAGES: dict[str, Stage] = {}


def stage(*options: Option) -> Callable[[Run], Run]:
    """Registers a function as a command: its name with hyphens, and its docstring as help."""

    def register(run: Run) -> Run:
        STAGES[run.__name__.strip("_").replace("_", "-")] = Stage(run, (run.__doc__ or "").strip(), options)
        return run

    return register


COMMON = (
    Option("runs", "folder of everything that training makes", HERE / "runs"),
    Option("threads", "threads, or processes for scenes", os.cpu_count() or 1),
    Option("processes", "train in so many processes, of --threads each; faster than threads beside other work", 1),
)


def add_stages(commands: Any) -> None:
    """Adds all stages to what argparse's `add_subparsers` gives."""
    for name, found in STAGES.items():
        formatter = argparse.ArgumentDefaultsHelpFormatter
        parser = commands.add_parser(name, help=found.help, description=found.help, formatter_class=formatter)
        for option in (*COMMON, *found.options):
            option.add_to(parser)


def steps(default: int) -> Option:
    return Option("steps", "steps of training", default)


def batch(default: int) -> Option:
    return Option("batch", "scenes in a step", default)


def length(args: argparse.Namespace) -> "Length":
    """The length that --steps or --minutes give."""
    from .training.length import Length

    return Length(steps=args.steps) if args.minutes is None else Length(seconds=60 * args.minutes)


def solver(*choices: str) -> Option:
    return Option("solver", "how the teacher takes a step back", choices=choices)


MINUTES = Option("minutes", "train for so long instead of so many steps")
METRIC = Option("metric", "metric of the comparison", choices=METRICS)


@stage(Option("count", "scenes to train on; more of them continue where fewer stopped", 9000))
def scenes(args: argparse.Namespace) -> None:
    """render pictures, sketches and captions"""
    from .scenes import HELD_OUT_SEED, write_scenes

    write_scenes(args.runs / "scenes/held-out", HELD_OUT_SCENES, HELD_OUT_SEED, args.threads)
    write_scenes(args.runs / "scenes/train", args.count, 0, args.threads)


@stage(steps(6000), batch(16), MINUTES)
def autoencoder(args: argparse.Namespace) -> None:
    """train the autoencoder"""
    from .training.autoencoder import train_autoencoder

    train_autoencoder(args.runs, length(args), args.batch)


@stage()
def encode(args: argparse.Namespace) -> None:
    """train the tokenizer, encode all scenes"""
    from .training.everything import prepare_tokenizer
    from .training.latents import encode_all

    prepare_tokenizer(args.runs)
    encode_all(args.runs)


@stage(steps(12000), batch(16), MINUTES)
def teacher(args: argparse.Namespace) -> None:
    """train the latent diffusion teacher"""
    from .training.teacher import train_teacher

    train_teacher(args.runs, length(args), args.batch)


@stage(steps(400), batch(16), solver("ddim", "euler", "heun"), METRIC, MINUTES)
def distill(args: argparse.Namespace) -> None:
    """distil the consistency model from it"""
    from .training.student import train_distilled

    train_distilled(args.runs, length(args), args.batch, solver=args.solver, metric=args.metric)


@stage(steps(1200), batch(16), METRIC, MINUTES)
def isolate(args: argparse.Namespace) -> None:
    """train a consistency model without a teacher, to compare"""
    from .training.student import train_isolated

    train_isolated(args.runs, length(args), args.batch, metric=args.metric)


@stage(
    steps(20000), batch(16), Option("start", "what the student begins as", choices=("teacher", "distilled")), MINUTES
)
def sharpen(args: argparse.Namespace) -> None:
    """make the student's pictures crisp, with its encoders and the decoder"""
    from .training.sharpen import train_sharpening

    train_sharpening(args.runs, length(args), args.batch, start=args.start)


@stage(
    Option("minutes", "the budget; 10 if it is not given"),
    Option("batch", "scenes in a step; 0 chooses a number for the device", 0),
)
def all_(args: argparse.Namespace) -> None:
    """fit scenes and all stages up to sharpen into a time budget"""
    from .training.everything import train_everything

    train_everything(args.runs, args.minutes or 10.0, args.threads, args.batch)


@stage(
    Option("out", "folder of the model", MODELS / "landscape"),
    Option("teacher-out", "folder of the teacher", MODELS / "landscape-teacher"),
)
def export(args: argparse.Namespace) -> None:
    """write the folder that the server loads"""
    from .publishing.examples import write_examples
    from .publishing.export import export as export_model

    export_model(args.runs, args.out, args.teacher_out)
    write_examples(args.out / "examples")


@stage(Option("out", "folder of the model, which export wrote", MODELS / "landscape"))
def int8(args: argparse.Namespace) -> None:
    """add int8 graphs to the folder, for processors"""
    from .publishing.int8 import write_int8

    write_int8(args.runs, args.out)


@stage(
    Option("way", "from a diffusion teacher, or without one", choices=("distill", "isolate")),
    steps(300),
    batch(32),
    solver("heun", "euler"),
    METRIC,
    Option("teacher-steps", "steps of the teacher, which is trained first", 800),
)
def pixel(args: argparse.Namespace) -> None:
    """train a consistency model of small pictures, in pixels"""
    from .training.length import Length
    from .training.pixel import train_pixel, train_pixel_teacher

    if args.way == "distill":
        train_pixel_teacher(args.runs, Length(args.teacher_steps), args.batch)
    train_pixel(args.runs, Length(args.steps), args.batch, way=args.way, solver=args.solver, metric=args.metric)


@stage(Option("out", "folder of the model", MODELS / "thumbnails"))
def export_pixel(args: argparse.Namespace) -> None:
    """write its folder"""
    from .publishing.export_pixel import export_pixel as export_model

    export_model(args.runs, args.out)


@stage(Option("count", "scenes to measure on", 96), Option("guidance", "scale; 2 if it is not given"))
def evaluate(args: argparse.Namespace) -> None:
    """measure everything against held-out scenes"""
    from .measuring.evaluate import evaluate as measure

    measure(args.runs, count=args.count, guidance=2.0 if args.guidance is None else args.guidance)


@stage(Option("out", "folder of the model", MODELS / "landscape"))
def card(args: argparse.Namespace) -> None:
    """write the model card and its pictures"""
    from .publishing.card import write_card

    write_card(args.runs, args.out)


@stage(
    Option("old", "folder of the model to compare with", MODELS / "landscape"),
    Option("out", "folder of the page", HERE / "judge"),
    Option("count", "pairs", 60),
)
def judge(args: argparse.Namespace) -> None:
    """write a page that compares the student with another model, blind"""
    from .publishing.judge import write_pairs

    write_pairs(args.runs, args.old, args.out, args.count)
