"""The benchmark's page: tables and figures of published and measured results, rendered into one folder."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from dataset_builder.tasks import TASKS
from model_cards.charts import BAR_TASKS, RADAR_NOTE, draw_bars, draw_radar
from model_cards.folders import FolderError
from model_cards.rows import MODELS, Row, measured_rows, published_rows, read_results
from model_cards.tables import write_tables


def write_benchmark(results: Sequence[str], out: Path, bar_tasks: Sequence[str] = BAR_TASKS) -> None:
    """README.md, tables.tex, radar and ablation (.png and .svg, each also with -dark) in `out`, each as a
    whole or not at all.

    Args:
        results: results.json files, or their folders, each as a path or NAME=path; NAME is what the model is called.
        bar_tasks: the tasks of the bars.

    Raises:
        FolderError: a file is no results.json, or a task is unknown.
    """
    if unknown := [task for task in bar_tasks if task not in TASKS]:
        raise FolderError(f"unknown task {unknown[0]!r}; the tasks are {', '.join(TASKS)}")
    measured = measured_of(results)
    models = [row for row in measured if row.group == MODELS]
    out.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".", dir=out) as place:
        folder = Path(place)
        pictures = [
            draw_radar(models, folder),
            RADAR_NOTE,
            draw_bars(models, bar_tasks, folder),
            "Stages of training, as published and, with 95% intervals, as measured here. The dashed line is chance.",
        ]
        write_tables([*measured, *published_rows()], folder, "\n\n".join(pictures) + "\n\n")
        for path in folder.iterdir():
            path.replace(out / path.name)


def measured_of(results: Sequence[str]) -> list[Row]:
    """The rows of every file in turn; a baseline that several files share stands once."""
    rows: list[Row] = []
    for argument in results:
        name, _, path = argument.rpartition("=")
        rows += [row for row in measured_rows(read_results(Path(path)), name) if row not in rows]
    return rows
