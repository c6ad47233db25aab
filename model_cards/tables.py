"""Tables 4 to 7 of the paper with later and measured rows, and the means over tasks, as Markdown and LaTeX."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dataset_builder.tasks import TASKS, Task
from model_cards.rows import MODELS, Cell, Row, Source


PAPER_TABLES = {"DNA": 4, "RNA": 5, "Protein": 6, "Multi-molecule": 7}
METRICS = {
    "mcc": "MCC",
    "pcc": "PCC",
    "r2": "R²",
    "spearman": "Spearman",
    "auc": "AUC",
    "fmax": "Fmax",
    "accuracy": "Acc",
    "mixed_score": "mixed",
}
MISSING = "–"
LEGEND = (
    "Values are times 100. Published values stand as their sources print them (the mean of EA is computed where only "
    "its two parts are printed). Measured ones have their 95% interval "
    "(bootstrap over distinct sequences), and the share of usable answers in the row below; the answers without a "
    "model, above, are scored on the same rows. Numbers of different scorers, splits or means over different tasks "
    "are not comparable: the last column says which is which."
)


@dataclass(frozen=True)
class Table:
    """A table: its caption, the names of its columns, and lines of as many cells, or of one: the name of a group."""

    caption: str
    header: list[str]
    lines: list[list[str]]


def omics_table(omics: str, rows: Sequence[Row], notes: Sequence[Source]) -> Table:
    """The table of one omics: every row that has a result on one of its tasks, by groups.

    Args:
        omics: as of `Task.omics`.
        notes: the sources, in the order of their numbers.
    """
    tasks = [task for task in TASKS.values() if task.omics == omics]
    columns = [column for task in tasks for column in columns_of(task, rows)]
    header = ["Model", *(title for title, _, _ in columns), "Source"]
    lines, group = [], ""
    for row in rows:
        cells = [cell_of(row.cells.get(task), name) for _, task, name in columns]
        if not any(cells):
            continue
        if row.group != group:
            lines.append([group := row.group])
        lines.append([row.model, *(text(cell) for cell in cells), f"[{notes.index(row.source) + 1}]"])
        if row.group == MODELS:
            shares = [row.cells[task].coverage if task in row.cells else None for _, task, _ in columns]
            lines.append(["… usable answers", *map(percent, shares), ""])
    return Table(f"Table {PAPER_TABLES[omics]}: {omics} tasks", header, lines)


def columns_of(task: Task, rows: Sequence[Row]) -> list[tuple[str, str, str]]:
    """(title, task id, name of the number) of a task's columns: one, or one more per number that a source prints."""
    metric = METRICS[task.metric]
    if not any(row.cells[task.id].fields for row in rows if task.id in row.cells and not row.measured):
        return [(f"{task.short} ({metric})", task.id, "")]
    fields = [(f"{task.short} {field.name} ({metric})", task.id, field.name) for field in task.fields]
    return [*fields, (f"{task.short} mean ({metric})", task.id, "")]


def cell_of(cell: Cell | None, name: str) -> Cell | None:
    """The cell, or that of one number of its label; None where there is no such result."""
    if cell is None or not name:
        return cell
    return Cell(cell.fields[name], name=cell.name) if name in cell.fields else None


def text(cell: Cell | None) -> str:
    """12.35 [10.20, 14.50], or the value with the name of its model."""
    if cell is None:
        return MISSING
    interval = " [{:.2f}, {:.2f}]".format(*cell.interval) if cell.interval else ""
    return percent(cell.value, "undefined") + interval + (f" {cell.name}" if cell.name else "")


def percent(value: float | None, otherwise: str = MISSING) -> str:
    """Two decimals."""
    return otherwise if value is None else f"{value:.2f}"


