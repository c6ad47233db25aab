"""Labels as the numbers that a regression takes, and its numbers as labels."""

import numpy as np

from dataset_builder.tasks import Task
from metrics.parsing import Value


THRESHOLDS = (0.05, 0.1, 0.2, 0.3, 0.5)  # scores from which on a label is in a set
MIDDLE = (0.2,)  # where there is nothing to choose on
LEAST = 1e-6  # probability


def classes_of(task: Task, labels: list[Value]) -> list[str]:
    """The names of the columns of `scores`: classes that occur, in the order of the alphabet, or fields."""
    if task.kind == "regression":
        return [field.name for field in task.fields]
    return sorted({name for label in labels for name in ([label] if isinstance(label, str) else label)})


def as_numbers(task: Task, labels: list[Value], classes: list[str]) -> np.ndarray:
    """float64 of shape (n, classes): the numbers, or 1 where a class is said."""
    if task.kind == "regression":
        return np.array([[row[name] for name in classes] if isinstance(row, dict) else [row] for row in labels])
    place = {name: i for i, name in enumerate(classes)}
    numbers = np.zeros((len(labels), len(classes)))
    for i, label in enumerate(labels):
        numbers[i, [place[name] for name in ([label] if isinstance(label, str) else label)]] = 1
    return numbers


def as_labels(task: Task, scores: np.ndarray, classes: list[str], threshold: float) -> list[Value]:
    """What scores of shape (n, classes) say: numbers inside their range, the likeliest class, or the set of labels at
    or above the threshold, which holds the likeliest where a row must have one."""
    if task.kind == "regression":
        columns = [
            np.clip(column, field.low, field.high).round(field.decimals).tolist()
            for column, field in zip(scores.T, task.fields, strict=True)
        ]
        several = [dict(zip(classes, row, strict=True)) for row in zip(*columns, strict=True)]
        return columns[0] if len(classes) == 1 else several
    if task.kind != "multilabel":
        return [classes[i] for i in scores.argmax(axis=1)]
    chosen = scores >= threshold
    if not task.classes:
        chosen[np.arange(len(scores)), scores.argmax(axis=1)] = True
    return [[classes[i] for i in np.flatnonzero(row)] for row in chosen]


def probabilities(task: Task, scores: np.ndarray, classes: list[str]) -> dict[str, list[dict[str, float]]]:
    """Scores as predictions.parquet holds them: `expected`, the numbers that were not rounded, or `label_scores`, the
    logarithm of every class's score, without those of a label set that are below LEAST."""
    if task.kind == "regression":
        return {"expected": [dict(zip(classes, row, strict=True)) for row in scores.tolist()]}
    kept = scores >= (LEAST if task.kind == "multilabel" else -np.inf)
    logs = np.log(np.clip(scores, LEAST, 1)).tolist()
    return {
        "label_scores": [
            {classes[i]: row[i] for i in np.flatnonzero(some).tolist()} for row, some in zip(logs, kept, strict=True)
        ]
    }
