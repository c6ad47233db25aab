"""EPI-DLMH (Min 2021, Zenodo 4018229): do an enhancer and a promoter interact in a cell line? TargetFinder's pairs.

Each cell line has the folders imbltrain/ (90% of its pairs, 20 negatives per positive), train/ (the same, every
positive shifted into 20) and test/ (the other 10%). The paper does not say what it took of them; this is inferred from
its numbers: TargetFinder's 9,899 positives less a tenth per cell line, rounded down, are 8,911, and 2 x 8,911 = 14,288
+ 1,772 + 1,762, where 1,762 is the test size that the total of Table 2 implies (its row says 308). So all three splits
are drawn here from the positives of imbltrain/ and as many negatives. Which negatives the paper had, which pair went
where, and how 308 came about, is not known.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dataset_builder.files import SourceError, Sources, read_fasta, read_lines, require_parallel
from dataset_builder.hashing import hash64, split_by_hash
from dataset_builder.raw import parted, raw_table
from dataset_builder.tasks import Task


SIZES = (14_288, 1_772, 1_762)
LABEL = re.compile(r"([01])(\.0+)?(e\+00)?")


def read(task: Task, sources: Sources) -> Iterator[tuple[str, pa.Table]]:
    """The pairs of every cell line whose files are there, promoter first, drawn by hash of the two sequences.

    Raises:
        SourceError: the three files of a cell line have different lengths, or a label is neither 0 nor 1.
    """
    tables = []
    for cell in task.subtasks:
        names = [f"{cell}/imbltrain/{cell}{part}" for part in ("labels.txt", "_promoters.fasta", "_enhancers.fasta")]
        if paths := sources.find_for_every_split(task.id, names):
            tables.append(read_balanced(cell, paths, sources))
    if not tables:
        return
    rows = pa.concat_tables(tables)
    pairs = pc.binary_join_element_wise(rows["sequence"], rows["sequence_2"], "|")
    yield from parted(rows, split_by_hash(pairs, SIZES, task.id))


def read_balanced(cell: str, paths: list[Path], sources: Sources) -> pa.Table:
    """All positives of a cell line and as many negatives, those whose rows hash lowest; `line` is the label's."""
    labels, promoters, enhancers = paths
    positive = read_positive(labels)
    row = pa.array([f"{cell}/{i}" for i in range(len(positive))], pa.string())
    ranked = np.argsort(hash64(row, "negatives"), kind="stable")
    keep = positive.copy()
    keep[ranked[~positive[ranked]][: positive.sum()]] = True
    sequence, sequence_2 = read_kept(promoters, keep), read_kept(enhancers, keep)
    require_parallel({labels: len(keep), promoters: len(sequence), enhancers: len(sequence_2)})
    line = pa.array(np.arange(1, len(keep) + 1))
    pair = {"sequence_2": sequence_2, "label": pa.array(np.where(positive, "1", "0"))}
    return raw_table(labels, sources, row, line, sequence, cell, **pair).filter(pa.array(keep))


def read_positive(path: Path) -> np.ndarray:
    """Whether the label of each line is 1 (bool); it may be written as a float."""
    lines = read_lines(path)
    matches = [LABEL.fullmatch(text) for text in lines]
    if None in matches:
        i = matches.index(None)
        raise SourceError(f"{path}: line {i + 1}: {lines[i]!r} is not the label 0 or 1; fetch the file again")
    return np.array([match[1] == "1" for match in matches], dtype=bool)


def read_kept(path: Path, keep: np.ndarray) -> pa.Array:
    """The sequence of every record that is kept, null for the others: most negatives are never held."""
    kept = set(np.flatnonzero(keep).tolist())
    records = enumerate(read_fasta(path))
    return pa.array([sequence if i in kept else None for i, (_, sequence, _) in records], pa.string())
