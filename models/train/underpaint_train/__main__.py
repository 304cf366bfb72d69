"""The stages of training, one command each: python -m underpaint_train <command>."""

import argparse
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
MODEL, TEACHER = HERE.parent / "landscape", HERE.parent / "landscape-teacher"
TRAINING_SCENES = 8000
HELD_OUT_SCENES = 320


def scenes(args: argparse.Namespace) -> None:
    from .dataset import HELD_OUT_SEED, write_scenes
    write_scenes(args.runs / "scenes/held-out", HELD_OUT_SCENES, HELD_OUT_SEED, args.threads)
    write_scenes(args.runs / "scenes/train", args.count, 0, args.threads)


def autoencoder(args: argparse.Namespace) -> None:
    from .train_autoencoder import train_autoencoder
    train_autoencoder(args.runs, args.steps, args.batch)


def encode(args: argparse.Namespace) -> None:
    from .dataset import Scenes
    from .text import train_tokenizer
    from .latents import encode_all
    train_tokenizer(Scenes(args.runs / "scenes/train").captions).save(str(args.runs / "tokenizer.json"))
    encode_all(args.runs)


def teacher(args: argparse.Namespace) -> None:
    from .teacher import train_teacher
    train_teacher(args.runs, args.steps, args.batch)


def distill(args: argparse.Namespace) -> None:
    from .student import train_distilled
    train_distilled(args.runs, args.steps, args.batch, solver=args.solver, metric=args.metric)


def isolate(args: argparse.Namespace) -> None:
    from .student import train_isolated
    train_isolated(args.runs, args.steps, args.batch, metric=args.metric)


def sharpen(args: argparse.Namespace) -> None:
    from .sharpen import train_sharpening
    train_sharpening(args.runs, args.steps, args.batch)


def export(args: argparse.Namespace) -> None:
    from .dataset import Scenes
    from .examples import write_examples
    from .export import export as export_model
    export_model(args.runs, args.out, args.teacher_out)
    write_examples(Scenes(args.runs / "scenes/held-out"), args.out / "examples")


def card(args: argparse.Namespace) -> None:
    from .card import write_card
    write_card(args.runs, args.out)


STAGES = {
    "scenes": (scenes, "render pictures, sketches and captions", {}),
    "autoencoder": (autoencoder, "train the autoencoder", {"steps": 5000, "batch": 16}),
    "encode": (encode, "train the tokenizer, encode all scenes", {}),
    "teacher": (teacher, "train the latent diffusion teacher", {"steps": 2400, "batch": 48}),
    "distill": (distill, "distil the consistency model from it", {"steps": 900, "batch": 32}),
    "isolate": (isolate, "train a consistency model without a teacher, to compare", {"steps": 900, "batch": 32}),
    "sharpen": (sharpen, "sharpen the decoder", {"steps": 1200, "batch": 16}),
    "export": (export, "write the folder that the server loads", {}),
    "card": (card, "write the model card and its pictures", {}),
}


def parse(argv: list) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m underpaint_train", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, (_, words, defaults) in STAGES.items():
        stage = commands.add_parser(name, help=words, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
        stage.add_argument("--runs", type=Path, default=HERE / "runs", help="folder of everything that training makes")
        stage.add_argument("--threads", type=int, default=2, help="threads, or processes for scenes")
        for option, value in defaults.items():
            stage.add_argument(f"--{option}", type=int, default=value, help=f"{option} of training")
        if name == "distill":
            stage.add_argument("--solver", choices=["ddim", "euler", "heun"], default="ddim", help="how the teacher takes a step back")
        if name in ("distill", "isolate"):
            stage.add_argument("--metric", choices=["l2", "l1", "huber"], default="huber", help="what the two sides are compared by")
        if name == "scenes":
            stage.add_argument("--count", type=int, default=TRAINING_SCENES, help="scenes to train on")
        if name in ("export", "card"):
            stage.add_argument("--out", type=Path, default=MODEL, help="folder of the model")
        if name == "export":
            stage.add_argument("--teacher-out", type=Path, default=TEACHER, help="folder of the teacher")
    return parser.parse_args(argv)


def main(argv: list) -> int:
    args = parse(argv)
    try:
        import torch

        from .loop import TrainingError
    except ModuleNotFoundError as error:
        print(f"underpaint_train: {error.name} is not installed; pip install -r requirements.txt", file=sys.stderr)
        return 2
    torch.set_num_threads(args.threads)
    try:
        STAGES[args.command][0](args)
    except (TrainingError, OSError) as error:
        print(f"underpaint_train: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
