"""The command line: python -m underpaint_export SOURCE OUT [options]."""

import argparse
import errno
import sys
import warnings
from pathlib import Path

from underpaint_onnx.errors import GraphError

from .errors import ExportError


def parse(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="underpaint_export",
        description="Makes a folder that underpaint serves from what people have: "
        "a diffusers folder, or a single safetensors checkpoint (--checkpoint), "
        "of the SD 1.x, SD 2.x and SDXL families.",
    )
    parser.add_argument("source", type=Path, nargs="?", help="a folder in the diffusers layout")
    parser.add_argument("out", type=Path, help="the folder to write; it must not be there yet")
    parser.add_argument(
        "--checkpoint", type=Path, metavar="FILE", help="a single .safetensors file in place of the folder"
    )
    parser.add_argument(
        "--config",
        type=Path,
        metavar="DIR",
        help="for --checkpoint: a diffusers folder of the same family, whose configurations and "
        "tokenizer are taken; without it diffusers fetches them from the hub",
    )
    parser.add_argument(
        "--lora",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="fused into the weights, an LCM-LoRA for example; may be repeated",
    )
    parser.add_argument(
        "--lora-weight",
        type=float,
        action="append",
        default=[],
        metavar="W",
        help="of each --lora in turn (default: 1)",
    )
    parser.add_argument(
        "--scheduler",
        choices=["keep", "lcm", "turbo", "ddim"],
        help="the scheduler to serve (default: lcm with --lora, else the source's own, or ddim if underpaint lacks it)",
    )
    parser.add_argument(
        "--tiny-vae",
        type=Path,
        metavar="DIR",
        help="an AutoencoderTiny (TAESD), exported to OUT/tiny-vae for serve --vae",
    )
    parser.add_argument("--safety-checker", action="store_true", help="export the folder's safety checker too")
    parser.add_argument(
        "--dtype", choices=["fp32", "fp16"], default="fp32", help="of weights, inputs and outputs (default: fp32)"
    )
    parser.add_argument(
        "--tolerance",
        type=float,
        help="largest difference from PyTorch, of the largest value (default: 1e-3, fp16 3e-2)",
    )
    args = parser.parse_intermixed_args(argv)
    if (args.source is None) == (args.checkpoint is None):
        parser.error("name a source: a diffusers folder, or --checkpoint FILE")
    if args.config is not None and args.checkpoint is None:
        parser.error("--config belongs to --checkpoint")
    if len(args.lora_weight) > len(args.lora):
        parser.error("there are more --lora-weight than --lora")
    return args


def main(argv: list[str] | None = None) -> int:
    args = parse(argv)
    # What the exporter says of its own future concerns nobody who has a model to export.
    warnings.filterwarnings("ignore")
    try:
        from .export import export

        export(args)
        return 0
    except ModuleNotFoundError as error:
        return fail(f"the Python package {error.name} is missing: pip install -r requirements.txt")
    except (ExportError, GraphError) as error:
        return fail(str(error))
    except OSError as error:
        if error.errno == errno.ENOSPC:
            return fail(f"the disk is full: make room where {args.out} is to be")
        if error.errno in (errno.EACCES, errno.EROFS, errno.ENOTDIR):
            return fail(f"{error.filename} cannot be written: {error.strerror}")
        raise
    except KeyboardInterrupt:
        return fail("stopped: nothing was written")


def fail(message: str) -> int:
    print(f"underpaint_export: {' '.join(message.split())}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
