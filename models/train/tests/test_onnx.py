"""Graphs of the shared ONNX writer: weights are stored once, and a graph that differs from its module is an error."""

import tempfile
import unittest
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

import underpaint_train  # noqa: F401 (makes the shared writer importable)
from underpaint_onnx.check import compare, expect, write_checked
from underpaint_onnx.errors import GraphError
from underpaint_onnx.graphs import BATCH, GraphSpec
from underpaint_onnx.storage import halved, store_unchanged
from underpaint_onnx.writer import write_graph


def example(batch: int, _high: int, _wide: int) -> dict[str, Tensor]:
    return {"x": torch.randn(batch, 3, 64, generator=torch.Generator().manual_seed(batch))}


class OnnxTest(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.out = Path(temporary.name)
        torch.manual_seed(0)
        # Three dimensions, so that the exporter makes a product of a transposed weight.
        self.module = nn.Sequential(nn.Linear(64, 96), nn.ReLU(), nn.Linear(96, 8)).eval()
        self.spec = GraphSpec(
            "part", self.module, lambda module, x: module(x), example, ["y"], {"x": BATCH, "y": BATCH}
        )

    def write(self, storage) -> onnx.ModelProto:
        expected = expect(self.spec)
        write_graph(self.spec, self.out / "part", expected.shapes, storage)
        compare(self.out / "part/model.onnx", expected, 1e-2)
        return onnx.load(self.out / "part/model.onnx", load_external_data=False)

    def test_weights_of_a_safetensors_file_are_not_stored_again(self):
        (self.out / "part").mkdir()
        state = {name: value.half() for name, value in self.module.state_dict().items()}
        save_file(state, self.out / "part/weights.safetensors")
        shared = self.write(halved("weights.safetensors"))
        places = {value.name: {e.key: e.value for e in value.external_data} for value in shared.graph.initializer}
        large = [place for place in places.values() if place]
        self.assertEqual(len(large), 3, places)
        self.assertEqual({place["location"] for place in large}, {"weights.safetensors"})
        self.assertIn("Transpose", [node.op_type for node in shared.graph.node])
        alone = self.write(halved())
        self.assertFalse(any(value.external_data for value in alone.graph.initializer))
        for value in alone.graph.initializer:
            wanted = onnx.TensorProto.FLOAT16 if np.prod(value.dims) >= 64 else onnx.TensorProto.FLOAT
            self.assertEqual(value.data_type, wanted, value.name)

    def test_unchanged_weights_give_the_same_numbers(self):
        self.write(store_unchanged)
        session = onnxruntime.InferenceSession(self.out / "part/model.onnx", providers=["CPUExecutionProvider"])
        x = example(5, 1, 1)["x"]
        [got] = session.run(None, {"x": x.numpy()})
        np.testing.assert_allclose(got, self.module(x).detach().numpy(), atol=1e-5)

    def test_a_graph_that_differs_is_an_error(self):
        with self.assertRaisesRegex(GraphError, "differs from PyTorch by"):
            write_checked(self.spec, self.out, 1e-9, halved())


if __name__ == "__main__":
    unittest.main()
