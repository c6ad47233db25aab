import numpy as np
import pytest

from metrics.fmax.fmax import fmax


def by_thresholds(predictions: list[dict[str, float]], references: list[set[str]]) -> float:
    """The definition, threshold by threshold and protein by protein."""
    best = 0.0
    for threshold in {score for row in predictions for score in row.values()}:
        chosen = [{label for label, score in row.items() if score >= threshold} for row in predictions]
        precisions = [len(a & b) / len(a) for a, b in zip(chosen, references, strict=True) if a]
        recall = np.mean([len(a & b) / len(b) for a, b in zip(chosen, references, strict=True)])
        precision = np.mean(precisions)
        if precision + recall:
            best = max(best, 2 * precision * recall / (precision + recall))
    return best


def example(seed: int, decimals: int) -> tuple[list[dict[str, float]], list[set[str]]]:
    """Scores that are somewhat right, for 25 proteins and 12 classes."""
    random = np.random.default_rng(seed)
    classes = np.array([f"1.1.1.{i}" for i in range(12)])
    references = [set(random.choice(classes, random.integers(1, 4), replace=False)) for _ in range(25)]
    predictions = [
        {label: round(random.normal() + (label in true), decimals) for label in classes if random.random() < 0.6}
        for true in references
    ]
    return predictions, references


@pytest.mark.parametrize("decimals", [8, 1, 0])
@pytest.mark.parametrize("seed", range(10))
def test_definition(seed: int, decimals: int) -> None:
    predictions, references = example(seed, decimals)
    expected = by_thresholds(predictions, references)
    assert fmax(predictions, references) == pytest.approx(expected, abs=1e-12)
    as_structs = [[{"label": label, "score": score} for label, score in row.items()] for row in predictions]
    assert fmax(as_structs, references) == pytest.approx(expected, abs=1e-12)


def test_order_of_tied_labels_and_of_rows_is_ignored() -> None:
    predictions, references = example(0, 0)
    turned = [dict(reversed(row.items())) for row in reversed(predictions)]
    assert fmax(turned, references[::-1]) == pytest.approx(fmax(predictions, references), abs=1e-12)


def test_label_sets_are_one_threshold() -> None:
    predictions = [["1.1.1.1", "1.1.1.2"], [], ["2.7.11.1"], ["3.4.21.4"]]
    references = [["1.1.1.1"], ["1.1.1.1"], ["2.7.11.1", "2.7.1.1"], ["1.1.1.1"]]
    precision, recall = (1 / 2 + 1 + 0) / 3, (1 + 0 + 1 / 2 + 0) / 4
    assert fmax(predictions, references) == pytest.approx(2 * precision * recall / (precision + recall))


def test_edges() -> None:
    assert fmax([[], []], [["1.1.1.1"], ["1.1.1.2"]]) == 0.0
    assert fmax([["1.1.1.2"]], [["1.1.1.1"]]) == 0.0
    assert fmax([["1.1.1.1"], ["1.1.1.2", "1.1.1.3"]], [["1.1.1.1"], ["1.1.1.3", "1.1.1.2"]]) == 1.0
    infinite = float("-inf")
    assert fmax([{"a": 0.0, "b": infinite, "c": infinite}], [["a", "b", "c"]]) == 1.0


@pytest.mark.parametrize(
    "predictions, references, message",
    [
        ([], [], "give one row each"),
        ([["a"]], [["a"], ["b"]], "give one row each"),
        ([["a"], []], [["a"], []], r"without a label: \[1\]"),
        ([{"a": np.nan}], [["a"]], "the score of 'a' is nan"),
    ],
)
def test_refuses(predictions: list, references: list, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        fmax(predictions, references)
