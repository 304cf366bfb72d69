"""Measures everything that was trained against held-out scenes; runs/evaluation.json. See the model card for the
tables."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from ..errors import TrainingError
from ..networks.autoencoder import Autoencoder
from ..scenes.by_hand import hand_sketches
from ..scenes.dataset import Scenes
from ..scenes.plan import INDOORS
from ..training.autoencoder import measure, to_tensor
from ..training.device import DEVICE, placed
from ..training.latents import FILES
from ..training.loop import load_weights
from ..training.teacher import Decoding
from .classifier import classify, load_classifier, train_classifier
from .facts import agreement
from .layout import correlation, lines_kept
from .likeness import psnr, ssim
from .painters import Painter, painters
from .pixel import evaluate_pixel
from .steadiness import add_stroke, diversity, reach
from .swd import SlicedWasserstein, level_energies
from .words import changes

LAYOUT_SKETCHES = 32
STEADY_SKETCHES = 16
SEEDS = 4
WET = ("ocean", "lake", "river", "island", "waterfall", "arctic", "beach")
"""Places that mirror other parts of the picture."""


class Evaluation:
    """The held-out scenes, the judges of pictures, and the facts of the real ones."""

    def __init__(self, runs: Path, count: int):
        scenes = Scenes(runs / "scenes/held-out")
        if len(scenes) < count:
            raise TrainingError(
                f"there are {len(scenes)} held-out scenes, fewer than {count}; ask for that many by --count"
            )
        self.runs, self.all = runs, scenes
        self.facts, self.captions = scenes.facts[:count], scenes.captions[:count]
        self.real, self.sketches = to_tensor(scenes.pictures[:count]), to_tensor(scenes.sketches[:count])
        latents = np.load(runs / "scenes/held-out" / next(iter(FILES)), mmap_mode="r")[:count]
        self.latents = torch.from_numpy(np.array(latents)).float().to(DEVICE)
        self.decoding, self.classifier = Decoding(runs), load_classifier(runs)
        self.distance, self.energies = SlicedWasserstein(self.real.cpu()), level_energies(self.real)

    def decode(self, latents: Tensor) -> Tensor:
        """Latents to pictures [N, 3, 256, 256] in 256 shades, as a viewer gets them."""
        return torch.cat([to_tensor(self.decoding(part)) for part in latents.split(32)])

    def paint(self, painter: Painter, captions: list[str], sketches: Tensor, **how: Any) -> Tensor:
        """Pictures of sketches [N, 3, 256, 256] in -1..1."""
        return self.decode(painter.paint(captions, (sketches + 1) / 2, **how))

    def judge(self, pictures: Tensor) -> dict:
        energies = level_energies(pictures)
        return {
            "swd": self.distance(pictures.cpu()),
            "agreement": agreement(classify(self.classifier, pictures), self.facts),
            "levels": {size: round(energies[size] / self.energies[size], 3) for size in energies},
        }

    def compare(self, pictures: Tensor) -> dict:
        return {
            **self.judge(pictures),
            "psnr": round(psnr(pictures, self.real), 2),
            "ssim": round(ssim(pictures.cpu(), self.real.cpu()), 3),
        }

    def row(self, painter: Painter, origin: str) -> dict:
        """One row of the table: from the sketches, or from the captions alone."""
        if origin == "text":
            return self.judge(self.paint(painter, self.captions, self.sketches, scale=0.0))
        return self.compare(self.paint(painter, self.captions, self.sketches))


def evaluate(runs: Path, *, count: int, guidance: float) -> dict:
    """Trains the classifier that judges, measures, and writes the report."""
    train_classifier(runs)
    with torch.no_grad():
        report = measure_all(runs, count=count, guidance=guidance)
    (runs / "evaluation.json").write_text(json.dumps(report, indent=1))
    return report


def measure_all(runs: Path, *, count: int, guidance: float) -> dict:
    it = Evaluation(runs, count)
    everyone = painters(runs, guidance)
    served = [p for p in everyone if p.trainer == "student" and p.sampler == "multistep"]
    report: dict[str, Any] = {
        "pictures": count,
        "guidance": guidance,
        "autoencoder": autoencoder_rows(it),
        "real": {
            "swd": it.distance(to_tensor(Scenes(runs / "scenes/train").pictures[:count]).cpu()),
            "agreement": agreement(classify(it.classifier, it.real), it.facts),
        },
        "decoded": it.compare(it.decode(it.latents)),
        "sketches": it.compare(it.sketches),
        "rows": [],
    }
    for painter in tqdm(everyone, desc="evaluate", unit="row"):
        for origin in ("sketch", "text"):
            name = {"trainer": painter.trainer, "steps": painter.steps, "sampler": painter.sampler, "from": origin}
            report["rows"].append({**name, **it.row(painter, origin)})
    if served:
        two = next(p for p in served if p.steps == 2)
        report["control"] = {
            "layout": [layout(it, painter) for painter in served],
            "words": words(it, two),
            "steadiness": steadiness(it, two),
        }
    report["pixel"] = evaluate_pixel(runs, count)
    return report


def autoencoder_rows(it: Evaluation) -> list:
    """The autoencoder before and after its decoder was sharpened: PSNR, and gradient energy kept."""
    rows = []
    for name, model in (
        ("trained", placed(load_weights(it.runs / "autoencoder", Autoencoder()))),
        ("sharpened", it.decoding.model),
    ):
        rows.append({"decoder": name, **measure(model, it.all)})
    return rows


def layout(it: Evaluation, painter: Painter) -> dict:
    """At full noise: pictures against flat sketches whose words agree, against those by hand, and lines kept."""
    facts, captions = it.all.facts, it.all.captions
    flat = [i for i, f in enumerate(facts) if f["sketch"] == "flat" and not f["contradicts"]][:LAYOUT_SKETCHES]
    drawn = [i for i, f in enumerate(facts) if f["sketch"] == "lines"][:LAYOUT_SKETCHES]
    by_hand = hand_sketches()
    coloured, inked = ([one for one in by_hand if one.lines_only == lines] for lines in (False, True))
    hand = to_tensor(np.stack([one.sketch for one in coloured]))
    hand_lines = to_tensor(np.stack([one.sketch for one in inked]))
    sketches, lines = to_tensor(it.all.sketches[flat]), to_tensor(it.all.sketches[drawn])
    on_flat = correlation(it.paint(painter, [captions[i] for i in flat], sketches), sketches)
    on_hand = correlation(it.paint(painter, [one.prompt for one in coloured], hand), hand)
    return {
        "steps": painter.steps,
        "flat": mean_and_worst(on_flat),
        "hand": mean_and_worst(on_hand),
        "lines": lines_kept(it.paint(painter, [captions[i] for i in drawn], lines), lines),
        "handLines": lines_kept(it.paint(painter, [one.prompt for one in inked], hand_lines), hand_lines),
    }


def mean_and_worst(values: Tensor) -> dict[str, float]:
    return {"mean": round(float(values.mean()), 3), "worst": round(float(values.min()), 3)}


def words(it: Evaluation, painter: Painter) -> dict:
    """Captions of sketches that contradict them, and single words on sketches of plain days."""
    facts, captions = it.all.facts, it.all.captions
    some = [i for i, fact in enumerate(facts) if fact["contradicts"]][: len(it.facts)]
    those = [facts[i] for i in some]
    painted = it.paint(painter, [captions[i] for i in some], to_tensor(it.all.sketches[some]))

    def find(words: list[str], sketches: Tensor) -> dict[str, Tensor]:
        return classify(it.classifier, it.paint(painter, words, sketches))

    real = to_tensor(it.all.pictures[: len(facts)])
    return {
        "contradicting": len(some),
        "agreement": agreement(classify(it.classifier, painted), those),
        "real": agreement(classify(it.classifier, to_tensor(it.all.pictures[some])), those),
        "changes": changes(find, facts, to_tensor(it.all.sketches), classify(it.classifier, real)),
    }


def steadiness(it: Evaluation, painter: Painter) -> dict:
    """How far the effect of a stroke reaches on dry land, and how much another noise changes."""
    facts = it.all.facts
    dry = [i for i, f in enumerate(facts) if f["sketch"] in ("flat", "rough") and f["place"] not in (*WET, *INDOORS)]
    dry = dry[:STEADY_SKETCHES]
    captions, sketches = [it.all.captions[i] for i in dry], to_tensor(it.all.sketches[dry])
    changed, stroke = add_stroke((sketches + 1) / 2)
    before = it.paint(painter, captions, sketches)
    after = it.paint(painter, captions, 2 * changed - 1)
    others = [it.paint(painter, captions, sketches, seed=seed) for seed in range(1, SEEDS)]
    alone = [it.paint(painter, captions, sketches, scale=0.0, seed=seed) for seed in range(SEEDS)]
    return {**reach(before, after, stroke), "seeds": diversity([before, *others]), "seedsAlone": diversity(alone)}
