"""BEACON (Ren 2024): CSV files of the RNA tasks in train, validation and test, whose sizes are those of Table 2.

Its scripts skip the header and take the columns by their places; so does this, as their names differ from task to task
(`seq`, `sequence`; `label`, `proximal_isoform_proportion`). Its ncRNA files are not read: their classes are numbers,
and which is which is published nowhere.
"""

from collections.abc import Iterator, Mapping

import pyarrow as pa

from dataset_builder.delimited import csv_tables
from dataset_builder.files import Sources
from dataset_builder.raw import raw_table
from dataset_builder.tasks import Task


FILES = {"train": "train.csv", "validation": "val.csv", "test": "test.csv"}


def is_there(task: Task, sources: Sources, folder: str) -> bool:
    """Whether all three files of a task are there."""
    return sources.has(task.id, [f"{folder}/{name}" for name in FILES.values()])


def read(
    task: Task, sources: Sources, folder: str, columns: tuple[str, ...], files: Mapping[str, str] = FILES
) -> Iterator[tuple[str, pa.Table]]:
    """The rows of every split whose file is there.

    Args:
        columns: names of all columns: `sequence`, each of the task's fields, and any others.

    Raises:
        SourceError: another number of columns, or the first line is data, not a header.
    """
    fields = [field.name for field in task.fields]
    for split, name in files.items():
        for file in sources.find_all(task.id, split, [f"{folder}/{name}"]) or ():
            for rows in csv_tables(file, ["sequence", *fields], names=columns):
                yield split, raw_table(file, rows, rows["sequence"], **{field: rows[field] for field in fields})
