"""python -m unittest: folders and checkpoints become folders that the server accepts."""

import contextlib
import gc
import io
import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import diffusers
import numpy as np
import onnxruntime
import torch
import transformers
from diffusers import UNet2DConditionModel
from safetensors.torch import save_file

from underpaint_export.__main__ import main
from underpaint_export.lora import ldm_blocks, ldm_name
from underpaint_onnx import storage, writer

from . import tiny_models as tiny

diffusers.utils.logging.set_verbosity_error()
diffusers.utils.logging.disable_progress_bar()
transformers.utils.logging.disable_progress_bar()
# The exporter collects garbage again and again, among a million objects of the libraries.
gc.freeze()
# With tiny models, threads would only wait for each other.
torch.set_num_threads(1)
UNDERPAINT = Path(__file__).resolve().parents[3] / "server/bin/underpaint.js"
NORMS = {"norm1": "in_layers.0", "norm2": "out_layers.0"}


def run(*args) -> tuple[int, str, str]:
    """Returns the exit code, the output and the errors."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main([str(arg) for arg in args])
    return code, out.getvalue(), err.getvalue()


def underpaint(*args) -> str:
    done = subprocess.run(["node", str(UNDERPAINT), *map(str, args)], capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(
            f"underpaint {' '.join(map(str, args))}: {done.stdout}{done.stderr} (did you run npm run build?)"
        )
    return done.stdout


def session(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


class ExportTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="underpaint-export-")
        cls.dir = Path(cls.folder.name)
        cls.sd = tiny.write_folder(cls.dir / "sd", "sd")
        tiny.make_tiny_vae().save_pretrained(cls.dir / "taesd")

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def export(self, *args) -> str:
        code, printed, error = run(*args)
        self.assertEqual((code, error), (0, ""))
        return printed

    def infer(self, model: Path, *more) -> None:
        found = json.loads(underpaint("inspect", model, "--json"))
        self.assertEqual(found["problems"], [])
        made = json.loads(
            underpaint(
                "infer", "--model", model, "--prompt", "a lake", "--output", self.dir / "out.jpg", "--json", *more
            )
        )
        self.assertEqual((made["width"], made["height"]), (64, 64))

    def test_fuses_for_cuda_and_names_what_is_not_tested(self):
        printed = self.export(self.sd, self.dir / "cuda", "--optimize", "cuda")
        # Each of four blocks has one attention to itself and one to the text.
        self.assertRegex(printed, r"unet: fused 4 MultiHeadAttention, 4 Attention, .* from PyTorch")
        self.assertRegex(printed, r"unet: fused \d+ GroupNorm, .*NhwcConv.*: not tested, only CUDA runs them")
        self.assertRegex(printed, r"vae_decoder: fused \d+ GroupNorm, .*: not tested")
        with self.assertRaisesRegex(Exception, "GroupNorm|NhwcConv|kernel"):
            session(self.dir / "cuda/unet/model.onnx")

    def test_fuses_only_single_precision(self):
        with self.assertRaises(SystemExit):
            run(self.sd, self.dir / "half", "--optimize", "cuda", "--dtype", "fp16")

    def test_lora_is_fused_by_its_arithmetic(self):
        unet = UNet2DConditionModel.from_pretrained(self.sd / "unet").eval()
        lora = tiny.make_lora(unet)
        save_file(tiny.kohya_keys(lora), self.dir / "kohya.safetensors")
        save_file(tiny.diffusers_keys(lora), self.dir / "diffusers.safetensors")
        ldm = {self.ldm_key(unet, path): value for path, value in lora.items()}
        save_file(tiny.kohya_keys(ldm), self.dir / "ldm.safetensors")
        sample, timestep, hidden = torch.randn(2, 4, 8, 8), torch.tensor([499, 19]), torch.randn(2, 77, tiny.WIDTH)
        with torch.no_grad():
            before = unet(sample, timestep, hidden).sample
            for path, (down, up, alpha) in lora.items():
                weight = unet.get_submodule(path).weight
                weight += 0.7 * alpha / 3 * torch.einsum("or,r...->o...", up.flatten(1), down)
            wanted = unet(sample, timestep, hidden).sample
        self.assertGreater(float((wanted - before).abs().max()), 0.05)
        feeds = {"sample": sample.numpy(), "timestep": timestep.numpy(), "encoder_hidden_states": hidden.numpy()}
        for name in ["kohya", "diffusers", "ldm"]:
            out = self.dir / f"fused-{name}"
            printed = self.export(self.sd, out, "--lora", self.dir / f"{name}.safetensors", "--lora-weight", "0.7")
            self.assertIn("unet: 6 layers", printed)
            [got] = session(out / "unet/model.onnx").run(None, feeds)
            np.testing.assert_allclose(got, wanted.numpy(), atol=2e-5, err_msg=name)
        found = json.loads(underpaint("inspect", out, "--json"))
        self.assertEqual((found["problems"], found["model"]["kind"]), ([], "lcm-lora"))
        self.assertEqual(
            json.loads((out / "scheduler/scheduler_config.json").read_text())["_class_name"], "LCMScheduler"
        )

    def ldm_key(self, unet, path: str) -> str:
        for ldm, ours in ldm_blocks(unet).items():
            if path == ours or path.startswith(ours + "."):
                rest = path[len(ours) :]
                return ldm + ("." + NORMS[rest[1:]] if rest[1:] in NORMS else ldm_name(rest))
        return {"conv_norm_out": "out.0"}[path]

    def test_lcm_with_weights_beside_it_and_a_tiny_vae(self):
        source = tiny.write_folder(self.dir / "lcm", "lcm")
        out = self.dir / "lcm-out"
        with mock.patch.object(storage, "EXTERNAL_ABOVE", 0):
            self.export(source, out, "--tiny-vae", self.dir / "taesd")
        self.assertGreater((out / "unet/model.onnx_data").stat().st_size, (out / "unet/model.onnx").stat().st_size / 10)
        self.infer(out)
        self.infer(out, "--vae", out / "tiny-vae")
        self.assert_rows_are_their_own(session(out / "unet/model.onnx"))

    def assert_rows_are_their_own(self, unet: onnxruntime.InferenceSession) -> None:
        """Three rows at different timesteps equal the rows run alone, at another size than in the trace."""
        generator = np.random.default_rng(0)
        feeds = {"timestep": np.array([19, 499, 999])}
        for name, shape in {
            "sample": (3, 4, 16, 8),
            "encoder_hidden_states": (3, 77, tiny.WIDTH),
            "timestep_cond": (3, 32),
        }.items():
            feeds[name] = generator.standard_normal(shape, dtype=np.float32)
        [together] = unet.run(None, feeds)
        for row in range(3):
            [alone] = unet.run(None, {name: value[row : row + 1] for name, value in feeds.items()})
            np.testing.assert_allclose(together[row : row + 1], alone, atol=1e-5)

    def test_sdxl_in_half_precision(self):
        source = tiny.write_folder(self.dir / "xl", "sdxl-turbo")
        out = self.dir / "xl-out"
        self.export(source, out, "--dtype", "fp16")
        unet = {value.name: (value.type, value.shape) for value in session(out / "unet/model.onnx").get_inputs()}
        self.assertEqual(unet["text_embeds"], ("tensor(float16)", ["batch", 24]))
        self.assertEqual(unet["time_ids"], ("tensor(float16)", ["batch", 6]))
        names = [value.name for value in session(out / "text_encoder_2/model.onnx").get_outputs()]
        self.assertEqual(names, ["hidden_states.1", "hidden_states.2", "text_embeds"])
        self.assertEqual(session(out / "vae_decoder/model.onnx").get_inputs()[0].type, "tensor(float)")
        self.assertTrue(json.loads((out / "model_index.json").read_text())["force_zeros_for_empty_prompt"])
        self.infer(out, "--steps", "2")

    def test_single_checkpoint(self):
        unet = UNet2DConditionModel.from_pretrained(self.sd / "unet")

        def suffix(key):
            return self.ldm_key(unet, key.rpartition(".")[0]) + "." + key.rpartition(".")[2]

        tiny.write_checkpoint(self.sd, self.dir / "model.safetensors", suffix)
        self.export(
            "--checkpoint",
            self.dir / "model.safetensors",
            "--config",
            self.sd,
            self.dir / "from-file",
            "--scheduler",
            "lcm",
        )
        self.assertIn("PNDMScheduler, so DDIMScheduler replaces it", self.export(self.sd, self.dir / "from-folder"))
        for part in ["text_encoder", "unet", "vae_encoder", "vae_decoder"]:
            a, b = [session(self.dir / name / part / "model.onnx") for name in ["from-file", "from-folder"]]
            feeds = {value.name: self.numbers(value) for value in a.get_inputs()}
            np.testing.assert_allclose(a.run(None, feeds)[0], b.run(None, feeds)[0], atol=1e-5, err_msg=part)
        self.infer(self.dir / "from-file")

    def numbers(self, value) -> np.ndarray:
        shape = [size if isinstance(size, int) else 1 if size == "batch" else 8 for size in value.shape]
        return (
            np.ones(shape, np.int64)
            if value.type == "tensor(int64)"
            else np.random.default_rng(0).standard_normal(shape, dtype=np.float32)
        )

    def test_mistakes_print_one_line(self):
        (self.dir / "empty").mkdir()
        (self.dir / "cut.safetensors").write_bytes(b"\x10\0\0\0\0\0\0\0{")
        (self.dir / "there").mkdir()
        (self.dir / "there/file").write_text("")
        save_file(
            {
                "lora_unet_no_such_layer.lora_down.weight": torch.ones(2, 2),
                "lora_unet_no_such_layer.lora_up.weight": torch.ones(2, 2),
            },
            self.dir / "other.safetensors",
        )
        save_file(
            {"lora_te2_x.lora_down.weight": torch.ones(2, 2), "lora_te2_x.lora_up.weight": torch.ones(2, 2)},
            self.dir / "xl.safetensors",
        )
        save_file(
            {"lora_unet_x.hada_w1_a": torch.ones(2, 2), "lora_unet_x.lora_down.weight": torch.ones(2, 2)},
            self.dir / "loha.safetensors",
        )
        for args, message in [
            ([self.dir / "empty"], "not a diffusers folder"),
            ([self.dir / "nowhere"], "not a diffusers folder"),
            ([self.sd, "--lora", self.dir / "nowhere.safetensors"], "name the .safetensors file of a LoRA"),
            (
                [self.sd, "--lora", self.dir / "other.safetensors"],
                "is for another model: there is no unet layer no_such_layer",
            ),
            ([self.sd, "--lora", self.dir / "xl.safetensors"], "it changes text_encoder_2"),
            ([self.sd, "--lora", self.dir / "loha.safetensors"], "LoHa"),
            ([self.sd, "--tiny-vae", self.sd / "vae"], "not an AutoencoderTiny"),
            ([self.sd, "--tolerance", "1e-12"], "differs from PyTorch"),
            (["--checkpoint", self.dir / "cut.safetensors"], "not a complete safetensors file"),
        ]:
            code, _, error = run(*args, self.dir / "never")
            self.assertEqual((code, error.count("\n")), (2, 1), error)
            self.assertIn(message, error)
            self.assertEqual([path.name for path in self.dir.glob("*never*")], [])
        self.assertIn("already exists", run(self.sd, self.dir / "there")[2])

    def test_full_disk(self):
        with mock.patch("shutil.disk_usage", return_value=mock.Mock(free=1 << 20)):
            code, _, error = run(self.sd, self.dir / "never")
        self.assertEqual(code, 2)
        self.assertIn("free some space", error)
        with mock.patch.object(writer.onnx, "save", side_effect=OSError(28, "No space left on device")):
            self.assertIn("the disk is full", run(self.sd, self.dir / "never")[2])
        self.assertFalse((self.dir / "never").exists())

    def test_missing_package(self):
        code = (
            "import sys; sys.modules['torch'] = None; "
            "from underpaint_export.__main__ import main; sys.exit(main(['a', 'b']))"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).resolve().parents[1]
        )
        self.assertEqual(
            (done.returncode, done.stderr.strip()),
            (2, "underpaint_export: the Python package torch is missing: pip install -r requirements.txt"),
        )


if __name__ == "__main__":
    unittest.main()
