"""The model card: what the model is, how it was made, and its results for held-out sketches."""

import json
from pathlib import Path

from PIL import Image
from torch import nn

from ..measuring.tables import section
from ..networks.autoencoder import Autoencoder
from ..scenes import VOCABULARY
from ..scenes.dataset import Scenes
from ..training.student import load_pair

FIRST, COUNT = 10, 10
QUALITY = 85

TEXT = """# Landscape

A latent consistency model of layered illustrations, 256 x 256, made in this repository for drawing live on an ordinary
processor. It paints what is sketched, in the light, season, weather and style that the words say, in one to eight
steps from noise. Apache-2.0, weights and data.

![Sketches drawn with a mouse, and what the model makes of them](docs/by-hand.jpg)

Rows: sketches that were drawn with a mouse; 2 steps with the words of each; the same with “at night”.

![Held-out sketches and what the model makes of them](docs/held-out.jpg)

Rows: the sketch; 1, 2 and 4 steps from noise; “at night”; “in winter, snow”; the caption without the sketch; the real
picture. Not chosen: held-out scenes {first} to {last}, seed 1, guidance 2. Their captions:

{captions}

## Data

{train} scenes to train on and {held_out} held out, all rendered by `models/train`: a picture, a sketch of it as people
draw, and a caption in varied words. Nothing was taken from anywhere. In about two fifths of the sketches the colours
contradict the caption. The words that it knows: {words}.

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

It knows the kinds of scene that its generator renders and nothing else. Other words do no harm and little good.

## Use

Made for `underpaint serve`, which loads it when no other model is named. The text encoder and the scheduler are those
of transformers and diffusers; the UNet is diffusers' UNet2DConditionModel, whose input has the features of the sketch,
from the graph `control_encoder`, times `conditioning_scale`, behind the latents. Weights are stored as float16 and run
as float32.
"""

STAGES = {
    "autoencoder": "autoencoder",
    "teacher": "teacher (latent diffusion)",
    "distilled": "student (consistency distillation)",
    "isolated": "in isolation, to compare",
    "sharpening": "student, control encoder and decoder, sharpened together",
}


def write_card(runs: Path, out: Path) -> None:
    """The card of the folder `out`, from the report of the evaluation and the grids of the student in `runs`."""
    held_out = Scenes(runs / "scenes/held-out")
    (out / "docs").mkdir(exist_ok=True)
    for grid, name in (("grid", "held-out"), ("by-hand", "by-hand")):
        with Image.open(runs / f"student/{grid}.png") as picture:
            picture.convert("RGB").save(out / f"docs/{name}.jpg", quality=QUALITY, optimize=True)
    report = json.loads((runs / "evaluation.json").read_text())
    before, after = report["autoencoder"]
    captions = held_out.captions[FIRST : FIRST + COUNT]
    trained = {folder: words for folder, words in STAGES.items() if (runs / folder / "losses.json").exists()}
    (out / "README.md").write_text(
        TEXT.format(
            first=FIRST,
            last=FIRST + COUNT - 1,
            captions="\n".join(f"{i}. {caption or '(no words)'}" for i, caption in enumerate(captions, 1)),
            evaluation=section(report),
            train=len(Scenes(runs / "scenes/train")),
            held_out=len(held_out),
            words=", ".join(VOCABULARY),
            stages="\n".join(stage_row(runs, folder, words) for folder, words in trained.items()),
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
        "control encoder": count(pair.control),
        "text encoder": count(pair.text),
        "encoder": count(autoencoder.encoder),
        "decoder": count(autoencoder.decoder),
    }
