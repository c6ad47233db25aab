"""GUE, the benchmark of DNABERT-2 (arXiv 2306.15006): five binary DNA tasks, each a pool of sub-tasks.

The files are GUE/<folder>/<sub-task>/{train,dev,test}.csv; Table 2 counts the rows of all sub-tasks, `all` of the
promoter tasks included, which is the union of `notata` and `tata`.
"""

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from dataset_builder.files import Missing, Sources, read_csv
from dataset_builder.raw import data_row, raw_table
from dataset_builder.tasks import Task


FOLDERS = {
    "epigenetic_marks": "EMP/{}",
    "promoter_300": "prom/prom_300_{}",
    "core_promoter": "prom/prom_core_{}",
    "tf_binding_human": "tf/{}",
    "tf_binding_mouse": "mouse/{}",
}
FILES = {"train": "train.csv", "validation": "dev.csv", "test": "test.csv"}


def read(task: Task, sources: Sources) -> Iterator[tuple[str, pa.Table]]:
    """One table per split and sub-task; a sub-task whose file is missing is noted and the split goes without it."""
    for split, file in FILES.items():
        names = {subtask: f"GUE/{FOLDERS[task.id].format(subtask)}/{file}" for subtask in task.subtasks}
        paths = {subtask: sources.find(task.id, name) for subtask, name in names.items()}
        if absent := tuple(names[subtask] for subtask, path in paths.items() if path is None):
            sources.missing.append(Missing(task.id, split, absent))
        for subtask, path in paths.items():
            if path:
                table = read_csv(path, ["sequence", "label"])
                row = pc.binary_join_element_wise(subtask, data_row(table["line"]), "/")
                columns = (row, table["line"], table["sequence"], subtask)
                yield split, raw_table(path, sources, *columns, label=table["label"])
