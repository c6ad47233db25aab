"""Stage-1 corpora, streamed: human DNA windows, human non-coding RNA, a sample of proteins (paper, appendix B).

A text is one tagged sequence, `<dna>…</dna>`, `<rna>…</rna>` or `<protein>…</protein>`, as in the instruction data, so
that the tags are learnt first. No sequence is longer than 2,000 letters; RNA is written with T.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import compress, groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dataset_builder.checks import ALPHABETS, normalise
from dataset_builder.files import Missing, SourceError, Sources, explained, open_text, read_fasta, record_name
from dataset_builder.hashing import hash64


SUFFIXES = (".fa", ".fasta", ".fna")
MAX_LETTERS = 2_000
MAX_N_SHARE = 0.1  # of a DNA window, in one run: the gaps of an assembly
HUMAN = re.compile(r"URS[0-9A-F]+_9606")
MAX_PROTEINS = 2_000_000
ROWS_PER_TABLE = 10_000


class Record(NamedTuple):
    """One sequence, and the file and line that it comes from."""

    name: str
    sequence: str
    path: Path
    line: int


def read_corpus(corpus: str, sources: Sources) -> Iterator[pa.Table]:
    """Tables of `id` (<corpus>/<file>/<record>) and `text`, in the order of the sorted paths.

    Every *.fa, *.fasta and *.fna file (also .gz) below <root>/<corpus> is read; that there is none is noted.

    Args:
        corpus: pretrain_dna: all of each file in windows of 2,000, the last one shorter; a window with a run of N
            longer than a tenth of it is left out; soft-masked (lower-case) letters are kept as upper case.
            pretrain_rna: RNAcentral records of human (URS…_9606); letters after the first 2,000 are cut off.
            pretrain_protein: at most 2,000,000 records, those whose names hash lowest; cut off likewise.

    Raises:
        SourceError: a sequence with letters that are none of the molecule.
    """
    folder = sources.root / corpus
    paths = sorted(
        path for path in folder.rglob("*") if path.name.removesuffix(".gz").endswith(SUFFIXES) and path.is_file()
    )
    sources.used.update(paths)
    if not paths:
        sources.missing.append(Missing(corpus, "train", (f"{corpus}/*.fasta",)))
    molecule = corpus.removeprefix("pretrain_")
    for batch in batches(READERS[corpus](paths), ROWS_PER_TABLE):
        yield tagged(batch, molecule, folder)


def tagged(records: list[Record], molecule: str, folder: Path) -> pa.Table:
    """`id` and `text` of some records."""
    sequences = normalise(pa.chunked_array([[record.sequence for record in records]], pa.string()), molecule)
    good = pc.match_substring_regex(sequences, f"^[{ALPHABETS[molecule]}]+$")
    if not pc.all(good).as_py():
        record = records[pc.index(good, False).as_py()]
        raise SourceError(
            f"{record.path}: line {record.line}: {record.name}: {record.sequence[:60]!r} is not a {molecule} sequence "
            f"(letters {ALPHABETS[molecule]}); correct the record or move the file out of {folder}"
        )
    files = {path: str(path.relative_to(folder)).removesuffix(".gz") for path in {record.path for record in records}}
    ids = [f"{folder.name}/{files[record.path]}/{record.name}" for record in records]
    return pa.table({"id": ids, "text": pc.binary_join_element_wise(f"<{molecule}>", sequences, f"</{molecule}>", "")})


def dna_windows(paths: list[Path]) -> Iterator[Record]:
    """The windows of every record, without those in gaps, named <record>:<first>-<last> from 1."""
    for path in paths:
        for (name, line), texts in groupby(fasta_lines(path), itemgetter(0)):
            for first, letters in windows(text for _, text in texts):
                if "N" * (int(len(letters) * MAX_N_SHARE) + 1) not in letters.upper():
                    yield Record(f"{name}:{first}-{first + len(letters) - 1}", letters, path, line)


def windows(texts: Iterable[str]) -> Iterator[tuple[int, str]]:
    """(position of its first letter, from 1; letters) of every window of the joined texts; the last may be shorter."""
    pending, first = "", 1
    for text in texts:
        pending += text
        whole = len(pending) // MAX_LETTERS * MAX_LETTERS
        for start in range(0, whole, MAX_LETTERS):
            yield first + start, pending[start : start + MAX_LETTERS]
        pending, first = pending[whole:], first + whole
    if pending:
        yield first, pending


def fasta_lines(path: Path) -> Iterator[tuple[tuple[str, int], str]]:
    """((record name, line of its header), letters) of every line of letters: a chromosome is never held whole."""
    record = None
    with explained(path), open_text(path) as stream:
        for line, text in enumerate(stream, 1):
            if text.startswith(">"):
                record = (record_name(text[1:]), line)
            elif record:
                yield record, text.strip()
            else:
                raise SourceError(f"{path}: line 1: {text[:60]!r} does not begin a FASTA record ('>'); wrong file?")


def human_rna(paths: list[Path]) -> Iterator[Record]:
    """The human records of RNAcentral."""
    return (record for record in records(paths) if HUMAN.fullmatch(record.name))


def sampled_proteins(paths: list[Path]) -> Iterator[Record]:
    """At most 2,000,000 records: those whose names hash lowest.

    The files are read twice: once for the hashes, of which the lowest are kept (16 MB), once for their records.
    """
    lowest = np.empty(0, dtype=np.uint64)
    for batch in batches(records(paths), 10 * ROWS_PER_TABLE):
        lowest = np.concatenate([lowest, name_hashes(batch)])
        if len(lowest) > MAX_PROTEINS:
            lowest = np.partition(lowest, MAX_PROTEINS - 1)[:MAX_PROTEINS]
    highest = lowest.max(initial=0)
    for batch in batches(records(paths), ROWS_PER_TABLE):
        yield from compress(batch, name_hashes(batch) <= highest)


def name_hashes(batch: list[Record]) -> np.ndarray:
    """A uint64 per record, which its name alone decides."""
    return hash64([record.name for record in batch], "pretrain_protein")


def records(paths: list[Path]) -> Iterator[Record]:
    """Every FASTA record, cut off after 2,000 letters."""
    for path in paths:
        for header, sequence, line in read_fasta(path):
            yield Record(record_name(header), sequence[:MAX_LETTERS], path, line)


def batches(stream: Iterable[Record], size: int) -> Iterator[list[Record]]:
    """Lists of at most `size` records, in order."""
    stream = iter(stream)
    while batch := list(islice(stream, size)):
        yield batch


READERS = {"pretrain_dna": dna_windows, "pretrain_rna": human_rna, "pretrain_protein": sampled_proteins}
