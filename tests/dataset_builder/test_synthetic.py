"""The synthetic upstream files: the same for the same seed, readable by every source module, with signals to learn."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from dataset_builder.build import CORPORA, SYNTHETIC
from dataset_builder.files import SourceError, Sources
from dataset_builder.synthetic import LAYOUTS, write
from dataset_builder.synthetic.signals import SIGNALS, reverse_complement
from dataset_builder.tasks import SPLITS, TASKS
from tests.dataset_builder.reading import read_corpus, read_splits


ROWS = 200


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("synthetic") / "sources"
    write(folder, rows=ROWS)
    return folder


@pytest.fixture(scope="module")
def splits(root) -> dict[str, dict[str, pa.Table]]:
    """The accepted rows of every task and split."""
    read = {task.id: read_splits(task, Sources(root)) for task in TASKS.values()}
    assert not [row for _, rejected in read.values() for row in rejected if row.malformed]
    return {task_id: tables for task_id, (tables, _) in read.items()}


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_same_seed_same_bytes(root, tmp_path):
    write(tmp_path / "again", rows=ROWS)
    assert contents(tmp_path / "again") == contents(root)


def test_another_seed_changes_every_task(root, tmp_path):
    write(tmp_path / "other", rows=ROWS, seed=1)
    first, second = contents(root), contents(tmp_path / "other")
    assert first.keys() == second.keys()
    changed = {name.split("/")[0] for name in first if first[name] != second[name]}
    assert changed == {*TASKS, *CORPORA, SYNTHETIC}


def test_sequences_are_not_shared_between_tasks(splits):
    """Every task draws from a stream of its own."""
    sequences = [set(tables["train"]["sequence"].to_pylist()) for tables in splits.values()]
    assert len(set.union(*sequences)) == sum(map(len, sequences))


@pytest.mark.parametrize("task_id", TASKS)
def test_every_split_has_its_rows(splits, task_id):
    sizes = {split: len(rows) for split, rows in splits[task_id].items()}
    assert list(sizes) == list(SPLITS)
    assert sizes["train"] == pytest.approx(ROWS, rel=0.25)
    assert min(sizes.values()) >= ROWS // 10
    assert set(splits[task_id]["train"]["subtask"].to_pylist()) <= set(TASKS[task_id].subtasks or [""])


def test_every_file_is_read_and_none_is_missing(root):
    sources = Sources(root)
    for task in TASKS.values():
        read_splits(task, sources)
    for corpus in CORPORA:
        read_corpus(corpus, sources)
    assert sources.missing == []
    assert sources.used == {path for path in root.rglob("*") if path.is_file() and path.name != SYNTHETIC}


@pytest.mark.parametrize("corpus", CORPORA)
def test_corpora_are_read(root, corpus):
    texts = list(read_corpus(corpus, Sources(root)).values())
    assert len(texts) >= ROWS // 10
    assert len(set(texts)) == len(texts)


def test_only_human_rna_is_kept(root):
    written = (root / "pretrain_rna" / "rnacentral_species_specific_ids.fasta").read_text().count(">")
    ids = list(read_corpus("pretrain_rna", Sources(root)))
    assert len(ids) == 0.9 * written
    assert all(name.endswith("_9606") for name in ids)


def test_names_say_synthetic(root):
    fasta = [text for name, text in contents(root).items() if name.endswith((".fa", ".fasta"))]
    headers = [line for text in fasta for line in text.splitlines() if line.startswith(b">")]
    assert headers
    assert all(b"synthetic" in header for header in headers)
    assert "SYNTHETIC" in (root / SYNTHETIC).read_text()
    assert LAYOUTS.keys() == {*TASKS, *CORPORA}


def counts(rows: pa.Table, task_id: str) -> dict[str, np.ndarray]:
    """How often the words of each signal are in the sequences; of a pair, each signal in its own molecule."""
    columns = [rows[name].to_pylist() for name in ("sequence", "sequence_2") if name in rows.column_names]
    if task_id == "sirna_efficiency":
        columns = columns[:1]
    if task_id == "enhancer_promoter":  # rows have the promoter first
        columns = columns[::-1]
    signals = SIGNALS[task_id].items()
    each = zip(signals, columns, strict=True) if len(columns) == 2 else ((item, columns[0]) for item in signals)
    return {name: np.array([signal.count(text) for text in column]) for (name, signal), column in each}


def labels(rows: pa.Table, task_id: str) -> dict[str, np.ndarray]:
    """One array of numbers per field or class, or `positive`."""
    values = rows["label"].to_pylist()
    if TASKS[task_id].kind == "binary":
        return {"positive": np.array(values, dtype=float)}
    if TASKS[task_id].kind == "regression":
        return {field.name: np.array([value[field.name] for value in values]) for field in TASKS[task_id].fields}
    names = [[value] if isinstance(value, str) else value for value in values]
    return {name: np.array([float(name in row) for row in names]) for name in SIGNALS[task_id]}


@pytest.mark.parametrize("task_id", TASKS)
def test_labels_follow_the_planted_words(splits, task_id):
    """The documented rule correlates with the labels, and never perfectly."""
    rows = splits[task_id]["train"]
    expected, measured = counts(rows, task_id), labels(rows, task_id)
    if TASKS[task_id].kind == "binary":
        together = np.all if len(TASKS[task_id].molecules) == 2 else np.any
        expected = {"positive": together([count > 0 for count in expected.values()], axis=0)}
        assert 0.4 < measured["positive"].mean() < 0.6
    for name, count in expected.items():
        correlation = abs(np.corrcoef(count, measured[name])[0, 1])
        assert 0.6 < correlation < 0.99, name


def test_an_sirna_with_its_site_in_the_target_leaves_less(splits):
    remaining: dict[bool, list[float]] = {True: [], False: []}
    for row in splits["sirna_efficiency"]["train"].to_pylist():
        remaining[reverse_complement(row["sequence"]) in row["sequence_2"]].append(row["label"]["value"])
    assert 0.4 < len(remaining[True]) / len(splits["sirna_efficiency"]["train"]) < 0.6
    assert np.mean(remaining[True]) < np.mean(remaining[False]) - 10


@pytest.mark.parametrize("task_id", TASKS)
def test_a_kmer_model_beats_chance(splits, task_id):
    """Ridge regression on k-mer counts: its predictions for held-out rows correlate with the labels."""
    from scipy.sparse import hstack
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import Ridge

    train = splits[task_id]["train"]
    test = pa.concat_tables([splits[task_id]["validation"], splits[task_id]["test"]])
    features = []
    for column in ("sequence", "sequence_2")[: len(TASKS[task_id].molecules)]:
        kmers = CountVectorizer(analyzer="char", ngram_range=(1, 6), lowercase=False, min_df=2)
        features.append([kmers.fit_transform(train[column].to_pylist()), kmers.transform(test[column].to_pylist())])
    known, new = (hstack(part).astype(float) for part in zip(*features, strict=True))
    truth = labels(test, task_id)
    model = Ridge(alpha=30.0).fit(known, np.stack(list(labels(train, task_id).values()), axis=1))
    predicted = model.predict(new).reshape(len(test), -1).T
    pairs = zip(truth.values(), predicted, strict=True)
    correlation = np.mean([np.corrcoef(values, guesses)[0, 1] for values, guesses in pairs])
    assert 0.3 < correlation < 0.97


def test_what_others_made_is_left_alone(tmp_path):
    (tmp_path / "real.csv").write_text("sequence,label\n")
    with pytest.raises(SourceError, match=r"SYNTHETIC\.txt"):
        write(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["real.csv"]


def test_a_folder_written_earlier_is_replaced(root, tmp_path):
    write(tmp_path / "sources", rows=50)
    write(tmp_path / "sources", rows=ROWS)
    assert contents(tmp_path / "sources") == contents(root)
    assert [path.name for path in tmp_path.iterdir()] == ["sources"]


def test_too_few_rows(tmp_path):
    with pytest.raises(SourceError, match="at least 50"):
        write(tmp_path / "sources", rows=49)


def test_fifty_rows_fill_every_split(tmp_path):
    write(tmp_path / "sources", rows=50)
    for task in TASKS.values():
        tables, rejected = read_splits(task, Sources(tmp_path / "sources"))
        assert list(tables) == list(SPLITS)
        assert not [row for row in rejected if row.malformed]
