"""Checks format, lint and types of all Python in models/: npm run check:python. Settings are in pyproject.toml."""

import subprocess
import sys
from pathlib import Path

MODELS = Path(__file__).resolve().parent
PACKAGES = ("underpaint_train", "underpaint_export", "underpaint_onnx")
CHECKS = (
    ("ruff", "format", "--check", "."),
    ("ruff", "check", "."),
    ("mypy", *(word for package in PACKAGES for word in ("-p", package))),
)


def main() -> int:
    """Runs every check, also after one has failed."""
    failed = [check for check in CHECKS if subprocess.run([sys.executable, "-m", *check], cwd=MODELS).returncode]
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
