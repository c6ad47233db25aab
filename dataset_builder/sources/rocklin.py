"""Protein stability (Rocklin 2017) in the splits of TAPE, as CSV files of the protein_bert benchmarks.

A label is the stability score: log10 of the measured EC50 above that predicted for the unfolded state.
"""

from collections.abc import Iterator

import pyarrow as pa

from dataset_builder.files import Sources, read_csv
from dataset_builder.raw import data_row, raw_table
from dataset_builder.tasks import Task


FILES = {"train": "stability.train.csv", "validation": "stability.valid.csv", "test": "stability.test.csv"}


def read(task: Task, sources: Sources) -> Iterator[tuple[str, pa.Table]]:
    """One table per split; rows that repeat a sequence are kept, as Table 2 counts them."""
    for split, name in FILES.items():
        if paths := sources.find_all(task.id, split, [name]):
            table = read_csv(paths[0], ["seq", "label"])
            columns = (data_row(table["line"]), table["line"], table["seq"])
            yield split, raw_table(paths[0], sources, *columns, value=table["label"])
