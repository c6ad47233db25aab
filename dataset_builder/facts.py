"""What the Parquet files of a dataset folder say of themselves: features, sizes, overlap with train, rows to show."""

import re
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from dataset_builder.tags import TAGGED
from dataset_builder.tasks import SPLITS, Task


if TYPE_CHECKING:
    from datasets import DatasetInfo

HEAD, TAIL = 12, 6  # letters of a long sequence that are shown


def config_infos(folder: Path, configs: list[dict]) -> dict[str, "DatasetInfo"]:
    """Features and, per split, rows and bytes of every config, from the footers of its files: no data is read.

    Args:
        configs: the YAML `configs` of the card, with patterns of paths below the folder.

    Returns:
        By name of the config. `num_bytes` is the uncompressed size in Parquet; in memory it is about a tenth more,
        as Parquet holds a repeated value once.
    """
    from datasets import DatasetInfo, Features, SplitDict, SplitInfo

    paths = {str(path.relative_to(folder)): path for path in sorted(folder.rglob("*.parquet"))}
    footers = {name: pq.read_metadata(path) for name, path in paths.items()}
    infos = {}
    for config in configs:
        splits, files = SplitDict(), []
        for entry in config["data_files"]:
            found = [name for name in paths if any(fnmatch(name, pattern) for pattern in entry["path"])]
            size = sum(uncompressed_bytes(footers[name]) for name in found)
            splits.add(SplitInfo(entry["split"], size, sum(footers[name].num_rows for name in found)))
            files += found
        infos[config["config_name"]] = DatasetInfo(
            features=Features.from_arrow_schema(footers[files[0]].schema.to_arrow_schema()),
            splits=splits,
            download_size=sum(paths[name].stat().st_size for name in files),
            dataset_size=sum(split.num_bytes for split in splits.values()),
        )
    return infos


def uncompressed_bytes(footer: pq.FileMetaData) -> int:
    """Size of all row groups before compression."""
    return sum(footer.row_group(i).total_byte_size for i in range(footer.num_row_groups))


def seen_in_train(folder: Path, task: Task) -> dict[str, int]:
    """Rows of validation and test whose input is in train, as far as these splits are there."""
    train, *held_out = (shards(folder, task, split) for split in SPLITS)
    return {
        split: sum(pc.sum(pq.read_table(path, columns=["in_train"])["in_train"]).as_py() for path in paths)
        for split, paths in zip(SPLITS[1:], held_out, strict=True)
        if train and paths
    }


def shards(folder: Path, task: Task, split: str) -> list[Path]:
    """The files of a split, in order."""
    return sorted((folder / "data" / task.id).glob(f"{split}-*.parquet"))


def examples(folder: Path, tasks: list[Task]) -> list[dict]:
    """The first held-out row of one task of every kind, with its sequences shortened."""
    shown: dict[tuple, dict] = {}
    for task in tasks:
        kind = (task.kind, len(task.fields) > 1, len(task.molecules))
        if kind not in shown:
            paths = [
                p for split in SPLITS[::-1] for p in sorted((folder / "data" / task.id).glob(f"{split}-*.parquet"))
            ]
            shown[kind] = short(next(pq.ParquetFile(paths[0]).iter_batches(1)))
    return list(shown.values())


def argued_example(folder: Path) -> dict:
    """The first row of the config reasoning, with its sequences shortened."""
    path = min((folder / "reasoning").glob("train-*.parquet"))
    return short(next(pq.ParquetFile(path).iter_batches(1)))


def short(rows: pa.RecordBatch) -> dict:
    """The first row, long sequences by their ends and the system prompt by its first words."""
    row = rows.to_pylist()[0]
    system, question = row["prompt"]
    system["content"] = system["content"][: len("You are a knowledgeable and helpful biology assistant.")] + " …"
    question["content"] = TAGGED.sub(ends, question["content"])
    return row


def ends(sequence: re.Match) -> str:
    """The tagged sequence without its middle, if it is long."""
    tag, letters = sequence.groups()
    if len(letters) > HEAD + TAIL:
        letters = f"{letters[:HEAD]}…{letters[-TAIL:]}"
    return f"<{tag}>{letters}</{tag}>"
