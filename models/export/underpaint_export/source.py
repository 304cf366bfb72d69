"""Sources: a diffusers folder or a single-file checkpoint. Each part is loaded when the export reaches it."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import diffusers
import torch
import transformers
from safetensors import SafetensorError, safe_open
from torch import nn

from .errors import ExportError

diffusers.utils.logging.set_verbosity_error()
transformers.utils.logging.set_verbosity_error()
diffusers.utils.logging.disable_progress_bar()
transformers.utils.logging.disable_progress_bar()

PARTS = {
    "text_encoder": (transformers, ["CLIPTextModel", "CLIPTextModelWithProjection"]),
    "text_encoder_2": (transformers, ["CLIPTextModelWithProjection"]),
    "unet": (diffusers, ["UNet2DConditionModel"]),
    "vae": (diffusers, ["AutoencoderKL", "AutoencoderTiny"]),
}
TOKENIZER_FILES = ["tokenizer.json", "tokenizer_config.json", "vocab.json", "merges.txt", "special_tokens_map.json"]


@dataclass
class Source:
    name: str
    pipeline_class: str
    index: dict
    """The fields of model_index.json except the parts."""
    scheduler: dict
    parts: dict[str, Callable[[], nn.Module]]
    save_tokenizers: Callable[[Path], None]


def open_folder(folder: Path, dtype: torch.dtype, *, safety_checker: bool = False) -> Source:
    """
    Raises:
        ExportError: if the folder is not a model of a supported family
    """
    index = read_json(folder / "model_index.json", f"{folder} is not a diffusers folder: it has no model_index.json")
    scheduler = read_json(
        folder / "scheduler/scheduler_config.json", f"{folder} has no scheduler/scheduler_config.json"
    )
    names = [name for name, value in index.items() if isinstance(value, list) and value[0] is not None]
    if "unet" not in names or "vae" not in names or "text_encoder" not in names:
        raise ExportError(
            f"{folder} is a {index.get('_class_name')} of {', '.join(names)}: "
            "only models of text encoder, unet and vae can be exported"
        )
    parts = {}
    for name, (library, classes) in PARTS.items():
        if name in names:
            class_name = index[name][1]
            if class_name not in classes:
                raise ExportError(f"{folder / name} is a {class_name}, only {' and '.join(classes)} can be exported")
            parts[name] = loader(getattr(library, class_name), folder / name, dtype)
    if safety_checker:
        parts["safety_checker"] = loader(safety_checker_class(), folder / "safety_checker", dtype)
    extra = {key: value for key, value in index.items() if not isinstance(value, list) and not key.startswith("_")}

    def save_tokenizers(out: Path) -> None:
        copy_files(folder, out, "tokenizer", TOKENIZER_FILES)
        copy_files(folder, out, "tokenizer_2", TOKENIZER_FILES)
        if safety_checker:
            copy_files(folder, out, "feature_extractor", ["preprocessor_config.json"])

    return Source(
        folder.resolve().name,
        index.get("_class_name", "StableDiffusionPipeline"),
        extra,
        scheduler,
        parts,
        save_tokenizers,
    )


def open_checkpoint(path: Path, dtype: torch.dtype, config: Path | None) -> Source:
    """A single file as training tools write it. It is loaded as a whole."""
    pipeline_class = diffusers.StableDiffusionXLPipeline if is_sdxl(path) else diffusers.StableDiffusionPipeline
    if config is not None and not (config / "model_index.json").is_file():
        raise ExportError(f"--config {config} is not a diffusers folder: it has no model_index.json")
    options = {} if pipeline_class is diffusers.StableDiffusionXLPipeline else {"safety_checker": None}
    try:
        pipeline = pipeline_class.from_single_file(
            str(path), config=config and str(config), torch_dtype=dtype, local_files_only=config is not None, **options
        )
    except Exception as error:  # diffusers raises whatever its many parts raise
        hint = (
            "does it belong to the family of --config?"
            if config
            else "without a network, name a diffusers folder of the same family with --config"
        )
        raise ExportError(f"{path} cannot be loaded ({first_line(error)}): {hint}") from error
    loaded: dict[str, Any] = {name: getattr(pipeline, name, None) for name in [*PARTS, "tokenizer", "tokenizer_2"]}
    parts: dict[str, Callable[[], nn.Module]] = {
        name: partial(loaded.pop, name) for name in PARTS if loaded[name] is not None
    }
    extra = {"force_zeros_for_empty_prompt": True} if pipeline.config.get("force_zeros_for_empty_prompt") else {}

    def save_tokenizers(out: Path) -> None:
        for name in ["tokenizer", "tokenizer_2"]:
            if loaded[name] is not None:
                loaded[name].save_pretrained(out / name)

    return Source(
        path.stem,
        pipeline_class.__name__,
        extra,
        dict(pipeline.scheduler.config) | {"_class_name": type(pipeline.scheduler).__name__},
        parts,
        save_tokenizers,
    )


def open_tiny_vae(folder: Path, dtype: torch.dtype) -> Callable[[], nn.Module]:
    config = read_json(folder / "config.json", f"--tiny-vae {folder} has no config.json")
    if config.get("_class_name") != "AutoencoderTiny":
        raise ExportError(f"--tiny-vae {folder} is a {config.get('_class_name')}, not an AutoencoderTiny")
    return loader(diffusers.AutoencoderTiny, folder, dtype)


def loader(model_class: Any, folder: Path, dtype: torch.dtype) -> Callable[[], nn.Module]:
    if not folder.is_dir():
        raise ExportError(f"{folder} is missing: is the model complete?")
    files = [path.name for path in folder.glob("*.safetensors")] + [path.name for path in folder.glob("*.bin")]
    plain = [name for name in files if ".fp16." not in name]
    if not files:
        raise ExportError(f"{folder} has no weights")

    def load() -> nn.Module:
        try:
            return model_class.from_pretrained(
                folder, torch_dtype=dtype, variant=None if plain else "fp16", local_files_only=True
            )
        except (OSError, ValueError, RuntimeError, SafetensorError, KeyError) as error:
            raise ExportError(f"{folder} cannot be loaded: {first_line(error)}") from error

    return load


def safety_checker_class() -> type:
    from diffusers.pipelines.stable_diffusion import StableDiffusionSafetyChecker

    return StableDiffusionSafetyChecker


def is_sdxl(path: Path) -> bool:
    if not path.is_file():
        raise ExportError(f"there is no checkpoint {path}")
    try:
        with safe_open(path, "pt") as file:
            return any(key.startswith("conditioner.embedders.1.") for key in file.keys())
    except SafetensorError as error:
        raise ExportError(f"{path} is not a complete safetensors file: {first_line(error)}") from error


def read_json(path: Path, missing: str) -> dict:
    try:
        return json.loads(path.read_text())
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ExportError(missing) from error
    except ValueError as error:
        raise ExportError(f"{path} is not JSON: was it cut short?") from error


def copy_files(folder: Path, out: Path, name: str, files: list[str]) -> None:
    found = [folder / name / file for file in files if (folder / name / file).is_file()]
    for path in found:
        (out / name).mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, out / name / path.name)


def first_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)[:300]
