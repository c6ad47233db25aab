"""Processes that are killed in the middle of their work."""

import signal
import subprocess
import time
from collections.abc import Callable


def kill_when(process: subprocess.Popen, reached: Callable[[], bool], within_s: float = 60) -> None:
    """kill -9 as soon as `reached` says so."""
    deadline = time.monotonic() + within_s
    while not reached():
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
