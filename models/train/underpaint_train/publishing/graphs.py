"""ONNX graphs of trained modules: exported, their weights stored as float16, and compared with PyTorch."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from safetensors import safe_open
from safetensors.torch import save_file
from torch import nn

from ..errors import TrainingError

OPSET = 17
TOLERANCE = 2e-2
"""Largest difference from PyTorch relative to the largest value: what rounding the weights to fp16 may cost."""
SMALL = 64
"""Tensors of fewer values stay float32 in the graph."""


def write_graph(
    module: nn.Module, folder: Path, names: list, output: str, *, inputs: tuple, axes: dict, weights: str | None = None
) -> None:
    """Writes `folder/model.onnx` and compares it with the module.

    With `weights` the graph reads its weights from that file, `folder/<weights>`, which PyTorch's libraries read too:
    they are stored once."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "model.onnx"
    module = module.eval().to(memory_format=torch.contiguous_format)
    with torch.no_grad():
        torch.onnx.export(
            module,
            inputs,
            str(path),
            input_names=names,
            output_names=[output],
            dynamic_axes=axes,
            opset_version=OPSET,
            dynamo=False,
        )
        expected = module(*inputs).numpy()
    model = onnx.load(path)
    halve_weights(model, _Shared(folder / weights) if weights else None)
    onnx.save(model, path)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    [got] = session.run(None, dict(zip(names, (x.numpy() for x in inputs))))
    worst = float(np.abs(got - expected).max() / np.abs(expected).max())
    print(f"{folder.name}: {sum(f.stat().st_size for f in folder.iterdir()) / 1e6:.2f} MB, {worst:.1e} from PyTorch")
    if worst > TOLERANCE:
        raise TrainingError(f"{path} differs from PyTorch by {worst:.1e} of its largest value")


def save_weights(state: dict, path: Path) -> None:
    """Saves a state dictionary as float16 safetensors."""
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(
        {k: v.half().contiguous() if v.is_floating_point() else v.contiguous() for k, v in state.items()},
        path,
        metadata={"format": "pt"},
    )


class _Shared:
    """The tensors of a safetensors file by their bytes, and where in the file they lie: eight bytes of length, a header
    in JSON, then the values."""

    def __init__(self, path: Path):
        import json

        self.name, self.at = path.name, {}
        content = path.read_bytes()
        length = int.from_bytes(content[:8], "little")
        header = json.loads(content[8 : 8 + length])
        with safe_open(path, "np") as file:
            for name in file:
                values, (start, end) = file.get_tensor(name), header[name]["data_offsets"]
                for turned, form in ((False, values), (True, values.T if values.ndim == 2 else None)):
                    if form is not None:
                        self.at.setdefault(
                            (form.shape, form.tobytes()), (turned, values.shape, 8 + length + start, end - start)
                        )

    def find(self, values: np.ndarray) -> tuple | None:
        """Whether it lies there transposed, its shape there, the offset and the length in bytes."""
        return self.at.get((values.shape, values.tobytes()))


def halve_weights(model: onnx.ModelProto, shared: _Shared | None = None) -> None:
    """Stores float weights as float16 with a Cast behind each, which ONNX Runtime folds when it loads the graph: half
    the size on disk, float32 arithmetic, float32 inputs and outputs. Those in `shared` are referred to, not stored
    again."""
    graph = model.graph
    nodes = []
    for weight in graph.initializer:
        if weight.data_type != TensorProto.FLOAT or int(np.prod(weight.dims)) < SMALL:
            continue
        name, values = weight.name, numpy_helper.to_array(weight).astype(np.float16)
        found = shared.find(values) if shared else None
        if not found:
            weight.CopyFrom(numpy_helper.from_array(values, name + ".fp16"))
            nodes.append(helper.make_node("Cast", [name + ".fp16"], [name], name=name + ".cast", to=TensorProto.FLOAT))
            continue
        turned, shape, offset, length = found
        weight.CopyFrom(_external(name + ".fp16", shape, shared.name, offset, length))
        straight = name + ".turned" if turned else name
        nodes.append(helper.make_node("Cast", [name + ".fp16"], [straight], name=name + ".cast", to=TensorProto.FLOAT))
        if turned:
            nodes.append(helper.make_node("Transpose", [straight], [name], name=name + ".transpose", perm=[1, 0]))
    for node in reversed(nodes):
        graph.node.insert(0, node)


def _external(name: str, shape: tuple, file: str, offset: int, length: int) -> TensorProto:
    tensor = TensorProto(name=name, data_type=TensorProto.FLOAT16, dims=shape, data_location=TensorProto.EXTERNAL)
    for key, value in (("location", file), ("offset", offset), ("length", length)):
        tensor.external_data.add(key=key, value=str(value))
    return tensor
