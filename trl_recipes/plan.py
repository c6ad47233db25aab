"""What a recipe will take, said before any GPU is rented: tokens, steps, memory, hours.

    python -m trl_recipes plan trl_recipes/llama3.1-8b/stage2.yaml --gpus 8

The model is laid out without memory (meta tensors) and its parameters are chosen as training would choose them.
"""

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dataset_builder.reasoning.sample import PLAIN_ROWS, REASONING_ROWS
from dataset_builder.tasks import TASKS
from trl_recipes.ladder import DOCUMENTS
from trl_recipes.parameters import describe, prepare, split_rates
from trl_recipes.recipe import Recipe, RecipeError
from trl_recipes.schedule import describe_schedule, total_steps
from trl_recipes.shape import HERE, recipe_shape
from trl_recipes.throughput import flops_per_token


if TYPE_CHECKING:
    import torch
    import transformers
    import trl

GIB = 2**30


@dataclass(frozen=True)
class Amount:
    """What there is to train on.

    Attributes:
        rows: of an epoch, each as long as a step takes it; None where max_steps makes the number unneeded.
        row_tokens: mean tokens of one.
        source: where the numbers come from.
    """

    rows: int | None
    row_tokens: float
    source: str


def plan(
    recipe: Recipe, gpus: int, gpu_gib: float, row_tokens: float, tokens_per_second: float | None, price: float | None
) -> list[str]:
    """Lines of text for the reader.

    Args:
        gpu_gib: memory of one GPU.
        row_tokens: mean tokens of a row, where data or tokenizer are not here to count them.
        tokens_per_second: of one GPU; None takes the project's measurement for the stage.
        price: of one GPU for an hour, in any currency; None leaves the cost out.

    Raises:
        RecipeError: no sizes of the model, no rows, or no measured speed.
    """
    import torch
    from transformers import AutoModelForCausalLM

    from trl_recipes.trainer import arguments_of

    arguments = arguments_of(recipe, use_cpu=True, bf16=False)
    config = recipe_shape(recipe)
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(config, dtype=getattr(torch, recipe.dtype))
        model = prepare(model, recipe)
    groups = describe(split_rates(model, recipe, arguments.learning_rate))
    trained = sum(group.parameters for group in groups)
    amount = amount_of(recipe, arguments, row_tokens)

    rows_per_step = gpus * arguments.per_device_train_batch_size * arguments.gradient_accumulation_steps
    batches = math.ceil((amount.rows or 0) / (gpus * arguments.per_device_train_batch_size))
    steps = total_steps(arguments, batches)
    passes = arguments.num_train_epochs  # the last step of each may be a smaller one
    if arguments.max_steps > 0:
        passes = steps * rows_per_step / amount.rows if amount.rows else None
    tokens = round((passes * amount.rows if amount.rows else steps * rows_per_step) * amount.row_tokens)
    epochs = f"{passes:.2f} epochs of {amount.rows:,} rows, " if amount.rows else ""
    flops = flops_per_token(model, min(arguments.max_length, row_tokens))
    measured = measurement(recipe)
    if not (tokens_per_second or measured):
        raise RecipeError(f"no speed was measured for stage {recipe.stage} of {recipe.base}: give --tokens-per-second")
    speed, source = tokens_per_second, "given"
    if not speed:
        speed, source = measured["tokens_per_second"], measured["on"]
        if not (recipe.compile and arguments.packing):
            source += ", packed and compiled, which this recipe is not: expect less"
    hours = tokens / speed / gpus / 3600
    cost = f", {hours * gpus * price:,.0f} at {price:g} an hour" if price else ""
    return [
        f"stage {recipe.stage} of {recipe.base} on {gpus} GPU{'s' * (gpus > 1)}",
        *(
            f"trained at {g.learning_rate:g}: {g.parameters:,} parameters in {g.tensors} tensors ({g.name})"
            for g in groups
        ),
        f"trained: {trained / 1e6:,.1f} of {everything(model) / 1e6:,.1f} million parameters",
        f"step: {arguments.per_device_train_batch_size} rows x {arguments.gradient_accumulation_steps} x {gpus} = "
        f"{rows_per_step} rows",
        f"steps: {steps:,} ({epochs}{amount.source})",
        describe_schedule(arguments, steps),
        f"tokens: {tokens:,}, {amount.row_tokens:,.0f} a row",
        f"arithmetic: {flops / 1e9:.1f} GFLOP a token, {tokens * flops:.2g} FLOP",
        f"time: {duration(hours)} at {speed:,.0f} tokens/s a GPU ({source}); {hours * gpus:,.1f} GPU-hours{cost}",
        memory(model, config, arguments, measured, gpus, gpu_gib),
    ]


