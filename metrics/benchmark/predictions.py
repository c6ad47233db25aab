"""Answers, kept as they come so that a killed evaluation goes on where it was, and predictions.parquet at the end."""

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from dataset_builder.journal import read_lines
from metrics.benchmark.asking import Batch
from metrics.benchmark.stored import EvaluationError, one_line


PREDICTIONS = "predictions.parquet"
SCHEMA = pa.schema(
    {
        "id": pa.string(),
        "task": pa.string(),
        "subtask": pa.string(),
        "label": pa.string(),
        "answer": pa.string(),
        "label_scores": pa.map_(pa.string(), pa.float64()),  # log-probability of every label
        "expected": pa.map_(pa.string(), pa.float64()),  # expected value of every number of a regression label
        "answer_mass": pa.float64(),  # probability of all answers together that the scores are over
        "model": pa.string(),
        "revision": pa.string(),
        "decoding": pa.string(),
        "backend": pa.string(),
        "prompt_format": pa.string(),
        "prompt_tokens": pa.int32(),
        "answer_tokens": pa.int32(),
        "finish_reason": pa.string(),
        "refusal": pa.string(),
        "served_as": pa.string(),
        "cost": pa.float64(),
    }
)
REQUIRED = ("id", "task", "subtask", "label", "answer", "model", "revision", "decoding")
ABOUT = b"evaluation"  # key in the Parquet metadata: what results.json says about the generation, as JSON


def answers_path(out: Path, about: dict) -> Path:
    """The file of answers of one model revision to one dataset build, asked in one way: another one, another file."""
    dataset = about["dataset"]
    decisive = [about[name] for name in ("revision", "backend", "prompt", "decoding")]
    decisive += [dataset["config"], dataset["split"], dataset["digest"] or dataset["name"]]
    key = json.dumps(decisive, sort_keys=True)
    return out / f"answers-{hashlib.sha256(key.encode()).hexdigest()[:12]}.jsonl"


def part_of(path: Path, rank: int) -> Path:
    """The file of one of several processes that answer together."""
    return path if rank == 0 else path.with_suffix(f".{rank}.jsonl")


def read_answers(path: Path) -> tuple[dict, list[Batch], float]:
    """Of the files of all processes: an environment, all batches, and the seconds of the process that took longest."""
    parts = [read_part(part) for part in (path, *sorted(path.parent.glob(f"{path.stem}.*.jsonl")))]
    environments = [environment for environment, _ in parts if environment]
    seconds = [sum(batch.seconds for batch in batches) for _, batches in parts]
    return (environments or [{}])[0], [batch for _, batches in parts for batch in batches], max(seconds)


def read_part(path: Path) -> tuple[dict, list[Batch]]:
    """The environment that the last answers were made in, and all batches; empty without a file."""
    environment, batches = {}, []
    for record in read_lines(path):
        if "environment" in record:
            environment = record["environment"]
        else:
            batches.append(Batch(**record))
    return environment, batches


def by_row(batches: Iterable[Batch]) -> dict[str, dict]:
    """What is known of every row, by its id: `answer` and what `Batch.more` names; later batches add to earlier ones
    and replace what both have."""
    known: dict[str, dict] = {}
    for batch in batches:
        more = [dict(zip(batch.more, values, strict=True)) for values in zip(*batch.more.values(), strict=True)]
        for row, text, extra in zip(batch.ids, batch.answers, more or [{}] * len(batch.ids), strict=True):
            known.setdefault(row, {}).update({"answer": text, **extra})
    return known


def write_predictions(out: Path, rows: pa.Table, known: dict[str, dict], about: dict) -> None:
    """predictions.parquet: the rows with what is known of each (`by_row`); replaced at once."""
    same = {name: about[name] for name in ("model", "revision", "backend")}
    same |= {"decoding": json.dumps(about["decoding"]), "prompt_format": about["prompt"]}
    asked = rows.select(["id", "task", "subtask", "label"]).to_pylist()
    table = pa.Table.from_pylist([row | same | known[row["id"]] for row in asked], SCHEMA)
    partial = out / f".{PREDICTIONS}.partial"
    pq.write_table(table.replace_schema_metadata({ABOUT: json.dumps(about)}), partial, compression="zstd")
    os.replace(partial, out / PREDICTIONS)


def known_of(table: pa.Table) -> dict[str, dict]:
    """What a table of predictions says of every row, as of `by_row`; a missing answer is an empty one."""
    known = ("label_scores", "expected", "answer_mass")
    there = [name for name in known if name in table.column_names and table[name].null_count < len(table)]
    columns = [table["id"], table["answer"].fill_null(""), *(table[name] for name in there)]
    rows = zip(*(column.to_pylist() for column in columns), strict=True)
    return {row: dict(zip(("answer", *there), known, strict=True)) for row, *known in rows}


def read_predictions(path: Path) -> tuple[pa.Table, dict]:
    """The table, and what is known about its generation: from its metadata, or else from its columns.

    Raises:
        EvaluationError: no Parquet file, a column is missing, no row, an id stands twice, or the answers are of
            several models.
    """
    try:
        table = pq.read_table(path)
    except FileNotFoundError:
        raise EvaluationError(f"cannot read {path}: no such file") from None
    except (OSError, pa.ArrowInvalid) as error:
        raise EvaluationError(f"cannot read {path} as Parquet: {one_line(error)}") from error
    missing = [name for name in REQUIRED if name not in table.column_names]
    if missing:
        raise EvaluationError(
            f"{path} lacks the columns {', '.join(missing)}; give predictions.parquet of `python -m metrics evaluate`"
        )
    twice = [entry["values"] for entry in pc.value_counts(table["id"]).to_pylist() if entry["counts"] > 1]
    models = table.select(["model", "revision", "decoding"]).group_by(["model", "revision", "decoding"]).aggregate([])
    if twice or len(models) != 1:
        found = f"id {twice[0]!r} stands twice" if twice else f"{len(models)} combinations of model and decoding"
        raise EvaluationError(f"{path}: {found}; give one answer of one model to every row")
    stated = (table.schema.metadata or {}).get(ABOUT)
    if stated:
        return table, json.loads(stated)
    found, row = models.to_pylist()[0], table["id"][0].as_py()
    try:
        split, decoding = row.split("/")[1], json.loads(found["decoding"])
    except (IndexError, TypeError, ValueError) as error:
        raise EvaluationError(
            f"{path}: id {row!r} with decoding {found['decoding']!r}; ids are <task>/<split>/<row>, decoding is JSON"
        ) from error
    dataset = {"name": None, "digest": None, "config": None, "split": split}
    return table, {**found, "dataset": dataset, "prompt": None, "decoding": decoding}
