"""The constant prediction of every task: what a baseline says of every row, and what an unusable answer counts as."""

import json
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from dataset_builder.tasks import TASKS, Task
from metrics.benchmark.data import read_rows
from metrics.scoring import default_constant


@dataclass(frozen=True)
class Constant:
    """A prediction, as a canonical JSON label, and where it is from: `train` or, without that split, `default`."""

    label: str
    source: str


def constants(dataset: str, config: str | None, names: list[str]) -> dict[str, Constant]:
    """The constant prediction by task id, from the labels of the dataset's train split where it has one."""
    train = read_rows(dataset, names, "train", config, ["label"])
    return {
        name: Constant(most_typical(TASKS[name], train[name]["label"]), "train")
        if name in train
        else Constant(default_constant(TASKS[name]), "default")
        for name in names
    }


def most_typical(task: Task, labels: pa.ChunkedArray) -> str:
    """The mean of every number, to 6 decimals; otherwise the most frequent label or label set (first in the alphabet
    among equals).

    Args:
        labels: canonical JSON, at least one.
    """
    counted = list(zip(*(part.to_pylist() for part in pc.value_counts(labels).flatten()), strict=True))
    if task.kind != "regression":
        return min(counted, key=lambda pair: (-pair[1], pair[0]))[0]
    numbers = [(json.loads(label), count) for label, count in counted]

    def mean(values: list[tuple[float, int]]) -> float:
        return round(sum(value * count for value, count in values) / len(labels), 6)

    if len(task.fields) == 1:
        return json.dumps(mean(numbers))
    return json.dumps({field.name: mean([(label[field.name], n) for label, n in numbers]) for field in task.fields})
