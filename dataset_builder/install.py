"""Putting a built dataset into datasets' cache, where load_dataset("biology-instructions", …) finds it offline."""

import json
import shutil
from pathlib import Path

from tqdm import tqdm

from dataset_builder.build import replace
from dataset_builder.files import SourceError
from dataset_builder.manifest import MANIFEST


NAME = "biology-instructions"


def install(dataset: Path) -> list[str]:
    """Install every config of a built dataset folder into the cache of the datasets library; returns their names.

    datasets looks a name that it cannot find on the Hub up as <cache>/<name>/<config>/<version>/<hash>. The digest of
    the dataset is the hash, so a second install of the same build changes nothing, and another build replaces it.

    Raises:
        SourceError: the folder is no built dataset.
    """
    import datasets
    from datasets.packaged_modules.parquet.parquet import Parquet
    from huggingface_hub import DatasetCard

    if not (dataset / MANIFEST).is_file():
        raise SourceError(f"{dataset}: no {MANIFEST} here; build one: python -m dataset_builder build --out {dataset}")
    manifest = json.loads((dataset / MANIFEST).read_text(encoding="utf-8"))
    configs = DatasetCard.load(dataset / "README.md").data.to_dict()["configs"]
    root = Path(datasets.config.HF_DATASETS_CACHE) / NAME
    root.mkdir(parents=True, exist_ok=True)
    datasets.disable_progress_bars()
    for config in tqdm(configs, desc="install", unit="config"):
        name = config["config_name"]
        target = root / name / manifest["version"] / manifest["digest"][:16]
        if not target.is_dir():
            files = {
                entry["split"]: [str(dataset.resolve() / path) for path in entry["path"]]
                for entry in config["data_files"]
            }
            partial = root / f".{name}.partial"
            builder = Parquet(cache_dir=str(partial), dataset_name=NAME, config_name=name, data_files=files)
            builder.download_and_prepare(str(partial / "prepared"), file_format="arrow")
            info = partial / "prepared" / "dataset_info.json"
            info.write_text(json.dumps(json.loads(info.read_text()) | {"config_name": name}), encoding="utf-8")
            (partial / "config" / manifest["version"]).mkdir(parents=True)
            (partial / "prepared").rename(partial / "config" / manifest["version"] / target.name)
            replace(partial / "config", root / name)
            shutil.rmtree(partial)
    shutil.copyfile(dataset / MANIFEST, root / MANIFEST)  # results and model cards name the digest
    return [config["config_name"] for config in configs]
