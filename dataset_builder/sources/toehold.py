"""Toehold switches (Angenent-Mari 2020): normalised fluorescence ON and OFF, and ON_OFF, their difference.

The sequence is what the authors' models take: GGG and all from loop1 to post_linker, the switch in its OFF state.
"""

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from dataset_builder.files import Sources, read_csv
from dataset_builder.hashing import split_by_hash
from dataset_builder.raw import data_row, parted, raw_table
from dataset_builder.tasks import Task


FILE = "Toehold_Dataset_Final_2019-10-23.csv"
PARTS = ["loop1", "switch", "loop2", "stem1", "atg", "stem2", "linker", "post_linker"]


def read(task: Task, sources: Sources) -> Iterator[tuple[str, pa.Table]]:
    """The measured switches, drawn by hash of the sequence; a row with an empty ON or OFF was not measured."""
    paths = sources.find_for_every_split(task.id, [FILE])
    if paths is None:
        return
    table = read_csv(paths[0], [*PARTS, *(field.name for field in task.fields)])
    table = table.filter(pc.and_(pc.not_equal(table["ON"], ""), pc.not_equal(table["OFF"], "")))
    sequence = pc.binary_join_element_wise("GGG", *(table[part] for part in PARTS), "")
    labels = {field.name: table[field.name] for field in task.fields}
    raw = raw_table(paths[0], sources, data_row(table["line"]), table["line"], sequence, **labels)
    yield from parted(raw, split_by_hash(sequence, task.table2, task.id))
