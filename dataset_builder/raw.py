"""The raw table that every source module yields and checks.accept reads."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dataset_builder.files import SourceError, Sources
from dataset_builder.tasks import SPLITS


Column = pa.Array | pa.ChunkedArray


def raw_table(
    path: Path, sources: Sources, row: Column, line: Column, sequence: Column, subtask: str = "", **labels: Column
) -> pa.Table:
    """Rows of one file: `row`, `subtask`, `sequence`, the label columns, `file` below the root, `line` as int32.

    Raises:
        SourceError: there is no row.
    """
    if len(sequence) == 0:
        raise SourceError(f"{path}: no usable rows; fetch the file again")
    constant = {
        "subtask": pa.repeat(subtask, len(sequence)),
        "file": pa.repeat(str(path.relative_to(sources.root)), len(sequence)),
    }
    return pa.table({"row": row, "sequence": sequence, **labels, **constant, "line": line.cast(pa.int32())})


def data_row(line: Column, header_lines: int = 1) -> Column:
    """The 0-based number of each data row, as a string, from its line."""
    return pc.cast(pc.subtract(line, header_lines + 1), pa.string())


def parted(table: pa.Table, split: np.ndarray) -> Iterator[tuple[str, pa.Table]]:
    """(split name, its rows) of a table whose splits were drawn; a split without rows is left out."""
    for name in SPLITS:
        if (split == name).any():
            yield name, table.filter(pa.array(split == name))
