"""Writes the served models in the diffusers / Optimum layout. The UNet, the text encoder and the scheduler are in the
form that diffusers and transformers load too; their graphs read the same weights."""

from pathlib import Path
from typing import Any

import torch
from diffusers import DDIMScheduler, LCMScheduler
from diffusers.models.attention_processor import AttnProcessor2_0
from tokenizers import Tokenizer
from torch import Tensor, nn

from underpaint_onnx.check import write_checked
from underpaint_onnx.graphs import LATENTS, PICTURE, GraphSpec, numbers, text_graph, unet_graph
from underpaint_onnx.storage import halved

from ..networks.autoencoder import CHANNELS, FACTOR, Autoencoder
from ..networks.diffusion import SCHEDULE
from ..networks.text import END, START, TOKENS, load_tokenizer
from ..training.loop import load_weights
from ..training.student import load_pair
from ..training.teacher import Teacher
from .files import TOLERANCE, WEIGHTS, save_weights, write_json

PROMPTS = [
    "mountains at sunset",
    "a mountain lake by day with pines",
    "a starry night over a forest",
    "northern lights over snowy peaks",
    "rolling hills in autumn with trees",
    "a tropical island with palm trees",
    "the sea at sunset with a sailboat",
    "a city skyline at night",
    "desert dunes under the moon",
    "a foggy forest in the morning",
    "a river valley in spring",
    "a lighthouse by the ocean",
]
PALETTE = [
    "#2c70c8",
    "#9cc8ea",
    "#f4b860",
    "#e2745c",
    "#0a1030",
    "#f6f2e4",
    "#70707a",
    "#a08468",
    "#5a8c3c",
    "#24482e",
    "#d8a868",
    "#c07828",
    "#2c6c94",
    "#eef4fc",
]
STUDENT = {
    "name": "Landscape",
    "refineSteps": 0,
    "defaults": {"prompt": "a mountain lake by day with pines", "strength": 0.16, "steps": 2, "guidance": 2.0},
}
TEACHER = {
    "name": "Landscape, the teacher",
    "defaults": {"prompt": "mountains at sunset", "strength": 0.4, "steps": 25, "guidance": 3.0},
}


class NormalisedEncoder(nn.Module):
    """Latents of zero mean and one deviation in every channel."""

    mean: Tensor
    scale: Tensor

    def __init__(self, model: nn.Module, mean: Tensor, deviation: Tensor):
        super().__init__()
        self.model = model
        self.register_buffer("mean", mean.view(1, -1, 1, 1))
        self.register_buffer("scale", 1 / deviation.view(1, -1, 1, 1))

    def forward(self, sample: Tensor) -> Tensor:
        return (self.model(sample) - self.mean) * self.scale


class NormalisedDecoder(nn.Module):
    """Pictures of such latents."""

    mean: Tensor
    scale: Tensor

    def __init__(self, model: nn.Module, mean: Tensor, deviation: Tensor):
        super().__init__()
        self.model = model
        self.register_buffer("mean", mean.view(1, -1, 1, 1))
        self.register_buffer("scale", deviation.view(1, -1, 1, 1))

    def forward(self, latent_sample: Tensor) -> Tensor:
        return self.model(latent_sample * self.scale + self.mean)


def export(runs: Path, out: Path, teacher_out: Path) -> None:
    """Exports the student, which is served, and the teacher, which is there to be compared with."""
    tokenizer = load_tokenizer(runs / "tokenizer.json")
    state = torch.load(runs / "autoencoder/final.pt", weights_only=True)
    autoencoder = Autoencoder()
    autoencoder.load_state_dict(state["model"])
    pair, teacher = load_pair(runs), load_weights(runs / "teacher", Teacher(tokenizer))
    student_scheduler = LCMScheduler(**SCHEDULE, original_inference_steps=50, clip_sample=False)
    teacher_scheduler = DDIMScheduler(**SCHEDULE, timestep_spacing="trailing", set_alpha_to_one=True, clip_sample=False)
    for folder, unet, text, scheduler, facts in (
        (out, pair.student.unet, pair.text, student_scheduler, STUDENT),
        (teacher_out, teacher.unet, teacher.text, teacher_scheduler, TEACHER),
    ):
        print(folder)
        write_unet(folder, unet)
        write_text(folder, tokenizer, text)
        write_autoencoder(folder, autoencoder.eval(), state["mean"], state["deviation"])
        scheduler.save_pretrained(folder / "scheduler")
        _write_facts(folder, scheduler, facts)


