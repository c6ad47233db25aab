"""The rows that an evaluation asks: from a built dataset folder, the installed dataset, or one on the Hub."""

import logging
from difflib import get_close_matches

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dataset_builder.hashing import hash64
from dataset_builder.manifest import MANIFEST, find_manifest
from dataset_builder.overlap import reverse_complement
from dataset_builder.tags import TAGGED
from dataset_builder.tasks import TASKS, Task
from metrics.benchmark.stored import EvaluationError, files_of, read_files


COLUMNS = ["id", "task", "subtask", "prompt", "label"]

log = logging.getLogger(__name__)


def rows_to_ask(
    dataset: str, tasks: list[str] | None = None, split: str = "test", config: str | None = None, limit: int = 0
) -> dict[str, pa.Table]:
    """The rows of every task, with the columns `COLUMNS`, by task id in the order of TASKS.

    Args:
        dataset: a built dataset folder, an installed name or a Hub id.
        tasks: task ids; None stands for all that the dataset has.
        config: a config of many tasks (`conditioned`, `mini`); None stands for every task's own.
        limit: at most so many rows per task, those whose ids hash lowest; 0 for all.

    Raises:
        EvaluationError: an unknown task, or a dataset without it, without the config or without the split.
    """
    unknown = [name for name in tasks or () if name not in TASKS]
    if unknown:
        close = get_close_matches(unknown[0], TASKS, n=1)
        hint = f"did you mean {close[0]}? " if close else ""
        raise EvaluationError(f"unknown task {unknown[0]!r}; {hint}The tasks are {', '.join(TASKS)}")
    rows = read_rows(dataset, tasks, split, config, COLUMNS)
    absent = [name for name in tasks or () if name not in rows]
    if absent or not rows:
        raise EvaluationError(
            f"{dataset} has no {split} rows of {', '.join(absent) or 'any task'}; choose other --tasks, another "
            "--split or --config, or build the dataset with the files of that split"
        )
    return {name: lowest_hashes(table, limit) if limit else table for name, table in rows.items()}


def read_rows(
    dataset: str, tasks: list[str] | None, split: str, config: str | None, columns: list[str]
) -> dict[str, pa.Table]:
    """The columns of those of `tasks` (None: of all) that the dataset has in this split; the others are logged."""
    files = files_of(dataset)

    def read(config: str, columns: list[str]) -> pa.Table:
        return read_files(dataset, files[config].get(split, []), columns)

    if config is None:
        asked = [name for name in TASKS if name in (tasks or files)]
        tables = {name: read(name, columns) for name in asked if name in files}
    elif config in files:
        mixed = read(config, sorted({"task", *columns}))
        asked = [name for name in TASKS if name in (tasks or pc.unique(mixed["task"]).to_pylist())]
        tables = {name: mixed.filter(pc.equal(mixed["task"], name)) for name in asked}
    else:
        raise EvaluationError(f"{dataset} has no config {config!r}; it has {', '.join(files)}")
    rows = {name: tables[name] for name in asked if name in tables and len(tables[name])}
    for name in asked:
        if name not in rows:
            log.warning("%s: no %s rows in %s", name, split, dataset)
    return rows


def dataset_digest(dataset: str) -> str | None:
    """The digest in the dataset's manifest.json; None, which is logged, where it has no such file."""
    if manifest := find_manifest(dataset):
        return manifest["digest"]
    log.warning("%s has no %s: the results cannot say which build they belong to", dataset, MANIFEST)
    return None


def lowest_hashes(rows: pa.Table, limit: int) -> pa.Table:
    """The `limit` rows whose ids hash lowest, in their order: the same ones wherever the rows stand."""
    lowest = np.argsort(hash64(rows["id"], "evaluation"), kind="stable")[:limit]
    return rows.take(pa.array(np.sort(lowest)))


def inputs_of(rows: pa.Table, task: Task) -> np.ndarray:
    """uint64 of shape (n,), equal for rows with the same input sequences; their question, and the order of a pair in
    it, may differ.

    Where the strand does not matter a sequence and its reverse complement are the same input.
    """
    keys = ["|".join(sorted(match[2] for match in TAGGED.finditer(question))) for question in questions_of(rows)]
    if task.strand_free:
        others = reverse_complement(pa.chunked_array([keys], pa.string())).to_pylist()
        keys = list(map(min, keys, others))
    return hash64(keys, "input")


def questions_of(rows: pa.Table) -> list[str]:
    """What the last turn of each prompt says."""
    prompts = rows["prompt"].combine_chunks()
    last = pa.array(prompts.offsets.to_numpy()[1:] - prompts.offsets[0].as_py() - 1)
    return pc.struct_field(prompts.flatten(), "content").take(last).to_pylist()
