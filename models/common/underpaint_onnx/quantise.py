"""Graphs whose convolutions and products run in int8, for processors.

ONNX Runtime's static quantisation: activations unsigned, weights signed with a scale for each output channel, in seven
bits, so that processors without VNNI do not overflow. The first and the last convolution stay in float.
"""

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

OPERATORS = ["Conv", "MatMul", "Gemm"]
FILE = "model_int8.onnx"
"""Beside model.onnx, named as the ecosystem does."""

Feeds = Iterable[dict[str, np.ndarray]]
"""Inputs of a graph by name, one dictionary for each call."""


class _Reader(CalibrationDataReader):
    def __init__(self, feeds: Feeds):
        self.feeds: Iterator[dict[str, np.ndarray]] = iter(feeds)

    def get_next(self) -> dict[str, np.ndarray] | None:
        return next(self.feeds, None)


def quantise(folder: Path, feeds: Feeds, keep_float: tuple[str, ...] = ()) -> Path:
    """
    Writes model_int8.onnx beside `folder`/model.onnx.

    Args:
        feeds: inputs as in use, a few dozen calls; they give the ranges of the values
        keep_float: nodes with one of these in their names stay in float, beside the first and the last convolution
    Returns:
        path of the new graph
    """
    out = folder / FILE
    with tempfile.TemporaryDirectory() as temporary:
        whole = _folded(folder / "model.onnx", Path(temporary))
        names = [node.name for node in onnx.load(whole).graph.node if node.op_type == "Conv"]
        left = [*names[:1], *names[-1:]]
        left += [name for name in names if any(part in name for part in keep_float)]
        quantize_static(
            whole,
            out,
            _Reader(feeds),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=OPERATORS,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
            nodes_to_exclude=left,
            calibrate_method=CalibrationMethod.MinMax,
        )
    return out


def _folded(graph: Path, temporary: Path) -> Path:
    """The same graph with float32 weights of its own: casts of stored float16 weights are carried out."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(temporary / "folded.onnx")
    onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    quant_pre_process(temporary / "folded.onnx", temporary / "whole.onnx", skip_symbolic_shape=True)
    return temporary / "whole.onnx"
