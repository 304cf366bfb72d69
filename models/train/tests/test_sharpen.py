"""The losses of sharpening."""

import unittest

import torch
from torch.nn import functional as F

from underpaint_train.networks.autoencoder import FACTOR
from underpaint_train.networks.discriminator import Discriminator
from underpaint_train.training.sharpen import Cut, alike


class SharpenTest(unittest.TestCase):
    def setUp(self):
        generator = torch.Generator().manual_seed(11)
        noise = torch.randn((2, 3, 128, 128), generator=generator)
        self.texture, self.other = 0.2 * noise, 0.2 * torch.randn(noise.shape, generator=generator)
        self.blurred = F.avg_pool2d(self.texture, 3, 1, 1)

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
        pictures = torch.arange(256.0).view(1, 1, 256, 1).expand(3, 3, 256, 256)
        for latents, picture, (y, _) in zip(cut(rows, 1), cut(pictures, FACTOR), cut.corners):
            self.assertEqual(latents.shape, (1, 128 // FACTOR, 128 // FACTOR))
            self.assertEqual(picture.shape, (3, 128, 128))
            self.assertEqual((float(latents[0, 0, 0]), float(picture[0, 0, 0])), (y, FACTOR * y))

    def test_a_discriminator_tells_blur_from_texture_soon(self):
        torch.manual_seed(13)
        judge, words = Discriminator(8), torch.zeros(2, 128)
        optimiser = torch.optim.Adam(judge.parameters(), 1e-3, betas=(0.5, 0.95))
        sketches = torch.zeros_like(self.texture)
        for _ in range(20):
            loss = judge(self.texture, sketches, words).error(1) + judge(self.blurred, sketches, words).error(0)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        # One that is at chance says 0.5 of both, which is a loss of 0.5.
        self.assertLess(float(loss.detach()), 0.25)


if __name__ == "__main__":
    unittest.main()
