"""The radar of Figure 6 and the bars of Figure 7, with measured rows beside the published ones."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dataset_builder.tasks import TASKS, Task
from model_cards.figures import Theme, save
from model_cards.rows import Cell, Row, published_rows
from model_cards.tables import METRICS, PAPER_TABLES


if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.projections.polar import PolarAxes

SPECIALISTS = "Literature SOTA"
RADAR_MODELS = ("ChatMultiOmics, stages 1 + 2 + 3", "GPT-4o", "LLaMA3.1-8B-Instruct", "InstructProtein-1.3B")
STAGES = (
    "ChatMultiOmics, stage 2 only",
    "ChatMultiOmics, stage 1 + balanced stage 2",
    "ChatMultiOmics, stages 1 + 2",
    "ChatMultiOmics, stages 1 + 2 + 3",
)
BAR_TASKS = ("promoter_300", "ncrna_family", "protein_stability", "rna_protein")  # Figure 7 has one per omics
RIM = 1.2  # what lies further out is drawn there
DASHES = (
    "-",
    (0, (5, 1.5)),
    (0, (1, 1)),
    (0, (5, 1, 1, 1)),
    (0, (3, 1, 1, 1, 1, 1)),
    (0, (8, 2)),
)  # one fewer than colours
RADAR_NOTE = (
    "Each axis runs from chance, at the centre, to the published result of the specialists, at the circle, which its "
    "label gives (100 for siRNA, which has none). Published lines were scored by other rules, and are not comparable "
    "to the last digit."
)


def draw_radar(rows: Sequence[Row], out: Path) -> str:
    """Write radar.png and .svg, with -dark ones, of these rows beside published ones; Markdown that shows it."""
    shown = [*published(RADAR_MODELS), *rows]
    return save(lambda theme: radar(shown, theme), out, "radar")


def draw_bars(rows: Sequence[Row], tasks: Sequence[str], out: Path) -> str:
    """Write ablation.png and .svg, with -dark ones, of these rows below the published stages, as does
    `draw_radar`."""
    shown = [*published(STAGES), *rows]
    return save(lambda theme: bars(shown, tasks, theme), out, "ablation")


def published(models: Sequence[str]) -> list[Row]:
    """The published rows of these models, in this order."""
    by_model = {row.model: row for row in published_rows()}
    return [by_model[model] for model in models]


def chance(task: Task) -> float:
    """What an uninformed answer scores, times 100 (section A.3): 0 for correlations, MCC, Fmax and the mixed score,
    50 for AUC, the share of one class for accuracy."""
    if task.metric == "accuracy":
        return 100 / (len(task.classes) or 2)
    return 50.0 if task.metric == "auc" else 0.0


def scale(task: Task, value: float, specialist: float | None) -> float:
    """A value on the radar: 0 is chance, or below it, 1 the specialists' result (100 where there is none)."""
    best = 100.0 if specialist is None else specialist
    return float(np.clip((value - chance(task)) / (best - chance(task)), 0, RIM))


def radar(rows: Sequence[Row], theme: Theme) -> "Figure":
    """All 21 tasks as axes, grouped by omics; a model's line is open where it has no result.

    Figure 6 does not say how its axes are scaled; here the centre is chance and the circle the specialists.
    """
    from matplotlib.figure import Figure

    tasks = list(TASKS.values())
    angles = np.arange(len(tasks)) * 2 * np.pi / len(tasks)
    best = {task: cell.value for task, cell in published([SPECIALISTS])[0].cells.items()}
    figure = Figure(figsize=(7.2, 7.4), layout="constrained")
    axes = figure.add_subplot(projection="polar")
    dress(axes, tasks, angles, best, theme)
    for i, row in enumerate(rows):
        values = [row.cells[task.id].value if task.id in row.cells else None for task in tasks]
        radii = [np.nan if v is None else scale(t, v, best.get(t.id)) for t, v in zip(tasks, values, strict=True)]
        colour, dash = theme.colours[i % len(theme.colours)], DASHES[i % len(DASHES)]
        closed = ([*angles, angles[0]], [*radii, radii[0]])
        axes.plot(*closed, color=colour, linestyle=dash, linewidth=1.8, marker="o", markersize=3.5, label=row.model)
    figure.legend(loc="outside lower center", ncols=2, frameon=False, fontsize=9)
    return figure


