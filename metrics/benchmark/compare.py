"""The command `compare`: two models' answers to the same rows, by a paired bootstrap over distinct inputs.

Both are scored on the same resamples, so that what makes a row easy or hard for both cancels.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from dataset_builder.tasks import TASKS, Task
from metrics.benchmark.baselines import constants
from metrics.benchmark.data import dataset_digest, rows_to_ask
from metrics.benchmark.intervals import interval_of, p_value, smallest_difference, standard_error
from metrics.benchmark.means import Share, above_trivial
from metrics.benchmark.measuring import Asked, Measurement
from metrics.benchmark.predictions import PREDICTIONS, read_predictions
from metrics.benchmark.processes import in_processes, prepare
from metrics.benchmark.results import best_of, trivial_baselines
from metrics.benchmark.stored import EvaluationError
from metrics.scoring import STRICT


COMPARISON = "comparison.json"
ROUNDING = 1e-12  # differences below it are those of two equal values


@dataclass(frozen=True)
class Compared:
    """The entry of a task in comparison.json, and what both models contribute to the means."""

    entry: dict
    shares: tuple[Share, Share]


def compare(first: Path, second: Path, dataset: str, out: Path) -> dict:
    """Compare by the strict scorer, on the rows that both answered; write comparison.json to `out`.

    Args:
        first, second: predictions.parquet, or the folder of one.

    Returns:
        What comparison.json holds: `models`, `dataset`, `scorer`, `tasks` by id, with `subtasks`, and `means`. Each
        has the values of both as `first` and `second`, `difference` (first - second) with `interval`,
        `standard_error`, `p` and `smallest_difference`, the one that this comparison could find, and `n` and
        `n_distinct`; tasks also `left_out`, the rows that only one of the two answered; means `tasks`.

    Raises:
        EvaluationError: answers to another build or split of the dataset, or none to the same rows.
    """
    paths = [path / PREDICTIONS if path.is_dir() else path for path in (first, second)]
    tables, about = zip(*map(read_predictions, paths), strict=True)
    prepare(len(tables[0]))
    asked = about[0]["dataset"] | {"name": dataset, "digest": dataset_digest(dataset)}
    for path, stated in zip(paths, (one["dataset"] for one in about), strict=True):
        if stated["digest"] not in (None, asked["digest"]) or stated["split"] != asked["split"]:
            raise EvaluationError(
                f"{path} answers the {stated['split']} split of build {stated['digest']}; expected the "
                f"{asked['split']} split of build {asked['digest']}, which is {dataset}"
            )
    jobs = shared_rows(*tables, asked)
    if not jobs:
        raise EvaluationError(f"{first} and {second} answer no row both; give two models' answers to the same rows")
    found = in_processes(task_comparison, jobs, [len(rows) for _, rows, *_ in jobs])
    results = {
        "models": [
            {name: one.get(name) for name in ("model", "revision", "backend", "prompt", "decoding")} for one in about
        ],
        "dataset": asked,
        "scorer": {"name": STRICT.name, "version": STRICT.version},
        "tasks": {task.id: one.entry for (task, *_), one in zip(jobs, found, strict=True)},
        "means": over_tasks([one.shares for one in found]),
    }
    out.mkdir(parents=True, exist_ok=True)
    partial = out / f".{COMPARISON}.partial"
    partial.write_text(json.dumps(results, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    os.replace(partial, out / COMPARISON)
    return results


def shared_rows(first: pa.Table, second: pa.Table, asked: dict) -> list[tuple]:
    """The arguments of `task_comparison` for every task of which both tables answer rows."""
    answers = [
        dict(zip(table["id"].to_pylist(), table["answer"].fill_null("").to_pylist(), strict=True))
        for table in (first, second)
    ]
    tasks = [set(table["task"].to_pylist()) for table in (first, second)]
    names = [name for name in TASKS if name in tasks[0] & tasks[1]]
    rows = rows_to_ask(asked["name"], names, asked["split"], asked["config"]) if names else {}
    typical = constants(asked["name"], asked["config"], names) if names else {}
    jobs = []
    for name, table in rows.items():
        answered = np.array([[row in side for side in answers] for row in table["id"].to_pylist()])
        shared = table.filter(pa.array(answered.all(axis=1)))
        if len(shared):
            said = [[side[row] for row in shared["id"].to_pylist()] for side in answers]
            left_out = int(answered.any(axis=1).sum()) - len(shared)
            jobs.append((TASKS[name], shared, *said, typical[name].label, left_out))
    return jobs


def task_comparison(
    task: Task, rows: pa.Table, first: list[str], second: list[str], constant: str, left_out: int
) -> Compared:
    """One task: its headline and its sub-tasks."""
    asked = Asked.of(task, rows, constant, STRICT)
    readings = [STRICT.read(task, answers) for answers in (first, second)]
    counts = [asked.counts(each) for each in readings]

    def sides(places: np.ndarray) -> list[Measurement]:
        return [asked.measured(*each, places) for each in zip(readings, counts, strict=True)]

    def compared(both: list[Measurement]) -> dict:
        return difference(*both) | {name: both[0].entry[name] for name in ("n", "n_distinct")}

    headline = sides(np.flatnonzero(asked.counted))
    trivial = best_of(trivial_baselines(asked))
    entry = {
        "metric": task.metric,
        **compared(headline),
        "left_out": left_out,
        "subtasks": {name: compared(sides(places)) for name, places in asked.parts().items()},
    }
    return Compared(entry, tuple(Share(one, trivial) for one in headline))


def over_tasks(shares: list[tuple[Share, Share]]) -> dict[str, dict]:
    """The difference of the means over tasks, plain and with trivial at 0 and perfect at 1 (means.py)."""
    below = [pair for pair in shares if pair[0].trivial.entry["value"] < 1]
    return {
        "plain": averaged([[share.measurement for share in pair] for pair in shares]),
        "scaled": averaged([[above_trivial(share) for share in pair] for pair in below]),
    }


def averaged(pairs: list[list[Measurement]]) -> dict:
    """The difference of the means of the first and of the second measurements; empty without any."""
    if not pairs:
        return {}
    both = [
        Measurement(
            {"value": float(np.mean([one.entry["value"] for one in side]))},
            np.mean([one.replicates for one in side], axis=0),
        )
        for side in zip(*pairs, strict=True)
    ]
    return difference(*both) | {"tasks": len(pairs)}


def difference(first: Measurement, second: Measurement) -> dict:
    """Both values, their difference and its uncertainty."""
    replicates = first.replicates - second.replicates
    replicates[np.abs(replicates) < ROUNDING] = 0
    error = standard_error(replicates)
    values = [one.entry["value"] for one in (first, second)]
    return {
        "first": values[0],
        "second": values[1],
        "difference": values[0] - values[1],
        "interval": interval_of(replicates),
        "standard_error": error,
        "p": p_value(replicates),
        "smallest_difference": smallest_difference(error, paired=True),
    }
