"""A run that is asked to leave its machine saves a checkpoint and stops; the same command continues it.

transformers' own `enable_jit_checkpoint` does not do for this: each process decides by a timer of its own when it
saves, so that several save different steps; it calls no `on_save`, so that the checkpoint gets no model in steps/ and
is not pushed; and SIGTERM to a whole group kills the data loader's workers, which ends the run before it has saved.
"""

import ctypes
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING

from metrics.benchmark.ranks import ranks


if TYPE_CHECKING:
    import torch

SIGNALS = (signal.SIGTERM, signal.SIGUSR1)  # of most schedulers; of Slurm's --signal=USR1@<seconds before the end>
PR_SET_PDEATHSIG = 1  # of Linux's sys/prctl.h
EXIT_STATUS = 75  # EX_TEMPFAIL of sysexits.h: not finished, run it again


class Preempted(Exception):
    """The run was asked to stop, and did where it can go on from: the message says where."""


@dataclass
class StopRequests:
    """The signals that asked to stop.

    Attributes:
        names: of the signals, as they come.
        at_once: nothing has to be saved first, and no other process waits for this one.
    """

    names: list[str] = field(default_factory=list)
    at_once: bool = field(default_factory=lambda: ranks() == 1)

    def note(self, received: int, frame: FrameType | None) -> None:
        """A signal's handler."""
        self.names.append(signal.Signals(received).name)
        self.leave()

    def leave(self) -> None:
        """End the run, if it was asked to stop and may do so at once."""
        if self.names and self.at_once:
            raise Preempted(f"stopped by {', '.join(self.names)} with nothing to save")


@contextmanager
def stop_requests() -> Iterator[StopRequests]:
    """The signals that ask to stop; outside, they end the process as ever."""
    stop = StopRequests()
    before = {number: signal.signal(number, stop.note) for number in SIGNALS}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def hear_launcher() -> None:
    """Be asked to stop when `accelerate launch` ends: that of one process passes no signal on, none does SIGUSR1."""
    if "ACCELERATE_MIXED_PRECISION" in os.environ and sys.platform == "linux":  # which the launcher sets
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def stop_callback(stop: StopRequests):
    """A callback that saves and stops after the first step in which any process was asked to: all after the same."""
    from transformers import TrainerCallback

    class StopWhenAsked(TrainerCallback):
        def on_train_begin(self, args, state, control, train_dataloader=None, **kwargs):
            loader = getattr(train_dataloader, "base_dataloader", train_dataloader)  # what accelerate wrapped
            loader.worker_init_fn = partial(stay, loader.worker_init_fn)

        def on_step_end(self, args, state, control, **kwargs):
            if any_process(bool(stop.names), args.device):
                control.should_log = control.should_save = control.should_training_stop = True

        def on_save(self, args, state, control, **kwargs):  # asked meanwhile: not another step and save
            if any_process(bool(stop.names), args.device):
                control.should_training_stop = True

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
