"""Raw answers and labels in, one task's score out: what every scorer does, and the `strict` one.

A scorer works in steps, and only the first two of them look at single answers:

    read     answers -> readings: what each says and by which rule; no label is seen
    count    reading, label -> what the answer counts as; marked where the label took part
    pairs    counts, labels -> predictions and references, as a metric takes them
    value    pairs -> score

`strict` never looks at a label to count. An unusable answer (missing, invalid or out of range) counts as a constant
that the caller declares, the same for every row, so that refusing to answer scores as that constant does; `coverage`
says how many answers were usable. `paper` and `opencompass` are in metrics/scorers/.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from dataset_builder.tasks import Task
from metrics.parsing import Value, parse


SCORERS = ("strict", "paper", "opencompass")
POOLED = "all"  # promoters: these rows are those of the other sub-tasks once more
AS_READ, AS_CONSTANT = "as read", "as the constant"


@dataclass(frozen=True)
class Reading:
    """What an answer says, seen without its label.

    Attributes:
        value: as of `metrics.parsing.Parsed`; None where the answer is unusable.
        rule: name of the rule that decided.
        evidence: what in the answer the rule found; empty where the rule says it all.
    """

    value: Value | None
    rule: str
    evidence: str = ""


@dataclass(frozen=True)
class Count:
    """What an answer counts as.

    Attributes:
        value: None where the row is left out (numbers) or wrong whatever its label (classes).
        reason: why it is this value.
        by_label: the row's label took part in the decision.
    """

    value: Value | None
    reason: str
    by_label: bool = False


@dataclass(frozen=True)
class Pairs:
    """Predictions and references of one number of the label, or of the label.

    Attributes:
        predictions, references: k entries each, as the task's metric takes them.
        rows: int of shape (k,), the rows that they belong to.
        share: what the metric of these rows is multiplied by, 0..1.
    """

    predictions: list
    references: list
    rows: np.ndarray
    share: float = 1.0


@dataclass(frozen=True)
class Score:
    """A task's score.

    Attributes:
        value: the task's metric, on its natural scale (-1..1 or 0..1); over several numbers, the mean of `fields`.
            NaN or infinite where a published scorer's formula is undefined.
        fields: the metric of every number of the label, by its name; empty for tasks of one number or none.
        coverage: share of usable answers, 0..1.
        n: rows.
    """

    value: float
    fields: dict[str, float]
    coverage: float
    n: int


class Scorer(Protocol):
    """The steps of a scorer.

    `drops_pooled`: the promoters' rows of the sub-task `all` are left out. `as_prediction`: a label as an answer that
    says it. `has_interval`: the metric does not depend on the order of rows, so they can be resampled.
    """

    name: str
    version: str
    drops_pooled: bool

    def read(self, task: Task, answers: Sequence[str]) -> list[Reading]: ...
    def as_prediction(self, task: Task, label: Value) -> Value: ...
    def count(self, task: Task, reading: Reading, label: Value, constant: Value) -> Count: ...
    def pairs(self, task: Task, values: Sequence[Value | None], labels: Sequence[Value]) -> list[Pairs]: ...
    def value(self, task: Task, pairs: Pairs) -> float: ...
    def has_interval(self, task: Task) -> bool: ...


@dataclass(frozen=True)
class Strict:
    """The default scorer: answers are parsed and counted without their labels."""

    name: str = "strict"
    version: str = "1.7"
    drops_pooled: bool = True

    def read(self, task: Task, answers: Sequence[str]) -> list[Reading]:
        """The parsed answers, by their status; equal ones are parsed once."""
        parsed = {answer: parse(answer, task) for answer in set(answers)}
        readings = {answer: Reading(found.value, found.status) for answer, found in parsed.items()}
        return [readings[answer] for answer in answers]

    def as_prediction(self, task: Task, label: Value) -> Value:
        """The label."""
        return label

    def count(self, task: Task, reading: Reading, label: Value, constant: Value) -> Count:
        """What was read, or the constant."""
        return Count(constant, AS_CONSTANT) if reading.value is None else Count(reading.value, AS_READ)

    def pairs(self, task: Task, values: Sequence[Value], labels: Sequence[Value]) -> list[Pairs]:
        """All rows: once, or once for every number of the label."""
        return all_rows(task, values, labels)

    def value(self, task: Task, pairs: Pairs) -> float:
        """The task's metric."""
        return metric_of(task)(pairs.predictions, pairs.references)

    def has_interval(self, task: Task) -> bool:
        """Always."""
        return True


