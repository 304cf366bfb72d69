"""Every failure prints one clear line."""

import resource
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import torch
from torch import nn

from underpaint_train.__main__ import main
from underpaint_train.errors import TrainingError
from underpaint_train.training.length import Length
from underpaint_train.training.loop import Run

from . import toy

HERE = Path(__file__).resolve().parents[1]


def call(*argv: str, before: str = "pass") -> subprocess.CompletedProcess:
    code = f"import sys; {before}; from underpaint_train.__main__ import main; sys.exit(main({list(argv)!r}))"
    return subprocess.run([sys.executable, "-c", code], cwd=HERE, capture_output=True, text=True)


def small_run(folder: str, step_loss, width: int = 4) -> Run:
    model = nn.Linear(width, width)
    return Run(Path(folder), model, Length(8), 1e-3, lambda share, _dice: step_loss(model, round(8 * share)))


class TroublesTest(unittest.TestCase):
    def setUp(self) -> None:
        quiet = toy.small()
        quiet.__enter__()
        self.addCleanup(quiet.__exit__, None, None, None)

    def one_line(self, done: subprocess.CompletedProcess, *words: str) -> None:
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)

    def test_unknown_options(self):
        self.one_line(call("distill", "--solver", "rk4"), "--solver", "rk4", "heun")
        self.one_line(call("teacher", "--stepz", "3"), "--stepz")
        self.one_line(call("paint"), "paint", "teacher")

    def test_a_missing_package(self):
        self.one_line(
            call("teacher", before="sys.modules['diffusers'] = None"), "diffusers", "pip install -r requirements.txt"
        )
        self.one_line(call("teacher", before="sys.modules['torch'] = None"), "torch", "pip install -r requirements.txt")

    def test_a_stage_that_was_left_out(self):
        with tempfile.TemporaryDirectory() as folder:
            self.one_line(call("teacher", "--runs", folder), "tokenizer.json", "encode first")

    def test_a_loss_that_is_not_a_number_stops_with_step_and_seed(self):
        for name, loss in (
            ("loss", lambda m, step: m.weight.sum() * (float("nan") if step == 3 else 1)),
            ("gradient", lambda m, step: (m.weight * 0 if step == 3 else m.weight).sum().abs().sqrt()),
        ):
            with (
                self.subTest(name),
                tempfile.TemporaryDirectory() as folder,
                self.assertRaises(TrainingError) as caught,
            ):
                small_run(folder, loss).train()
            self.assertIn(f"the {name} of step 3 is", str(caught.exception))
            self.assertIn("seed 3", str(caught.exception))

    def test_a_full_disk_keeps_the_checkpoint_before(self):
        with tempfile.TemporaryDirectory() as folder:
            run = small_run(folder, lambda m, step: m.weight.square().sum(), width=400)
            run.train()
            kept = (Path(folder) / "checkpoint.pt").read_bytes()
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            limits = resource.getrlimit(resource.RLIMIT_FSIZE)
            resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
            try:
                with self.assertRaises(TrainingError) as caught:
                    run.save()
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, limits)
            self.assertIn("cannot write a checkpoint", str(caught.exception))
            self.assertEqual((Path(folder) / "checkpoint.pt").read_bytes(), kept)
            self.assertFalse((Path(folder) / "checkpoint.tmp").exists())
            torch.load(Path(folder) / "checkpoint.pt", weights_only=True)

    def test_scenes_that_do_not_fit_are_not_begun(self):
        with (
            tempfile.TemporaryDirectory() as folder,
            mock.patch("shutil.disk_usage", return_value=mock.Mock(free=1e6)),
            mock.patch("sys.stderr") as said,
        ):
            self.assertEqual(main(["scenes", "--runs", folder, "--count", "100"]), 2)
        self.assertIn("scenes need", "".join(str(call.args[0]) for call in said.write.call_args_list))


if __name__ == "__main__":
    unittest.main()
