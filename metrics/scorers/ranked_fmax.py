"""Fmax as published evaluators compute it: TorchDrug's ranked F1-max, on hard labels.

The function was made for scores without ties. On label sets it still cuts after every single label: first after each
label that was given, protein by protein, then after each of the others. So it is above 0 where nothing is given, is
inflated where one label of several is right, and depends on the order of the proteins and of the classes.
"""

from collections.abc import Sequence

import numpy as np

from metrics.scorers.ec_labels import EC_LABELS
from metrics.scorers.readings import EC_NUMBER


def ranked_fmax(predictions: Sequence[Sequence[str]], references: Sequence[Sequence[str]]) -> float:
    """F1-max over the running precision and recall of all n x 538 (protein, class) pairs, in ranked order.

    Precision is the mean over the proteins that have begun, recall over all. Computed in float32 with sums in float64,
    as torch does on CPU. EC numbers that are not in the list, or that the pattern cannot match (2.7.7.n1), are ignored
    on both sides.

    Args:
        predictions: n collections of EC numbers.
        references: n collections of EC numbers.
    """
    said, true = multi_hot(predictions), multi_hot(references)
    order = np.argsort(~said, axis=1, kind="stable")
    hits = np.cumsum(np.take_along_axis(true, order, axis=1), axis=1, dtype=np.float32)
    given = np.take_along_axis(said, order, axis=1).ravel()
    visits = np.concatenate([np.flatnonzero(given), np.flatnonzero(~given)])

    def running(by_rank: np.ndarray) -> np.ndarray:
        steps = np.diff(by_rank, axis=1, prepend=np.float32(0)).ravel()[visits]
        return np.cumsum(steps, dtype=np.float64).astype(np.float32)

    begun = np.cumsum(visits % len(EC_LABELS) == 0).astype(np.float32)
    tiny = np.float32(1e-10)
    precision = running(hits / np.arange(1, len(EC_LABELS) + 1, dtype=np.float32)) / begun
    recall = running(hits / (true.sum(axis=1, keepdims=True).astype(np.float32) + tiny)) / np.float32(len(said))
    return float(np.max(2 * precision * recall / (precision + recall + tiny)))


def multi_hot(rows: Sequence[Sequence[str]]) -> np.ndarray:
    """bool of shape (n, 538)."""
    place = {label: i for i, label in enumerate(EC_LABELS) if EC_NUMBER.fullmatch(label)}
    found = np.zeros((len(rows), len(EC_LABELS)), dtype=bool)
    for row, labels in zip(found, rows, strict=True):
        row[[place[label] for label in labels if label in place]] = True
    return found