STRICT = Strict()


def scorer_of(name: str, fallback: Callable[[Sequence[str]], Sequence[bool]] | None = None) -> Scorer:
    """The scorer of that name.

    Args:
        name: one of SCORERS.
        fallback: for `paper` and `opencompass`: n answers -> n times whether it means yes, for answers in which no
            keyword decides. Without it they are unusable.

    Raises:
        ValueError: another name, or a fallback for `strict`, which has no use for it.
    """
    if name not in SCORERS or (name == STRICT.name and fallback):
        raise ValueError(
            f"scorer {name!r}{' with a fallback' if fallback else ''}; expected one of {', '.join(SCORERS)}, "
            "and a fallback classifier only with the published ones"
        )
    if name == STRICT.name:
        return STRICT
    from metrics.scorers.published import Published
    from metrics.scorers.rules import OPENCOMPASS, PAPER

    return Published({rules.name: rules for rules in (PAPER, OPENCOMPASS)}[name], fallback)


def score(task: Task, answers: Sequence[str], labels: Sequence[str], constant: str, scorer: Scorer = STRICT) -> Score:
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
    readings, true, fill = scorer.read(task, answers), list(map(json.loads, labels)), json.loads(constant)
    values = [scorer.count(task, *row, fill).value for row in zip(readings, true, strict=True)]
    by_field = [scorer.value(task, pairs) for pairs in scorer.pairs(task, values, true)]
    names = [field.name for field in task.fields]
    return Score(
        value=float(np.mean(by_field)),
        fields=dict(zip(names, by_field, strict=True)) if len(names) > 1 else {},
        coverage=float(np.mean([reading.value is not None for reading in readings])),
        n=len(labels),
    )


def counted_rows(subtasks: Sequence[str], scorer: Scorer) -> np.ndarray:
    """bool of shape (n,): the rows that a task's score is over.

    Where a run was limited to so few rows that all of them are of the sub-task `all`, they count.
    """
    pooled = np.asarray(subtasks) == POOLED
    return ~pooled | (pooled.all() or not scorer.drops_pooled)


def all_rows(task: Task, values: Sequence[Value], labels: Sequence[Value]) -> list[Pairs]:
    """Every row: one pair of lists, or one per number of the label."""
    rows = np.arange(len(labels))
    if len(task.fields) < 2:
        return [Pairs(list(values), list(labels), rows)]
    return [Pairs(*([row[field.name] for row in side] for side in (values, labels)), rows) for field in task.fields]


def metric_of(task: Task) -> Callable[[Sequence, Sequence], float]:
    """The function `(predictions, references) -> float` that `Task.metric` names."""
    return metric_named(task.metric)


def metric_named(name: str) -> Callable[[Sequence, Sequence], float]:
    """The function of that name: a metric module's, or `accuracy`."""
    from metrics.auc.auc import auc
    from metrics.fmax.fmax import fmax
    from metrics.mcc.mcc import mcc
    from metrics.mixed_score.mixed_score import mixed_score
    from metrics.pcc.pcc import pcc
    from metrics.r2.r2 import r2
    from metrics.spearman.spearman import spearman

    metrics = (accuracy, auc, fmax, mcc, mixed_score, pcc, r2, spearman)
    return {metric.__name__: metric for metric in metrics}[name]


def accuracy(predictions: Sequence[str], references: Sequence[str]) -> float:
    """Share of predictions equal to their reference, 0..1."""
    return float(np.mean([said == true for said, true in zip(predictions, references, strict=True)]))


def default_constant(task: Task) -> str:
    """The constant where none is given: negative, the first class, no label, the middle of each number's range."""
    if task.kind == "regression":
        middle = {field.name: (field.low + field.high) / 2 for field in task.fields}
        return json.dumps(middle if len(middle) > 1 else middle[task.fields[0].name])
    return json.dumps(
        {"binary": "negative", "multiclass": next(iter(task.classes), None), "multilabel": []}[task.kind]
    )
