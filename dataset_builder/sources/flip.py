"""FLIP's human-cell split of the Meltome atlas (Dallago 2021): melting temperatures, °C, of proteins of human cells.

FLIP publishes the file inside splits/meltome/splits.zip; it is read from the archive, too.
"""

import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from dataset_builder.files import Missing, SourceError, Sources, explained, read_csv
from dataset_builder.raw import data_row, parted, raw_table
from dataset_builder.tasks import SPLITS, Task


FILE = "human_cell.csv"
ARCHIVE = "splits.zip"
COLUMNS = ["sequence", "target", "set", "validation"]


def read(task: Task, sources: Sources) -> Iterator[tuple[str, pa.Table]]:
    """Train and test as the column `set` says, without the rows of train that `validation` marks with True.

    Raises:
        SourceError: a row is in no split, or the archive does not hold the file.
    """
    path = sources.find(task.id, FILE) or sources.find(task.id, ARCHIVE)
    if path is None:
        sources.missing += [Missing(task.id, split, (FILE,)) for split in SPLITS]
        return
    table = read_member(path) if zipfile.is_zipfile(path) else read_csv(path, COLUMNS)
    split = splits(table, path)
    columns = (data_row(table["line"]), table["line"], table["sequence"])
    rows = raw_table(path, sources, *columns, value=table["target"])
    yield from parted(rows, split)


def read_member(archive: Path) -> pa.Table:
    """The columns of human_cell.csv inside the archive, whatever folder it lies in there."""
    with explained(archive), zipfile.ZipFile(archive) as zipped, tempfile.TemporaryDirectory() as folder:
        name = next((name for name in zipped.namelist() if Path(name).name == FILE), None)
        if name is None:
            raise SourceError(f"{archive}: holds no {FILE}; is this splits/meltome/splits.zip of FLIP?")
        return read_csv(Path(zipped.extract(name, folder)), COLUMNS)


def splits(table: pa.Table, path: Path) -> np.ndarray:
    """The split name of every row."""
    published, held_out = (table[column].to_numpy() for column in ("set", "validation"))
    train = published == "train"
    split = np.select(
        [published == "test", train & (held_out == "True"), train & np.isin(held_out, ["", "False"])],
        ["test", "validation", "train"],
        "",
    )
    if (split == "").any():
        i = int(np.argmax(split == ""))
        raise SourceError(
            f"{path}: line {table['line'][i]}: set is {published[i]!r} and validation {held_out[i]!r}, expected train "
            "or test, and True or nothing; correct the line or fetch the file again"
        )
    return split
