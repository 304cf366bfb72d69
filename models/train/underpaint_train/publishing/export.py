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
from underpaint_onnx.graphs import BATCH, LATENTS, PICTURE, GraphSpec, numbers, text_graph
from underpaint_onnx.storage import halved

from ..networks.autoencoder import CHANNELS, FACTOR, Autoencoder
from ..networks.control import CONTROL_CHANNELS
from ..networks.diffusion import SCHEDULE, ControlledUnet
from ..networks.text import END, START, TOKENS, WIDTH, load_tokenizer
from ..scenes import VOCABULARY
from ..training.loop import load_weights
from ..training.student import load_pair
from ..training.teacher import Teacher
from .files import TOLERANCE, WEIGHTS, save_weights, write_json

PROMPTS = [
    "mountains, a lake, by day",
    "a house in a meadow, trees",
    "a forest in winter, covered in snow",
    "the sea at sunset, a sailboat",
    "a city skyline at night",
    "northern lights over mountains",
    "a beach with palms",
    "a village in autumn",
    "a lighthouse, storm",
    "a volcano with lava at night",
    "hills in the fog, watercolour",
    "a castle, ink drawing",
    "a portrait of a person, oil painting",
    "a desert with a cactus, pixel art",
]
PALETTE = [
    "#6fb7e8",
    "#2f6fb5",
    "#5aa043",
    "#2e6b35",
    "#e6c98a",
    "#7a5230",
    "#7d8087",
    "#ffffff",
    "#ffe04a",
    "#f28c38",
    "#d8453c",
    "#16213f",
    "#e2b48c",
    "#111111",
]
EMPTY_SHEET = "#ffffff"
CONTROL = {"min": 0, "max": 1}
"""How much a sketch may count: networks are trained with all scales from 0 to 1. The student has no use for guidance,
because it begins as the teacher's estimate without any."""
COMMON = {
    "startsFromNoise": True,
    "emptySheet": EMPTY_SHEET,
    "controls": {"control": CONTROL},
    "vocabulary": VOCABULARY,
}
STUDENT = {
    "name": "Landscape",
    "refineSteps": 0,
    **COMMON,
    "controls": {"control": CONTROL, "guidance": {"min": 1, "max": 1}},
    "defaults": {"prompt": PROMPTS[0], "strength": 1, "steps": 2, "guidance": 1, "control": 1},
}
TEACHER = {
    "name": "Landscape, the teacher",
    **COMMON,
    "defaults": {"prompt": PROMPTS[0], "strength": 1, "steps": 25, "guidance": 3.0, "control": 1},
}


class Normalised(nn.Module):
    """Half of an autoencoder, with the mean and deviation of each channel of its latents, [C]."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, model: nn.Module, mean: Tensor, deviation: Tensor):
        super().__init__()
        self.model = model
        self.register_buffer("mean", mean.view(1, -1, 1, 1))
        self.register_buffer("deviation", deviation.view(1, -1, 1, 1))


class NormalisedEncoder(Normalised):
    """Latents of zero mean and one deviation in every channel."""

    def forward(self, sample: Tensor) -> Tensor:
        return (self.model(sample) - self.mean) / self.deviation


class NormalisedDecoder(Normalised):
    """Pictures of such latents."""

    def forward(self, latent_sample: Tensor) -> Tensor:
        return self.model(latent_sample * self.deviation + self.mean)


def export(runs: Path, out: Path, teacher_out: Path) -> None:
    """Exports the student, which is served, and the teacher, for comparison."""
    tokenizer = load_tokenizer(runs / "tokenizer.json")
    state = torch.load(runs / "autoencoder/final.pt", weights_only=True, map_location="cpu")
    autoencoder = Autoencoder()
    autoencoder.load_state_dict(state["model"])
    pair, teacher = load_pair(runs).cpu(), load_weights(runs / "teacher", Teacher(tokenizer))
    student_scheduler = LCMScheduler(**SCHEDULE, original_inference_steps=50, clip_sample=False)
    teacher_scheduler = DDIMScheduler(**SCHEDULE, timestep_spacing="trailing", set_alpha_to_one=True, clip_sample=False)
    for folder, unet, text, control, scheduler, facts in (
        (out, pair.student.unet, pair.text, pair.control, student_scheduler, STUDENT),
        (teacher_out, teacher.unet, teacher.text, teacher.control, teacher_scheduler, TEACHER),
    ):
        print(folder)
        write_unet(folder, unet)
        write_control(folder, control)
        write_text(folder, tokenizer, text)
        write_autoencoder(folder, autoencoder.eval(), state["mean"], state["deviation"])
        scheduler.save_pretrained(folder / "scheduler")
        _write_facts(folder, scheduler, facts)


def write_unet(out: Path, unet: ControlledUnet) -> None:
    """The UNet of the student, which has `timestep_cond`, or of the teacher. Its weights are those of a diffusers
    UNet2DConditionModel that reads the scaled control behind the latents, as channels 12 to 59; the path from the
    control to the output is in the graph alone."""
    inner = unet.unet
    save_weights(inner.state_dict(), out / "unet" / WEIGHTS)
    (out / "unet/config.json").write_text(inner.to_json_string())
    # Fused attention is slower on its way back only, and has the smaller graph.
    inner.set_attn_processor(AttnProcessor2_0())
    write_checked(controlled_graph(unet), out, TOLERANCE, halved(WEIGHTS))


def controlled_graph(unet: ControlledUnet) -> GraphSpec:
    """Inputs: sample [B, 12, h, w], timestep int64 [B], encoder_hidden_states [B, 32, 128], control [B, 48, h, w],
    conditioning_scale [B], and the student's timestep_cond [B, 256]. Output: out_sample [B, 12, h, w]."""
    noise, _ = numbers(unet)
    guided = unet.unet.config.time_cond_proj_dim

    def example(batch: int, high: int, wide: int) -> dict[str, Tensor]:
        inputs = {
            "sample": noise(batch, CHANNELS, 4 * high, 4 * wide),
            "timestep": torch.arange(999, 0, -979 // batch)[:batch],
            "encoder_hidden_states": noise(batch, TOKENS, WIDTH),
            "control": noise(batch, CONTROL_CHANNELS, 4 * high, 4 * wide),
            "conditioning_scale": torch.linspace(0.5, 1, batch),
        }
        if guided:
            inputs["timestep_cond"] = noise(batch, guided).clamp(-1, 1)
        return inputs

    rows = dict.fromkeys(["timestep", "encoder_hidden_states", "timestep_cond", "conditioning_scale"], BATCH)
    axes = rows | dict.fromkeys(["sample", "control", "out_sample"], LATENTS)
    return GraphSpec("unet", unet, lambda module, *inputs: module(*inputs), example, ["out_sample"], axes)


def write_control(out: Path, control: nn.Module) -> None:
    """control_encoder: controlnet_cond [B, 3, H, W] in 0..1 to control [B, 48, H / 8, W / 8], once a frame."""
    noise, _ = numbers(control)

    def example(batch: int, high: int, wide: int) -> dict[str, Tensor]:
        return {"controlnet_cond": (noise(batch, 3, 8 * FACTOR * high, 8 * FACTOR * wide) / 4 + 0.5).clamp(0, 1)}

    axes = {"controlnet_cond": PICTURE, "control": LATENTS}
    write_checked(GraphSpec("control_encoder", control, apply, example, ["control"], axes), out, TOLERANCE, halved())
    facts = {"_class_name": "UnderpaintControlEncoder", "control_channels": CONTROL_CHANNELS, "downscale": FACTOR}
    write_json(out / "control_encoder/config.json", facts)


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
