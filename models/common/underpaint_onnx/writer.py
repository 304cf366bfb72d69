"""A traced graph and its weights as one ONNX file.

PyTorch's exporter writes the graph alone. Weights go from memory to the file one by one, so they are never held twice,
and a model may be larger than the 2 GB that a protobuf can be.
"""

import io
from pathlib import Path

import onnx
import torch
from torch import Tensor

from .graphs import Call, GraphSpec
from .storage import Storage, store_unchanged

OPSET = 17


def write_graph(
    spec: GraphSpec, folder: Path, shapes: dict[str, tuple[int, ...]], storage: Storage = store_unchanged
) -> int:
    """
    Writes `folder`/model.onnx.

    Args:
        shapes: of outputs by name; sizes that no axis leaves free are written into the graph
        storage: how the weights are stored
    Returns:
        bytes of the graph and its weights
    """
    folder.mkdir(parents=True, exist_ok=True)
    call = Call(spec).eval()
    model = trace(call, spec)
    storage(model.graph, take_weights(call, model.graph), folder)
    for value in model.graph.output:
        for axis, size in enumerate(shapes[value.name]):
            if axis not in spec.axes.get(value.name, {}):
                value.type.tensor_type.shape.dim[axis].dim_value = size
    onnx.save(model, folder / "model.onnx")
    return sum(path.stat().st_size for path in folder.glob("model.onnx*"))


def trace(call: Call, spec: GraphSpec) -> onnx.ModelProto:
    """The graph; its weights are inputs that have their names in `call`."""
    inputs = spec.example(2, 1, 2)
    file = io.BytesIO()
    with torch.no_grad():
        torch.onnx.export(
            call,
            tuple(inputs.values()),
            file,  # type: ignore[arg-type]  # torch's types leave out that it writes to streams
            input_names=list(inputs),
            output_names=spec.outputs,
            dynamic_axes=spec.axes,
            opset_version=OPSET,
            export_params=False,
            do_constant_folding=False,
            dynamo=False,
        )
    return onnx.load_from_string(file.getvalue())


def take_weights(call: Call, graph: onnx.GraphProto) -> dict[str, Tensor]:
    """Removes weights from the inputs of the graph; returns those that its nodes use, by the names that they use."""
    weights = dict(call.named_parameters(remove_duplicate=False)) | dict(call.named_buffers(remove_duplicate=False))
    taken = {value.name: weights[value.name] for value in graph.input if value.name in weights}
    kept = [value for value in graph.input if value.name not in weights]
    del graph.input[:]
    graph.input.extend(kept)
    del graph.value_info[:]
    taken |= fold_transposes(graph, taken)
    used = {name for node in graph.node for name in node.input}
    return {name: weight for name, weight in taken.items() if name in used}


def fold_transposes(graph: onnx.GraphProto, weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Removes the nodes that transpose a weight; returns the transposed weights by the outputs of those nodes."""
    folded = {}
    nodes = []
    for node in graph.node:
        if node.op_type == "Transpose" and node.input[0] in weights:
            folded[node.output[0]] = weights[node.input[0]].permute(*node.attribute[0].ints)
        else:
            nodes.append(node)
    del graph.node[:]
    graph.node.extend(nodes)
    return folded
