"""Areas under ROC and precision-recall curves, Fmax of scores, and thresholds: values, and on every resample of rows.

Rows that tie come in together everywhere: no curve has a point between two rows of one score.
"""

from collections.abc import Sequence

import numpy as np

from metrics.benchmark.intervals import RESAMPLES, draws


BLOCK = 50  # resamples whose running sums are in memory at a time
THRESHOLDS = 400  # at which the Fmax of resamples is looked for


def areas(scores: np.ndarray, truth: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Area under the ROC curve, and average precision (as in scikit-learn: no interpolation), of every weighting.

    Args:
        scores: of shape (n,), higher for more probable.
        truth: bool of shape (n,).
        weights: of shape (b, n), how often each row stands; None: once, b = 1.

    Returns:
        float64 of shape (2, b); 0.5 and 0 where one of the two outcomes is missing, and 0.5 and 1 where all are true.
    """
    order = np.argsort(-scores, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(scores[order]) != 0, True))
    weights = np.ones((1, len(scores))) if weights is None else weights
    sorted_weights = weights[:, order]
    hits = np.cumsum(sorted_weights * truth[order], axis=1)[:, ends]
    passed = np.cumsum(sorted_weights, axis=1)[:, ends]
    true, false = hits[:, -1:], passed[:, -1:] - hits[:, -1:]
    before = np.pad(hits, ((0, 0), (1, 0)))[:, :-1]
    steps = np.diff(passed - hits, prepend=0, axis=1)
    both = (true > 0) & (false > 0)
    under_roc = (steps * (hits + before) / 2).sum(1, keepdims=True) / np.where(both, true * false, 1)
    precision = hits / np.maximum(passed, 1e-12)
    average = ((hits - before) * precision).sum(1, keepdims=True) / np.where(true > 0, true, 1)
    return np.concatenate([np.where(both, under_roc, 0.5), average], axis=1).T


def area_replicates(
    scores: np.ndarray, truth: np.ndarray, inputs: np.ndarray, resamples: int = RESAMPLES
) -> np.ndarray:
    """`areas` on every resample of the inputs, of shape (2, resamples), averaged over the classes that
    have both outcomes in it.

    Args:
        scores, truth: of shape (n, k), a column per class; classes with one outcome only are left out.
        inputs: of shape (n,), equal for rows that are drawn together.
    """
    distinct, input_of_row = np.unique(inputs, return_inverse=True)
    counts = draws(len(distinct), resamples)
    classes = both_outcomes(truth)
    total, there = np.zeros((2, resamples)), np.zeros(resamples)
    for start in range(0, resamples, BLOCK):
        weights = counts[start : start + BLOCK, input_of_row].astype(np.float64)
        block = slice(start, start + BLOCK)
        for k in classes:
            drawn = (weights @ truth[:, k] > 0) & (weights @ ~truth[:, k] > 0)
            total[:, block] += areas(scores[:, k], truth[:, k], weights) * drawn
            there[block] += drawn
    return np.where(there > 0, total / np.maximum(there, 1), [[0.5], [0.0]])


def both_outcomes(truth: np.ndarray) -> np.ndarray:
    """The classes (columns) that some rows have and some have not."""
    return np.flatnonzero(truth.any(axis=0) & ~truth.all(axis=0))


def fmax_replicates(
    scores: np.ndarray, truth: np.ndarray, inputs: np.ndarray, resamples: int = RESAMPLES
) -> np.ndarray:
    """Fmax on every resample, of shape (resamples,), the best of at most THRESHOLDS thresholds: half of them
    quantiles of the rows' highest scores, half of those of true labels.

    Args:
        scores, truth: of shape (n, k); no row of truth is empty.
    """
    distinct, input_of_row = np.unique(inputs, return_inverse=True)
    counts = draws(len(distinct), resamples).astype(np.float64)
    ends = np.linspace(0, 1, THRESHOLDS // 2)
    quantiles = [np.quantile(each, ends, method="nearest") for each in (scores.max(axis=1), scores[truth])]
    thresholds = np.unique(quantiles)
    sums = [[np.bincount(input_of_row, term) for term in fmax_terms(scores, truth, t)] for t in thresholds]
    answered, precision, recall = np.moveaxis(np.array(sums), 1, 0)
    rows = counts @ np.bincount(input_of_row)
    mean_precision = (counts @ precision.T) / np.maximum(counts @ answered.T, 1)
    mean_recall = (counts @ recall.T) / rows[:, None]
    total = mean_precision + mean_recall
    return (2 * mean_precision * mean_recall / np.where(total > 0, total, 1)).max(axis=1)


def fmax_terms(scores: np.ndarray, truth: np.ndarray, threshold: float) -> Sequence[np.ndarray]:
    """Of every row at a threshold: whether it has a predicted label, its precision, its recall."""
    said = scores >= threshold
    right, given = (said & truth).sum(axis=1), said.sum(axis=1)
    return given > 0, right / np.maximum(given, 1), right / truth.sum(axis=1)


def best_threshold(scores: np.ndarray, truth: np.ndarray) -> float:
    """The score at and above which a row is called positive with the highest Matthews correlation.

    Between two neighbouring scores it is their middle; of equally good ones it is the one nearest to 0.5. Without both
    outcomes, or where nothing beats chance, it is 0.5.
    """
    order = np.argsort(-scores, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(scores[order]) != 0, True))[:-1]
    hits = np.cumsum(truth[order])[ends].astype(np.float64)
    n, true, said = len(scores), truth.sum(), ends + 1.0
    spread = said * (n - said) * true * (n - true)
    correlation = (n * hits - said * true) / np.sqrt(np.where(spread > 0, spread, 1))
    if not len(ends) or correlation.max() <= 0:
        return 0.5
    middles = (scores[order][ends] + scores[order][ends + 1]) / 2
    best = middles[correlation >= correlation.max() - 1e-12]
    return float(best[np.abs(best - 0.5).argmin()])
