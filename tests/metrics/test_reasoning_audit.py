"""The audit from the command line: of a dataset's own reasoning answers, and of a model's predictions."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from dataset_builder.tasks import REASONING_SYSTEM_PROMPT
from metrics.bench_reasoning import CAUGHT, CLEAN, chosen, confusion
from metrics.benchmark.data import rows_to_ask
from metrics.benchmark.predictions import PREDICTIONS, write_predictions
from metrics.benchmark.stored import EvaluationError
from metrics.reasoning.audit import AUDIT, FINDINGS, audit, render, written
from metrics.reasoning.findings import FAITHFUL
from metrics.reasoning.planting import ERRORS


TASK = "promoter_300"
FALSE = "It has 999 nucleotides."


def test_the_datasets_own_answers_are_faithful_and_plain_rows_left_out(dataset: Path, tmp_path: Path) -> None:
    results = audit(str(dataset), tmp_path, explain=True)
    rows = pq.read_table(dataset / "reasoning" / "train-00000-of-00001.parquet").to_pylist()
    reasoned = [row for row in rows if row["prompt"][0]["content"] == REASONING_SYSTEM_PROMPT]
    assert results["all"]["n"] == len(reasoned) and results["plain_rows"] == len(rows) - len(reasoned)
    assert (tmp_path / FINDINGS).read_text() == "" and results["all"]["faithful"]["share"] == 1
    assert json.loads((tmp_path / AUDIT).read_text()) == results
    assert sum(entry["n"] for entry in results["tasks"].values()) == len(reasoned)


def test_the_answers_of_a_model_are_joined_with_their_rows(dataset: Path, tmp_path: Path) -> None:
    rows = rows_to_ask(str(dataset), [TASK])[TASK]
    said = {"positive": "So this is a promoter: yes.", "negative": "So this is not a promoter: no."}
    known = {
        row["id"]: {"answer": f"{FALSE if i == 0 else 'The sequence was read.'} {said[json.loads(row['label'])]}"}
        for i, row in enumerate(rows.to_pylist())
    }
    about = {"model": "m", "revision": None, "backend": None, "prompt": None, "decoding": {}}
    about["dataset"] = {"name": None, "digest": None, "config": None, "split": "test"}
    write_predictions(tmp_path, rows, known, about)
    results = audit(str(dataset), tmp_path / "out", predictions=tmp_path / PREDICTIONS, explain=True)
    assert (results["all"]["n"], results["all"]["wrong fact"]["count"]) == (len(rows), 1)
    [line] = map(json.loads, (tmp_path / "out" / FINDINGS).read_text().splitlines())
    assert line["id"] == rows["id"][0].as_py() and line["findings"][0]["kind"] == "length"
    assert f"{TASK} " in render(results)


def test_planted_errors_are_caught_and_clean_answers_are_not_refused(dataset: Path) -> None:
    found = confusion(chosen(written(str(dataset))[1], 66))
    clean = found.pop(CLEAN)
    assert clean.total() == clean[FAITHFUL] == sum(statuses.total() for statuses in found.values())
    assert set(found) == set(ERRORS)
    assert sum(statuses[FAITHFUL] for statuses in found.values()) <= (1 - CAUGHT) * clean.total()


def test_a_dataset_without_reasoning_is_named(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="cannot open the dataset"):
        audit(str(tmp_path / "nowhere"), tmp_path)
