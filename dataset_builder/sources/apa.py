"""APARENT's library of random 3' UTRs (Bogard 2019) in the split of BEACON, whose sizes are those of Table 2.

A label is the share of the proximal isoform. APARENT's own library (GEO GSE113849) is not read: nothing published
tells which of its rows BEACON kept and where it put them (APARENT itself tests on the end of a pickled table).
"""

from collections.abc import Iterator

import pyarrow as pa

from dataset_builder.files import Sources
from dataset_builder.sources import beacon
from dataset_builder.tasks import Task


FOLDER = "Isoform"
FILES = beacon.FILES | {"train": "train_new.csv"}
COLUMNS = ("first", "sequence", "value", "fourth")


def read(task: Task, sources: Sources) -> Iterator[tuple[str, pa.Table]]:
    """The rows of every split, in blocks."""
    return beacon.read(task, sources, FOLDER, COLUMNS, FILES)
