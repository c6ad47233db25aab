"""Reading upstream files where they lie, plain or gzipped; every error names file, line, value and remedy."""

import contextlib
import gzip
import hashlib
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv

from dataset_builder.tasks import SPLITS


class SourceError(ValueError):
    """An upstream file that cannot be used as it is: the message says what to do."""


@dataclass(frozen=True)
class Missing:
    """Files of one split that are not in the sources folder; the split is left out, or is partial."""

    task: str
    split: str
    names: tuple[str, ...]


@dataclass
class Sources:
    """A folder of upstream files: `<root>/<task>/<upstream path>`, or `<root>/<upstream path>` where tasks share."""

    root: Path
    missing: list[Missing] = field(default_factory=list)
    used: set[Path] = field(default_factory=set)
    rejected: list = field(default_factory=list)
    rows_read: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.root.is_dir():
            raise SourceError(f"{self.root}: no such folder; --sources names the folder that holds the upstream files")

    def find(self, task_id: str, name: str) -> Path | None:
        """The file `name` (an upstream path), as it is or with .gz, or None."""
        for folder in (self.root / task_id, self.root):
            for path in (folder / name, folder / f"{name}.gz"):
                if path.is_file():
                    self.used.add(path)
                    return path
        return None

    def find_all(self, task_id: str, split: str, names: list[str]) -> list[Path] | None:
        """All of `names`, or None after noting which are missing: then the split is left out."""
        paths = [self.find(task_id, name) for name in names]
        absent = tuple(name for name, path in zip(names, paths, strict=True) if path is None)
        if absent:
            self.missing.append(Missing(task_id, split, absent))
            return None
        return [path for path in paths if path is not None]

    def find_for_every_split(self, task_id: str, names: list[str]) -> list[Path] | None:
        """As `find_all`, for files that train, validation and test are all drawn from."""
        return [self.find_all(task_id, split, names) for split in SPLITS][0]

    def sha256(self) -> dict[str, str]:
        """sha256 of every file that was read, by its path below the root."""
        return {str(path.relative_to(self.root)): file_sha256(path) for path in sorted(self.used)}


def file_sha256(path: Path) -> str:
    """sha256 of the bytes of a file, as 64 hex digits."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def is_gzip(path: Path) -> bool:
    """Whether the file begins as gzip does, whatever its name says."""
    with open(path, "rb") as stream:
        return stream.read(2) == b"\x1f\x8b"


@contextlib.contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what a broken file makes the readers raise into a SourceError that names the file and the remedy."""
    try:
        yield
    except UnicodeDecodeError as error:
        raise SourceError(f"{path}: byte {error.start} is not UTF-8 text; is this the file its name says?") from error
    except (EOFError, OSError, pa.ArrowInvalid, zlib.error, zipfile.BadZipFile) as error:
        if is_gzip(path) and ("runcated" in str(error) or isinstance(error, EOFError)):
            line, text = last_readable_line(path)
            raise SourceError(
                f"{path}: the gzip stream ends early, in line {line} ({text!r}); fetch the file again"
            ) from error
        raise SourceError(f"{path}: {error}; fetch the file again or correct it") from error


def last_readable_line(path: Path) -> tuple[int, str]:
    """The number, from 1, and the first 60 characters of the line in which a truncated gzip file ends."""
    stream = zlib.decompressobj(wbits=31)
    lines = stream.decompress(path.read_bytes()).split(b"\n")
    return len(lines), lines[-1][:60].decode(errors="replace")


