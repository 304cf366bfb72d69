"""What a graph gives out against what PyTorch does, on inputs of another batch and size than it was traced with."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
import torch

from .errors import ExportError
from .graphs import Call, GraphSpec


@dataclass
class Expectation:
    """Taken before the weights are let go of, so that PyTorch and ONNX Runtime do not hold them at the same time."""

    folder: str
    inputs: dict[str, np.ndarray]
    outputs: dict[str, np.ndarray]


def expect(spec: GraphSpec) -> Expectation:
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
            raise ExportError(f"{spec.folder}: PyTorch itself gives {name} that is not finite: try --dtype fp32")
    return Expectation(spec.folder, {name: value.numpy() for name, value in inputs.items()}, named)


def compare(path: Path, expected: Expectation, tolerance: float) -> float:
    """
    Returns:
        the largest difference, of the largest value
    Raises:
        ExportError: when that is over the tolerance, or the graph does not run
    """
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.enable_cpu_mem_arena = False
    options.intra_op_num_threads = torch.get_num_threads()
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        known = {value.name for value in session.get_inputs()}
        got = session.run(
            list(expected.outputs), {name: value for name, value in expected.inputs.items() if name in known}
        )
    except Exception as error:  # ONNX Runtime's own exceptions have no common base
        raise ExportError(f"{path} does not run: {str(error).splitlines()[0]}") from error
    worst = max(difference(a, b) for a, b in zip(got, expected.outputs.values()))
    if not worst <= tolerance:
        raise ExportError(
            f"{path} differs from PyTorch by {worst:.1e} of its largest value, {tolerance:.0e} is allowed"
        )
    return worst


def difference(got: np.ndarray, wanted: np.ndarray) -> float:
    if wanted.dtype == bool:
        return float((got != wanted).any())
    return float(np.abs(got.astype(np.float64) - wanted).max() / max(np.abs(wanted).max(), 1e-6))
