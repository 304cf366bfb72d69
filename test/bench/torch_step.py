"""One step of the UNet that full_size.py exports, with diffusers and PyTorch: it reads a line and answers with a line of times.

    python test/bench/torch_step.py THREADS

step-against-torch.mjs starts it."""

import json
import resource
import sys
import time

import torch
from full_size import GUIDANCE_WIDTH, TEXT_WIDTH, TOKENS, unet


def cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    torch.set_num_threads(int(sys.argv[1]))
    model = unet()
    inputs = (torch.randn(1, 4, 64, 64), torch.tensor([499]), torch.randn(1, TOKENS, TEXT_WIDTH))
    guidance = torch.randn(1, GUIDANCE_WIDTH)
    print("ready", flush=True)
    with torch.inference_mode():
        for _ in sys.stdin:
            started, before = time.perf_counter(), cpu_seconds()
            model(*inputs, timestep_cond=guidance, return_dict=False)
            print(json.dumps({"clockMs": 1000 * (time.perf_counter() - started), "cpuMs": 1000 * (cpu_seconds() - before)}), flush=True)


if __name__ == "__main__":
    main()