def means_table(rows: Sequence[Row], notes: Sequence[Source]) -> Table:
    """Means over tasks, each beside the number of tasks that it is over: as printed; of the values in other tables;
    of measured rows also with trivial answers at 0 and perfect ones at 100."""
    lines = []
    for row in rows:
        values = [cell.value for cell in row.cells.values() if cell.value is not None]
        plain = (Cell(sum(values) / len(values)), len(values)) if values else None
        printed = [percent(row.mean.value), str(row.mean.over or "not stated")] if row.mean else [MISSING, MISSING]
        here = [with_count(row.means.get("plain", plain)), with_count(row.means.get("scaled"))]
        lines.append([row.model, *printed, *here[0], *here[1], f"[{notes.index(row.source) + 1}]"])
    over = "over tasks"
    header = [
        "Model",
        "mean as printed",
        over,
        "mean of the values here",
        over,
        "trivial 0, perfect 100",
        over,
        "Source",
    ]
    return Table("Means over tasks", header, lines)


def with_count(mean: tuple[Cell, int] | None) -> list[str]:
    """The cells of a mean and of the number of its tasks."""
    return [text(mean[0]), str(mean[1])] if mean else [MISSING, MISSING]


def probabilities_table(rows: Sequence[Row], notes: Sequence[Source]) -> Table:
    """What the probabilities of measured models score, by task; a metric that a task does not have is left out."""
    found = [(row, task, cells) for row in rows for task, cells in row.probabilities.items()]
    metrics = list(dict.fromkeys(name for _, _, cells in found for name in cells))
    lines = [
        [
            row.model,
            TASKS[task].short,
            *(text(cells.get(name)) for name in metrics),
            f"[{notes.index(row.source) + 1}]",
        ]
        for row, task, cells in found
    ]
    return Table("Scores from probabilities", ["Model", "Task", *metrics, "Source"], lines)


def all_tables(rows: Sequence[Row]) -> tuple[list[Table], list[Source]]:
    """The tables of the paper, that of probabilities where there are any, that of the means; the sources by number."""
    notes = list(dict.fromkeys(row.source for row in rows))
    tables = [omics_table(omics, rows, notes) for omics in PAPER_TABLES]
    if any(row.probabilities for row in rows):
        tables.append(probabilities_table(rows, notes))
    return [*tables, means_table(rows, notes)], notes


def markdown(tables: Sequence[Table], notes: Sequence[Source]) -> str:
    """The tables and their sources as Markdown."""
    parts = [LEGEND]
    for table in tables:
        ruler = ["---", *["---:"] * (len(table.header) - 2), "---"]
        lines = [filled(table, [f"**{line[0]}**"] if len(line) == 1 else line) for line in table.lines]
        grid = "\n".join(f"| {' | '.join(line)} |" for line in (table.header, ruler, *lines))
        parts += [f"## {table.caption}", grid]
    listed = (f"{i}. {note.where}. Scorer: {note.scorer}. {note.url}".rstrip() for i, note in enumerate(notes, 1))
    return "\n\n".join([*parts, "## Sources", "\n".join(listed)]) + "\n"


def filled(table: Table, line: list[str]) -> list[str]:
    """The line with empty cells up to the width of the table."""
    return line + [""] * (len(table.header) - len(line))


def latex(tables: Sequence[Table], notes: Sequence[Source]) -> str:
    """The tables as LaTeX (packages booktabs and graphicx), each scaled to the width of the text."""
    import pandas as pd

    parts = []
    for table in tables:
        frame = pd.DataFrame([filled(table, line) for line in table.lines], columns=table.header)
        grid = frame.to_latex(index=False, escape=True, column_format="l" + "r" * (len(table.header) - 2) + "l")
        caption = table.caption.split(": ")[-1]
        parts.append(
            "\\begin{table}\n\\centering\n"
            f"\\caption{{{caption}}}\n\\resizebox{{\\linewidth}}{{!}}{{%\n{grid}}}\n\\end{{table}}\n"
        )
    listed = [f"% [{i}] {note.where}. Scorer: {note.scorer}. {note.url}".rstrip() for i, note in enumerate(notes, 1)]
    return "\n".join([*parts, *listed]) + "\n"


def write_tables(rows: Sequence[Row], out: Path, pictures: str = "") -> None:
    """README.md, with `pictures` (Markdown) above the tables, and tables.tex."""
    tables, notes = all_tables(rows)
    title = "# Biology-Instructions: published and measured results"
    (out / "README.md").write_text(f"{title}\n\n{pictures}{markdown(tables, notes)}", encoding="utf-8")
    (out / "tables.tex").write_text(latex(tables, notes), encoding="utf-8")
