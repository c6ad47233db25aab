"""The audit of a built dataset: what repeats, what contradicts, what of the test rows a model has seen in training.

    audit(Path("biology-instructions"))     # writes audit.json and clean_test.parquet there; the same bytes every time

audit.json holds per task: the counts of `repeats.describe`, per split, in all and per sub-task; `overlap`, exact, and
`near` copies between its splits; `in_train_faults`, the rows whose column `in_train` is wrong; `homology`, where
MMseqs2 is installed; `clean_test`. And `between`: what the held-out rows of every task share with all training data.
"""

import json
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from dataset_builder.audit import between, homology, near
from dataset_builder.audit.clean import RULE, clean_rows
from dataset_builder.audit.repeats import COMPARED, describe, in_train_faults, overlap
from dataset_builder.audit.rows import read_splits, shards
from dataset_builder.audit.table import table
from dataset_builder.files import SourceError
from dataset_builder.manifest import MANIFEST
from dataset_builder.tasks import SPLITS, TASKS


__all__ = ["audit", "table"]

AUDIT, CLEAN_TEST = "audit.json", "clean_test.parquet"


def audit(dataset: Path, align: bool = True, workers: int = 2) -> dict:
    """Audit every task of the dataset folder that `build` wrote; writes audit.json and clean_test.parquet into it.

    Args:
        align: also align test to train with MMseqs2, if it is on PATH; it takes most of the time then.
        workers: processes; each takes up to 1 GB where a task is large.

    Returns:
        What audit.json holds.

    Raises:
        SourceError: the folder is not a built dataset, or its questions are not those of the templates here.
    """
    from tqdm import tqdm

    if not (dataset / MANIFEST).is_file():
        raise SourceError(f"{dataset} holds no {MANIFEST}: not a dataset; give the folder that `build` wrote")
    mmseqs = homology.version() if align else ""
    tasks = [name for name in TASKS if any(shards(dataset, TASKS[name], split) for split in SPLITS)]
    size = {name: sum(path.stat().st_size for path in (dataset / "data" / name).iterdir()) for name in tasks}
    found: dict[str, dict] = {}
    clean: dict[str, list[str]] = {}
    shared: dict[str, list[dict]] = {}
    jobs = {kind: (between.shared_with_training, dataset, kind) for kind in between.K}
    for name in sorted(tasks, key=size.__getitem__, reverse=True):  # the longest first
        jobs[name] = (audit_task, dataset, name, bool(mmseqs))
    for name, result in tqdm(run(jobs, workers), total=len(jobs), desc="audit", unit="part"):
        if name in between.K:
            shared[name] = result
        else:
            found[name], clean[name] = result
    report = {
        "digest": json.loads((dataset / MANIFEST).read_text(encoding="utf-8"))["digest"],
        "method": method(mmseqs, align),
        "tasks": {name: found[name] for name in tasks},
        "between": [entry for kind in between.K for entry in shared[kind]],
    }
    write(dataset, report, {name: clean[name] for name in tasks})
    return report


def run(jobs: dict[str, tuple], workers: int) -> Iterator[tuple[str, Any]]:
    """(name, result) of every job, a function with its arguments, as they end; in this process if workers is 1."""
    if workers == 1:
        for name, (function, *arguments) in jobs.items():
            yield name, function(*arguments)
        return
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        names = {pool.submit(*job): name for name, job in jobs.items()}
        try:
            for done in as_completed(names):
                yield names[done], done.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)  # or the error is told only when all others are done
            raise


def audit_task(dataset: Path, name: str, align: bool) -> tuple[dict, list[str]]:
    """(what is found in one task, ids of its clean test rows)."""
    task = TASKS[name]
    splits = read_splits(dataset, task)
    near_counts, near_flags = near.near_copies(dataset, task, splits)
    compared = [(split, reference) for split, reference in COMPARED if split in splits and reference in splits]
    found: dict = {
        "all": describe(pd.concat(splits.values(), ignore_index=True), task),
        "splits": {split: describe(rows, task) for split, rows in splits.items()},
        "subtasks": {
            str(name): {split: describe(rows[rows["subtask"] == name], task) for split, rows in splits.items()}
            for name in task.subtasks
            if any((rows["subtask"] == name).any() for rows in splits.values())
        },
        "overlap": {f"{one} in {other}": overlap(splits[one], splits[other], task) for one, other in compared},
        "near": near_counts,
        "in_train_faults": in_train_faults(splits, task),
    }
    ids: list[str] = []
    if align and ("test", "train") in compared:
        found["homology"] = [homology.homologous(dataset, task, member) for member in range(len(task.molecules))]
    if "test" in splits:
        kept, found["clean_test"] = clean_rows(splits, task, near_flags)
        test = pa.concat_tables(pq.read_table(path, columns=["id"]) for path in shards(dataset, task, "test"))
        ids = test["id"].take(pa.array(kept)).to_pylist()
    return found, ids


def method(mmseqs: str, align: bool) -> dict:
    """What was measured, and with what."""
    from importlib.metadata import version

    absent = "not measured: mmseqs is not on PATH" if align else "not measured: not asked for"
    aligned = (
        f"MMseqs2 {mmseqs}: test aligned to train clustered at {homology.CLUSTERED} identity; the identity of the "
        f"best alignment that spans {homology.COVERAGE} of the test sequence"
    )
    return {
        "library": f"sourmash {version('sourmash')}",
        "near": f"share of the k-mers of a sequence in one other: k {near.K}; a near copy from {near.NEAR}; a k-mer "
        f"found over {near.LEAST_COMMON} times and {near.COMMON:.0%} of the held-out sequences does not count",
        "between": f"share of the k-mers of a sequence anywhere in the training data: k {between.K}",
        "homology": aligned if mmseqs else absent,
        "clean_test": RULE,
    }


def write(dataset: Path, report: dict, clean: dict[str, list[str]]) -> None:
    """audit.json and clean_test.parquet (id, task), each put in its place whole."""
    rows = pa.table(
        {
            "id": pa.array([i for ids in clean.values() for i in ids], pa.string()),
            "task": pa.array([name for name, ids in clean.items() for _ in ids], pa.string()),
        }
    )
    pq.write_table(rows, dataset / f".{CLEAN_TEST}", compression="zstd")
    (dataset / f".{AUDIT}").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    for name in (CLEAN_TEST, AUDIT):
        (dataset / f".{name}").replace(dataset / name)
