"""The figures of cards and tables: each as PNG and SVG on white, and once more for dark pages.

Colours are those of Okabe and Ito (jfly.uni-koeln.de/color), which colour-blind readers tell apart; what they stand
for is told by dashes, markers or hatches too.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Theme:
    """Colours of a page: paper, ink, lines behind the data, and as many colours for data as can be told apart."""

    suffix: str
    paper: str
    ink: str
    faint: str
    colours: tuple[str, ...]


ORANGE, BLUE, GREEN, PINK = "#e69f00", "#56b4e9", "#009e73", "#cc79a7"
LIGHT = Theme("", "white", "#1a1a1a", "#d0d0d0", ("#0072b2", "#d55e00", GREEN, PINK, ORANGE, BLUE, "#7f7f7f"))
DARK = Theme("-dark", "#0d1117", "#e6e6e6", "#3d444d", (BLUE, ORANGE, GREEN, PINK, "#f0e442", "#d55e00", "#a0a0a0"))


def save(draw: "Callable[[Theme], Figure]", out: Path, name: str) -> str:
    """Write <name>.png and .svg, and both with -dark for dark pages; the same figure is the same bytes.

    Args:
        draw: makes the figure in the colours of a theme.

    Returns:
        Markdown that shows the one that fits the page.
    """
    import matplotlib

    for theme in (LIGHT, DARK):
        colours = dict.fromkeys(("text.color", "axes.labelcolor", "xtick.color", "ytick.color"), theme.ink)
        fixed = {"svg.hashsalt": name, "svg.fonttype": "path", "axes.edgecolor": theme.ink, "axes.facecolor": "none"}
        with matplotlib.rc_context(colours | fixed | {"font.size": 9}):
            figure = draw(theme)
            figure.set_facecolor(theme.paper)
            figure.savefig(out / f"{name}{theme.suffix}.png", dpi=200, metadata={"Software": None})
            figure.savefig(out / f"{name}{theme.suffix}.svg", metadata={"Date": None})
    dark = f'<source media="(prefers-color-scheme: dark)" srcset="{name}-dark.png">'
    return f'<picture>{dark}<img alt="{name}" src="{name}.png"></picture>'


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