def dress(axes: "PolarAxes", tasks: list[Task], angles: np.ndarray, best: dict[str, float], theme: Theme) -> None:
    """Axes, circles, the names of tasks, and a ring of omics around them."""
    axes.set_theta_zero_location("N")
    axes.set_theta_direction(-1)
    axes.set_ylim(0, RIM)
    axes.set_yticks([0.25, 0.5, 0.75, 1.0], [])
    axes.set_xticks(angles, [])
    axes.grid(color=theme.faint, linewidth=0.7)
    axes.spines["polar"].set_visible(False)
    circle = np.linspace(0, 2 * np.pi, 361)
    axes.plot(circle, np.ones_like(circle), color=theme.ink, linewidth=1)
    for task, angle in zip(tasks, angles, strict=True):
        rim = f"{best[task.id]:.1f}" if task.id in best else "100"
        axes.text(angle, RIM + 0.12, f"{task.short}\n{rim}", ha="center", va="center", fontsize=8.5, linespacing=1.1)
    step = angles[1]
    for omics in PAPER_TABLES:
        mine = [angle for task, angle in zip(tasks, angles, strict=True) if task.omics == omics]
        arc = np.linspace(mine[0] - 0.42 * step, mine[-1] + 0.42 * step, 60)
        axes.plot(arc, np.full_like(arc, RIM + 0.27), color=theme.ink, linewidth=2.5, clip_on=False)
        middle = (mine[0] + mine[-1]) / 2
        turn = -np.degrees(middle) + (180 if np.pi / 2 < middle < 3 * np.pi / 2 else 0)
        axes.text(middle, RIM + 0.36, omics, ha="center", va="center", rotation=turn, weight="bold", fontsize=10)


def bars(rows: Sequence[Row], tasks: Sequence[str], theme: Theme) -> "Figure":
    """A panel per task, a bar per row with its value; published and measured ones in a colour each, thin lines are
    95% intervals, the dashed line is chance."""
    from matplotlib.figure import Figure

    columns = min(len(tasks), 4)
    lines = -(-len(tasks) // columns)
    figure = Figure(figsize=(7.2, lines * (0.75 + 0.24 * len(rows))), layout="constrained")
    grid = figure.subplots(lines, columns, squeeze=False, sharey=True)
    for axes, task in zip(grid.flat, map(TASKS.get, tasks), strict=False):
        panel(axes, rows, task, theme)
    for axes in grid.flat[len(tasks) :]:
        axes.set_visible(False)
    grid[0, 0].set_yticks(range(len(rows)), [row.model for row in rows])
    grid[0, 0].invert_yaxis()
    return figure


def panel(axes: "Axes", rows: Sequence[Row], task: Task, theme: Theme) -> None:
    """One panel."""
    for i, row in enumerate(rows):
        cell = row.cells.get(task.id) or Cell(None)
        end = 0.0
        if cell.value is not None:
            axes.barh(i, cell.value, height=0.7, color=theme.colours[row.measured])
            end = max(cell.value, *(cell.interval or ()), 0.0)
        if cell.interval:
            axes.plot(cell.interval, [i, i], color=theme.ink, linewidth=1.2)
        shown = "none" if cell.value is None else f"{round(cell.value, 1) + 0:.1f}"
        place = {"xytext": (3, 0), "textcoords": "offset points", "va": "center", "fontsize": 7.5}
        axes.annotate(shown, (end, i), **place, bbox={"facecolor": theme.paper, "edgecolor": "none", "pad": 0.8})
    axes.axvline(0, color=theme.ink, linewidth=0.8)
    axes.axvline(chance(task), color=theme.ink, linewidth=1, linestyle="--")
    axes.set_title(f"{task.short}\n{METRICS[task.metric]} × 100", fontsize=9)
    axes.set_xlim(min(axes.get_xlim()[0], 0), 1.3 * axes.get_xlim()[1])  # room for the numbers
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0, labelsize=8.5)
    axes.tick_params(axis="x", labelsize=8)
