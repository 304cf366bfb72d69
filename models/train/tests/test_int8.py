"""int8 graphs: nodes that stay in float, seven bits of weights, and pictures that stay the same."""

import tempfile
import unittest
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import numpy_helper
from torch import Tensor, nn

import underpaint_train  # noqa: F401 (makes the shared writer importable)
from underpaint_onnx.graphs import PICTURE, GraphSpec
from underpaint_onnx.quantise import FILE, quantise
from underpaint_onnx.storage import halved
from underpaint_onnx.writer import write_graph


def example(batch: int, high: int, wide: int) -> dict[str, Tensor]:
    return {"x": torch.rand(batch, 3, 16 * high, 16 * wide, generator=torch.Generator().manual_seed(batch))}


class QuantiseTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.folder = Path(temporary.name) / "part"
        torch.manual_seed(0)
        convolutions = [nn.Conv2d(a, b, 3, padding=1) for a, b in ((3, 16), (16, 16), (16, 16), (16, 3))]
        module = nn.Sequential(*(layer for one in convolutions for layer in (one, nn.ReLU()))).eval()
        spec = GraphSpec("part", module, lambda module, x: module(x), example, ["y"], {"x": PICTURE, "y": PICTURE})
        write_graph(spec, cls.folder, {"y": (2, 3, 16, 32)}, halved())
        quantise(cls.folder, ({"x": example(1, 1, i + 1)["x"].numpy()} for i in range(4)))
        cls.graph = onnx.load(cls.folder / FILE).graph

    def test_the_first_and_the_last_convolution_stay_in_float(self):
        made_by = {name: node.op_type for node in self.graph.node for name in node.output}
        sources = [made_by.get(node.input[1], "float") for node in self.graph.node if node.op_type == "Conv"]
        # Weights of a folder in half precision stay so, with a cast behind each.
        self.assertEqual(sources, ["Cast", "DequantizeLinear", "DequantizeLinear", "Cast"])

    def test_weights_have_seven_bits_and_a_scale_for_each_channel(self):
        weights = [w for w in map(numpy_helper.to_array, self.graph.initializer) if w.dtype == np.int8 and w.ndim == 4]
        self.assertEqual(len(weights), 2)
        for weight in weights:
            self.assertGreaterEqual(int(weight.min()), -64)
            self.assertLessEqual(int(weight.max()), 64)
            self.assertGreater(int(np.abs(weight).max((1, 2, 3)).min()), 55)

    def test_the_same_numbers_nearly(self):
        x = {"x": example(3, 2, 2)["x"].numpy()}
        [whole], [small] = (
            onnxruntime.InferenceSession(self.folder / name, providers=["CPUExecutionProvider"]).run(None, x)
            for name in ("model.onnx", FILE)
        )
        self.assertLess(float(np.abs(whole - small).max() / np.abs(whole).max()), 0.05)
        self.assertGreater(float(np.abs(whole - small).max()), 0)


if __name__ == "__main__":
    unittest.main()
