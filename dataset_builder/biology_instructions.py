"""The datasets builder: upstream files -> instruction rows, one config per task, streamed in blocks.

    BiologyInstructions("ncrna_family", sources="sources").download_and_prepare("out", file_format="parquet")

datasets 4 and later run no scripts from the Hub, so this one runs here and what reaches the Hub is its Parquet.
"""

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import datasets
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import yaml

from dataset_builder.checks import Rejected, accept, require_few_rejected
from dataset_builder.files import SourceError, Sources
from dataset_builder.overlap import TrainSequences
from dataset_builder.rejects import require_usable_files
from dataset_builder.rendering import Draws, render
from dataset_builder.shards import ShardWriter
from dataset_builder.tasks import TASKS, Task


VERSION = "2.0.0"
BLOCK_BYTES = 8_000_000  # of sequences that are rendered at once
MINI_ROWS = 1_000  # per task and split
HOPELESS_ROWS = 1_000  # if most of so many rows are damaged, the others are not waited for
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
    """Builds the splits of one task; `files`, `rejected` and `mini` say afterwards what came of it."""

    VERSION = datasets.Version(VERSION)
    BUILDER_CONFIG_CLASS = InstructionConfig
    BUILDER_CONFIGS = [InstructionConfig(name=task_id, version=VERSION) for task_id in TASKS]

    def _info(self) -> datasets.DatasetInfo:
        return datasets.DatasetInfo(features=FEATURES)

    def _split_generators(self, dl_manager: datasets.DownloadManager) -> Iterator[datasets.SplitGenerator]:
        """The splits as they come in the stream: train, whose sequences are remembered, before the others."""
        task = TASKS[self.config.name]
        self.files = Sources(Path(self.config.sources))
        self.rejected: list[Rejected] = []
        self.mini: dict[str, pa.Table] = {}
        for split, tables in groupby(read_task(task, self.files, self.rejected), key=itemgetter(0)):
            lowest = Lowest(MINI_ROWS)
            yield datasets.SplitGenerator(split, {"split": split, "tables": tables, "lowest": lowest})
            self.mini[split] = lowest.rows
        if not self.mini:
            raise NothingToRead(f"{task.id}: no split has its files below {self.files.root}")

    def _generate_tables(self, split: str, tables: Iterator, lowest: "Lowest") -> Iterator[pa.Table]:
        """Rendered blocks of one split."""
        task = TASKS[self.config.name]
        for _, rows in tables:
            for block in blocks(rows):
                draws = Draws(block["id"], self.config.seed)
                rendered = render(block, task, split, draws, self.config.conditioned)
                lowest.offer(rendered, draws.hashes)
                yield rendered

    def _prepare_split(self, split_generator: datasets.SplitGenerator, **_: object) -> None:
        """Write the Parquet shards of a split: datasets' own writer can neither compress with zstd nor cut by rows."""
        split = split_generator.split_info
        with ShardWriter(Path(self._output_dir), split.name, FEATURES.arrow_schema) as writer:
            for table in self._generate_tables(**split_generator.gen_kwargs):
                writer.write(table)
        split.num_examples, split.num_bytes = writer.rows, writer.bytes


@dataclass
class Lowest:
    """The `size` rows whose ids hash lowest, of all that were offered."""

    size: int
    rows: pa.Table | None = None

    def offer(self, table: pa.Table, hashes: np.ndarray) -> None:
        """Keep those of a table's rows that are among the lowest so far; `hashes` are those of its ids."""
        near = np.argsort(hashes, kind="stable")[: self.size]
        candidates = table.take(np.sort(near)).append_column("hash", pa.array(hashes[np.sort(near)]))
        if self.rows is not None:
            candidates = pa.concat_tables([self.rows, candidates])
        order = pc.sort_indices(candidates, [("hash", "ascending"), ("id", "ascending")])
        self.rows = candidates.take(order[: self.size])


def read_task(task: Task, files: Sources, rejected: list[Rejected]) -> Iterator[tuple[str, pa.Table]]:
    """(split, checked rows with `in_train`) in blocks as the source yields them; rejects are added to `rejected`.

    Raises:
        SourceError: a file cannot be used, or more than 1% of its rows cannot.
    """
    train = TrainSequences(task)
    for split, tables in groupby(source_module(task.id).read(task, files), key=itemgetter(0)):
        rows_read, unusable = 0, []
        for _, raw in tables:
            rows, bad = accept(raw, task, split)
            rows_read += len(raw)
            unusable += bad
            if rows_read > HOPELESS_ROWS and 2 * len(unusable) > rows_read:
                require_few_rejected(task.id, split, unusable, rows_read)
            if len(rows):
                yield split, train.mark(rows, split)
        rejected += unusable
        damaged = {row.file for row in unusable}
        rows = (row for row in (*rejected, *files.rejected) if row.file in damaged)
        require_usable_files(task.id, rows, files.rows_read)
    rejected += files.rejected


def blocks(rows: pa.Table) -> Iterator[pa.Table]:
    """Slices of about BLOCK_BYTES of sequences."""
    size = sum(rows[name].nbytes for name in rows.column_names if name.startswith("sequence"))
    step = max(1, len(rows) * BLOCK_BYTES // max(size, BLOCK_BYTES))
    for start in range(0, len(rows), step):
        yield rows.slice(start, step)


@cache
def source_catalogue() -> dict[str, dict]:
    """sources.yaml: for each source module its tasks, urls, licence, citation, file layout and split rule."""
    return yaml.safe_load((Path(__file__).parent / "sources.yaml").read_text(encoding="utf-8"))


def source_of(task_id: str) -> str:
    """The name of the source module that reads a task or corpus."""
    return next(name for name, source in source_catalogue().items() if task_id in source["tasks"])


def source_module(task_id: str):
    """The module of dataset_builder/sources that reads a task."""
    return importlib.import_module(f"dataset_builder.sources.{source_of(task_id)}")
