"""The model card of one training stage, rendered from the files of its run; no number is typed."""

import datetime
import shutil
from pathlib import Path

from dataset_builder.manifest import find_manifest
from dataset_builder.tasks import CHAT_DATE, REASONING_SYSTEM_PROMPT, SYSTEM_PROMPT, TASKS
from metrics.scoring import STRICT
from model_cards.figures import training_curves
from model_cards.folders import FolderError, Run, read_json, repository_name
from model_cards.reliability import draw_reliability
from model_cards.rows import measured_rows


DATASET = "biology-instructions"
# What a `base` of the recipes starts from: Hub id (None: random weights) and licence.
BASES = {
    "tiny": (None, "apache-2.0"),
    "small": (None, "apache-2.0"),
    "llama3.1-8b": ("meta-llama/Llama-3.1-8B-Instruct", "llama3.1"),
    "qwen2.5-7b": ("Qwen/Qwen2.5-7B-Instruct", "apache-2.0"),
    "gemma3-1b": ("google/gemma-3-1b-it", "gemma"),
}


def render(run: Run, org: str, dataset: Path | None = None) -> Path:
    """Write <run>/card: README.md, training.png where steps were logged, radar.png where there is an evaluation,
    reliability.png where it is of probabilities, and .eval_results/ where it is of all test rows; returns the folder.

    Args:
        org: the owner that the card's links and code name.
        dataset: folder of the build that the run was trained on, to tell whether it is synthetic.

    Raises:
        FolderError: a base without a known licence, results of another model, or nothing says whether the dataset is
            synthetic.
    """
    results = read_results(run)
    partial = run.path / ".card.partial"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    curves = training_curves(run.path / "log.jsonl", run.name, partial)
    synthetic = is_synthetic(run, dataset)
    chart = radar_chart(run, results, partial) if results and not synthetic else ""
    calibration = draw_reliability(results, partial) if results else ""
    text = render_text(run, org, results, synthetic, curves, chart, calibration)
    (partial / "README.md").write_text(text, encoding="utf-8")
    if results and is_benchmark(results):
        write_eval_results(results, f"{org}/{DATASET}", partial / ".eval_results" / f"{DATASET}.yaml")
    shutil.rmtree(run.path / "card", ignore_errors=True)
    return partial.rename(run.path / "card")


def read_results(run: Run) -> dict | None:
    """evaluation/results.json; None where the model was not evaluated.

    Raises:
        FolderError: it was made with other weights than those in merged/.
    """
    path = run.path / "evaluation" / "results.json"
    if not path.is_file():
        return None
    from metrics.benchmark.generation import resolve_revision

    results, merged = read_json(path), run.path / "merged"
    if results["revision"].startswith("sha256:") and results["revision"] != resolve_revision(str(merged), None):
        raise FolderError(f"{path}: of another model than {merged}; evaluate that one: python -m metrics evaluate")
    return results


def radar_chart(run: Run, results: dict, out: Path) -> str:
    """Draw the results beside published ones; Markdown that shows it. They are not of synthetic data."""
    from model_cards.charts import RADAR_NOTE, draw_radar

    return f"{draw_radar(measured_rows(results, run.name)[-1:], out)}\n\n{RADAR_NOTE}"


def render_text(
    run: Run, org: str, results: dict | None, synthetic: bool, curves: str, radar: str, calibration: str
) -> str:
    """The text of README.md from model_card.md.jinja."""
    import jinja2
    import yaml

    summary = run.summary
    recipe = {key: value for key, value in summary["recipe"].items() if key not in ("model", "dataset", "out")}
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    environment.filters |= {"percent": percent, "interval": interval}
    template = environment.from_string(Path(__file__).with_name("model_card.md.jinja").read_text(encoding="utf-8"))
    return template.render(
        header=yaml.safe_dump(header(run, org, results, synthetic), sort_keys=False, allow_unicode=True),
        run=run,
        org=org,
        dataset=f"{org}/{DATASET}",
        stages=[f"{org}/{stage_name(run, stage)}" for stage in (1, 2, 3)],
        base_model=base_model(run, org),
        config=read_json(run.path / "merged" / "config.json"),
        recipe=yaml.safe_dump(recipe, sort_keys=False),
        duration=datetime.timedelta(seconds=round(summary["seconds"])),
        results=results,
        baselines=baselines(results) if results else [],
        tasks=TASKS,
        synthetic=synthetic,
        curves=curves,
        radar=radar,
        calibration=calibration,
        strict=STRICT.name,
        prompt=REASONING_SYSTEM_PROMPT if summary["stage"] == 3 else SYSTEM_PROMPT,
        date=CHAT_DATE,
    )


