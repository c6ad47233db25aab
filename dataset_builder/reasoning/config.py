"""The config `reasoning`: argued answers by a backend and plain rows, in a dataset that is built or being built.

A backend takes the sample and returns the answers; `grounded` is the default and needs no model.
"""

import json
import os
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from dataset_builder.build import recover, replace
from dataset_builder.card import REASONING, replace_text, write_card
from dataset_builder.files import SourceError
from dataset_builder.manifest import MANIFEST, dataset_digest
from dataset_builder.reasoning.sample import REASONING_ROWS, Sample, draw_sample
from dataset_builder.shards import write_parquet
from dataset_builder.units import describe


@dataclass(frozen=True)
class Answers:
    """What a backend returns.

    Attributes:
        rows: argued rows, in the schema of the dataset.
        numbers: their row numbers in the sample.
        record: what reasoning.json says of the backend: `backend`, whose words are in card.yaml, `how` in a few words,
            and `rejected`, counts by reason.
    """

    rows: pa.Table
    numbers: np.ndarray
    record: dict


Backend = Callable[[Sample], Answers]


def write_reasoning(folder: Path, seed: int, backend: Backend) -> dict:
    """reasoning/train-… and reasoning.json of a dataset folder; the record, or nothing without validation rows."""
    made = make_reasoning(folder, seed, backend)
    if made is None:
        return {}
    put_reasoning(folder, *made)
    return made[1]


def make_reasoning(
    folder: Path, seed: int, backend: Backend, most: int = REASONING_ROWS
) -> tuple[pa.Table, dict] | None:
    """Rows and record, from the validation rows of a dataset folder; None where it has none.

    Args:
        most: argued rows, at most; plain ones are in proportion.
    """
    sample = draw_sample(folder, seed, most)
    if sample is None:
        return None
    answers = backend(sample)
    plain = sample.take(sample.plain(answers.numbers))
    record = answers.record | {
        "accepted": len(answers.rows),
        "tasks": dict(sorted(Counter(answers.rows["task"].to_pylist()).items())),
        "plain": dict(sorted(Counter(plain["task"].to_pylist()).items())),
    }
    return pa.concat_tables([answers.rows, plain]), record


def put_reasoning(folder: Path, rows: pa.Table, record: dict) -> None:
    """Write them."""
    write_parquet(rows, folder / "reasoning" / "train-00000-of-00001.parquet")
    replace_text(folder / REASONING, json.dumps(record, indent=1, ensure_ascii=False) + "\n")


def rewrite(dataset: Path, backend: Backend, most: int = REASONING_ROWS) -> dict:
    """Put other reasoning rows into a built dataset: the old one stands until the new one is whole.

    Returns:
        The record.

    Raises:
        SourceError: the folder is no built dataset, or has no validation rows.
    """
    recover(dataset)
    if not (dataset / MANIFEST).is_file():
        raise SourceError(f"{dataset}: no {MANIFEST} here; build one: python -m dataset_builder build --out {dataset}")
    dataset = dataset.resolve()
    made = make_reasoning(dataset, json.loads((dataset / MANIFEST).read_text(encoding="utf-8"))["seed"], backend, most)
    if not made:
        raise SourceError(f"{dataset}: no data/*/validation-*.parquet to take rows from; build tasks that have one")
    beside = dataset.with_name(f".{dataset.name}.reasoning")
    shutil.rmtree(beside, ignore_errors=True)
    shutil.copytree(dataset, beside, copy_function=link, ignore=shutil.ignore_patterns("reasoning", REASONING))
    put_reasoning(beside, *made)
    manifest = json.loads((beside / MANIFEST).read_text(encoding="utf-8"))
    shards = {path: shard for path, shard in manifest["shards"].items() if not path.startswith("reasoning/")}
    manifest["shards"] = shards | reasoning_shards(beside)
    manifest["digest"] = dataset_digest(manifest["shards"])
    replace_text(beside / MANIFEST, json.dumps(manifest, indent=1) + "\n")
    write_card(beside)
    replace(beside, dataset)
    return made[1]


def link(source: str, target: str) -> None:
    """A hard link, or a copy where the file system has none."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def reasoning_shards(folder: Path) -> dict[str, dict]:
    """The manifest's entries of the config."""
    return {str(path.relative_to(folder)): describe(path) for path in sorted(folder.glob("reasoning/*.parquet"))}
