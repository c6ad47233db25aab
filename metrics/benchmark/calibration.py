"""Whether probabilities say how often an event happens: reliability bins and the expected calibration error."""

import numpy as np


BINS = 15  # of equal width (Guo et al. 2017, On Calibration of Modern Neural Networks)


def calibration(probabilities: np.ndarray, happened: np.ndarray) -> dict:
    """The expected calibration error (ECE) and what it is made of.

    Args:
        probabilities: of shape (n,), 0..1.
        happened: bool of shape (n,).

    Returns:
        `ece`: the mean over rows of |mean probability - share that happened| of their bin, 0..1.
        `bins`: of each bin that is not empty, its bounds `low` and `high`, `n`, `predicted` (the mean probability) and
        `observed` (the share). A probability on a bound is in the bin above it, 1 in the last.
    """
    place = np.minimum((probabilities * BINS).astype(int), BINS - 1)
    n = np.bincount(place, minlength=BINS)
    predicted, observed = (np.bincount(place, values, minlength=BINS) for values in (probabilities, happened))
    bins = [
        {
            "low": i / BINS,
            "high": (i + 1) / BINS,
            "n": int(n[i]),
            "predicted": float(predicted[i] / n[i]),
            "observed": float(observed[i] / n[i]),
        }
        for i in np.flatnonzero(n).tolist()
    ]
    return {"ece": float(np.abs(predicted - observed).sum() / len(probabilities)), "bins": bins}
