"""Real diffusers and transformers classes with a few thousand random weights, in the usual folders and checkpoints."""

import json
from pathlib import Path

import torch
from diffusers import (
    AutoencoderKL,
    AutoencoderTiny,
    EulerDiscreteScheduler,
    LCMScheduler,
    PNDMScheduler,
    UNet2DConditionModel,
)
from safetensors.torch import save_file
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

LETTERS = [chr(33 + i) for i in range(94)]
VOCABULARY = {
    token: i
    for i, token in enumerate([*LETTERS, *(letter + "</w>" for letter in LETTERS), "<|startoftext|>", "<|endoftext|>"])
}
SCHEDULE = {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012}
WIDTH = 16


def write_tokenizer(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "vocab.json").write_text(json.dumps(VOCABULARY))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    special = {
        "bos_token": "<|startoftext|>",
        "eos_token": "<|endoftext|>",
        "unk_token": "<|endoftext|>",
        "pad_token": "<|endoftext|>",
    }
    (folder / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "CLIPTokenizer", "model_max_length": 77, **special})
    )


def make_text_encoder(projection: int | None = None):
    end = VOCABULARY["<|endoftext|>"]
    config = CLIPTextConfig(
        vocab_size=len(VOCABULARY),
        hidden_size=WIDTH,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=77,
        projection_dim=projection or WIDTH,
        bos_token_id=end - 1,
        eos_token_id=end,
        pad_token_id=end,
    )
    return (CLIPTextModelWithProjection if projection else CLIPTextModel)(config)


def make_unet(**options):
    defaults = {
        "block_out_channels": (8, 16),
        "layers_per_block": 1,
        "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"),
        "up_block_types": ("CrossAttnUpBlock2D", "UpBlock2D"),
        "attention_head_dim": 2,
        "norm_num_groups": 4,
        "cross_attention_dim": WIDTH,
        "sample_size": 8,
    }
    return UNet2DConditionModel(**defaults | options)


def make_vae(**options):
    return AutoencoderKL(
        block_out_channels=(4,) * 3 + (8,),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=1,
        latent_channels=4,
        norm_num_groups=2,
        sample_size=64,
        **options,
    )


def make_tiny_vae():
    return AutoencoderTiny(
        encoder_block_out_channels=(4,) * 4,
        decoder_block_out_channels=(4,) * 4,
        num_encoder_blocks=(1,) * 4,
        num_decoder_blocks=(1,) * 4,
    )


def write_folder(folder: Path, kind: str) -> Path:
    """`kind`: sd, lcm or sdxl-turbo."""
    torch.manual_seed(0)
    is_xl = kind == "sdxl-turbo"
    options = {"time_cond_proj_dim": 32} if kind == "lcm" else {}
    if is_xl:
        options = {
            "cross_attention_dim": 2 * WIDTH,
            "addition_embed_type": "text_time",
            "addition_time_embed_dim": 8,
            "projection_class_embeddings_input_dim": 24 + 6 * 8,
        }
    schedulers = {
        "sd": PNDMScheduler(**SCHEDULE),
        "lcm": LCMScheduler(),
        "sdxl-turbo": EulerDiscreteScheduler(**SCHEDULE, timestep_spacing="trailing"),
    }
    parts = {
        "text_encoder": make_text_encoder(),
        "unet": make_unet(**options),
        "vae": make_vae(),
        "scheduler": schedulers[kind],
    }
    if is_xl:
        parts["text_encoder_2"] = make_text_encoder(projection=24)
    for name, part in parts.items():
        part.save_pretrained(folder / name)
    for name in ["tokenizer", "tokenizer_2"][: 1 + is_xl]:
        write_tokenizer(folder / name)
    pipelines = {
        "sd": "StableDiffusionPipeline",
        "lcm": "LatentConsistencyModelPipeline",
        "sdxl-turbo": "StableDiffusionXLPipeline",
    }
    index = {
        name: ["transformers" if name.startswith("text") else "diffusers", type(part).__name__]
        for name, part in parts.items()
    }
    tokenizers = {name: ["transformers", "CLIPTokenizer"] for name in ["tokenizer", "tokenizer_2"][: 1 + is_xl]}
    extra = (
        {"force_zeros_for_empty_prompt": True}
        if is_xl
        else {"safety_checker": [None, None], "feature_extractor": [None, None]}
    )
    (folder / "model_index.json").write_text(
        json.dumps({"_class_name": pipelines[kind], "_diffusers_version": "0.32.0", **index, **tokenizers, **extra})
    )
    return folder


