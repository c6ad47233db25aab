"""Means over tasks: the plain one, and one in which trivial is 0 and perfect is 100.

Tasks are resampled apart, as their test sets were drawn apart; what rows of several tasks have in common (promoters of
two lengths) is not in the intervals.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from metrics.benchmark.intervals import interval_of, standard_error
from metrics.benchmark.measuring import Measurement


@dataclass(frozen=True)
class Share:
    """What a task contributes: the measurement, and the best of the task's trivial baselines."""

    measurement: Measurement
    trivial: Measurement


def means(shares: Sequence[Share]) -> dict[str, dict]:
    """`plain`, the mean of the values, and `scaled`, that of (value - trivial) / (perfect - trivial), perfect being 1.

    Each has `value`, `interval` and `standard_error`, None where a task has no replicates, and `tasks`, the number of
    tasks that it is over: without those whose value is undefined and, in the second, whose trivial baseline is
    perfect. The value is None where none is left.
    """
    defined = [share for share in shares if share.measurement.entry["value"] is not None]
    below = [share for share in defined if (share.trivial.entry["value"] or 0) < 1]
    return {
        "plain": mean([share.measurement for share in defined]),
        "scaled": mean([above_trivial(share) for share in below]),
    }


def above_trivial(share: Share) -> Measurement:
    """The measurement with the trivial baseline at 0 and perfect at 1; both are resampled together, the distance
    between trivial and perfect is held fixed."""
    trivial = share.trivial.entry["value"] or 0
    value = (share.measurement.entry["value"] - trivial) / (1 - trivial)
    ours, theirs = share.measurement.replicates, share.trivial.replicates
    both = None if ours is None or theirs is None else (ours - theirs) / (1 - trivial)
    return Measurement({"value": value}, both)


def mean(measurements: Sequence[Measurement]) -> dict:
    """The mean of values, and of replicates where all have some."""
    resampled = [one.replicates for one in measurements]
    known = bool(resampled) and all(one is not None for one in resampled)
    return {
        "value": float(np.mean([one.entry["value"] for one in measurements])) if measurements else None,
        "interval": interval_of(np.mean(resampled, axis=0)) if known else None,
        "standard_error": standard_error(np.mean(resampled, axis=0)) if known else None,
        "tasks": len(measurements),
    }
