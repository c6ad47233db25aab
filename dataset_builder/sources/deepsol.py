"""DeepSol (Khurana 2018, DSOL_rv0.2): is a protein soluble when expressed in E. coli?

`<split>_src` has one sequence per line, `<split>_tgt` the label of the same line, 1 for soluble.
"""

from collections.abc import Iterator

import pyarrow as pa

from dataset_builder.files import Sources
from dataset_builder.raw import numbered, raw_table
from dataset_builder.tasks import Task
from dataset_builder.text import read_lines, require_parallel


FILES = {"train": "train", "validation": "val", "test": "test"}


def read(task: Task, sources: Sources) -> Iterator[tuple[str, pa.Table]]:
    """One table per split; `file` and `line` name the sequence.

    Raises:
        SourceError: the two files of a split have different lengths.
    """
    for split, name in FILES.items():
        if files := sources.find_all(task.id, split, [f"{name}_src", f"{name}_tgt"]):
            sequences, labels = map(read_lines, files)
            require_parallel(dict(zip(files, map(len, (sequences, labels)), strict=True)))
            files[0].count(len(sequences))
            files[0].require_rows()
            columns = (numbered(0, len(sequences)), pa.array(sequences, pa.string()))
            yield split, raw_table(files[0], *columns, label=pa.array(labels, pa.string()))
