"""results.json: every task's and sub-task's score with its interval and coverage, and the baselines beside it."""

import json
import math
from collections import Counter
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from dataset_builder.tasks import TASKS, Task
from metrics.benchmark.baselines import Constant
from metrics.benchmark.data import inputs_of
from metrics.benchmark.intervals import interval_of, replicates
from metrics.benchmark.processes import in_processes
from metrics.parsing import Value
from metrics.scoring import POOLED, STRICT, Count, Pairs, Reading, Scorer, counted_rows


# The constant that a metric flatters: always just below the mixed score's low range, whatever the sequence.
FLATTERED = {"mixed_score": 29.9}


Trained = dict[str, tuple[dict[str, str], dict]]  # by name: answers by row id; what it learned from, by task id


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
class TaskResult:
    """The entry of a task in results.json, and the measurements that means over tasks are made of."""

    entry: dict
    model: Measurement
    trivial: Measurement


def results_of(
    rows: dict[str, pa.Table],
    answers: dict[str, str],
    constants: dict[str, Constant],
    about: dict,
    scorer: Scorer = STRICT,
    trained: Trained | None = None,
) -> dict:
    """What results.json holds.

    Args:
        rows: the rows that were asked, by task id.
        answers: raw answers by row id.
        constants: the constant prediction by task id.
        about: model, revision, dataset, prompt, decoding, environment: kept as it is.
        trained: trained baselines that are shown with every task all of whose rows they answered.
    """

    def answers_of(said: dict[str, str], table: pa.Table) -> list[str] | None:
        found = [said.get(row) for row in table["id"].to_pylist()]
        return None if None in found else found

    jobs = []
    for name, table in rows.items():
        beside = {one: (answers_of(said, table), about.get(name)) for one, (said, about) in (trained or {}).items()}
        beside = {one: pair for one, pair in beside.items() if pair[0]}
        jobs.append((TASKS[name], table, answers_of(answers, table), constants[name], scorer, beside))
    found = in_processes(task_result, jobs, [len(table) for table in rows.values()])
    tasks = {name: result.entry for name, result in zip(rows, found, strict=True)}
    return about | {"scorer": {"name": scorer.name, "version": scorer.version}, "tasks": tasks}


def task_result(
    task: Task,
    rows: pa.Table,
    answers: list[str],
    constant: Constant,
    scorer: Scorer = STRICT,
    trained: dict[str, tuple[list[str], dict]] | None = None,
) -> TaskResult:
    """The entry of one task.

    Args:
        trained: by name, a trained baseline's answers and what it learned from.

    Its headline leaves the sub-task `all` out where the scorer does; it is scored apart among the sub-tasks.
    """
    labels = list(map(json.loads, rows["label"].to_pylist()))
    inputs = inputs_of(rows, task)
    subtasks = np.array(rows["subtask"].to_pylist())
    counted = counted_rows(subtasks, scorer)
    typical = json.loads(constant.label)
    headline = np.flatnonzero(counted)

    def counts_of(readings: list[Reading]) -> list[Count]:
        return [scorer.count(task, reading, label, typical) for reading, label in zip(readings, labels, strict=True)]

    def measured(readings: list[Reading], counts: list[Count], chosen: np.ndarray) -> Measurement:
        sides = ([side[i] for i in chosen.tolist()] for side in (readings, counts, labels))
        return measure(task, scorer, *sides, inputs[chosen])

    def baseline(readings: list[Reading]) -> Measurement:
        return measured(readings, counts_of(readings), headline)

    def always(label: Value) -> Measurement:
        return baseline([Reading(scorer.as_prediction(task, label), "baseline")] * len(rows))

    model = scorer.read(task, answers)
    counts = counts_of(model)
    result = measured(model, counts, headline)
    baselines = {"empty": baseline(scorer.read(task, [""] * len(rows))), "constant": always(typical)}
    said = {"constant": {"prediction": constant.label, "source": constant.source}}
    if task.metric in FLATTERED:
        flattered = FLATTERED[task.metric]
        name = f"constant {flattered}"
        baselines[name] = always(flattered)
        said[name] = {"prediction": json.dumps(flattered), "source": "the constant that this metric flatters"}
    trivial = max(baselines.values(), key=lambda one: -np.inf if one.entry["value"] is None else one.entry["value"])
    for name, (texts, learned) in (trained or {}).items():
        baselines[name] = baseline(scorer.read(task, texts))
        said[name] = {"prediction": None, "source": "train", "learned": learned}
    entry = {
        "metric": task.metric,
        **result.entry,
        "excluded_subtasks": [] if counted.all() else [POOLED],
        "baselines": {name: one.entry | said.get(name, {}) for name, one in baselines.items()},
        "subtasks": {
            name: measured(model, counts, np.flatnonzero(subtasks == name)).entry
            for name in np.unique(subtasks).tolist()
            if name
        },
    }
    return TaskResult(entry, result, trivial)


def measure(
    task: Task,
    scorer: Scorer,
    readings: list[Reading],
    counts: list[Count],
    labels: list[Value],
    inputs: np.ndarray,
) -> Measurement:
    """The metric with its interval, the numbers of rows and distinct inputs, the share of usable answers, and how
    often each rule read an answer and each reason made it count; None for what the scorer leaves undefined."""
    sides = scorer.pairs(task, [count.value for count in counts], labels)
    by_field = [scorer.value(task, side) for side in sides]
    names = [field.name for field in task.fields]
    value = finite(float(np.mean(by_field)))
    resampled = None if value is None or not scorer.has_interval(task) else resample(task, sides, inputs)
    entry = {
        "value": value,
        "interval": None if resampled is None else interval_of(resampled),
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
