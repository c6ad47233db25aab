"""One training stage: model, data and SFTTrainer put together from a recipe, run or resumed, and exported."""

import dataclasses
import json
import logging
import platform
import shutil
import time
from importlib.metadata import distributions, version
from pathlib import Path
from typing import TYPE_CHECKING

from dataset_builder.manifest import find_manifest
from metrics.benchmark.ranks import rank
from model_cards.folders import Run, read_json
from trl_recipes.console import check_trackers, show_progress
from trl_recipes.data import Cuts, load_data
from trl_recipes.export import export
from trl_recipes.hub import CheckpointPusher, publish_checked, push_before_leaving, push_callback, repository_of
from trl_recipes.parameters import describe, optimizer_factory, prepare, split_rates
from trl_recipes.preemption import Preempted, stop_callback, stop_requests
from trl_recipes.recipe import Recipe, RecipeError
from trl_recipes.resuming import SplitRecord, last_checkpoint, split_of
from trl_recipes.schedule import describe_schedule, total_steps
from trl_recipes.speed import FAST_ARGUMENTS, fast_trainer


if TYPE_CHECKING:
    import datasets
    import torch
    import trl
    from transformers import PreTrainedTokenizerBase

log = logging.getLogger(__name__)
VERSIONS = ("torch", "transformers", "trl", "peft", "deepspeed", "accelerate", "datasets")


def make_trainer(recipe: Recipe) -> "tuple[trl.SFTTrainer, Cuts]":
    """The trainer of a recipe, with what had to be cut from its data.

    Raises:
        RecipeError: an argument that SFTConfig does not know, a model or dataset that cannot be loaded.
    """
    import torch
    from transformers import AutoModelForCausalLM, set_seed

    arguments = arguments_of(recipe)
    check_trackers(arguments)
    tokenizer = tokenizer_of(recipe)
    try:
        model = AutoModelForCausalLM.from_pretrained(recipe.model, dtype=getattr(torch, recipe.dtype))
    except (OSError, ValueError) as error:
        raise RecipeError(f"cannot load the model {recipe.model!r}: {error}") from error
    rows, cuts = load_data(recipe, tokenizer, arguments)
    flat_tokens = arguments.per_device_train_batch_size * arguments.max_length if arguments.packing else None
    arguments.packing = False  # done
    arguments.dataset_kwargs = {"skip_prepare_dataset": True}
    gpu = torch.cuda.is_available()
    optimizer = {
        "lr": arguments.learning_rate,
        "betas": (arguments.adam_beta1, arguments.adam_beta2),
        "eps": arguments.adam_epsilon,
        "weight_decay": arguments.weight_decay,
        **({"fused": True} if gpu else {}),
    }
    set_seed(arguments.seed)  # LoRA's A is drawn below
    trainer = fast_trainer(
        prepare(model, recipe),
        tokenizer,
        rows,
        arguments,
        (optimizer_factory(recipe), optimizer),
        flat_tokens=flat_tokens,
        longest=longest_document(rows) if "seq_lengths" in rows.column_names else arguments.max_length,
        compiled=recipe.compile and gpu,
    )
    return trainer, cuts


def longest_document(rows: "datasets.Dataset") -> int:
    """Tokens of the longest document in packed rows."""
    import pyarrow.compute as pc

    return pc.max(pc.list_flatten(rows.data["seq_lengths"])).as_py()


def arguments_of(recipe: Recipe, **more) -> "trl.SFTConfig":
    """The recipe's `training`, and `more`, as SFTTrainer takes it.

    Raises:
        RecipeError: a key that SFTConfig does not know.
    """
    import trl

    try:
        settings = {**FAST_ARGUMENTS, **recipe.training, **more}
        arguments = trl.SFTConfig(output_dir=str(Path(recipe.out) / "checkpoints"), **settings)
    except TypeError as error:
        raise RecipeError(f"training: {error}; its keys are those of trl.SFTConfig") from error
    if recipe.hub:
        arguments.save_total_limit = None  # nothing is deleted before the Hub has it: trl_recipes/hub.py
    return arguments


