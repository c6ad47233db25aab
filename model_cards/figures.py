"""The figures of a model card: PNG on white, so that they read on light and dark pages alike."""

import json
from pathlib import Path


def loss_curve(log: Path, title: str, out: Path) -> bool:
    """Draw the training loss per step of a log.jsonl into `out`; False, and no file, where the log has no line.

    A resumed run logs the steps after its checkpoint again: the later line counts.
    """
    lines = map(json.loads, log.read_text(encoding="utf-8").splitlines()) if log.is_file() else ()
    losses = {line["step"]: line["loss"] for line in lines}
    if not losses:
        return False
    from matplotlib.figure import Figure

    steps = sorted(losses)
    figure = Figure(figsize=(7, 3.5), dpi=150, layout="constrained", facecolor="white")
    axes = figure.add_subplot(title=title, xlabel="optimizer step", ylabel="training loss")
    axes.plot(steps, [losses[step] for step in steps], marker="." if len(steps) < 50 else "", color="#1f5fa8")
    axes.grid(color="#d9d9d9", linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(out, metadata={"Software": None})  # the same curve is the same bytes
    return True
