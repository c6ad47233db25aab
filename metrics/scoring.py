"""The `strict` scorer: raw answers and labels in, one task's score out.

The parser never sees a label. An unusable answer (missing, invalid or out of range) counts as a constant that the
caller declares, the same for every row, so that refusing to answer scores as that constant does; `coverage` says how
many answers were usable.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dataset_builder.tasks import Task
from metrics.parsing import Value, parse


VERSION = "1.0"


@dataclass(frozen=True)
class Score:
    """A task's score.

    Attributes:
        value: the task's metric, on its natural scale (-1..1 or 0..1); over several numbers, the mean of `fields`.
        fields: the metric of every number of the label, by its name; empty for tasks of one number or none.
        coverage: share of usable answers, 0..1.
        n: rows.
    """

    value: float
    fields: dict[str, float]
    coverage: float
    n: int


def score(task: Task, answers: Sequence[str], labels: Sequence[str], constant: str) -> Score:
    """Score the answers to one task.

    Args:
        answers: n raw answers.
        labels: n canonical JSON labels.
        constant: the canonical JSON label that an unusable answer counts as.

    Raises:
        ValueError: no rows, or a different number of answers and labels.
    """
    if len(answers) != len(labels) or not len(labels):
        raise ValueError(
            f"{task.id}: {len(answers)} answers and {len(labels)} labels; give one answer per label, and at least one"
        )
    values, usable = read(task, answers, constant)
    metric = metric_of(task)
    by_field = [metric(*pair) for pair in pairs(task, values, [json.loads(label) for label in labels])]
    names = [field.name for field in task.fields]
    return Score(
        value=float(np.mean(by_field)),
        fields=dict(zip(names, by_field, strict=True)) if len(names) > 1 else {},
        coverage=float(np.mean(usable)),
        n=len(labels),
    )


def read(task: Task, answers: Sequence[str], constant: str) -> tuple[list[Value], list[bool]]:
    """What each answer counts as, and whether it was usable; equal answers are parsed once."""
    parsed = {answer: parse(answer, task) for answer in set(answers)}
    usable = [parsed[answer].status == "ok" for answer in answers]
    fallback = json.loads(constant)
    return [parsed[answer].value if ok else fallback for answer, ok in zip(answers, usable, strict=True)], usable


def pairs(task: Task, values: Sequence[Value], labels: Sequence[Value]) -> list[tuple[list, list]]:
    """(predictions, references) as the task's metric takes them: one pair, or one per number of the label."""
    if len(task.fields) < 2:
        return [(list(values), list(labels))]
    return [tuple([row[field.name] for row in side] for side in (values, labels)) for field in task.fields]


def metric_of(task: Task):
    """The function `(predictions, references) -> float` that `Task.metric` names."""
    from metrics.auc.auc import auc
    from metrics.fmax.fmax import fmax
    from metrics.mcc.mcc import mcc
    from metrics.mixed_score.mixed_score import mixed_score
    from metrics.pcc.pcc import pcc
    from metrics.r2.r2 import r2
    from metrics.spearman.spearman import spearman

    metrics = (accuracy, auc, fmax, mcc, mixed_score, pcc, r2, spearman)
    return {metric.__name__: metric for metric in metrics}[task.metric]


def accuracy(predictions: Sequence[str], references: Sequence[str]) -> float:
    """Share of predictions equal to their reference, 0..1."""
    from sklearn.metrics import accuracy_score

    return float(accuracy_score(references, predictions))


def default_constant(task: Task) -> str:
    """The constant where none is given: negative, the first class, no label, the middle of each number's range."""
    if task.kind == "regression":
        middle = {field.name: (field.low + field.high) / 2 for field in task.fields}
        return json.dumps(middle if len(middle) > 1 else middle[task.fields[0].name])
    return json.dumps(
        {"binary": "negative", "multiclass": next(iter(task.classes), None), "multilabel": []}[task.kind]
    )
