"""Tables and figures of published and measured results: every number is where it belongs, and every picture reads."""

import copy
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from dataset_builder.tasks import TASKS
from model_cards.benchmark import measured_of, write_benchmark
from model_cards.charts import (
    BAR_TASKS,
    RADAR_MODELS,
    SPECIALISTS,
    STAGES,
    bars,
    chance,
    draw_bars,
    published,
    radar,
    scale,
)
from model_cards.figures import DARK, LIGHT
from model_cards.rows import MODELS, Row, measured_rows, published_rows
from model_cards.tables import all_tables, text
from tests.model_cards.runs import RESULTS, make_manifest


UNDEFINED = copy.deepcopy(RESULTS) | {"scorer": {"name": "paper", "version": "1.0"}}
UNDEFINED["tasks"]["core_promoter"] |= {"value": None, "interval": None, "coverage": 0.0}


WITH_PROBABILITIES = copy.deepcopy(RESULTS) | {"revision": "other"}
WITH_PROBABILITIES["tasks"]["core_promoter"]["probabilities"] = {
    "n": 1234,
    "metrics": {"auroc": {"value": 0.75, "interval": [0.7, 0.8]}, "mcc at 0.5": {"value": 0.2, "interval": None}},
    "calibration": {"ece": 0.0512, "bins": []},
}

