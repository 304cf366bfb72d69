"""A convolution behind a pixel unshuffle reads the picture itself: nothing is shuffled."""

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from .rewrite import Links, ints, remove_unused

MOVES = ("Reshape", "Transpose", "Unsqueeze", "Squeeze", "SpaceToDepth")
CELLS = 4
"""Size in cells of the picture that a chain of moves is tried on."""


def read_unshuffled(graph: onnx.GraphProto) -> None:
    """
    Moves that are a pixel unshuffle of an input of the graph, and a 3 x 3 convolution, become one convolution in
    steps of a cell. That is equal and does the same work, but moves no data.
    """
    links = Links(graph)
    weights = {tensor.name: tensor for tensor in graph.initializer}
    channels = {
        value.name: value.type.tensor_type.shape.dim[1].dim_value for value in graph.input if _is_picture(value)
    }
    for conv in [node for node in graph.node if node.op_type == "Conv" and node.input[1] in weights]:
        moves = _moves_before(conv, links, weights)
        if not moves or moves[0].input[0] not in channels:
            continue
        source = moves[0].input[0]
        weight = numpy_helper.to_array(weights[conv.input[1]])
        block = round((weight.shape[1] / channels[source]) ** 0.5) if channels[source] else 1
        if _is_plain(conv, weight) and block > 1 and _unshuffle(moves, weights, channels[source], block):
            name = f"{conv.name}.weight"
            graph.initializer.append(numpy_helper.from_array(strided(weight, block), name))
            conv.input[0], conv.input[1] = source, name
            del conv.attribute[:]
            conv.attribute.append(helper.make_attribute("strides", [block] * 2))
            conv.attribute.append(helper.make_attribute("pads", [block] * 4))
            for node in moves:
                graph.node.remove(node)
    remove_unused(graph)


def _is_picture(value: onnx.ValueInfoProto) -> bool:
    return len(value.type.tensor_type.shape.dim) == 4


def _is_plain(conv: onnx.NodeProto, weight: np.ndarray) -> bool:
    is_one_step = ints(conv, "strides", [1, 1]) == [1, 1] == ints(conv, "dilations", [1, 1])
    is_whole = ints(conv, "group", [1]) == [1] and ints(conv, "pads", []) == [1] * 4
    return is_one_step and is_whole and list(weight.shape[2:]) == [3, 3]


def _moves_before(conv: onnx.NodeProto, links: Links, weights: dict[str, TensorProto]) -> list[onnx.NodeProto]:
    """The moves between an earlier value and the convolution, which nothing else reads, in their order."""
    moves: list[onnx.NodeProto] = []
    value = conv.input[0]
    while node := links.maker.get(value):
        if node.op_type not in MOVES or links.only_reader(value) is None:
            break
        if any(name not in weights for name in node.input[1:]):
            break
        moves.insert(0, node)
        value = node.input[0]
    return moves


def _unshuffle(moves: list[onnx.NodeProto], weights: dict[str, TensorProto], channels: int, block: int) -> bool:
    """Whether the moves are a pixel unshuffle by `block`: tried on a picture whose values are all different."""
    size = (1, channels, CELLS * block, (CELLS + 1) * block)
    x = np.arange(np.prod(size), dtype=np.float32).reshape(size)
    graph = helper.make_graph(
        moves,
        "moves",
        [helper.make_tensor_value_info(moves[0].input[0], TensorProto.FLOAT, [None] * 4)],
        [helper.make_tensor_value_info(moves[-1].output[0], TensorProto.FLOAT, None)],
        [weights[name] for node in moves for name in node.input[1:]],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    try:
        [y] = onnxruntime.InferenceSession(model.SerializeToString()).run(None, {moves[0].input[0]: x})
    except Exception:  # ONNX Runtime's own exceptions have no common base; these moves do not fit the picture
        return False
    cells = x.reshape(1, channels, CELLS, block, CELLS + 1, block).transpose(0, 1, 3, 5, 2, 4)
    return np.array_equal(y, cells.reshape(1, channels * block**2, CELLS, CELLS + 1))


def strided(weight: np.ndarray, block: int) -> np.ndarray:
    """
    Args:
        weight: [O, C * block ** 2, k, k], for channels in the order C, row, column
    Returns:
        [O, C, k * block, k * block], for a picture that was not unshuffled
    """
    out, channels, size, _ = weight.shape
    cells = weight.reshape(out, channels // block**2, block, block, size, size)
    return np.ascontiguousarray(cells.transpose(0, 1, 4, 2, 5, 3).reshape(out, -1, size * block, size * block))
