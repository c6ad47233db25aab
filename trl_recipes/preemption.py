"""A run that is asked to leave its machine saves a checkpoint and stops; the same command continues it.

transformers' own `enable_jit_checkpoint` does not do for this: each process decides by a timer of its own when it
saves, so that several save different steps; it calls no `on_save`, so that the checkpoint gets no model in steps/ and
is not pushed; and SIGTERM to a whole group kills the data loader's workers, which ends the run before it has saved.
"""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    import torch

SIGNALS = (signal.SIGTERM, signal.SIGUSR1)  # of most schedulers; of Slurm's --signal=USR1@<seconds before the end>
EXIT_STATUS = 75  # EX_TEMPFAIL of sysexits.h: not finished, run it again


class Preempted(Exception):
    """The run was asked to stop, saved a checkpoint and stopped: the message says where."""


@contextmanager
def stop_requests() -> Iterator[list[str]]:
    """The names of the signals that asked to stop, as they come; outside, they end the process as ever."""
    asked: list[str] = []
    before = {number: signal.getsignal(number) for number in SIGNALS}
    for number in SIGNALS:
        signal.signal(number, lambda received, frame: asked.append(signal.Signals(received).name))
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def stop_callback(asked: list[str]):
    """A callback that saves and stops after the first step in which any process was asked to: all after the same."""
    from transformers import TrainerCallback

    class StopWhenAsked(TrainerCallback):
        def on_train_begin(self, args, state, control, train_dataloader=None, **kwargs):
            loader = getattr(train_dataloader, "base_dataloader", train_dataloader)  # what accelerate wrapped
            loader.worker_init_fn = partial(stay, loader.worker_init_fn)

        def on_step_end(self, args, state, control, **kwargs):
            if any_process(bool(asked), args.device):
                control.should_log = control.should_save = control.should_training_stop = True

    return StopWhenAsked()


def stay(then, worker: int) -> None:
    """Let a data loader's worker live on when its whole process group is asked to stop; `then` is how it begins."""
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    threading.Thread(target=leave_with_parent, daemon=True).start()
    then(worker)


def leave_with_parent() -> None:
    """End this process when the one that made it says so."""
    while signal.sigwaitinfo(SIGNALS).si_pid != os.getppid():
        pass
    os._exit(0)


def any_process(here: bool, device: "torch.device") -> bool:
    """Whether it is so in any process of the run."""
    import torch.distributed

    flag = torch.tensor(int(here), device=device)
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        torch.distributed.all_reduce(flag, torch.distributed.ReduceOp.MAX)
    return bool(flag)
