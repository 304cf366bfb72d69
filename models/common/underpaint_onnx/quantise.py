"""Graphs whose large convolutions and products run in int8, for processors.

ONNX Runtime's static quantisation in QDQ form: activations unsigned, weights signed with a scale for each output
channel, in seven bits, so that processors without VNNI do not overflow.
"""

import contextlib
import logging
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static

from .errors import GraphError
from .rewrite import Links, ints, leaky_relus, shuffles_last
from .rewrite_first import read_unshuffled
from .storage import SMALL

FILE = "model_int8.onnx"
"""Beside model.onnx, named as the ecosystem does."""
LEAST_WORK = 64
"""Products with fewer multiplications for each value that they read or write stay in float: converting these values
costs more than int8 saves. They are also those that lose most, such as the shortcuts around a residual block."""
PRODUCTS = ("Conv", "MatMul")
CARRIERS = ("Add", "Relu", "LeakyRelu", "DepthToSpace")
"""Operators that stay in int8 between two quantised products."""
LARGE = 1 << 30
"""A graph with more bytes keeps its weights in a file beside it, because a protobuf is limited to two gigabytes."""

Feeds = Iterable[dict[str, np.ndarray]]
"""Inputs of a graph by name, one dictionary for each call."""


class _Reader(CalibrationDataReader):
    def __init__(self, feeds: Feeds):
        self.feeds: Iterator[dict[str, np.ndarray]] = iter(feeds)

    def get_next(self) -> dict[str, np.ndarray] | None:
        return next(self.feeds, None)


@dataclass(frozen=True)
class Choice:
    """Which products are quantised."""

    least_work: float = LEAST_WORK
    keep_float: tuple[str, ...] = ()
    """Nodes with one of these in their names stay in float, beside those that `products_of` leaves out."""


USUAL = Choice()


def quantise(folder: Path, feeds: Feeds, choice: Choice = USUAL) -> Path | None:
    """
    Writes model_int8.onnx beside `folder`/model.onnx.

    Args:
        feeds: inputs as in use, a few dozen calls; they give the ranges of the values
    Returns:
        path of the new graph; None if no product of it is faster in int8
    Raises:
        GraphError: if the graph is in half precision
    """
    out = folder / FILE
    with tempfile.TemporaryDirectory() as temporary:
        whole = _folded(folder / "model.onnx", Path(temporary))
        model = onnx.load(whole)
        if any(value.type.tensor_type.elem_type == onnx.TensorProto.FLOAT16 for value in model.graph.input):
            raise GraphError(f"{folder / 'model.onnx'} is in half precision: quantise the model in fp32")
        # Nodes are chosen by name, and not all exporters name them.
        for number, node in enumerate(model.graph.node):
            node.name = node.name or f"{node.op_type}.{number}"
        read_unshuffled(model.graph)
        shuffles_last(model.graph)
        products = products_of(model.graph, choice)
        if not products:
            return None
        carriers = between(model.graph, products)
        is_large = whole.stat().st_size + sum(path.stat().st_size for path in whole.parent.glob("*_data")) > LARGE
        ready = Path(temporary) / "ready.onnx"
        onnx.save(model, ready, save_as_external_data=is_large, location="ready.onnx_data")
        new = Path(temporary) / FILE
        with _without_advice():
            quantize_static(
                ready,
                new,
                _Reader(feeds),
                quant_format=QuantFormat.QDQ,
                op_types_to_quantize=sorted(
                    {node.op_type for node in model.graph.node if node.name in products | carriers}
                ),
                nodes_to_quantize=sorted(products | carriers),
                activation_type=QuantType.QUInt8,
                weight_type=QuantType.QInt8,
                per_channel=True,
                reduce_range=True,
                calibrate_method=CalibrationMethod.MinMax,
                use_external_data_format=is_large,
            )
        if not is_large:
            halve_exact(new)
        for file in Path(temporary).glob(f"{FILE}*"):
            shutil.move(file, folder / file.name)
    return out


@contextlib.contextmanager
def _without_advice() -> Iterator[None]:
    """ONNX Runtime advises to prepare the graph as `quantise` has done."""
    logger = logging.getLogger()
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


