"""Exports a source: part by part, then the configurations. The folder gets its name when it is complete."""

import argparse
import gc
import json
import shutil
from pathlib import Path
from typing import Any

import torch
from diffusers import DDIMScheduler, EulerDiscreteScheduler, LCMScheduler
from torch import nn

from underpaint_onnx.check import compare_and_print, expect
from underpaint_onnx.graphs import GraphSpec, text_graph, unet_graph
from underpaint_onnx.writer import write_graph

from .cuda import fuse_for_cuda
from .errors import ExportError
from .graphs import safety_graph, vae_graphs
from .lora import Lora
from .source import Source, open_checkpoint, open_folder, open_tiny_vae

TOLERANCE = {"fp32": 1e-3, "fp16": 3e-2}
DTYPES = {"fp32": torch.float32, "fp16": torch.float16}
DEFAULTS = {
    "lcm": {"steps": 4, "strength": 0.6, "guidance": 8.0},
    "lcm-lora": {"steps": 4, "strength": 0.6, "guidance": 1.0},
    "turbo": {"steps": 2, "strength": 0.6, "guidance": 0.0},
    "diffusion": {"steps": 20, "strength": 0.6, "guidance": 7.5},
}
SERVED = ["LCMScheduler", "DDIMScheduler", "EulerDiscreteScheduler", "EulerAncestralDiscreteScheduler"]


def export(args: argparse.Namespace) -> None:
    out: Path = args.out
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ExportError(f"{out} already exists: name another folder, or delete it")
    dtype = DTYPES[args.dtype]
    loras = [Lora(path, weight) for path, weight in zip(args.lora, [*args.lora_weight, *[1.0] * len(args.lora)])]
    tiny_vae = args.tiny_vae and open_tiny_vae(args.tiny_vae, dtype)
    source = (
        open_checkpoint(args.checkpoint, dtype, args.config)
        if args.checkpoint
        else open_folder(args.source, dtype, safety_checker=args.safety_checker)
    )
    for lora in loras:
        lora.require_parts(list(source.parts))
    unfinished = out.parent / f".{out.name}.export"
    shutil.rmtree(unfinished, ignore_errors=True)
    try:
        unfinished.mkdir(parents=True)
        writer = Writer(unfinished, args.tolerance or TOLERANCE[args.dtype], is_for_cuda=args.optimize == "cuda")
        write_parts(writer, source, loras)
        if tiny_vae:
            writer.write(vae_graphs(tiny_vae(), "tiny-vae/"))
        write_descriptions(
            unfinished, source, scheduler_of(source, args.scheduler or ("lcm" if loras else "keep")), writer
        )
        if out.is_dir():
            out.rmdir()
        unfinished.rename(out)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    vae = f" --vae {out / 'tiny-vae'}" if tiny_vae else ""
    print(f"{out} is done: npx underpaint serve --model {out}{vae}")


def write_parts(writer: "Writer", source: Source, loras: list[Lora]) -> None:
    is_pair = "text_encoder_2" in source.parts
    for name, load in source.parts.items():
        module: Any = load().eval().requires_grad_(False)
        for lora in loras:
            if changed := lora.fuse(name, module):
                print(f"{name}: {changed} layers of {lora.path.name} fused at {lora.weight:g}", flush=True)
        if name == "unet":
            specs = [unet_graph(module)]
        elif name == "vae":
            # The autoencoder of SDXL overflows in fp16; its configuration says so.
            specs = vae_graphs(module.float() if is_pair and module.config.get("force_upcast") else module)
        elif name == "safety_checker":
            specs = [safety_graph(module)]
        else:
            specs = [text_graph(name, module, is_pair=is_pair)]
        del module
        writer.write(specs)


class Writer:
    """Writes graphs into the unfinished folder, each beside its configuration, and compares them with PyTorch."""

    def __init__(self, folder: Path, tolerance: float, *, is_for_cuda: bool = False):
        self.folder = folder
        self.is_for_cuda = is_for_cuda
        self.tolerance = tolerance
        self.configs: dict[str, dict] = {}

    def write(self, specs: list[GraphSpec]) -> None:
        """Empties `specs`, so that only ONNX Runtime holds the weights while the graphs are compared."""
        expectations = []
        while specs:
            spec = specs.pop(0)
            self.require_room(spec.module)
            expected = expect(spec)
            expectations.append((expected, write_graph(spec, self.folder / spec.folder, expected.shapes)))
            self.configs[spec.folder] = config_of(spec.module)
            write_json(self.folder / spec.folder / "config.json", self.configs[spec.folder])
            del spec
        gc.collect()
        for expected, size in expectations:
            compare_and_print(self.folder, expected, size, self.tolerance)
            if self.is_for_cuda:
                fuse_for_cuda(self.folder, expected, self.tolerance)

    def require_room(self, module: nn.Module) -> None:
        size = sum(weight.numel() * weight.element_size() for weight in module.parameters())
        free = shutil.disk_usage(self.folder).free
        if free < size + (64 << 20):
            raise ExportError(
                f"{self.folder.parent} needs {size / 1e9:.1f} GB and has {free / 1e9:.1f} GB: free some space"
            )


def config_of(module: Any) -> dict[str, Any]:
    """The configuration as diffusers and transformers write it."""
    if hasattr(module.config, "to_dict"):
        return json.loads(module.config.to_json_string(use_diff=False)) | {"architectures": [type(module).__name__]}
    return {key: value for key, value in module.config.items() if not key.startswith("_")} | {
        "_class_name": type(module).__name__
    }


def scheduler_of(source: Source, wanted: str) -> dict:
    """The source's own noise schedule in the scheduler class that the user wants. The weights do not show whether a
    model takes a few steps or many."""
    own = source.scheduler.get("_class_name")
    if wanted == "keep" and own in SERVED:
        return source.scheduler
    if wanted == "keep":
        print(
            f"scheduler: underpaint does not support {own}, so DDIMScheduler replaces it (see --scheduler)",
            flush=True,
        )
    if wanted == "lcm":
        return described(LCMScheduler.from_config(source.scheduler))
    if wanted == "turbo":
        return described(EulerDiscreteScheduler.from_config(source.scheduler, timestep_spacing="trailing"))
    return described(DDIMScheduler.from_config(source.scheduler))


def kind_of(unet: dict, scheduler: dict) -> str:
    if scheduler["_class_name"] == "LCMScheduler":
        return "lcm" if unet.get("time_cond_proj_dim") else "lcm-lora"
    return "turbo" if scheduler.get("timestep_spacing") == "trailing" else "diffusion"


def described(scheduler: Any) -> dict[str, Any]:
    return dict(scheduler.config) | {"_class_name": type(scheduler).__name__}


def write_descriptions(folder: Path, source: Source, scheduler: dict, writer: Writer) -> None:
    write_json(
        folder / "scheduler/scheduler_config.json",
        {key: value for key, value in scheduler.items() if key != "_use_default_values"},
    )
    source.save_tokenizers(folder)
    kind = kind_of(writer.configs["unet"], scheduler)
    parts = sorted({name.split("/")[0] for name in writer.configs} - {"tiny-vae"})
    write_json(
        folder / "model_index.json",
        {
            "_class_name": source.pipeline_class,
            **source.index,
            "scheduler": ["diffusers", scheduler["_class_name"]],
            **{part: ["onnxruntime", "InferenceSession"] for part in parts},
        },
    )
    write_json(folder / "underpaint.json", {"name": source.name, "defaults": DEFAULTS[kind]})


def write_json(path: Path, value: dict) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2, default=str) + "\n")
