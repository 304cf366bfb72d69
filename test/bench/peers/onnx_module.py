"""A small ONNX graph as a PyTorch module: the halves of the embedded model's autoencoder are published as graphs alone."""

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn
from torch.nn import functional as F


def _attributes(node: onnx.NodeProto) -> dict:
    return {attribute.name: onnx.helper.get_attribute_value(attribute) for attribute in node.attribute}


def _reshape(x: Tensor, shape: list[int]) -> Tensor:
    """0 keeps a size, -1 fills the rest."""
    return x.reshape([x.shape[i] if size == 0 else size for i, size in enumerate(shape)])


def _shuffled(x: Tensor, block: int, mode: str) -> Tensor:
    if mode == "DCR":
        b, c, h, w = x.shape
        x = x.reshape(b, block * block, c // block**2, h, w).transpose(1, 2).reshape(b, c, h, w)
    return F.pixel_shuffle(x, block)


class OnnxModule(nn.Module):
    """Convolutions, shuffles and arithmetic; an operator that is missing here is a KeyError."""

    def __init__(self, path: str):
        super().__init__()
        graph = onnx.load(path).graph
        self.inputs = [value.name for value in graph.input]
        self.result = graph.output[0].name
        self.constants: dict[str, list[int]] = {}
        self.steps: list[tuple[str, list[str], str, dict]] = []
        self.names: dict[str, str] = {}
        for tensor in graph.initializer:
            self._keep(tensor.name, numpy_helper.to_array(tensor))
        for node in graph.node:
            if node.op_type == "Constant":
                self._keep(node.output[0], numpy_helper.to_array(_attributes(node)["value"]))
            elif node.op_type == "Cast" and node.input[0] in self.names:
                self.names[node.output[0]] = self.names[node.input[0]]
            else:
                self.steps.append((node.op_type, list(node.input), node.output[0], _attributes(node)))

    def _keep(self, name: str, values: np.ndarray) -> None:
        if np.issubdtype(values.dtype, np.integer):
            self.constants[name] = values.reshape(-1).tolist()
            return
        self.names[name] = f"weight{len(self.names)}"
        self.register_parameter(self.names[name], nn.Parameter(torch.from_numpy(values.astype(np.float32)), False))

    def forward(self, *given: Tensor) -> Tensor:
        values = dict(zip(self.inputs, given))

        def value(name: str) -> Tensor:
            return values[name] if name in values else getattr(self, self.names[name])

        for kind, names, out, about in self.steps:
            x = value(names[0])
            if kind == "Conv":
                bias = value(names[2]) if len(names) > 2 else None
                y = F.conv2d(x, value(names[1]), bias, about["strides"], about["pads"][:2], groups=about.get("group", 1))
            elif kind == "DepthToSpace":
                y = _shuffled(x, about["blocksize"], about.get("mode", b"DCR").decode())
            elif kind == "Reshape":
                y = _reshape(x, self.constants[names[1]])
            elif kind == "Unsqueeze":
                y = x
                for axis in self.constants[names[1]]:
                    y = y.unsqueeze(axis)
            elif kind == "Squeeze":
                y = x.squeeze(tuple(self.constants[names[1]]))
            elif kind == "Transpose":
                y = x.permute(about["perm"])
            elif kind == "Relu":
                y = F.relu(x)
            else:
                y = {"Add": torch.add, "Sub": torch.sub, "Mul": torch.mul, "Div": torch.div}[kind](x, value(names[1]))
            values[out] = y
        return values[self.result]