def tokenizer_of(recipe: Recipe) -> "PreTrainedTokenizerBase":
    """The tokenizer of the recipe's model, with a padding token.

    Raises:
        RecipeError: it cannot be loaded, or has no token to pad with.
    """
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(recipe.model)
    except (OSError, ValueError) as error:
        raise RecipeError(f"cannot load the tokenizer of the model {recipe.model!r}: {error}") from error
    if tokenizer.pad_token is None:
        tokenizer.pad_token = pad_token(tokenizer.get_vocab())
    return tokenizer


def pad_token(vocabulary: dict[str, int]) -> str:
    """A reserved token to pad with; never one that ends an answer: its loss would be masked with the padding."""
    for name in ("<|finetune_right_pad_id|>", "<|reserved_special_token_0|>", "<|endoftext|>", "<pad>"):
        if name in vocabulary:
            return name
    raise RecipeError("the tokenizer has no padding token and no reserved one; set one in the model's tokenizer")


def run(recipe: Recipe, resume: bool = True) -> Path:
    """Train one stage, from its last checkpoint where there is one, and export it; returns <out>/merged.

    <out>/ then holds run.json, log.jsonl, steps/step-<n>/ (each saved checkpoint as a loadable model), adapter/ (where
    the stage trains one) and merged/. A finished run is not repeated.

    Raises:
        Preempted: a signal asked the run to stop, and it did.
        RecipeError: the run cannot be made, or not be continued, as the recipe and these processes are.
    """
    out = Path(recipe.out)
    settings = dataclasses.asdict(recipe)
    if resume and (out / "run.json").is_file():
        if json.loads((out / "run.json").read_text())["recipe"] == settings:
            log.info("%s is finished: %s", out, out / "merged")
            if recipe.hub and not rank():  # the process may have ended before it was published
                publish_checked(recipe, out)
            return out / "merged"
        raise RecipeError(f"{out} holds a finished run of another recipe; choose another `out`, or pass --fresh")
    if not resume:
        (out / "run.json").unlink(missing_ok=True)
        for name in ("checkpoints", "steps"):
            shutil.rmtree(out / name, ignore_errors=True)
    with stop_requests() as asked:
        return train(recipe, resume, asked)


def train(recipe: Recipe, resume: bool, asked: list[str]) -> Path:
    """`run` without what comes before; stops after the step in which `asked` gets a signal's name."""
    out, settings = Path(recipe.out), dataclasses.asdict(recipe)
    last = last_checkpoint(recipe, arguments_of(recipe)) if resume else None
    trainer, cuts = make_trainer(recipe)
    groups = describe(split_rates(trainer.model, recipe, trainer.args.learning_rate))
    show_progress(trainer)
    main = trainer.is_world_process_zero()
    if main:
        announce(recipe, trainer, cuts, groups, last)
        rewind(out / "log.jsonl", int(last.rpartition("-")[2]) if last else 0)
        trainer.add_callback(step_log(out / "log.jsonl", len(groups)))
        trainer.add_callback(step_export(recipe, out))
        if last and not (step := step_folder(out, last)).is_dir():
            export(Path(last), recipe, step)
        if recipe.hub:
            pusher = CheckpointPusher(repository_of(recipe), out, recipe.training.get("save_total_limit"))
            trainer.add_callback(push_callback(pusher))
    trainer.add_callback(SplitRecord(split_of(trainer.args)))
    trainer.add_callback(stop_callback(asked))
    started = time.time()
    result = trainer.train(resume_from_checkpoint=last)
    taken, planned = trainer.state.global_step, trainer.state.max_steps
    if taken < planned:
        if main and recipe.hub:
            push_before_leaving(pusher)
        trainer.accelerator.wait_for_everyone()
        signals = ", ".join(asked) or "a signal to another process"
        raise Preempted(f"stopped by {signals} after step {taken} of {planned}: {out}/checkpoints/checkpoint-{taken}")
    final = out / ("adapter" if recipe.lora else "model")
    trainer.save_model(str(final))
    trainer.accelerator.wait_for_everyone()
    if main:
        export(final, recipe, out / "merged")
        packages = {found.name for found in distributions()}  # DeepSpeed is not everywhere
        summary = {
            "recipe": settings,
            "stage": recipe.stage,
            "base": recipe.base,
            "previous": previous_run(recipe),
            "dataset_digest": manifest["digest"] if (manifest := find_manifest(recipe.dataset)) else None,
            "groups": [dataclasses.asdict(group) for group in groups],
            "data": dataclasses.asdict(cuts),
            "steps": taken,
            "training_loss": result.training_loss,
            "seconds": round(time.time() - started, 1),
            "processes": trainer.args.world_size,
            "deepspeed_stage": plugin.zero_stage if (plugin := trainer.args.deepspeed_plugin) else None,
            "device": device_name(trainer.args.device),
            "platform": platform.platform(),
            "versions": {name: version(name) for name in VERSIONS if name in packages},
        }
        write_json(out / "run.json", summary)
        if recipe.hub:
            pusher.finish()
            publish_checked(recipe, out)
    trainer.accelerator.wait_for_everyone()
    return out / "merged"


