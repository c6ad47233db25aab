"""The scorers `paper` and `opencompass`: numbers that can be put beside published ones, whatever is wrong with them.

Both are the same steps under different rules (metrics/scorers/rules.py). Where the label decides what an answer counts
as, the count says so.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dataset_builder.tasks import Task
from metrics.parsing import Value
from metrics.scorers.ranked_fmax import ranked_fmax
from metrics.scorers.readings import NONE, NONE_BY_FALLBACK, NONE_BY_KEYWORD, Fallback, read_all
from metrics.scorers.rules import Rules
from metrics.scoring import AS_CONSTANT, AS_READ, Count, Pairs, Reading, all_rows, metric_of


OPPOSITE = {"positive": "negative", "negative": "positive"}
AS_OPPOSITE, AS_WRONG, LEFT_OUT, AS_EMPTY = "as the opposite of its label", "as wrong", "left out", "as an empty set"
NONE_CREDITED, NONE_IGNORED = "as none, since that is the label", "as an empty set, since the label is not none"
OUTLIER = "left out of the ranks, too large"


@dataclass(frozen=True)
class Published:
    """A published evaluator.

    Attributes:
        rules: its behaviours.
        fallback: what decides where no keyword does; None makes such answers unusable.
    """

    rules: Rules
    fallback: Fallback | None = None

    @property
    def name(self) -> str:
        return self.rules.name

    @property
    def version(self) -> str:
        return self.rules.version

    @property
    def drops_pooled(self) -> bool:
        return self.rules.drops_pooled

    def read(self, task: Task, answers: Sequence[str]) -> list[Reading]:
        """What the answers say by the rules, and, where these decide nothing, by the fallback classifier."""
        return read_all(self.rules, task, answers, self.fallback)

    def as_prediction(self, task: Task, label: Value) -> Value:
        """The label; that there is no modification is a class of its own."""
        return [NONE] if self.rules.none_is_a_class and task.metric == "auc" and not label else label

    def count(self, task: Task, reading: Reading, label: Value, constant: Value) -> Count:
        """What was read, but for an unusable answer, a `none` by keyword, and a number too large for the ranks."""
        value = reading.value
        if self.rules.none_by_label and reading.rule in (NONE_BY_KEYWORD, NONE_BY_FALLBACK):
            return Count([], NONE_IGNORED, True) if label else Count(value, NONE_CREDITED, True)
        if value is not None:
            outlier = task.metric == "spearman" and value > self.rules.spearman_limit
            return Count(value, OUTLIER if outlier else AS_READ)
        if not self.rules.unusable_is_wrong:
            return Count(self.as_prediction(task, constant), AS_CONSTANT)
        if task.kind == "binary":
            return Count(OPPOSITE[label], AS_OPPOSITE, True)
        if task.kind == "multilabel":
            return Count([], AS_EMPTY)
        return Count(None, LEFT_OUT if task.kind == "regression" else AS_WRONG)

    def pairs(self, task: Task, values: Sequence[Value | None], labels: Sequence[Value]) -> list[Pairs]:
        """All rows; of numbers those that are usable, with their share."""
        if task.kind != "regression":
            return all_rows(task, values, [self.as_prediction(task, label) for label in labels])
        single = len(task.fields) == 1

        def column(name: str, side: Sequence[Value | None]) -> np.ndarray:
            return np.array([math.nan if row is None else row if single else row[name] for row in side], dtype=float)

        return [self.usable(task, *(column(field.name, side) for side in (values, labels))) for field in task.fields]

    def usable(self, task: Task, said: np.ndarray, true: np.ndarray) -> Pairs:
        """The usable rows of one number."""
        finite = np.isfinite(said)
        rows = np.flatnonzero(finite & (said <= self.rules.spearman_limit) if task.metric == "spearman" else finite)
        sides = said[rows].tolist(), true[rows].tolist()
        if task.metric == "mixed_score" and self.rules.range_by_prediction:
            sides = sides[::-1]  # MAE and F1 are symmetric, and the range is that of the second side
        return Pairs(*sides, rows, float(finite.mean()) if self.rules.scaled_by_coverage else 1.0)

    def value(self, task: Task, pairs: Pairs) -> float:
        """The task's metric of the usable rows times their share; NaN or infinite where it is undefined."""
        if task.metric == "fmax" and self.rules.ranked_fmax:
            return ranked_fmax(pairs.predictions, pairs.references)
        if task.metric == "auc" and self.rules.none_is_a_class and not self.has_both_outcomes(task, pairs.references):
            return math.nan
        if task.kind == "regression" and not len(pairs.rows):
            return math.nan if task.metric == "pcc" else 0.0
        if task.metric in ("pcc", "r2", "spearman") and self.rules.constant_undefined:
            if len(pairs.rows) == 1 and task.metric != "spearman":
                return math.inf
            if min(len(set(side)) for side in (pairs.predictions, pairs.references)) == 1:
                return math.nan
        return metric_of(task)(pairs.predictions, pairs.references) * pairs.share

    def has_interval(self, task: Task) -> bool:
        """Not for the ranked Fmax."""
        return not (task.metric == "fmax" and self.rules.ranked_fmax)

    def has_both_outcomes(self, task: Task, references: Sequence[Sequence[str]]) -> bool:
        """Whether every class is the label of some rows and not of others."""
        times = [sum(name in row for row in references) for name in (*task.classes, NONE)]
        return all(0 < count < len(references) for count in times)
