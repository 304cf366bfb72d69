"""Writes the served model: ONNX graphs and configurations in the diffusers / Optimum layout, checked against PyTorch."""

import json
import shutil
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from diffusers import LCMScheduler
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from .autoencoder import CHANNELS, FACTOR, Autoencoder
from .diffusion import GUIDANCE_WIDTH, LATENT_SIZE, SCHEDULE
from .loop import TrainingError
from .student import Student, load_pair
from .text import END, START, TOKENS, WIDTH, load_tokenizer

OPSET = 17
TOLERANCE = 2e-2
"""Largest difference from PyTorch relative to the largest value: what rounding the weights to fp16 may cost."""

PROMPTS = ["mountains at sunset", "a mountain lake at dawn with pines", "a starry night over a forest", "northern lights over snowy peaks",
           "rolling hills in autumn with trees", "a tropical island with palm trees", "the sea at sunset with a sailboat",
           "a city skyline at night", "desert dunes under the moon", "a foggy forest in the morning", "a river valley in spring",
           "a lighthouse by the ocean"]
PALETTE = ["#2c70c8", "#9cc8ea", "#f4b860", "#e2745c", "#0a1030", "#f6f2e4", "#70707a", "#a08468", "#5a8c3c", "#24482e", "#d8a868", "#c07828",
           "#2c6c94", "#eef4fc"]


class _Unet(nn.Module):
    def __init__(self, student: Student):
        super().__init__()
        self.unet = student.unet

    def forward(self, sample, timestep, encoder_hidden_states, timestep_cond):
        return self.unet(sample, timestep, encoder_hidden_states, timestep_cond=timestep_cond, return_dict=False)[0]


class _Text(nn.Module):
    def __init__(self, text):
        super().__init__()
        self.text = text

    def forward(self, input_ids):
        return self.text(input_ids, return_dict=False)[0]


class _NormalisedEncoder(nn.Module):
    """Latents of zero mean and unit variance in every channel."""

    def __init__(self, model, mean, deviation):
        super().__init__()
        self.model = model
        self.register_buffer("mean", mean.view(1, -1, 1, 1))
        self.register_buffer("scale", 1 / deviation.view(1, -1, 1, 1))

    def forward(self, sample):
        return (self.model(sample) - self.mean) * self.scale


class _NormalisedDecoder(nn.Module):
    def __init__(self, model, mean, deviation):
        super().__init__()
        self.model = model
        self.register_buffer("mean", mean.view(1, -1, 1, 1))
        self.register_buffer("scale", deviation.view(1, -1, 1, 1))

    def forward(self, latent_sample):
        return self.model(latent_sample * self.scale + self.mean)


def export(runs: Path, out: Path, card: Path | None = None) -> None:
    """Exports the trained parts from `runs` to the folder `out`."""
    tokenizer = load_tokenizer(runs / "tokenizer.json")
    pair = load_pair(runs)
    state = torch.load(runs / "autoencoder/final.pt", weights_only=True)
    autoencoder = Autoencoder()
    autoencoder.load_state_dict(state["model"])
    write_model(out, tokenizer, text=pair.text, student=pair.student, autoencoder=autoencoder.eval(),
                mean=state["mean"], deviation=state["deviation"])
    if card:
        shutil.copy(card, out / "README.md")


def write_model(out: Path, tokenizer, *, text, student: Student, autoencoder: Autoencoder, mean: Tensor, deviation: Tensor) -> None:
    generator = torch.Generator().manual_seed(0)
    noise = lambda *shape: torch.randn(shape, generator=generator)  # noqa: E731
    half = LATENT_SIZE // 2
    batch, size = {0: "batch"}, {0: "batch", 2: "height", 3: "width"}
    _graph(_Unet(student.eval()), out / "unet", ["sample", "timestep", "encoder_hidden_states", "timestep_cond"], "out_sample",
           inputs=(noise(2, CHANNELS, half, half), torch.tensor([499, 19]), noise(2, TOKENS, WIDTH), noise(2, GUIDANCE_WIDTH)),
           axes={"sample": size, "timestep": batch, "encoder_hidden_states": batch, "timestep_cond": batch, "out_sample": size})
    _graph(_Text(text.eval()), out / "text_encoder", ["input_ids"], "last_hidden_state",
           inputs=(torch.randint(tokenizer.get_vocab_size(), (2, TOKENS), generator=generator),),
           axes={"input_ids": batch, "last_hidden_state": batch})
    _graph(_NormalisedEncoder(autoencoder.encoder, mean, deviation), out / "vae_encoder", ["sample"], "latent_sample",
           inputs=(noise(2, 3, 128, 128).clamp(-1, 1),), axes={"sample": size, "latent_sample": size})
    _graph(_NormalisedDecoder(autoencoder.decoder, mean, deviation), out / "vae_decoder", ["latent_sample"], "sample",
           inputs=(noise(2, CHANNELS, half, half),), axes={"latent_sample": size, "sample": size})
    _write_configs(out, tokenizer, text, student)


