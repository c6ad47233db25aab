"""Tokens per second, model FLOPs utilisation, padding and memory of a training run, counted from its real batches.

FLOPs are those that the recipe's training needs: a frozen layer has no weight gradient, which `6 · parameters` would
count (with LoRA 44% too much). Recomputation by gradient checkpointing does not count: it is not useful work.
"""

import time
from typing import TYPE_CHECKING, Any

from transformers import TrainerCallback
from transformers.trainer_callback import ExportableState

from trl_recipes.encoding import IGNORED
from trl_recipes.parameters import size


if TYPE_CHECKING:
    import datasets
    import torch


def flops_per_token(model: "torch.nn.Module", document_tokens: float, scored: float = 1.0) -> float:
    """Forward and backward FLOPs of one training step per token, from the model's linear layers and what they train.

    A multiplication and an addition per weight going forward, the same for the gradient of the layer's input, the same
    for the gradient of the weight where it is trained; attention looks back over half of its document on average.

    Args:
        model: a transformers or PEFT model as it is trained; meta tensors do.
        document_tokens: mean over tokens of the length of the document that they attend in.
        scored: share of the tokens that the output layer scores (those with a label).
    """
    from torch.nn import Linear

    config = model.config
    forward = weight_gradient = 0.0
    for name, layer in model.named_modules():
        if not isinstance(layer, Linear) or "original_module" in name:  # PEFT's untrained copy of a trained layer
            continue
        share = 2 * size(layer.weight) * (scored if name.endswith("lm_head") else 1.0)
        forward += share
        weight_gradient += share * layer.weight.requires_grad
    head = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    attention = 3 * config.num_hidden_layers * 2 * 2 * config.num_attention_heads * head * document_tokens / 2
    return 2 * forward + weight_gradient + attention


def peak_flops() -> float | None:
    """Bf16 FLOP/s of this process's GPU that 100% utilisation would be; None without a GPU, or one that TRL knows not.

    On H100 and H200 as measured: 790 of the 989 TFLOP/s of the data sheets; on others as the data sheet says.
    """
    import torch
    from trl.trainer.utils import get_peak_flops

    if not torch.cuda.is_available():
        return None
    name = torch.cuda.get_device_name()
    measured = {"H100", "H200"} & set(name.split()) and "PCIe" not in name
    return 790e12 if measured else get_peak_flops(name, "bfloat16")


def document_shape(rows: "datasets.Dataset", sample: int = 200) -> tuple[float, float]:
    """Of the first rows: mean over tokens of the length of their document, and share of the tokens with a label."""
    import numpy as np

    head = rows.with_format("numpy")[:sample]
    lengths = np.concatenate(list(head.get("seq_lengths", [[len(ids)] for ids in head["input_ids"]])))
    labelled = sum(int((labels != IGNORED).sum()) for labels in head["labels"])
    return float((lengths.astype(float) ** 2).sum() / lengths.sum()), float(labelled / lengths.sum())


class Throughput(TrainerCallback, ExportableState):
    """Counts what passes through training; a resumed run goes on counting from its checkpoint.

    Attributes:
        flops: useful FLOPs per token, from `flops_per_token`.
        peak_flops: FLOP/s of one device that 100% utilisation would be; None leaves utilisation out.
        tokens: real tokens of all processes so far, padding excluded.
        slots: the same with padding.
        seconds: time of the training steps so far, data loading included, saving excluded.
    """

    def __init__(self, flops: float, peak_flops: float | None = None) -> None:
        self.flops, self.peak_flops = flops, peak_flops
        self.tokens = self.slots = 0
        self.seconds = 0.0
        self._real: Any = 0  # of this step, on this process; a tensor while the device has not got there
        self._all = 0
        self._clock = 0.0
        self._logged = (0, 0, 0.0)

    def count(self, inputs: dict) -> None:
        """Add a micro-batch on its way into the model: its `attention_mask`, or `position_ids` and `real_tokens`."""
        self._all += inputs["input_ids"].numel()
        mask = inputs.get("attention_mask")
        self._real += inputs.pop("real_tokens", inputs["input_ids"].numel()) if mask is None else mask.sum()

    def on_train_begin(self, args, state, control, **kwargs):
        saved = state.stateful_callbacks.setdefault(type(self).__name__, self.state())
        self.tokens, self.slots, self.seconds = (saved["attributes"][k] for k in ("tokens", "slots", "seconds"))
        self._logged = (self.tokens, self.slots, self.seconds)
        self._clock = time.perf_counter()

    def on_step_end(self, args, state, control, **kwargs):
        import torch

        done = torch.tensor([int(self._real), self._all], device=args.device)  # waits for the device: the step is over
        if torch.distributed.is_available() and torch.distributed.is_initialized():
            torch.distributed.all_reduce(done)
        real, slots = done.tolist()
        self._real = self._all = 0
        self.tokens, self.slots = self.tokens + real, self.slots + slots
        now = time.perf_counter()
        self.seconds += now - self._clock
        self._clock = now

    def on_save(self, args, state, control, **kwargs):
        self._clock = time.perf_counter()

    def measure(self, devices: int = 1) -> dict[str, float]:
        """Since the last call, per device: tokens/s, MFU and padding share; tokens so far; peak memory in GiB."""
        import torch

        tokens, slots, seconds = (
            now - then for now, then in zip((self.tokens, self.slots, self.seconds), self._logged, strict=True)
        )
        self._logged = (self.tokens, self.slots, self.seconds)
        if not seconds:
            return {}
        rate = tokens / seconds / devices
        figures = {"tokens": self.tokens, "tokens_per_second": round(rate, 1), "padding": round(1 - tokens / slots, 4)}
        if self.peak_flops:
            figures["mfu"] = round(rate * self.flops / self.peak_flops, 4)
        if torch.cuda.is_available():
            figures["peak_memory_gib"] = round(torch.cuda.max_memory_allocated() / 2**30, 2)
        return figures

    def state(self) -> dict:
        """What trainer_state.json keeps of the counters."""
        return {
            "args": {"flops": self.flops, "peak_flops": self.peak_flops},
            "attributes": {"tokens": self.tokens, "slots": self.slots, "seconds": self.seconds},
        }
