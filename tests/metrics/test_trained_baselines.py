"""Baselines that are trained on the train split: counts against a plain loop, signal found, strands, files."""

import json
import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dataset_builder.tasks import TASKS
from metrics.benchmark.evaluation import score
from metrics.benchmark.predictions import SCHEMA
from metrics.benchmark.stored import EvaluationError
from metrics.benchmark.trained.baselines import answers, scaled
from metrics.benchmark.trained.features import composition, profiles
from metrics.benchmark.trained.folders import NAMES, folder_of
from metrics.benchmark.trained.kmers import ALPHABETS, kmer_counts
from metrics.benchmark.trained.linear import PENALTIES, logistic, ridge
from metrics.benchmark.trained.run import write_baselines
from metrics.benchmark.trained.sample import read, training_rows
from metrics.parsing import Parsed, parse


def reverse_complement(sequence: str) -> str:
    return sequence[::-1].translate(str.maketrans("ACGT", "TGCA"))


@pytest.mark.parametrize(
    ("molecule", "letters"), [("dna", "ACGTN"), ("rna", "ACGU"), ("protein", "ACDEFGHIKLMNPQRSTVWYX")]
)
def test_counts_are_those_of_a_plain_loop(molecule: str, letters: str) -> None:
    random = np.random.default_rng(0)
    sequences = ["".join(random.choice(list(letters), n)) for n in (1, 2, 40, 0, 7)]
    alphabet, found = ALPHABETS[molecule], kmer_counts(sequences, molecule, range(1, 4)).toarray()
    words = [""]
    columns = []
    for _ in range(3):
        words = [word + letter for word in words for letter in alphabet]
        columns += words
    for sequence, row in zip(sequences, found, strict=True):
        text = sequence.replace("U", "T")
        assert row.tolist() == [sum(text.startswith(word, i) for i in range(len(text))) for word in columns]


def test_both_strands_look_alike_where_the_strand_does_not_matter() -> None:
    random = np.random.default_rng(1)
    strands = ["".join(random.choice(list("ACGT"), 60)) for _ in range(5)]
    others = list(map(reverse_complement, strands))
    for features in (composition, profiles):
        free, bound = TASKS["enhancer_activity"], TASKS["core_promoter"]
        assert features([strands], free).toarray() == pytest.approx(features([others], free).toarray(), abs=1e-6)
        assert not np.allclose(features([strands], bound).toarray(), features([others], bound).toarray())


@pytest.mark.parametrize("rows", [20, 200])
def test_ridge_is_that_of_scikit_learn(rows: int) -> None:
    from scipy import sparse
    from sklearn.linear_model import Ridge

    random = np.random.default_rng(2)
    x, new = (sparse.csr_matrix(random.random((n, 50)) * (random.random((n, 50)) < 0.3)) for n in (rows, 9))
    y = random.random((rows, 3))
    for penalty, (setting, (found,)) in zip(PENALTIES, ridge(x, y, [new]), strict=True):
        assert setting == {"penalty": penalty}
        assert found == pytest.approx(Ridge(penalty).fit(x.toarray(), y).predict(new.toarray()), abs=1e-8)


def test_logistic_regression_goes_on_until_it_has_the_solution() -> None:
    """Of shares of letters, that hardly vary, and of a length: another solver finds the same probabilities."""
    from sklearn.linear_model import LogisticRegression

    random, task = np.random.default_rng(3), TASKS["ncrna_family"]
    y = np.arange(600) % 4
    lengths = random.integers(200, 260, 600) + 5 * y
    sequences = ["".join(random.choice(list("ACGU"), n, p=[0.28, 0.24, 0.23, 0.25])) for n in lengths]
    (features,) = scaled([composition([sequences], task)])
    for setting, (found,) in logistic(features, y, [features]):
        exact = LogisticRegression(C=setting["C"], solver="newton-cholesky", tol=1e-8).fit(features.toarray(), y)
        assert found == pytest.approx(exact.predict_proba(features.toarray()), abs=1e-4)


ONE_OF_EACH_KIND = [
    *("enhancer_activity", "tf_binding_human", "ncrna_family", "rna_modification", "ec_number"),
    *("thermostability", "antibody_antigen", "rna_protein", "sirna_efficiency"),
]


def rows_of(folder: Path, name: str) -> list[dict]:
    """The predictions of one baseline."""
    return pq.read_table(folder / folder_of(name) / "predictions.parquet").to_pylist()


