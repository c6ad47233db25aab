"""One file over HTTP, through cut connections, slow servers and kills: the downloader that pooch is given.

pooch's own begins anew each time. Here the bytes go to a .part file, and a .part.json beside it says which version of
the file they are of (URL, ETag or Last-Modified, length), so that two versions are never spliced.
"""

import fcntl
import json
import logging
import os
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from dataset_builder.files import SourceError


BLOCK = 1 << 16  # bytes
LONGEST_WAIT = 120  # seconds
TRANSIENT = (408, 425, 429, 500, 502, 503, 504)
NOT_DATA = (b"<!doctype", b"<html", b"version https://git-lfs")
BEGINNINGS = {".gz": b"\x1f\x8b", ".zip": b"PK", ".xlsx": b"PK", ".npy": b"\x93NUMPY"}
BEGINNINGS |= dict.fromkeys((".fa", ".fasta", ".fna"), b">")

log = logging.getLogger(__name__)


class Cut(Exception):
    """A try that ended early; another may get further, after the seconds that the server asks for."""

    def __init__(self, reason: str, wait: float = 0) -> None:
        super().__init__(reason)
        self.wait = wait


@dataclass(frozen=True)
class Patience:
    """When a server is given up.

    Attributes:
        tries: in a row that get less than `progress` bytes further than all before.
        wait: seconds before the second try, doubled before every further one; Retry-After where that is longer.
        silence: seconds without an answer or a byte, after which a connection counts as cut.
        slowest: bytes per second; a connection below it for `silence` seconds counts as cut, too.
    """

    tries: int = 6
    wait: float = 2
    silence: float = 60
    slowest: int = 1_000
    progress: int = 1 << 20


PATIENCE = Patience()


@dataclass(frozen=True)
class Resumable:
    """A downloader for pooch that goes on where an earlier one was cut or killed.

    Attributes:
        part: where the bytes are kept until all are there.
        size: bytes that the whole file has, where known.
        checked: a checksum is known, so that a splice would be found out even where the server names no version.
    """

    part: Path
    size: int | None = None
    checked: bool = False
    patience: Patience = PATIENCE

    def __call__(self, url: str, output_file: str, pooch: Any = None, check_only: bool = False) -> None:
        """Fetch `url` to `output_file`, which pooch then checks against the checksum and renames.

        Raises:
            SourceError: the server refuses, sends something else, or was given up; or another process is at it.
        """
        with open(self.part, "ab", buffering=0) as stream:
            self.lock(stream)
            self.fill(url, stream)
            require_data(self.part, url)
            os.fsync(stream.fileno())
            os.replace(self.part, output_file)
            self.state.unlink()

    @property
    def state(self) -> Path:
        """Which version of the file the part is of."""
        return self.part.with_name(f"{self.part.name}.json")

    def lock(self, stream: BinaryIO) -> None:
        """Keep other processes off the part until `stream` is closed."""
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            alone = os.path.samestat(os.fstat(stream.fileno()), os.stat(self.part))
        except (BlockingIOError, FileNotFoundError):
            alone = False
        if not alone:
            raise SourceError(f"{self.part} is being written by another download; wait for its end")

    def fill(self, url: str, stream: BinaryIO) -> None:
        """Try until the whole file is in `stream`."""
        import requests
        import urllib3

        failed, furthest = 0, size_of(stream)
        while True:
            try:
                return self.try_once(url, stream)
            except (Cut, requests.RequestException, urllib3.exceptions.HTTPError) as error:
                now = size_of(stream)
                failed = 1 if now >= furthest + self.patience.progress else failed + 1
                furthest = max(furthest, now)
                if failed >= self.patience.tries:
                    raise SourceError(
                        f"{url}: given up after {failed} tries in a row, the last: {error}; {now:,} bytes are kept "
                        "and the same command goes on from there"
                    ) from error
                wait = min(max(self.patience.wait * 2 ** (failed - 1), getattr(error, "wait", 0)), LONGEST_WAIT)
                log.warning("%s: %s; %s bytes are here, next try in %g s", url, error, f"{now:,}", wait)
                time.sleep(wait)

    def try_once(self, url: str, stream: BinaryIO) -> None:
        """One request: what is missing of the same version, else everything; returns when the file is whole."""
        import requests
        from tqdm import tqdm

        version = self.read_version(url)
        have = size_of(stream) if version and (version["tag"] or self.checked) else 0
        if have and have == version["total"]:
            return
        # identity: the bytes of the file are wanted, whose lengths and checksum are known, not a recoding of them
        headers = {"Accept-Encoding": "identity", "User-Agent": "biology-instructions (pooch)"}
        if have:
            headers["Range"] = f"bytes={have}-"
            if version["tag"] and not version["tag"].startswith("W/"):
                headers["If-Range"] = version["tag"]
        silence = self.patience.silence
        with requests.get(url, headers=headers, stream=True, timeout=(silence, silence)) as response:
            self.require_answer(response, url)
            if response.status_code == 206 and not (have and continues(response, version, have)):
                self.state.unlink(missing_ok=True)
                raise Cut("the file changed at the server since the last try: it is fetched anew")
            if response.status_code == 200:
                have, version = 0, version_of(response, url)
                self.begin(stream, version)
            total = version["total"] or total_of(response)
            bar = tqdm(desc=self.part.stem, total=total, initial=have, unit="B", unit_scale=True, leave=False)
            with bar:
                self.receive(response, stream, bar)
        got = size_of(stream)
        if total is not None and got != total:
            raise Cut(f"the server sent {got:,} of {total:,} bytes")
        if self.size not in (None, got):
            raise SourceError(f"{url}: {got:,} bytes came, expected {self.size:,}: not the file that is listed")

    def receive(self, response: Any, stream: BinaryIO, bar: Any) -> None:
        """Append the body as it comes."""
        began, since = time.monotonic(), 0
        while block := response.raw.read1(BLOCK, decode_content=False):
            stream.write(block)
            bar.update(len(block))
            since += len(block)
            if (spent := time.monotonic() - began) > self.patience.silence:
                if since < self.patience.slowest * spent:
                    raise Cut(f"the server sent {since:,} bytes in {spent:.0f} s")
                began, since = time.monotonic(), 0

    def require_answer(self, response: Any, url: str) -> None:
        """Raise Cut where another try may help, SourceError where the server refuses or sends something else."""
        status = f"{response.status_code} {response.reason}"
        if response.status_code == 416:  # shorter at the server than what is here
            self.state.unlink(missing_ok=True)
            raise Cut(f"{status}: the file is fetched anew")
        if response.status_code in TRANSIENT:
            after = response.headers.get("Retry-After", "")
            raise Cut(status, wait=int(after) if after.isdecimal() else 0)
        if response.status_code not in (200, 206):
            raise SourceError(f"{url}: {status}")
        length = response.headers.get("Content-Length")
        if response.status_code == 200 and length and self.size not in (None, int(length)):
            raise SourceError(
                f"{url}: the server has {int(length):,} bytes, expected {self.size:,}: not the file that is listed"
            )

    def begin(self, stream: BinaryIO, version: dict) -> None:
        """Start anew; killed anywhere in here, the part is empty or has no version, and so is not continued."""
        self.state.unlink(missing_ok=True)
        stream.truncate(0)
        fresh = self.state.with_name(f"{self.state.name}.new")
        fresh.write_text(json.dumps(version), encoding="utf-8")
        os.replace(fresh, self.state)

    def read_version(self, url: str) -> dict | None:
        """What `begin` wrote, if it was of the same URL."""
        try:
            version = json.loads(self.state.read_text(encoding="utf-8"))
        except (FileNotFoundError, json.JSONDecodeError):
            return None
        return version if version["url"] == url else None


