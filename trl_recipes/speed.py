"""What makes the layers of a prepared model faster and changes no number beyond rounding: kernels, not mathematics."""

from typing import TYPE_CHECKING


if TYPE_CHECKING:
    import datasets
    import torch
    import trl
    from transformers import PreTrainedTokenizerBase

    from trl_recipes.fast_trainer import FastTrainer

# arguments of SFTConfig: the filter waits for the device in every micro-step, the workers collate while it computes
FAST_ARGUMENTS = {"logging_nan_inf_filter": False, "dataloader_num_workers": 2}


def keep_norms_in_dtype(model: "torch.nn.Module") -> int:
    """Let trained float32 norms of a bf16 model return what they were given; returns how many there are.

    Their float32 weight would otherwise make every activation behind them float32.
    """
    import torch

    def back(norm, inputs, output):
        return output.to(inputs[0].dtype)

    norms = [m for m in model.modules() if type(m).__name__.endswith("RMSNorm") and m.weight.dtype == torch.float32]
    for norm in norms:
        norm.register_forward_hook(back)
    return len(norms)


def compile_layers(model: "torch.nn.Module") -> int:
    """Compile the decoder layers one by one; returns how many. All share one compilation, as their code is one."""
    from transformers.modeling_layers import GradientCheckpointingLayer

    # else the first layer, whose input would need no gradient, would be compiled apart from the others
    model.enable_input_require_grads()
    layers = [m for m in model.modules() if isinstance(m, GradientCheckpointingLayer)]
    for layer in layers:
        layer.compile()
    return len(layers)


def fast_trainer(
    model: "torch.nn.Module",
    tokenizer: "PreTrainedTokenizerBase",
    rows: "datasets.Dataset",
    arguments: "trl.SFTConfig",
    optimizer: tuple[type, dict],
    flat_tokens: int | None,
    longest: int,
    compiled: bool,
) -> "FastTrainer":
    """A FastTrainer over prepared rows, with every measure of this file and of attention.py, lora.py and collate.py.

    Args:
        model: as parameters.prepare returns it.
        rows: `input_ids`, `labels` and, packed by documents, `seq_lengths`.
        arguments: should hold FAST_ARGUMENTS; no `packing`, which is done.
        optimizer: (factory, its arguments), as Trainer's optimizer_cls_and_kwargs.
        flat_tokens: tokens of a micro-batch of packed rows, which becomes one flat row; None leaves it to TRL.
        longest: tokens of the longest document, with `flat_tokens`.
        compiled: compile the layers: pays where micro-batches have one shape, so with `flat_tokens`.
    """
    from trl_recipes.attention import use_varlen
    from trl_recipes.collate import FlatCollator
    from trl_recipes.fast_trainer import FastTrainer
    from trl_recipes.lora import fuse_lora
    from trl_recipes.throughput import Throughput, document_shape, flops_per_token, peak_flops

    fuse_lora(model)
    keep_norms_in_dtype(model)
    collator = None
    if flat_tokens:
        use_varlen(model)
        collator = FlatCollator(flat_tokens, longest, tokenizer.pad_token_id)
    if compiled:
        compile_layers(model)
    return FastTrainer(
        model=model,
        args=arguments,
        train_dataset=rows,
        processing_class=tokenizer,
        data_collator=collator,
        optimizer_cls_and_kwargs=optimizer,
        throughput=Throughput(flops_per_token(model, *document_shape(rows)), peak_flops()),
    )