def make_lora(unet, rank: int = 3) -> dict[str, tuple[torch.Tensor, torch.Tensor, float]]:
    """Random matrices and alphas for an attention layer, a layer of a resnet and a convolution, by the path of the
    layer."""
    generator = torch.Generator().manual_seed(1)

    def noise(*shape):
        return torch.randn(shape, generator=generator) / 4

    paths = [
        "down_blocks.1.attentions.0.transformer_blocks.0.attn1.to_q",
        "up_blocks.0.attentions.1.transformer_blocks.0.attn2.to_out.0",
        "mid_block.resnets.0.time_emb_proj",
        "down_blocks.0.resnets.0.conv1",
        "down_blocks.0.downsamplers.0.conv",
        "up_blocks.0.upsamplers.0.conv",
    ]
    modules = dict(unet.named_modules())
    lora = {}
    for i, path in enumerate(paths):
        out, into, *kernel = modules[path].weight.shape
        lora[path] = (noise(rank, into, *kernel), noise(out, rank, *[1 for _ in kernel]), 1.0 + i)
    return lora


def kohya_keys(lora: dict) -> dict[str, torch.Tensor]:
    keys = {}
    for path, (down, up, alpha) in lora.items():
        name = "lora_unet_" + path.replace(".", "_")
        keys |= {f"{name}.lora_down.weight": down, f"{name}.lora_up.weight": up, f"{name}.alpha": torch.tensor(alpha)}
    return keys


def diffusers_keys(lora: dict) -> dict[str, torch.Tensor]:
    """Without alphas, which are part of the matrices here."""
    keys = {}
    for path, (down, up, alpha) in lora.items():
        keys |= {f"unet.{path}.lora_A.weight": down, f"unet.{path}.lora_B.weight": up * (alpha / down.shape[0])}
    return keys


def write_checkpoint(folder: Path, path: Path, ldm_keys) -> None:
    """The parts of a folder in one file, with the names of the original implementation of latent diffusion."""
    unet = UNet2DConditionModel.from_pretrained(folder / "unet").state_dict()
    vae = AutoencoderKL.from_pretrained(folder / "vae").state_dict()
    text = CLIPTextModel.from_pretrained(folder / "text_encoder").state_dict()
    tensors = {f"model.diffusion_model.{ldm_keys(key)}": value for key, value in unet.items()}
    tensors |= {f"first_stage_model.{ldm_vae_key(key)}": value for key, value in vae.items()}
    tensors |= {
        f"cond_stage_model.transformer.text_model.{key.removeprefix('text_model.')}": value
        for key, value in text.items()
    }
    save_file({key: value.contiguous() for key, value in tensors.items()}, path)


def ldm_vae_key(key: str) -> str:
    names = key.split(".")
    swap = {
        "conv_norm_out": "norm_out",
        "conv_shortcut": "nin_shortcut",
        "group_norm": "norm",
        "to_q": "q",
        "to_k": "k",
        "to_v": "v",
    }
    if names[1] in ("down_blocks", "up_blocks"):
        level = int(names[2]) if names[1] == "down_blocks" else 3 - int(names[2])
        kind = {"resnets": f"block.{names[4]}", "downsamplers": "downsample", "upsamplers": "upsample"}[names[3]]
        names = [names[0], names[1].split("_")[0], str(level), *kind.split("."), *names[5:]]
    elif names[1] == "mid_block":
        kind = f"block_{int(names[3]) + 1}" if names[2] == "resnets" else "attn_1"
        rest = [name for name in names[4:] if name != "0"]
        names = [names[0], "mid", kind, *["proj_out" if name == "to_out" else name for name in rest]]
    return ".".join(swap.get(name, name) for name in names)