def version_of(response: Any, url: str) -> dict:
    """URL, ETag or else Last-Modified, and length of the file that a full answer brings."""
    headers = response.headers
    length = headers.get("Content-Length")
    tag = headers.get("ETag") or headers.get("Last-Modified")
    return {"url": url, "tag": tag, "total": int(length) if length else None}


def total_of(response: Any) -> int | None:
    """Length of the whole file, where a partial answer says it."""
    total = response.headers.get("Content-Range", "").rpartition("/")[2]
    return int(total) if total.isdecimal() else None


def continues(response: Any, version: dict, have: int) -> bool:
    """Whether a partial answer begins at byte `have` of that version."""
    found = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("Content-Range", ""))
    tag = version_of(response, version["url"])["tag"]
    return bool(
        found
        and int(found[1]) == have
        and (version["total"] is None or found[2] in ("*", str(version["total"])))
        and (tag is None or tag.removeprefix("W/") == (version["tag"] or tag).removeprefix("W/"))
    )


def size_of(stream: BinaryIO) -> int:
    """Bytes in an open file."""
    return os.fstat(stream.fileno()).st_size


def require_data(part: Path, url: str) -> None:
    """Raise a SourceError, and remove the part, where it does not begin as a file of its name does."""
    import gzip

    kinds = part.with_suffix("").suffixes  # of a.fna.gz.part: .fna and .gz
    with open(part, "rb") as stream:
        head = stream.read(200)
    expected = BEGINNINGS.get(kinds[-1] if kinds else "", b"")
    if expected == b"\x1f\x8b" and head.startswith(expected):
        with gzip.open(part) as stream:
            head = stream.read(200)
        expected = BEGINNINGS.get(kinds[-2] if len(kinds) > 1 else "", b"")
    if not head or not head.startswith(expected) or head.lstrip().lower().startswith(NOT_DATA):
        part.unlink()
        what = f"begins with {head[:60]!r}" if head else "is empty"
        raise SourceError(f"{url}: what the server sent {what}: not the data that was asked for")
