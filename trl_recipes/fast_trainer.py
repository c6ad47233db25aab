"""SFTTrainer without what it need not do: no waits for the device inside a step, no second pass over the output layer.

It also counts tokens (throughput.py). Imported late, by the functions that train: it needs torch and trl.
"""

import torch
import trl

from trl_recipes.head import add_lean_loss, is_plain
from trl_recipes.throughput import Throughput


class FastTrainer(trl.SFTTrainer):
    """SFTTrainer whose `throughput` goes into every logged line; loss and gradients are SFTTrainer's.

    Where the output layer is frozen and the loss is the plain one, it is computed by head.py; elsewhere by TRL.
    """

    def __init__(self, *args, throughput: Throughput, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.throughput = throughput
        self.add_callback(throughput)
        base = self.model.get_base_model() if hasattr(self.model, "get_base_model") else self.model
        plugin = self.args.deepspeed_plugin
        self.lean_loss = (
            is_plain(base)
            and self.args.loss_type == "nll"
            and not self.args.label_smoothing_factor
            and not self.aux_loss_enabled
            and not (plugin and plugin.zero_stage == 3)
        )
        if self.lean_loss:
            add_lean_loss(base)

    def _run_epoch(self, *args, **kwargs):
        """No step where the checkpoint is the last one: Trainer takes one and then looks whether there is another."""
        if self.state.global_step < self.state.max_steps:
            super()._run_epoch(*args, **kwargs)

    def compute_loss(self, model, inputs, return_outputs=False, num_items_in_batch=None):
        """The mean loss over the labelled tokens of the whole step, as SFTTrainer's."""
        if model.training:
            self.throughput.count(inputs)
        if "cu_seq_lens_q" in inputs:  # the number of documents varies: compile for any
            torch._dynamo.maybe_mark_dynamic(inputs["cu_seq_lens_q"], 0)
        if return_outputs or not (self.lean_loss and model.training):
            return super().compute_loss(model, inputs, return_outputs, num_items_in_batch)
        out = model(**inputs, lean_loss=True)
        scored = out["scored"] if num_items_in_batch is None else num_items_in_batch
        loss = out["loss"] / torch.as_tensor(scored).clamp(min=1)
        if self.args.average_tokens_across_devices and num_items_in_batch is not None:
            loss = loss * self.accelerator.num_processes  # DDP averages gradients, the count is of all processes
        self._metrics["train"]["mean_token_accuracy"].append(out["right"] / out["scored"].clamp(min=1))
        return loss

    def log(self, logs, start_time=None):
        if self.model.training:
            logs.update(self.throughput.measure(self.accelerator.num_processes))
            metrics = self._metrics["train"]
            if self.lean_loss and "mean_token_accuracy" in metrics:
                mean = torch.stack(metrics["mean_token_accuracy"]).mean()
                metrics["mean_token_accuracy"] = [self.accelerator.reduce(mean, "mean").item()]
        super().log(logs, start_time)
