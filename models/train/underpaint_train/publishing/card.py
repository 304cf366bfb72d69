"""The model card: what the model is, how it was made, and what it makes of sketches it has never seen."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import nn

from ..measuring.tables import section
from ..networks.autoencoder import Autoencoder
from ..networks.text import load_tokenizer, tokenize
from ..scenes.dataset import Scenes
from ..training.student import load_pair, sample_student
from ..training.teacher import Decoding

FIRST, COUNT = 8, 8
CELL = 192
STEPS = (1, 2, 4, 8)

TEXT = """# Landscape

A latent consistency model of landscapes, 256 x 256, made in this repository for drawing live on an ordinary
processor. It turns a sketch in a few flat colours and a few words into a picture in one to eight steps. Apache-2.0,
weights and data.

![Held-out sketches and what the model makes of them](docs/held-out.jpg)

Rows: the sketch; 1, 2, 4 and 8 steps from it at strength {strength}, guidance {guidance}, seed 1; the caption alone
at 4 steps; the real picture. Not chosen: held-out scenes {first} to {last}. Their captions:

{captions}

## Data

{train} scenes to train on and {held_out} held out, all rendered by `models/train`: a picture, a sketch of it as people
draw with five to ten colours and a thick brush, and a caption in varied words. Nothing was taken from anywhere.

## Training

| stage | steps | loss, first and last 50 steps |
|---|---|---|
{stages}

The autoencoder reaches {psnr} dB on whole held-out pictures before it is sharpened and {sharp_psnr} dB after, when the
gradient energy of what it decodes is {sharp} of the real one ({soft} before).

| part | parameters |
|---|---|
{parts}

{evaluation}
## Limits

It knows the kinds of scene that its generator renders and nothing else: no people, no animals but birds, no rooms. It
paints as with gouache: small things are kept at low strengths, outlines fray, mountains in the colours of their sky
go into it, and from strength 0.3 on shapes move. Two or four steps are best. Captions alone give light, season and
layout rather than things. Words outside the captions do no harm and little good.

## Use

Made for `underpaint serve`, which loads it when no other model is named. The UNet, the text encoder and the scheduler
are those of diffusers and transformers; weights are stored as float16 and run as float32.
"""

STAGES = {
    "autoencoder": "autoencoder",
    "teacher": "teacher (latent diffusion)",
    "distilled": "student (consistency distillation)",
    "isolated": "in isolation, to compare",
    "sharpening": "student and decoder, sharpened together",
}


def write_card(runs: Path, out: Path) -> None:
    defaults = json.loads((out / "underpaint.json").read_text())["defaults"]
    strength, guidance = defaults["strength"], defaults["guidance"]
    held_out = Scenes(runs / "scenes/held-out")
    (out / "docs").mkdir(exist_ok=True)
    save_pictures(runs, held_out, out / "docs/held-out.jpg", strength=strength, guidance=guidance)
    report = json.loads((runs / "evaluation.json").read_text())
    before, after = report["autoencoder"]
    captions = held_out.captions[FIRST : FIRST + COUNT]
    (out / "README.md").write_text(
        TEXT.format(
            strength=strength,
            guidance=guidance,
            first=FIRST,
            last=FIRST + COUNT - 1,
            captions="\n".join(f"{i}. {caption}" for i, caption in enumerate(captions, 1)),
            evaluation=section(report),
            train=len(Scenes(runs / "scenes/train").facts),
            held_out=len(held_out.facts),
            stages="\n".join(stage_row(runs, folder, words) for folder, words in STAGES.items()),
            psnr=before["psnr"],
            sharp_psnr=after["psnr"],
            soft=before["gradientKept"],
            sharp=after["gradientKept"],
            parts="\n".join(f"| {name} | {count / 1e6:.2f} M |" for name, count in sizes(runs).items()),
        )
    )


def stage_row(runs: Path, folder: str, words: str) -> str:
    losses = json.loads((runs / folder / "losses.json").read_text())
    first, last = (sum(part) / len(part) for part in (losses[:50], losses[-50:]))
    return f"| {words} | {len(losses)} | {first:.4f} to {last:.4f} |"


def sizes(runs: Path) -> dict:
    def count(module: nn.Module) -> int:
        return sum(p.numel() for p in module.parameters())

    autoencoder, pair = Autoencoder(), load_pair(runs)
    return {
        "UNet": count(pair.student),
        "text encoder": count(pair.text),
        "encoder": count(autoencoder.encoder),
        "decoder": count(autoencoder.decoder),
    }


@torch.no_grad()
def save_pictures(runs: Path, scenes: Scenes, path: Path, *, strength: float, guidance: float) -> None:
    tokenizer = load_tokenizer(runs / "tokenizer.json")
    pair, decode = load_pair(runs), Decoding(runs)
    some = slice(FIRST, FIRST + COUNT)
    hidden = pair.encode(tokenize(tokenizer, scenes.captions[some]))
    start = torch.load(runs / "scenes/held-out/latents.pt", weights_only=True)["sketches"][some].float()

    def paint(steps: int, **how: Any) -> np.ndarray:
        generator = torch.Generator().manual_seed(1)
        return decode(sample_student(pair.student, hidden, steps=steps, scale=guidance, generator=generator, **how))

    rows = [
        scenes.sketches[some],
        *(paint(n, start=start, strength=strength) for n in STEPS),
        paint(4),
        scenes.pictures[some],
    ]
    grid = Image.fromarray(np.concatenate([np.concatenate(list(row), 1) for row in rows]))
    grid.resize((CELL * COUNT, CELL * len(rows)), Image.Resampling.LANCZOS).save(path, quality=82, optimize=True)
