"""What a run tells of itself in its folder: run.json when it is finished, log.jsonl step by step."""

import dataclasses
import json
import platform
from importlib.metadata import distributions, version
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from dataset_builder.manifest import find_manifest
from model_cards.folders import Run, read_json
from trl_recipes.data import Cuts
from trl_recipes.parameters import Group
from trl_recipes.recipe import Recipe


if TYPE_CHECKING:
    import torch
    import trl

VERSIONS = ("torch", "transformers", "trl", "peft", "deepspeed", "accelerate", "datasets")


def summary(recipe: Recipe, trainer: "trl.SFTTrainer", cuts: Cuts, groups: list[Group]) -> dict:
    """What run.json says of a run beside its loss and its time."""
    manifest, plugin = find_manifest(recipe.dataset), trainer.args.deepspeed_plugin
    packages = {found.name for found in distributions()}  # DeepSpeed is not everywhere
    return {
        "recipe": dataclasses.asdict(recipe),
        "stage": recipe.stage,
        "base": recipe.base,
        "previous": previous_run(recipe),
        "dataset_digest": manifest["digest"] if manifest else None,
        "groups": [dataclasses.asdict(group) for group in groups],
        "data": dataclasses.asdict(cuts),
        "steps": trainer.state.global_step,
        "processes": trainer.args.world_size,
        "deepspeed_stage": plugin.zero_stage if plugin else None,
        "device": device_name(trainer.args.device),
        "platform": platform.platform(),
        "versions": {name: version(name) for name in VERSIONS if name in packages},
    }


def previous_run(recipe: Recipe) -> str | None:
    """The repository name of the run whose merged/ the stage started from; None where it is no run's."""
    folder = Path(recipe.model).resolve().parent
    return Run(folder, read_json(folder / "run.json")).name if (folder / "run.json").is_file() else None


def device_name(device: "torch.device") -> str:
    """The GPU's name, or `cpu`."""
    import torch

    return torch.cuda.get_device_name(device) if device.type == "cuda" else str(device)


def mean_loss(history: list[dict]) -> float:
    """The mean over all steps of Trainer's log, which a checkpoint keeps: its own is of this process's steps."""
    lines = [(0, 0.0), *((line["step"], line["loss"]) for line in history if "loss" in line)]
    return sum((step - before) * loss for (before, _), (step, loss) in pairwise(lines)) / max(lines[-1][0], 1)


def rewind(path: Path, step: int) -> None:
    """Drop the lines of a log that come after the checkpoint that the run goes on from: its steps are made again."""
    if path.is_file():
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        whole = [line for line in lines if line.endswith("\n")]  # a killed process may leave half a line
        partial = path.with_suffix(".partial")
        partial.write_text("".join(line for line in whole if json.loads(line)["step"] <= step), encoding="utf-8")
        partial.replace(path)


def step_log(path: Path, groups: int):
    """A callback that writes one JSON line per logged step, with the learning rate of every parameter group."""
    from transformers import TrainerCallback

    class StepLog(TrainerCallback):
        def on_log(self, args, state, control, logs=None, **kwargs):
            if not logs or "loss" not in logs:
                return
            scheduler = kwargs["lr_scheduler"]
            line = {"step": state.global_step, **logs, "learning_rates": scheduler.get_last_lr()[:groups]}
            path.parent.mkdir(parents=True, exist_ok=True)
            with open(path, "a", encoding="utf-8") as stream:
                stream.write(json.dumps(line) + "\n")

    return StepLog()


def write_json(path: Path, content: dict) -> None:
    """Write a file whole or not at all."""
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    partial.replace(path)
