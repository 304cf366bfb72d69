"""What sharpening asks of pictures."""

import unittest

import torch
from torch.nn import functional as F

from underpaint_train.networks.autoencoder import FACTOR
from underpaint_train.training.sharpen import Cut, alike, as_crisp


class SharpenTest(unittest.TestCase):
    def setUp(self):
        generator = torch.Generator().manual_seed(11)
        noise = torch.randn((2, 3, 128, 128), generator=generator)
        self.texture, self.other = 0.2 * noise, 0.2 * torch.randn(noise.shape, generator=generator)
        self.blurred = F.avg_pool2d(self.texture, 3, 1, 1)

    def test_as_crisp_is_blind_to_which_pixels_but_not_to_how_much(self):
        self.assertEqual(as_crisp(self.texture, self.texture).tolist(), [0.0, 0.0])
        another, blurred, flat = (
            float(as_crisp(x, self.texture).mean()) for x in (self.other, self.blurred, 0 * self.texture)
        )
        self.assertLess(5 * another, blurred)
        self.assertLess(blurred, flat)

    def test_alike_is_blind_to_texture_but_not_to_light(self):
        texture, light = (
            float(alike(self.texture, self.other).mean()),
            float(alike(self.texture, self.texture + 0.2).mean()),
        )
        self.assertAlmostEqual(light, 0.2, 4)
        self.assertLess(4 * texture, light)

    def test_latents_and_pictures_are_cut_at_the_same_place(self):
        cut = Cut(3, 32, torch.Generator().manual_seed(12))
        rows = torch.arange(32.0).view(1, 1, 32, 1).expand(3, 1, 32, 32)
        for part, (y, _) in zip(cut.latents(rows), cut.corners):
            self.assertEqual(part.shape, (1, 128 // FACTOR, 128 // FACTOR))
            self.assertEqual(float(part[0, 0, 0]), y)


if __name__ == "__main__":
    unittest.main()
