"""Writes the served models in the diffusers / Optimum layout. The UNet, the text encoder and the scheduler are in the
form that diffusers and transformers load too; their graphs read the same weights."""

import json
from pathlib import Path

import torch
from diffusers import DDIMScheduler, LCMScheduler
from diffusers.models.attention_processor import AttnProcessor2_0
from torch import Tensor, nn

from ..networks.autoencoder import CHANNELS, FACTOR, Autoencoder
from ..networks.diffusion import GUIDANCE_WIDTH, LATENT_SIZE, SCHEDULE
from ..networks.text import END, START, TOKENS, WIDTH, load_tokenizer
from ..training.loop import load_weights
from ..training.student import load_pair
from ..training.teacher import Teacher
from .graphs import save_weights, write_graph

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


class _Unet(nn.Module):
    """The UNet of teacher or student; the student's has `timestep_cond`."""

    def __init__(self, unet: nn.Module):
        super().__init__()
        self.unet = unet

    def forward(self, sample, timestep, encoder_hidden_states, timestep_cond=None):
        return self.unet(sample, timestep, encoder_hidden_states, timestep_cond=timestep_cond, return_dict=False)[0]


class _Text(nn.Module):
    def __init__(self, text):
        super().__init__()
        self.text = text

    def forward(self, input_ids):
        return self.text(input_ids, return_dict=False)[0]


class _NormalisedEncoder(nn.Module):
    """Latents of zero mean and one deviation in every channel."""

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


def _noise(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(sum(shape)))


BATCH, SIZE = {0: "batch"}, {0: "batch", 2: "height", 3: "width"}
HALF = LATENT_SIZE // 2


def write_unet(out: Path, unet: nn.Module) -> None:
    folder, guided = out / "unet", unet.config.time_cond_proj_dim is not None
    save_weights(unet.state_dict(), folder / "diffusion_pytorch_model.safetensors")
    (folder / "config.json").write_text(unet.to_json_string())
    # Fused attention is slower on its way back only, and has the smaller graph.
    unet.set_attn_processor(AttnProcessor2_0())
    names = ["sample", "timestep", "encoder_hidden_states", *(["timestep_cond"] if guided else [])]
    inputs = (
        _noise(2, CHANNELS, HALF, HALF),
        torch.tensor([499, 19]),
        _noise(2, TOKENS, WIDTH),
        *([_noise(2, GUIDANCE_WIDTH)] if guided else []),
    )
    axes = dict.fromkeys(names, BATCH) | {"sample": SIZE, "out_sample": SIZE}
    write_graph(
        _Unet(unet),
        folder,
        names,
        "out_sample",
        inputs=inputs,
        axes=axes,
        weights="diffusion_pytorch_model.safetensors",
    )


def write_text(out: Path, tokenizer, text: nn.Module) -> None:
    folder = out / "text_encoder"
    save_weights(text.state_dict(), folder / "model.safetensors")
    text.config.to_json_file(str(folder / "config.json"))
    text.set_attn_implementation("sdpa")
    ids = torch.randint(tokenizer.get_vocab_size(), (2, TOKENS), generator=torch.Generator().manual_seed(0))
    write_graph(
        _Text(text),
        folder,
        ["input_ids"],
        "last_hidden_state",
        inputs=(ids,),
        axes={"input_ids": BATCH, "last_hidden_state": BATCH},
        weights="model.safetensors",
    )
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


def write_autoencoder(out: Path, autoencoder: Autoencoder, mean: Tensor, deviation: Tensor) -> None:
    write_graph(
        _NormalisedEncoder(autoencoder.encoder, mean, deviation),
        out / "vae_encoder",
        ["sample"],
        "latent_sample",
        inputs=(_noise(2, 3, 128, 128).clamp(-1, 1),),
        axes={"sample": SIZE, "latent_sample": SIZE},
    )
    write_graph(
        _NormalisedDecoder(autoencoder.decoder, mean, deviation),
        out / "vae_decoder",
        ["latent_sample"],
        "sample",
        inputs=(_noise(2, CHANNELS, HALF, HALF),),
        axes={"latent_sample": SIZE, "sample": SIZE},
    )
    for name in ("vae_encoder", "vae_decoder"):
        write_json(
            out / name / "config.json",
            {
                "_class_name": "UnderpaintAutoencoder",
                "scaling_factor": 1.0,
                "latent_channels": CHANNELS,
                "downscale": FACTOR,
            },
        )


def _write_facts(out: Path, scheduler, facts: dict) -> None:
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


def write_json(path: Path, value: dict) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2) + "\n")
