"""What a recipe will take, said before any GPU is rented: tokens, steps, memory, hours.

    python -m trl_recipes plan trl_recipes/llama3.1-8b/stage2.yaml --gpus 8

The model is laid out without memory (meta tensors) and its parameters are chosen as training would choose them.
"""

import dataclasses
import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dataset_builder.reasoning.sample import PLAIN_ROWS, REASONING_ROWS
from dataset_builder.tasks import TASKS
from trl_recipes.ladder import DOCUMENTS
from trl_recipes.parameters import describe, prepare, split_rates
from trl_recipes.recipe import Recipe, RecipeError
from trl_recipes.resuming import split_of
from trl_recipes.schedule import describe_schedule, total_steps
from trl_recipes.shape import HERE, recipe_shape
from trl_recipes.throughput import flops_per_token


if TYPE_CHECKING:
    import torch
    import transformers
    import trl

GIB = 2**30
# stage -> tokens of a text or row, labelled share; in stages 2 and 3 Llama-3's tokens of the files at hand,
# for tasks without files of random sequences about as long as theirs, weighted by Table 2
TYPICAL = {1: (600, 1.0), 2: (240, 0.08), 3: (420, 0.36)}
UNCOMPILED = 1.4  # of what compiled layers keep for the backward pass: measured in stage 1


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
    recipe: Recipe,
    gpus: int,
    gpu_gib: float = 139,
    row_tokens: float | None = None,
    tokens_per_second: float | None = None,
    price: float | None = None,
) -> list[str]:
    """Lines of text for the reader.

    Args:
        gpu_gib: memory of one GPU.
        row_tokens: mean tokens of a row, where data or tokenizer are not here to count them; None: TYPICAL ones.
        tokens_per_second: of one GPU; None takes the project's measurement for the stage.
        price: of one GPU for an hour, in any currency; None leaves the cost out.

    Raises:
        RecipeError: no sizes of the model, no rows, or a number that cannot be.
    """
    from trl_recipes.trainer import arguments_of

    numbers = {"gpus": gpus, "gpu-gib": gpu_gib, "row-tokens": row_tokens}
    for name, value in (numbers | {"tokens-per-second": tokens_per_second, "price": price}).items():
        if value is not None and not value > 0:
            raise RecipeError(f"--{name} {value:g}: expected more than 0")
    arguments = arguments_of(recipe, gpus, use_cpu=True, bf16=False)
    config = recipe_shape(recipe)
    model = laid_out(recipe, config)
    groups = describe(split_rates(model, recipe, arguments.learning_rate))
    trained = sum(group.parameters for group in groups)
    typical, scored = TYPICAL[recipe.stage]
    amount = amount_of(recipe, arguments, row_tokens or typical)
    steps, tokens, epochs = length(amount, arguments, gpus)
    flops = flops_per_token(model, min(arguments.max_length, row_tokens or typical), scored)
    measured = measurement(recipe)
    return [
        f"stage {recipe.stage} of {recipe.base} on {gpus} GPU{'s' * (gpus > 1)}",
        *(
            f"trained at {g.learning_rate:g}: {g.parameters:,} parameters in {g.tensors} tensors ({g.name})"
            for g in groups
        ),
        f"trained: {trained / 1e6:,.1f} of {everything(model) / 1e6:,.1f} million parameters",
        str(dataclasses.replace(split_of(arguments), processes=gpus, zero_stage=2 * (gpus > 1))),
        f"steps: {steps:,} ({epochs}{amount.source})",
        describe_schedule(arguments, steps),
        f"tokens: {tokens:,}, {amount.row_tokens:,.0f} a row",
        f"arithmetic: {flops / 1e9:.1f} GFLOP a token, {tokens * flops:.2g} FLOP",
        time_and_cost(recipe, tokens, gpus, tokens_per_second, price, measured),
        memory(model, config, recipe, arguments, measured, gpus, gpu_gib),
    ]


def laid_out(recipe: Recipe, config: "transformers.PreTrainedConfig") -> "torch.nn.Module":
    """The model as the stage trains it, without memory."""
    import torch
    from transformers import AutoModelForCausalLM

    with torch.device("meta"):
        return prepare(AutoModelForCausalLM.from_config(config, dtype=getattr(torch, recipe.dtype)), recipe)


def length(amount: Amount, arguments: "trl.SFTConfig", gpus: int) -> tuple[int, int, str]:
    """Optimizer steps, tokens, and in words the epochs, where their rows are known."""
    rows = gpus * arguments.per_device_train_batch_size
    steps = total_steps(arguments, math.ceil((amount.rows or 0) / rows))
    rows *= arguments.gradient_accumulation_steps
    if not amount.rows:
        return steps, round(steps * rows * amount.row_tokens), ""
    # the last step of an epoch may be a smaller one
    epochs = steps * rows / amount.rows if arguments.max_steps > 0 else arguments.num_train_epochs
    return steps, round(epochs * amount.rows * amount.row_tokens), f"{epochs:.2f} epochs of {amount.rows:,} rows, "


