"""GUE, the benchmark of DNABERT-2 (arXiv 2306.15006): five binary DNA tasks, each a pool of sub-tasks.

The files are GUE/<folder>/<sub-task>/{train,dev,test}.csv; Table 2 counts the rows of all sub-tasks, `all` of the
promoter tasks included, which is the union of `notata` and `tata`.
"""

from collections.abc import Iterator

import pyarrow as pa

from dataset_builder.delimited import csv_tables
from dataset_builder.files import Missing, Sources
from dataset_builder.raw import raw_table
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
    """Tables of one sub-task each; a sub-task whose file is missing is noted and the split goes without it."""
    for split, file in FILES.items():
        names = {subtask: f"GUE/{FOLDERS[task.id].format(subtask)}/{file}" for subtask in task.subtasks}
        files = {subtask: sources.find(task.id, name, split) for subtask, name in names.items()}
        if absent := tuple(names[subtask] for subtask, file in files.items() if file is None):
            sources.missing.append(Missing(task.id, split, absent))
        for subtask, file in files.items():
            for rows in csv_tables(file, ["sequence", "label"]) if file else ():
                yield split, raw_table(file, rows, rows["sequence"], subtask, label=rows["label"])
