"""Run the Hugging Face clients against a LocalHub, in new processes: they read their environment when imported."""

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.local_hub import LocalHub


SPAWN = multiprocessing.get_context("spawn")


def client(hub: LocalHub, home: Path, action: Callable, *arguments: Any, **environment: str) -> Any:
    """What `action` returns in a new process that starts with the Hub's environment."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**hub.environment(home), "HF_HUB_DISABLE_PROGRESS_BARS": "1", **environment}.items():
            patch.setenv(name, value)
        with ProcessPoolExecutor(1, mp_context=SPAWN) as pool:
            return pool.submit(action, *arguments).result(timeout=120)


def command(hub: LocalHub, *arguments: object) -> subprocess.Popen:
    """A started Python command with the Hub's environment and, as its cache, the folder home beside the store."""
    environment = {**os.environ, "PYTHONPATH": os.getcwd(), **hub.environment(hub.folder.parent / "home")}
    return subprocess.Popen(
        [sys.executable, *map(str, arguments)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
