"""What a source gives, whole: for tests that look at rows rather than at streams."""

import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from dataset_builder.biology_instructions import read_task
from dataset_builder.checks import Rejected
from dataset_builder.corpora import write_corpus
from dataset_builder.files import Sources
from dataset_builder.tasks import Task


def read_splits(task: Task, sources: Sources) -> tuple[dict[str, pa.Table], list[Rejected]]:
    """The checked rows of every split that has any, and what was rejected."""
    parts: dict[str, list[pa.Table]] = {}
    rejected: list[Rejected] = []
    for split, rows in read_task(task, sources, rejected):
        parts.setdefault(split, []).append(rows)
    return {split: pa.concat_tables(tables) for split, tables in parts.items()}, rejected


def read_corpus(name: str, sources: Sources) -> dict[str, str]:
    """Texts by id, which are distinct."""
    with tempfile.TemporaryDirectory() as folder:
        write_corpus(name, sources, Path(folder))
        tables = [pq.read_table(path) for path in sorted(Path(folder).glob("*.parquet"))]
    rows = [row for table in tables for row in table.to_pylist()]
    texts = {row["id"]: row["text"] for row in rows}
    assert len(texts) == len(rows)
    return texts
