"""The raw table that every source module yields and checks.accept reads."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dataset_builder.checks import spell
from dataset_builder.files import File
from dataset_builder.hashing import hash64
from dataset_builder.tasks import SPLITS, Task


ROWS_PER_TABLE = 50_000

Column = pa.Array | pa.ChunkedArray


def raw_table(file: File, rows: pa.Table, sequence: Column, subtask: str = "", **more: Column) -> pa.Table:
    """Rows of one file: `row`, `subtask`, `sequence`, `file` below the root, `line`, and what else is given.

    Args:
        rows: with `row` (number or name, unique in the sub-task) and `line` (from 1).
        more: `sequence_2`, the label columns, `left_out` where a rule leaves some of the rows out.
    """
    row = rows["row"].cast(pa.string())
    columns = {
        "row": pc.binary_join_element_wise(subtask, row, "/") if subtask else row,
        "subtask": pa.repeat(subtask, len(rows)),
        "sequence": sequence,
        **more,
        "file": pa.repeat(file.name, len(rows)),
        "line": rows["line"].cast(pa.int32()),
    }
    return pa.table(columns)


def numbered(start: int, stop: int) -> pa.Table:
    """`row` (from 0) and `line` (from 1) of the rows `start` to `stop` of a file without a header."""
    row = np.arange(start, stop)
    return pa.table({"row": row, "line": row + 1})


def sequence_keys(raw: pa.Table, task: Task) -> pa.ChunkedArray:
    """What a split is drawn by: a short key per row, equal where the sequence (or both of a pair) is spelled alike."""
    keys = []
    for batch in raw.to_batches(ROWS_PER_TABLE):
        spelled = [
            spell(pa.chunked_array([batch[name]]), molecule)[0]
            for name, molecule in zip(("sequence", "sequence_2"), task.molecules, strict=False)
        ]
        hashes = [pa.array(hash64(column, "sequence")).cast(pa.string()) for column in spelled]
        keys.append(pc.binary_join_element_wise(*hashes, "|"))
    return pa.chunked_array(keys, pa.string())


def parted(raw: pa.Table, split: np.ndarray) -> Iterator[tuple[str, pa.Table]]:
    """(split name, some of its rows) of a table whose splits were drawn; rows in no split are not given.

    Rows are copied in the blocks that they were read in, so that a large table is never there twice.
    """
    for name in SPLITS:
        start = 0
        for batch in raw.to_batches(ROWS_PER_TABLE):
            here = split[start : start + len(batch)] == name
            start += len(batch)
            if here.any():
                yield name, pa.Table.from_batches([batch.filter(pa.array(here))])
