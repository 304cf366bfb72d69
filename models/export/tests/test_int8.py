"""int8 graphs for any folder that the server serves. Needs a built server."""

import contextlib
import io
import json
import shutil
import tempfile
import unittest
from pathlib import Path

import numpy as np
import onnx
from PIL import Image

from underpaint_export.__main__ import main

ROOT = Path(__file__).resolve().parents[3]
FIXTURES = ROOT / "test/fixtures"
PARTS = ["unet", "vae_decoder", "vae_encoder"]


def run(*args) -> tuple[int, str, str]:
    """Returns the exit code, the output and the errors."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(["int8", *map(str, args)])
    return code, out.getvalue(), err.getvalue()


class Int8Test(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.work = Path(temporary.name)
        (self.work / "sketches").mkdir()
        noise = np.random.default_rng(3)
        for i in range(6):
            pixels = noise.integers(0, 255, (4, 4, 3), dtype=np.uint8).repeat(16, 0).repeat(16, 1)
            Image.fromarray(pixels).save(self.work / f"sketches/{i}.png")

    def folder(self, fixture: str) -> Path:
        return Path(shutil.copytree(FIXTURES / fixture, self.work / "model"))

    def add(self, fixture: str, *options) -> tuple[Path, int, str, str]:
        """Small graphs have little work, so that is no reason to leave a product out here."""
        folder = self.folder(fixture)
        pictures = ["--pictures", self.work / "sketches", "--least-work", 2]
        return folder, *run(folder, *pictures, *options)

    def quantised(self, path: Path) -> list[str]:
        return [node.name for node in onnx.load(path).graph.node if node.op_type == "QuantizeLinear"]

    def test_every_family_gets_them_beside_its_graphs(self):
        for fixture, parts in (("models/sdxl-turbo", PARTS), ("control/models/lcm-cond", PARTS)):
            with self.subTest(fixture):
                folder, code, out, err = self.add(fixture)
                self.assertEqual((code, err), (0, ""), out)
                self.assertEqual(sorted(path.parent.name for path in folder.glob("*/model_int8.onnx")), parts)
                self.assertRegex(out, r"unet: [\d.]+ MB, [\d.]+ dB from fp32")
                self.assertRegex(out, r"pictures: [\d.]+ dB from fp32, the worst [\d.]+ dB")
                self.assertTrue(self.quantised(folder / "unet/model_int8.onnx"))
                shutil.rmtree(folder)

    def test_pictures_that_differ_too_much_leave_nothing_behind(self):
        folder = self.folder("models/lcm")
        for name in ("unet", "vae_decoder"):
            self.spoil(folder / name / "model.onnx")
        code, _, err = run(folder, "--pictures", self.work / "sketches", "--least-work", 2)
        self.assertEqual(code, 2)
        self.assertRegex(err, r"paints pictures [\d.]+ dB from those in fp32: calibrate with more")
        self.assertEqual(list(folder.glob("*/model_int8.onnx*")), [])

    def spoil(self, path: Path) -> None:
        """Makes one channel of each convolution so large that the others vanish in eight bits."""
        model = onnx.load(path)
        for node in [node for node in model.graph.node if node.op_type == "Conv"]:
            for tensor in [tensor for tensor in model.graph.initializer if tensor.name == node.input[1]]:
                values = onnx.numpy_helper.to_array(tensor).copy()
                values[0] *= 300
                tensor.CopyFrom(onnx.numpy_helper.from_array(values, tensor.name))
        onnx.save(model, path)

    def test_what_cannot_be_done_is_one_line(self):
        folder = self.folder("models/sd-turbo-fp16")
        cases = [
            ((self.work / "none",), r"none/examples is no folder: name one with sketches with --pictures"),
            ((folder, "--pictures", folder), r"model has 0 pictures: name a folder with a few dozen"),
            ((folder, "--pictures", self.work / "sketches"), r"unet/model.onnx is in half precision"),
        ]
        for args, message in cases:
            code, _, err = run(*args)
            self.assertEqual((code, len(err.splitlines())), (2, 1))
            self.assertRegex(err, message)

    def test_prompts_come_from_a_list_beside_the_pictures(self):
        (self.work / "sketches/prompts.json").write_text(json.dumps({"not": "a list"}))
        _, code, _, err = self.add("models/lcm")
        self.assertEqual(code, 2)
        self.assertIn("prompts.json must be a list of texts", err)


if __name__ == "__main__":
    unittest.main()
