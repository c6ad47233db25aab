"""Two models on the same rows, and the means over tasks."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dataset_builder.tasks import TASKS
from metrics.__main__ import main
from metrics.benchmark.compare import compare
from metrics.benchmark.data import rows_to_ask
from metrics.benchmark.evaluation import score
from metrics.benchmark.means import Share, means
from metrics.benchmark.measuring import Measurement
from metrics.benchmark.stored import EvaluationError
from tests.metrics.benchmark_inputs import LABELS, write_dataset


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dataset(tmp_path_factory.mktemp("dataset"))


def answered(dataset: Path, path: Path, wrong: float, model: str, tasks: list[str] | None = None) -> Path:
    """Predictions that are the label, or that of another row of the task."""
    random, parts = np.random.default_rng(7), []
    for table in rows_to_ask(str(dataset), tasks).values():
        labels = np.array(table["label"].to_pylist())
        answers = np.where(random.random(len(table)) < wrong, random.permutation(labels), labels)
        parts.append(table.drop_columns("prompt").append_column("answer", pa.array(answers.tolist())))
    table = pa.concat_tables(parts)
    for name, value in {"model": model, "revision": "main", "decoding": "{}"}.items():
        table = table.append_column(name, pa.repeat(value, len(table)))
    path.parent.mkdir(exist_ok=True)
    pq.write_table(table, path)
    return path


@pytest.fixture(scope="module")
def files(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("answers")
    good = answered(dataset, folder / "good" / "predictions.parquet", 0.2, "good")
    return good, answered(dataset, folder / "bad" / "predictions.parquet", 0.9, "bad")


def test_differences_are_those_of_the_two_scores(dataset: Path, files: tuple[Path, Path], tmp_path: Path) -> None:
    found = compare(files[0].parent, files[1], str(dataset), tmp_path)
    assert json.loads((tmp_path / "comparison.json").read_text()) == found
    good, bad = (score(path, str(dataset), tmp_path) for path in files)
    assert list(found["tasks"]) == list(good["tasks"])
    for name, entry in found["tasks"].items():
        parts = {"": entry, **entry["subtasks"]}
        for part, one in parts.items():
            ours, theirs = (
                side["tasks"][name]["subtasks"][part] if part else side["tasks"][name] for side in (good, bad)
            )
            assert (one["first"], one["second"], one["n"]) == (ours["value"], theirs["value"], ours["n"])
            assert one["interval"][0] <= one["difference"] == ours["value"] - theirs["value"] <= one["interval"][1]
    for kind in ("plain", "scaled"):
        one = found["means"][kind]
        assert one["tasks"] == len(LABELS) and one["p"] < 0.01 and one["interval"][0] > 0
        assert one["first"] == pytest.approx(good["means"]["model"][kind]["value"])
        assert one["second"] == pytest.approx(bad["means"]["model"][kind]["value"])


def test_turned_around_the_sign_changes_and_alone_nothing_differs(
    dataset: Path, files: tuple[Path, Path], tmp_path: Path
) -> None:
    there, back = (compare(*pair, str(dataset), tmp_path)["tasks"] for pair in (files, files[::-1]))
    for name, entry in there.items():
        assert entry["difference"] == -back[name]["difference"]
        assert entry["interval"] == pytest.approx([-bound for bound in back[name]["interval"][::-1]])
        assert entry["p"] == back[name]["p"]
    for entry in compare(files[0], files[0], str(dataset), tmp_path)["tasks"].values():
        assert (entry["difference"], entry["p"], entry["smallest_difference"]) == (0, 1, 0)


def test_models_that_err_on_the_same_rows_are_told_apart_sooner(dataset: Path, tmp_path: Path) -> None:
    table = pq.read_table(answered(dataset, tmp_path / "one.parquet", 0.5, "one", ["ncrna_family"]))
    answers, labels = (np.array(table[name].to_pylist()) for name in ("answer", "label"))
    answers[np.flatnonzero(answers != labels)[:3]] = labels[np.flatnonzero(answers != labels)[:3]]
    other = table.set_column(table.column_names.index("answer"), "answer", [answers.tolist()])
    other = other.set_column(other.column_names.index("model"), "model", [["two"] * len(other)])
    pq.write_table(other, tmp_path / "two.parquet")
    paths = [tmp_path / name for name in ("two.parquet", "one.parquet")]
    paired = compare(*paths, str(dataset), tmp_path)["tasks"]["ncrna_family"]["smallest_difference"]
    alone = score(paths[0], str(dataset), tmp_path)["tasks"]["ncrna_family"]["smallest_difference"]
    assert 0 < paired < alone / 2


def test_rows_of_only_one_are_left_out_and_said(
    dataset: Path,
    files: tuple[Path, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
) -> None:
    some = pq.read_table(files[1])
    some = some.filter(pa.array([row != "ncrna_family/test/3" for row in some["id"].to_pylist()]))
    pq.write_table(some, tmp_path / "some.parquet")
    arguments = [str(files[0]), str(tmp_path / "some.parquet"), "--dataset", str(dataset), "--out", str(tmp_path)]
    monkeypatch.setattr("sys.argv", ["metrics", "compare", *arguments])
    main()
    assert "ncrna_family: 1 rows that only one of the two answered are left out" in capsys.readouterr().out


def test_nothing_in_common_is_an_error(dataset: Path, tmp_path: Path) -> None:
    paths = [
        answered(dataset, tmp_path / f"{name}.parquet", 0, "m", [name]) for name in ("ncrna_family", "promoter_300")
    ]
    with pytest.raises(EvaluationError, match="answer no row both"):
        compare(*paths, str(dataset), tmp_path)


def share(value: float | None, trivial: float, replicates: list[float] | None) -> Share:
    both = (None, None) if replicates is None else (np.array(replicates), np.full(len(replicates), trivial))
    return Share(*(Measurement({"value": one}, each) for one, each in zip((value, trivial), both, strict=True)))


def test_means_say_how_many_tasks_they_are_over() -> None:
    found = means([share(0.75, 0.5, [0.7, 0.8]), share(0.1, 0, [0.1, 0.1]), share(1, 1, [1, 1]), share(None, 0, None)])
    assert found["plain"]["value"] == pytest.approx((0.75 + 0.1 + 1) / 3) and found["plain"]["tasks"] == 3
    assert found["scaled"]["value"] == pytest.approx((0.5 + 0.1) / 2) and found["scaled"]["tasks"] == 2
    assert found["scaled"]["standard_error"] == pytest.approx(np.std([0.25, 0.35], ddof=1))
    unknown = means([share(0.5, 0, [0.5, 0.5]), share(0.5, 0, None)])["plain"]
    assert (unknown["value"], unknown["interval"], unknown["tasks"]) == (0.5, None, 2)
    assert means([])["plain"] == {"value": None, "interval": None, "standard_error": None, "tasks": 0}


def test_trivial_is_zero_and_perfect_is_one_in_results(dataset: Path, tmp_path: Path) -> None:
    perfect = score(answered(dataset, tmp_path / "p.parquet", 0, "perfect"), str(dataset), tmp_path)["means"]["model"]
    assert perfect["plain"]["value"] == perfect["scaled"]["value"] == pytest.approx(1)
    table = pq.read_table(tmp_path / "p.parquet")
    silent = table.set_column(table.column_names.index("answer"), "answer", [[""] * len(table)])
    pq.write_table(silent, tmp_path / "s.parquet")
    found = score(tmp_path / "s.parquet", str(dataset), tmp_path)["means"]["model"]
    assert found["scaled"]["value"] == 0 and found["scaled"]["interval"] == [0, 0]
    assert found["plain"]["value"] > 0 and found["plain"]["tasks"] == len(LABELS) < len(TASKS)
