"""pcc, r2 and spearman, which share their inputs and their edge cases."""

from collections.abc import Callable

import numpy as np
import pytest

from metrics.pcc.pcc import pcc
from metrics.r2.r2 import r2
from metrics.spearman.spearman import spearman


def ranks(values: np.ndarray) -> np.ndarray:
    """Mean ranks by counting: what is smaller, and half of what is equal."""
    return (values[:, None] > values).sum(axis=1) + (values[:, None] == values).sum(axis=1) / 2


def explained_variance(predictions: np.ndarray, references: np.ndarray) -> float:
    """1 - SS_res / SS_tot of the best straight line."""
    line = np.polynomial.Polynomial.fit(predictions, references, 1)
    return 1 - ((references - line(predictions)) ** 2).sum() / ((references - references.mean()) ** 2).sum()


@pytest.mark.parametrize("decimals", [8, 1, 0])
@pytest.mark.parametrize("seed", range(10))
def test_definitions(seed: int, decimals: int) -> None:
    x, y = np.random.default_rng(seed).normal(size=(2, 50)).round(decimals)  # few decimals: many ties
    y += 0.5 * x
    assert pcc(x, y) == pytest.approx(np.corrcoef(x, y)[0, 1], abs=1e-12)
    assert r2(x, y) == pytest.approx(explained_variance(x, y), abs=1e-12)
    assert spearman(x, y) == pytest.approx(np.corrcoef(ranks(x), ranks(y))[0, 1], abs=1e-12)


def test_scale_of_huge_and_tiny_numbers_is_ignored() -> None:
    x, y = np.random.default_rng(0).normal(size=(2, 30))
    expected = np.corrcoef(x, y)[0, 1]
    for scale in (2.0**1000, 2.0**-1000):
        assert pcc(x * scale, y) == pytest.approx(expected, abs=1e-12)
        assert r2(y, x * scale) == pytest.approx(expected**2, abs=1e-12)
    assert pcc([1.7e308, 1.6e308, 1.5e308], [3, 2, 1]) == pytest.approx(1.0)


@pytest.mark.parametrize("metric", [pcc, r2, spearman])
def test_edges(metric: Callable) -> None:
    assert metric([0.1, 0.1, 0.1], [1, 2, 3]) == 0.0
    assert metric([1, 2, 3], [0.1, 0.1, 0.1]) == 0.0
    assert metric([1], [2]) == 0.0
    assert metric([1, 2, 3], [2, 4, 6]) == pytest.approx(1.0)
    assert metric([3, 2, 1], [2, 4, 6]) == pytest.approx(1.0 if metric is r2 else -1.0)


@pytest.mark.parametrize("metric", [pcc, r2, spearman])
@pytest.mark.parametrize(
    "predictions, references, message",
    [([], [], "at least one"), ([1, 2], [1], "shape"), ([1, np.nan], [1, 2], r"predictions\[1\] is nan")],
)
def test_refuses(metric: Callable, predictions: list, references: list, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        metric(predictions, references)
