"""What a run shows while it trains: a progress bar, one dense line per logged step, and the tracker of the recipe.

      120/2,750  loss  1.2345  acc 61.2%  lr 1.00e-05  grad   0.521     14,995 tok/s  mfu 61.9%  pad  3.1%  …

A tracker is one key, `training.report_to`: tensorboard, wandb or trackio, which is installed beside requirements.txt.
"""

import os
import time
from datetime import timedelta
from typing import TYPE_CHECKING

from trl_recipes.recipe import RecipeError


if TYPE_CHECKING:
    import trl

FIGURES = {  # of a logged step -> how its value is shown; what is not measured leaves its place out
    "loss": "loss {:7.4f}",
    "mean_token_accuracy": "acc {:5.1%}",
    "learning_rate": "lr {:.2e}",
    "grad_norm": "grad {:7.3f}",
    "tokens_per_second": "{:9,.0f} tok/s",
    "mfu": "mfu {:5.1%}",
    "padding": "pad {:5.1%}",
    "peak_memory_gib": "{:6.1f} GiB",
}


def dense_line(step: int, steps: int, figures: dict, seconds_left: float) -> str:
    """A logged step in one line; the lines of a run are aligned.

    Args:
        figures: what Trainer logs, with the counts of throughput.py; tokens per second are of one GPU.
    """
    width = len(f"{steps:,}")
    shown = [text.format(figures[name]) for name, text in FIGURES.items() if name in figures]
    left = timedelta(seconds=round(seconds_left))
    return "  ".join([f"{step:{width},}/{steps:,}", *shown, f"eta {left}"])


def show_progress(trainer: "trl.SFTTrainer") -> None:
    """Let a trainer print dense lines instead of transformers' dictionaries; the bar stays, unless disable_tqdm."""
    from transformers import PrinterCallback, ProgressCallback

    class Progress(ProgressCallback):
        def on_train_begin(self, args, state, control, **kwargs):
            self.begun = (time.monotonic(), state.global_step)
            if not args.disable_tqdm:
                super().on_train_begin(args, state, control, **kwargs)

        def on_step_end(self, args, state, control, **kwargs):
            if self.training_bar:
                super().on_step_end(args, state, control, **kwargs)

        def on_log(self, args, state, control, logs=None, **kwargs):
            if "loss" not in logs or not state.is_world_process_zero:
                return
            now, (then, first) = time.monotonic(), self.begun
            left = (now - then) / (state.global_step - first) * (state.max_steps - state.global_step)
            line = dense_line(state.global_step, state.max_steps, logs, left)
            print(line) if self.training_bar is None else self.training_bar.write(line)

        def on_train_end(self, args, state, control, **kwargs):
            if self.training_bar:
                super().on_train_end(args, state, control, **kwargs)

    for callback in (PrinterCallback, ProgressCallback):
        trainer.remove_callback(callback)
    trainer.add_callback(Progress())


def check_trackers(arguments: "trl.SFTConfig") -> None:
    """Trackers write to local files (TensorBoard: <out>/checkpoints/runs), and nothing leaves the machine.

    WANDB_MODE=online, or training.trackio_space_id, asks for more.

    Raises:
        RecipeError: a tracker that transformers does not know, or that is not installed.
    """
    from transformers.integrations.integration_utils import (
        INTEGRATION_TO_CALLBACK,
        get_available_reporting_integrations,
    )

    for name in arguments.report_to:
        if name not in INTEGRATION_TO_CALLBACK:
            known = ", ".join(sorted(INTEGRATION_TO_CALLBACK))
            raise RecipeError(f"training.report_to: no tracker {name!r}; there are none, {known}")
        if name not in get_available_reporting_integrations():
            raise RecipeError(f"training.report_to: {name} is not installed: pip install {name}")
    os.environ.setdefault("WANDB_MODE", "offline")
