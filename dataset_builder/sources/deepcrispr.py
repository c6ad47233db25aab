"""DeepCRISPR (Chuai 2018): knock-out efficacy of guides in HL60 cells, 2,076 of them, the count of Table 2.

The paper's split is not published: it is drawn here.
"""

from collections.abc import Iterator

import pyarrow as pa

from dataset_builder.files import Sources, read_csv
from dataset_builder.hashing import split_by_hash
from dataset_builder.raw import data_row, parted, raw_table
from dataset_builder.tasks import Task


FILE = "ontar/hl60.repisgt"
COLUMNS = ["chromosome", "start", "end", "strand", "guide", "ctcf", "dnase", "h3k4me3", "rrbs", "efficacy"]


def read(task: Task, sources: Sources) -> Iterator[tuple[str, pa.Table]]:
    """The guides (23 nt with PAM), drawn by hash of the guide."""
    paths = sources.find_for_every_split(task.id, [FILE])
    if paths is None:
        return
    table = read_csv(paths[0], ["guide", "efficacy"], names=COLUMNS, delimiter="\t")
    row = data_row(table["line"], header_lines=0)
    raw = raw_table(paths[0], sources, row, table["line"], table["guide"], value=table["efficacy"])
    yield from parted(raw, split_by_hash(table["guide"], task.table2, task.id))
