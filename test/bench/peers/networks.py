"""The networks of a folder, by ONNX Runtime or by PyTorch on the same weights. Each is a function of arrays."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime

from plan import Plan

Array = np.ndarray
Network = Callable[..., Array]
"""Arrays by the names of the graph's inputs; those that it does not take are left out."""
PARTS = ("text_encoder", "vae_encoder", "control_encoder", "unet", "vae_decoder")


def of_onnxruntime(folder: Path, threads: int, *, spinning: bool) -> dict[str, Network]:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    if not spinning:
        options.intra_op_num_threads = threads
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return {name: _graph(folder / name / "model.onnx", options) for name in PARTS if (folder / name).exists()}


def _graph(path: Path, options: onnxruntime.SessionOptions) -> Network:
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    names = {value.name for value in session.get_inputs()}
    return lambda **given: session.run(None, {name: given[name] for name in names})[0]


def of_torch(folder: Path, threads: int, plan: Plan, *, compiled: bool, half: bool) -> dict[str, Network]:
    """
    Args:
        compiled: by torch.compile, with weights frozen
        half: in bfloat16, which processors with AMX compute faster
    """
    import torch
    from diffusers import UNet2DConditionModel
    from transformers import CLIPTextModel

    from onnx_module import OnnxModule

    torch.set_num_threads(threads)
    if compiled:
        import torch._inductor.config as inductor

        inductor.freezing = True
    dtype = torch.bfloat16 if half else torch.float32

    def prepared(module: torch.nn.Module) -> Callable:
        module = module.eval().requires_grad_(False).to(dtype, memory_format=torch.channels_last)
        return torch.compile(module, dynamic=False) if compiled else module

    def tensor(value: Array) -> torch.Tensor:
        made = torch.from_numpy(np.ascontiguousarray(value))
        made = made.to(dtype) if made.is_floating_point() else made
        return made.to(memory_format=torch.channels_last) if made.dim() == 4 else made

    def graph(name: str) -> Network:
        module = OnnxModule(str(folder / name / "model.onnx"))
        run, names = prepared(module), module.inputs
        return lambda **given: run(*(tensor(given[name]) for name in names)).float().numpy()

    text = CLIPTextModel.from_pretrained(folder / "text_encoder").eval().requires_grad_(False)
    whole = UNet2DConditionModel.from_pretrained(folder / "unet")
    unet = prepared(whole)

    def answer(sample: Array, timestep: Array, encoder_hidden_states: Array, timestep_cond: Array, **more: Array) -> Array:
        if "control" in more:
            sample = np.concatenate([sample, more["control"] * more["conditioning_scale"].reshape(-1, 1, 1, 1)], 1)
        inputs = (tensor(sample), torch.from_numpy(timestep), tensor(encoder_hidden_states))
        return unet(*inputs, timestep_cond=tensor(timestep_cond), return_dict=False)[0].float().numpy()

    made = {name: graph(name) for name in ("vae_encoder", "control_encoder", "vae_decoder") if (folder / name).exists()}
    words = lambda input_ids: text(input_ids=torch.from_numpy(input_ids)).last_hidden_state.float().numpy()  # noqa: E731
    return made | {"text_encoder": words, "unet": answer}
