"""A saved checkpoint -> a model that transformers and vLLM load: adapter merged, weights in the recipe's dtype."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dataset_builder.build import replace
from metrics.benchmark.generation import end_tokens
from trl_recipes import answers
from trl_recipes.encoding import end_of_text
from trl_recipes.recipe import Recipe


@contextmanager
def whole_weights() -> Iterator[None]:
    """Within, this process loads and asks models alone; under ZeRO-3 all processes would have to take part."""
    from transformers.integrations import deepspeed

    held = deepspeed._hf_deepspeed_config_weak_ref
    deepspeed.unset_hf_deepspeed_config()
    try:
        yield
    finally:
        deepspeed._hf_deepspeed_config_weak_ref = held


@whole_weights()
def export(checkpoint: Path, recipe: Recipe, out: Path) -> None:
    """Write the model of a checkpoint folder to `out` with the tokenizer of the model that the stage started from.

    A checkpoint with an adapter is merged into its base; one without holds the whole model already. Generation stops
    where answers and texts of the training data end, and answers.json says what it answers. `out` appears whole or not
    at all.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    dtype = getattr(torch, recipe.dtype)
    if (checkpoint / "adapter_config.json").is_file():
        from peft import PeftModel

        # merged in float32, then rounded
        base = AutoModelForCausalLM.from_pretrained(recipe.model, dtype=torch.float32)
        model = PeftModel.from_pretrained(base, checkpoint).merge_and_unload()
    else:
        model = AutoModelForCausalLM.from_pretrained(checkpoint, dtype=torch.float32)
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_name(f".{out.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    tokenizer = AutoTokenizer.from_pretrained(recipe.model)
    ends = {*answers.stops_of(model), *end_tokens(tokenizer), end_of_text(tokenizer)}
    model.generation_config.eos_token_id = sorted(ends)
    for parameter in model.parameters():  # model.to would round the rotation's frequencies, which are no weights
        parameter.data = parameter.data.to(dtype)
    model.save_pretrained(partial)
    tokenizer.save_pretrained(partial)
    answers.record(model, tokenizer, recipe, partial)
    replace(partial, out)