def _graph(module: nn.Module, folder: Path, names: list, output: str, *, inputs: tuple, axes: dict) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "model.onnx"
    module = module.eval().to(memory_format=torch.contiguous_format)
    with torch.no_grad():
        torch.onnx.export(module, inputs, str(path), input_names=names, output_names=[output], dynamic_axes=axes,
                          opset_version=OPSET, dynamo=False)
        expected = module(*inputs).numpy()
    onnx.save(halve_weights(onnx.load(path)), path)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    [got] = session.run(None, dict(zip(names, (x.numpy() for x in inputs))))
    worst = float(np.abs(got - expected).max() / np.abs(expected).max())
    print(f"{folder.name}: {path.stat().st_size / 1e6:.2f} MB, {worst:.1e} from PyTorch")
    if worst > TOLERANCE:
        raise TrainingError(f"{path} differs from PyTorch by {worst:.1e} of its largest value")


def halve_weights(model: onnx.ModelProto) -> onnx.ModelProto:
    """Stores float weights as float16 with a Cast behind each, which ONNX Runtime folds when it loads the graph: half
    the size on disk, float32 arithmetic, and float32 inputs and outputs."""
    graph = model.graph
    casts = []
    for weight in graph.initializer:
        if weight.data_type != TensorProto.FLOAT or int(np.prod(weight.dims)) < 64:
            continue
        values = numpy_helper.to_array(weight).astype(np.float16)
        name = weight.name
        weight.CopyFrom(numpy_helper.from_array(values, name + ".fp16"))
        casts.append(helper.make_node("Cast", [name + ".fp16"], [name], name=name + ".cast", to=TensorProto.FLOAT))
    for node in reversed(casts):
        graph.node.insert(0, node)
    return model


def _write_configs(out: Path, tokenizer, text, student: Student) -> None:
    def write(path: str, value: dict) -> None:
        (out / path).parent.mkdir(parents=True, exist_ok=True)
        (out / path).write_text(json.dumps(value, indent=2) + "\n")

    LCMScheduler(**SCHEDULE, original_inference_steps=50, clip_sample=False).save_pretrained(out / "scheduler")
    (out / "tokenizer").mkdir(exist_ok=True)
    tokenizer.save(str(out / "tokenizer/tokenizer.json"))
    write("tokenizer/tokenizer_config.json", {"tokenizer_class": "CLIPTokenizerFast", "model_max_length": TOKENS, "bos_token": START,
                                              "eos_token": END, "pad_token": END, "unk_token": END})
    (out / "text_encoder").mkdir(exist_ok=True)
    text.config.to_json_file(str(out / "text_encoder/config.json"))
    (out / "unet/config.json").write_text(student.unet.to_json_string())
    vae = {"_class_name": "UnderpaintAutoencoder", "scaling_factor": 1.0, "latent_channels": CHANNELS, "downscale": FACTOR}
    write("vae_encoder/config.json", vae)
    write("vae_decoder/config.json", vae)
    write("model_index.json", {"_class_name": "LatentConsistencyModelImg2ImgPipeline", "scheduler": ["diffusers", "LCMScheduler"],
                               "text_encoder": ["transformers", "CLIPTextModel"], "tokenizer": ["transformers", "CLIPTokenizerFast"],
                               "unet": ["diffusers", "UNet2DConditionModel"]})
    write("underpaint.json", {"name": "Landscape", "width": 256, "height": 256, "prompts": PROMPTS, "palette": PALETTE,
                              "defaults": {"prompt": "mountains at sunset", "strength": 0.4, "steps": 2, "guidance": 2.0}})
