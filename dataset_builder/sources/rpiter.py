"""RPITER (Peng 2019): do a non-coding RNA and a protein interact? NPInter v2.0, or else its four smaller siblings.

The 20,824 pairs of NPInter are the 14,994 + 1,666 + 4,164 of Table 2; RPITER's repository lacks their RNA sequences.
"""

import logging
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from dataset_builder.files import Sources, read_csv, read_sequences
from dataset_builder.hashing import split_by_hash
from dataset_builder.raw import data_row, parted, raw_table
from dataset_builder.tasks import Task


PAPER_SET = "NPInter"
COLUMNS = ["protein", "rna", "label"]

log = logging.getLogger(__name__)


def read(task: Task, sources: Sources) -> Iterator[tuple[str, pa.Table]]:
    """NPInter alone where all its files are there, else every sibling that is complete; the sub-task is the set.

    The split is drawn by hash of the two sequences, so a pair that several sets have is in one split only.
    """
    if paths := find_set(PAPER_SET, task, sources):
        tables = [read_set(PAPER_SET, *paths, sources)]
    else:
        siblings = {name: find_set(name, task, sources) for name in task.subtasks if name != PAPER_SET}
        tables = [read_set(name, *paths, sources) for name, paths in siblings.items() if paths]
    if not tables:
        return
    rows = pa.concat_tables(tables)
    pairs = pc.binary_join_element_wise(rows["sequence"], rows["sequence_2"], "|")
    yield from parted(rows, split_by_hash(pairs, task.table2, task.id))


def find_set(name: str, task: Task, sources: Sources) -> list[Path] | None:
    """Pairs, RNA and protein sequences of one set."""
    names = [f"{name}_{part}" for part in ("pairs.txt", "rna_seq.fa", "protein_seq.fa")]
    return sources.find_for_every_split(task.id, names)


def read_set(name: str, pairs: Path, rna: Path, protein: Path, sources: Sources) -> pa.Table:
    """The pairs of one set whose two ids have a sequence, RNA first; the others are left out and counted."""
    table = read_csv(pairs, COLUMNS, names=COLUMNS, delimiter="\t")
    row = pc.binary_join_element_wise(name, data_row(table["line"], header_lines=0), "/")
    pair = {"sequence_2": look_up(table["protein"], protein), "label": table["label"]}
    rows = raw_table(pairs, sources, row, table["line"], look_up(table["rna"], rna), name, **pair)
    resolved = rows.filter(pc.and_(pc.is_valid(rows["sequence"]), pc.is_valid(rows["sequence_2"])))
    if absent := len(rows) - len(resolved):
        log.warning("%s: %s of %s pairs have an id without sequence: left out", pairs, f"{absent:,}", f"{len(rows):,}")
    return resolved


def look_up(ids: pa.ChunkedArray, path: Path) -> pa.Array:
    """The sequence of every id, null where the FASTA file has none."""
    sequences = read_sequences(path)
    return pa.array([sequences.get(name) for name in ids.to_pylist()], pa.string())
