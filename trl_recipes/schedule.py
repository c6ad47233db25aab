"""The steps of a run and the learning rate over them: what a recipe comes to, said before it starts."""

import math
from typing import TYPE_CHECKING

from trl_recipes.recipe import RecipeError


if TYPE_CHECKING:
    import trl


def share_rows(arguments: "trl.SFTConfig", rows: int, processes: int) -> None:
    """Let a step have `rows` rows: each process takes its share in micro-batches of equal size.

    They are as large as `per_device_train_batch_size` allows.

    Raises:
        RecipeError: the processes cannot take equally many.
    """
    share, rest = divmod(rows, processes)
    if rest or not share:
        near = max(1, round(rows / processes)) * processes
        raise RecipeError(
            f"{rows} rows a step cannot be shared equally by {processes} processes: set global_batch={near}"
        )
    fits = range(1, arguments.per_device_train_batch_size + 1)
    arguments.per_device_train_batch_size = max(size for size in fits if share % size == 0)
    arguments.gradient_accumulation_steps = share // arguments.per_device_train_batch_size


def total_steps(arguments: "trl.SFTConfig", batches: int) -> int:
    """Optimizer steps of a run whose epoch has `batches` micro-batches a process."""
    if arguments.max_steps > 0:
        return arguments.max_steps
    return math.ceil(arguments.num_train_epochs * max(1, math.ceil(batches / arguments.gradient_accumulation_steps)))


def learning_rate(arguments: "trl.SFTConfig", steps: int, step: int) -> float:
    """The base rate once `step` of `steps` optimizer steps are done; LoRA's B has plus_ratio times as much."""
    import torch
    from transformers import get_scheduler

    optimizer = torch.optim.SGD([torch.zeros(1)], lr=arguments.learning_rate)
    scheduler = get_scheduler(
        arguments.lr_scheduler_type,
        optimizer,
        num_warmup_steps=arguments.get_warmup_steps(steps),
        num_training_steps=steps,
        scheduler_specific_kwargs=arguments.lr_scheduler_kwargs,
    )
    return arguments.learning_rate * scheduler.lr_lambdas[0](step)


def describe_schedule(arguments: "trl.SFTConfig", steps: int) -> str:
    """The base rate at the end of the warm-up, half-way from there, and at the end."""
    warm = arguments.get_warmup_steps(steps)
    rates = [f"{learning_rate(arguments, steps, s):.3g} at {s:,}" for s in (warm, (warm + steps) // 2, steps)]
    return f"base rate by step: 0 at 0, {', '.join(rates)} ({arguments.lr_scheduler_type.value})"
