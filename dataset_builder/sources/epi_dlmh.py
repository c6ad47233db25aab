"""EPI-DLMH (Min 2021, Zenodo 4018229): do an enhancer and a promoter interact in a cell line? TargetFinder's pairs.

Each cell line has the folders imbltrain/ (90% of its pairs, 20 negatives per positive), train/ (the same, every
positive shifted into 20) and test/ (the other 10%). The paper does not say what it took of them; this is inferred from
its numbers: TargetFinder's 9,899 positives less a tenth per cell line, rounded down, are 8,911, and 2 x 8,911 = 14,288
+ 1,772 + 1,762, where 1,762 is the test size that the total of Table 2 implies (its row says 308). So all three splits
are drawn here from the positives of imbltrain/ and as many negatives. Which negatives the paper had, which pair went
where, and how 308 came about, is not known.
"""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dataset_builder.checks import read_polarity
from dataset_builder.files import File, Sources
from dataset_builder.hashing import hash64, split_by_hash
from dataset_builder.raw import numbered, parted, raw_table, sequence_keys
from dataset_builder.tasks import Task
from dataset_builder.text import read_fasta, read_lines, require_parallel


SIZES = (14_288, 1_772, 1_762)
SURPLUS = "a negative beyond as many as there are positives: those whose rows hash lowest are kept"


def read(task: Task, sources: Sources) -> Iterator[tuple[str, pa.Table]]:
    """The pairs of every cell line whose files are there, promoter first, drawn by hash of the two sequences.

    Raises:
        SourceError: the three files of a cell line have different lengths.
    """
    tables = []
    for cell in task.subtasks:
        names = [f"{cell}/imbltrain/{cell}{part}" for part in ("labels.txt", "_promoters.fasta", "_enhancers.fasta")]
        if files := sources.find_for_every_split(task.id, names):
            tables.append(read_balanced(cell, *files))
    if not tables:
        return
    rows = pa.concat_tables(tables)
    yield from parted(rows, split_by_hash(sequence_keys(rows, task), SIZES, task.id))


def read_balanced(cell: str, labels: File, promoters: File, enhancers: File) -> pa.Table:
    """All positives of a cell line and as many negatives, those whose rows hash lowest; `line` is the label's."""
    texts = read_lines(labels)
    polarity = [read_polarity(text) for text in texts]
    rows = numbered(0, len(texts))
    names = pc.binary_join_element_wise(cell, rows["row"].cast(pa.string()), "/")
    positive, negative = (np.array([found is sign for found in polarity], dtype=bool) for sign in (True, False))
    ranked = np.argsort(hash64(names, "negatives"), kind="stable")
    keep = positive.copy()
    keep[ranked[negative[ranked]][: positive.sum()]] = True
    sequence, sequence_2 = read_kept(promoters, keep), read_kept(enhancers, keep)
    require_parallel({labels: len(keep), promoters: len(sequence), enhancers: len(sequence_2)})
    labels.count(len(rows))
    for i in np.flatnonzero(~positive & ~negative):
        labels.reject(int(i) + 1, texts[i], "not the label 0 or 1; correct the line or fetch the file again")
    labels.require_rows()
    labels.leave_out(rows.filter(pa.array(negative & ~keep)), SURPLUS)
    table = raw_table(labels, rows, sequence, cell, sequence_2=sequence_2, label=pa.array(texts, pa.string()))
    return table.filter(pa.array(keep))


def read_kept(file: File, keep: np.ndarray) -> pa.Array:
    """The sequence of every record that is kept, null for the others: most negatives are never held."""
    kept = set(np.flatnonzero(keep).tolist())
    records = enumerate(read_fasta(file))
    return pa.array((sequence if i in kept else None for i, (_, sequence, _) in records), pa.string())
