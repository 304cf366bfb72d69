"""The stages of training, one command each: python -m underpaint_train <command>."""

import argparse
import sys
from typing import NoReturn

from .stages import DESCRIPTION, STAGES, add_stages


class Parser(argparse.ArgumentParser):
    """Reports an error in one line, without the list of all options."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; --help lists the options\n")


def parse(argv: list[str]) -> argparse.Namespace:
    parser = Parser(prog="python -m underpaint_train", description=DESCRIPTION)
    add_stages(parser.add_subparsers(dest="command", required=True))
    return parser.parse_args(argv)


def main(argv: list[str]) -> int:
    args = parse(argv)
    try:
        return run(args)
    except ModuleNotFoundError as error:
        print(f"underpaint_train: {error.name} is not installed; pip install -r requirements.txt", file=sys.stderr)
        return 2


def run(args: argparse.Namespace) -> int:
    """Runs one stage. Errors that the user can fix print one line, exit code 2."""
    import torch

    from underpaint_onnx.errors import GraphError

    from .errors import TrainingError
    from .training.peers import together

    torch.set_num_threads(args.threads)
    try:
        with together(args.processes):
            STAGES[args.command].run(args)
    except (TrainingError, GraphError, OSError) as error:
        print(f"underpaint_train: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
