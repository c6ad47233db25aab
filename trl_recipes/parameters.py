"""Which parameters a stage trains, and at which learning rate.

PEFT's own LoRA+ helper puts every one-dimensional parameter, so also the norms, at the rate of B; the paper trains the
norms and the full-rank layers at the base rate (section 4.1), so the groups are made here.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trl_recipes.recipe import Recipe, RecipeError


if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Group:
    """Parameters that share a learning rate: `lora_B` at ratio times the base rate, `base` for all others."""

    name: str
    learning_rate: float
    tensors: int
    parameters: int


def prepare(model: "torch.nn.Module", recipe: Recipe) -> "torch.nn.Module":
    """Freeze and wrap `model` as the recipe says; every trainable tensor is float32.

    In bf16 a step of 1e-4 on a norm weight near 1 rounds to nothing (its spacing there is 0.0078), hence float32.
    DeepSpeed keeps a float32 copy of what it trains itself; ZeRO-3 needs one dtype in all of the model.

    Raises:
        RecipeError: a name in `full`, `frozen` or `lora.targets` matches no module, or one of two that share a weight.
    """
    import torch
    from transformers.integrations import is_deepspeed_zero3_enabled

    dtype = model.dtype if is_deepspeed_zero3_enabled() else torch.float32
    check_names(model, recipe)
    check_tied(model, recipe)
    if recipe.lora:
        from peft import LoraConfig, get_peft_model

        config = LoraConfig(
            r=recipe.lora.rank,
            lora_alpha=recipe.lora.alpha,
            target_modules=recipe.lora.targets,
            exclude_modules=list(recipe.full) or None,
            modules_to_save=list(recipe.full) or None,
            task_type="CAUSAL_LM",
        )
        model = get_peft_model(model, config)
    else:
        for name, parameter in model.named_parameters():
            module = name.rpartition(".")[0]
            wanted = recipe.full == "all" or module.endswith(tuple(recipe.full))
            parameter.requires_grad = wanted and not module.endswith(tuple(recipe.frozen) or ("\0",))
    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.data = parameter.data.to(dtype)
    return model


def check_names(model: "torch.nn.Module", recipe: Recipe) -> None:
    """Every module name in the recipe matches something in the model."""
    modules = [name for name, _ in model.named_modules()]
    targets = recipe.lora.targets if recipe.lora and isinstance(recipe.lora.targets, list) else []
    full = [] if recipe.full == "all" else recipe.full
    for name in [*full, *recipe.frozen, *targets]:
        if not any(module.endswith(name) for module in modules):
            known = sorted({module.rpartition(".")[2] for module in modules if module} - {str(i) for i in range(999)})
            raise RecipeError(f"no module of the model is called {name!r}; its modules: {', '.join(known)}")


def check_tied(model: "torch.nn.Module", recipe: Recipe) -> None:
    """Where the output layer is the embeddings, no name separates them: a copy would be trained, or neither frozen."""
    if not model.config.tie_word_embeddings:
        return
    ends = (model.get_input_embeddings(), model.get_output_embeddings())
    embedding, output = (next(name for name, module in model.named_modules() if module is end) for end in ends)
    targets = recipe.lora.targets if recipe.lora and isinstance(recipe.lora.targets, list) else []
    for name in [*(recipe.full if recipe.full != "all" else []), *targets]:
        if embedding.endswith(name) or output.endswith(name):
            raise RecipeError(
                f"{name!r}: this model's output layer is its embeddings; train both, by `full: all` without LoRA, or "
                "neither"
            )
    if output.endswith(tuple(recipe.frozen) or ("\0",)) and not embedding.endswith(tuple(recipe.frozen)):
        raise RecipeError(f"frozen: {output!r} is {embedding!r} in this model; freeze both or neither")


def split_rates(model: "torch.nn.Module", recipe: Recipe, learning_rate: float) -> list[dict]:
    """Optimizer parameter groups with `name`, `lr` and `params`; groups without parameters are left out."""
    trained = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    fast = learning_rate * recipe.lora.plus_ratio if recipe.lora else learning_rate
    groups = [
        {"name": "base", "lr": learning_rate, "params": [p for name, p in trained if "lora_B" not in name]},
        {"name": "lora_B", "lr": fast, "params": [p for name, p in trained if "lora_B" in name]},
    ]
    return [group for group in groups if group["params"]]


def describe(groups: list[dict]) -> list[Group]:
    """The parameter groups as numbers, for the log and run.json."""
    return [Group(g["name"], g["lr"], len(g["params"]), sum(map(size, g["params"]))) for g in groups]


def size(parameter: "torch.nn.Parameter") -> int:
    """Numbers in a parameter; ZeRO-3 leaves an empty tensor in the place of one that it shares out."""
    return getattr(parameter, "ds_numel", parameter.numel())


def optimizer_factory(recipe: Recipe) -> type:
    """What Trainer calls as `factory()(model, **arguments)` to get torch's AdamW over `split_rates`.

    With ZeRO offload accelerate makes DeepSpeedCPUAdam of it (the paper's choice, appendix B), with decoupled weight
    decay only where it finds torch's AdamW: a DeepSpeedCPUAdam made here would be made anew as Adam with L2.
    """

    class Factory:
        def __call__(self, model: "torch.nn.Module", *, lr: float, **arguments) -> "torch.optim.Optimizer":
            import torch

            return torch.optim.AdamW(split_rates(model, recipe, lr), **arguments)

    return Factory
