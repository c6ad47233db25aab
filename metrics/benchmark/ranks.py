"""The processes of `accelerate launch` (or torchrun), which share the work: each has its own rows and file.

Without a launcher there is one process, and nothing here does anything.
"""

import os
import time
from datetime import timedelta


def rank() -> int:
    """Number of this process, from 0."""
    return int(os.environ.get("RANK", 0))


def ranks() -> int:
    """Number of processes."""
    return int(os.environ.get("WORLD_SIZE", 1))


def device() -> str:
    """Where this process has its model: a GPU of its own, or else the CPU."""
    import torch

    return f"cuda:{os.environ.get('LOCAL_RANK', 0)}" if torch.cuda.is_available() else "cpu"


def wait() -> None:
    """Until all processes are here, however long that takes."""
    import torch.distributed

    if ranks() == 1:
        return
    if not torch.distributed.is_initialized():
        torch.distributed.init_process_group("gloo", timeout=timedelta(days=30))
    all_here = torch.distributed.barrier(async_op=True)
    while not all_here.is_completed():  # inside the barrier no signal would be heard
        time.sleep(0.1)
    all_here.wait()


def part() -> None:
    """The processes are done with each other."""
    import torch.distributed

    if torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()