def header(run: Run, org: str, results: dict | None, synthetic: bool) -> dict:
    """The YAML front matter."""
    base = base_model(run, org)
    return {
        "language": ["en"],
        "license": BASES[run.summary["base"]][1],
        "library_name": "transformers",
        "pipeline_tag": "text-generation",
        **({"base_model": base} if base else {}),
        "datasets": [f"{org}/{DATASET}"],
        "tags": ["biology", "dna", "rna", "protein", "chatmultiomics", *["synthetic"] * synthetic],
        **({"model-index": model_index(run.name, results, f"{org}/{DATASET}")} if results else {}),
    }


def base_model(run: Run, org: str) -> str | None:
    """The Hub id of the model that the stage started from; None for random weights."""
    base, stage, previous = run.summary["base"], run.summary["stage"], run.summary.get("previous")
    if base not in BASES:
        raise FolderError(
            f"{run.path / 'run.json'}: base {base!r} has no known licence; add it to BASES in {__file__}"
        )
    return f"{org}/{previous or repository_name(base, stage - 1)}" if stage > 1 else BASES[base][0]


def stage_name(run: Run, stage: int) -> str:
    """The repository that the card links as a stage: its own, or that of the recipe without a variant."""
    return run.name if stage == run.summary["stage"] else repository_name(run.summary["base"], stage)


def is_synthetic(run: Run, dataset: Path | None) -> bool:
    """Whether the data of the run is synthetic: what the manifest of its build says."""
    digest = run.summary["dataset_digest"]
    for place in filter(None, (dataset, run.summary["recipe"]["dataset"])):
        manifest = find_manifest(str(place))
        if manifest and manifest["digest"] == digest:
            return manifest["synthetic"]
    raise FolderError(
        f"{run.path}: nothing says whether its dataset (digest {digest}) is synthetic; pass --dataset with the folder "
        "of that build: its manifest.json does"
    )


def model_index(name: str, results: dict, dataset: str) -> list[dict]:
    """The card's model-index: one result per task, times 100."""
    from huggingface_hub import EvalResult
    from huggingface_hub.repocard_data import eval_results_to_model_index

    config, split = results["dataset"]["config"], results["dataset"]["split"]
    found = [
        EvalResult(
            task_type="text-generation",
            task_name=TASKS[task].title,
            dataset_type=dataset,
            dataset_name="Biology-Instructions",
            dataset_config=config or task,
            dataset_split=split,
            dataset_args={"task": task, "digest": results["dataset"]["digest"]},
            metric_type=score["metric"],
            metric_name=f"{TASKS[task].title} ({score['metric']} x 100)",
            metric_value=value,
        )
        for task, score, value in scored(results)
    ]
    # one at a time: together, the tasks of one config would become a single result
    return [{"name": name, "results": [eval_results_to_model_index(name, [one])[0]["results"][0] for one in found]}]


def is_benchmark(results: dict) -> bool:
    """Whether they are of what the dataset's eval.yaml names, so that they may stand on its leaderboard: all test rows
    of the tasks' own configs, by the default scorer."""
    about = results["dataset"]
    whole = about["split"] == "test" and not about["config"] and not results.get("limit")
    return whole and results["scorer"]["name"] == STRICT.name


def write_eval_results(results: dict, dataset: str, out: Path) -> None:
    """The same values in the Hub's .eval_results format (huggingface.co/docs/hub/eval-results)."""
    import yaml
    from huggingface_hub import EvalResultEntry, eval_result_entries_to_yaml

    about = results["dataset"]
    notes = f"{about['split']} split, digest {about['digest']}, scorer {results['scorer']['name']}"
    entries = [
        EvalResultEntry(dataset_id=dataset, task_id=task, value=value, notes=f"{score['metric']} x 100; {notes}")
        for task, score, value in scored(results)
    ]
    out.parent.mkdir()
    out.write_text(yaml.safe_dump(eval_result_entries_to_yaml(entries), sort_keys=False), encoding="utf-8")


def scored(results: dict) -> list[tuple[str, dict, float]]:
    """(task id, its score, its value times 100 with two decimals) of every task but those whose value is undefined."""
    tasks = results["tasks"].items()
    return [(task, score, round(100 * score["value"], 2)) for task, score in tasks if score["value"] is not None]


def baselines(results: dict) -> list[str]:
    """The names of all baselines, in the order of the file."""
    return list(dict.fromkeys(name for score in results["tasks"].values() for name in score["baselines"]))


def percent(share: float | None) -> str:
    """0.1234 -> 12.34; None, which a published formula may give, -> undefined."""
    return "undefined" if share is None else f"{100 * share:.2f}"


def interval(bounds: list[float] | None) -> str:
    """[0.1234, 0.5] -> 12.34 to 50.00; None, where a scorer gives none, -> none."""
    return " to ".join(map(percent, bounds)) if bounds else "none"
