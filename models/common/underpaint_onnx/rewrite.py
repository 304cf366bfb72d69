"""Equal graphs that quantise better: activations that int8 has, and shuffles behind a convolution."""

from collections import defaultdict

import numpy as np
import onnx
from onnx import helper, numpy_helper

FEW = 64
"""A convolution behind a pixel shuffle moves before it if it then has at most so many output channels."""


class Links:
    """The maker and the readers of each value of a graph."""

    def __init__(self, graph: onnx.GraphProto):
        self.maker = {name: node for node in graph.node for name in node.output}
        self.readers: dict[str, list[onnx.NodeProto]] = defaultdict(list)
        for node in graph.node:
            for name in node.input:
                self.readers[name].append(node)
        self.results = {value.name for value in graph.output}

    def only_reader(self, value: str) -> onnx.NodeProto | None:
        """The node that reads the value, if it is the only one and the value is no output of the graph."""
        readers = self.readers[value]
        return readers[0] if len(readers) == 1 and value not in self.results else None


def ints(node: onnx.NodeProto, name: str, default: list[int]) -> list[int]:
    """An attribute of one or more whole numbers."""
    found = [attribute for attribute in node.attribute if attribute.name == name]
    return list(found[0].ints) or [found[0].i] if found else default


def shuffles_last(graph: onnx.GraphProto) -> None:
    """
    DepthToSpace, Relu, Conv becomes Relu, Conv, DepthToSpace, where the convolution has few output channels, as the
    last one of a decoder. It then has b * b times the work on smaller pictures, and none of its data has to be
    shuffled while it is large: in int8 that takes half of the time, because a convolution with few output channels does
    not fill the units of a processor.
    """
    links = Links(graph)
    weights = {tensor.name: tensor for tensor in graph.initializer}
    for shuffle in [node for node in graph.node if node.op_type == "DepthToSpace"]:
        relu = links.only_reader(shuffle.output[0])
        conv = links.only_reader(relu.output[0]) if relu is not None and relu.op_type == "Relu" else relu
        if conv is not None and _fits(conv, weights, ints(shuffle, "blocksize", [1])[0]):
            _swap(graph, shuffle, relu if relu is not conv else None, conv, weights)
    remove_unused(graph)


def remove_unused(graph: onnx.GraphProto) -> None:
    """Removes weights that no node reads."""
    used = {name for node in graph.node for name in node.input}
    for tensor in [tensor for tensor in graph.initializer if tensor.name not in used]:
        graph.initializer.remove(tensor)


def _fits(conv: onnx.NodeProto, weights: dict[str, onnx.TensorProto], block: int) -> bool:
    if conv.op_type != "Conv" or any(name not in weights for name in conv.input[1:]):
        return False
    out, _, *kernel = weights[conv.input[1]].dims
    plain = ints(conv, "strides", [1, 1]) == [1, 1] == ints(conv, "dilations", [1, 1]) and ints(conv, "group", [1]) == [
        1
    ]
    return plain and kernel == [3, 3] and ints(conv, "pads", []) == [1] * 4 and out * block**2 <= FEW


def _swap(
    graph: onnx.GraphProto,
    shuffle: onnx.NodeProto,
    relu: onnx.NodeProto | None,
    conv: onnx.NodeProto,
    weights: dict[str, onnx.TensorProto],
) -> None:
    block = ints(shuffle, "blocksize", [1])[0]
    is_crd = any(attribute.name == "mode" and attribute.s == b"CRD" for attribute in shuffle.attribute)
    weight = numpy_helper.to_array(weights[conv.input[1]])
    names = [f"{conv.name or conv.output[0]}.{part}" for part in ("weight", "bias")]
    graph.initializer.append(numpy_helper.from_array(before_shuffle(weight, block, is_crd), names[0]))
    inputs = [names[0]]
    if len(conv.input) > 2:
        bias = numpy_helper.to_array(weights[conv.input[2]])
        graph.initializer.append(numpy_helper.from_array(np.repeat(bias, block**2), names[1]))
        inputs = names
    data, result, middle = shuffle.input[0], conv.output[0], f"{conv.output[0]}.unshuffled"
    new = [helper.make_node("DepthToSpace", [middle], [result], name=shuffle.name, blocksize=block, mode="CRD")]
    new.insert(
        0, helper.make_node("Conv", [relu.output[0] if relu else data, *inputs], [middle], name=conv.name, pads=[1] * 4)
    )
    if relu:
        new.insert(0, helper.make_node("Relu", [data], list(relu.output), name=relu.name))
    at = list(graph.node).index(conv)
    for node in new:
        graph.node.insert(at, node)
        at += 1
    for node in (shuffle, relu, conv):
        if node is not None:
            graph.node.remove(node)


def before_shuffle(weight: np.ndarray, block: int, is_crd: bool) -> np.ndarray:
    """
    The kernel of a 3 x 3 convolution for a picture before a pixel shuffle.

    Args:
        weight: [O, C, 3, 3]
        is_crd: the channels of the picture are C, row, column, and not row, column, C
    Returns:
        [O * block ** 2, C * block ** 2, 3, 3], its output channels in the order O, row, column
    """
    out, channels, *_ = weight.shape
    new = np.zeros((out, block, block, channels, block, block, 3, 3), weight.dtype)
    for row, column, y, x in np.ndindex(block, block, 3, 3):
        # Pixel (row, column) of a cell reads the pixel so many rows and columns further on, perhaps of another cell.
        (cell_y, from_row), (cell_x, from_column) = (divmod(row + y - 1, block), divmod(column + x - 1, block))
        new[:, row, column, :, from_row, from_column, cell_y + 1, cell_x + 1] = weight[:, :, y, x]
    if not is_crd:
        new = new.transpose(0, 1, 2, 4, 5, 3, 6, 7)
    return np.ascontiguousarray(new.reshape(out * block**2, channels * block**2, 3, 3))


def leaky_relus(graph: onnx.GraphProto, names: set[str]) -> None:
    """Relu as a LeakyRelu without a slope, which ONNX Runtime has in int8."""
    for node in graph.node:
        if node.op_type == "Relu" and node.name in names:
            node.op_type = "LeakyRelu"
            node.attribute.append(helper.make_attribute("alpha", 0.0))