def time_and_cost(
    recipe: Recipe, tokens: int, gpus: int, given: float | None, price: float | None, measured: dict | None
) -> str:
    """Hours of all GPUs together and of each, and their cost."""
    if not (given or measured):
        return f"time: no speed was measured for stage {recipe.stage} of {recipe.base}: give --tokens-per-second"
    speed, source = (given, "given") if given else (measured["tokens_per_second"], measured["on"])
    if not given and not (recipe.compile and recipe.training.get("packing")):
        source += ", packed and compiled, which this recipe is not: expect less"
    hours = tokens / speed / 3600
    cost = f", {hours * price:,.0f} at {price:g} an hour" if price else ""
    return f"time: {duration(hours / gpus)} at {speed:,.0f} tokens/s a GPU ({source}); {hours:,.1f} GPU-hours{cost}"


def duration(hours: float) -> str:
    """In hours, or minutes where it is less than one."""
    return f"{hours:,.1f} hours" if hours >= 1 else f"{60 * hours:,.1f} minutes"


def amount_of(recipe: Recipe, arguments: "trl.SFTConfig", row_tokens: float) -> Amount:
    """Counted, where dataset and tokenizer are here; else, where rows are needed, from the paper's Table 2.

    Raises:
        RecipeError: neither tells how many rows an epoch has, or the data cannot be used as the recipe says.
    """
    from trl_recipes.data import load_config, load_data
    from trl_recipes.trainer import tokenizer_of

    try:
        missing = f"tokenizer {recipe.model}"
        tokenizer = tokenizer_of(recipe)
        missing = f"dataset {recipe.dataset}"
        for config in recipe.data:
            load_config(recipe.dataset, config)
    except RecipeError:
        missing += " is not here"
    else:
        rows, cuts = load_data(recipe, tokenizer, arguments)
        return Amount(len(rows), cuts.tokens / len(rows), "counted")
    if arguments.max_steps > 0:
        tokens = arguments.max_length if arguments.packing else row_tokens
        return Amount(None, tokens, f"as the recipe says; {missing}")
    sizes = {task.id: task.table2[0] for task in TASKS.values()}
    if recipe.balanced:
        sizes = dict.fromkeys(sizes, min(sizes.values()))
    sizes["reasoning"] = REASONING_ROWS + PLAIN_ROWS
    sizes["all"] = sizes["conditioned"] = sum(sizes[task] for task in TASKS)
    if not recipe.data.keys() <= sizes.keys():
        raise RecipeError(
            f"the rows of an epoch of {', '.join(recipe.data)} are not known, as {missing}: build the "
            "dataset and have the model's tokenizer at hand, or give --set training.max_steps=..."
        )
    rows = sum(repeats * sizes[name] for name, repeats in recipe.data.items())
    if arguments.packing:
        return Amount(
            round(rows * row_tokens / arguments.max_length), arguments.max_length, f"packed from Table 2; {missing}"
        )
    return Amount(rows, row_tokens, f"Table 2 of the paper; {missing}")


def measurement(recipe: Recipe) -> dict | None:
    """The fastest compiled rung of the recipe's stage in <base>/throughput.json, a report of bench_gpu; its device."""
    path = HERE / recipe.base / "throughput.json"
    if not path.is_file():
        return None
    report = json.loads(path.read_text(encoding="utf-8"))
    rungs = [r for r in report["rungs"] if r["stage"] == recipe.stage and r["compiled"] and "steps" in r]
    fastest = max(rungs, key=lambda r: r["tokens_per_second"])
    return fastest | {"on": f"measured on one {report['device']['name']}, {fastest['rows']} rows at once"}


def everything(model: "torch.nn.Module") -> int:
    """Parameters of the model, each once: without PEFT's untrained copies of what is trained in full rank."""
    return sum(p.numel() for name, p in model.named_parameters() if "original_module" not in name)


def memory(
    model: "torch.nn.Module",
    config: "transformers.PreTrainedConfig",
    recipe: Recipe,
    arguments: "trl.SFTConfig",
    measured: dict | None,
    gpus: int,
    gpu_gib: float,
) -> str:
    """GiB on one GPU: weights, gradients and Adam's state, activations of a micro-batch.

    Several GPUs share by ZeRO-2, which holds every weight in the recipe's dtype and float32 copies of what it trains
    with gradients and Adam's state.
    """
    import torch

    trained = sum(p.numel() for p in model.parameters() if p.requires_grad)
    every = sum(p.numel() for p in model.parameters())
    size = getattr(torch, recipe.dtype).itemsize
    alone = size * (every - trained) + 4 * trained
    weights, shared = (alone, 12 * trained) if gpus == 1 else (size * every, 16 * trained / gpus)
    checkpointing = arguments.gradient_checkpointing
    token = activation_bytes(config, checkpointing) * (1 if recipe.compile or checkpointing else UNCOMPILED)
    if measured and recipe.compile and not checkpointing:
        tokens = measured["rows"] * DOCUMENTS[measured["stage"]].row
        token = (measured["peak_memory_gib"] * GIB - alone - 12 * trained) / tokens
    activations = token * arguments.per_device_train_batch_size * arguments.max_length
    total = (weights + shared + activations) / GIB
    cure = "fewer rows or more GPUs, zero3.yaml" + ("" if checkpointing else ", training.gradient_checkpointing=true")
    verdict = "fits" if total < 0.9 * gpu_gib else f"does not fit: {cure}"
    return (
        f"memory of a GPU{' with ZeRO-2' if gpus > 1 else ''}: weights {weights / GIB:.1f} + gradients and Adam "
        f"{shared / GIB:.1f} + activations {activations / GIB:.1f} = {total:.1f} GiB of {gpu_gib:g}: {verdict}"
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
