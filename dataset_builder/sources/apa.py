"""APARENT's library of random 3' UTRs (Bogard 2019) in the split of BEACON, whose sizes are those of Table 2.

BEACON reads its four columns by position: the second is the sequence, the third the share of the proximal isoform.
"""

import re
from collections.abc import Iterator

import pyarrow as pa

from dataset_builder.checks import NUMBER
from dataset_builder.files import SourceError, Sources, read_csv
from dataset_builder.raw import data_row, raw_table
from dataset_builder.tasks import Task


FILES = {"train": "Isoform/train_new.csv", "validation": "Isoform/val.csv", "test": "Isoform/test.csv"}
COLUMNS = ["first", "sequence", "proportion", "fourth"]


def read(task: Task, sources: Sources) -> Iterator[tuple[str, pa.Table]]:
    """One table per split.

    Raises:
        SourceError: the first line is data, not a header.
    """
    for split, name in FILES.items():
        paths = sources.find_all(task.id, split, [name])
        if paths is None:
            continue
        table = read_csv(paths[0], COLUMNS[1:3], names=COLUMNS)
        header, table = table["proportion"][0].as_py(), table.slice(1)
        if re.match(NUMBER, header):
            raise SourceError(f"{paths[0]}: line 1: the third field is {header!r}, expected a header; add the line")
        columns = (data_row(table["line"]), table["line"], table["sequence"])
        yield split, raw_table(paths[0], sources, *columns, value=table["proportion"])
