"""The vectorised bootstrap against the metric modules, a plain loop, and intervals that are known."""

import numpy as np
import pytest

from dataset_builder.tasks import TASKS
from metrics.benchmark.intervals import (
    BY_SUMS,
    interval,
    p_value,
    rank_correlation,
    replicates,
    smallest_difference,
    standard_error,
)
from metrics.scoring import metric_of


ROWS = 120
FUNCTIONS = {task.metric: metric_of(task) for task in TASKS.values()}
METRICS = sorted(FUNCTIONS)


def example(metric: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Predictions that agree with the references in part, with ties, rare classes and empty label sets."""
    random = np.random.default_rng(seed)

    def sets(least: int) -> np.ndarray:
        rows = [sorted(set(random.choice(list("abcdefgh"), size))) for size in random.integers(least, 4, ROWS)]
        return np.array([*rows, None], dtype=object)[:-1]

    if metric in ("mcc", "accuracy"):
        true = random.choice(["positive", "negative"], ROWS)
        other = random.choice(["positive", "negative"], ROWS)
    elif metric in ("auc", "fmax"):
        true, other = sets(1), sets(0)
    else:
        true, other = (random.integers(0, 1100, ROWS) / 10 for _ in range(2))
    return np.where(random.random(ROWS) < 0.4, true, other), true


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("seed", range(3))
def test_every_row_once_is_the_metric_itself(metric: str, seed: int) -> None:
    predicted, true = example(metric, seed)
    expected = FUNCTIONS[metric](list(predicted), list(true))
    if metric == "spearman":
        codes = [np.unique(numbers, return_inverse=True)[1] for numbers in (predicted, true)]
        found = rank_correlation(*codes, np.ones(ROWS))
    else:
        terms, of_sums = BY_SUMS[metric]
        found = of_sums(terms(predicted, true).sum(axis=1, keepdims=True))[0]
    assert found == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("metric", METRICS)
def test_replicates_are_distributed_as_those_of_a_plain_loop(metric: str) -> None:
    predicted, true = example(metric, 7)
    inputs = np.arange(ROWS) // 2  # two rows per input
    random = np.random.default_rng(1)
    loop = []
    for _ in range(200):
        drawn = random.integers(ROWS // 2, size=ROWS // 2)
        index = np.concatenate([2 * drawn, 2 * drawn + 1])
        loop.append(FUNCTIONS[metric](list(predicted[index]), list(true[index])))
    found = replicates(metric, [(predicted, true)], inputs, 4_000)
    error = np.std(loop) / np.sqrt(len(loop))
    assert np.mean(found) == pytest.approx(np.mean(loop), abs=4 * error)
    assert np.std(found) == pytest.approx(np.std(loop), rel=4 / np.sqrt(2 * len(loop)))


def test_interval_of_an_accuracy_is_the_binomial_one() -> None:
    right = np.arange(400) < 280
    low, high = interval("accuracy", [(right, np.ones(400, bool))], np.arange(400))
    half = 1.96 * np.sqrt(0.7 * 0.3 / 400)
    assert (low, high) == pytest.approx((0.7 - half, 0.7 + half), abs=0.006)


def test_interval_holds_the_true_value_of_most_samples() -> None:
    random = np.random.default_rng(5)
    held = 0
    for _ in range(200):
        x = random.normal(size=150)
        y = 0.5 * x + np.sqrt(0.75) * random.normal(size=150)
        low, high = interval("pcc", [(x, y)], np.arange(150), resamples=300)
        held += low <= 0.5 <= high
    assert 0.88 <= held / 200 <= 0.99


def test_a_copied_row_adds_no_certainty_and_order_no_difference() -> None:
    predicted, true = example("mcc", 3)
    inputs = np.arange(ROWS)
    once = interval("mcc", [(predicted, true)], inputs)
    twice = interval("mcc", [(np.tile(predicted, 2), np.tile(true, 2))], np.tile(inputs, 2))
    turned = interval("mcc", [(predicted[::-1], true[::-1])], inputs[::-1])
    assert once == pytest.approx(twice, abs=1e-12)
    assert once == pytest.approx(turned, abs=1e-12)


def test_fields_are_averaged_within_each_resample() -> None:
    predicted, true = example("pcc", 0)
    inputs = np.arange(ROWS)
    both = interval("pcc", [(predicted, true), (-predicted, true)], inputs)
    assert both == pytest.approx([0, 0], abs=1e-12)  # not the average of two intervals, which is wide


@pytest.mark.parametrize("metric", ["mcc", "pcc", "r2", "spearman"])
def test_constant_answers_and_single_rows_have_the_value_zero(metric: str) -> None:
    true = example(metric, 0)[1]
    constant = np.array(["negative"] * ROWS if metric == "mcc" else [0.1] * ROWS)
    assert interval(metric, [(constant, true)], np.arange(ROWS)) == [0.0, 0.0]
    assert interval(metric, [(constant[:1], true[:1])], np.arange(1)) == [0.0, 0.0]


@pytest.mark.parametrize("correlation", [0.0, 0.6])
def test_standard_errors_are_those_of_theory(correlation: float) -> None:
    """Not smaller by the square root of the number of resamples, as that of their mean is."""
    random, rows = np.random.default_rng(8), 300
    pearson, matthews = [], []
    for _ in range(60):
        x = random.normal(size=rows)
        y = correlation * x + np.sqrt(1 - correlation**2) * random.normal(size=rows)
        pearson.append(standard_error(replicates("pcc", [(x, y)], np.arange(rows), 200)))
        true = random.random(rows) < 0.5
        said = np.where(random.random(rows) < (1 + correlation) / 2, true, ~true)
        words = [np.where(side, "positive", "negative") for side in (said, true)]
        matthews.append(standard_error(replicates("mcc", [tuple(words)], np.arange(rows), 200)))
    # normal pairs; balanced classes, of which each is hit with (1 + correlation) / 2
    assert np.mean(pearson) == pytest.approx((1 - correlation**2) / np.sqrt(rows), rel=0.05)
    assert np.mean(matthews) == pytest.approx(np.sqrt((1 - correlation**2) / rows), rel=0.05)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("rows", [1, 2, 3])
def test_few_rows_have_finite_intervals_that_hold_the_value(metric: str, rows: int) -> None:
    predicted, true = (side[:rows] for side in example(metric, 4))
    low, high = interval(metric, [(predicted, true)], np.arange(rows))
    assert low <= high and np.isfinite([low, high]).all()
    if rows == 1:
        assert low == high == pytest.approx(FUNCTIONS[metric](list(predicted), list(true)), abs=1e-12)


@pytest.mark.parametrize("metric", ["pcc", "r2", "spearman", "mixed_score"])
@pytest.mark.parametrize("scale", [1e-300, 1e-9, 1e9, 1e300])
def test_extreme_numbers_have_the_intervals_of_plain_ones(metric: str, scale: float) -> None:
    predicted, true = example(metric, 2)
    found = interval(metric, [(predicted * scale, true)], np.arange(ROWS))
    assert np.isfinite(found).all()
    if metric != "mixed_score":
        assert found == pytest.approx(interval(metric, [(predicted, true)], np.arange(ROWS)), abs=1e-9)


@pytest.mark.parametrize("metric", ["pcc", "r2", "spearman"])
def test_numbers_that_are_all_but_equal_correlate_as_their_differences_do(metric: str) -> None:
    predicted, true = example(metric, 6)
    near = 1 + 1e-9 * np.round(predicted)
    plain = interval(metric, [(np.round(predicted), true)], np.arange(ROWS))
    assert interval(metric, [(near, true)], np.arange(ROWS)) == pytest.approx(plain, abs=1e-5)


def test_one_different_row_is_absent_from_a_third_of_the_resamples() -> None:
    predicted, true = np.full(50, 0.1), np.arange(50.0)
    predicted[-1] = 0.2
    found = replicates("pcc", [(predicted, true)], np.arange(50), 4_000)
    assert np.mean(found == 0) == pytest.approx((1 - 1 / 50) ** 50, abs=0.03)


def test_label_sets_without_any_label_have_the_area_of_chance() -> None:
    nothing = np.array([[], [], [], None], dtype=object)[:-1]
    assert interval("auc", [(nothing, nothing)], np.arange(3)) == [0.5, 0.5]


def test_p_values_of_equal_models_are_uniform_and_differences_are_found_at_their_power() -> None:
    random, rows, trials = np.random.default_rng(9), 200, 300
    error = np.sqrt(2 * 0.25 / rows)  # of the difference of two shares of about a half
    for shift, expected in ((0.0, 0.05), (smallest_difference(error, paired=True), 0.8)):
        found = 0
        for _ in range(trials):
            sides = [random.random(rows) < share for share in (0.5 + shift / 2, 0.5 - shift / 2)]
            both = [replicates("accuracy", [(side, np.ones(rows, bool))], np.arange(rows), 500) for side in sides]
            found += p_value(both[0] - both[1]) < 0.05
        assert found / trials == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / trials))


def test_a_p_value_is_never_zero_and_that_of_no_difference_is_one() -> None:
    assert p_value(np.zeros(1_000)) == 1
    assert p_value(np.ones(1_000)) == pytest.approx(2 / 1_001)
    assert smallest_difference(1.0) == pytest.approx(2.8016 * np.sqrt(2), abs=1e-3)
