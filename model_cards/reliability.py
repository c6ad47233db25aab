"""How well a model's probabilities are calibrated, in one picture."""

from pathlib import Path
from typing import TYPE_CHECKING

from dataset_builder.tasks import TASKS
from model_cards.figures import Theme, save


if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLUMNS = 4
NOTE = (
    "Of answers that a model gave a probability, the share that was right; the dashed line is a perfectly calibrated "
    "model. Yes-or-no tasks: the probability of yes; others: that of the most probable label. A larger point stands "
    "for more answers, in bins of equal width; ECE is the expected calibration error, times 100."
)


def draw_reliability(results: dict, out: Path) -> str:
    """Write reliability.png and .svg, with -dark ones; Markdown that shows it, empty where no probabilities are."""
    found = {
        task: entry["probabilities"]["calibration"]
        for task, entry in results["tasks"].items()
        if "calibration" in entry.get("probabilities", {})
    }
    return save(lambda theme: reliability(found, theme), out, "reliability") + f"\n\n{NOTE}" if found else ""


def reliability(found: dict[str, dict], theme: Theme) -> "Figure":
    """A panel per task.

    Args:
        found: by task id, what `metrics.benchmark.calibration.calibration` returns.
    """
    from matplotlib.figure import Figure

    columns = min(len(found), COLUMNS)
    lines = -(-len(found) // columns)
    figure = Figure(figsize=(0.6 + 1.7 * columns, 0.5 + 1.8 * lines), layout="constrained")
    figure.get_layout_engine().set(h_pad=0.08)
    grid = figure.subplots(lines, columns, squeeze=False, sharex=True, sharey=True)
    for axes, (task, part) in zip(grid.flat, found.items(), strict=False):
        panel(axes, TASKS[task].short, part, theme)
    for axes in list(grid.flat)[len(found) :]:
        axes.set_visible(False)
    figure.supxlabel("probability", fontsize=9, color=theme.ink)
    figure.supylabel("share that was right", fontsize=9, color=theme.ink)
    return figure


def panel(axes: "Axes", title: str, part: dict, theme: Theme) -> None:
    """One task's bins."""
    rows = sum(each["n"] for each in part["bins"])
    places = [[each[name] for each in part["bins"]] for name in ("predicted", "observed")]
    sizes = [6 + 150 * each["n"] / rows for each in part["bins"]]
    axes.plot([0, 1], [0, 1], color=theme.ink, linewidth=0.8, linestyle="--")
    axes.plot(*places, color=theme.colours[0], linewidth=1)
    axes.scatter(*places, s=sizes, color=theme.colours[0], alpha=0.75, linewidths=0)
    axes.set(xlim=(-0.05, 1.05), ylim=(-0.05, 1.05), xticks=(0, 0.5, 1), yticks=(0, 0.5, 1), aspect="equal")
    axes.set_title(f"{title}, ECE {100 * part['ece']:.1f}", fontsize=8.5, color=theme.ink)
    axes.grid(color=theme.faint, linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)
