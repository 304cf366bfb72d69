"""The arithmetic of the pixel-space models, and their folder in diffusers."""

import tempfile
import unittest
from pathlib import Path

import torch
from diffusers import CMStochasticIterativeScheduler, ConsistencyModelPipeline
from safetensors.torch import load_file

from underpaint_train.networks.pixel import (
    METRICS,
    SCHEDULE,
    SIGMA_MIN,
    PixelModel,
    consistency_sigmas,
    euler,
    heun,
    karras_sigmas,
    sample_consistency,
)
from underpaint_train.publishing.export_pixel import write_pixel
from underpaint_train.publishing.files import WEIGHTS

from . import toy


class Gaussian(PixelModel):
    """Knows the best denoiser of pictures that are Gaussian noise of deviation 0.5: c_skip x."""

    def denoise(self, x, sigma):
        s = sigma.view(-1, 1, 1, 1)
        return 0.25 / (s**2 + 0.25) * x


class PixelTest(unittest.TestCase):
    @torch.no_grad()
    def test_at_the_smallest_noise_the_function_is_the_identity(self):
        torch.manual_seed(3)
        model, x = toy.tiny_pixel(), torch.randn(2, 3, 16, 16)
        self.assertLess(float((model(x, torch.full((2,), SIGMA_MIN)) - x).abs().max()), 1e-6)

    def test_sigmas_are_those_of_diffusers(self):
        scheduler = CMStochasticIterativeScheduler(**SCHEDULE)
        torch.testing.assert_close(karras_sigmas(18), scheduler.sigmas.float())
        for steps in (1, 2, 3, 4, 8, 18):
            scheduler.set_timesteps(steps)
            torch.testing.assert_close(consistency_sigmas(steps), scheduler.sigmas[:-1])

    def test_heun_is_nearer_to_the_true_trajectory_than_euler(self):
        # The exact one scales with sqrt(sigma^2 + 0.25).
        model, x = (
            Gaussian(size=16, channels=(16, 32)),
            torch.randn((1, 3, 16, 16), generator=torch.Generator().manual_seed(4)),
        )
        sigma, to = torch.tensor([1.0]), torch.tensor([0.9])
        true = x * ((0.81 + 0.25) / (1 + 0.25)) ** 0.5
        errors = [float((solver(model, x, sigma, to) - true).abs().max()) for solver in (euler, heun)]
        self.assertLess(errors[1], errors[0] / 3)

    def test_metrics(self):
        a, b = torch.zeros(1, 3, 4, 4), torch.full((1, 3, 4, 4), 0.5)
        self.assertAlmostEqual(float(METRICS["l2"](a, b)), 0.25)
        self.assertAlmostEqual(float(METRICS["l1"](a, b)), 0.5)
        self.assertAlmostEqual(float(METRICS["huber"](a, b)), (0.25 + 0.00054**2) ** 0.5 - 0.00054, 6)

    def test_diffusers_loads_the_folder_and_paints_the_same(self):
        torch.manual_seed(5)
        with tempfile.TemporaryDirectory() as folder, toy.small():
            model = toy.tiny_pixel().eval()
            write_pixel(Path(folder), model)
            model.unet.load_state_dict(load_file(Path(folder) / "unet" / WEIGHTS))
            pipeline = ConsistencyModelPipeline.from_pretrained(folder)
            pipeline.set_progress_bar_config(disable=True)
            for steps in (1, 2, 4):
                noise = torch.randn((2, 3, 16, 16), generator=torch.Generator().manual_seed(6))
                theirs = pipeline(
                    2,
                    num_inference_steps=steps,
                    latents=noise,
                    generator=torch.Generator().manual_seed(7),
                    output_type="pt",
                ).images
                generator = torch.Generator().manual_seed(7)
                later = [torch.randn(noise.shape, generator=generator) for _ in range(steps - 1)]
                ours = sample_consistency(model, [noise, *later], steps) / 2 + 0.5
                self.assertLess(float((ours - theirs).abs().max()), 1e-4)


if __name__ == "__main__":
    unittest.main()