@pytest.fixture(scope="module")
def baselines(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("baselines")
    write_baselines(str(dataset), out, ONE_OF_EACH_KIND)
    return out


def test_every_task_is_answered_in_its_own_words(baselines: Path) -> None:
    results = json.loads((baselines / "results.json").read_text())
    assert list(results["tasks"]) == ONE_OF_EACH_KIND
    for name in NAMES:
        rows = rows_of(baselines, name)
        assert {row["task"] for row in rows} == set(ONE_OF_EACH_KIND)
        for row in rows:
            assert parse(row["answer"], TASKS[row["task"]]) == Parsed(json.loads(row["answer"]), "ok"), row["id"]
            assert bool(row["expected"]) != bool(row["label_scores"])


def test_a_planted_signal_is_found(baselines: Path) -> None:
    tasks = json.loads((baselines / "results.json").read_text())["tasks"]
    gains = [result["value"] - result["baselines"]["constant"]["value"] for result in tasks.values()]
    assert np.median(gains) > 0.2


def test_labels_of_the_rows_asked_change_no_answer(dataset: Path, baselines: Path, tmp_path: Path) -> None:
    turned = tmp_path / "turned"
    shutil.copytree(dataset, turned)
    for path in (turned / "data").glob("*/test-*.parquet"):
        table = pq.read_table(path)
        place = table.column_names.index("label")
        pq.write_table(table.set_column(place, "label", [table["label"].to_pylist()[::-1]]), path)
    some = ["ncrna_family", "thermostability", "rna_protein"]
    write_baselines(str(turned), tmp_path / "out", some)
    for name in NAMES:
        before, after = (
            {
                row["id"]: row["answer"]
                for row in pq.read_table(path / folder_of(name) / "predictions.parquet").to_pylist()
            }
            for path in (baselines, tmp_path / "out")
        )
        assert after == {row: answer for row, answer in before.items() if row.split("/")[0] in some}


def test_they_stand_above_a_model_scored_on_fewer_rows(dataset: Path, baselines: Path, tmp_path: Path) -> None:
    rows = [row for row in rows_of(baselines, "composition") if row["task"] == "ncrna_family"][:10]
    theirs = tmp_path / "theirs.parquet"
    pq.write_table(pa.Table.from_pylist([row | {"model": "theirs", "revision": "1"} for row in rows], SCHEMA), theirs)
    results = score(theirs, str(dataset), tmp_path, baselines=baselines)["tasks"]["ncrna_family"]
    assert list(results["baselines"]) == ["empty", "constant", *NAMES]
    assert results["baselines"]["composition"]["value"] == results["value"]
    learned = results["baselines"]["k-mer regression"]["learned"]
    assert learned["train_rows"] == learned["train_rows_there"] and "C" in learned["chosen"]
    other = tmp_path / "other"
    other.mkdir()
    with pytest.raises(EvaluationError, match="cannot read"):
        score(theirs, str(dataset), tmp_path, baselines=other)


def test_a_large_train_split_is_sampled_by_hash(dataset: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from metrics.benchmark.trained import sample

    task = TASKS["protein_stability"]
    whole = training_rows(str(dataset), task)
    assert len(whole.rows) == whole.of > 40
    monkeypatch.setattr(sample, "SHOWN", 10)
    monkeypatch.setattr(sample, "LETTERS", 1_000)
    part = training_rows(str(dataset), task)
    assert part.of == whole.of and sum(map(len, part.molecules[0])) == pytest.approx(1_000, rel=0.2)
    ids = set(part.rows["id"].to_pylist())
    assert ids == set(read(str(dataset), task, "train", len(ids)).rows["id"].to_pylist())
    assert ids < set(whole.rows["id"].to_pylist())


def test_molecules_of_one_kind_are_told_apart(dataset: Path) -> None:
    rows = read(str(dataset), TASKS["enhancer_promoter"], "train")
    lengths = [{len(sequence) for sequence in sequences} for sequences in rows.molecules]
    assert all(len(each) == 1 for each in lengths) and lengths[0] != lengths[1]


def test_without_validation_the_middle_settings_are_taken(dataset: Path) -> None:
    for name, chosen in {
        "rna_modification": [{"penalty": 10.0, "threshold": 0.2}] * 2 + [{"neighbours": 5, "threshold": 0.2}],
        "tf_binding_human": [{"C": 10.0, "converged": True}] * 2 + [{"neighbours": 5}],
    }.items():
        task = TASKS[name]
        splits = [read(str(dataset), task, split) for split in ("train", "test")]
        found = [said.about for _, said in answers(task, splits[0], None, splits[1])]
        assert [about["chosen"] for about in found] == chosen and {about["validation"] for about in found} == {None}
