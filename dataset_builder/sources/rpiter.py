"""RPITER (Peng 2019): do a non-coding RNA and a protein interact? NPInter v2.0, or else its four smaller siblings.

The 20,824 pairs of NPInter are the 14,994 + 1,666 + 4,164 of Table 2, but RPITER's repository lacks their RNA sequences.
"""

import logging
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from dataset_builder.files import Sources, read_csv, read_fasta
from dataset_builder.hashing import split_by_hash
from dataset_builder.raw import data_row, parted, raw_table
from dataset_builder.tasks import Task


PAPER_SET = "NPInter"

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
    return sources.find_for_every_split(
        task.id, [f"{name}_{part}" for part in ("pairs.txt", "rna_seq.fa", "protein_seq.fa")]
    )


def read_set(name: str, pairs: Path, rna: Path, protein: Path, sources: Sources) -> pa.Table:
    """The pairs of one set whose two ids have a sequence, RNA first; the others are left out and counted."""
    table = read_csv(pairs, ["protein", "rna", "label"], names=["protein", "rna", "label"], delimiter="\t")
    sequences = [look_up(path, table[column]) for path, column in ((rna, "rna"), (protein, "protein"))]
    resolved = pc.and_(*(pc.is_valid(column) for column in sequences))
    if (unresolved := len(table) - pc.sum(resolved).as_py()) > 0:
        log.warning(
            "%s: %s of %s pairs name an id without a sequence: left out", pairs, f"{unresolved:,}", f"{len(table):,}"
        )
    row = pc.binary_join_element_wise(name, data_row(table["line"], header_lines=0), "/")
    rows = raw_table(
        pairs, sources, row, table["line"], sequences[0], name, sequence_2=sequences[1], label=table["label"]
    )
    return rows.filter(resolved)


def look_up(path: Path, ids: pa.ChunkedArray) -> pa.Array:
    """The sequence of every id (first word of a header), null where the file has none."""
    sequences = {header.partition(" ")[0]: sequence for header, sequence, _ in read_fasta(path)}
    return pa.array([sequences.get(name) for name in ids.to_pylist()], pa.string())