def halve_exact(path: Path) -> None:
    """Stores the float32 weights of a graph as float16 with a Cast behind each, where that loses nothing: the model was
    trained or published in half precision."""
    model = onnx.load(path)
    casts = []
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < SMALL:
            continue
        with np.errstate(over="ignore"):
            half = values.astype(np.float16)
        if np.array_equal(half.astype(np.float32), values):
            name = tensor.name
            tensor.CopyFrom(numpy_helper.from_array(half, f"{name}.fp16"))
            casts.append(helper.make_node("Cast", [tensor.name], [name], name=f"{name}.cast", to=TensorProto.FLOAT))
    for node in reversed(casts):
        model.graph.node.insert(0, node)
    onnx.save(model, path)


def psnr(folder: Path, feeds: Feeds) -> float:
    """PSNR of `folder`/model_int8.onnx against model.onnx in dB, of all outputs of all calls. The peak is the range
    of an output."""
    plain, int8 = (_session(folder / name) for name in ("model.onnx", FILE))
    shares = []
    for inputs in feeds:
        for a, b in zip(plain.run(None, inputs), int8.run(None, inputs)):
            shares.append(((a - b) ** 2).mean() / max(float(a.max() - a.min()) ** 2, 1e-12))
    return float(-10 * np.log10(max(float(np.mean(shares)), 1e-12)))


def _session(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def products_of(graph: onnx.GraphProto, choice: Choice) -> set[str]:
    """
    Names of the products to quantise: convolutions and matrix products with weights that do enough work. The first and
    the last convolution stay in float, except one whose picture is shuffled together from its channels: its values are
    many, and they are the picture's own eight bits.
    """
    sizes = {tensor.name: list(tensor.dims) for tensor in graph.initializer}
    ends = _ends(graph)
    return {
        node.name
        for node in graph.node
        if work(node, sizes) >= choice.least_work
        and node.name not in ends
        and not any(part in node.name for part in choice.keep_float)
    }


def _ends(graph: onnx.GraphProto) -> set[str]:
    links = Links(graph)
    convolutions = [node for node in graph.node if node.op_type == "Conv"]
    first, last = convolutions[:1], convolutions[-1:]
    readers = [links.only_reader(node.output[0]) for node in last]
    is_shuffled = any(reader is not None and reader.op_type == "DepthToSpace" for reader in readers)
    return {node.name for node in (first if is_shuffled else first + last)}


def work(node: onnx.NodeProto, sizes: dict[str, list[int]]) -> float:
    """Multiplications for each value read or written, by the size of the weights; 0 for other nodes."""
    weight = sizes.get(node.input[1]) if node.op_type in PRODUCTS else None
    if not weight:
        return 0
    if node.op_type == "MatMul":
        return weight[0] * weight[1] / (weight[0] + weight[1]) if len(weight) == 2 else 0
    out, channels, *kernel = weight
    groups, stride = ints(node, "group", [1])[0], int(np.prod(ints(node, "strides", [1])))
    return float(out * channels * np.prod(kernel)) / (out + channels * groups * stride)


def between(graph: onnx.GraphProto, products: set[str]) -> set[str]:
    """
    Names of the carriers to quantise: they read at least one value that is in int8, and all their readers take int8 or
    are the end of the graph. Relus among them that do not follow a product directly become LeakyRelus.
    """
    links = Links(graph)
    sizes = {tensor.name: list(tensor.dims) for tensor in graph.initializer}
    ends = _ends(graph)
    chosen = {
        node.name
        for node in graph.node
        if node.op_type in CARRIERS or (node.op_type == "Conv" and work(node, sizes) and node.name not in ends)
    } - products
    is_int8 = lambda node: node is not None and node.name in products | chosen  # noqa: E731
    while lost := {
        node.name
        for node in graph.node
        if node.name in chosen
        and not (
            any(is_int8(links.maker.get(name)) for name in node.input)
            and all(is_int8(reader) for name in node.output for reader in links.readers[name])
        )
    }:
        chosen -= lost
    made = {name: node for name, node in links.maker.items() if node.op_type in PRODUCTS and is_int8(node)}
    leaky_relus(graph, {node.name for node in graph.node if node.name in chosen and node.input[0] not in made})
    return chosen


def _folded(graph: Path, temporary: Path) -> Path:
    """The same graph with float32 weights of its own: casts of stored float16 weights are carried out."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(temporary / "folded.onnx")
    if sum(path.stat().st_size for path in graph.parent.iterdir() if path.is_file()) > LARGE // 2:
        options.add_session_config_entry("session.optimized_model_external_initializers_file_name", "folded.onnx_data")
    onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    return temporary / "folded.onnx"
