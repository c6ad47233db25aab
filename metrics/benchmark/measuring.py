"""What a scorer makes of answers to one task: the metric with its uncertainty, and how answers were read."""

import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from dataset_builder.tasks import Task
from metrics.benchmark.data import inputs_of
from metrics.benchmark.intervals import interval_of, replicates, standard_error
from metrics.parsing import Value
from metrics.scoring import Count, Pairs, Reading, Scorer, counted_rows


@dataclass(frozen=True)
class Measurement:
    """A metric of some answers.

    Attributes:
        entry: as results.json holds it.
        replicates: float64 of shape (RESAMPLES,), the metric on every resample; None where the scorer has none.
    """

    entry: dict
    replicates: np.ndarray | None


@dataclass(frozen=True)
class Asked:
    """The rows of a task.

    Attributes:
        labels: n parsed labels.
        typical: what an unusable answer counts as.
        inputs: uint64 of shape (n,), equal for rows with the same sequences.
        subtasks: str of shape (n,); empty where there is none.
        counted: bool of shape (n,): the rows that the headline is over.
    """

    task: Task
    scorer: Scorer
    labels: list[Value]
    typical: Value
    inputs: np.ndarray
    subtasks: np.ndarray
    counted: np.ndarray

    @classmethod
    def of(cls, task: Task, rows: pa.Table, constant: str, scorer: Scorer) -> "Asked":
        """From the dataset's rows and the canonical JSON of the constant."""
        labels, subtasks = list(map(json.loads, rows["label"].to_pylist())), np.array(rows["subtask"].to_pylist())
        counted = counted_rows(subtasks, scorer)
        return cls(task, scorer, labels, json.loads(constant), inputs_of(rows, task), subtasks, counted)

    def parts(self) -> dict[str, np.ndarray]:
        """The places of the rows of every sub-task, by its name."""
        return {name: np.flatnonzero(self.subtasks == name) for name in np.unique(self.subtasks).tolist() if name}

    def headline(self, readings: Sequence[Reading]) -> Measurement:
        """Of the rows that count, from what the answers to all rows say."""
        return self.measured(readings, self.counts(readings), np.flatnonzero(self.counted))

    def counts(self, readings: Sequence[Reading]) -> list[Count]:
        """What every answer counts as."""
        rows = zip(readings, self.labels, strict=True)
        return [self.scorer.count(self.task, reading, label, self.typical) for reading, label in rows]

    def measured(self, readings: Sequence[Reading], counts: list[Count], chosen: np.ndarray) -> Measurement:
        """Of the rows at the places `chosen`: the metric with its interval, the numbers of rows and distinct inputs,
        the share of usable answers, and how often each rule read an answer and each reason made it count; None for
        what the scorer leaves undefined."""
        places, inputs = chosen.tolist(), self.inputs[chosen]
        readings, counts, labels = ([side[i] for i in places] for side in (readings, counts, self.labels))
        sides = self.scorer.pairs(self.task, [count.value for count in counts], labels)
        by_field = [self.scorer.value(self.task, side) for side in sides]
        names = [field.name for field in self.task.fields]
        value = finite(float(np.mean(by_field)))
        defined = value is not None and self.scorer.has_interval(self.task)
        resampled = resample(self.task, sides, inputs) if defined else None
        entry = {
            "value": value,
            "interval": None if resampled is None else interval_of(resampled),
            "standard_error": None if resampled is None else standard_error(resampled),
            "n": len(labels),
            "n_distinct": len(np.unique(inputs)),
            "coverage": float(np.mean([reading.value is not None for reading in readings])),
            "read_by": dict(Counter(reading.rule for reading in readings).most_common()),
            "counted": dict(Counter(count.reason for count in counts).most_common()),
            "counted_by_label": sum(count.by_label for count in counts),
            **({"fields": dict(zip(names, map(finite, by_field), strict=True))} if len(names) > 1 else {}),
        }
        return Measurement(entry, resampled)


def resample(task: Task, sides: list[Pairs], inputs: np.ndarray) -> np.ndarray | None:
    """The metric on every resample of the rows that count in it; the share of usable rows is held fixed."""
    if len({side.share for side in sides}) > 1 or not len(sides[0].rows):
        return None
    pairs = [(side.predictions, side.references) for side in sides]
    return replicates(task.metric, pairs, inputs[sides[0].rows]) * sides[0].share


def finite(value: float) -> float | None:
    """JSON has no NaN and no infinity."""
    return value if math.isfinite(value) else None
