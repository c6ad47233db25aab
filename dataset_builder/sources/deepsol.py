"""DeepSol (Khurana 2018, DSOL_rv0.2): is a protein soluble when expressed in E. coli?

`<split>_src` has one sequence per line, `<split>_tgt` the label of the same line, 1 for soluble.
"""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from dataset_builder.files import Sources, read_lines, require_parallel
from dataset_builder.raw import data_row, raw_table
from dataset_builder.tasks import Task


FILES = {"train": "train", "validation": "val", "test": "test"}


def read(task: Task, sources: Sources) -> Iterator[tuple[str, pa.Table]]:
    """One table per split; `file` and `line` name the sequence.

    Raises:
        SourceError: the two files of a split have different lengths.
    """
    for split, name in FILES.items():
        if paths := sources.find_all(task.id, split, [f"{name}_src", f"{name}_tgt"]):
            sequences, labels = map(read_lines, paths)
            require_parallel(dict(zip(paths, map(len, (sequences, labels)), strict=True)))
            line = pa.array(np.arange(1, len(sequences) + 1))
            columns = (data_row(line, header_lines=0), line, pa.array(sequences, pa.string()))
            yield split, raw_table(paths[0], sources, *columns, label=pa.array(labels, pa.string()))
