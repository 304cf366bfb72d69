"""What the student paints from sketches of scenes it was trained on: latents for the decoder to learn on, beside those of
the encoder, because these are what it will be given."""

from pathlib import Path

import torch
from torch import Tensor
from tqdm import tqdm

from .dataset import Scenes
from .diffusion import TRAIN_STEPS, guidance_embedding, scales
from .loop import fast_bfloat16
from .student import load_pair
from .text import load_tokenizer, tokenize

COUNT = 3000
BATCH = 50
GUIDANCE = (1.0, 3.0)


@torch.no_grad()
def paint_scenes(runs: Path) -> Tensor:
    """Latents float16 [N, 16, 16, 16] of the first N scenes, each from its sketch in two steps from 0.3 to 0.7 on.

    Kept in painted.pt; made again when the student is newer.
    """
    path, student = runs / "scenes/train/painted.pt", runs / "student/checkpoint.pt"
    if path.exists() and path.stat().st_mtime > student.stat().st_mtime:
        return torch.load(path, weights_only=True)
    pair, tokenizer = load_pair(runs), load_tokenizer(runs / "tokenizer.json")
    captions = Scenes(runs / "scenes/train").captions
    sketches = torch.load(runs / "scenes/train/latents.pt", weights_only=True)["sketches"]
    generator, out = torch.Generator().manual_seed(0), []
    with torch.autocast("cpu", torch.bfloat16, enabled=fast_bfloat16()):
        for i in tqdm(range(0, min(COUNT, len(captions)), BATCH), desc="painting", mininterval=5):
            x = sketches[i : i + BATCH].float()
            uniform = lambda: torch.rand(len(x), generator=generator)  # noqa: B023, E731
            hidden = pair.encode(tokenize(tokenizer, captions[i : i + BATCH][: len(x)]))
            guidance = guidance_embedding(GUIDANCE[0] + (GUIDANCE[1] - GUIDANCE[0]) * uniform())
            first = ((0.3 + 0.4 * uniform()) * TRAIN_STEPS).long()
            for t in (first, first // 2):
                a, s = scales(t)
                x = pair.student(a * x + s * torch.randn(x.shape, generator=generator), t, hidden, guidance)
            out.append(x.half())
    latents = torch.cat(out)
    torch.save(latents, path)
    return latents