def write_unet(out: Path, unet: Any) -> None:
    """The UNet of the student, which has `timestep_cond`, or of the teacher."""
    save_weights(unet.state_dict(), out / "unet" / WEIGHTS)
    (out / "unet/config.json").write_text(unet.to_json_string())
    # Fused attention is slower on its way back only, and has the smaller graph.
    unet.set_attn_processor(AttnProcessor2_0())
    write_checked(unet_graph(unet, TOKENS), out, TOLERANCE, halved(WEIGHTS))


def write_text(out: Path, tokenizer: Tokenizer, text: Any) -> None:
    save_weights(text.state_dict(), out / "text_encoder/model.safetensors")
    text.config.to_json_file(str(out / "text_encoder/config.json"))
    write_checked(text_graph("text_encoder", text, attention="sdpa"), out, TOLERANCE, halved("model.safetensors"))
    (out / "tokenizer").mkdir(exist_ok=True)
    tokenizer.save(str(out / "tokenizer/tokenizer.json"))
    write_json(
        out / "tokenizer/tokenizer_config.json",
        {
            "tokenizer_class": "CLIPTokenizerFast",
            "model_max_length": TOKENS,
            "bos_token": START,
            "eos_token": END,
            "pad_token": END,
            "unk_token": END,
        },
    )


def autoencoder_graphs(autoencoder: Autoencoder, mean: Tensor, deviation: Tensor) -> list[GraphSpec]:
    """Encoder and decoder, between pictures [B, 3, H, W] and normalised latents [B, C, H / 8, W / 8]."""
    encoder = NormalisedEncoder(autoencoder.encoder, mean, deviation)
    decoder = NormalisedDecoder(autoencoder.decoder, mean, deviation)
    noise, _ = numbers(encoder)

    def pictures(batch: int, high: int, wide: int) -> dict[str, Tensor]:
        return {"sample": noise(batch, 3, 8 * FACTOR * high, 8 * FACTOR * wide).clamp(-1, 1)}

    def latents(batch: int, high: int, wide: int) -> dict[str, Tensor]:
        return {"latent_sample": noise(batch, CHANNELS, 8 * high, 8 * wide)}

    axes = {"sample": PICTURE, "latent_sample": LATENTS}
    return [
        GraphSpec("vae_encoder", encoder, apply, pictures, ["latent_sample"], axes),
        GraphSpec("vae_decoder", decoder, apply, latents, ["sample"], axes),
    ]


def apply(module: nn.Module, x: Tensor) -> Tensor:
    return module(x)


def write_autoencoder(out: Path, autoencoder: Autoencoder, mean: Tensor, deviation: Tensor) -> None:
    for spec in autoencoder_graphs(autoencoder, mean, deviation):
        write_checked(spec, out, TOLERANCE, halved())
        write_json(
            out / spec.folder / "config.json",
            {
                "_class_name": "UnderpaintAutoencoder",
                "scaling_factor": 1.0,
                "latent_channels": CHANNELS,
                "downscale": FACTOR,
            },
        )


def _write_facts(out: Path, scheduler: LCMScheduler | DDIMScheduler, facts: dict[str, Any]) -> None:
    consistency = isinstance(scheduler, LCMScheduler)
    pipeline = "LatentConsistencyModelImg2ImgPipeline" if consistency else "StableDiffusionImg2ImgPipeline"
    write_json(
        out / "model_index.json",
        {
            "_class_name": pipeline,
            "scheduler": ["diffusers", type(scheduler).__name__],
            "text_encoder": ["transformers", "CLIPTextModel"],
            "tokenizer": ["transformers", "CLIPTokenizerFast"],
            "unet": ["diffusers", "UNet2DConditionModel"],
        },
    )
    write_json(out / "underpaint.json", {**facts, "width": 256, "height": 256, "prompts": PROMPTS, "palette": PALETTE})
