"""What cards and publishing start from, checked before any work: runs of trl_recipes and built datasets."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


RUN_KEYS = (
    *("recipe", "stage", "base", "dataset_digest", "groups", "data", "steps", "training_loss", "seconds"),
    *("processes", "device", "platform", "versions"),
)


class FolderError(ValueError):
    """A folder that is not what it should be: the message says which file, and how to make it."""


@dataclass(frozen=True)
class Run:
    """The folder of one finished training stage and its run.json (what is in them: trl_recipes/trainer.py)."""

    path: Path
    summary: dict

    @property
    def name(self) -> str:
        """The repository's name below its owner."""
        return repository_name(self.summary["base"], self.summary["stage"], self.summary["recipe"].get("variant"))

    @property
    def steps(self) -> list[Path]:
        """The folders steps/step-<n> by n."""
        return sorted(self.path.glob("steps/step-[0-9]*"), key=lambda path: int(path.name.removeprefix("step-")))

    @property
    def adapter(self) -> Path | None:
        """The folder of the PEFT adapter; None where the stage trained none."""
        return self.path / "adapter" if (self.path / "adapter" / "adapter_config.json").is_file() else None


def repository_name(base: str, stage: int, variant: str | None = None) -> str:
    """What a stage's repository is called below its owner."""
    return f"chatmultiomics-{base}-stage{stage}{f'-{variant}' if variant else ''}"


def read_run(path: Path) -> Run:
    """The run at `path`.

    Raises:
        FolderError: it is no finished run, or the final model, a step or the adapter is incomplete.
    """
    check_files(path, ["run.json"], "expected the `out` folder of a finished trl_recipes/sft.py run")
    summary = read_json(path / "run.json")
    if missing := [key for key in RUN_KEYS if key not in summary]:
        raise FolderError(f"{path / 'run.json'}: no {', '.join(missing)}; train the stage again with --fresh")
    run = Run(path, summary)
    for folder in (path / "merged", *run.steps):
        check_model(folder)
    if run.adapter:
        check_files(run.adapter, ["adapter_model.safetensors"], "train the stage again with --fresh")
    return run


def check_model(folder: Path) -> None:
    """FolderError unless there are a config.json, a tokenizer and all shards of the weights."""
    index = folder / "model.safetensors.index.json"
    weights = set(read_json(index)["weight_map"].values()) if index.is_file() else {"model.safetensors"}
    check_files(folder, ["config.json", "tokenizer.json", *sorted(weights)], "run trl_recipes/sft.py again")


def check_dataset(folder: Path) -> None:
    """FolderError unless there are a manifest.json, the card and all shards."""
    remedy = "build one: python -m dataset_builder build"
    check_files(folder, ["manifest.json"], remedy)
    check_files(folder, ["README.md", *read_json(folder / "manifest.json")["shards"]], remedy)


def check_files(folder: Path, names: Iterable[str], remedy: str) -> None:
    """FolderError for the first of `names` that is not in the folder."""
    if not folder.is_dir():
        raise FolderError(f"{folder}: no such folder; {remedy}")
    for name in names:
        if not (folder / name).is_file():
            raise FolderError(f"{folder}: no {name} in it; {remedy}")


def read_json(path: Path) -> dict:
    """A JSON file; FolderError with its line if it is none."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise FolderError(f"{path}: not JSON: {error}; make it again") from error