def duration(hours: float) -> str:
    """In hours, or minutes where it is less than one."""
    return f"{hours:,.1f} hours" if hours >= 1 else f"{60 * hours:,.1f} minutes"


def amount_of(recipe: Recipe, arguments: "trl.SFTConfig", row_tokens: float) -> Amount:
    """Counted, where dataset and tokenizer are here; else, where rows are needed, from the paper's Table 2.

    Raises:
        RecipeError: neither tells how many rows an epoch has.
    """
    from trl_recipes.data import load_data
    from trl_recipes.trainer import tokenizer_of

    try:
        rows, cuts = load_data(recipe, tokenizer_of(recipe), arguments)
        return Amount(len(rows), cuts.tokens / len(rows), "counted")
    except RecipeError as error:
        missing = error
    if arguments.max_steps > 0:
        return Amount(None, arguments.max_length if arguments.packing else row_tokens, "as the recipe says")
    sizes = {task.id: task.table2[0] for task in TASKS.values()}
    if recipe.balanced:
        sizes = dict.fromkeys(sizes, min(sizes.values()))
    sizes["reasoning"] = REASONING_ROWS + PLAIN_ROWS
    sizes["all"] = sizes["conditioned"] = sum(sizes[task] for task in TASKS)
    if not recipe.data.keys() <= sizes.keys():
        raise RecipeError(
            f"the rows of an epoch of {', '.join(recipe.data)} are not known ({missing}): build the dataset and have "
            "the model's tokenizer at hand, or give --set training.max_steps=..."
        )
    rows = sum(repeats * sizes[name] for name, repeats in recipe.data.items())
    if arguments.packing:
        return Amount(round(rows * row_tokens / arguments.max_length), arguments.max_length, "packed from Table 2")
    return Amount(rows, row_tokens, "Table 2 of the paper")


def measurement(recipe: Recipe) -> dict | None:
    """The fastest compiled rung of the recipe's stage in <base>/throughput.json, a report of bench_gpu; its device."""
    path = HERE / recipe.base / "throughput.json"
    if not path.is_file():
        return None
    report = json.loads(path.read_text(encoding="utf-8"))
    rungs = [r for r in report["rungs"] if r["stage"] == recipe.stage and r["compiled"] and "steps" in r]
    return max(rungs, key=lambda r: r["tokens_per_second"]) | {"on": f"measured on one {report['device']['name']}"}


def everything(model: "torch.nn.Module") -> int:
    """Parameters of the model, each once: without PEFT's untrained copies of what is trained in full rank."""
    return sum(p.numel() for name, p in model.named_parameters() if "original_module" not in name)


def memory(
    model: "torch.nn.Module",
    config: "transformers.PreTrainedConfig",
    arguments: "trl.SFTConfig",
    measured: dict | None,
    gpus: int,
    gpu_gib: float,
) -> str:
    """GiB on one GPU with ZeRO-2: weights, its share of gradients and Adam's state, activations of a micro-batch."""
    trained = sum(p.numel() for p in model.parameters() if p.requires_grad)
    weights = sum(p.numel() * p.element_size() for p in model.parameters())
    token = activation_bytes(config, arguments.gradient_checkpointing)
    if measured and not arguments.gradient_checkpointing:
        tokens = measured["rows"] * DOCUMENTS[measured["stage"]].row
        token = (measured["peak_memory_gib"] * GIB - weights - 12 * trained) / tokens
    activations = token * arguments.per_device_train_batch_size * arguments.max_length
    shared = 12 * trained / gpus
    total = (weights + shared + activations) / GIB
    verdict = "fits" if total < 0.9 * gpu_gib else "does not fit: more GPUs, fewer rows, or gradient_checkpointing"
    return (
        f"memory of a GPU: weights {weights / GIB:.1f} + gradients and Adam {shared / GIB:.1f} + activations "
        f"{activations / GIB:.1f} = {total:.1f} GiB of {gpu_gib:g}: {verdict}"
    )


def activation_bytes(config: "transformers.PreTrainedConfig", checkpointing: bool) -> int:
    """What all layers keep of one token for the backward pass, in bf16.

    That is what matrix products and attention read: the sums and norms before attention and feed-forward, query, key,
    value, what attention returns, gate, up and their product; with checkpointing, a layer's input alone.
    """
    heads = config.num_attention_heads + config.num_key_value_heads
    width = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    kept = 4 * config.hidden_size + 2 * heads * width + 3 * config.intermediate_size
    return 2 * config.num_hidden_layers * (config.hidden_size if checkpointing else kept)
