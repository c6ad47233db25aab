"""The rows of the benchmark's tables: published results from published.yaml, measured ones from results.json files."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from dataset_builder.manifest import MANIFEST
from dataset_builder.tasks import TASKS
from model_cards.folders import FolderError, read_json


PUBLISHED = Path(__file__).with_name("published.yaml")
BASELINES, MODELS = "Measured here, without a model", "Measured here"


@dataclass(frozen=True)
class Source:
    """Where a row's numbers are from, and how their answers were scored."""

    where: str
    scorer: str
    url: str = ""


@dataclass(frozen=True)
class Cell:
    """A model's result on one task, times 100.

    Attributes:
        value: the task's metric; None where a published formula is undefined.
        fields: the metric of each number of the label, by its name; empty where there is one, or none is known.
        interval: 95%; None for published results, and where a scorer gives none.
        coverage: share of usable answers; None for published results.
        name: the model, where the row is not of one model.
    """

    value: float | None
    fields: dict[str, float | None] = field(default_factory=dict)
    interval: tuple[float, float] | None = None
    coverage: float | None = None
    name: str = ""


@dataclass(frozen=True)
class Mean:
    """A mean over tasks as its source prints it, times 100; over: how many, None where the source does not say."""

    value: float
    over: int | None


@dataclass(frozen=True)
class Row:
    """One model, or one answer without a model.

    Attributes:
        group: rows of one group stand together.
        cells: by task id, in the order of TASKS; tasks without a result are not there.
        mean: None where the source prints none.
        probabilities: by task id and metric, what probabilities instead of answers score; of measured rows alone.
        means: `plain`, the mean of the values, and `scaled`, that with trivial at 0 and perfect at 100, each with its
            interval and the number of tasks that it is over; of measured rows alone.
    """

    model: str
    group: str
    source: Source
    cells: dict[str, Cell]
    mean: Mean | None = None
    probabilities: dict[str, dict[str, Cell]] = field(default_factory=dict)
    means: dict[str, tuple[Cell, int]] = field(default_factory=dict)

    @property
    def measured(self) -> bool:
        """Whether it is from a results.json of ours."""
        return self.group in (BASELINES, MODELS)


@cache
def published_rows() -> tuple[Row, ...]:
    """The rows of published.yaml, in its order."""
    import yaml

    found = yaml.safe_load(PUBLISHED.read_text(encoding="utf-8"))
    sources = {name: Source(**source) for name, source in found["sources"].items()}
    return tuple(published_row(entry, sources) for entry in found["models"])


def published_row(entry: dict, sources: dict[str, Source]) -> Row:
    """One entry of published.yaml."""
    values, names = entry.get("values", {}), entry.get("names", {})
    cells = {task: published_cell(values[task], names.get(task, "")) for task in TASKS if task in values}
    if unknown := sorted(values.keys() - TASKS.keys()):
        raise ValueError(f"{PUBLISHED}: {entry['model']}: no task {unknown[0]!r}; the tasks are {', '.join(TASKS)}")
    mean = Mean(**entry["mean"]) if "mean" in entry else None
    return Row(entry["model"], entry["group"], sources[entry["source"]], cells, mean)


def published_cell(value: float | dict[str, float], name: str) -> Cell:
    """A task's value; over several numbers of the label, it is their mean."""
    if isinstance(value, dict):
        return Cell(sum(value.values()) / len(value), value, name=name)
    return Cell(value, name=name)


def measured_rows(results: dict, called: str = "") -> list[Row]:
    """The baselines and the model of one results.json, in this order.

    Args:
        called: what the model is called; by default what results.json calls it.
    """
    without_model, of_model = sources_of(results)
    mark = " (SYNTHETIC data)" if is_synthetic(results["dataset"]) else ""
    tasks = {task: results["tasks"][task] for task in TASKS if task in results["tasks"]}
    names = dict.fromkeys(baseline for score in tasks.values() for baseline in score["baselines"])

    means = results.get("means", {})

    def row(model: str, group: str, source: Source, scores: dict[str, dict], averages: dict) -> Row:
        cells = {task: measured_cell(score) for task, score in scores.items()}
        of_probabilities = {
            task: probability_cells(score["probabilities"])
            for task, score in scores.items()
            if "probabilities" in score
        }
        over = {kind: (measured_cell(mean), mean["tasks"]) for kind, mean in averages.items()}
        return Row(model + mark, group, source, cells, None, of_probabilities, over)

    beside = {
        name: {task: score["baselines"][name] for task, score in tasks.items() if name in score["baselines"]}
        for name in names
    }
    return [
        *(
            row(f"{baseline} baseline", BASELINES, without_model, scores, means.get(baseline, {}))
            for baseline, scores in beside.items()
        ),
        row(called or results["model"], MODELS, of_model, tasks, means.get("model", {})),
    ]


def sources_of(results: dict) -> tuple[Source, Source]:
    """Where the numbers of a results.json are from: those of the baselines, and those of the model."""
    about, scorer = results["dataset"], f"{results['scorer']['name']} {results['scorer']['version']}"
    which = f"config {about['config']}" if about["config"] else "every task's own config"
    limit = f", at most {results['limit']:,} rows per task" if results.get("limit") else ""
    rows_asked = f"measured: {about['split']} split{limit}, {which}, dataset {about['digest'] or about['name']}"
    decoding = ", ".join(f"{key} {value}" for key, value in (results["decoding"] or {}).items())
    known = {"prompt": results["prompt"], "decoding": decoding, "weights": results["revision"]}
    generated = [rows_asked, *(f"{name} {value}" for name, value in known.items() if value)]
    return Source(rows_asked, scorer), Source("; ".join(generated), scorer)


def is_synthetic(about: dict) -> bool:
    """Whether the build that was asked is at hand, and says that its data is made up."""
    from metrics.benchmark.stored import installed_folder

    path = (installed_folder(about["name"] or "") or Path(about["name"] or "")) / MANIFEST
    manifest = read_json(path) if path.is_file() else {}
    return manifest.get("digest") == about["digest"] and manifest.get("synthetic", False)


def measured_cell(score: dict) -> Cell:
    """A measurement of results.json."""
    interval = score.get("interval")
    return Cell(
        times_100(score["value"]),
        {name: times_100(value) for name, value in score.get("fields", {}).items()},
        (100 * interval[0], 100 * interval[1]) if interval else None,
        times_100(score.get("coverage")),
    )


def probability_cells(block: dict) -> dict[str, Cell]:
    """The metrics of a task's probabilities, and their expected calibration error."""
    errors = {"ece": {"value": block["calibration"]["ece"]}} if "calibration" in block else {}
    return {name: measured_cell(score) for name, score in (block["metrics"] | errors).items()}


def times_100(value: float | None) -> float | None:
    """What is undefined stays so."""
    return None if value is None else 100 * value


def read_results(path: Path) -> dict:
    """A results.json.

    Raises:
        FolderError: no such file, or something else.
    """
    path = path / "results.json" if path.is_dir() else path
    if not path.is_file():
        raise FolderError(f"{path}: no such file; make one: python -m metrics evaluate")
    found = read_json(path)
    if missing := [key for key in ("model", "dataset", "scorer", "tasks") if key not in found]:
        raise FolderError(f"{path}: no {', '.join(missing)}; expected the results.json of python -m metrics evaluate")
    return found
