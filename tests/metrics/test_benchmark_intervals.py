"""The vectorised bootstrap against the metric modules, a plain loop, and intervals that are known."""

import numpy as np
import pytest

from dataset_builder.tasks import TASKS
from metrics.benchmark.intervals import BY_SUMS, interval, rank_correlation, replicates
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
