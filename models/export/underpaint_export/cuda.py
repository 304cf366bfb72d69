"""Fuses the parts of a graph for which ONNX Runtime has kernels of its own on CUDA."""

import contextlib
import importlib
import io
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime

from underpaint_onnx.check import Expectation, compare

# Names of the graphs that gain, and of ONNX Runtime's fusions for each.
KINDS = {"unet": "unet", "vae_encoder": "vae", "vae_decoder": "vae"}
# Operators that only CUDA has, and the options of the fusions that make them.
WITHOUT_CPU_KERNEL = ["GroupNorm", "SkipGroupNorm", "NhwcConv", "BiasSplitGelu", "BiasAdd"]
THEIR_OPTIONS = ["group_norm", "skip_group_norm", "nhwc_conv", "bias_splitgelu", "bias_add"]
WITH_CPU_KERNEL = ["MultiHeadAttention", "Attention", "SkipLayerNormalization"]
EXTERNAL_BYTES = 16 << 20


def fuse_for_cuda(folder: Path, expected: Expectation, tolerance: float) -> None:
    """Replaces a graph by its fused form. Compares nodes that run on a processor with PyTorch, and names the others.

    Raises:
        GraphError: if it differs by more than the tolerance
    """
    kind = KINDS.get(Path(expected.folder).name)
    if not kind:
        return
    path = folder / expected.folder / "model.onnx"
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        folded = Path(temporary) / "folded.onnx"
        fold(path, folded)
        tested = Path(temporary) / "tested.onnx"
        save(fused(folded, kind, is_tested=True), tested)
        difference = compare(tested, expected, tolerance)
        model = fused(folded, kind, is_tested=False)
    save(model, path)
    counts = Counter(node.op_type for node in model.graph.node)
    print(f"{expected.folder}: fused {listed(counts, WITH_CPU_KERNEL)}: {difference:.1e} from PyTorch", flush=True)
    print(f"{expected.folder}: fused {listed(counts, WITHOUT_CPU_KERNEL)}: not tested, only CUDA runs them", flush=True)


def listed(counts: Counter, operators: list[str]) -> str:
    return ", ".join(f"{counts[name]} {name}" for name in operators if counts[name]) or "nothing"


def fold(path: Path, out: Path) -> None:
    """Folds constants, which the fusions look for. They do not know graphs with moved or shared nodes."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(out)
    options.add_session_config_entry("session.optimized_model_external_initializers_file_name", f"{out.name}_data")
    unknown = ["TransposeOptimizer", "CommonSubexpressionElimination"]
    onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"], disabled_optimizers=unknown)


def fused(path: Path, kind: str, *, is_tested: bool) -> onnx.ModelProto:
    """With all fusions, or with those that can be tested on a processor."""
    optimizer = importlib.import_module("onnxruntime.transformers.optimizer")
    options = importlib.import_module("fusion_options").FusionOptions(kind)
    # CUDA packs the weights by itself, and processors do not run packed ones.
    options.enable_packed_qkv = options.enable_packed_kv = False
    for name in THEIR_OPTIONS if is_tested else []:
        setattr(options, f"enable_{name}", False)
    # It draws a progress bar.
    with heads_detected(), contextlib.redirect_stderr(io.StringIO()):
        return optimizer.optimize_by_fusion(onnx.load(path), kind, 0, 0, options).model


@contextlib.contextmanager
def heads_detected() -> Iterator[None]:
    """ONNX Runtime 1.30 converts an array of one number to int, which numpy refuses from 2.4 on."""
    fusion: Any = importlib.import_module("fusion_attention_unet").FusionAttentionUnet
    original = fusion.get_num_heads
    fusion.get_num_heads = heads_of
    try:
        yield
    finally:
        fusion.get_num_heads = original


def heads_of(fusion: Any, reshape: onnx.NodeProto, is_torch2: bool = False) -> int:
    """The number of heads in the shape [batch, tokens, heads, size] of a Reshape node; 0 if it is not constant."""
    constant = fusion.model.get_constant_value
    if not is_torch2:
        shape = constant(reshape.input[1])
        return int(np.reshape(shape, -1)[2]) if np.size(shape) == 4 else 0
    parts = fusion.model.get_parent(reshape, 1)
    heads = constant(parts.input[2]) if parts is not None and len(parts.input) == 4 else None
    return 0 if heads is None else int(np.reshape(heads, -1)[0])


def save(model: onnx.ModelProto, path: Path) -> None:
    data = path.with_name("model.onnx_data")
    data.unlink(missing_ok=True)
    size = sum(len(weight.raw_data) for weight in model.graph.initializer)
    onnx.save_model(
        model, path, save_as_external_data=size > EXTERNAL_BYTES, location=data.name, size_threshold=1 << 10
    )
