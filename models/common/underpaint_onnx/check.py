"""Compares a graph with its PyTorch module, on inputs of another batch and size than it was traced with."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
import torch

from .errors import GraphError
from .graphs import Call, GraphSpec
from .storage import Storage, store_unchanged
from .writer import write_graph


@dataclass
class Expectation:
    """The results of PyTorch, taken first, so that PyTorch and ONNX Runtime do not both hold the weights."""

    folder: str
    inputs: dict[str, np.ndarray]
    outputs: dict[str, np.ndarray]

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shapes of the outputs, by name."""
        return {name: value.shape for name, value in self.outputs.items()}


def write_checked(spec: GraphSpec, out: Path, tolerance: float, storage: Storage = store_unchanged) -> None:
    """Writes a graph into its folder in `out`, compares it, and prints its size and largest difference.

    Raises:
        GraphError: as `expect` and `compare` do
    """
    expected = expect(spec)
    size = write_graph(spec, out / spec.folder, expected.shapes, storage)
    compare_and_print(out, expected, size, tolerance)


def compare_and_print(out: Path, expected: Expectation, size: int, tolerance: float) -> None:
    """Compares the graph in `out`; `size` is its number of bytes."""
    worst = compare(out / expected.folder / "model.onnx", expected, tolerance)
    print(f"{expected.folder}: {size / 1e6:.2f} MB, {worst:.1e} from PyTorch", flush=True)


def expect(spec: GraphSpec) -> Expectation:
    """
    Raises:
        GraphError: if an output is not finite
    """
    inputs = spec.example(3, 2, 1)
    with torch.no_grad():
        outputs = Call(spec).eval()(*inputs.values())
    values = outputs if isinstance(outputs, tuple) else (outputs,)
    named = {
        name: np.asarray(value.float() if value.is_floating_point() else value)
        for name, value in zip(spec.outputs, values)
    }
    for name, value in named.items():
        if not np.isfinite(value).all():
            raise GraphError(f"{spec.folder}: PyTorch's own {name} is not finite; use fp32 weights")
    return Expectation(spec.folder, {name: value.numpy() for name, value in inputs.items()}, named)


def compare(path: Path, expected: Expectation, tolerance: float) -> float:
    """
    Returns:
        the largest difference, relative to the largest value
    Raises:
        GraphError: if the difference is above the tolerance, or the graph does not run
    """
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.enable_cpu_mem_arena = False
    options.intra_op_num_threads = torch.get_num_threads()
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        known = {value.name for value in session.get_inputs()}
        feeds = {name: value for name, value in expected.inputs.items() if name in known}
        got = session.run(list(expected.outputs), feeds)
    except Exception as error:  # ONNX Runtime's own exceptions have no common base
        raise GraphError(f"{path} does not run: {str(error).splitlines()[0]}") from error
    worst = max(difference(a, b) for a, b in zip(got, expected.outputs.values()))
    if not worst <= tolerance:
        raise GraphError(f"{path} differs from PyTorch by {worst:.1e} of its largest value, {tolerance:.0e} is allowed")
    return worst


def difference(got: np.ndarray, wanted: np.ndarray) -> float:
    """The largest difference relative to the largest value. For booleans, 1 if any differs."""
    if wanted.dtype == bool:
        return float((got != wanted).any())
    return float(np.abs(got.astype(np.float64) - wanted).max() / max(np.abs(wanted).max(), 1e-6))
