"""The stages of training, one command each: python -m underpaint_train <command>."""

import argparse
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
MODEL, TEACHER = HERE.parent / "landscape", HERE.parent / "landscape-teacher"
TRAINING_SCENES = 6400
HELD_OUT_SCENES = 320


def scenes(args: argparse.Namespace) -> None:
    from .scenes.dataset import HELD_OUT_SEED, write_scenes

    write_scenes(args.runs / "scenes/held-out", HELD_OUT_SCENES, HELD_OUT_SEED, args.threads)
    write_scenes(args.runs / "scenes/train", args.count, 0, args.threads)


def autoencoder(args: argparse.Namespace) -> None:
    from .training.autoencoder import train_autoencoder

    train_autoencoder(args.runs, args.steps, args.batch)


def encode(args: argparse.Namespace) -> None:
    from .networks.text import train_tokenizer
    from .scenes.dataset import Scenes
    from .training.latents import encode_all

    train_tokenizer(Scenes(args.runs / "scenes/train").captions).save(str(args.runs / "tokenizer.json"))
    encode_all(args.runs)


def teacher(args: argparse.Namespace) -> None:
    from .training.teacher import train_teacher

    train_teacher(args.runs, args.steps, args.batch)


def distill(args: argparse.Namespace) -> None:
    from .training.student import train_distilled

    train_distilled(args.runs, args.steps, args.batch, solver=args.solver, metric=args.metric)


def isolate(args: argparse.Namespace) -> None:
    from .training.student import train_isolated

    train_isolated(args.runs, args.steps, args.batch, metric=args.metric)


def pixel(args: argparse.Namespace) -> None:
    from .training.pixel import train_pixel, train_pixel_teacher

    if args.way == "distill":
        train_pixel_teacher(args.runs, args.teacher_steps, args.batch)
    train_pixel(args.runs, args.steps, args.batch, way=args.way, solver=args.solver, metric=args.metric)


def sharpen(args: argparse.Namespace) -> None:
    from .training.sharpen import train_sharpening

    train_sharpening(args.runs, args.steps, args.batch)


def export(args: argparse.Namespace) -> None:
    from .publishing.examples import write_examples
    from .publishing.export import export as export_model
    from .scenes.dataset import Scenes

    export_model(args.runs, args.out, args.teacher_out)
    write_examples(Scenes(args.runs / "scenes/held-out"), args.out / "examples")


def export_pixel(args: argparse.Namespace) -> None:
    from .publishing.export_pixel import export_pixel as export_model

    export_model(args.runs, args.out)


def evaluate(args: argparse.Namespace) -> None:
    import json

    from .measuring.evaluate import evaluate as measure

    defaults = json.loads((MODEL / "underpaint.json").read_text())["defaults"]

    def choose(name):
        return defaults[name] if getattr(args, name) is None else getattr(args, name)

    measure(args.runs, count=args.count, strength=choose("strength"), guidance=choose("guidance"))


def card(args: argparse.Namespace) -> None:
    from .publishing.card import write_card

    write_card(args.runs, args.out)


METRICS = ("huber", "l2", "l1")
STAGES = {
    "scenes": (scenes, "render pictures, sketches and captions", {"count": TRAINING_SCENES}),
    "autoencoder": (autoencoder, "train the autoencoder", {"steps": 3300, "batch": 16}),
    "encode": (encode, "train the tokenizer, encode all scenes", {}),
    "teacher": (teacher, "train the latent diffusion teacher", {"steps": 6200, "batch": 32}),
    "distill": (
        distill,
        "distil the consistency model from it",
        {"steps": 400, "batch": 24, "solver": ("ddim", "euler", "heun"), "metric": METRICS},
    ),
    "isolate": (
        isolate,
        "train a consistency model without a teacher, to compare",
        {"steps": 400, "batch": 24, "metric": METRICS},
    ),
    "sharpen": (sharpen, "sharpen student and decoder", {"steps": 2800, "batch": 16}),
    "export": (export, "write the folder that the server loads", {"out": MODEL, "teacher-out": TEACHER}),
    "pixel": (
        pixel,
        "train a consistency model of small pictures, in pixels",
        {
            "way": ("distill", "isolate"),
            "steps": 300,
            "batch": 32,
            "solver": ("heun", "euler"),
            "metric": METRICS,
            "teacher-steps": 800,
        },
    ),
    "export-pixel": (export_pixel, "write its folder", {"out": MODEL.parent / "thumbnails"}),
    "evaluate": (
        evaluate,
        "measure everything against held-out scenes",
        {"count": 96, "strength": None, "guidance": None},
    ),
    "card": (card, "write the model card and its pictures", {"out": MODEL}),
}
"""What each command does, its words, and its options: whole numbers, paths, or choices of which the first is the
default."""
WORDS = {
    "count": "scenes",
    "steps": "steps of training",
    "batch": "scenes in a step",
    "solver": "how the teacher takes a step back",
    "metric": "what the two sides are compared by",
    "way": "from a diffusion teacher, or without one",
    "out": "folder of the model",
    "teacher-out": "folder of the teacher",
    "teacher-steps": "steps of the teacher, which is trained first",
    "strength": "of img2img; the model's own where not given",
    "guidance": "scale; the model's own where not given",
}


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, without the list of everything that would be right."""

    def error(self, message: str) -> None:
        self.exit(2, f"{self.prog}: {message}; --help lists the options\n")


def parse(argv: list) -> argparse.Namespace:
    parser = Parser(prog="python -m underpaint_train", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, (_, words, defaults) in STAGES.items():
        stage = commands.add_parser(name, help=words, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
        stage.add_argument("--runs", type=Path, default=HERE / "runs", help="folder of everything that training makes")
        stage.add_argument("--threads", type=int, default=2, help="threads, or processes for scenes")
        for option, value in defaults.items():
            if isinstance(value, tuple):
                stage.add_argument(f"--{option}", choices=value, default=value[0], help=WORDS[option])
            else:
                stage.add_argument(
                    f"--{option}",
                    type=float if value is None else Path if isinstance(value, Path) else int,
                    default=value,
                    help=WORDS[option],
                )
    return parser.parse_args(argv)


def main(argv: list) -> int:
    args = parse(argv)
    try:
        return run(args)
    except ModuleNotFoundError as error:
        print(f"underpaint_train: {error.name} is not installed; pip install -r requirements.txt", file=sys.stderr)
        return 2


def run(args: argparse.Namespace) -> int:
    import torch

    from .errors import TrainingError

    torch.set_num_threads(args.threads)
    try:
        STAGES[args.command][0](args)
    except (TrainingError, OSError) as error:
        print(f"underpaint_train: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
