"""FLIP's human-cell split of the Meltome atlas (Dallago 2021): melting temperatures, °C, of proteins of human cells.

FLIP publishes the file inside splits/meltome/splits.zip, from which it is read, too. Where it is not there, SaProt's
copy is. Which of the two has Table 2's 5,056 + 639 + 1,336 rows could not be established.
"""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from dataset_builder.delimited import read_csv
from dataset_builder.files import File, Missing, Sources
from dataset_builder.raw import parted, raw_table
from dataset_builder.sources import saprot
from dataset_builder.tasks import SPLITS, Task


FILE = "human_cell.csv"
COLUMNS = ["sequence", "target", "set", "validation"]


def read(task: Task, sources: Sources) -> Iterator[tuple[str, pa.Table]]:
    """Train and test as the column `set` says, without the rows of train that `validation` marks with True."""
    file = sources.find(task.id, FILE)
    if file is None and sources.has(task.id, saprot.FILES.values()):
        yield from saprot.read(task, sources)
    elif file is None:
        sources.missing += [Missing(task.id, split, (FILE,)) for split in SPLITS]
    else:
        rows = read_csv(file, COLUMNS)
        split = splits(rows, file)
        yield from parted(raw_table(file, rows, rows["sequence"], value=rows["target"]), split)


def splits(rows: pa.Table, file: File) -> np.ndarray:
    """The split name of every row; a row of none is rejected."""
    published, held_out = (rows[column].to_pandas().str.strip() for column in ("set", "validation"))
    train = published == "train"
    split = np.select(
        [published == "test", train & (held_out == "True"), train & held_out.isin(["", "False"])],
        ["test", "validation", "train"],
        "",
    )
    for i in np.flatnonzero(split == ""):
        found = f"{published[i]}, {held_out[i]}"
        reason = "set must be train or test, and validation True or nothing; correct the line or fetch the file again"
        file.reject(rows["line"][i].as_py(), found, reason)
    file.require_rows()
    return split
