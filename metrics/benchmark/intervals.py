"""95% intervals by bootstrap over distinct inputs.

Rows that share an input sequence are drawn together: they are not independent, and an interval over rows would be
too narrow (both strands of an enhancer, a promoter that stands in two sets, a sequence under ten histone marks).

Every metric of the 21 tasks but Spearman's correlation is a function of sums over rows, so that the sums of all
resamples are one matrix product: resamples x inputs counts, times inputs x terms.
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from statistics import NormalDist

import numpy as np


RESAMPLES = 1_000
HOPELESS = 1e9  # an error that alone makes a mean error of over 100, where the mixed score stops counting
BLOCK = 100  # resamples whose counts are float64, as a matrix product wants them, at a time


def interval(
    metric: str, pairs: list[tuple[Sequence, Sequence]], inputs: np.ndarray, resamples: int = RESAMPLES
) -> list[float]:
    """The 2.5th and the 97.5th percentile of the metric over resamples of the inputs, drawn with replacement.

    Args:
        metric: name of a metric module, or `accuracy`.
        pairs: (predictions, references) of n rows each, as the metric takes them: one pair, or one for every number
            of the label, over which the metric is averaged.
        inputs: shape (n,), equal for rows that are drawn together.

    The draws depend on the set of inputs alone: not on the order of rows, and not on the model.
    """
    return interval_of(replicates(metric, pairs, inputs, resamples))


def interval_of(replicates: np.ndarray) -> list[float]:
    """The 2.5th and the 97.5th percentile."""
    return np.quantile(replicates, [0.025, 0.975]).tolist()


def standard_error(replicates: np.ndarray) -> float:
    """The standard deviation of the replicates: that of the metric itself, not of their mean."""
    return float(np.std(replicates, ddof=1))


def smallest_difference(standard_error: float | None, paired: bool = False) -> float | None:
    """The smallest true difference of two models that a two-sided test at 5% finds with a power of 80%.

    (z[0.975] + z[0.8]) times the standard error of the difference (Bloom 1995, doi:10.1177/0193841X9501900504; for
    evaluations of language models Miller 2024, arXiv:2411.00640).

    Args:
        standard_error: of the paired difference; otherwise that of one model, from which sqrt(2) times as much follows
            for two models of its kind whose errors have nothing in common. Those of real ones have, so that a paired
            comparison resolves less than this.
    """
    if standard_error is None:
        return None
    normal = NormalDist()
    return (normal.inv_cdf(0.975) + normal.inv_cdf(0.8)) * standard_error * (1 if paired else math.sqrt(2))


def p_value(differences: np.ndarray) -> float:
    """Two-sided p value of no difference, from the replicates of a paired one.

    Twice the smaller share of replicates on either side of 0, each counted with one more, so that it is never 0
    (Davison and Hinkley 1997, section 4.2, doi:10.1017/CBO9780511802843); the interval then holds 0 where p > 0.05,
    to one replicate. 1 where all are 0.
    """
    sides = (np.sum(differences <= 0), np.sum(differences >= 0))
    return float(min(1, 2 * (min(sides) + 1) / (len(differences) + 1)))


def replicates(
    metric: str, pairs: list[tuple[Sequence, Sequence]], inputs: np.ndarray, resamples: int = RESAMPLES
) -> np.ndarray:
    """The metric on every resample, float64 of shape (resamples,)."""
    distinct, input_of_row = np.unique(inputs, return_inverse=True)
    counts = draws(len(distinct), resamples)
    values = []
    for predicted, true in pairs:
        if metric in CORRELATIONS and min(len(set(side)) for side in (predicted, true)) < 2:
            values.append(np.zeros(resamples))
        elif metric == "spearman":
            codes = [np.unique(numbers, return_inverse=True)[1] for numbers in (predicted, true)]
            values.append([rank_correlation(*codes, row[input_of_row]) for row in counts])
        else:
            terms_of, metric_of = BY_SUMS[metric]
            terms = terms_of(predicted, true)
            by_input = np.empty((len(distinct), len(terms)))
            for i, term in enumerate(terms):
                by_input[:, i] = np.bincount(input_of_row, term, len(distinct))
            blocks = np.array_split(counts, range(BLOCK, resamples, BLOCK))
            sums = np.concatenate([block.astype(np.float64) @ by_input for block in blocks])
            values.append(metric_of(sums.T))
    return np.mean(values, axis=0)


@lru_cache(maxsize=1)
def draws(inputs: int, resamples: int) -> np.ndarray:
    """uint8 of shape (resamples, inputs): how often each of the inputs is drawn in each resample."""
    random = np.random.default_rng(0)
    counts = np.empty((resamples, inputs), dtype=np.uint8)
    for row in counts:
        row[:] = np.bincount(random.integers(inputs, size=inputs), minlength=inputs)
    return counts


def rank_correlation(x: np.ndarray, y: np.ndarray, weights: np.ndarray) -> float:
    """Spearman's correlation of rows that stand `weights` times each; `x` and `y` number the values in their order."""

    def mid_ranks(codes: np.ndarray) -> tuple[np.ndarray, float]:
        """Of every row, about their mean; and the sum of their squares."""
        standing = np.bincount(codes, weights)
        ranks = np.cumsum(standing) - standing / 2 - standing.sum() / 2
        return ranks[codes], float(standing @ ranks**2)

    (ranks_x, squares_x), (ranks_y, squares_y) = mid_ranks(x), mid_ranks(y)
    if not (squares_x and squares_y):
        return 0.0
    return float(weights @ (ranks_x * ranks_y) / math.sqrt(squares_x * squares_y))


