"""results.json: every task's and sub-task's score with its interval and coverage, and the baselines beside it."""

import json

import numpy as np
import pyarrow as pa

from dataset_builder.tasks import TASKS, Task
from metrics.benchmark.baselines import Constant
from metrics.benchmark.data import inputs_of
from metrics.benchmark.intervals import interval
from metrics.scoring import VERSION, Value, metric_of, pairs, read


POOLED = "all"  # promoters: these rows are those of the other sub-tasks once more, so they do not count in the task


def results_of(
    rows: dict[str, pa.Table], answers: dict[str, str], constants: dict[str, Constant], about: dict
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
        tasks[name] = task_result(TASKS[name], table, said, constants[name])
    return about | {"scorer": {"name": "strict", "version": VERSION}, "tasks": tasks}


def task_result(task: Task, rows: pa.Table, answers: list[str], constant: Constant) -> dict:
    """The entry of one task. Its headline leaves the sub-task `all` out, which is scored apart among the sub-tasks.

    Where a run was limited to so few rows that all of them are of that sub-task, it is the headline too.
    """
    labels = [json.loads(label) for label in rows["label"].to_pylist()]
    inputs = inputs_of(rows, task)
    subtasks = np.array(rows["subtask"].to_pylist())
    counted = (subtasks != POOLED) | (subtasks == POOLED).all()

    def measured(values: list[Value], usable: list[bool], chosen: np.ndarray) -> dict:
        index = np.flatnonzero(chosen)
        return measure(task, *([side[i] for i in index] for side in (values, labels, usable)), inputs[index])

    model = read(task, answers, constant.label)
    empty = read(task, [""] * len(rows), constant.label)
    always = [json.loads(constant.label)] * len(rows), [True] * len(rows)
    return {
        "metric": task.metric,
        **measured(*model, counted),
        "excluded_subtasks": [] if counted.all() else [POOLED],
        "baselines": {
            "empty": measured(*empty, counted),
            "constant": measured(*always, counted) | {"prediction": constant.label, "source": constant.source},
        },
        "subtasks": {name: measured(*model, subtasks == name) for name in np.unique(subtasks).tolist() if name},
    }


def measure(task: Task, values: list[Value], labels: list[Value], usable: list[bool], inputs: np.ndarray) -> dict:
    """The metric with its interval, the numbers of rows and distinct inputs, and the share of usable answers."""
    sides = pairs(task, values, labels)
    by_field = [metric_of(task)(*side) for side in sides]
    names = [field.name for field in task.fields]
    return {
        "value": float(np.mean(by_field)),
        "interval": interval(task.metric, sides, inputs),
        "n": len(labels),
        "n_distinct": len(np.unique(inputs)),
        "coverage": float(np.mean(usable)),
        **({"fields": dict(zip(names, by_field, strict=True))} if len(names) > 1 else {}),
    }
