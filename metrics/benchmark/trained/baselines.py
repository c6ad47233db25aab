"""The trained baselines: what each sees of a row, how it is fitted, and what it answers."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from dataset_builder.tasks import Task
from metrics.benchmark.trained.features import composition, interactions, profiles
from metrics.benchmark.trained.folders import NAMES
from metrics.benchmark.trained.linear import logistic, ridge
from metrics.benchmark.trained.neighbours import neighbours
from metrics.benchmark.trained.sample import Sample
from metrics.benchmark.trained.targets import MIDDLE, THRESHOLDS, as_labels, as_numbers, classes_of
from metrics.parsing import Value
from metrics.scoring import STRICT


@dataclass(frozen=True)
class Answers:
    """What a baseline says of the rows of one task.

    Attributes:
        values: a label per row.
        scores: float64 of shape (rows, classes): probabilities, or numbers of a regression.
        classes: what the columns of `scores` are.
        about: rows of train that it learned from, and of how many; the settings that were chosen and what they scored
            on validation by the task's metric (None without that split); seconds.
    """

    values: list[Value]
    scores: np.ndarray
    classes: list[str]
    about: dict


def answers(task: Task, train: Sample, validation: Sample | None, asked: Sample) -> Iterator[tuple[str, Answers]]:
    """Every baseline's name and answers.

    Of the settings (penalty or number of neighbours, and threshold of label sets) those are taken that score best on
    validation; without it the middle ones.
    """
    splits = [train, asked, *([validation] if validation else [])]
    labels, *others = ([json.loads(label) for label in one.rows["label"].to_pylist()] for one in splits)
    true = others[1] if validation else None
    classes = classes_of(task, labels)
    y = as_numbers(task, labels, classes)
    letters = scaled([composition(one.molecules, task) for one in splits])
    words = [profiles(one.molecules, task) for one in splits]
    pairs = scaled([interactions(one.molecules, task) for one in splits])
    together = [sparse.hstack(parts, format="csr") for parts in zip(words, letters, pairs, strict=True)]
    for name, features in zip(NAMES, (letters, together, words), strict=True):
        start = time.perf_counter()
        found = candidates(name, task, features, y)
        value, setting, scores, threshold = choose(task, found, classes, true)
        about = {
            "train_rows": len(y),
            "train_rows_there": train.of,
            "chosen": setting | ({"threshold": threshold} if task.kind == "multilabel" else {}),
            "validation": value,
            "seconds": round(time.perf_counter() - start, 1),
        }
        yield name, Answers(as_labels(task, scores, classes, threshold), scores, classes, about)


def candidates(name: str, task: Task, features: list[sparse.csr_matrix], y: np.ndarray) -> Iterator:
    """Settings, each with the scores of all matrices but the first, which is that of train."""
    x, *others = features
    if name == "k-mer neighbours":
        return neighbours(x, y, others)
    if task.kind in ("binary", "multiclass"):
        return logistic(x, y.argmax(axis=1), others)
    return ridge(x, y, others)


def choose(
    task: Task, found: Iterator, classes: list[str], true: list[Value] | None
) -> tuple[float | None, dict, np.ndarray, float]:
    """Of (setting, [scores of the rows asked, scores of validation]) the best: its value on validation, the setting,
    the scores of the rows asked, and the threshold."""
    thresholds = THRESHOLDS if task.kind == "multilabel" and true is not None else MIDDLE
    tried = []
    for setting, (scores, *validation) in found:
        for threshold in thresholds:
            value = value_of(task, as_labels(task, validation[0], classes, threshold), true) if validation else None
            tried.append((value, setting, scores, threshold))
    return tried[len(tried) // 2] if true is None else max(tried, key=lambda one: one[0])


def value_of(task: Task, said: list[Value], true: list[Value]) -> float:
    """The task's metric, by the strict scorer."""
    return float(np.mean([STRICT.value(task, pairs) for pairs in STRICT.pairs(task, said, true)]))


def scaled(features: list[sparse.csr_matrix]) -> list[sparse.csr_matrix]:
    """Every column less its mean and divided by its standard deviation in the first matrix.

    With their means, which the intercept takes up, columns are so alike that no solver converges in time.
    """
    from sklearn.preprocessing import StandardScaler

    if not features[0].shape[1]:
        return features
    scaler = StandardScaler().fit(features[0].toarray())
    return [sparse.csr_matrix(scaler.transform(one.toarray())) for one in features]
