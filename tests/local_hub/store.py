"""The files of a Hub, below one folder.

    uuid, token, lock       the store's identity; the access token that may write; held by the process that serves it
    large/<sha256>          contents of LFS and Xet files, shared by all repositories
    xorbs/<hash>            chunks as hf_xet uploaded them
    incoming/               unfinished writes, emptied on start
    models|datasets|spaces/<owner>/<name>.git/      see git.py

Every file is written in incoming/ and renamed, a commit's objects before its branch: killed at any moment, the store
holds the old commit or the new one.
"""

import fcntl
import hashlib
import hmac
import os
import re
import secrets
import shutil
import threading
import uuid
from collections.abc import Iterable
from pathlib import Path
from tempfile import NamedTemporaryFile


SHA256 = re.compile("[0-9a-f]{64}")


class HubError(Exception):
    """A request that the Hub refuses: HTTP status, message, and the X-Error-Code that clients map to exceptions."""

    def __init__(self, status: int, message: str, code: str = "", headers: dict[str, str] | None = None):
        super().__init__(message)
        self.status, self.message, self.code, self.headers = status, message, code, headers or {}


class Store:
    """The folder `root`, made if missing. RuntimeError if another process serves it."""

    def __init__(self, root: Path):
        self.root = root.absolute()
        self.lock = threading.RLock()
        self.root.mkdir(parents=True, exist_ok=True)
        self._process_lock = (self.root / "lock").open("w")
        try:
            fcntl.flock(self._process_lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RuntimeError(f"{root} is served by another process: stop it, or choose another store") from None
        shutil.rmtree(self.root / "incoming", ignore_errors=True)
        (self.root / "incoming").mkdir()
        self.uuid = self._keep("uuid", str(uuid.uuid4()))
        self.token = self._keep("token", f"hf_{secrets.token_hex(17)}")

    def close(self) -> None:
        self._process_lock.close()

    def _keep(self, name: str, first: str) -> str:
        """The text of a file, written with `first` when the store is new."""
        path = self.root / name
        if not path.exists():
            self.write(path, [first.encode()])
        return path.read_text()

    def write(self, path: Path, blocks: Iterable[bytes], sha256: str | None = None) -> None:
        """Write `path` as a whole or not at all; HubError 400 if the bytes do not have the given sha256."""
        digest = hashlib.sha256()
        with NamedTemporaryFile(dir=self.root / "incoming", delete=False) as file:
            try:
                for block in blocks:
                    file.write(block)
                    if sha256:
                        digest.update(block)
                file.flush()
                if sha256 and digest.hexdigest() != sha256:
                    raise HubError(400, f"content has sha256 {digest.hexdigest()}, announced as {sha256}")
                path.parent.mkdir(parents=True, exist_ok=True)
                os.replace(file.name, path)
            except BaseException:
                os.unlink(file.name)
                raise

    def sign(self, text: str) -> str:
        """A signature that only the holder of the store's token can make."""
        return hmac.new(self.token.encode(), text.encode(), "sha256").hexdigest()

    def large(self, sha256: str) -> Path:
        if not SHA256.fullmatch(sha256):
            raise HubError(400, f"{sha256!r} is not a SHA-256: expected 64 hexadecimal digits")
        return self.root / "large" / sha256
