"""The two commands: `evaluate` asks a model and scores its answers, `score` scores answers that there are."""

import json
import logging
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import asdict, replace
from pathlib import Path

import pyarrow as pa
from tqdm import tqdm
from tqdm.contrib.logging import logging_redirect_tqdm

from dataset_builder.journal import JournalError, alone, append_line, write_lines
from dataset_builder.service import Service
from dataset_builder.tasks import TASKS
from metrics.benchmark import generation, loglikelihood, openai_backend, vllm_backend
from metrics.benchmark.asking import Backend, Batch, Settings
from metrics.benchmark.baselines import Constant, constants
from metrics.benchmark.data import COLUMNS, EvaluationError, dataset_digest, lowest_hashes, read_rows, rows_to_ask
from metrics.benchmark.predictions import (
    answers_path,
    by_row,
    known_of,
    part_of,
    read_answers,
    read_predictions,
    write_predictions,
)
from metrics.benchmark.probabilities import thresholds_of, with_probabilities
from metrics.benchmark.processes import prepare
from metrics.benchmark.prompts import CHAT, PROMPTS, answer_tokens, prompted
from metrics.benchmark.ranks import part, rank, ranks, wait
from metrics.benchmark.results import Trained, results_of
from metrics.benchmark.trained.folders import read_baselines
from metrics.scorers.explain import disagreements
from metrics.scoring import STRICT, Scorer, scorer_of


RESULTS = "results.json"
GENERATE, LOGLIKELIHOOD = "generate", "loglikelihood"
EXPLANATIONS = "explanations.jsonl"
MODES = (GENERATE, LOGLIKELIHOOD, "both")
RANKING = Backend(generation.identify, loglikelihood.answers)
BACKENDS = {
    "transformers": Backend(generation.identify, generation.answers),
    "vllm": Backend(vllm_backend.identify, vllm_backend.answers),
    "openai": Backend(openai_backend.identify, openai_backend.answers),
}

log = logging.getLogger(__name__)


def evaluate(
    model: str,
    dataset: str,
    out: Path,
    revision: str | None = None,
    tasks: list[str] | None = None,
    limit: int = 0,
    split: str = "test",
    config: str | None = None,
    prompt: str = CHAT,
    backend: str = "transformers",
    batch_size: int = 16,
    max_new_tokens: int | None = None,
    service: Service | None = None,
    mode: str = GENERATE,
    validation: int = 0,
    baselines: Path | None = None,
) -> dict:
    """Ask the model every row that it has not answered yet; write predictions.parquet and results.json to `out`.

    Args: as of `rows_to_ask`, and
        prompt: one of `metrics.benchmark.prompts.PROMPTS`.
        backend: one of `BACKENDS`; model, revision, batch_size, max_new_tokens and service are its
            `Settings`; max_new_tokens is by default that of the prompt (`metrics.benchmark.prompts.answer_tokens`).
        mode: one of MODES. By log-likelihood an answer is the most probable one, and the probabilities are scored
            too (`metrics.benchmark.probabilities`); with `both` they stand beside the score of generated answers.
        validation: rows per binary task of the validation split that choose a threshold for its probabilities.
        baselines: folder of `python -m metrics baselines`, to be shown beside the model.

    Returns:
        What results.json holds; nothing in all but the first of several processes (`metrics.benchmark.ranks`).

    Raises:
        EvaluationError: before the model is loaded, on everything that can be known by then.
    """
    if max_new_tokens is None:
        max_new_tokens = answer_tokens(prompt)
    if min(limit, validation) < 0 or batch_size < 1 or max_new_tokens < 1:
        raise EvaluationError(
            f"--limit {limit}, --validation {validation}, --batch-size {batch_size} and --max-new-tokens "
            f"{max_new_tokens}: give positive numbers"
        )
    if backend not in BACKENDS or prompt not in PROMPTS:
        raise EvaluationError(
            f"backend {backend!r}, prompt {prompt!r}: give one of {', '.join(BACKENDS)}; of {', '.join(PROMPTS)}"
        )
    if service and backend != "openai":
        raise EvaluationError(f"--base-url is for --backend openai, and the backend is {backend}")
    if ranks() > 1 and backend != "transformers":
        raise EvaluationError(f"--backend {backend} is one process: start it without accelerate launch")
    if mode != GENERATE and backend != "transformers":
        raise EvaluationError(f"--mode {mode} needs --backend transformers: {backend} does not give all probabilities")
    if validation and (mode == GENERATE or split == "validation"):
        raise EvaluationError("--validation chooses a threshold for --mode loglikelihood or both on the test split")
    rows = rows_to_ask(dataset, tasks, split, config, limit)
    trained = read_baselines(baselines, model, dataset_digest(dataset)) if baselines else None
    settings = Settings(model, revision, max_new_tokens, batch_size, service)
    about = {
        "model": model,
        "revision": BACKENDS[backend].identify(settings),
        "backend": backend,
        "dataset": {"name": dataset, "digest": dataset_digest(dataset), "config": config, "split": split},
        "prompt": prompt,
        "limit": limit or None,
    }
    out.mkdir(parents=True, exist_ok=True)
    known: dict[str, dict] = {}
    if mode != GENERATE:
        ranking = about | {"decoding": {"strategy": LOGLIKELIHOOD}}
        made, known = collect(RANKING, settings, rows, out, ranking)
        thresholds = thresholds_on(validation, settings, list(rows), out, ranking)
        about = ranking | made | {"probabilities": made | {"thresholds": thresholds}}
    if mode != LOGLIKELIHOOD:
        about |= {"decoding": decoding(settings)}
        made, said = collect(BACKENDS[backend], settings, rows, out, about)
        about, known = about | made, {row: known.get(row, {}) | said[row] for row in said}
    part()
    if rank():
        return {}
    write_predictions(out, pa.concat_tables(rows.values()), known, about)
    return write_results(out, rows, known, constants(dataset, config, list(rows)), about, trained=trained)


