"""Stage-1 corpora: human DNA in windows, human non-coding RNA, a sample of proteins (paper, appendix B).

Stated rules: no text is longer than 2,000 letters; soft-masked (lower-case) letters become upper case; RNA is written
with T, and in it a letter that is no nucleotide code (a modified residue) becomes N; X of proteins and N of DNA and
RNA stay. A record with any other character is rejected.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from string import ascii_lowercase, ascii_uppercase
from typing import NamedTuple

import numpy as np

from dataset_builder.checks import ALPHABETS, MODIFIED_RESIDUES
from dataset_builder.fasta import sections
from dataset_builder.hashing import hash64


MAX_LETTERS = 2_000
MAX_N_SHARE = 0.1  # of a DNA window, in one run: the gaps of an assembly
HUMAN = re.compile(r"URS[0-9A-F]+_9606")
MAX_PROTEINS = 2_000_000
NAMES_AT_ONCE = 100_000

RNA_LETTERS = "".join("T" if c == "U" else "N" if c in MODIFIED_RESIDUES else c for c in ascii_uppercase)
UPPER = bytes.maketrans(ascii_lowercase.encode(), ascii_uppercase.encode())
SPELLING = {
    "dna": UPPER,
    "rna": bytes.maketrans((ascii_lowercase + ascii_uppercase).encode(), 2 * RNA_LETTERS.encode()),
    "protein": UPPER,
}


class Cursor(NamedTuple):
    """A place in the files of a corpus from which reading goes on.

    Attributes:
        file: index of the file.
        offset: in the file, without its compression; a line begins there.
        line: its number, from 1.
        carry: of a DNA record that goes on at `offset`: its name, the line of its header, the position (from 1) of
            the first letter that is in no window yet, and the letters from there to `offset`.
        skip: texts from there on that were read already.
    """

    file: int = 0
    offset: int = 0
    line: int = 1
    carry: tuple[str, int, int, str] = ("", 0, 1, "")
    skip: int = 0


class Text(NamedTuple):
    """One text of a corpus, or what is left out of it.

    Attributes:
        line: of its record's header.
        then: the cursor behind it.
        left_out: the rule by which it is left out; empty if it is kept.
    """

    name: str
    letters: bytes
    path: Path
    line: int
    then: Cursor
    left_out: str = ""


def read_texts(corpus: str, paths: list[Path], start: Cursor, highest: int) -> Iterator[Text]:
    """All texts of a corpus behind `start`, in the order of the paths.

    Args:
        corpus: pretrain_dna: every record in windows of 2,000, the last one shorter; pretrain_rna: the human records
            of RNAcentral (URS…_9606); pretrain_protein: the records whose names hash to `highest` or lower.
    """
    if corpus == "pretrain_dna":
        yield from dna_windows(paths, start)
    elif corpus == "pretrain_rna":
        for record in records(paths, start):
            yield record if HUMAN.fullmatch(record.name) else record._replace(left_out="not human")
    else:
        rule = f"not among the {MAX_PROTEINS:,} names that hash lowest"
        for batch in batches(records(paths, start), NAMES_AT_ONCE):
            kept = name_hashes(batch) <= highest
            yield from (text if keep else text._replace(left_out=rule) for text, keep in zip(batch, kept, strict=True))


def dna_windows(paths: list[Path], start: Cursor) -> Iterator[Text]:
    """The windows of every record, named <record>:<first>-<last> from 1; those in a gap are left out."""
    for file in range(start.file, len(paths)):
        for before, windows in window_groups(paths[file], start if file == start.file else Cursor(file)):
            for k, (name, line, first, letters) in enumerate(windows[before.skip :], before.skip + 1):
                gap = b"N" * (int(len(letters) * MAX_N_SHARE) + 1) in letters
                place = f"{name}:{first}-{first + len(letters) - 1}"
                rule = f"a run of N over more than {MAX_N_SHARE:.0%} of the window" if gap else ""
                yield Text(place, letters, paths[file], line, before._replace(skip=k), rule)


def window_groups(path: Path, at: Cursor) -> Iterator[tuple[Cursor, list[tuple[str, int, int, bytes]]]]:
    """(cursor before them, windows as (record, line of its header, first position, letters)) of each section."""
    name, line, first, pending = at.carry[:3] + (at.carry[3].encode("latin-1"),)
    for section in sections(path, at.offset, at.line):
        windows = []
        if section.header is not None:
            if pending:
                windows.append((name, line, first, pending))
            name, line, first, pending = header_name(section.header), at.line, 1, b""
        pending += section.letters.translate(UPPER)
        whole = len(pending) // MAX_LETTERS * MAX_LETTERS
        windows += [(name, line, first + i, pending[i : i + MAX_LETTERS]) for i in range(0, whole, MAX_LETTERS)]
        first, pending = first + whole, pending[whole:]
        yield at, windows
        at = Cursor(at.file, section.offset, section.line, (name, line, first, pending.decode("latin-1")))
    if pending:
        yield at, [(name, line, first, pending)]


def records(paths: list[Path], start: Cursor) -> Iterator[Text]:
    """Every FASTA record, cut off after 2,000 letters."""
    for file in range(start.file, len(paths)):
        at = start if file == start.file else Cursor(file)
        name, line, letters = None, 0, b""
        for section in sections(paths[file], at.offset, at.line):
            if section.header is None:
                letters += section.letters[: MAX_LETTERS - len(letters)]
            else:
                if name is not None:
                    yield Text(name, letters, paths[file], line, at)
                name, line, letters = header_name(section.header), at.line, section.letters[:MAX_LETTERS]
            at = Cursor(file, section.offset, section.line)
        if name is not None:
            yield Text(name, letters, paths[file], line, at)


def batches(stream: Iterable, size: int) -> Iterator[list]:
    """Lists of at most `size` items, in order."""
    stream = iter(stream)
    while batch := list(islice(stream, size)):
        yield batch


def header_name(header: bytes) -> str:
    """The name of a record: the first word of its header, nothing if that is empty."""
    words = header.split(maxsplit=1)
    return words[0].decode("utf-8", errors="replace") if words else ""


def highest_hash(paths: list[Path]) -> int:
    """The hash of a name up to which there are MAX_PROTEINS names; the highest there is if they are fewer."""
    lowest = np.empty(0, dtype=np.uint64)
    for batch in batches(records(paths, Cursor()), NAMES_AT_ONCE):
        lowest = np.concatenate([lowest, name_hashes(batch)])
        if len(lowest) > MAX_PROTEINS:
            lowest = np.partition(lowest, MAX_PROTEINS - 1)[:MAX_PROTEINS]
    return int(lowest.max(initial=0))


def name_hashes(texts: list[Text]) -> np.ndarray:
    """A uint64 per text, which its name alone decides."""
    return hash64([text.name for text in texts], "pretrain_protein")


def spell(letters: bytes, molecule: str) -> bytes:
    """The letters as the corpus writes them."""
    return letters.translate(SPELLING[molecule])


def is_spelled(letters: bytes, molecule: str) -> bool:
    """Whether there are letters, and all are of the molecule's alphabet."""
    return bool(letters) and not letters.translate(None, ALPHABETS[molecule].encode())
