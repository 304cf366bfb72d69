"""Storage of a graph's weights: unchanged, or as float16 that the graph casts to float32."""

import io
import json
import math
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from safetensors import safe_open
from torch import Tensor

Storage = Callable[[onnx.GraphProto, dict[str, Tensor], Path], None]
"""Adds weights, by the names that the nodes use, to a graph whose file will be in the folder."""

EXTERNAL_ABOVE = 16 << 20
"""Weights up to so many bytes go into the graph's own file. ONNX Runtime maps those outside instead of reading them."""
INLINE_BELOW = 1024
ALIGNMENT = 4096
DATA_FILE = "model.onnx_data"
SMALL = 64
"""Float tensors with fewer values stay float32 when the others become float16."""


def store_unchanged(graph: onnx.GraphProto, weights: dict[str, Tensor], folder: Path) -> None:
    """Stores weights unchanged: in the graph's file, or in model.onnx_data beside it if they are large."""
    is_external = sum(weight.numel() * weight.element_size() for weight in weights.values()) > EXTERNAL_ABOVE
    with open(folder / DATA_FILE, "wb") if is_external else io.BytesIO() as data:
        for name, weight in weights.items():
            graph.initializer.append(_append(name, to_numpy(weight), data if is_external else None))


def halved(weights_file: str | None = None) -> Storage:
    """Float weights as float16 with a Cast behind each, which ONNX Runtime folds when it loads the graph: half the size
    on disk, float32 arithmetic, float32 inputs and outputs.

    Args:
        weights_file: name of a float16 safetensors file in the folder. Weights that it holds are referred to, not
            stored again, so PyTorch's libraries and the graph read the same file.
    """
    return partial(_store_halved, weights_file=weights_file)


def to_numpy(weight: Tensor) -> np.ndarray:
    value = weight.detach().cpu()
    return np.ascontiguousarray((value.float() if value.dtype == torch.bfloat16 else value).numpy())


def _append(name: str, value: np.ndarray, data: io.BufferedIOBase | None) -> TensorProto:
    """A weight for the graph's own file, or written to the end of the data file."""
    if data is None or value.nbytes < INLINE_BELOW:
        return numpy_helper.from_array(value, name)
    offset = math.ceil(data.tell() / ALIGNMENT) * ALIGNMENT
    data.write(b"\0" * (offset - data.tell()))
    data.write(value.data if value.ndim else value.tobytes())
    return _external(name, value, Place(DATA_FILE, offset, value.nbytes))


class Place(NamedTuple):
    """The place of a tensor's bytes."""

    file: str
    offset: int
    length: int


def _external(name: str, value: np.ndarray, place: Place) -> TensorProto:
    tensor = TensorProto(
        name=name,
        data_type=helper.np_dtype_to_tensor_dtype(value.dtype),
        dims=value.shape,
        data_location=TensorProto.EXTERNAL,
    )
    for key, number in (("location", place.file), ("offset", place.offset), ("length", place.length)):
        tensor.external_data.add(key=key, value=str(number))
    return tensor


def _store_halved(
    graph: onnx.GraphProto, weights: dict[str, Tensor], folder: Path, *, weights_file: str | None
) -> None:
    shared = SharedWeights(folder / weights_file) if weights_file else None
    nodes = []
    for name, weight in weights.items():
        if weight.dtype != torch.float32 or weight.numel() < SMALL:
            graph.initializer.append(numpy_helper.from_array(to_numpy(weight), name))
            continue
        half, values = name + ".fp16", to_numpy(weight).astype(np.float16)
        found = shared.find(values) if shared else None
        turned = found is not None and found.turned
        if found:
            graph.initializer.append(_external(half, values.T if turned else values, found.place))
        else:
            graph.initializer.append(numpy_helper.from_array(values, half))
        straight = name + ".turned" if turned else name
        nodes.append(helper.make_node("Cast", [half], [straight], name=name + ".cast", to=TensorProto.FLOAT))
        if turned:
            nodes.append(helper.make_node("Transpose", [straight], [name], name=name + ".transpose", perm=[1, 0]))
    for node in reversed(nodes):
        graph.node.insert(0, node)


class Found(NamedTuple):
    """A tensor in a file of weights."""

    turned: bool
    """The file has it transposed."""
    place: Place


class SharedWeights:
    """The tensors of a safetensors file by their bytes. The file is eight bytes of length, a header in JSON, then the
    values (https://huggingface.co/docs/safetensors)."""

    def __init__(self, path: Path):
        self._at: dict[tuple[tuple[int, ...], bytes], Found] = {}
        content = path.read_bytes()
        length = int.from_bytes(content[:8], "little")
        header = json.loads(content[8 : 8 + length])
        with safe_open(path, "np") as file:
            for name in file.keys():
                values, (start, end) = file.get_tensor(name), header[name]["data_offsets"]
                place = Place(path.name, 8 + length + start, end - start)
                self._add(values, Found(False, place))
                if values.ndim == 2:
                    self._add(values.T, Found(True, place))

    def _add(self, values: np.ndarray, found: Found) -> None:
        self._at.setdefault((values.shape, values.tobytes()), found)

    def find(self, values: np.ndarray) -> Found | None:
        """Where a tensor of the same shape and bytes is, or None."""
        return self._at.get((values.shape, values.tobytes()))
