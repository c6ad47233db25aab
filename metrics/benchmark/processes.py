"""The tasks of an evaluation, each in a process of its own where there are many rows."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import forkserver, get_context
from typing import TypeVar


Result = TypeVar("Result")
MANY = 20_000  # rows; below, processes take longer to start than they save


def in_processes(function: Callable[..., Result], jobs: Sequence[tuple], sizes: Sequence[int]) -> list[Result]:
    """`function(*job)` of every job, in their order; the largest begin first, as many at once as there are cores.

    Args:
        sizes: rows of each job.
    """
    workers = min(cores(), len(jobs))
    if workers < 2 or sum(sizes) < MANY:
        return [function(*job) for job in jobs]
    with ProcessPoolExecutor(workers, get_context("forkserver"), one_thread) as pool:
        largest_first = sorted(range(len(jobs)), key=lambda i: -sizes[i])
        running = {i: pool.submit(function, *jobs[i]) for i in largest_first}
        return [running[i].result() for i in range(len(jobs))]


def prepare(rows: int) -> None:
    """Begin to import, once for all workers, what scoring needs, where so many rows are to be scored in processes."""
    if rows >= MANY and cores() > 1:
        forkserver.set_forkserver_preload(["metrics.benchmark.worker"])
        forkserver.ensure_running()


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def one_thread() -> None:
    """Run at the start of a worker: the cores are shared by processes, not by threads."""
    import pyarrow as pa
    from threadpoolctl import threadpool_limits

    pa.set_cpu_count(1)
    threadpool_limits(1)
