"""The raw table that every source module yields and checks.accept reads."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dataset_builder.files import File
from dataset_builder.tasks import SPLITS


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


def parted(table: pa.Table, split: np.ndarray) -> Iterator[tuple[str, pa.Table]]:
    """(split name, at most 50,000 of its rows) of a table whose splits were drawn; those in no split are not given."""
    for name in SPLITS:
        rows = table.filter(pa.array(split == name))
        for start in range(0, len(rows), ROWS_PER_TABLE):
            yield name, rows.slice(start, ROWS_PER_TABLE)
