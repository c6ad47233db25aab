"""Protein stability (Rocklin 2017) in the splits of TAPE: CSV files of the protein_bert benchmarks, or TAPE's JSON.

A label is the stability score: log10 of the measured EC50 above that predicted for the unfolded state.
"""

from collections.abc import Iterator

import pyarrow as pa

from dataset_builder.delimited import csv_tables
from dataset_builder.files import Sources
from dataset_builder.raw import raw_table
from dataset_builder.sources import tape
from dataset_builder.tasks import Task


FILES = {"train": "stability.train.csv", "validation": "stability.valid.csv", "test": "stability.test.csv"}
TAPE = {"train": "stability_train.json", "validation": "stability_valid.json", "test": "stability_test.json"}


def read(task: Task, sources: Sources) -> Iterator[tuple[str, pa.Table]]:
    """The rows of every split; those that repeat a sequence are kept, as Table 2 counts them."""
    if sources.has(task.id, TAPE.values()) and not sources.has(task.id, FILES.values()):
        yield from tape.read(task, sources, TAPE, "stability_score")
        return
    for split, name in FILES.items():
        for file in sources.find_all(task.id, split, [name]) or ():
            for rows in csv_tables(file, ["seq", "label"]):
                yield split, raw_table(file, rows, rows["seq"], value=rows["label"])
