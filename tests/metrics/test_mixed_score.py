import numpy as np
import pytest

from metrics.mixed_score.mixed_score import mixed_score


def by_hand(predictions: list[float], references: list[float]) -> float:
    """Appendix A.3.1, row by row."""
    rows = list(zip(predictions, references, strict=True))
    mae = min(sum(abs(p - y) for p, y in rows) / len(rows), 100)
    errors = [abs(p - y) for p, y in rows if 0 <= y <= 30]
    range_mae = min(sum(errors) / len(errors), 100) if errors else 100
    hits = sum(p < 30 and y < 30 for p, y in rows)
    precision = hits / max(sum(p < 30 for p, _ in rows), 1)
    recall = hits / max(sum(y < 30 for _, y in rows), 1)
    f1 = 2 * precision * recall / (precision + recall) if hits else 0
    return 0.5 * (1 - mae / 100) + 0.5 * f1 * (1 - range_mae / 100)


@pytest.mark.parametrize("scale", [100, 40, 1e6])
@pytest.mark.parametrize("seed", range(10))
def test_definition(seed: int, scale: float) -> None:
    random = np.random.default_rng(seed)
    references = random.uniform(-5, 120, 60).round()
    predictions = references + random.normal(size=60) * scale / 4
    assert mixed_score(predictions, references) == pytest.approx(by_hand(predictions, references), abs=1e-12)


def test_thirty_is_in_the_range_but_not_positive() -> None:
    assert mixed_score([30.0, 50.0], [30.0, 50.0]) == 0.5  # right, but F1 has no positive row
    assert mixed_score([29.99], [30.0]) == pytest.approx(0.5, abs=1e-3)
    assert mixed_score([10.0, 20.0], [10.0, 30.0]) == pytest.approx(0.5 * 0.95 + 0.5 * (2 / 3) * 0.95)


def test_edges() -> None:
    assert mixed_score([10.0, 80.0], [10.0, 80.0]) == 1.0
    assert mixed_score([1e9, -1e9], [50.0, 10.0]) == 0.0
    assert mixed_score([40.0], [-1.0]) == pytest.approx(0.5 * 0.59)  # a reference below 0 is not in the range


def test_a_constant_below_thirty_is_flattered() -> None:
    references = np.random.default_rng(0).uniform(0, 100, 1000)
    assert mixed_score([29.9] * 1000, references) > mixed_score([references.mean()] * 1000, references)


@pytest.mark.parametrize("predictions, references", [([], []), ([1.0], [1.0, 2.0]), ([np.inf], [1.0])])
def test_refuses(predictions: list, references: list) -> None:
    with pytest.raises(ValueError):
        mixed_score(predictions, references)
