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


def save(draw: "Callable[[Theme], Figure]", out: Path, name: str, vector: bool = True) -> str:
    """Write <name>.png and .svg, and both with -dark for dark pages; the same figure is the same bytes.

    Args:
        draw: makes the figure in the colours of a theme.
        vector: write the .svg, for print.

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
            if vector:
                figure.savefig(out / f"{name}{theme.suffix}.svg", metadata={"Date": None})
    dark = f'<source media="(prefers-color-scheme: dark)" srcset="{name}-dark.png">'
    return f'<picture>{dark}<img alt="{name}" src="{name}.png"></picture>'


def training_curves(log: Path, title: str, out: Path) -> str:
    """Draw loss and speed over the steps of a log.jsonl into the folder `out`; Markdown that shows them.

    A resumed run logs the steps after its checkpoint again: the later line counts. Without a line there is no figure,
    and the Markdown is empty; without speeds there is the loss alone.
    """
    lines = map(json.loads, log.read_text(encoding="utf-8").splitlines()) if log.is_file() else ()
    steps = {line["step"]: line for line in lines}
    if not steps:
        return ""
    return save(lambda theme: curves([steps[i] for i in sorted(steps)], title, theme), out, "training", vector=False)


def curves(lines: list[dict], title: str, theme: Theme) -> "Figure":
    """The loss above, tokens per second of one device below, with their median and that of MFU if measured."""
    from statistics import median

    from matplotlib.figure import Figure

    speeds = [line for line in lines if "tokens_per_second" in line]
    figure = Figure(figsize=(7, 4.6 if speeds else 2.8), layout="constrained")
    panels = figure.subplots(2 if speeds else 1, sharex=True, squeeze=False, height_ratios=[3, 2] if speeds else [1])[
        :, 0
    ]
    marker = "." if len(lines) < 50 else ""
    panels[0].plot([i["step"] for i in lines], [i["loss"] for i in lines], marker=marker, color=theme.colours[0])
    panels[0].set(title=title, ylabel="training loss")
    if speeds:
        rates, steps = [line["tokens_per_second"] for line in speeds], [line["step"] for line in speeds]
        panels[1].plot(steps, rates, marker=marker, color=theme.colours[1], linewidth=1)
        middle = median(rates)
        panels[1].axhline(middle, color=theme.ink, linewidth=0.8, linestyle=(0, (4, 2)))
        utilised = [line["mfu"] for line in speeds if "mfu" in line]
        more = f", {median(utilised):.1%} MFU" if utilised else ""
        place = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points", "ha": "right", "va": "top"}
        panels[1].annotate(f"median {middle:,.0f}{more}", (1, middle), (0, -8), **place)
        panels[1].set(ylabel="tokens/s a device", ylim=(0, None))
        panels[1].yaxis.set_major_formatter("{x:,.0f}")
    panels[-1].set(xlabel="optimizer step")
    panels[-1].xaxis.set_major_formatter("{x:,.0f}")
    for panel in panels:
        panel.grid(color=theme.faint, linewidth=0.6)
        panel.spines[["top", "right"]].set_visible(False)
    figure.align_ylabels()
    return figure
