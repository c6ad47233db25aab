"""One training stage: model, data and SFTTrainer put together from a recipe, run or resumed, and exported."""

import dataclasses
import json
import logging
import shutil
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from metrics.benchmark.generation import ITS_PLACE
from metrics.benchmark.ranks import rank, wait
from trl_recipes.console import check_trackers, show_progress
from trl_recipes.data import Cuts, load_config, load_data
from trl_recipes.export import export
from trl_recipes.hub import CheckpointPusher, publish_checked, push_before_leaving, push_callback, repository_of
from trl_recipes.parameters import Group, describe, optimizer_factory, prepare, split_rates
from trl_recipes.preemption import Preempted, StopRequests, stop_callback, stop_requests
from trl_recipes.recipe import Recipe, RecipeError
from trl_recipes.records import mean_loss, rewind, step_log, summary, write_json
from trl_recipes.resuming import RunRecord, alone, last_checkpoint, split_of
from trl_recipes.schedule import describe_schedule, learning_rate, share_rows, total_steps
from trl_recipes.speed import FAST_ARGUMENTS, fast_trainer


if TYPE_CHECKING:
    import datasets
    import trl
    from transformers import PreTrainedTokenizerBase

log = logging.getLogger(__name__)

TAKEN = {  # arguments of SFTConfig that a stage sets itself, or does better -> how
    "optim": "a stage's optimizer is torch's AdamW; none of 8 bits is offered, see README.md",
    "assistant_only_loss": "the loss falls on the answer, unless completion_only_loss is false",
    "padding_free": "set packing=true",
    "push_to_hub": "set the recipe's `hub`, by which every checkpoint is verified",
    "enable_jit_checkpoint": "SIGTERM and SIGUSR1 make a stage save and stop in any case",
    "use_liger_kernel": "a stage's own loss makes no logits either",
    "save_only_model": "a stopped run would not go on to the same weights",
    "ignore_data_skip": "a stopped run would not go on to the same weights",
}


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
    for config in recipe.data:  # before the model, which may take minutes
        load_config(recipe.dataset, config)
    try:
        model = AutoModelForCausalLM.from_pretrained(recipe.model, dtype=getattr(torch, recipe.dtype))
    except (OSError, ValueError) as error:
        raise RecipeError(f"cannot load the model {recipe.model!r}: {error}") from error
    set_seed(arguments.seed)  # LoRA's A is drawn now
    model = prepare(model, recipe)
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
    trainer = fast_trainer(
        model,
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


def arguments_of(recipe: Recipe, processes: int | None = None, **more) -> "trl.SFTConfig":
    """The recipe's `training`, and `more`, as SFTTrainer takes it, for so many processes (None: those that there are).

    Raises:
        RecipeError: a key or value that SFTConfig does not know, or that a stage has no use for.
    """
    import trl

    for key, value in recipe.training.items():
        default = getattr(trl.SFTConfig, key, None)
        if isinstance(value, str) and isinstance(default, (int, float)):  # no field with such a default takes text
            raise RecipeError(f"training.{key}: {value!r}; expected a value like {default}")
    try:
        settings = {**FAST_ARGUMENTS, **recipe.training, **more}
        arguments = trl.SFTConfig(output_dir=str(Path(recipe.out) / "checkpoints"), **settings)
        learning_rate(arguments, steps=100, step=1)
    except (TypeError, ValueError) as error:
        raise RecipeError(f"training: {error}; keys and values are those of trl.SFTConfig") from error
    for key, how in TAKEN.items():
        if settings.get(key):
            raise RecipeError(f"training.{key}: {how}")
    for key in ("per_device_train_batch_size", "gradient_accumulation_steps"):
        if getattr(arguments, key) < 1:
            raise RecipeError(f"training.{key}: {getattr(arguments, key)}; expected 1 or more")
    if arguments.eval_strategy != "no" or arguments.eval_on_start or arguments.save_strategy == "best":
        raise RecipeError("training: a stage has no rows to evaluate on: python -m metrics evaluates what it saved")
    if arguments.packing_strategy not in ("bfd", "bfd_split", "wrapped"):
        raise RecipeError(
            f"training.packing_strategy: {arguments.packing_strategy!r}; expected bfd, bfd_split, wrapped"
        )
    if not arguments.max_length:
        raise RecipeError("training.max_length: none; expected the tokens that a row has at most, such as 1024")
    if recipe.global_batch:
        share_rows(arguments, recipe.global_batch, processes or arguments.world_size)
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
        raise RecipeError(f"cannot load the tokenizer of the model {recipe.model!r}; {ITS_PLACE}: {error}") from error
    if tokenizer.pad_token is None:
        tokenizer.pad_token = pad_token(tokenizer.get_vocab())
    return tokenizer


def pad_token(vocabulary: dict[str, int]) -> str:
    """A reserved token to pad with, never one that ends an answer: who masks padding by its id would mask that too."""
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
        RecipeError: the run cannot be made, or not be continued, as the recipe and these processes are; or another one
            writes to its folder.
    """
    out = Path(recipe.out)
    with stop_requests() as stop, nullcontext() if rank() else alone(out):
        if resume and is_finished(recipe, out):
            log.info("%s is finished: %s", out, out / "merged")
        else:
            train(recipe, resume, stop)
        if recipe.hub:
            wait()
            stop.at_once = True  # the same command publishes what is finished
            stop.leave()
            if not rank():
                publish_checked(recipe, out)
        wait()
    return out / "merged"


def is_finished(recipe: Recipe, out: Path) -> bool:
    """Whether `out` holds the finished run of the recipe.

    Raises:
        RecipeError: it holds another recipe's.
    """
    if not (out / "run.json").is_file():
        return False
    if json.loads((out / "run.json").read_text())["recipe"] == dataclasses.asdict(recipe):
        return True
    raise RecipeError(f"{out} holds a finished run of another recipe; choose another `out`, or pass --fresh")


def train(recipe: Recipe, resume: bool, stop: StopRequests) -> None:
    """`run` without publishing its end; a signal is heard at once before the first step, then after each."""
    out = Path(recipe.out)
    if not resume:
        (out / "run.json").unlink(missing_ok=True)
        for name in ("checkpoints", "steps"):
            shutil.rmtree(out / name, ignore_errors=True)
    arguments = arguments_of(recipe)
    target = repository_of(recipe) if recipe.hub and not rank() else None  # a Hub that refuses says so now
    last = last_checkpoint(recipe, arguments) if resume else None
    trainer, cuts = make_trainer(recipe)
    groups = describe(split_rates(trainer.model, recipe, trainer.args.learning_rate))
    show_progress(trainer)
    stop.at_once = False
    main = trainer.is_world_process_zero()
    if main:
        announce(recipe, trainer, cuts, groups, last)
        rewind(out / "log.jsonl", int(last.rpartition("-")[2]) if last else 0)
        trainer.add_callback(step_log(out / "log.jsonl", len(groups)))
        trainer.add_callback(step_export(recipe, out))
        if last and not (step := step_folder(out, last)).is_dir():
            export(Path(last), recipe, step)
        if target:
            pusher = CheckpointPusher(target, out, recipe.training.get("save_total_limit"))
            trainer.add_callback(push_callback(pusher))
    trainer.add_callback(RunRecord(split_of(trainer.args), recipe))
    trainer.add_callback(stop_callback(stop))
    trainer.train(resume_from_checkpoint=last)
    taken, planned = trainer.state.global_step, trainer.state.max_steps
    if taken < planned:
        if main and recipe.hub:
            push_before_leaving(pusher)
        trainer.accelerator.wait_for_everyone()
        signals = ", ".join(stop.names) or "a signal to another process"
        raise Preempted(f"stopped by {signals} after step {taken} of {planned}: {out}/checkpoints/checkpoint-{taken}")
    final = out / ("adapter" if recipe.lora else "model")
    trainer.save_model(str(final))
    trainer.accelerator.wait_for_everyone()
    if main:
        export(final, recipe, out / "merged")
        about = {
            "training_loss": mean_loss(trainer.state.log_history),
            "seconds": round(trainer.throughput.seconds, 1),
        }
        write_json(out / "run.json", summary(recipe, trainer, cuts, groups) | about)
        if recipe.hub:
            pusher.finish()


def announce(recipe: Recipe, trainer: "trl.SFTTrainer", cuts: Cuts, groups: list[Group], last: str | None) -> None:
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
        str(split_of(arguments)),
        describe_schedule(arguments, total_steps(arguments, len(trainer.get_train_dataloader()))),
        f"packing: {packing and arguments.packing_strategy}; "
        f"attention: {trainer.model.config._attn_implementation}; "
        f"gradient checkpointing: {arguments.gradient_checkpointing}",
    ]
    for line in lines + ([f"resumed from {last}"] if last else []):
        log.info(line)


def step_export(recipe: Recipe, out: Path):
    """A callback that makes every saved checkpoint a loadable model, <out>/steps/step-<n>, as long as it is kept."""
    from transformers import TrainerCallback

    class StepExport(TrainerCallback):
        def on_save(self, args, state, control, **kwargs):
            checkpoint = Path(args.output_dir) / f"checkpoint-{state.global_step}"
            export(checkpoint, recipe, step_folder(out, checkpoint.name))
            if args.save_total_limit:  # Trainer has deleted older checkpoints
                for step in (out / "steps").glob("step-*"):
                    if not (checkpoint.parent / step.name.replace("step", "checkpoint")).is_dir():
                        shutil.rmtree(step)

    return StepExport()


def step_folder(out: Path, checkpoint: str) -> Path:
    """Where a checkpoint's model lies."""
    return out / "steps" / f"step-{checkpoint.rpartition('-')[2]}"
