"""results.json: what was evaluated, every task's score with its uncertainty, the baselines beside it, and means.

model, revision, backend, dataset, prompt, decoding, environment, …     as the evaluation states them
scorer      name and version
tasks       by task id: metric, value (natural scale), interval (95%), standard_error, n, n_distinct, coverage,
            read_by, counted, counted_by_label, fields (of several numbers), excluded_subtasks, and
  smallest_difference   from another model that the test set can resolve (intervals.py)
  baselines             by name, the same of constants (prediction, source) and of trained ones (learned: rows of
                        train, settings chosen on validation, seconds)
  subtasks              by name, the same
  probabilities         where there are some (probabilities.py)
means       by name, `model` and every trained baseline: plain and scaled (trivial 0, perfect 1), each with value,
            interval, standard_error and tasks, the number of tasks that it is over
"""

import json
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from dataset_builder.tasks import TASKS, Task
from metrics.benchmark.baselines import Constant
from metrics.benchmark.intervals import smallest_difference
from metrics.benchmark.means import Share, means
from metrics.benchmark.measuring import Asked, Measurement
from metrics.benchmark.processes import in_processes
from metrics.scoring import POOLED, STRICT, Reading, Scorer


# The constant that a metric flatters: always just below the mixed score's low range, whatever the sequence.
FLATTERED = {"mixed_score": 29.9}


Trained = dict[str, tuple[dict[str, str], dict]]  # by name: answers by row id; what it learned from, by task id


@dataclass(frozen=True)
class TaskResult:
    """The entry of a task in results.json, and what it contributes to the means: the model's, and each trained
    baseline's by its name."""

    entry: dict
    shares: dict[str, Share]


def results_of(
    rows: dict[str, pa.Table],
    answers: dict[str, str],
    constants: dict[str, Constant],
    about: dict,
    scorer: Scorer = STRICT,
    trained: Trained | None = None,
) -> dict:
    """What results.json holds.

    Args:
        rows: the rows that were asked, by task id.
        answers: raw answers by row id.
        constants: the constant prediction by task id.
        about: model, revision, dataset, prompt, decoding, environment: kept as it is.
        trained: trained baselines that are shown with every task all of whose rows they answered.
    """

    def answers_of(said: dict[str, str], table: pa.Table) -> list[str] | None:
        found = [said.get(row) for row in table["id"].to_pylist()]
        return None if None in found else found

    jobs = []
    for name, table in rows.items():
        beside = {one: (answers_of(said, table), about.get(name)) for one, (said, about) in (trained or {}).items()}
        beside = {one: pair for one, pair in beside.items() if pair[0]}
        jobs.append((TASKS[name], table, answers_of(answers, table), constants[name], scorer, beside))
    found = in_processes(task_result, jobs, [len(table) for table in rows.values()])
    tasks = {name: result.entry for name, result in zip(rows, found, strict=True)}
    names = dict.fromkeys(name for result in found for name in result.shares)
    averages = {name: means([result.shares[name] for result in found if name in result.shares]) for name in names}
    return about | {
        "scorer": {"name": scorer.name, "version": scorer.version},
        "tasks": tasks,
        "means": averages,
    }


def task_result(
    task: Task,
    rows: pa.Table,
    answers: list[str],
    constant: Constant,
    scorer: Scorer = STRICT,
    trained: dict[str, tuple[list[str], dict]] | None = None,
) -> TaskResult:
    """The entry of one task.

    Args:
        trained: by name, a trained baseline's answers and what it learned from.

    Its headline leaves the sub-task `all` out where the scorer does; it is scored apart among the sub-tasks.
    """
    asked = Asked.of(task, rows, constant.label, scorer)

    model = scorer.read(task, answers)
    counts = asked.counts(model)
    result = asked.measured(model, counts, np.flatnonzero(asked.counted))
    trivial = trivial_baselines(asked)
    learned = {name: asked.headline(scorer.read(task, texts)) for name, (texts, _) in (trained or {}).items()}
    notes = {"constant": {"prediction": constant.label, "source": constant.source}}
    notes |= {name: {"prediction": None, "source": "train", "learned": trained[name][1]} for name in learned}
    if task.metric in FLATTERED:
        flattered = json.dumps(FLATTERED[task.metric])
        notes[f"constant {flattered}"] = {"prediction": flattered, "source": "the constant that this metric flatters"}
    entry = {
        "metric": task.metric,
        **result.entry,
        "smallest_difference": smallest_difference(result.entry["standard_error"]),
        "excluded_subtasks": [] if asked.counted.all() else [POOLED],
        "baselines": {name: one.entry | notes.get(name, {}) for name, one in (trivial | learned).items()},
        "subtasks": {name: asked.measured(model, counts, places).entry for name, places in asked.parts().items()},
    }
    best = best_of(trivial)
    return TaskResult(entry, {name: Share(one, best) for name, one in ({"model": result} | learned).items()})


def trivial_baselines(asked: Asked) -> dict[str, Measurement]:
    """By name: no answer, the constant that an unusable answer counts as, and the one that a metric flatters."""
    task, scorer, n = asked.task, asked.scorer, len(asked.labels)
    constants = {"constant": asked.typical}
    if task.metric in FLATTERED:
        constants[f"constant {FLATTERED[task.metric]}"] = FLATTERED[task.metric]
    readings = {name: [Reading(scorer.as_prediction(task, said), "baseline")] * n for name, said in constants.items()}
    return {name: asked.headline(each) for name, each in ({"empty": scorer.read(task, [""] * n)} | readings).items()}


def best_of(trivial: dict[str, Measurement]) -> Measurement:
    """The trivial baseline with the highest value: what counts as 0 in the scaled mean."""
    return max(trivial.values(), key=lambda one: -np.inf if one.entry["value"] is None else one.entry["value"])