def collect(
    backend: Backend, settings: Settings, rows: dict[str, pa.Table], out: Path, about: dict
) -> tuple[dict, dict[str, dict]]:
    """Ask what was not asked yet.

    Returns:
        What is known of all answers together (environment, times, usage, shortened questions), and of each row.
    """
    path = answers_path(out, about)
    ask(backend, settings, prompted(pa.concat_tables(rows.values()), about["prompt"]), path)
    made_in, batches, seconds = read_answers(path)
    cut = {row for batch in batches for row in batch.shortened}
    used, known = usage(batches), by_row(batches)
    made = {
        "environment": made_in,
        "seconds": round(seconds, 3),
        "rows_per_second": round(len(known) / seconds, 3),
        **used,
        "shortened": {name: sum(row in cut for row in table["id"].to_pylist()) for name, table in rows.items()},
    }
    if used["cost"] is not None:
        log.info("cost of all answers together: %.4f; they ended: %s", used["cost"], used["finish_reasons"])
    for name, count in made["shortened"].items():
        if count:
            log.warning("%s: the sequences of %s questions were shortened to fit the context", name, f"{count:,}")
    return made, known


def thresholds_on(rows_per_task: int, settings: Settings, tasks: list[str], out: Path, about: dict) -> dict[str, dict]:
    """The thresholds of binary tasks from so many validation rows each; none from 0 rows."""
    binary = [name for name in tasks if TASKS[name].kind == "binary"]
    if not rows_per_task or not binary:
        return {}
    asked = about["dataset"]
    rows = read_rows(asked["name"], binary, "validation", asked["config"], COLUMNS)
    rows = {name: lowest_hashes(table, rows_per_task) for name, table in rows.items()}
    held_out = about | {"dataset": asked | {"split": "validation"}}
    return thresholds_of(rows, collect(RANKING, settings, rows, out, held_out)[1]) if rows else {}


def decoding(settings: Settings) -> dict:
    """How answers are decoded, for results.json: greedily, but for what the requests to a service say."""
    found = {"strategy": "greedy", "max_new_tokens": settings.max_new_tokens}
    request = settings.service.request if settings.service else {}
    if "temperature" in request:
        found["strategy"] = "as the request says"
    return found | ({"request": request} if request else {})


def usage(batches: list[Batch]) -> dict:
    """What all answers together took: tokens and money (None where it is not known), and how they ended."""
    columns = {
        name: [value for batch in batches for value in batch.more.get(name, [None] * len(batch.ids))]
        for name in ("prompt_tokens", "answer_tokens", "cost", "finish_reason", "served_as")
    }
    known = {name: [value for value in values if value is not None] for name, values in columns.items()}
    return {
        **{name: sum(known[name]) if known[name] else None for name in ("prompt_tokens", "answer_tokens")},
        "cost": round(sum(known["cost"]), 9) if known["cost"] else None,
        "finish_reasons": dict(Counter(known["finish_reason"]).most_common()),
        "served_as": sorted(set(known["served_as"])),
    }


def ask(backend: Backend, settings: Settings, rows: pa.Table, path: Path) -> None:
    """Append to `path` the answers that it lacks; nothing is loaded where it lacks none.

    Raises:
        EvaluationError: another process asks a service for them.
    """
    try:
        with alone(path) if settings.service else nullcontext():  # two would pay for the same answers
            ask_alone(backend, settings, rows, path)
    except JournalError as error:
        raise EvaluationError(str(error)) from None


