"""Putting a built dataset into datasets' cache, where load_dataset("biology-instructions", …) finds it offline."""

import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm import tqdm

from dataset_builder.build import replace
from dataset_builder.files import SourceError
from dataset_builder.manifest import MANIFEST


if TYPE_CHECKING:
    from datasets import SplitInfo

NAME = "biology-instructions"


def install(dataset: Path) -> list[str]:
    """Install every config of a built dataset folder into the cache of the datasets library; returns their names.

    datasets looks a name that it cannot find on the Hub up as <cache>/<name>/<config>/<version>/<hash>. The digest of
    the dataset is the hash, so a second install of the same build changes nothing, and another build replaces it.
    Configs that share rows (`all`, `conditioned`) share the Arrow files, as hard links.

    Raises:
        SourceError: the folder is no built dataset.
    """
    import datasets
    from huggingface_hub import DatasetCard

    if not (dataset / MANIFEST).is_file():
        raise SourceError(f"{dataset}: no {MANIFEST} here; build one: python -m dataset_builder build --out {dataset}")
    manifest = json.loads((dataset / MANIFEST).read_text(encoding="utf-8"))
    configs = DatasetCard.load(dataset / "README.md").data.to_dict()["configs"]
    root = Path(datasets.config.HF_DATASETS_CACHE) / NAME
    parts = root / f".{manifest['digest'][:16]}"
    parts.mkdir(parents=True, exist_ok=True)
    datasets.disable_progress_bars()
    for config in tqdm(configs, desc="install", unit="config"):
        name = config["config_name"]
        target = root / name / manifest["version"] / manifest["digest"][:16]
        if not target.is_dir():
            partial = root / f".{name}.partial"
            shutil.rmtree(partial, ignore_errors=True)
            assemble(config, dataset.resolve(), parts, partial / target.relative_to(root / name))
            replace(partial, root / name)
    shutil.rmtree(parts)
    shutil.copyfile(dataset / MANIFEST, root / MANIFEST)  # results and model cards name the digest
    return [config["config_name"] for config in configs]


def assemble(config: dict, dataset: Path, parts: Path, out: Path) -> None:
    """One config at `out`: links to the Arrow files of its parts in `parts`, which are made where they are not."""
    from datasets import DatasetInfo, SplitDict, SplitInfo

    out.mkdir(parents=True)
    splits = SplitDict(dataset_name=NAME)
    for entry in config["data_files"]:
        files, lengths, size = [], [], 0
        for pattern in entry["path"]:
            part = parts / pattern.removesuffix(".parquet").removesuffix("-*")
            prepare(sorted(dataset.glob(pattern)), entry["split"], part)
            info = DatasetInfo.from_directory(part)
            split = info.splits[entry["split"]]
            files += arrow_files(part, split)
            lengths += split.shard_lengths or [split.num_examples]
            size += split.num_bytes
        several = lengths if len(lengths) > 1 else None
        whole = SplitInfo(entry["split"], size, sum(lengths), shard_lengths=several, dataset_name=NAME)
        splits.add(whole)
        for file, link in zip(files, arrow_files(out, whole), strict=True):
            os.link(file, link)
    info.config_name, info.splits = config["config_name"], splits
    info.dataset_size = sum(split.num_bytes for split in splits.values())
    info.write_to_directory(out)


def arrow_files(folder: Path, split: "SplitInfo") -> list[str]:
    """Where datasets looks for the Arrow files of a split."""
    from datasets.naming import filenames_for_dataset_split

    return filenames_for_dataset_split(folder, NAME, split.name, "arrow", split.shard_lengths)


def prepare(files: list[Path], split: str, out: Path) -> None:
    """The Arrow files of one split of a folder of the dataset (data/<task>, mini/<task>, …), once."""
    from datasets.packaged_modules.parquet.parquet import Parquet

    if out.is_dir():
        return
    cache = out.with_name(f"{out.name}.cache")
    data = {split: [str(path) for path in files]}
    Parquet(cache_dir=str(cache), dataset_name=NAME, data_files=data).download_and_prepare(str(out))
    shutil.rmtree(cache)
