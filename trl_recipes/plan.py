"""What a recipe will take, said before any GPU is rented: tokens, steps, memory, hours.

    python -m trl_recipes plan trl_recipes/llama3.1-8b/stage2.yaml --gpus 8

The model is laid out without memory (meta tensors) and its parameters are chosen as training would choose them.
"""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dataset_builder.tasks import TASKS
from trl_recipes.parameters import describe, prepare, split_rates
from trl_recipes.recipe import Recipe, RecipeError
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
    steps = arguments.max_steps
    if steps < 0:
        steps = max(1, int(arguments.num_train_epochs * amount.rows / rows_per_step))
    tokens = round(steps * rows_per_step * amount.row_tokens)
    epochs = f"{steps * rows_per_step / amount.rows:.2f} epochs of {amount.rows:,} rows, " if amount.rows else ""
    flops = flops_per_token(model, min(arguments.max_length, row_tokens))
    speed, measured = (tokens_per_second, "given") if tokens_per_second else measured_speed(recipe)
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
        f"tokens: {tokens:,}, {amount.row_tokens:,.0f} a row",
        f"arithmetic: {flops / 1e9:.1f} GFLOP a token, {tokens * flops:.2g} FLOP",
        f"time: {hours:,.1f} hours at {speed:,.0f} tokens/s a GPU ({measured}); {hours * gpus:,.0f} GPU-hours{cost}",
        memory(model, config, arguments, gpus, gpu_gib),
    ]


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
    sizes["all"] = sizes["conditioned"] = sum(sizes.values())
    if not recipe.data.keys() <= sizes.keys():
        raise RecipeError(
            f"the rows of an epoch of {', '.join(recipe.data)} are not known ({missing}): build the dataset and have "
            "the model's tokenizer at hand, or give --set training.max_steps=..."
        )
    rows = sum(repeats * sizes[name] for name, repeats in recipe.data.items())
    if arguments.packing:
        return Amount(round(rows * row_tokens / arguments.max_length), arguments.max_length, "packed from Table 2")
    return Amount(rows, row_tokens, "Table 2 of the paper")


def measured_speed(recipe: Recipe) -> tuple[float, str]:
    """Tokens per second of one GPU at the recipe's stage, from <base>/throughput.json: bench_gpu's report."""
    path = HERE / recipe.base / "throughput.json"
    report = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {"rungs": []}
    rungs = [r for r in report["rungs"] if r["stage"] == recipe.stage and r["compiled"] and "steps" in r]
    if not rungs:
        raise RecipeError(f"no speed was measured for stage {recipe.stage} of {recipe.base}: give --tokens-per-second")
    best = max(rungs, key=lambda r: r["tokens_per_second"])
    return best["tokens_per_second"], f"measured on one {report['device']['name']}"


def everything(model: "torch.nn.Module") -> int:
    """Parameters of the model, each once: without PEFT's untrained copies of what is trained in full rank."""
    return sum(p.numel() for name, p in model.named_parameters() if "original_module" not in name)


def memory(
    model: "torch.nn.Module",
    config: "transformers.PreTrainedConfig",
    arguments: "trl.SFTConfig",
    gpus: int,
    gpu_gib: float,
) -> str:
    """GiB on one GPU with ZeRO-2: weights, its share of gradients and Adam's state, activations of a micro-batch.

    A compiled layer keeps per token its input, query, key, value, attention, the sum after it, gate and up in bf16
    (94 KB in the 8B model); with checkpointing, its input.
    """
    trained = sum(p.numel() for p in model.parameters() if p.requires_grad)
    weights = sum(p.numel() * p.element_size() for p in model.parameters())
    heads = config.num_attention_heads
    width = getattr(config, "head_dim", None) or config.hidden_size // heads
    kept = 2 * config.hidden_size + 2 * heads * width + 2 * config.num_key_value_heads * width
    kept = config.hidden_size if arguments.gradient_checkpointing else kept + 2 * config.intermediate_size
    tokens = arguments.per_device_train_batch_size * arguments.max_length
    activations = 2 * kept * config.num_hidden_layers * tokens
    shared = 12 * trained / gpus
    total = (weights + shared + activations) / GIB
    verdict = "fits" if total < 0.9 * gpu_gib else "does not fit: more GPUs, fewer rows, or gradient_checkpointing"
    return (
        f"memory of a GPU: weights {weights / GIB:.1f} + gradients and Adam {shared / GIB:.1f} + activations "
        f"{activations / GIB:.1f} = {total:.1f} GiB of {gpu_gib:g}: {verdict}"
    )