def ask_alone(backend: Backend, settings: Settings, rows: pa.Table, path: Path) -> None:
    """See `ask`. Of several processes each asks for its share of the rows, into a file of its own."""
    _, batches, _ = read_answers(path)
    wait()  # before one writes, all have read
    settings = replace(settings, spent=usage(batches)["cost"] or 0)
    answered = {row for batch in batches for row in batch.ids}
    missing = [i for i, row in enumerate(rows["id"].to_pylist()) if row not in answered]
    mine = missing[rank() :: ranks()]
    if not missing:
        log.info("%s: all %s rows are answered", path, f"{len(rows):,}")
    if mine:
        done = (len(rows) - len(missing)) // ranks()
        bar = tqdm(total=done + len(mine), initial=done, desc="answer", unit="row", disable=rank() > 0)
        with logging_redirect_tqdm(), bar:
            for record in backend.answers(rows.take(pa.array(mine)), settings):
                if isinstance(record, Batch):
                    append_line(part_of(path, rank()), asdict(record))
                    bar.update(len(record.ids))
                else:
                    append_line(part_of(path, rank()), {"environment": record})
    wait()


def score(
    predictions: Path,
    dataset: str,
    out: Path,
    scorer: str = STRICT.name,
    explain: bool = False,
    baselines: Path | None = None,
) -> dict:
    """Score answers against the labels of the dataset that they belong to; write results.json to `out`.

    Args:
        scorer: one of `metrics.scoring.SCORERS`.
        explain: write explanations.jsonl too: the answers on which the scorers disagree.
        baselines: folder of `python -m metrics baselines`, to be shown beside the model.

    Raises:
        EvaluationError: the answers are not of this build of the dataset.
    """
    table, about = read_predictions(predictions)
    prepare(len(table))
    stated, digest = about["dataset"], dataset_digest(dataset)
    if stated["digest"] not in (None, digest):
        raise EvaluationError(
            f"{predictions} answers build {stated['digest']} of the dataset, and {dataset} is build {digest}; "
            "give the build that was asked with --dataset"
        )
    trained = read_baselines(baselines, about["model"], digest) if baselines else None
    rows = rows_to_ask(dataset, table["task"].unique().to_pylist(), stated["split"], stated["config"])
    known = known_of(table)
    answers = {row: known[row]["answer"] for row in known}
    there = {name: [row in answers for row in part["id"].to_pylist()] for name, part in rows.items()}
    rows = {name: part if all(there[name]) else part.filter(pa.array(there[name])) for name, part in rows.items()}
    check_labels(predictions, table, dataset, pa.concat_tables(rows.values()))
    about |= {"dataset": stated | {"name": dataset, "digest": digest}}
    typical = constants(dataset, stated["config"], list(rows))
    if explain:
        write_explanations(out, rows, answers, typical)
    return write_results(out, rows, known, typical, about, scorer_of(scorer), trained)


def check_labels(predictions: Path, table: pa.Table, dataset: str, rows: pa.Table) -> None:
    """Raises EvaluationError where a prediction has no row in the dataset, or one with another label."""
    labels = dict(zip(rows["id"].to_pylist(), rows["label"].to_pylist(), strict=True))
    for row, label in zip(table["id"].to_pylist(), table["label"].to_pylist(), strict=True):
        if labels.get(row) != label:
            found = f"has the label {labels[row]}" if row in labels else "is not"
            raise EvaluationError(
                f"{predictions}: the row {row} with the label {label} {found} in {dataset}; give the build that was "
                "asked with --dataset"
            )


def write_results(
    out: Path,
    rows: dict[str, pa.Table],
    known: dict[str, dict],
    typical: dict[str, Constant],
    about: dict,
    scorer: Scorer = STRICT,
    trained: Trained | None = None,
) -> dict:
    """Score answers and probabilities, write results.json, which is replaced at once, and return what it holds."""
    results = results_of(rows, {row: known[row]["answer"] for row in known}, typical, about, scorer, trained)
    results = with_probabilities(results, rows, known, about.get("probabilities", {}).get("thresholds", {}))
    out.mkdir(parents=True, exist_ok=True)
    partial = out / f".{RESULTS}.partial"
    partial.write_text(json.dumps(results, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    os.replace(partial, out / RESULTS)
    return results


def write_explanations(
    out: Path, rows: dict[str, pa.Table], answers: dict[str, str], typical: dict[str, Constant]
) -> None:
    """explanations.jsonl, replaced at once: a line per answer on which the scorers disagree."""
    out.mkdir(parents=True, exist_ok=True)

    def found() -> Iterator[dict]:
        for name, table in rows.items():
            ids, labels = table["id"].to_pylist(), table["label"].to_pylist()
            said = [answers[row] for row in ids]
            yield from disagreements(TASKS[name], ids, said, labels, typical[name].label)

    write_lines(out / EXPLANATIONS, found())
