"""The command line: python -m underpaint_export SOURCE OUT [options], and python -m underpaint_export int8 FOLDER."""

import argparse
import errno
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

from underpaint_onnx.errors import GraphError

from .errors import ExportError


def parse(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="underpaint_export",
        description="Converts PyTorch weights into a folder that underpaint can serve. The source is "
        "a diffusers folder, or a single safetensors checkpoint (--checkpoint), "
        "of the SD 1.x, SD 2.x and SDXL families. int8 FOLDER adds int8 graphs to such a folder: see int8 --help.",
    )
    parser.add_argument("source", type=Path, nargs="?", help="a folder in the diffusers layout")
    parser.add_argument("out", type=Path, help="the folder to create; it must not exist or must be empty")
    parser.add_argument(
        "--checkpoint", type=Path, metavar="FILE", help="a single .safetensors file instead of the folder"
    )
    parser.add_argument(
        "--config",
        type=Path,
        metavar="DIR",
        help="for --checkpoint: use the configurations and the tokenizer of this diffusers folder of the same "
        "family; without it diffusers downloads them from the hub",
    )
    parser.add_argument(
        "--lora",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="a LoRA to fuse into the weights, such as an LCM-LoRA; may be repeated",
    )
    parser.add_argument(
        "--lora-weight",
        type=float,
        action="append",
        default=[],
        metavar="W",
        help="the weight of each --lora, in the same order (default: 1)",
    )
    parser.add_argument(
        "--scheduler",
        choices=["keep", "lcm", "turbo", "ddim"],
        help="the scheduler to write (default: lcm with --lora, else the source's own, or ddim if underpaint lacks it)",
    )
    parser.add_argument(
        "--tiny-vae",
        type=Path,
        metavar="DIR",
        help="also export this AutoencoderTiny (TAESD) to OUT/tiny-vae, for serve --vae",
    )
    parser.add_argument("--safety-checker", action="store_true", help="also export the folder's safety checker")
    parser.add_argument(
        "--dtype", choices=["fp32", "fp16"], default="fp32", help="type of weights, inputs and outputs (default: fp32)"
    )
    parser.add_argument(
        "--optimize",
        choices=["cuda"],
        help="fuse attention, normalisation and convolutions for CUDA, in fp32; such a folder runs on no other device",
    )
    parser.add_argument(
        "--tolerance",
        type=float,
        help="allowed difference from PyTorch, relative to the largest value (default: 1e-3, fp16 3e-2)",
    )
    args = parser.parse_intermixed_args(argv)
    if (args.source is None) == (args.checkpoint is None):
        parser.error("name a source: a diffusers folder, or --checkpoint FILE")
    if args.optimize and args.dtype != "fp32":
        parser.error("--optimize cuda takes fp32: a processor, which folds the constants, would convert fp16")
    if args.config is not None and args.checkpoint is None:
        parser.error("--config needs --checkpoint")
    if len(args.lora_weight) > len(args.lora):
        parser.error("there are more --lora-weight options than --lora options")
    return args


def main(argv: list[str] | None = None) -> int:
    given = sys.argv[1:] if argv is None else argv
    work, out = command(given)
    # Users cannot do anything about the exporter's deprecation warnings.
    warnings.filterwarnings("ignore")
    try:
        work()
        return 0
    except ModuleNotFoundError as error:
        return fail(f"the Python package {error.name} is missing: pip install -r requirements.txt")
    except (ExportError, GraphError) as error:
        return fail(str(error))
    except OSError as error:
        if error.errno == errno.ENOSPC:
            return fail(f"the disk is full: free some space for {out}")
        if error.errno in (errno.EACCES, errno.EROFS, errno.ENOTDIR):
            return fail(f"cannot write {error.filename}: {error.strerror}")
        raise
    except KeyboardInterrupt:
        return fail("stopped: nothing was written")


def command(argv: list[str]) -> tuple[Callable[[], None], Path]:
    """What to do, and the folder that is written. Modules are imported late, so that --help does not wait."""
    if argv[:1] == ["int8"]:
        from .int8 import add_int8
        from .int8 import parse as parse_int8

        int8 = parse_int8(argv[1:])
        return lambda: add_int8(int8), int8.folder
    args = parse(argv)

    def work() -> None:
        from .export import export

        export(args)

    return work, args.out


def fail(message: str) -> int:
    print(f"underpaint_export: {' '.join(message.split())}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
