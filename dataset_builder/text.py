"""Text files in blocks of whole lines: lines, parallel files, FASTA.

Stated repairs: a byte-order mark is dropped; CRLF and CR end a line as LF does; a byte that is not UTF-8 becomes
U+FFFD, which no sequence and no label may have, so that its row alone is rejected. A blank line is no row; in files
that lie side by side, line for line, that holds for blank lines at the end only.
"""

import codecs
from collections.abc import Iterator

from dataset_builder.fasta import parsed
from dataset_builder.files import File, record_name
from dataset_builder.rejects import SourceError


BLOCK_BYTES = 4_000_000


def line_blocks(file: File) -> Iterator[tuple[int, bytes]]:
    """(number, from 1, of its first line; whole lines, each ended by LF) of every block of a text file.

    Raises:
        SourceError: the file is empty, is UTF-16, or cannot be read to its end.
    """
    line, rest = 1, b""
    with file.open() as stream:
        start = stream.read(len(codecs.BOM_UTF8))
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise SourceError(f"{file}: UTF-16 text, expected UTF-8; save it as UTF-8 or fetch the file again")
        rest = start.removeprefix(codecs.BOM_UTF8)
        while block := stream.read(BLOCK_BYTES):
            block = rest + block
            cut = block.rfind(b"\n") + 1
            block, rest = block[:cut], block[cut:]
            if block:
                block = repaired(block)
                yield line, block
                line += block.count(b"\n")
    if rest:
        yield line, repaired(rest) + b"\n"
    elif not start:
        raise SourceError(f"{file}: Empty file; fetch it again")


def repaired(block: bytes) -> bytes:
    """LF at the end of every line, and valid UTF-8."""
    if b"\r" in block:
        block = block.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return block if block.isascii() else block.decode(errors="replace").encode()


def first_line(file: File) -> str:
    """The first line of a text file that is not blank, without its end; nothing if all are blank."""
    for _, block in line_blocks(file):
        if lines := block.lstrip(b"\n"):
            return lines.partition(b"\n")[0].decode()
    return ""


def read_lines(file: File) -> list[str]:
    """The lines of a text file, stripped of white space at both ends; blank lines at the end are dropped."""
    lines = [line.strip() for _, block in line_blocks(file) for line in block.decode().split("\n")[:-1]]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def require_parallel(counts: dict[File, int]) -> None:
    """Raise a SourceError that names the files and their counts unless all hold the same number of records."""
    if len(set(counts.values())) > 1:
        found = ", ".join(f"{file}: {count:,}" for file, count in counts.items())
        alone = min(counts.values()) + 1
        raise SourceError(f"{found} records: record {alone:,} has no partner in every file; fetch them again")


def read_fasta(file: File) -> Iterator[tuple[str, str, int]]:
    """(header without `>`, sequence, line of the header) of every record of a FASTA file, in order.

    Raises:
        SourceError: text before the first `>`, an empty file, a gzip stream that ends early.
    """
    header, letters, line = None, [], 0
    for first, block in line_blocks(file):
        here = first
        for section in parsed(block, 0, first):
            if section.header is not None:
                if header is not None:
                    yield header, "".join(letters), line
                header, letters, line = section.header.decode().rstrip(), [], here
            elif header is None and section.letters:
                blank = len(block) - len(block.lstrip(b"\n"))
                text = block.lstrip(b"\n").partition(b"\n")[0].decode()[:60]
                raise SourceError(
                    f"{file}: line {first + blank}: {text!r} does not begin a FASTA record ('>'); wrong file?"
                )
            letters.append(section.letters.decode())
            here = section.line
    if header is not None:
        yield header, "".join(letters), line


def read_sequences(file: File) -> dict[str, str]:
    """The sequences of a FASTA file by the names of their records.

    Raises:
        SourceError: two records of one name have different sequences.
    """
    sequences: dict[str, str] = {}
    for header, sequence, line in read_fasta(file):
        name = record_name(header)
        if sequences.setdefault(name, sequence) != sequence:
            raise SourceError(
                f"{file}: line {line}: a second record {name!r}, with another sequence; remove one of them"
            )
    return sequences
