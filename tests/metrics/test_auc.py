import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score

from metrics.auc.auc import auc


def by_pairs(scores: np.ndarray, truth: np.ndarray) -> float:
    """Per class the share of (true, other) pairs in the right order, ties half; the mean over classes."""
    areas = []
    for column, true in zip(scores.T, truth.T, strict=True):
        if true.any() and not true.all():
            difference = column[true][:, None] - column[~true]
            areas.append((difference > 0).mean() + (difference == 0).mean() / 2)
    return float(np.mean(areas)) if areas else 0.5


@pytest.mark.parametrize("decimals", [8, 1])
@pytest.mark.parametrize("seed", range(10))
def test_definition(seed: int, decimals: int) -> None:
    random = np.random.default_rng(seed)
    scores, truth = random.normal(size=(40, 7)).round(decimals), random.random((40, 7)) < random.random(7) * 0.5
    assert auc(scores, truth.astype(int)) == pytest.approx(by_pairs(scores, truth), abs=1e-12)
    assert auc(scores.tolist(), truth.astype(int).tolist()) == pytest.approx(by_pairs(scores, truth), abs=1e-12)


def test_label_sets_give_balanced_accuracy() -> None:
    random = np.random.default_rng(0)
    said, truth = random.random((2, 60, 4)) < 0.4
    names = np.array(["Am", "m6A", "Psi", "m7G"])
    sets = [[names[row].tolist() for row in side] for side in (said, truth)]
    expected = np.mean([balanced_accuracy_score(truth[:, k], said[:, k]) for k in range(4)])
    assert auc(*sets) == pytest.approx(expected, abs=1e-12)


def test_mappings_rank_what_they_lack_last() -> None:
    assert auc([{"m6A": -9.5}, {"m6A": -9.0}, {}], [["m6A"], ["m6A"], []]) == 1.0
    assert auc([{"m6A": -9.5}, {"m6A": float("-inf")}, {}], [["m6A"], ["m6A"], []]) == 0.75


def test_edges() -> None:
    assert auc([["m6A"], []], [["m6A"], ["m6A"]]) == 0.5  # no class has both outcomes
    assert auc([[], []], [[], []]) == 0.5
    assert auc([[], []], [["m6A"], []]) == 0.5
    assert auc([["Psi"], ["m6A"]], [["m6A"], []]) == 0.0  # Psi is in no reference: it does not count


@pytest.mark.parametrize(
    "predictions, references", [([], []), ([["m6A"]], [["m6A"], []]), ([[0.1]], [[1, 0]]), ([[np.nan]], [[1]])]
)
def test_refuses(predictions: list, references: list) -> None:
    with pytest.raises(ValueError, match="give"):
        auc(predictions, references)