def previous_run(recipe: Recipe) -> str | None:
    """The repository name of the run whose merged/ the stage started from; None where it is no run's."""
    folder = Path(recipe.model).resolve().parent
    return Run(folder, read_json(folder / "run.json")).name if (folder / "run.json").is_file() else None


def device_name(device: "torch.device") -> str:
    """The GPU's name, or `cpu`."""
    import torch

    return torch.cuda.get_device_name(device) if device.type == "cuda" else str(device)


def announce(recipe: Recipe, trainer: "trl.SFTTrainer", cuts: Cuts, groups: list, last: str | None) -> None:
    """Say what is about to be trained: data, cuts, parameter groups with their rates, packing and attention in use."""
    arguments, packing = trainer.args, recipe.training.get("packing", False)
    lines = [
        f"stage {recipe.stage} of {recipe.base} from {recipe.model} -> {recipe.out}",
        f"data: {recipe.data}: {len(trainer.train_dataset):,} rows{' after packing' if packing else ''}",
        f"shortened to fit {arguments.max_length} tokens: {cuts.shortened:,} of {cuts.rows:,} rows, by "
        f"{cuts.letters_cut:,} letters; dropped: {cuts.dropped:,}, too long without their sequences",
        *(
            f"trained at {g.learning_rate:g}: {g.parameters:,} parameters in {g.tensors} tensors ({g.name})"
            for g in groups
        ),
        describe_schedule(arguments, total_steps(arguments, len(trainer.get_train_dataloader()))),
        f"packing: {packing and arguments.packing_strategy}; "
        f"attention: {trainer.model.config._attn_implementation}; "
        f"gradient checkpointing: {arguments.gradient_checkpointing}",
    ]
    for line in lines + ([f"resumed from {last}"] if last else []):
        log.info(line)


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


def step_export(recipe: Recipe, out: Path):
    """A callback that makes every saved checkpoint a loadable model: <out>/steps/step-<n>."""
    from transformers import TrainerCallback

    class StepExport(TrainerCallback):
        def on_save(self, args, state, control, **kwargs):
            checkpoint = Path(args.output_dir) / f"checkpoint-{state.global_step}"
            export(checkpoint, recipe, step_folder(out, checkpoint.name))

    return StepExport()


def step_folder(out: Path, checkpoint: str) -> Path:
    """Where a checkpoint's model lies."""
    return out / "steps" / f"step-{checkpoint.rpartition('-')[2]}"


def write_json(path: Path, content: dict) -> None:
    """Write a file whole or not at all."""
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    partial.replace(path)
