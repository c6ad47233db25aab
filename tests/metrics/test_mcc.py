import numpy as np
import pytest

from metrics.mcc.mcc import mcc


def by_counts(predictions: np.ndarray, references: np.ndarray) -> float:
    """The definition, from the four counts."""
    tp, tn = (predictions & references).sum(), (~predictions & ~references).sum()
    fp, fn = (predictions & ~references).sum(), (~predictions & references).sum()
    denominator = float(tp + fp) * float(tp + fn) * float(tn + fp) * float(tn + fn)
    return (tp * tn - fp * fn) / denominator**0.5 if denominator else 0.0


@pytest.mark.parametrize("seed", range(20))
def test_definition(seed: int) -> None:
    random = np.random.default_rng(seed)
    predictions, references = random.random((2, random.integers(2, 300))) < random.random((2, 1))
    expected = by_counts(predictions, references)
    assert mcc(predictions.astype(int).tolist(), references.astype(int).tolist()) == pytest.approx(expected, abs=1e-12)
    words = [np.where(side, "positive", "negative").tolist() for side in (predictions, references)]
    assert mcc(*words) == pytest.approx(expected, abs=1e-12)


def test_edges() -> None:
    labels = ["positive", "negative", "negative"]
    assert mcc(labels, labels) == 1.0
    assert mcc(["negative", "positive", "positive"], labels) == -1.0
    assert mcc(["negative"] * 3, labels) == 0.0
    assert mcc(labels, ["positive"] * 3) == 0.0
    assert mcc(["positive"], ["positive"]) == 0.0


@pytest.mark.parametrize(
    "predictions, references", [([], []), ([1], [1, 0]), (["yes", "no"], ["positive", "negative"])]
)
def test_refuses(predictions: list, references: list) -> None:
    with pytest.raises(ValueError, match="give one 'positive' or 'negative'"):
        mcc(predictions, references)
