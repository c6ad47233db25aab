"""manifest.json of a built dataset, wherever the dataset is: a folder, installed by name, or on the Hub."""

import hashlib
import json
from pathlib import Path


MANIFEST = "manifest.json"


def find_manifest(dataset: str) -> dict | None:
    """The manifest of a built folder, an installed dataset or one on the Hub; None where it is not to be had."""
    folder = Path(dataset)
    if not folder.is_dir():
        import datasets
        from huggingface_hub import hf_hub_download

        folder = Path(datasets.config.HF_DATASETS_CACHE) / dataset  # `install` puts it there
        if not folder.is_dir():
            try:
                folder = Path(hf_hub_download(dataset, MANIFEST, repo_type="dataset")).parent
            except (OSError, ValueError):  # no such dataset, no Hub, or no name that one could have
                return None
    path = folder / MANIFEST
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def dataset_digest(shards: dict[str, dict]) -> str:
    """The digest of a dataset: over path, rows and sha256 of every shard."""
    return hashlib.sha256(json.dumps(shards, sort_keys=True).encode()).hexdigest()
