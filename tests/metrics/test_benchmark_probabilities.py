"""Scores from probabilities: areas as scikit-learn has them, thresholds without test labels, calibration by hand."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import average_precision_score, matthews_corrcoef, roc_auc_score

from dataset_builder.tasks import TASKS
from metrics.benchmark.areas import area_replicates, areas, best_threshold, fmax_replicates
from metrics.benchmark.calibration import calibration
from metrics.benchmark.candidates import label_names
from metrics.benchmark.data import EvaluationError
from metrics.benchmark.evaluation import evaluate, score
from metrics.benchmark.probabilities import task_probabilities
from metrics.benchmark.table import render
from metrics.fmax.fmax import fmax
from tests.metrics.benchmark_inputs import write_dataset, write_model


TIED = arrays(np.int64, 30, elements=st.integers(0, 6))  # as scores: many ties


@given(scores=TIED, truth=arrays(bool, 30), weights=arrays(np.int64, (3, 30), elements=st.integers(0, 3)))
def test_areas_are_those_of_sklearn_with_ties_and_weights(scores, truth, weights) -> None:
    for roc, average, weight in zip(*areas(scores, truth, weights), weights, strict=True):
        standing = truth[weight > 0]
        if standing.any() and not standing.all():
            assert roc == pytest.approx(roc_auc_score(truth, scores, sample_weight=weight), abs=1e-9)
            assert average == pytest.approx(average_precision_score(truth, scores, sample_weight=weight), abs=1e-9)
        else:
            assert (roc, average) == (0.5, float(standing.any()))


@pytest.mark.filterwarnings("ignore:A single label")
@given(scores=TIED, truth=arrays(bool, 30))
def test_no_threshold_does_better_than_the_chosen_one(scores, truth) -> None:
    scores = scores / 6
    best = max(matthews_corrcoef(truth, scores >= cut) for cut in np.unique(scores))
    chosen = best_threshold(scores, truth)
    assert matthews_corrcoef(truth, scores >= chosen) == pytest.approx(best, abs=1e-9) or (best <= 0 and chosen == 0.5)


def test_calibration_by_hand() -> None:
    found = calibration(np.array([0.0, 0.02, 0.5, 0.5, 0.99, 1.0]), np.array([False, False, True, False, True, True]))
    assert [(part["n"], part["predicted"], part["observed"]) for part in found["bins"]] == [
        (2, pytest.approx(0.01), 0),
        (2, pytest.approx(0.5), 0.5),
        (2, pytest.approx(0.995), 1),
    ]
    assert found["ece"] == pytest.approx((2 * 0.01 + 0 + 2 * 0.005) / 6)


def test_probabilities_that_are_true_have_no_calibration_error() -> None:
    random = np.random.default_rng(0)
    probabilities = random.random(200_000)
    assert calibration(probabilities, random.random(200_000) < probabilities)["ece"] < 0.005
    assert calibration(probabilities, random.random(200_000) < 0.5)["ece"] > 0.2


def rows_with(task_id: str, labels: list) -> pa.Table:
    tag = TASKS[task_id].molecules[0]
    prompts = [[{"role": "user", "content": f"<{tag}>{'ACG'[i % 3] * (i + 1)}</{tag}>"}] for i in range(len(labels))]
    ids = [f"{task_id}/test/{i}" for i in range(len(labels))]
    columns = {"id": ids, "label": list(map(json.dumps, labels)), "prompt": prompts, "subtask": [""] * len(labels)}
    return pa.table(columns)


def test_intervals_hold_the_value_and_shrink_with_rows() -> None:
    random = np.random.default_rng(0)
    widths = []
    for n in (50, 800):
        truth = random.random((n, 2)) < 0.4
        scores = random.normal(size=(n, 2)) + truth
        inputs = np.arange(n)
        value = np.mean([areas(scores[:, k], truth[:, k]) for k in range(2)], axis=0)[:, 0]
        low, high = np.quantile(area_replicates(scores, truth, inputs), [0.025, 0.975], axis=1)
        assert (low < value).all() and (value < high).all()
        widths.append(high - low)
    assert (widths[1] < widths[0] / 2).all()


def test_a_class_that_a_resample_misses_does_not_count_in_it() -> None:
    truth = np.zeros((40, 2), dtype=bool)
    truth[::2, 0] = truth[0, 1] = True  # the only row of the second class is missing in a third of the resamples
    assert area_replicates(truth.astype(float), truth, np.arange(40)).min() == 1


def test_fmax_of_538_scores_is_that_of_whole_groups_of_ties() -> None:
    task, random = TASKS["ec_number"], np.random.default_rng(0)
    names = label_names(task)
    truth = [list(random.choice(names, size=2, replace=False)) for _ in range(60)]
    scores = random.integers(1, 30, (60, 538)) / 100  # hundreds of ties
    known = [
        {"label_scores": {name: np.log(p + 0.4 * (name in true)) for name, p in zip(names, row, strict=True)}}
        for row, true in zip(scores, truth, strict=True)
    ]
    found = task_probabilities(task, rows_with("ec_number", truth), known)["metrics"]["fmax"]
    assert found["value"] == pytest.approx(fmax([row["label_scores"] for row in known], truth), abs=1e-9)
    assert found["value"] == 1 and found["interval"] == [1, 1]
    hot = np.array([[name in true for name in names] for true in truth])
    flat = fmax_replicates(np.full((60, 538), 0.1), hot, np.arange(60), resamples=10)
    assert flat == pytest.approx(2 * 2 / 538 / (1 + 2 / 538))  # all labels of all proteins at once, or none


def test_every_label_of_a_modification_counts_alike() -> None:
    task = TASKS["rna_modification"]
    labels = [["m6A"], ["m6A", "Psi"], [], ["Psi"], []]
    # m6A is ranked without fault, Psi the wrong way round
    m6a, psi = [0.6, 0.5, 0.1, 0.2, 0.1], [0.1, 0.1, 0.3, 0.1, 0.3]
    known = [
        {"label_scores": {"m6A": np.log(a), "Psi": np.log(b), "none": np.log(1 - a - b)}, "answer_mass": 0.5}
        for a, b in zip(m6a, psi, strict=True)
    ]
    found = task_probabilities(task, rows_with("rna_modification", labels), known)
    assert found["metrics"]["auroc"]["value"] == pytest.approx((1 + 1 / 6) / 2)  # Psi: one pair of six is tied
    assert found["answer_mass"] == 0.5 and found["n"] == 5
    assert sum(part["n"] for part in found["calibration"]["bins"]) == 5


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    return str(write_model(tmp_path_factory.mktemp("model"))), str(write_dataset(tmp_path_factory.mktemp("dataset")))


@pytest.fixture(scope="module")
def both(folders: tuple[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("both")
    evaluate(*folders, out, limit=10, max_new_tokens=4, mode="both", validation=12)
    return out


def test_probabilities_stand_beside_generated_answers(folders: tuple[str, str], both: Path, tmp_path: Path) -> None:
    generated = evaluate(*folders, tmp_path, limit=10, max_new_tokens=4)
    results = json.loads((both / "results.json").read_text())
    for name, entry in results["tasks"].items():
        block = entry.pop("probabilities")
        assert entry == generated["tasks"][name]
        assert all(low <= high for low, high in (one["interval"] for one in block["metrics"].values()))
    assert "probabilities" not in generated["tasks"]["promoter_300"]
    table = pq.read_table(both / "predictions.parquet").to_pylist()
    for row in table:
        scores, expected = row["label_scores"], row["expected"]
        assert (scores is None) == (row["task"] == "enhancer_activity") == (expected is not None)
        assert 0 < row["answer_mass"] < 1
        if row["task"] in ("promoter_300", "antibody_antigen", "ncrna_family"):
            assert np.exp([value for _, value in scores]).sum() == pytest.approx(1)


def test_a_threshold_is_chosen_on_validation_and_kept_with_the_predictions(
    folders: tuple[str, str], both: Path, tmp_path: Path
) -> None:
    results = json.loads((both / "results.json").read_text())
    block = results["tasks"]["promoter_300"]["probabilities"]["metrics"]["mcc at threshold"]
    assert block["from"] == "validation" and 0 < block["n"] < 12  # without those of the sub-task `all`
    assert "mcc at threshold" not in results["tasks"]["antibody_antigen"]["probabilities"]["metrics"]  # no validation
    again = score(both / "predictions.parquet", folders[1], tmp_path)
    assert again["tasks"] == results["tasks"]
    assert "model, probabilities" in render(results) and "mcc at threshold" in render(results)


def test_ranked_answers_are_scored_like_written_ones(folders: tuple[str, str], both: Path, tmp_path: Path) -> None:
    results = evaluate(*folders, tmp_path, limit=10, mode="loglikelihood")
    assert results["decoding"] == {"strategy": "loglikelihood"}
    for entry in results["tasks"].values():
        assert entry["coverage"] == 1
    family = results["tasks"]["ncrna_family"]
    assert family["value"] == family["probabilities"]["metrics"]["accuracy"]["value"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"mode": "generate", "validation": 5}, "--validation chooses a threshold for --mode loglikelihood or both"),
        ({"mode": "both", "validation": 5, "split": "validation"}, "--validation chooses a threshold"),
    ],
)
def test_a_threshold_needs_probabilities_and_rows_that_are_not_scored(
    folders: tuple[str, str], tmp_path: Path, change: dict, message: str
) -> None:
    with pytest.raises(EvaluationError, match=message):
        evaluate(*folders, tmp_path / "out", **change)