WITH_PROBABILITIES["means"] = {
    "model": {
        "plain": {"value": 0.3117, "interval": [0.3, 0.33], "standard_error": 0.01, "tasks": 2},
        "scaled": {"value": 0.1209, "interval": None, "standard_error": None, "tasks": 1},
    }
}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Two models on the same rows, and one under another scorer."""
    named = {"strict": RESULTS, "again": WITH_PROBABILITIES, "paper": UNDEFINED}
    folder = tmp_path_factory.mktemp("results")
    for name, found in named.items():
        (folder / f"{name}.json").write_text(json.dumps(found))
    return [f"{name}={folder / name}.json" for name in named]


@pytest.fixture(scope="module")
def rendered(results: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("benchmark")
    write_benchmark(results, out)
    return out


def grid(page: str, caption: str) -> dict[str, list[str]]:
    """The cells of a Markdown table by the first of each line."""
    lines = page.split(caption)[1].split("\n\n")[1].splitlines()
    return {cells[0]: cells[1:] for cells in ([cell.strip() for cell in line[1:-1].split("|")] for line in lines)}


def test_published_means_are_those_of_the_published_values() -> None:
    printed = [row for row in published_rows() if row.mean and row.mean.over]
    assert len(printed) == 2
    for row in printed:
        assert len(row.cells) == row.mean.over
        assert sum(cell.value for cell in row.cells.values()) / row.mean.over == pytest.approx(
            row.mean.value, abs=0.005
        )


def test_published_rows_are_complete_and_in_range() -> None:
    rows = {row.model: row for row in published_rows()}
    from_paper = [row for row in rows.values() if row.source.scorer == "paper"]
    assert len(from_paper) == 16
    without_dna = {task.id for task in TASKS.values() if task.omics != "DNA"}  # BioMedGPT is not in Table 4
    assert {row.model for row in from_paper if row.cells.keys() != TASKS.keys()} == {"BioMedGPT-LM-7B"}
    assert rows["BioMedGPT-LM-7B"].cells.keys() == without_dna
    specialists = rows[SPECIALISTS].cells
    assert TASKS.keys() - specialists.keys() == {"sirna_efficiency"} and all(
        cell.name for cell in specialists.values()
    )
    for row in rows.values():
        for task, cell in row.cells.items():
            low = -100 if TASKS[task].metric in ("mcc", "pcc", "spearman") else 0
            assert all(low <= value <= 100 for value in (cell.value, *cell.fields.values())), (row.model, task)


def test_every_published_value_is_in_its_table() -> None:
    tables, _ = all_tables(published_rows())
    for row in published_rows():
        for task, cell in row.cells.items():
            table = next(table for table in tables if TASKS[task].omics in table.caption)
            line = next(line for line in table.lines if line[0] == row.model)
            found = dict(zip(table.header, line, strict=True))
            mine = [value for title, value in found.items() if title.split(" ")[0] == TASKS[task].short]
            assert mine[-1] == text(cell)
            assert len(mine) == (3 if task == "enhancer_activity" else 1)


def test_the_page_shows_what_was_measured_with_its_baselines_above(rendered: Path) -> None:
    page = (rendered / "README.md").read_text()
    dna, multi = grid(page, "Table 4: DNA tasks"), grid(page, "Table 7: Multi-molecule tasks")
    promoter = dna["Model"].index("CPD (MCC)")
    assert dna["strict"][promoter] == "12.35 [-1.00, 23.45]"
    assert dna["paper"][promoter] == "undefined"
    assert dna["LLaMA3.1-8B-Instruct"][promoter] == "0.00"
    assert multi["again"][multi["Model"].index("siRNA (mixed)")] == "50.00 [40.00, 60.00]"
    lines = page.split("Table 4: DNA tasks")[1].split("\n## ")[0].splitlines()
    starts = [line.split("|")[1].strip() for line in lines if line.startswith("|")]
    assert starts.index("constant baseline") < starts.index("strict") < starts.index("again")
    assert starts.count("empty baseline") == 2  # one for each scorer
    assert "98.76" in lines[[line.startswith("| strict ") for line in lines].index(True) + 1]

    assert grid(page, "Scores from probabilities")["again"][:4] == ["CPD", "75.00 [70.00, 80.00]", "20.00", "5.12"]

    means = grid(page, "Means over tasks")
    assert means["again"][:6] == ["–", "–", "31.17 [30.00, 33.00]", "2", "12.09", "1"]
    assert means["strict"][:6] == ["–", "–", "31.17", "2", "–", "–"]
    assert means["Intern-S2-Preview-397B"][:6] == ["56.92", "21", "56.92", "21", "–", "–"]

    sources = dict(re.findall(r"^(\d+)\. (.*)$", page.split("## Sources")[1], re.MULTILINE))
    assert set(re.findall(r"\[(\d+)\] \|", page)) == set(sources)
    assert f"dataset {RESULTS['dataset']['digest']}" in sources[dna["strict"][-1].strip("[]")]
    assert sources[dna["paper"][-1].strip("[]")].endswith("Scorer: paper 1.0.")

    latex = (rendered / "tables.tex").read_text()
    for block in latex.split(r"\begin{tabular}")[1:]:
        assert len({line.count("&") for line in block.splitlines() if line.endswith(r"\\")}) == 1
    assert "12.35 [-1.00, 23.45]" in latex


def test_synthetic_data_is_told_beside_every_number(tmp_path: Path) -> None:
    make_manifest(tmp_path / "build", synthetic=True)
    asked = RESULTS["dataset"] | {"name": str(tmp_path / "build")}
    names = [row.model for row in measured_rows(RESULTS | {"dataset": asked}, "ours")]
    assert names == [f"{name} (SYNTHETIC data)" for name in ("empty baseline", "constant baseline", "ours")]
    assert measured_rows(RESULTS | {"dataset": asked | {"digest": "other"}}, "ours")[-1].model == "ours"


def test_figures_are_drawn_for_light_and_dark_pages_and_twice_alike(
    rendered: Path, results: list[str], tmp_path: Path
) -> None:
    from matplotlib.image import imread

    pages = {path.name: path.read_bytes() for path in rendered.iterdir()}
    draw_bars([row for row in measured_of(results) if row.group == MODELS], BAR_TASKS, tmp_path)
    again = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert len(again) == 4 and again == {name: pages[name] for name in again}
    shown = re.findall(r'(?:src|srcset)="([^"]+)"', pages["README.md"].decode())
    assert len(shown) == 4 and set(shown) < pages.keys()
    for name in ("radar", "ablation"):
        for theme, corner in ((LIGHT, [1.0, 1.0, 1.0]), (DARK, [13 / 255, 17 / 255, 23 / 255])):
            pixels = imread(rendered / f"{name}{theme.suffix}.png")
            assert pixels[0, 0, :3].tolist() == pytest.approx(corner)
            assert (pixels[..., 3:] == 1).all()
            assert pages[f"{name}{theme.suffix}.svg"].startswith(b"<?xml")


def long_names(rows: list[Row]) -> Figure:
    tasks = ["promoter_300", "enhancer_activity", "rna_modification", "sirna_efficiency", "crispr_on_target"]
    return bars(rows, tasks, LIGHT)


@pytest.mark.parametrize("draw", [lambda rows: radar(rows, LIGHT), long_names])
def test_no_words_of_a_figure_overlap_or_are_cut(draw: object) -> None:
    results = copy.deepcopy(RESULTS)
    results["tasks"]["sirna_efficiency"]["value"] = None
    figure = draw(
        [*published((*RADAR_MODELS, *STAGES[:2])), measured_rows(results, "a model with quite a long name")[-1]]
    )
    figure.draw_without_rendering()
    ticks = {label for axes in figure.axes for label in axes.xaxis.get_ticklabels()}  # drawn only where in view
    words = [word for word in figure.findobj(Text) if word.get_text() and word not in ticks]
    boxes = [(word.get_text(), word.get_window_extent()) for word in words if word.axes not in hidden(figure)]
    boxes = [(said, box) for said, box in boxes if box.width > 1]  # others are not drawn
    assert len(boxes) > 20
    for i, (said, box) in enumerate(boxes):
        assert figure.bbox.x0 <= box.x0 and box.x1 <= figure.bbox.x1, f"{said!r} is cut"
        assert figure.bbox.y0 <= box.y0 and box.y1 <= figure.bbox.y1, f"{said!r} is cut"
        for other, beside in boxes[i + 1 :]:
            assert not box.overlaps(beside), f"{said!r} overlaps {other!r}"


def hidden(figure: Figure) -> list:
    return [axes for axes in figure.axes if not axes.get_visible()]


def test_the_radar_runs_from_chance_to_the_specialists() -> None:
    for task, cell in published([SPECIALISTS])[0].cells.items():
        assert scale(TASKS[task], cell.value, cell.value) == 1
        assert scale(TASKS[task], chance(TASKS[task]), cell.value) == scale(TASKS[task], -50, cell.value) == 0
    assert scale(TASKS["sirna_efficiency"], 50, None) == 0.5
    assert chance(TASKS["solubility"]) == 50 and chance(TASKS["ncrna_family"]) == pytest.approx(100 / 13)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--results", "none.json"], "none.json: no such file; make one: python -m metrics evaluate"),
        (["--results", "LICENSE"], "LICENSE: not JSON"),
        (["--bars", "promoter"], "unknown task 'promoter'; the tasks are epigenetic_marks"),
    ],
)
def test_what_cannot_be_rendered_is_said_in_one_line(arguments: list[str], says: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "model_cards", "tables", "--out", str(tmp_path / "out"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and says in done.stderr and len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "out").exists()
