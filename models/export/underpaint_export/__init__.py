"""Converts a diffusers folder or a single-file checkpoint into a folder that underpaint can serve."""

import sys
from pathlib import Path

# The ONNX writer is shared with a package in another folder; nothing here is installed.
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "common"))
