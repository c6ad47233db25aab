"""The datasets builder: upstream files -> instruction rows, one config per task.

    BiologyInstructions("ncrna_family", sources=Path("sources")).download_and_prepare("out", file_format="parquet")

datasets 4 and later run no scripts from the Hub, so this one runs here and what reaches the Hub is its Parquet.
"""

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import datasets
import pyarrow as pa
import yaml

from dataset_builder.checks import Rejected, accept
from dataset_builder.files import SourceError, Sources
from dataset_builder.overlap import mark_in_train
from dataset_builder.rendering import render
from dataset_builder.tasks import SPLITS, TASKS, Task


VERSION = "1.0.0"
ROWS_PER_TABLE = 20_000
MESSAGE = {"role": datasets.Value("string"), "content": datasets.Value("string")}
FEATURES = datasets.Features(
    {
        "id": datasets.Value("string"),
        "task": datasets.Value("string"),
        "subtask": datasets.Value("string"),
        "prompt": datasets.List(MESSAGE),
        "completion": datasets.List(MESSAGE),
        "label": datasets.Value("string"),
        "question_id": datasets.Value("int32"),
        "answer_id": datasets.Value("int32"),
        "in_train": datasets.Value("bool"),
    }
)


class NothingToRead(SourceError):
    """No split of the task has its files."""


@dataclass
class InstructionConfig(datasets.BuilderConfig):
    """One task.

    Attributes:
        sources: folder of upstream files.
        seed: which templates the rows get.
        conditioned: name the sub-task in the question.
    """

    sources: str = ""
    seed: int = 0
    conditioned: bool = False


class BiologyInstructions(datasets.ArrowBasedBuilder):
    """Builds the splits of one task; `files` and `rejected` say afterwards what was read, missing and left out."""

    VERSION = datasets.Version(VERSION)
    BUILDER_CONFIG_CLASS = InstructionConfig
    BUILDER_CONFIGS = [InstructionConfig(name=task_id, version=VERSION) for task_id in TASKS]

    def _info(self) -> datasets.DatasetInfo:
        return datasets.DatasetInfo(features=FEATURES)

    def _split_generators(self, dl_manager: datasets.DownloadManager) -> list[datasets.SplitGenerator]:
        task = TASKS[self.config.name]
        self.files = Sources(Path(self.config.sources))
        splits, self.rejected = read_task(task, self.files)
        if not splits:
            raise NothingToRead(f"{task.id}: no split has its files below {self.files.root}")
        return [datasets.SplitGenerator(split, {"split": split, "rows": rows}) for split, rows in splits.items()]

    def _generate_tables(self, split: str, rows: pa.Table) -> Iterator[tuple[int, pa.Table]]:
        task = TASKS[self.config.name]
        for start in range(0, len(rows), ROWS_PER_TABLE):
            part = rows.slice(start, ROWS_PER_TABLE)
            yield start, render(part, task, split, self.config.seed, self.config.conditioned)


def read_task(task: Task, files: Sources) -> tuple[dict[str, pa.Table], list[Rejected]]:
    """The checked rows of every split whose files are there, in the order train, validation, test; and the rejects."""
    parts: dict[str, list[pa.Table]] = {}
    rejected: list[Rejected] = []
    for split, raw in source_module(task.id).read(task, files):
        rows, bad = accept(raw, task, split)
        parts.setdefault(split, []).append(rows)
        rejected += bad
    splits = {split: pa.concat_tables(parts[split]) for split in SPLITS if split in parts}
    return mark_in_train(splits, task), rejected


def source_catalogue() -> dict[str, dict]:
    """sources.yaml: for each source module its tasks, urls, licence, citation, file layout and split rule."""
    return yaml.safe_load((Path(__file__).parent / "sources.yaml").read_text(encoding="utf-8"))


def source_of(task_id: str) -> str:
    """The name of the source module that reads a task or corpus."""
    return next(name for name, source in source_catalogue().items() if task_id in source["tasks"])


def source_module(task_id: str):
    """The module of dataset_builder/sources that reads a task."""
    return importlib.import_module(f"dataset_builder.sources.{source_of(task_id)}")
