"""MultiRM (Song 2021): twelve RNA modifications at the middle of a sequence, in the CSV form of BEACON.

The twelve flags are in MultiRM's order (hAm, hCm, hGm, hTm, hm1A, hm5C, hm5U, hm6A, hm6Am, hm7G, hPsi, Atol), which is
that of the task's classes: hTm is Um, Atol is A-to-I.
"""

from collections.abc import Iterator

import pyarrow as pa

from dataset_builder.files import Sources, read_csv
from dataset_builder.raw import data_row, raw_table
from dataset_builder.tasks import Task


FILES = {"train": "Modification/train.csv", "validation": "Modification/val.csv", "test": "Modification/test.csv"}


def read(task: Task, sources: Sources) -> Iterator[tuple[str, pa.Table]]:
    """One table per split."""
    for split, name in FILES.items():
        if paths := sources.find_all(task.id, split, [name]):
            table = read_csv(paths[0], ["sequence", "label"])
            flags = table["label"].combine_chunks().dictionary_encode()  # few distinct combinations, many rows
            names = pa.array([modifications(text, task.classes) for text in flags.dictionary.to_pylist()], pa.string())
            columns = (data_row(table["line"]), table["line"], table["sequence"])
            yield split, raw_table(paths[0], sources, *columns, label=names.take(flags.indices))


def modifications(flags: str, classes: tuple[str, ...]) -> str:
    """`0 1 … 1` -> the names of the ones, comma separated; what is not a 0 or 1 per class is left for rejection."""
    each = flags.split()
    if len(each) != len(classes) or set(each) - {"0", "1"}:
        return f"not {len(classes)} times 0 or 1: {flags}"
    return ",".join(name for name, flag in zip(classes, each, strict=True) if flag == "1")
