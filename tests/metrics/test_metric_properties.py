"""Every metric against a definition written here, on random, tied, constant and extreme input, to 1e-9.

The definitions are slow and exact: sums in rational numbers, ranks and areas by comparing every pair of rows, Fmax
threshold by threshold. None of them calls the libraries that the metrics call.
"""

import math
from collections.abc import Callable, Sequence
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.auc.auc import auc
from metrics.biology_instructions.biology_instructions import biology_instructions
from metrics.fmax.fmax import fmax
from metrics.mcc.mcc import mcc
from metrics.mixed_score.mixed_score import mixed_score
from metrics.pcc.pcc import pcc
from metrics.r2.r2 import r2
from metrics.scoring import accuracy
from metrics.spearman.spearman import spearman


EXACT = {"rel": 0, "abs": 1e-9}
# Any finite number, numbers with many ties, numbers that are all but equal, and few distinct huge and tiny ones.
NUMBERS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-3, 3).map(float),
    st.integers(0, 5).map(lambda step: 1 + step * 2.0**-52),
    st.sampled_from([0.0, -0.0, 1.0, 5e-324, 1e-300, 1e300, -1e300, 1.7976931348623157e308, 29.9, 30.0]),
)


def rows(values: st.SearchStrategy, most: int = 12) -> st.SearchStrategy:
    """Two lists of one length, at least 1; either may be constant."""
    sizes = st.integers(1, most)
    side = lambda n: st.lists(values, min_size=n, max_size=n) | values.map(lambda value: [value] * n)  # noqa: E731
    return sizes.flatmap(lambda n: st.tuples(side(n), side(n)))


def correlation(x: Sequence[float | Fraction], y: Sequence[float | Fraction]) -> float:
    """Pearson's, in rational numbers; 0 where a side is constant."""
    x, y = ([Fraction(value) - sum(map(Fraction, side)) / len(side) for value in side] for side in (x, y))
    covariance = sum(a * b for a, b in zip(x, y, strict=True))
    spread = sum(a * a for a in x) * sum(b * b for b in y)
    size = math.sqrt(covariance**2 / spread) if spread else 0.0
    return -size if covariance < 0 else size


def ranks(values: Sequence[float]) -> list[Fraction]:
    """What is smaller, and half of what is equal."""
    return [Fraction(sum((b < a) * 2 + (b == a) for b in values), 2) for a in values]


@settings(max_examples=300, deadline=None)
@given(rows(NUMBERS))
def test_correlations(sides: tuple[list[float], list[float]]) -> None:
    x, y = sides
    expected = correlation(x, y)
    assert pcc(x, y) == pytest.approx(expected, **EXACT)
    assert r2(x, y) == pytest.approx(expected**2, **EXACT)
    assert spearman(x, y) == pytest.approx(correlation(ranks(x), ranks(y)), **EXACT)


@settings(max_examples=200, deadline=None)
@given(rows(st.sampled_from(["positive", "negative"]), most=40))
def test_mcc_and_accuracy(sides: tuple[list[str], list[str]]) -> None:
    said, true = ([label == "positive" for label in side] for side in sides)
    assert mcc(*sides) == pytest.approx(correlation(said, true), **EXACT)
    assert accuracy(*sides) == pytest.approx(sum(a == b for a, b in zip(said, true, strict=True)) / len(said), **EXACT)


@settings(max_examples=200, deadline=None)
@given(rows(NUMBERS | st.floats(-10, 130), most=20))
def test_mixed_score(sides: tuple[list[float], list[float]]) -> None:
    pairs = [(Fraction(said), Fraction(true)) for said, true in zip(*sides, strict=True)]
    errors = [abs(said - true) for said, true in pairs]
    in_range = [error for error, (_, true) in zip(errors, pairs, strict=True) if 0 <= true <= 30]
    mae = min(sum(errors) / len(errors), 100)
    range_mae = min(sum(in_range) / len(in_range), 100) if in_range else 100
    both = sum(said < 30 and true < 30 for said, true in pairs)
    either = sum((said < 30) + (true < 30) for said, true in pairs)
    f1 = Fraction(2 * both, either) if either else 0
    expected = (1 - Fraction(mae) / 100) / 2 + f1 * (1 - Fraction(range_mae) / 100) / 2
    assert mixed_score(*sides) == pytest.approx(float(expected), **EXACT)


NAMES = ["Am", "m6A", "Psi", "AtoI"]
SCORED = st.dictionaries(st.sampled_from(NAMES), NUMBERS | st.sampled_from([math.inf, -math.inf]))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(SCORED, st.sets(st.sampled_from(NAMES))), min_size=1))
def test_auc(table: list[tuple[dict[str, float], set[str]]]) -> None:
    areas = []
    for name in NAMES:
        scores = [(said.get(name, -math.inf), name in true) for said, true in table]
        pairs = [(a > b) + (a == b) / 2 for a, hit in scores if hit for b, other in scores if not other]
        areas += [sum(pairs) / len(pairs)] if pairs else []
    expected = sum(areas) / len(areas) if areas else 0.5
    assert auc(*map(list, zip(*table, strict=True))) == pytest.approx(expected, **EXACT)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(SCORED, st.sets(st.sampled_from(NAMES), min_size=1)), min_size=1))
def test_fmax(table: list[tuple[dict[str, float], set[str]]]) -> None:
    best = Fraction(0)
    for threshold in {score for said, _ in table for score in said.values()}:
        chosen = [({name for name, score in said.items() if score >= threshold}, true) for said, true in table]
        precisions = [Fraction(len(said & true), len(said)) for said, true in chosen if said]
        precision = sum(precisions) / len(precisions)
        recall = sum(Fraction(len(said & true), len(true)) for said, true in chosen) / len(table)
        best = max(best, 2 * precision * recall / (precision + recall) if precision + recall else best)
    assert fmax(*map(list, zip(*table, strict=True))) == pytest.approx(float(best), **EXACT)


@pytest.mark.parametrize("metric", [auc, fmax, mcc, mixed_score, pcc, r2, spearman])
def test_nothing_has_no_score(metric: Callable) -> None:
    with pytest.raises(ValueError, match="at least one|give one"):
        metric([], [])


def test_no_rows_are_no_tasks() -> None:
    assert biology_instructions([], [], []) == {}
