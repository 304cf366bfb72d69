"""Equal graphs that quantise better, and which nodes are quantised."""

import unittest

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

import underpaint_train  # noqa: F401 (makes the shared writer importable)
from underpaint_onnx.quantise import Choice, between, products_of
from underpaint_onnx.rewrite import shuffles_last
from underpaint_onnx.rewrite_first import read_unshuffled


def model_of(nodes: list[onnx.NodeProto], weights: dict[str, tuple[int, ...]], channels: int) -> onnx.ModelProto:
    """A graph from x [B, channels, h, w] to y, with random weights of these shapes."""
    noise = np.random.default_rng(7)
    initializers = [
        numpy_helper.from_array(noise.normal(size=shape).astype(np.float32), name) for name, shape in weights.items()
    ]
    graph = helper.make_graph(
        nodes,
        "graph",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", channels, "height", "width"])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        initializers,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def conv(name: str, source: str, to: str, *weights: str, size: int = 3, stride: int = 1) -> onnx.NodeProto:
    return helper.make_node("Conv", [source, *weights], [to], name=name, pads=[size // 2] * 4, strides=[stride] * 2)


def run(model: onnx.ModelProto, x: np.ndarray) -> np.ndarray:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    [y] = onnxruntime.InferenceSession(model.SerializeToString(), options).run(None, {"x": x})
    return y


class ShuffleTest(unittest.TestCase):
    def rewritten(
        self, mode: str, with_relu: bool, out: int = 3, kernel: int = 3
    ) -> tuple[onnx.ModelProto, np.ndarray]:
        """The model after the rewrite, and what it gave before."""
        middle = "shuffled"
        nodes = [helper.make_node("DepthToSpace", ["x"], ["shuffled"], name="up", blocksize=2, mode=mode)]
        if with_relu:
            nodes.append(helper.make_node("Relu", ["shuffled"], ["positive"], name="relu"))
            middle = "positive"
        nodes.append(conv("last", middle, "y", "weight", "bias", size=kernel))
        model = model_of(nodes, {"weight": (out, 5, kernel, kernel), "bias": (out,)}, 20)
        before = run(model, self.x)
        shuffles_last(model.graph)
        return model, before

    def setUp(self):
        self.x = np.random.default_rng(1).normal(size=(2, 20, 4, 6)).astype(np.float32)

    def test_the_same_numbers_with_the_shuffle_behind_the_convolution(self):
        for mode in ("CRD", "DCR"):
            for with_relu in (True, False):
                with self.subTest(mode=mode, with_relu=with_relu):
                    model, before = self.rewritten(mode, with_relu)
                    self.assertEqual([node.op_type for node in model.graph.node][-2:], ["Conv", "DepthToSpace"])
                    np.testing.assert_allclose(run(model, self.x), before, atol=1e-4)
                    self.assertEqual({len(tensor.dims) for tensor in model.graph.initializer}, {1, 4})
                    self.assertEqual(len(model.graph.initializer), 2)

    def test_other_convolutions_stay_where_they_are(self):
        for out, kernel in ((32, 3), (3, 1)):
            model, _ = self.rewritten("CRD", True, out, kernel)
            self.assertEqual([node.op_type for node in model.graph.node], ["DepthToSpace", "Relu", "Conv"])


class UnshuffleTest(unittest.TestCase):
    def rewritten(self, perm: list[int]) -> tuple[onnx.ModelProto, np.ndarray, np.ndarray]:
        """The model after the rewrite, its input, and what it gave for it before."""
        nodes = [
            helper.make_node("Reshape", ["x", "cells"], ["a"], name="cells"),
            helper.make_node("Transpose", ["a"], ["b"], name="turn", perm=perm),
            helper.make_node("Reshape", ["b", "channels"], ["c"], name="channels"),
            conv("first", "c", "y", "weight", "bias"),
        ]
        model = model_of(nodes, {"weight": (8, 12, 3, 3), "bias": (8,)}, 3)
        for name, shape in (("cells", [0, 3, 4, 2, 5, 2]), ("channels", [0, 12, 4, 5])):
            model.graph.initializer.append(numpy_helper.from_array(np.array(shape, np.int64), name))
        x = np.random.default_rng(2).normal(size=(2, 3, 8, 10)).astype(np.float32)
        before = run(model, x)
        read_unshuffled(model.graph)
        return model, x, before

    def test_the_same_numbers_without_moves(self):
        model, x, before = self.rewritten([0, 1, 3, 5, 2, 4])
        self.assertEqual([node.op_type for node in model.graph.node], ["Conv"])
        self.assertEqual(sorted(list(tensor.dims) for tensor in model.graph.initializer), [[8], [8, 3, 6, 6]])
        np.testing.assert_allclose(run(model, x), before, atol=1e-4)

    def test_other_moves_stay(self):
        model, x, before = self.rewritten([0, 1, 5, 3, 2, 4])
        self.assertEqual(len(model.graph.node), 4)
        np.testing.assert_array_equal(run(model, x), before)


class ChoiceTest(unittest.TestCase):
    def setUp(self):
        """Two residual blocks between convolutions, and a 1 x 1 shortcut from the input of the second."""
        nodes = [
            conv("first", "x", "a", "w.first"),
            conv("wide", "a", "b", "w.wide"),
            helper.make_node("Relu", ["b"], ["c"], name="relu"),
            conv("again", "c", "d", "w.again"),
            helper.make_node("Add", ["a", "d"], ["e"], name="add"),
            helper.make_node("Relu", ["e"], ["f"], name="relu.2"),
            conv("narrow", "f", "g", "w.narrow", size=1),
            conv("third", "g", "h", "w.third"),
            conv("last", "h", "y", "w.last"),
        ]
        shapes = {"w.first": (32, 3, 3, 3), "w.narrow": (32, 32, 1, 1), "w.last": (3, 32, 3, 3)}
        shapes |= dict.fromkeys(["w.wide", "w.again", "w.third"], (32, 32, 3, 3))
        self.graph = model_of(nodes, shapes, 3).graph
        self.products = products_of(self.graph, Choice())

    def test_products_with_much_work_between_the_ends(self):
        self.assertEqual(self.products, {"wide", "again", "third"})
        self.assertEqual(products_of(self.graph, Choice(keep_float=("aga",))), {"wide", "third"})
        self.assertEqual(products_of(self.graph, Choice(least_work=16)), {"wide", "again", "narrow", "third"})

    def test_what_lies_between_them_too_with_activations_that_int8_has(self):
        self.assertEqual(between(self.graph, self.products), {"relu", "add", "relu.2", "narrow"})
        types = {node.name: node.op_type for node in self.graph.node}
        self.assertEqual([types["relu"], types["relu.2"]], ["Relu", "LeakyRelu"])

    def test_nothing_whose_value_is_read_in_float(self):
        self.graph.node.append(helper.make_node("Sigmoid", ["e"], ["z"], name="sigmoid"))
        self.assertEqual(between(self.graph, self.products), {"relu", "relu.2", "narrow"} - {"relu.2", "narrow"})

    def test_the_last_convolution_before_a_shuffle(self):
        self.graph.node[-1].output[0] = "packed"
        self.graph.node.append(helper.make_node("DepthToSpace", ["packed"], ["y"], name="up", blocksize=1))
        choice = Choice(least_work=16)
        self.assertEqual(products_of(self.graph, choice), {"wide", "again", "narrow", "third", "last"})


if __name__ == "__main__":
    unittest.main()
