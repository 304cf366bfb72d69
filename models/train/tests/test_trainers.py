"""Every trainer learns, and resumes after it was killed as if it had not been killed."""

import json
import unittest

import torch
from PIL import Image

from underpaint_train.training.autoencoder import train_autoencoder
from underpaint_train.training.pixel import train_pixel, train_pixel_teacher
from underpaint_train.training.student import train_distilled, train_isolated
from underpaint_train.training.teacher import train_teacher

from . import toy

TRAINERS = {
    "autoencoder": ("autoencoder", train_autoencoder, {}),
    "teacher": ("teacher", train_teacher, {}),
    "distill, DDIM, pseudo-Huber": ("distilled", train_distilled, {"solver": "ddim", "metric": "huber"}),
    "distill, Euler, L2": ("distilled-euler-l2", train_distilled, {"solver": "euler", "metric": "l2"}),
    "distill, Heun, L1": ("distilled-heun-l1", train_distilled, {"solver": "heun", "metric": "l1"}),
    "isolate": ("isolated", train_isolated, {}),
    "pixel, teacher": ("pixel/teacher", train_pixel_teacher, {"make": toy.tiny_pixel}),
    "pixel, distill, Heun": ("pixel/student", train_pixel, {"way": "distill", "make": toy.tiny_pixel}),
    "pixel, distill, Euler, L1": (
        "pixel/student-euler-l1",
        train_pixel,
        {"way": "distill", "solver": "euler", "metric": "l1", "make": toy.tiny_pixel},
    ),
    "pixel, isolate": ("pixel/isolated", train_pixel, {"way": "isolate", "make": toy.tiny_pixel}),
}


SLOWLY = {"learning_rate": 1e-4}
"""For those that compare a network with itself: the rate of a long training would overshoot in so few steps."""


class TrainersTest(unittest.TestCase):
    def test_the_loss_falls(self):
        for words, (name, train, how) in TRAINERS.items():
            with self.subTest(words):
                losses, slowly = [], {} if train in (train_autoencoder, train_teacher) else SLOWLY
                torch.manual_seed(1)
                with toy.small(), toy.overfitting(losses):
                    train(toy.fresh(name), toy.LENGTH, toy.BATCH, **how, **slowly)
                [(before, after)] = losses
                self.assertLess(after, 0.95 * before, f"the loss of one batch before and after {toy.STEPS} steps on it")

    def test_resuming_is_exact(self):
        for words, (name, train, how) in TRAINERS.items():
            with self.subTest(words):
                whole, killed = toy.fresh(name), toy.fresh(name)
                with toy.small():
                    torch.manual_seed(1)
                    train(whole, toy.LENGTH, toy.BATCH, **how)
                    torch.manual_seed(1)
                    with toy.stopping(save_at=3, stop_at=5), self.assertRaises(toy.Stopped):
                        train(killed, toy.LENGTH, toy.BATCH, **how)
                    torch.manual_seed(2)
                    train(killed, toy.LENGTH, toy.BATCH, **how)
                losses = [json.loads((folder / name / "losses.json").read_text()) for folder in (whole, killed)]
                self.assertEqual(len(losses[0]), toy.STEPS)
                self.assertEqual(losses[0], losses[1])
                weights = [
                    torch.load(folder / name / "checkpoint.pt", weights_only=True)["model"]
                    for folder in (whole, killed)
                ]
                for key, value in weights[0].items():
                    self.assertTrue(torch.equal(value, weights[1][key]), f"{key} differs after resuming")
                with Image.open(whole / name / "losses.png") as curve:
                    self.assertEqual(curve.size, (900, 420))


if __name__ == "__main__":
    unittest.main()
