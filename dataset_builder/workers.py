"""Building the units of a plan in several processes of this machine."""

import os
import threading
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing import get_context

from dataset_builder.units import Plan, build_unit


class WorkerDied(RuntimeError):
    """A process of the build was ended from outside; what it had finished is kept."""


def run_in_processes(plan: Plan, workers: int) -> None:
    """Build the open units, as many at once as there are workers, those with most rows first.

    Raises:
        SourceError: a unit cannot be built; units that others are at are finished first.
        WorkerDied: as its message says.
    """
    from tqdm import tqdm

    names = plan.open
    context = get_context("forkserver")  # one import of the libraries for all workers
    context.set_forkserver_preload(["dataset_builder.biology_instructions"])
    pool = ProcessPoolExecutor(min(workers, len(names)) or 1, context, follow_parent, (os.getpid(),))
    try:
        with tqdm(total=len(names), desc="build", unit="unit") as bar:
            for done in as_completed([pool.submit(partial(build_unit, plan, name)) for name in names]):
                bar.set_postfix_str(done.result(), refresh=False)
                bar.update()
    except BrokenProcessPool as error:
        raise WorkerDied(
            "a worker was killed, perhaps for want of memory; run the same command again, with fewer --workers: "
            "what is finished is kept"
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def follow_parent(build: int) -> None:
    """Run at the start of a worker: one thread for Arrow, and an end as soon as the build is gone."""
    import pyarrow as pa

    pa.set_cpu_count(1)

    def watch() -> None:
        while alive(build):
            time.sleep(0.2)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def alive(process: int) -> bool:
    """Whether a process of this user runs."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
