"""A real OpenAI-compatible server, `transformers serve`, on loopback."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def serving_model(folder: Path) -> Iterator[str]:
    """The base URL of a server of this model, on the CPU, while the context lasts."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(Path(sys.executable).parent / "transformers"), "serve", str(folder), "--device", "cpu"]
    process = subprocess.Popen([*command, "--host", "127.0.0.1", "--port", str(port)], env=os.environ)
    deadline = time.monotonic() + 120
    try:
        while not healthy(f"http://127.0.0.1:{port}/health"):
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        process.wait()


def healthy(url: str) -> bool:
    """Whether a server answers there."""
    try:
        return urllib.request.urlopen(url, timeout=5).status == 200
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False
