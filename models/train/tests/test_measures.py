"""The metrics of the evaluation, on pictures with known results; and the whole evaluation, at toy size."""

import unittest
from unittest import mock

import numpy as np
import torch
from torch.nn import functional as F

from underpaint_train.measuring import classifier, evaluate, painters
from underpaint_train.measuring.facts import agreement, classes, told
from underpaint_train.measuring.layout import correlation, lines_kept
from underpaint_train.measuring.likeness import psnr, ssim
from underpaint_train.measuring.steadiness import add_stroke, diversity, reach
from underpaint_train.measuring.swd import SlicedWasserstein, laplacian_pyramid, level_energies
from underpaint_train.measuring.tables import (
    agreement_table,
    autoencoder_table,
    layout_table,
    levels_table,
    pixel_table,
    quality_table,
    section,
    words_table,
)
from underpaint_train.scenes import FACETS, THINGS
from underpaint_train.training.length import Length

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

    def test_energies_of_levels(self):
        pictures = noise(4, 64, 0)
        self.assertEqual(set(level_energies(pictures)), {"64", "32"})
        whole, half = level_energies(pictures), level_energies(pictures / 2)
        self.assertAlmostEqual(half["64"], whole["64"] / 4, 5)
        blurred = level_energies(F.avg_pool2d(pictures, 3, 1, 1))
        self.assertLess(blurred["64"], 0.2 * whole["64"])

    def test_correlation_with_a_sketch(self):
        sketches = noise(2, 64, 0)
        torch.testing.assert_close(correlation(0.5 * sketches + 0.1, sketches), torch.ones(2))
        torch.testing.assert_close(correlation(-sketches, sketches), -torch.ones(2))
        self.assertLess(float(correlation(noise(2, 64, 1), sketches).abs().max()), 0.05)

    def test_lines_are_kept_within_three_pixels(self):
        drawn = torch.ones(1, 3, 64, 64)
        drawn[..., 20:22, :] = -1.0
        step = torch.full((1, 3, 64, 64), -1.0)
        step[..., 21:, :] = 1.0
        self.assertEqual(lines_kept(step, drawn)["kept"], 1.0)
        self.assertEqual(lines_kept(step.roll(12, 2), drawn)["kept"], 0.0)
        self.assertEqual(lines_kept(torch.zeros(1, 3, 64, 64), drawn), {"kept": 0.0, "chance": 0.0})

    def test_a_stroke_reaches_as_far_as_it_changes(self):
        sketches = torch.full((3, 3, 128, 128), 0.9)
        changed, stroke = add_stroke(sketches)
        self.assertTrue(bool(torch.equal(changed != sketches, stroke.expand(3, 3, 128, 128))))
        self.assertGreater(int(stroke.sum()), 3 * 100)
        before, after = 2 * sketches - 1, 2 * changed - 1
        only = reach(before, after, stroke)
        self.assertEqual((only["far"], only["farWorst"]), (0.0, 0.0))
        self.assertGreater(only["at"], 50)
        self.assertAlmostEqual(reach(before, before + 0.02, stroke)["far"], 2.55, 2)

    def test_diversity(self):
        self.assertEqual(diversity([torch.zeros(1, 3, 8, 8)] * 2), 0.0)
        self.assertAlmostEqual(
            diversity([torch.zeros(1, 3, 8, 8), torch.full((1, 3, 8, 8), 0.1)]), 127.5 * 0.1 / 2**0.5, 1
        )

    def test_what_a_caption_tells(self):
        fact = {
            "caption": "rolling hills, at dawn, a rainbow",
            "place": "hills",
            "time": "dawn",
            "season": "summer",
            "weather": "rain",
            "style": "poster",
            "things": ["rainbow", "tree"],
        }
        said = told([fact])
        self.assertEqual(
            {facet: bool(said[facet]) for facet in FACETS},
            {"place": True, "time": True, "season": False, "weather": False, "style": False},
        )
        self.assertEqual([thing for thing, there in zip(THINGS, said["things"][0]) if there], ["rainbow"])
        found = classes([fact])
        self.assertEqual(agreement(found, [fact])["all"], 1.0)
        found["time"] += 1
        self.assertEqual(
            agreement(found, [fact]),
            {"place": 1.0, "time": 0.0, "season": None, "weather": None, "style": None, "things": 1.0, "all": 0.667},
        )

    def test_evaluation(self):
        runs = toy.runs()
        with (
            toy.small(),
            mock.patch.object(painters, "STUDENT_STEPS", (1, 2)),
            mock.patch.object(painters, "TEACHER_STEPS", (1, 2)),
            mock.patch.object(painters, "SAMPLER_STEPS", (2,)),
            mock.patch.object(evaluate, "SEEDS", 2),
            mock.patch.object(evaluate, "evaluate_pixel", lambda *_: []),
            mock.patch.object(
                evaluate, "train_classifier", lambda runs: classifier.train_classifier(runs, Length(2), 4)
            ),
        ):
            report = evaluate.evaluate(runs, count=6, guidance=2.0)
        self.assertEqual(
            [(row["trainer"], row["steps"], row["sampler"], row["from"]) for row in report["rows"]],
            [
                (trainer, steps, sampler, origin)
                for trainer, steps, sampler in (
                    ("student", 1, "multistep"),
                    ("student", 2, "multistep"),
                    ("student", 2, "alternate"),
                    ("student", 2, "ddim"),
                    ("distilled", 1, "multistep"),
                    ("distilled", 2, "multistep"),
                    ("teacher", 1, "ddim"),
                    ("teacher", 2, "ddim"),
                )
                for origin in ("sketch", "text")
            ],
        )
        numbers = [row["swd"]["mean"] for row in report["rows"]] + [
            row["psnr"] for row in report["rows"] if "psnr" in row
        ]
        self.assertTrue(np.isfinite(numbers).all(), numbers)
        self.assertEqual(set(report["rows"][0]["swd"]), {"256", "128", "64", "32", "16", "mean"})
        for write in (
            quality_table,
            levels_table,
            agreement_table,
            layout_table,
            words_table,
            autoencoder_table,
            pixel_table,
        ):
            lines = write(report).splitlines()
            self.assertEqual({line.count("|") for line in lines}, {lines[0].count("|")}, write.__name__)
        self.assertIn("on 6 held-out scenes", section(report))


if __name__ == "__main__":
    unittest.main()
