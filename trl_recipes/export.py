"""A saved checkpoint -> a model that transformers and vLLM load: adapter merged, weights in the recipe's dtype."""

import shutil
from pathlib import Path

from dataset_builder.build import replace
from trl_recipes.recipe import Recipe


def export(checkpoint: Path, recipe: Recipe, out: Path) -> None:
    """Write the model of a checkpoint folder to `out` with the tokenizer of the model that the stage started from.

    A checkpoint with an adapter is merged into its base; one without holds the whole model already. `out` appears
    whole or not at all.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    dtype = getattr(torch, recipe.dtype)
    if (checkpoint / "adapter_config.json").is_file():
        from peft import PeftModel

        # merged in float32 and rounded once
        base = AutoModelForCausalLM.from_pretrained(recipe.model, dtype=torch.float32)
        model = PeftModel.from_pretrained(base, checkpoint).merge_and_unload()
    else:
        model = AutoModelForCausalLM.from_pretrained(checkpoint, dtype=torch.float32)
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_name(f".{out.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    model.to(dtype).save_pretrained(partial)
    AutoTokenizer.from_pretrained(recipe.model).save_pretrained(partial)
    replace(partial, out)
