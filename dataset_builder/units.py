"""The unit of a build: one task or corpus, complete or not there, so that a killed build goes on where it was.

A unit writes into the folder of the unfinished dataset and, last of all, its record units/<name>.json; any number of
workers, on one machine or many that share the folder, may take units in any order.
"""

import contextlib
import json
import shutil
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from dataset_builder.checks import Rejected
from dataset_builder.files import Sources, file_sha256
from dataset_builder.shards import write_parquet
from dataset_builder.tasks import TASKS


if TYPE_CHECKING:
    from dataset_builder.biology_instructions import BiologyInstructions

CORPORA = ("pretrain_dna", "pretrain_rna", "pretrain_protein")


@dataclass(frozen=True)
class Plan:
    """What is built: units `names` from the folder `sources` into the unfinished dataset `folder`."""

    sources: Path
    folder: Path
    names: tuple[str, ...]
    seed: int

    def record(self, name: str) -> Path:
        """Where the record of a finished unit is."""
        return self.folder / "units" / f"{name}.json"

    @property
    def open(self) -> list[str]:
        """The units that are not finished, the largest first, so that none of them is left to run alone at the end."""

        def size(name: str) -> tuple[int, int]:
            files = (self.sources / name).rglob("*")
            return sum(path.stat().st_size for path in files), sum(TASKS[name].table2) if name in TASKS else 0

        return sorted((name for name in self.names if not self.record(name).is_file()), key=size, reverse=True)


def build_unit(plan: Plan, name: str) -> str:
    """Build one unit, unless it is finished; returns its name. Waits for another process that builds the same.

    Raises:
        SourceError: a file of the unit cannot be used.
    """
    import datasets
    from filelock import FileLock

    datasets.disable_progress_bars()
    path = plan.record(name)
    with FileLock(path.with_suffix(".lock")):
        if not path.is_file():
            built = build_corpus(plan, name) if name in CORPORA else build_task(plan, name)
            partial = path.with_suffix(".partial")
            partial.write_text(json.dumps(built), encoding="utf-8")
            partial.rename(path)
    return name


def build_task(plan: Plan, task_id: str) -> dict:
    """data/<task>/, mini/<task>/ and, where the task has a condition, conditioned/<task>/; returns the record."""
    folders = {part: plan.folder / part / task_id for part in ("data", "mini", "conditioned")}
    for folder in folders.values():
        shutil.rmtree(folder, ignore_errors=True)
    plain = prepared(plan, task_id, folders["data"], conditioned=False)
    for split, rows in plain.mini.items():
        write_parquet(rows.drop_columns("hash"), folders["mini"] / f"{split}-00000-of-00001.parquet")
    if TASKS[task_id].condition and plain.mini:
        prepared(plan, task_id, folders["conditioned"], conditioned=True)
    write_rejected(plan, task_id, plain.rejected)
    rows_read = sum(plain.files.rows_read.values())
    written = sum(pq.read_metadata(path).num_rows for path in folders["data"].glob("*.parquet"))
    if rows_read != written + len(plain.rejected):
        raise RuntimeError(f"{task_id}: {rows_read} rows read, {written} written, {len(plain.rejected)} rejected")
    return record(plan, plain.files, list(folders.values()), rows_read, Counter(row.reason for row in plain.rejected))


def prepared(plan: Plan, task_id: str, folder: Path, conditioned: bool) -> "BiologyInstructions":
    """The builder of a task after it has written its Parquet into `folder`, or nothing where no file is there."""
    from dataset_builder.biology_instructions import BiologyInstructions, NothingToRead

    cache = plan.folder / "units" / f"{task_id}.cache"
    builder = BiologyInstructions(
        config_name=task_id,
        cache_dir=str(cache),
        sources=str(plan.sources),
        seed=plan.seed,
        conditioned=conditioned,
    )
    with contextlib.suppress(NothingToRead):
        builder.download_and_prepare(str(folder), file_format="parquet")
        (folder / "dataset_info.json").unlink()
    shutil.rmtree(cache, ignore_errors=True)
    for lock in folder.parent.glob(f"{task_id}*.lock"):
        lock.unlink()
    return builder


def build_corpus(plan: Plan, corpus: str) -> dict:
    """<corpus>/; returns the record."""
    from dataset_builder.corpora import write_corpus

    files = Sources(plan.sources)
    done = write_corpus(corpus, files, plan.folder / corpus)
    write_rejected(plan, corpus, done.rejected)
    left_out = Counter(done.left_out) + Counter(row.reason for row in done.rejected)
    return record(plan, files, [plan.folder / corpus], done.read, left_out)


def write_rejected(plan: Plan, name: str, rejected: list[Rejected]) -> None:
    """units/<name>.rejected.jsonl: a line per row, with file, line, value and reason."""
    with open(plan.folder / "units" / f"{name}.rejected.jsonl", "w", encoding="utf-8") as stream:
        stream.writelines(json.dumps(vars(row), ensure_ascii=False) + "\n" for row in rejected)


def record(plan: Plan, files: Sources, folders: list[Path], rows_read: int, left_out: Counter[str]) -> dict:
    """What a record says: source files and their sha256, missing files, rows read and left out, shards."""
    shards = sorted(path for folder in folders for path in folder.glob("*.parquet"))
    return {
        "sources": files.sha256(),
        "missing": [asdict(missing) for missing in files.missing],
        "read": rows_read,
        "rejected": dict(left_out),
        "shards": {str(path.relative_to(plan.folder)): describe(path) for path in shards},
    }


def describe(shard: Path) -> dict:
    """Rows and sha256 of a shard."""
    return {"rows": pq.read_metadata(shard).num_rows, "sha256": file_sha256(shard)}
