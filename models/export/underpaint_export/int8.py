"""Adds int8 graphs to a folder that the server serves, and says what they cost in quality."""

import argparse
import tempfile
from pathlib import Path

import numpy as np

from underpaint_onnx.quantise import FILE, LEAST_WORK, Choice, psnr, quantise

from .errors import ExportError
from .recorded import Recorded, record

PARTS = ("vae_encoder", "control_encoder", "unet", "vae_decoder")
"""Text encoders run once for each prompt: their speed is not worth the error."""
HELD_OUT = 4
"""One of so many pictures is not calibrated with, but compared."""
LEAST = 30.0
"""Pictures below this many dB are visibly others."""
PICTURES = (".png", ".jpg", ".jpeg", ".webp")


def parse(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="underpaint_export int8",
        description="Adds model_int8.onnx beside the graphs of a folder, for processors. The ranges of its values come "
        "from painting sketches with the server, which has to be built.",
    )
    parser.add_argument("folder", type=Path, help="a folder that underpaint serves")
    parser.add_argument(
        "--pictures",
        type=Path,
        metavar="DIR",
        help="sketches as they will be drawn, a few dozen; a prompts.json with them lists their prompts "
        "(default: FOLDER/examples)",
    )
    parser.add_argument("--count", type=int, default=64, metavar="N", help="most pictures to use (default: 64)")
    parser.add_argument(
        "--keep-float",
        action="append",
        default=[],
        metavar="NAME",
        help="nodes with this in their names stay in float; may be repeated",
    )
    parser.add_argument(
        "--least-work",
        type=float,
        default=LEAST_WORK,
        metavar="N",
        help="products with fewer multiplications for each value read or written stay in float (default: %(default)s)",
    )
    return parser.parse_args(argv)


def add_int8(args: argparse.Namespace) -> None:
    """
    Raises:
        ExportError: if there are too few pictures, or those in int8 differ too much
    """
    folder, pictures = args.folder, args.pictures or args.folder / "examples"
    count = min(args.count, count_pictures(pictures))
    if count < HELD_OUT:
        raise ExportError(f"{pictures} has {count} pictures: name a folder with a few dozen sketches with --pictures")
    held_out = max(1, count // HELD_OUT)
    rest = ["--skip", str(count - held_out), "--count", str(held_out)]
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        used = record(folder, pictures, work / "used", "--count", str(count - held_out), "--vary")
        plain = record(folder, pictures, work / "plain", *rest)
        choice = Choice(args.least_work, tuple(args.keep_float))
        written: list[Path] = []
        try:
            for part in used.parts():
                if part in PARTS:
                    written += write_part(folder, part, used, plain, choice)
            if not written:
                raise ExportError(f"{folder} has no product that is faster in int8: its graphs are too small")
            int8 = record(folder, pictures, work / "int8", *rest, "--only-pictures", "--dtype", "int8")
            report(folder, plain.pictures(), int8.pictures())
        except BaseException:
            for path in written:
                path.unlink()
                path.with_name(f"{FILE}.data").unlink(missing_ok=True)
            raise


def count_pictures(folder: Path) -> int:
    if not folder.is_dir():
        raise ExportError(f"{folder} is no folder: name one with sketches with --pictures")
    return sum(path.suffix.lower() in PICTURES for path in folder.iterdir())


def write_part(folder: Path, part: str, used: Recorded, held_out: Recorded, choice: Choice) -> list[Path]:
    root = folder if (folder / part).is_dir() else folder / "onnx"
    path = quantise(root / part, used.feeds(part), choice)
    if path is None:
        print(f"{part}: nothing is faster in int8", flush=True)
        return []
    feeds = held_out.feeds(part) if part in held_out.parts() else used.feeds(part)
    print(f"{part}: {path.stat().st_size / 1e6:.2f} MB, {psnr(root / part, feeds):.1f} dB from fp32", flush=True)
    return [path]


def report(folder: Path, plain: list[np.ndarray], int8: list[np.ndarray]) -> None:
    errors = [np.mean((a.astype(float) - b) ** 2) for a, b in zip(plain, int8)]
    decibels = -10 * np.log10(np.maximum(errors, 1e-3) / 255**2)
    print(f"pictures: {decibels.mean():.1f} dB from fp32, the worst {decibels.min():.1f} dB", flush=True)
    if decibels.min() < LEAST:
        raise ExportError(
            f"{folder} in int8 paints pictures {decibels.min():.1f} dB from those in fp32: "
            "calibrate with more pictures, or leave nodes in float with --keep-float"
        )
    print(f"{folder} has int8 graphs: npx underpaint serve --model {folder}")
