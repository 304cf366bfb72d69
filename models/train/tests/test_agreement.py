"""TypeScript and Python paint the same pictures with the same weights and the same noise."""

import json
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
from underpaint_train.networks.samplers import SAMPLERS, consistency_times, sample_latents, trailing_times
from underpaint_train.networks.text import load_tokenizer, tokenize
from underpaint_train.publishing.export import export
from underpaint_train.publishing.export_pixel import write_pixel
from underpaint_train.publishing.files import WEIGHTS
from underpaint_train.scenes.dataset import Scenes
from underpaint_train.training.autoencoder import to_pictures, to_tensor
from underpaint_train.training.loop import load_weights
from underpaint_train.training.student import load_pair
from underpaint_train.training.teacher import Decoding, Teacher, empty_tokens

from . import toy

CLI = Path(__file__).resolve().parents[3] / "server/bin/underpaint.js"
PROMPT, GUIDANCE, STEPS, STRENGTH = "mountains at sunset", 2.0, 4, 0.6
TOLERANCE = 2
"""Of 255: rounding, of weights to float16 and of pictures to bytes."""


class AgreementTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not (CLI.parents[1] / "dist").exists():
            raise FileNotFoundError("the server is not built: npm run build comes first")
        runs = toy.runs()
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.folder = Path(temporary.name)
        generator = torch.Generator().manual_seed(8)
        cls.noises = torch.randn((STEPS, 1, *SHAPE), generator=generator)
        np.save(cls.folder / "noise.npy", cls.noises[:, 0].numpy())
        sketch = np.array(Scenes(runs / "scenes/held-out").sketches[:1])
        Image.fromarray(sketch[0]).save(cls.folder / "sketch.png")
        with toy.small(), torch.no_grad():
            export(runs, cls.folder / "student", cls.folder / "teacher")
            tokenizer = load_tokenizer(runs / "tokenizer.json")
            cls.pair, cls.teacher, cls.decoding = (
                load_pair(runs),
                load_weights(runs / "teacher", Teacher(tokenizer)),
                Decoding(runs),
            )
            cls.tokens = tokenize(tokenizer, [PROMPT])
            # Both sides have the weights as they were rounded for the folder.
            for unet, text, name in (
                (cls.pair.student.unet, cls.pair.text, "student"),
                (cls.teacher.unet, cls.teacher.text, "teacher"),
            ):
                unet.load_state_dict(load_file(cls.folder / name / "unet/diffusion_pytorch_model.safetensors"))
                text.load_state_dict(load_file(cls.folder / name / "text_encoder/model.safetensors"))
            decoding = cls.decoding
            cls.start = (decoding.model.encoder(to_tensor(sketch)) - decoding.mean) / decoding.deviation

    def infer(self, model: str, sampler: str | None, sketched: bool) -> np.ndarray:
        out = self.folder / "out.png"
        command = [
            "node",
            str(CLI),
            "infer",
            "--model",
            str(self.folder / model),
            "--prompt",
            PROMPT,
            "--noise",
            str(self.folder / "noise.npy"),
            "--steps",
            str(STEPS),
            "--guidance",
            str(GUIDANCE),
            "--output",
            str(out),
            "--json",
        ]
        command += ["--sampler", sampler] if sampler else []
        command += ["--input", str(self.folder / "sketch.png"), "--strength", str(STRENGTH)] if sketched else []
        done = subprocess.run(command, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        json.loads(done.stdout)
        with Image.open(out) as picture:
            return np.asarray(picture.convert("RGB")).astype(int)

    def compare(self, latents: torch.Tensor, got: np.ndarray) -> None:
        [wanted] = self.decoding(latents).astype(int)
        worst = int(np.abs(wanted - got).max())
        self.assertGreater(int(np.ptp(wanted)), 20, "an empty picture would agree with any other")
        self.assertLessEqual(worst, TOLERANCE)

    @torch.no_grad()
    def test_student(self):
        hidden = self.pair.encode(self.tokens)
        guidance = guidance_embedding(torch.tensor([GUIDANCE]))

        def denoise(x, t):
            return self.pair.student(x, t, hidden, guidance)

        for sampler in SAMPLERS:
            for sketched in (False, True):
                with self.subTest(sampler=sampler, sketched=sketched):
                    steps = 1 if sampler == "onestep" else STEPS
                    times = consistency_times(steps, STRENGTH if sketched else 1.0)
                    latents = sample_latents(
                        denoise, self.noises, times, sampler=sampler, start=self.start if sketched else None
                    )
                    self.compare(latents, self.infer("student", sampler, sketched))

    @torch.no_grad()
    def test_teacher(self):
        hidden, empty = self.teacher.encode(self.tokens), self.teacher.encode(empty_tokens(self.tokens))

        def denoise(x, t):
            return self.teacher.guided_x0(x, t, hidden, empty, torch.tensor([GUIDANCE]))

        for sketched in (False, True):
            with self.subTest(sketched=sketched):
                times = trailing_times(STEPS, STRENGTH if sketched else 1.0)
                latents = sample_latents(
                    denoise, self.noises, times, sampler="ddim", start=self.start if sketched else None
                )
                self.compare(latents, self.infer("teacher", None, sketched))


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
