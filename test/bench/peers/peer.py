"""One of the ways to paint that peers.mjs compares: frames from JPEG to JPEG, with Pillow and numpy around the networks.

    python peer.py WAY FOLDER FRAMES THREADS STEPS

It loads, paints the first frame and says so in a line of JSON; then it reads lines {"frames": 20, "inFlight": 1} and answers
each with the times of so many frames. Without a frame to paint it waits without using the processor."""

import io
import json
import resource
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from networks import Network, of_onnxruntime, of_torch
from plan import Plan, plan_of

PROMPT, QUALITY, SEED = "a lake", 80, 1
WAYS = {
    "ort": lambda folder, threads, plan: of_onnxruntime(folder, threads, spinning=False),
    "ort-defaults": lambda folder, threads, plan: of_onnxruntime(folder, threads, spinning=True),
    "torch": lambda folder, threads, plan: of_torch(folder, threads, plan, compiled=False, half=False),
    "torch-compile": lambda folder, threads, plan: of_torch(folder, threads, plan, compiled=True, half=False),
    "torch-compile-bf16": lambda folder, threads, plan: of_torch(folder, threads, plan, compiled=True, half=True),
}


class Painter:
    def __init__(self, plan: Plan, networks: dict[str, Network]):
        self.plan = plan
        self.networks = networks
        self.text = networks["text_encoder"](input_ids=plan.ids)
        self.noises: list[np.ndarray] = []

    def noise(self, step: int, shape: tuple[int, ...]) -> np.ndarray:
        """The same for all frames, as with one seed."""
        while len(self.noises) <= step:
            generator = np.random.default_rng((SEED, len(self.noises)))
            self.noises.append(generator.standard_normal(shape).astype(np.float32))
        return self.noises[step]

    def paint(self, jpeg: bytes) -> bytes:
        out = io.BytesIO()
        Image.fromarray(self.pixels(jpeg)).save(out, "JPEG", quality=QUALITY)
        return out.getvalue()

    def pixels(self, jpeg: bytes) -> np.ndarray:
        """uint8 [H, W, 3]"""
        plan, networks = self.plan, self.networks
        image = Image.open(io.BytesIO(jpeg)).convert("RGB")
        sketch = np.asarray(image.resize(plan.size[::-1]) if image.size != plan.size[::-1] else image)
        picture = np.ascontiguousarray(sketch.transpose(2, 0, 1)[None])
        conditions = {"encoder_hidden_states": self.text, "timestep_cond": plan.guidance}
        if "control_encoder" in networks:
            conditions["control"] = networks["control_encoder"](controlnet_cond=picture.astype(np.float32) / 255)
            conditions["conditioning_scale"] = np.array([plan.control], np.float32)
        x = self.begin(picture)
        for i, step in enumerate(plan.steps):
            answer = networks["unet"](sample=x, timestep=np.array([step.timestep]), **conditions)
            x0 = step.alpha * x - step.sigma * answer if plan.predicts_v else (x - step.sigma * answer) / step.alpha
            denoised = step.skip * x + step.out * x0
            if i + 1 < len(plan.steps):
                after = plan.steps[i + 1]
                x = after.alpha * denoised + after.sigma * self.noise(i + 1, denoised.shape)
                x = x.astype(np.float32)
        latents = (denoised / plan.scaling).astype(np.float32)
        decoded = networks["vae_decoder"](latent_sample=latents)[0].transpose(1, 2, 0)
        return np.clip(np.rint((decoded + 1) * 127.5), 0, 255).astype(np.uint8)

    def begin(self, picture: np.ndarray) -> np.ndarray:
        first = self.plan.steps[0]
        if self.plan.starts_from_noise:
            size = [edge // 8 for edge in self.plan.size]
            return self.noise(0, (1, self.channels, *size))
        latents = self.networks["vae_encoder"](sample=picture.astype(np.float32) / 127.5 - 1) * self.plan.scaling
        return (first.alpha * latents + first.sigma * self.noise(0, latents.shape)).astype(np.float32)

    channels = 4


def cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def measure(painter: Painter, frames: list[bytes], count: int, in_flight: int) -> dict:
    """Paints so many frames, `in_flight` at a time, each sent as one is answered."""

    def lane(numbers: range) -> list[float]:
        times = []
        for number in numbers:
            started = time.perf_counter()
            painter.paint(frames[number % len(frames)])
            times.append(1000 * (time.perf_counter() - started))
        return times

    started, before = time.perf_counter(), cpu_seconds()
    if in_flight == 1:
        latency = lane(range(count))
    else:
        with ThreadPoolExecutor(in_flight) as pool:
            lanes = pool.map(lane, [range(i, count, in_flight) for i in range(in_flight)])
            latency = [one for times in lanes for one in times]
    wall, cpu = time.perf_counter() - started, cpu_seconds() - before
    return {"latencyMs": latency, "wallMs": 1000 * wall, "cpuMs": 1000 * cpu / count}


def main() -> None:
    way, folder, frames, threads, steps = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), *map(int, sys.argv[4:6])
    started = time.perf_counter()
    plan = plan_of(folder, steps, PROMPT)
    with torch.inference_mode():
        painter = Painter(plan, WAYS[way](folder, threads, plan))
        painter.channels = json.loads((folder / "vae_decoder/config.json").read_text()).get("latent_channels", 4)
        pictures = [path.read_bytes() for path in sorted(frames.glob("*.jpg"))]
        np.save(frames / f"{way}.npy", painter.pixels(pictures[0]))
        np.save(frames / "noise.npy", np.concatenate(painter.noises))
        print(json.dumps({"firstPictureMs": 1000 * (time.perf_counter() - started)}), flush=True)
        for line in sys.stdin:
            wanted = json.loads(line)
            print(json.dumps(measure(painter, pictures, wanted["frames"], wanted["inFlight"])), flush=True)


if __name__ == "__main__":
    main()
