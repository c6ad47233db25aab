"""A dataset of all 21 tasks, and stored answers to its test rows in the manner of models."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from dataset_builder.tasks import SYSTEM_PROMPT, TASKS, Task
from tests.metrics.benchmark_inputs import sequence


ROWS = {"train": 30, "test": 210}
EC_NUMBERS = ("1.1.1.1", "2.7.11.1", "3.4.21.-", "4.2.1.17", "6.3.4.13")
WRITTEN = json.loads(Path(__file__).with_name("answers.json").read_text(encoding="utf-8"))


def label_of(task: Task, random: np.random.Generator) -> object:
    """A label that the task may have."""
    if task.kind == "binary":
        return random.choice(["positive", "negative"], p=[0.4, 0.6]).item()
    if task.kind == "multiclass":
        return random.choice(task.classes).item()
    if task.kind == "multilabel":
        return sorted(random.choice(task.classes or EC_NUMBERS, size=random.integers(1, 3), replace=False).tolist())
    numbers = {field.name: round(random.uniform(field.low, field.high), 2) for field in task.fields}
    return numbers if len(numbers) > 1 else next(iter(numbers.values()))


def answer_of(task: Task, label: object, i: int) -> str:
    """One that a biologist wrote for the tests of the parser, or, in two of three rows, one that says the label."""
    written = [answer for name, answer, _ in WRITTEN if name == task.id]
    if i % 3 == 0:
        return written[i // 3 % len(written)]
    if task.kind == "binary":
        return "Yes." if label == "positive" else "No."
    said = label if isinstance(label, str) else ", ".join(map(str, label)) if isinstance(label, list) else label
    return f"The answer is {', '.join(f'{k}: {v}' for k, v in said.items()) if isinstance(said, dict) else said}."


def rows_of(task: Task, split: str, random: np.random.Generator) -> list[dict]:
    """The rows of one split, with their answers."""
    rows = []
    for i in range(ROWS[split]):
        label = label_of(task, random)
        tagged = " and ".join(sequence(random, molecule, 12) for molecule in task.molecules)
        chat = [
            {"role": "system", "content": SYSTEM_PROMPT},
            {"role": "user", "content": f"{tagged} What is it? ({i})"},
        ]
        row = {"id": f"{task.id}/{split}/{i}", "task": task.id, "label": json.dumps(label), "prompt": chat}
        subtask = task.subtasks[i % len(task.subtasks)] if task.subtasks else ""
        rows.append(row | {"subtask": subtask, "answer": answer_of(task, label, i)})
    return rows


def write_dataset(folder: Path) -> tuple[Path, list[dict]]:
    """A dataset folder in the published layout, and its test rows with their answers."""
    random = np.random.default_rng(0)
    configs, answered = [], []
    for task in TASKS.values():
        rows = {split: rows_of(task, split, random) for split in ROWS}
        answered += rows["test"]
        for split, part in rows.items():
            path = folder / "data" / task.id / f"{split}-00000-of-00001.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            pq.write_table(pa.Table.from_pylist(part).drop_columns("answer"), path)
        files = [{"split": split, "path": f"data/{task.id}/{split}-*.parquet"} for split in ROWS]
        configs.append({"config_name": task.id, "data_files": files})
    (folder / "README.md").write_text(f"---\n{yaml.safe_dump({'configs': configs})}---\n", encoding="utf-8")
    (folder / "manifest.json").write_text(json.dumps({"digest": "d1" * 32, "version": "1.0.0"}), encoding="utf-8")
    return folder, answered
