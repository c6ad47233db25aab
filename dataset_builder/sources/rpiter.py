"""RPITER (Peng 2019): do a non-coding RNA and a protein interact? NPInter v2.0, or else its four smaller siblings.

The 20,824 pairs of NPInter are the 14,994 + 1,666 + 4,164 of Table 2; RPITER's repository lacks their RNA sequences.
"""

import logging
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from dataset_builder.delimited import read_csv
from dataset_builder.files import File, Sources
from dataset_builder.hashing import split_by_hash
from dataset_builder.raw import parted, raw_table, sequence_keys
from dataset_builder.tasks import Task
from dataset_builder.text import read_sequences


PAPER_SET = "NPInter"
COLUMNS = ["protein", "rna", "label"]

log = logging.getLogger(__name__)


def read(task: Task, sources: Sources) -> Iterator[tuple[str, pa.Table]]:
    """NPInter alone where all its files are there, else every sibling that is complete; the sub-task is the set.

    The split is drawn by hash of the two sequences, so a pair that several sets have is in one split only.
    """
    if files := find_set(PAPER_SET, task, sources):
        tables = [read_set(PAPER_SET, *files)]
    else:
        siblings = {name: find_set(name, task, sources) for name in task.subtasks if name != PAPER_SET}
        tables = [read_set(name, *files) for name, files in siblings.items() if files]
    if not tables:
        return
    rows = pa.concat_tables(tables)
    yield from parted(rows, split_by_hash(sequence_keys(rows, task), task.table2, task.id))


def find_set(name: str, task: Task, sources: Sources) -> list[File] | None:
    """Pairs, RNA and protein sequences of one set."""
    names = [f"{name}_{part}" for part in ("pairs.txt", "rna_seq.fa", "protein_seq.fa")]
    return sources.find_for_every_split(task.id, names)


def read_set(name: str, pairs: File, rna: File, protein: File) -> pa.Table:
    """The pairs of one set whose two ids have a sequence, RNA first; the others are left out and counted."""
    rows = read_csv(pairs, COLUMNS, names=COLUMNS, header=False, delimiter="\t")
    first, second = look_up(rows["rna"], rna), look_up(rows["protein"], protein)
    resolved = pc.and_(pc.is_valid(first), pc.is_valid(second))
    unresolved = rows.filter(pc.invert(resolved))
    if len(unresolved):
        ids = pc.binary_join_element_wise(unresolved["protein"], unresolved["rna"], " ")
        pairs.leave_out(unresolved.append_column("ids", ids), "one of the ids has no sequence", "ids")
        log.warning(
            "%s: %s of %s pairs have an id without sequence: left out",
            pairs,
            f"{len(unresolved):,}",
            f"{len(rows):,}",
        )
    table = raw_table(pairs, rows, first, name, sequence_2=second, label=rows["label"])
    return table.filter(resolved)


def look_up(ids: pa.ChunkedArray, file: File) -> pa.Array:
    """The sequence of every id, null where the FASTA file has none."""
    sequences = read_sequences(file)
    return pa.array([sequences.get(name.strip()) for name in ids.to_pylist()], pa.string())
