"""What the evaluation measures by, on pictures whose measure is known; and the evaluation whole, at toy size."""

import unittest
from unittest import mock

import numpy as np
import torch
from torch.nn import functional as F

from underpaint_train.measuring import classifier, evaluate, painters
from underpaint_train.measuring.facts import FACETS, THINGS, agreement, classes, told
from underpaint_train.measuring.likeness import psnr, ssim
from underpaint_train.measuring.swd import SlicedWasserstein, laplacian_pyramid
from underpaint_train.measuring.tables import (
    agreement_table,
    autoencoder_table,
    pixel_table,
    prompts_table,
    quality_table,
    section,
)

from . import toy


def noise(count: int, size: int, seed: int) -> torch.Tensor:
    return torch.randn((count, 3, size, size), generator=torch.Generator().manual_seed(seed)).clamp(-1, 1)


class MeasuresTest(unittest.TestCase):
    def test_psnr(self):
        wanted = torch.zeros(2, 3, 32, 32)
        self.assertAlmostEqual(psnr(wanted + 0.2, wanted), 20.0, 3)  # 0.1 of the range: 20 dB

    def test_ssim(self):
        pictures = noise(2, 32, 0)
        self.assertAlmostEqual(ssim(pictures, pictures), 1.0, 5)
        self.assertLess(ssim(pictures, noise(2, 32, 1)), 0.1)
        # Two flat pictures: only the first factor is below one, (2 a b + C1) / (a^2 + b^2 + C1).
        flat = ssim(torch.full((1, 3, 32, 32), 0.0), torch.full((1, 3, 32, 32), 1.0))
        self.assertAlmostEqual(flat, (2 * 0.5 * 1 + 1e-4) / (0.25 + 1 + 1e-4), 4)

    def test_a_pyramid_of_smooth_pictures_is_empty_but_for_its_end(self):
        *levels, last = laplacian_pyramid(torch.full((1, 3, 64, 64), 0.5))
        self.assertEqual([level.shape[-1] for level in [*levels, last]], [64, 32, 16])
        for level in levels:
            self.assertLess(float(level.abs().max()), 1e-6)
        self.assertLess(float((last - 0.5).abs().max()), 1e-6)

    def test_distance_grows_with_blur(self):
        real, other = noise(24, 64, 0), noise(24, 64, 1)
        distance = SlicedWasserstein(real)
        self.assertEqual(distance(real)["mean"], 0.0)
        same, blurred = distance(other), distance(F.avg_pool2d(other, 3, 1, 1))
        self.assertGreater(blurred["64"], 1.4 * same["64"])

    def test_what_a_caption_tells(self):
        fact = {
            "caption": "rolling hills, at dawn, a rainbow",
            "kind": "hills",
            "time": "dawn",
            "season": "summer",
            "weather": "rain",
            "things": ["rainbow", "trees"],
        }
        said = told([fact])
        self.assertEqual(
            {facet: bool(said[facet]) for facet in FACETS},
            {"kind": True, "time": True, "season": False, "weather": False},
        )
        self.assertEqual([thing for thing, there in zip(THINGS, said["things"][0]) if there], ["rainbow"])
        found = classes([fact])
        self.assertEqual(agreement(found, [fact])["all"], 1.0)
        found["time"] += 1
        self.assertEqual(
            agreement(found, [fact]),
            {"kind": 1.0, "time": 0.0, "season": None, "weather": None, "things": 1.0, "all": 0.667},
        )

    def test_evaluation(self):
        runs = toy.runs()
        with (
            toy.small(),
            mock.patch.object(painters, "STUDENT_STEPS", (1, 4)),
            mock.patch.object(painters, "TEACHER_STEPS", (1, 2)),
            mock.patch.object(evaluate, "PROMPT_STRENGTHS", (0.5,)),
            mock.patch.object(evaluate, "evaluate_pixel", lambda *_: []),
            mock.patch.object(evaluate, "train_classifier", lambda runs: classifier.train_classifier(runs, 2, 4)),
        ):
            report = evaluate.evaluate(runs, count=toy.HELD_OUT, strength=0.5, guidance=2.0)
        self.assertEqual(
            [(row["trainer"], row["steps"], row["from"]) for row in report["rows"]],
            [
                (trainer, steps, origin)
                for trainer, steps in (
                    ("student", 1),
                    ("student", 4),
                    ("distilled", 1),
                    ("distilled", 4),
                    ("teacher", 1),
                    ("teacher", 2),
                )
                for origin in ("sketch", "text")
            ],
        )
        numbers = [row["swd"]["mean"] for row in report["rows"]] + [
            row["psnr"] for row in report["rows"] if "psnr" in row
        ]
        self.assertTrue(np.isfinite(numbers).all(), numbers)
        self.assertEqual(set(report["rows"][0]["swd"]), {"256", "128", "64", "32", "16", "mean"})
        for write in (quality_table, agreement_table, prompts_table, autoencoder_table, pixel_table):
            lines = write(report).splitlines()
            self.assertEqual({line.count("|") for line in lines}, {lines[0].count("|")}, write.__name__)
        self.assertIn(f"on {toy.HELD_OUT} held-out scenes", section(report))


if __name__ == "__main__":
    unittest.main()
