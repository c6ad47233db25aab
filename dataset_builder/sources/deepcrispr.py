"""DeepCRISPR (Chuai 2018): knock-out efficacy of guides in HL60 cells, 2,076 of them, the count of Table 2.

BEACON's files of them have the split sizes of Table 2, 1,453 + 207 + 416, and are read where they are there; of
DeepCRISPR's own table the same sizes are drawn.
"""

from collections.abc import Iterator

import pyarrow as pa

from dataset_builder.delimited import read_csv
from dataset_builder.files import Sources
from dataset_builder.hashing import split_by_hash
from dataset_builder.raw import parted, raw_table, sequence_keys
from dataset_builder.sources import beacon
from dataset_builder.tasks import Task


FILE = "ontar/hl60.repisgt"
COLUMNS = ["chromosome", "start", "end", "strand", "guide", "ctcf", "dnase", "h3k4me3", "rrbs", "efficacy"]
FOLDER = "CRISPROnTarget"


def read(task: Task, sources: Sources) -> Iterator[tuple[str, pa.Table]]:
    """The guides (23 nt with PAM), as BEACON split them or drawn by hash of the guide."""
    if beacon.is_there(task, sources, FOLDER):
        yield from beacon.read(task, sources, FOLDER, ("sequence", "value"))
        return
    for file in sources.find_for_every_split(task.id, [FILE]) or ():
        rows = read_csv(file, ["guide", "efficacy"], names=COLUMNS, header=False, delimiter="\t")
        raw = raw_table(file, rows, rows["guide"], value=rows["efficacy"])
        yield from parted(raw, split_by_hash(sequence_keys(raw, task), task.table2, task.id))
