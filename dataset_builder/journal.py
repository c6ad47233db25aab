"""Lines of JSON that are added as they come, so that work which was killed goes on where it was."""

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path


class JournalError(ValueError):
    """A file that cannot be gone on with; the message says what to change."""


def read_lines(path: Path) -> Iterator[dict]:
    """Every record; none without a file. A last line that was being written when the work was killed is cut off.

    Raises:
        JournalError: another line is damaged.
    """
    whole = 0
    path.touch()
    with open(path, "rb+") as stream:
        for number, line in enumerate(stream, 1):
            try:
                record = json.loads(line) if line.endswith(b"\n") else None
            except ValueError:
                record = None
            if record is None:
                if stream.peek(1):
                    raise JournalError(f"{path}: line {number} is no JSON: {line[:60]!r}; take it out to go on")
                break
            yield record
            whole += len(line)
        stream.truncate(whole)


def append_line(path: Path, record: dict) -> None:
    """One more line, which outlives this process once this returns."""
    line = json.dumps(record)
    with open(path, "a", encoding="utf-8") as stream:
        stream.write(line + "\n")


def write_lines(path: Path, records: Iterable[dict]) -> None:
    """A file of these records alone, replaced at once."""
    partial = path.with_name(f".{path.name}.partial")
    with open(partial, "w", encoding="utf-8") as stream:
        for record in records:
            stream.write(json.dumps(record) + "\n")
    os.replace(partial, path)


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """No other process is in here with the same file.

    Raises:
        JournalError: one is.
    """
    import fcntl

    with open(path, "a", encoding="utf-8") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise JournalError(f"another process writes {path}: wait for it, or give another folder") from None
        yield
