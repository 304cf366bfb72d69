"""Processes that train together end with the mean of their weights."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import torch

HERE = Path(__file__).resolve().parents[1]
CODE = """
import sys
from pathlib import Path
import torch
from torch import nn
from underpaint_train.training import peers
from underpaint_train.training.length import Length
from underpaint_train.training.loop import Run

torch.set_num_threads(1)
torch.manual_seed(0)
with peers.together(2):
    model = nn.Linear(1, 1, bias=False)
    nn.init.constant_(model.weight, 0.5)
    # One learns 0, the other 1: alone, each would get there.
    wanted = float(peers.rank())
    length = Length(seconds=3.0) if sys.argv[2] == "time" else Length(400)
    loss = lambda share, dice: (model.weight - wanted).square().sum()
    Run(Path(sys.argv[1]), model, length, 1e-2, loss).train()
"""


class PeersTest(unittest.TestCase):
    def test_two_processes_meet_in_the_middle(self):
        for way in ("steps", "time"):
            with self.subTest(way), tempfile.TemporaryDirectory() as folder:
                done = subprocess.run(
                    [sys.executable, "-c", CODE, folder, way], cwd=HERE, capture_output=True, text=True, timeout=120
                )
                self.assertEqual(done.returncode, 0, done.stderr)
                state = torch.load(Path(folder) / "checkpoint.pt", weights_only=True)
                self.assertAlmostEqual(float(state["model"]["weight"]), 0.5, delta=0.1)
                self.assertEqual(len(state["losses"]), state["step"])


if __name__ == "__main__":
    unittest.main()
