"""Finding upstream files where they lie, plain, gzipped or in a zip archive, and the ledger of their rows."""

import contextlib
import gzip
import hashlib
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import IO

import pyarrow as pa

from dataset_builder.rejects import SHOWN_CHARACTERS, Rejected, SourceError, require_few_rejected
from dataset_builder.tasks import SPLITS


GZIP = b"\x1f\x8b"
ZIP_SUFFIX = ".zip"


@dataclass(frozen=True)
class Missing:
    """Files of one split that are not in the sources folder; the split is left out, or is partial."""

    task: str
    split: str
    names: tuple[str, ...]


@dataclass
class Sources:
    """A folder of upstream files: `<root>/<task>/<upstream path>`, or `<root>/<upstream path>` where tasks share.

    Attributes:
        missing: files that are not there.
        used: files that were found and are read; of a member its archive.
        rejected: rows that the readers could not give to a table, or that belong to no split.
        rows_read: rows by file, of the files that hold the rows of a task.
    """

    root: Path
    missing: list[Missing] = field(default_factory=list)
    used: set[Path] = field(default_factory=set)
    rejected: list[Rejected] = field(default_factory=list)
    rows_read: dict[str, int] = field(default_factory=dict)
    members: dict[Path, list[str]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        if not self.root.is_dir():
            raise SourceError(f"{self.root}: no such folder; --sources names the folder that holds the upstream files")

    def find(self, task_id: str, name: str, split: str = "") -> "File | None":
        """The file `name` (an upstream path), as it is, with .gz, or in an archive of the task's folder or the root.

        Args:
            split: whose rows it holds; empty where a split is drawn from it.

        Raises:
            SourceError: an archive that is none.
        """
        file = self.locate(task_id, name, split)
        if file:
            self.used.add(file.path)
        return file

    def find_all(self, task_id: str, split: str, names: list[str]) -> "list[File] | None":
        """All of `names`, or None after noting which are missing: then the split is left out."""
        files = [self.locate(task_id, name, split) for name in names]
        absent = tuple(name for name, file in zip(names, files, strict=True) if file is None)
        if absent:
            self.missing.append(Missing(task_id, split, absent))
            return None
        self.used.update(file.path for file in files)
        return files

    def find_for_every_split(self, task_id: str, names: list[str]) -> "list[File] | None":
        """As `find_all`, for files that train, validation and test are all drawn from."""
        if self.has(task_id, names):
            return self.find_all(task_id, "", names)
        return [self.find_all(task_id, split, names) for split in SPLITS][0]

    def has(self, task_id: str, names: Iterable[str]) -> bool:
        """Whether all of `names` are there."""
        return all(self.locate(task_id, name, "") for name in names)

    def locate(self, task_id: str, name: str, split: str) -> "File | None":
        """As `find`, for a file that is perhaps not read."""
        folders = (self.root / task_id, self.root)
        for folder in folders:
            for path in (folder / name, folder / f"{name}.gz"):
                if path.is_file():
                    return File(self, task_id, split, path)
        for folder in folders:
            for archive in sorted(folder.glob(f"*{ZIP_SUFFIX}")):
                ends = (f"/{name}", f"/{name}.gz")
                if found := [member for member in self.list_members(archive) if f"/{member}".endswith(ends)]:
                    return File(self, task_id, split, archive, min(found, key=lambda member: (len(member), member)))
        return None

    def list_members(self, archive: Path) -> list[str]:
        """The paths inside a zip archive."""
        if archive not in self.members:
            with explained(archive), zipfile.ZipFile(archive) as zipped:
                self.members[archive] = zipped.namelist()
        return self.members[archive]

    def sha256(self) -> dict[str, str]:
        """sha256 of every file that was read, by its path below the root."""
        return {str(path.relative_to(self.root)): file_sha256(path) for path in sorted(self.used)}


@dataclass(frozen=True)
class File:
    """A file that was found for a task, and for one of its splits if that is not drawn.

    Attributes:
        path: on disk, or of the archive.
        member: path inside the archive, which is read as a stream; empty for a file of its own.
    """

    sources: Sources = field(repr=False, compare=False)
    task: str
    split: str
    path: Path
    member: str = ""

    def __str__(self) -> str:
        return f"{self.path}/{self.member}" if self.member else str(self.path)

    @cached_property
    def name(self) -> str:
        """Path below the sources folder."""
        return "/".join(filter(None, (str(self.path.relative_to(self.sources.root)), self.member)))

    def drawn(self) -> "File":
        """The same file, as one that a split is drawn from."""
        return replace(self, split="")

    @contextlib.contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        """A stream of its bytes without their compression; what goes wrong while it is read is a SourceError."""
        with explained(self), contextlib.ExitStack() as stack:
            if self.member:
                stream = stack.enter_context(stack.enter_context(zipfile.ZipFile(self.path)).open(self.member))
            else:
                stream = stack.enter_context(open(self.path, "rb"))
            if stream.peek(len(GZIP))[: len(GZIP)] == GZIP:
                stream = stack.enter_context(gzip.GzipFile(fileobj=stream))
            yield stream

    def count(self, rows: int) -> None:
        """Note that so many more rows of this file were read."""
        self.sources.rows_read[self.name] = self.sources.rows_read.get(self.name, 0) + rows

    def reject(self, line: int, value: str, reason: str, *, malformed: bool = True) -> None:
        """Note a row that no table has."""
        row = Rejected(self.task, self.split, self.name, line, value[:SHOWN_CHARACTERS], reason, malformed)
        self.sources.rejected.append(row)

    def leave_out(self, rows: pa.Table, reason: str, value: str = "row") -> None:
        """Note rows (with `line`) that a stated rule leaves out before they are in a split."""
        for line, text in zip(rows["line"].to_pylist(), rows[value].to_pylist(), strict=True):
            self.reject(line, str(text), reason, malformed=False)

    def require_rows(self) -> None:
        """A SourceError if it had no rows, or more than 1% of them were rejected as malformed so far."""
        rows = self.sources.rows_read.get(self.name, 0)
        if not rows:
            raise SourceError(f"{self}: no usable rows; fetch the file again")
        own = [row for row in self.sources.rejected if row.file == self.name]
        require_few_rejected(self.task, self.split, own, rows)


def file_sha256(path: Path) -> str:
    """sha256 of the bytes of a file, as 64 hex digits."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def is_gzip(path: Path) -> bool:
    """Whether the file begins as gzip does, whatever its name says."""
    with open(path, "rb") as stream:
        return stream.read(len(GZIP)) == GZIP


@contextlib.contextmanager
def explained(file: File | Path) -> Iterator[None]:
    """Turn what a broken file makes the readers raise into a SourceError that names the file and the remedy."""
    try:
        yield
    except UnicodeDecodeError as error:
        raise SourceError(f"{file}: byte {error.start} is not UTF-8 text; is this the file its name says?") from error
    except (EOFError, OSError, pa.ArrowInvalid, zlib.error, zipfile.BadZipFile, NotImplementedError) as error:
        path = file if isinstance(file, Path) else file.path
        if is_gzip(path) and ("runcated" in str(error) or isinstance(error, EOFError)):
            line, text = last_readable_line(path)
            raise SourceError(
                f"{file}: the gzip stream ends early, in line {line} ({text!r}); fetch the file again"
            ) from error
        raise SourceError(f"{file}: {error}; fetch the file again or correct it") from error
    except RuntimeError as error:  # zipfile's word for a password
        if "password" not in str(error):
            raise
        raise SourceError(f"{file}: {error}; unpack the archive beside it") from error


def last_readable_line(path: Path) -> tuple[int, str]:
    """The number, from 1, and the first 60 characters of the line in which a truncated gzip file ends."""
    unpacker = zlib.decompressobj(wbits=31)
    lines, last = 1, b""
    with open(path, "rb") as stream:
        while block := unpacker.decompress(stream.read(1 << 20)):
            *ended, rest = block.split(b"\n")
            lines, last = lines + len(ended), rest if ended else last + rest
    return lines, last[:60].decode(errors="replace")


def record_name(header: str) -> str:
    """The name of a FASTA record: the first word of its header, nothing if that is empty."""
    return next(iter(header.split(maxsplit=1)), "")
