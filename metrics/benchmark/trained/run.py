"""The command `baselines`: train all of them on a dataset, answer its test split, and score the answers.

<out>/<name>/predictions.parquet    a baseline's answers, as those of a model: to be scored, compared, read
<out>/results.json                  the k-mer regression's results, beside all other baselines
"""

import json
import logging
from pathlib import Path

import pyarrow as pa
from tqdm import tqdm

from dataset_builder.tasks import TASKS, Task
from metrics.benchmark.data import dataset_digest, rows_to_ask
from metrics.benchmark.predictions import PREDICTIONS, write_predictions
from metrics.benchmark.stored import EvaluationError
from metrics.benchmark.trained.baselines import Answers, answers
from metrics.benchmark.trained.folders import NAMES, folder_of
from metrics.benchmark.trained.sample import read, training_rows, validation_rows
from metrics.benchmark.trained.targets import probabilities


log = logging.getLogger(__name__)


def write_baselines(dataset: str, out: Path, tasks: list[str] | None = None) -> dict:
    """Train and answer; write predictions.parquet of every baseline below `out` and results.json to it.

    Tasks without a train split have none, which is logged.

    Returns:
        What results.json holds.

    Raises:
        EvaluationError: as of `rows_to_ask`, or no task has a train split.
    """
    from metrics.benchmark.evaluation import score

    rows = rows_to_ask(dataset, tasks)
    known: dict[str, dict[str, dict]] = {name: {} for name in NAMES}
    learned: dict[str, dict[str, dict]] = {name: {} for name in NAMES}
    for task in tqdm([TASKS[name] for name in rows], desc="baselines", unit="task"):
        for name, said in answers_to(dataset, task):
            known[name] |= dict(zip(rows[task.id]["id"].to_pylist(), as_known(task, said), strict=True))
            learned[name][task.id] = said.about
    if not learned[NAMES[0]]:
        raise EvaluationError(f"{dataset} has no train rows of {', '.join(rows)}; baselines learn from these alone")
    asked = pa.concat_tables(rows[task] for task in learned[NAMES[0]])
    for name in NAMES:
        about = {
            "model": f"baseline: {name}",
            "revision": None,
            "backend": "baseline",
            "dataset": {"name": dataset, "digest": dataset_digest(dataset), "config": None, "split": "test"},
            "prompt": None,
            "decoding": {},
            "learned": learned[name],
        }
        folder = out / folder_of(name)
        folder.mkdir(parents=True, exist_ok=True)
        write_predictions(folder, asked, known[name], about)
    return score(out / folder_of("k-mer regression") / PREDICTIONS, dataset, out, baselines=out)


def answers_to(dataset: str, task: Task) -> list[tuple[str, Answers]]:
    """Every baseline's answers to the test rows of one task; none without train rows."""
    train = training_rows(dataset, task)
    if train is None:
        log.warning("%s: no train rows, so no baseline but the constants", task.id)
        return []
    found = []
    for name, said in answers(task, train, validation_rows(dataset, task), read(dataset, task, "test")):
        log.info("%s: %s: %s", task.id, name, said.about)
        found.append((name, said))
    return found


def as_known(task: Task, said: Answers) -> list[dict]:
    """What predictions.parquet holds of each row."""
    columns = {"answer": list(map(json.dumps, said.values)), **probabilities(task, said.scores, said.classes)}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
