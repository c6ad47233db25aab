"""results.json: every task's and sub-task's score with its interval and coverage, and the baselines beside it."""

import json
import math
from collections import Counter

import numpy as np
import pyarrow as pa

from dataset_builder.tasks import TASKS, Task
from metrics.benchmark.baselines import Constant
from metrics.benchmark.data import inputs_of
from metrics.benchmark.intervals import interval
from metrics.parsing import Value
from metrics.scoring import POOLED, STRICT, Count, Pairs, Reading, Scorer, counted_rows


# The constant that a metric flatters: always just below the mixed score's low range, whatever the sequence.
FLATTERED = {"mixed_score": 29.9}


def results_of(
    rows: dict[str, pa.Table],
    answers: dict[str, str],
    constants: dict[str, Constant],
    about: dict,
    scorer: Scorer = STRICT,
) -> dict:
    """What results.json holds.

    Args:
        rows: the rows that were asked, by task id.
        answers: raw answers by row id.
        constants: the constant prediction by task id.
        about: model, revision, dataset, prompt, decoding, environment: kept as it is.
    """
    tasks = {}
    for name, table in rows.items():
        said = [answers[row] for row in table["id"].to_pylist()]
        tasks[name] = task_result(TASKS[name], table, said, constants[name], scorer)
    return about | {"scorer": {"name": scorer.name, "version": scorer.version}, "tasks": tasks}


def task_result(task: Task, rows: pa.Table, answers: list[str], constant: Constant, scorer: Scorer) -> dict:
    """The entry of one task.

    Its headline leaves the sub-task `all` out where the scorer does; it is scored apart among the sub-tasks.
    """
    labels = [json.loads(label) for label in rows["label"].to_pylist()]
    inputs = inputs_of(rows, task)
    subtasks = np.array(rows["subtask"].to_pylist())
    counted = counted_rows(subtasks, scorer)
    typical = json.loads(constant.label)

    def measured(readings: list[Reading], chosen: np.ndarray) -> dict:
        counts = [
            (reading, scorer.count(task, reading, label, typical), label)
            for reading, label, keep in zip(readings, labels, chosen, strict=True)
            if keep
        ]
        return measure(task, scorer, *map(list, zip(*counts, strict=True)), inputs[chosen])

    def always(label: Value, source: str) -> dict:
        readings = [Reading(scorer.as_prediction(task, label), "baseline")] * len(rows)
        return measured(readings, counted) | {"prediction": json.dumps(label), "source": source}

    model = scorer.read(task, answers)
    baselines = {
        "empty": measured(scorer.read(task, [""] * len(rows)), counted),
        "constant": always(typical, constant.source),
    }
    if task.metric in FLATTERED:
        flattered = FLATTERED[task.metric]
        baselines[f"constant {flattered}"] = always(flattered, "the constant that this metric flatters")
    return {
        "metric": task.metric,
        **measured(model, counted),
        "excluded_subtasks": [] if counted.all() else [POOLED],
        "baselines": baselines,
        "subtasks": {name: measured(model, subtasks == name) for name in np.unique(subtasks).tolist() if name},
    }


def measure(
    task: Task,
    scorer: Scorer,
    readings: list[Reading],
    counts: list[Count],
    labels: list[Value],
    inputs: np.ndarray,
) -> dict:
    """The metric with its interval, the numbers of rows and distinct inputs, the share of usable answers, and how
    often each rule read an answer and each reason made it count; None for what the scorer leaves undefined."""
    sides = scorer.pairs(task, [count.value for count in counts], labels)
    by_field = [scorer.value(task, side) for side in sides]
    names = [field.name for field in task.fields]
    value = finite(float(np.mean(by_field)))
    return {
        "value": value,
        "interval": None if value is None or not scorer.has_interval(task) else resampled(task, sides, inputs),
        "n": len(labels),
        "n_distinct": len(np.unique(inputs)),
        "coverage": float(np.mean([reading.value is not None for reading in readings])),
        "read_by": dict(Counter(reading.rule for reading in readings).most_common()),
        "counted": dict(Counter(count.reason for count in counts).most_common()),
        "counted_by_label": sum(count.by_label for count in counts),
        **({"fields": dict(zip(names, map(finite, by_field), strict=True))} if len(names) > 1 else {}),
    }


def resampled(task: Task, sides: list[Pairs], inputs: np.ndarray) -> list[float] | None:
    """The metric's 95% interval over the rows that count in it; the share of usable rows is held fixed."""
    if len({side.share for side in sides}) > 1 or not len(sides[0].rows):
        return None
    pairs = [(side.predictions, side.references) for side in sides]
    return [bound * sides[0].share for bound in interval(task.metric, pairs, inputs[sides[0].rows])]


def finite(value: float) -> float | None:
    """JSON has no NaN and no infinity."""
    return value if math.isfinite(value) else None
