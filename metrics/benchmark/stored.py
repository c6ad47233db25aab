"""The Parquet or Arrow files of a dataset, read as they lie: of a folder, installed by name, or on the Hub.

`datasets` is not asked: it would parse the card once per config, which takes longer than reading the rows.
"""

import os
from pathlib import Path

import pyarrow as pa

from dataset_builder.tasks import SPLITS


Files = dict[str, dict[str, list[str]]]  # config -> split -> patterns of files


class EvaluationError(ValueError):
    """Something that cannot be evaluated as it is: the message says what to change."""


def one_line(error: Exception) -> str:
    """What another library's error says, without its line breaks."""
    return " ".join(str(error).split())


def files_of(dataset: str) -> Files:
    """The files of every config, as patterns below the dataset's folder.

    Args:
        dataset: a built dataset folder, an installed name or a Hub id.

    Raises:
        EvaluationError: there is no such dataset, its card lists no configs, or the Hub cannot be reached.
    """
    if folder := installed_folder(dataset):
        names = sorted(path.name for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
        return {name: {split: [f"{name}/*/*/*-{split}*.arrow"] for split in SPLITS} for name in names}
    card = fetch(dataset, ["README.md"]) / "README.md"
    listed = front_matter(card).get("configs") if card.is_file() else None
    if not listed:
        raise EvaluationError(
            f"cannot open the dataset {dataset!r}: {'its card lists no configs' if card.is_file() else 'no card'}. "
            "Give a folder made by `python -m dataset_builder build`, or what was pushed from one"
        )
    return {
        config["config_name"]: {
            entry["split"]: [entry["path"]] if isinstance(entry["path"], str) else entry["path"]
            for entry in config["data_files"]
        }
        for config in listed
    }


def front_matter(card: Path) -> dict:
    """The YAML at the beginning of a card; empty where it has none."""
    import yaml

    text = card.read_text(encoding="utf-8")
    return (yaml.load(text.split("\n---", 1)[0], Loader=yaml.CSafeLoader) or {}) if text.startswith("---") else {}


def read_files(dataset: str, patterns: list[str], columns: list[str]) -> pa.Table:
    """These columns of all rows, in the order of the patterns and of the files' names.

    Raises:
        EvaluationError: a file is no Parquet or Arrow file, or lacks one of the columns.
    """
    paths = paths_of(dataset, patterns)
    empty = pa.table({name: pa.array([], pa.string()) for name in columns})
    return pa.concat_tables([read_file(path, columns) for path in paths]) if paths else empty


def paths_of(dataset: str, patterns: list[str]) -> list[Path]:
    """The files of these patterns, those of a Hub id fetched."""
    if not patterns:
        return []
    folder = installed_folder(dataset) or fetch(dataset, patterns)
    return [path for pattern in patterns for path in sorted(folder.glob(pattern))]


def read_file(path: Path, columns: list[str]) -> pa.Table:
    """These columns of one file; an Arrow file stays on disk until its pages are used."""
    import pyarrow.parquet as pq

    try:
        if path.suffix == ".arrow":
            table = pa.ipc.open_stream(pa.memory_map(os.fspath(path))).read_all().select(columns)
        else:
            table = pq.ParquetFile(path, memory_map=True).read(columns).select(columns)
    except (KeyError, pa.ArrowInvalid) as error:
        raise EvaluationError(f"{path}: {one_line(error)}; expected the columns {', '.join(columns)}") from error
    return table.replace_schema_metadata()


def fetch(dataset: str, patterns: list[str]) -> Path:
    """The dataset's folder; for a Hub id one in the Hub's cache, in which the files of these patterns are.

    Raises:
        EvaluationError: there is no such dataset, or the Hub cannot be reached.
    """
    if Path(dataset).is_dir():
        return Path(dataset)
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(dataset, repo_type="dataset", allow_patterns=patterns))
    except (OSError, ValueError) as error:
        raise EvaluationError(
            f"cannot open the dataset {dataset!r}: {one_line(error)} Give a folder made by `python -m "
            "dataset_builder build`, a name installed by `python -m dataset_builder install`, or a Hub id"
        ) from error


def installed_folder(dataset: str) -> Path | None:
    """Where datasets keeps a dataset that was installed under this name; None for folders and Hub ids."""
    if "/" in dataset or Path(dataset).exists():
        return None
    import datasets

    folder = Path(datasets.config.HF_DATASETS_CACHE) / dataset
    return folder if folder.is_dir() else None