def read_csv(path: Path, columns: list[str], *, names: list[str] | None = None, delimiter: str = ",") -> pa.Table:
    """The wanted columns of a delimited file as strings, and `line` (int32, from 1) of every row.

    Args:
        names: the column names of a file without a header line.

    Raises:
        SourceError: the header lacks a column, a row has more or fewer fields, the gzip stream ends early.
    """
    malformed: list[pa.csv.InvalidRow] = []
    with explained(path):
        try:
            stream = pa.input_stream(str(path), compression="gzip" if is_gzip(path) else None)
            table = pa.csv.read_csv(
                stream,
                pa.csv.ReadOptions(use_threads=False, column_names=names),
                pa.csv.ParseOptions(
                    delimiter=delimiter,
                    ignore_empty_lines=False,
                    invalid_row_handler=lambda row: malformed.append(row) or "skip",
                ),
                pa.csv.ConvertOptions(
                    include_columns=columns,
                    column_types=dict.fromkeys(columns, pa.string()),
                    strings_can_be_null=False,
                ),
            )
        except KeyError as error:
            found = first_line(path)[:200]
            raise SourceError(
                f"{path}: line 1: the header is {found!r}, expected the columns {', '.join(columns)}; "
                "is this the upstream file, with its header?"
            ) from error
    if malformed:
        row = malformed[0]
        raise SourceError(
            f"{path}: line {row.number}: {row.actual_columns} fields, expected {row.expected_columns}: "
            f"{row.text[:80]!r}; correct the line or fetch the file again"
        )
    first = 1 if names else 2
    table = table.append_column("line", pa.array(np.arange(first, first + len(table), dtype=np.int32)))
    filled = pa.compute.not_equal(pa.compute.binary_join_element_wise(*(table[c] for c in columns), ""), "")
    last = pa.compute.indices_nonzero(filled)
    return table.slice(0, last[-1].as_py() + 1 if len(last) else 0)  # blank lines at the end are no rows


def first_line(path: Path) -> str:
    """The first line of a text file, without its end."""
    with open_text(path) as stream:
        return stream.readline().rstrip("\r\n")


def open_text(path: Path):
    """A text stream over a plain or gzipped UTF-8 file."""
    return gzip.open(path, "rt", encoding="utf-8-sig") if is_gzip(path) else open(path, encoding="utf-8-sig")


def read_lines(path: Path) -> list[str]:
    """The lines of a text file, stripped of white space at both ends; blank lines at the end are dropped."""
    with explained(path), open_text(path) as stream:
        lines = [line.strip() for line in stream]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def require_parallel(counts: dict[Path, int]) -> None:
    """Raise a SourceError that names the files and their counts unless all hold the same number of records."""
    if len(set(counts.values())) > 1:
        found = ", ".join(f"{path}: {count:,}" for path, count in counts.items())
        alone = min(counts.values()) + 1
        raise SourceError(f"{found} records: record {alone:,} has no partner in every file; fetch them again")


def read_fasta(path: Path) -> Iterator[tuple[str, str, int]]:
    """(header without `>`, sequence, line of the header) of every record of a FASTA file, in order.

    Raises:
        SourceError: text before the first `>`, an empty file, a gzip stream that ends early.
    """
    from Bio.SeqIO.FastaIO import SimpleFastaParser

    with explained(path), open_text(path) as stream:
        line = 0

        def counted() -> Iterator[str]:
            nonlocal line
            for line, text in enumerate(stream, start=1):  # noqa: B007  (line is read by the loop below)
                if line == 1 and not text.startswith(">"):
                    raise SourceError(
                        f"{path}: line 1: {text[:60]!r} does not begin a FASTA record ('>'); wrong file?"
                    )
                yield text

        header_line = 1
        for header, sequence in SimpleFastaParser(counted()):
            yield header, sequence, header_line
            header_line = line
    if line == 0:
        raise SourceError(f"{path}: the file is empty; fetch it again")


def read_sequences(path: Path) -> dict[str, str]:
    """The sequences of a FASTA file by the names of their records."""
    return {record_name(header): sequence for header, sequence, _ in read_fasta(path)}


def record_name(header: str) -> str:
    """The name of a FASTA record: the first word of its header, nothing if that is empty."""
    return next(iter(header.split(maxsplit=1)), "")
