"""How the embedded model of underpaint is made: scenes, autoencoder, teacher, student, export."""

import sys
from pathlib import Path

# The ONNX writer is shared with a package in another folder; nothing here is installed.
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "common"))
