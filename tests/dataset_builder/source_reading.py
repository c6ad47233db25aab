"""What a source module gives, with the invariant of its rows: those read are those accepted and those rejected."""

from pathlib import Path

import pyarrow as pa

from dataset_builder.biology_instructions import source_module
from dataset_builder.checks import Rejected, accept
from dataset_builder.files import Sources
from dataset_builder.tasks import SPLITS, TASKS


def read(task_id: str, root: Path) -> tuple[dict[str, pa.Table], Sources]:
    """The accepted rows by split, none malformed."""
    splits, rejected, sources = read_all(task_id, root)
    assert not [row for row in rejected if row.malformed]
    return splits, sources


def read_all(task_id: str, root: Path) -> tuple[dict[str, pa.Table], list[Rejected], Sources]:
    """The accepted rows by split and what was rejected; every raw table is as the contract says."""
    task, sources = TASKS[task_id], Sources(root)
    labels = {"label"} if task.kind != "regression" else {field.name for field in task.fields}
    sequences = {"sequence", "sequence_2"} if len(task.molecules) == 2 else {"sequence"}
    parts: dict[str, list[pa.Table]] = {}
    order: list[str] = []
    rejected: list[Rejected] = []
    for split, raw in source_module(task_id).read(task, sources):
        assert {*raw.column_names} - {"left_out"} == {"row", "subtask", "file", "line"} | sequences | labels
        assert raw.schema.field("line").type == pa.int32() and len(raw) <= 50_000
        rows, bad = accept(raw, task, split)
        parts.setdefault(split, []).append(rows)
        order.append(split)
        rejected += bad
    assert order == sorted(order, key=SPLITS.index)
    splits = {split: pa.concat_tables(tables) for split, tables in parts.items()}
    for rows in splits.values():
        assert len(rows["id"].unique()) == len(rows)
    rejected += sources.rejected
    assert sum(sources.rows_read.values()) == sum(map(len, splits.values())) + len(rejected)
    return splits, rejected, sources


def left_out(rejected: list[Rejected]) -> list[tuple[str, int, str]]:
    """(file, line, value) of the rows that a rule leaves out."""
    return [(row.file, row.line, row.value) for row in rejected if not row.malformed]
