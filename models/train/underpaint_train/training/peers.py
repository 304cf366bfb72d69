"""Training in several processes of one machine, whose weights are averaged every few steps (local SGD, Stich 2019).

Beside other work on the same cores this is much faster than threads, which wait for each other at every layer:
processes wait once in eight steps.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import torch
from torch import Tensor, distributed, nn

EVERY = 8
"""Steps from one averaging to the next."""
RANK, COUNT, MEETING = "UNDERPAINT_RANK", "UNDERPAINT_PROCESSES", "UNDERPAINT_MEETING"
PATIENCE = timedelta(minutes=20)
"""How long the others wait for one that writes a checkpoint and paints its grids."""


def rank() -> int:
    return int(os.environ.get(RANK, "0"))


def count() -> int:
    return int(os.environ.get(COUNT, "1"))


def is_first() -> bool:
    """Whether this process writes checkpoints and grids; it does if it is alone."""
    return rank() == 0


@contextmanager
def together(processes: int) -> Iterator[None]:
    """Starts this command again in `processes` - 1 more processes, and meets them. In one of these it only meets."""
    if processes < 2:
        yield
        return
    with tempfile.TemporaryDirectory() as folder:
        others = []
        if is_first():
            meeting = str(Path(folder) / "meeting")
            os.environ |= {COUNT: str(processes), MEETING: meeting, "GLOO_SOCKET_IFNAME": "lo"}
            for other in range(1, processes):
                # Linux divides processor time among sessions first (autogroups): in one session, all processes together
                # would get the time of one.
                environment = os.environ | {RANK: str(other)}
                command = [sys.executable, *sys.orig_argv[1:]]
                others.append(subprocess.Popen(command, env=environment, start_new_session=True))
        meeting = f"file://{os.environ[MEETING]}"
        distributed.init_process_group("gloo", meeting, PATIENCE, processes, rank())
        try:
            yield
        finally:
            distributed.destroy_process_group()
            for process in others:
                process.wait()


@torch.no_grad()
def average(model: nn.Module) -> None:
    """Gives all processes the mean of their parameters."""
    parameters = [p for p in model.parameters() if p.requires_grad]
    flat = torch.cat([p.reshape(-1).float() for p in parameters]).cpu()
    distributed.all_reduce(flat)
    flat /= count()
    for parameter, values in zip(parameters, flat.split([p.numel() for p in parameters])):
        parameter.copy_(values.view(parameter.shape))


def longest(seconds: float) -> float:
    """The maximum of the values of all processes."""
    value: Tensor = torch.tensor(seconds, dtype=torch.float64)
    distributed.all_reduce(value, distributed.ReduceOp.MAX)
    return float(value)
