"""The whole chain fits a time budget, and a run by time ends by time."""

import json
import tempfile
import time
import unittest
from pathlib import Path
from unittest import mock

from torch import nn

from underpaint_train.scenes import Scenes
from underpaint_train.training import everything
from underpaint_train.training.length import Length
from underpaint_train.training.loop import Run

from . import toy

MINUTES = 0.25


class LengthTest(unittest.TestCase):
    def test_share(self):
        self.assertEqual([Length(steps=8).share(step, 99.0) for step in (0, 2, 8, 9)], [0, 0.25, 1, 1])
        self.assertEqual([Length(seconds=8).share(99, s) for s in (0.0, 2.0, 9.0)], [0, 0.25, 1])

    def test_a_run_by_time_ends_by_time_and_remembers_it(self):
        with tempfile.TemporaryDirectory() as folder, toy.small():
            model = nn.Linear(4, 4)

            def step_loss(_share, _dice):
                time.sleep(0.02)
                return model.weight.square().sum()

            begun = time.monotonic()
            run = Run(Path(folder), model, Length(seconds=0.5), 1e-3, step_loss)
            run.train()
            self.assertGreater(time.monotonic() - begun, 0.5)
            steps = run.step
            again = Run(Path(folder), model, Length(seconds=0.5), 1e-3, step_loss)
            again.train()
            self.assertEqual(again.step, steps, "it continued after its time was over")
            longer = Run(Path(folder), model, Length(seconds=0.7), 1e-3, step_loss)
            longer.train()
            self.assertGreater(longer.step, steps)


class EverythingTest(unittest.TestCase):
    def test_all_stages_within_a_budget(self):
        with tempfile.TemporaryDirectory() as folder, toy.small(), mock.patch.object(everything, "HELD_OUT", 25):
            runs = Path(folder)
            everything.train_everything(runs, MINUTES, 2, batch=2)
            plan = json.loads((runs / "all.json").read_text())
            self.assertLessEqual(plan["planned"]["scenes"], 60 * MINUTES / 2)
            self.assertEqual(list(plan["took"]), [part.name for part in everything.parts(2)])
            for name in ("autoencoder", "teacher", "distilled", "sharpening", "student"):
                self.assertTrue((runs / name / "checkpoint.pt").exists(), name)
            steps = len(json.loads((runs / "teacher/losses.json").read_text()))
            scenes = len(Scenes(runs / "scenes/train"))
            everything.train_everything(runs, MINUTES, 2, batch=2)
            self.assertEqual(len(json.loads((runs / "teacher/losses.json").read_text())), steps)
            self.assertLessEqual(scenes, len(Scenes(runs / "scenes/train")))


if __name__ == "__main__":
    unittest.main()
