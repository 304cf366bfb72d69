"""Measures everything that was trained against held-out scenes; runs/evaluation.json. See the model card for the
table."""

import json
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from tqdm import tqdm

from ..errors import TrainingError
from ..networks.autoencoder import Autoencoder
from ..scenes.dataset import Scenes
from ..training.autoencoder import measure, to_tensor
from ..training.loop import load_weights
from ..training.teacher import Decoding
from .classifier import classify, load_classifier, train_classifier
from .facts import agreement, share_of
from .likeness import psnr, ssim
from .painters import Painter, painters
from .pixel import evaluate_pixel
from .swd import SlicedWasserstein

PROMPT_STRENGTHS = (0.2, 0.4, 0.6, 1.0)
CHANGES = {"sunset": "{} at sunset", "night": "{} at night", "snow": "{} in winter, covered in snow"}
SUBJECTS = {
    "mountains": "mountains",
    "forest": "a forest",
    "hills": "rolling hills",
    "lake": "a lake",
    "river": "a river",
    "ocean": "the ocean",
    "city": "a city skyline",
}


class Evaluation:
    """The held-out scenes, what judges pictures, and what is known of the real ones."""

    def __init__(self, runs: Path, count: int, strength: float):
        scenes = Scenes(runs / "scenes/held-out")
        if len(scenes.facts) < count:
            raise TrainingError(
                f"there are {len(scenes.facts)} held-out scenes, fewer than {count}; ask for that many by --count"
            )
        self.runs, self.strength, self.facts, self.captions = (
            runs,
            strength,
            scenes.facts[:count],
            scenes.captions[:count],
        )
        self.real = to_tensor(scenes.pictures[:count])
        latents = torch.load(runs / "scenes/held-out/latents.pt", weights_only=True)
        self.pictures, self.sketches = (latents[name][:count].float() for name in ("pictures", "sketches"))
        self.decoding, self.classifier, self.distance = (
            Decoding(runs),
            load_classifier(runs),
            SlicedWasserstein(self.real),
        )

    def decode(self, latents: Tensor) -> Tensor:
        """Latents to what a viewer gets: pictures [N, 3, 256, 256] in 256 shades."""
        return torch.cat([to_tensor(self.decoding(part)) for part in latents.split(32)])

    def judge(self, pictures: Tensor) -> dict:
        return {"swd": self.distance(pictures), "agreement": agreement(classify(self.classifier, pictures), self.facts)}

    def row(self, painter: Painter, origin: str) -> dict:
        """One row of the table: from the sketches, or from the captions alone."""
        if origin == "text":
            return self.judge(self.decode(painter.paint(self.captions)))
        return self.compare(self.decode(painter.paint(self.captions, start=self.sketches, strength=self.strength)))

    def compare(self, pictures: Tensor) -> dict:
        return {
            **self.judge(pictures),
            "psnr": round(psnr(pictures, self.real), 2),
            "ssim": round(ssim(pictures, self.real), 3),
        }


def evaluate(runs: Path, *, count: int, strength: float, guidance: float) -> dict:
    train_classifier(runs)
    with torch.no_grad():
        report = measure_all(runs, count=count, strength=strength, guidance=guidance)
    (runs / "evaluation.json").write_text(json.dumps(report, indent=1))
    return report


def measure_all(runs: Path, *, count: int, strength: float, guidance: float) -> dict:
    it = Evaluation(runs, count, strength)
    everyone = painters(runs, guidance)
    report: dict[str, Any] = {
        "pictures": count,
        "strength": strength,
        "guidance": guidance,
        "autoencoder": autoencoder_rows(it),
        "real": {
            "swd": it.distance(to_tensor(Scenes(runs / "scenes/train").pictures[:count])),
            "agreement": agreement(classify(it.classifier, it.real), it.facts),
        },
        "decoded": it.compare(it.decode(it.pictures)),
        "sketches": it.compare(to_tensor(Scenes(runs / "scenes/held-out").sketches[:count])),
        "rows": [],
    }
    for painter in tqdm(everyone, desc="evaluate", unit="row"):
        for origin in ("sketch", "text"):
            report["rows"].append(
                {"trainer": painter.trainer, "steps": painter.steps, "from": origin, **it.row(painter, origin)}
            )
    report["prompts"] = changed_prompts(it, next(p for p in everyone if p.steps == 4))
    report["pixel"] = evaluate_pixel(runs, count)
    return report


def autoencoder_rows(it: Evaluation) -> list:
    """The autoencoder before and after its decoder was sharpened: PSNR, and gradient energy kept."""
    held_out, rows = Scenes(it.runs / "scenes/held-out"), []
    for name, model in (
        ("trained", load_weights(it.runs / "autoencoder", Autoencoder())),
        ("sharpened", it.decoding.model),
    ):
        rows.append({"decoder": name, **measure(model, held_out)})
    return rows


def changed_prompts(it: Evaluation, painter: Painter) -> dict:
    """What the words do to sketches of sunsets: share of the pictures in which the classifier finds a sunset, a night,
    and snow on the ground, for each of three prompts and each strength; and of real pictures that are so."""
    some = [
        i
        for i, fact in enumerate(it.facts)
        if fact["time"] == "sunset" and fact["season"] != "winter" and fact["kind"] in SUBJECTS
    ]
    real = classify(it.classifier, it.real)
    truth = {"sunset": ("time", "sunset"), "night": ("time", "night"), "snow": ("season", "winter")}
    real_shares: dict[str, Any] = {}
    changed: list[dict[str, Any]] = []
    for name, (facet, value) in truth.items():
        those = torch.tensor([fact[facet] == value and fact["kind"] in SUBJECTS for fact in it.facts])
        real_shares[name] = share_of(real[facet][those], facet, value)
    for strength in PROMPT_STRENGTHS:
        for name, words in CHANGES.items():
            captions = [words.format(SUBJECTS[it.facts[i]["kind"]]) for i in some]
            found = classify(
                it.classifier, it.decode(painter.paint(captions, start=it.sketches[some], strength=strength))
            )
            shares = {other: share_of(found[facet], facet, value) for other, (facet, value) in truth.items()}
            changed.append({"strength": strength, "prompt": name, **shares})
    return {"sketches": len(some), "real": real_shares, "changed": changed}