# Below, terms have the shape (k, n) and sums the shape (k, resamples).


def moments(predicted: Sequence[float], true: Sequence[float]) -> np.ndarray:
    """Terms of a Pearson correlation, about the means; scaled, so that no square over- or underflows."""
    x, y = (unit(np.asarray(values, dtype=np.float64)) for values in (predicted, true))
    return np.stack([np.ones(len(x)), x, y, x * x, y * y, x * y])


def unit(values: np.ndarray) -> np.ndarray:
    """The values about their mean, the largest deviation being 1; zeros where all are equal."""
    scale = np.abs(values).max()
    centred = values / (scale or 1)
    centred = centred - centred.mean()
    return centred / (np.abs(centred).max() or 1)


def binary_moments(predicted: Sequence[str], true: Sequence[str]) -> np.ndarray:
    """Terms of the Matthews correlation: it is the Pearson correlation of the labels as 0 and 1."""
    return moments(*(np.asarray(labels) == "positive" for labels in (predicted, true)))


def correlation(sums: np.ndarray) -> np.ndarray:
    """Pearson correlation; 0 where a side is constant, to rounding."""
    n, x, y, xx, yy, xy = sums
    spread_x, spread_y = xx - x * x / n, yy - y * y / n
    varies = (spread_x > 1e-12 * xx) & (spread_y > 1e-12 * yy)
    return np.where(varies, xy - x * y / n, 0) / np.sqrt(np.where(varies, spread_x * spread_y, 1))


def hits(predicted: Sequence[str], true: Sequence[str]) -> np.ndarray:
    """Terms of the accuracy."""
    right = np.asarray(predicted) == np.asarray(true)
    return np.stack([np.ones(len(right)), right])


def set_overlaps(predicted: Sequence[Sequence[str]], true: Sequence[Sequence[str]]) -> np.ndarray:
    """Terms of Fmax on hard label sets: a row's precision, if it has labels, and its recall."""
    common = [len(set(p) & set(t)) for p, t in zip(predicted, true, strict=True)]
    given, wanted = (np.array([len(labels) for labels in rows]) for rows in (predicted, true))
    return np.stack([np.ones(len(given)), given > 0, common / np.maximum(given, 1), common / wanted])


def fmax(sums: np.ndarray) -> np.ndarray:
    """F1 of mean precision and mean recall: hard labels have one threshold."""
    n, answered, precision, recall = sums
    precision, recall = precision / np.maximum(answered, 1), recall / n
    return 2 * precision * recall / np.where(precision + recall > 0, precision + recall, 1)


def class_hits(predicted: Sequence[Sequence[str]], true: Sequence[Sequence[str]]) -> np.ndarray:
    """Terms of the AUC on hard label sets: per class true positives, positives, true negatives and negatives."""
    classes = sorted({label for labels in true for label in labels})
    shape = (len(classes), len(true))
    said, real = (
        np.array([[label in row for row in rows] for label in classes], dtype=bool).reshape(shape)
        for rows in (predicted, true)
    )
    return np.concatenate([said & real, real, ~said & ~real, ~real])


def auc(sums: np.ndarray) -> np.ndarray:
    """Mean balanced accuracy over the classes with both outcomes; 0.5 without any."""
    true_positives, positives, true_negatives, negatives = np.split(sums, 4)
    both = (positives > 0) & (negatives > 0)
    areas = (true_positives / np.where(both, positives, 1) + true_negatives / np.where(both, negatives, 1)) / 2
    return np.where(both.any(axis=0), (areas * both).sum(axis=0) / np.maximum(both.sum(axis=0), 1), 0.5)


def errors(predicted: Sequence[float], true: Sequence[float]) -> np.ndarray:
    """Terms of the mixed score."""
    from metrics.mixed_score.mixed_score import LOW_RANGE

    predicted, true = np.asarray(predicted), np.asarray(true)
    error = np.minimum(np.abs(predicted - true), HOPELESS)
    in_range = (true >= 0) & (true <= LOW_RANGE)
    said, real = predicted < LOW_RANGE, true < LOW_RANGE
    return np.stack([np.ones(len(error)), error, in_range, in_range * error, said & real, said.astype(int) + real])


def mixed_score(sums: np.ndarray) -> np.ndarray:
    """As in metrics/mixed_score."""
    n, error, in_range, range_error, both, either = sums
    mae = np.minimum(error / n, 100)
    range_mae = np.minimum(np.where(in_range > 0, range_error / np.maximum(in_range, 1), 100), 100)
    f1 = 2 * both / np.where(either > 0, either, 1)
    return 0.5 * (1 - mae / 100) + 0.5 * f1 * (1 - range_mae / 100)


CORRELATIONS = ("mcc", "pcc", "r2", "spearman")  # 0 where a side is constant
BY_SUMS = {
    "mcc": (binary_moments, correlation),
    "pcc": (moments, correlation),
    "r2": (moments, lambda sums: correlation(sums) ** 2),
    "accuracy": (hits, lambda sums: sums[1] / sums[0]),
    "fmax": (set_overlaps, fmax),
    "auc": (class_hits, auc),
    "mixed_score": (errors, mixed_score),
}
