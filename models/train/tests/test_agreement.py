"""Published folders paint what the trained networks paint, from the same noise."""

import subprocess
import tempfile
import unittest
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file

from underpaint_train.networks.diffusion import SHAPE, guidance_embedding
from underpaint_train.networks.pixel import PixelModel, sample_consistency
from underpaint_train.networks.samplers import SAMPLERS, consistency_times, sample_latents
from underpaint_train.networks.text import load_tokenizer, tokenize
from underpaint_train.publishing.export import export
from underpaint_train.publishing.export_pixel import write_pixel
from underpaint_train.publishing.files import WEIGHTS
from underpaint_train.publishing.folder import FolderPainter
from underpaint_train.scenes.dataset import Scenes
from underpaint_train.training.autoencoder import to_pictures, to_tensor
from underpaint_train.training.loop import load_weights
from underpaint_train.training.student import load_pair
from underpaint_train.training.teacher import Decoding, Teacher

from . import toy

CLI = Path(__file__).resolve().parents[3] / "server/bin/underpaint.js"
PROMPT, GUIDANCE, STEPS = "mountains at sunset", 2.0, 4
TOLERANCE = 2
"""Of 255: rounding, of weights to float16 and of pictures to bytes."""


class FolderTest(unittest.TestCase):
    """The published folder and the trained networks paint the same, and the folder says how it is used."""

    @classmethod
    def setUpClass(cls):
        runs = toy.runs()
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.folder = Path(temporary.name)
        cls.noises = torch.randn((STEPS, 1, *SHAPE), generator=torch.Generator().manual_seed(8))
        cls.sketch = np.array(Scenes(runs / "scenes/held-out").sketches[:1])
        with toy.small(), torch.no_grad():
            export(runs, cls.folder / "student", cls.folder / "teacher")
            tokenizer = load_tokenizer(runs / "tokenizer.json")
            cls.pair, cls.teacher = load_pair(runs), load_weights(runs / "teacher", Teacher(tokenizer))
            cls.decoding, cls.tokens = Decoding(runs), tokenize(tokenizer, [PROMPT])
            # Both sides have the weights as they were rounded for the folder.
            for unet, text, name in (
                (cls.pair.student.unet.unet, cls.pair.text, "student"),
                (cls.teacher.unet.unet, cls.teacher.text, "teacher"),
            ):
                unet.load_state_dict(load_file(cls.folder / name / "unet/diffusion_pytorch_model.safetensors"))
                text.load_state_dict(load_file(cls.folder / name / "text_encoder/model.safetensors"))
        cls.pixels = (to_tensor(cls.sketch) + 1) / 2

    def compare(self, wanted: np.ndarray, got: np.ndarray) -> None:
        self.assertGreater(int(np.ptp(wanted)), 20, "an empty picture would agree with any other")
        self.assertLessEqual(int(np.abs(wanted.astype(int) - got.astype(int)).max()), TOLERANCE)

    @torch.no_grad()
    def test_student(self):
        painter = FolderPainter(self.folder / "student")
        guidance = guidance_embedding(torch.tensor([GUIDANCE]))
        pictures = {}
        for sampler in SAMPLERS:
            for scale in (1.0, 0.4):
                with self.subTest(sampler=sampler, scale=scale):
                    told = self.pair.told(self.tokens, self.pixels, torch.tensor([scale]))
                    times = consistency_times(1 if sampler == "onestep" else STEPS)
                    wanted = sample_latents(
                        lambda x, t, told=told: self.pair.student(x, t, told, guidance),
                        self.noises,
                        times,
                        sampler=sampler,
                    )
                    denoise = painter.consistency(PROMPT, self.sketch, scale, GUIDANCE)
                    got = painter.picture(sample_latents(denoise, self.noises, times, sampler=sampler))
                    self.compare(self.decoding(wanted), got)
                    pictures[sampler, scale] = got
        self.assertGreater(np.abs(pictures["multistep", 1.0].astype(int) - pictures["multistep", 0.4]).max(), TOLERANCE)

    @torch.no_grad()
    def test_teacher(self):
        painter = FolderPainter(self.folder / "teacher")
        told = self.teacher.told(self.tokens, self.pixels, torch.ones(1))
        x, t = self.noises[0], torch.tensor([999])
        v = self.teacher.unet(x, t, told.hidden, told.control, told.scale)
        control = painter.run("control_encoder", controlnet_cond=self.pixels)
        got = painter.velocity(x, t, painter.words(PROMPT), control, 1.0, GUIDANCE)
        self.assertLess(float((got - v).abs().max() / v.abs().max()), 2e-2)

    def test_what_the_folder_says(self):
        for name in ("student", "teacher"):
            facts = FolderPainter(self.folder / name).facts
            self.assertIs(facts["startsFromNoise"], True)
            self.assertEqual(facts["emptySheet"], "#ffffff")
            self.assertEqual(facts["controls"]["control"], {"min": 0, "max": 1})
            self.assertEqual(facts["defaults"]["strength"], 1)
            self.assertIn("lighthouse", facts["vocabulary"])


class PixelAgreementTest(unittest.TestCase):
    @torch.no_grad()
    def test_pixel_model(self):
        torch.manual_seed(9)
        noises = torch.randn((STEPS, 1, 3, 32, 32), generator=torch.Generator().manual_seed(10))
        with tempfile.TemporaryDirectory() as temporary:
            folder, model = Path(temporary), PixelModel().eval()
            with toy.small():
                write_pixel(folder / "pixel", model)
            model.unet.load_state_dict(load_file(folder / "pixel/unet" / WEIGHTS))
            np.save(folder / "noise.npy", noises[:, 0].numpy())
            for sampler in SAMPLERS:
                with self.subTest(sampler=sampler):
                    done = subprocess.run(
                        [
                            "node",
                            str(CLI),
                            "infer",
                            "--model",
                            str(folder / "pixel"),
                            "--noise",
                            str(folder / "noise.npy"),
                            "--steps",
                            str(STEPS),
                            "--sampler",
                            sampler,
                            "--output",
                            str(folder / "out.png"),
                        ],
                        capture_output=True,
                        text=True,
                    )
                    self.assertEqual(done.returncode, 0, done.stderr)
                    [wanted] = to_pictures(sample_consistency(model, noises, STEPS, sampler)).astype(int)
                    with Image.open(folder / "out.png") as picture:
                        got = np.asarray(picture.convert("RGB")).astype(int)
                    self.assertGreater(int(np.ptp(wanted)), 20)
                    self.assertLessEqual(int(np.abs(wanted - got).max()), TOLERANCE)


if __name__ == "__main__":
    unittest.main()
