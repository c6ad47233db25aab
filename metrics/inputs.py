"""What every metric on numbers asks of its input, in one place."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np


def paired_numbers(predictions: Sequence[float], references: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    """Predictions and references as two float64 arrays of shape (n,), n at least 1.

    Raises:
        ValueError: no rows, a different number of rows, more than one dimension, or a value that is not finite.
    """
    x, y = (np.asarray(values, dtype=np.float64) for values in (predictions, references))
    if x.shape != y.shape or x.ndim != 1 or not len(x):
        raise ValueError(
            f"predictions have the shape {x.shape} and references {y.shape}; give both one number per row, "
            "the same number of rows and at least one"
        )
    for name, values in (("predictions", x), ("references", y)):
        bad = np.flatnonzero(~np.isfinite(values))
        if len(bad):
            raise ValueError(f"{name}[{bad[0]}] is {values[bad[0]]}; leave the row out or replace it by a number")
    return x, y


def label_scores(row: Mapping[str, float] | Iterable[str | dict]) -> dict[str, float]:
    """One row's predicted labels with their scores.

    Args:
        row: a mapping label -> score, the same as a list of `{"label": ..., "score": ...}` (what a typed Arrow column
            holds), or a set or list of labels, each of which then scores 1.0.

    Raises:
        ValueError: a score that is not a number.
    """
    if isinstance(row, Mapping):
        scores = dict(row)
    else:
        scores = dict((item["label"], item["score"]) if isinstance(item, dict) else (item, 1.0) for item in row)
    unusable = [label for label, score in scores.items() if score is None or np.isnan(score)]
    if unusable:
        raise ValueError(
            f"the score of {unusable[0]!r} is {scores[unusable[0]]}; leave the label out or give a number"
        )
    return scores
