"""FASTA by blocks of bytes: files larger than memory at the speed of the disk, from any place where one was left."""

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple

from dataset_builder.files import SourceError, explained, is_gzip


BLOCK_BYTES = 4_000_000


class Section(NamedTuple):
    """Letters of a record, whole or a part of it.

    Attributes:
        header: without `>`; None where the section goes on with the record before it.
        letters: without white space, as they are written.
        offset: of the first byte behind the section in the (uncompressed) file.
        line: number, from 1, of the line at that offset.
    """

    header: bytes | None
    letters: bytes
    offset: int
    line: int


def sections(path: Path, offset: int = 0, line: int = 1) -> Iterator[Section]:
    """The sections of a FASTA file, plain or gzipped, from `offset`, which is the beginning of a line.

    Raises:
        SourceError: the file is empty, does not begin with `>`, or its gzip stream ends early.
    """
    with explained(path), open_bytes(path) as stream:
        stream.seek(offset)
        rest = b""
        while block := stream.read(BLOCK_BYTES):
            if offset == 0 and not rest and not block.startswith(b">"):
                found = block[:60].decode(errors="replace")
                raise SourceError(f"{path}: line 1: {found!r} does not begin a FASTA record ('>'); wrong file?")
            block = rest + block
            cut = block.rfind(b"\n") + 1
            rest = block[cut:]
            for section in parsed(block[:cut], offset, line):
                yield section
                offset, line = section.offset, section.line
        if rest:
            yield from parsed(rest, offset, line)
        elif offset == 0:
            raise SourceError(f"{path}: the file is empty; fetch it again")


def parsed(lines: bytes, offset: int, line: int) -> Iterator[Section]:
    """The sections of some whole lines, of which the first is at `offset`."""
    pieces = (b"\n" + lines).split(b"\n>") if lines else []
    for i, piece in enumerate(pieces):
        if i == 0 and not piece:
            continue  # the lines begin with a header
        ended = i < len(pieces) - 1  # split() took the end of its last line
        offset += len(piece) + ended + (1 if i else -1)
        line += piece.count(b"\n") + ended - (i == 0)
        header, _, letters = piece.partition(b"\n") if i else (None, b"", piece)
        yield Section(header, letters.translate(None, b"\r\n\t "), offset, line)


def open_bytes(path: Path) -> IO[bytes]:
    """A byte stream over a plain or gzipped file."""
    return gzip.open(path, "rb") if is_gzip(path) else open(path, "rb")
