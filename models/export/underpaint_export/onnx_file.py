"""
A traced graph and its weights as one ONNX file with the weights beside it.

The exporter of PyTorch is asked for the graph alone. Weights go from where they lie in memory to the file one by one,
so that nothing holds them twice, and a model may be larger than the 2 GB that a protobuf can be."""

import io
import math
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import StringStringEntryProto, TensorProto, numpy_helper
from torch import Tensor

from .graphs import Call, GraphSpec

OPSET = 17
EXTERNAL_ABOVE = 16 << 20
"""Bytes of weights that still go into the graph's own file; those outside it are mapped when they are loaded, not
read."""
INLINE_BELOW = 1024
ALIGNMENT = 4096
DATA_FILE = "model.onnx_data"


def write_graph(spec: GraphSpec, folder: Path, shapes: dict[str, tuple[int, ...]]) -> int:
    """
    Writes `folder`/model.onnx.

    Args:
        shapes: of some outputs by name: their sizes that no axis leaves free are written down
    Returns:
        bytes of the graph and its weights
    """
    folder.mkdir(parents=True, exist_ok=True)
    call = Call(spec).eval()
    model = trace(call, spec)
    weights = dict(call.named_parameters(remove_duplicate=False)) | dict(call.named_buffers(remove_duplicate=False))
    graph = model.graph
    names = [value.name for value in graph.input if value.name in weights]
    kept = [value for value in graph.input if value.name not in weights]
    del graph.input[:]
    graph.input.extend(kept)
    del graph.value_info[:]
    stored = {name: weights[name] for name in names} | fold_transposes(model, {name: weights[name] for name in names})
    used = {name for node in graph.node for name in node.input}
    stored = {name: weight for name, weight in stored.items() if name in used}
    is_external = sum(weight.numel() * weight.element_size() for weight in stored.values()) > EXTERNAL_ABOVE
    with open(folder / DATA_FILE, "wb") if is_external else io.BytesIO() as data:
        for name, weight in stored.items():
            graph.initializer.append(store(name, to_numpy(weight), data if is_external else None))
    for value in graph.output:
        for axis, size in enumerate(shapes[value.name]):
            if axis not in spec.axes.get(value.name, {}):
                value.type.tensor_type.shape.dim[axis].dim_value = size
    onnx.save(model, folder / "model.onnx")
    return sum(path.stat().st_size for path in folder.glob("model.onnx*"))


def trace(call: Call, spec: GraphSpec) -> onnx.ModelProto:
    inputs = spec.example(2, 1, 2)
    file = io.BytesIO()
    with torch.no_grad():
        torch.onnx.export(
            call,
            tuple(inputs.values()),
            file,
            input_names=list(inputs),
            output_names=spec.outputs,
            dynamic_axes=spec.axes,
            opset_version=OPSET,
            export_params=False,
            do_constant_folding=False,
            dynamo=False,
        )
    return onnx.load_from_string(file.getvalue())


def fold_transposes(model: onnx.ModelProto, weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Weights that the graph turns before it uses them, turned; the nodes that did it are gone."""
    folded = {}
    nodes = []
    for node in model.graph.node:
        if node.op_type == "Transpose" and node.input[0] in weights:
            folded[node.output[0]] = weights[node.input[0]].permute(*node.attribute[0].ints)
        else:
            nodes.append(node)
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return folded


def to_numpy(weight: Tensor) -> np.ndarray:
    value = weight.detach().cpu()
    return np.ascontiguousarray((value.float() if value.dtype == torch.bfloat16 else value).numpy())


def store(name: str, value: np.ndarray, data: io.BufferedWriter | None) -> TensorProto:
    """A weight in the graph's own file, or at the end of the file of data."""
    if data is None or value.nbytes < INLINE_BELOW:
        return numpy_helper.from_array(value, name)
    offset = math.ceil(data.tell() / ALIGNMENT) * ALIGNMENT
    data.write(b"\0" * (offset - data.tell()))
    data.write(value.data if value.ndim else value.tobytes())
    tensor = TensorProto(
        name=name,
        data_type=onnx.helper.np_dtype_to_tensor_dtype(value.dtype),
        dims=value.shape,
        data_location=TensorProto.EXTERNAL,
    )
    place = {"location": DATA_FILE, "offset": offset, "length": value.nbytes}
    tensor.external_data.extend(StringStringEntryProto(key=key, value=str(number)) for key, number in place.items())
    return tensor
