"""The inputs that a served folder gives its graphs, as `underpaint record` writes it. The server itself paints, so that
this is right for every model that it serves."""

import shutil
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from .errors import ExportError

SERVER = Path(__file__).resolve().parents[3] / "server/bin/underpaint.js"


def record(folder: Path, pictures: Path, out: Path, *options: str) -> "Recorded":
    """
    Paints the sketches of a folder.

    Args:
        options: further ones of `underpaint record`
    Raises:
        ExportError: if Node.js is missing, or the server says that the model or a picture cannot be used
    """
    if not shutil.which("node"):
        raise ExportError("node is missing: install Node.js, as the README says")
    command = ["node", str(SERVER), "record", str(pictures), "--model", str(folder), "--out", str(out), *options]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise ExportError((done.stderr.strip() or "the server did not paint").removeprefix("underpaint: "))
    return Recorded(out)


class Recorded:
    """A folder that `underpaint record` has written."""

    def __init__(self, folder: Path):
        self.folder = folder

    def parts(self) -> list[str]:
        """Names of the graphs that were run."""
        return sorted(path.name for path in self.folder.iterdir() if path.is_dir() and path.name != "pictures")

    def feeds(self, part: str) -> Iterator[dict[str, np.ndarray]]:
        """Inputs by name, call by call."""
        calls: dict[str, dict[str, Path]] = defaultdict(dict)
        for path in sorted((self.folder / part).glob("*.npy")):
            call, name = path.name.removesuffix(".npy").split(".", 1)
            calls[call][name] = path
        for call in sorted(calls):
            yield {name: np.load(path) for name, path in calls[call].items()}

    def pictures(self) -> list[np.ndarray]:
        """uint8 [H, W, 3] each."""
        return [np.load(path) for path in sorted((self.folder / "pictures").glob("*.npy"))]
