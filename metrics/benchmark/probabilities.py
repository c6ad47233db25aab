"""What results.json says of a task's probabilities, beside the score of its answers.

    binary        auroc, auprc, mcc and the task's metric at 0.5, mcc at a threshold chosen on validation
    multiclass    accuracy of the most probable class; auroc and auprc, means over the classes
    multilabel    auroc and auprc, means over the labels; of EC numbers Fmax over all scores
    regression    the task's metric of the expected values

Calibration is that of P(positive), and of the most probable label where there are more than two. auprc is the average
precision; what chance gives there is `prevalence`. Labels are read here and nowhere before; a threshold never sees a
test label.
"""

import json
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from dataset_builder.tasks import TASKS, Task
from metrics.benchmark.areas import area_replicates, areas, best_threshold, both_outcomes, fmax_replicates
from metrics.benchmark.calibration import calibration
from metrics.benchmark.candidates import NONE, label_names
from metrics.benchmark.data import inputs_of
from metrics.benchmark.intervals import interval_of, replicates
from metrics.benchmark.processes import in_processes
from metrics.scoring import STRICT, counted_rows, metric_named


if TYPE_CHECKING:
    import pyarrow as pa

Known = Mapping[str, dict]  # by row id: `label_scores` or `expected`, and `answer_mass` if known (loglikelihood.py)


def with_probabilities(results: dict, rows: "dict[str, pa.Table]", known: Known, thresholds: dict[str, dict]) -> dict:
    """The results with `probabilities` in the entry of every task all of whose rows have them.

    Args:
        thresholds: by task id, what `thresholds_of` returns.
    """
    scored = {
        name: table
        for name, table in rows.items()
        if all(known[row].get(scores_of(TASKS[name])) for row in table["id"].to_pylist())
    }
    jobs = [
        (TASKS[name], table, [known[row] for row in table["id"].to_pylist()], thresholds.get(name))
        for name, table in scored.items()
    ]
    found = in_processes(task_probabilities, jobs, [len(table) for table in scored.values()])
    blocks = {name: {"probabilities": block} for name, block in zip(scored, found, strict=True)}
    tasks = {name: entry | blocks.get(name, {}) for name, entry in results["tasks"].items()}
    return results | {"tasks": tasks}


def thresholds_of(rows: "dict[str, pa.Table]", known: Known) -> dict[str, dict]:
    """The threshold of every binary task from rows that are no test rows: `threshold`, `n`, and `from` their split."""
    chosen = {}
    for name, table in rows.items():
        counted = counted_rows(table["subtask"].to_pylist(), STRICT)
        if TASKS[name].kind == "binary":
            positive = shares([known[row] for row in table["id"].to_pylist()], ("positive",))[counted, 0]
            truth = np.array(table["label"].to_pylist())[counted] == json.dumps("positive")
            split = table["id"][0].as_py().split("/")[1]
            chosen[name] = {"threshold": best_threshold(positive, truth), "n": len(truth), "from": split}
    return chosen


def scores_of(task: Task) -> str:
    """What of a row's known things is scored."""
    return "expected" if task.kind == "regression" else "label_scores"


def task_probabilities(task: Task, rows: "pa.Table", known: list[dict], threshold: dict | None = None) -> dict:
    """The entry of one task: `metrics`, each with value and interval, of the rows that its headline is over and of
    each sub-task; `calibration`; and `answer_mass`, the mean probability that the possible answers have together."""
    labels = list(map(json.loads, rows["label"].to_pylist()))
    inputs, subtasks = inputs_of(rows, task), np.array(rows["subtask"].to_pylist())
    measure = {"binary": binary, "regression": regression}.get(task.kind, several)

    def measured(chosen: np.ndarray) -> dict:
        places = np.flatnonzero(chosen).tolist()
        return measure(task, [known[i] for i in places], [labels[i] for i in places], inputs[chosen], threshold)

    counted = counted_rows(subtasks, STRICT)
    masses = [row["answer_mass"] for row in known if row.get("answer_mass") is not None]
    return {
        "n": int(counted.sum()),
        "answer_mass": float(np.mean(masses)) if masses else None,
        **measured(counted),
        "subtasks": {name: measured(subtasks == name)["metrics"] for name in np.unique(subtasks).tolist() if name},
    }


def binary(task: Task, known: list[dict], labels: list[str], inputs: np.ndarray, threshold: dict | None) -> dict:
    """Areas, the Matthews correlation at thresholds, and how well P(positive) is calibrated."""
    positive, truth = shares(known, ("positive",)), np.array(labels)[:, None] == "positive"

    def at(metric: str, cut: float) -> dict:
        said = np.where(positive[:, 0] >= cut, "positive", "negative").tolist()
        return with_interval(metric, [(said, labels)], inputs)

    metrics = area_metrics(positive, truth, inputs)
    metrics |= {f"{name} at 0.5": at(name, 0.5) for name in dict.fromkeys((task.metric, "mcc"))}
    if threshold:
        metrics["mcc at threshold"] = at("mcc", threshold["threshold"]) | threshold
    return {
        "prevalence": float(truth.mean()),
        "metrics": metrics,
        "calibration": calibration(positive[:, 0], truth[:, 0]),
    }


def several(task: Task, known: list[dict], labels: list, inputs: np.ndarray, threshold: dict | None) -> dict:
    """Areas, or Fmax, over all labels; accuracy of one of many classes; how well the most probable is calibrated."""
    names = label_names(task)
    true = [[label] if isinstance(label, str) else label or [NONE] for label in labels]
    scores, truth = shares(known, names), np.array([[name in row for name in names] for row in true])
    best = scores.argmax(axis=1)
    right = truth[np.arange(len(best)), best]
    if task.metric == "fmax":
        said = [dict(zip(names, row, strict=True)) for row in scores.tolist()]
        resampled = fmax_replicates(scores, truth, inputs)
        metrics = {"fmax": {"value": metric_named(task.metric)(said, true), "interval": interval_of(resampled)}}
    else:
        listed = [names.index(name) for name in task.classes]
        metrics = area_metrics(scores[:, listed], truth[:, listed], inputs)
    if task.kind == "multiclass":
        metrics["accuracy"] = with_interval("accuracy", [([names[i] for i in best], labels)], inputs)
    return {"metrics": metrics, "calibration": calibration(scores[np.arange(len(best)), best], right)}


def regression(task: Task, known: list[dict], labels: list, inputs: np.ndarray, threshold: dict | None) -> dict:
    """The task's metric of the expected values, averaged over its numbers."""
    true = labels if len(task.fields) > 1 else [{task.fields[0].name: label} for label in labels]
    names = [field.name for field in task.fields]
    expected = [dict(row["expected"]) for row in known]
    pairs = [([row[name] for row in expected], [row[name] for row in true]) for name in names]
    found = with_interval(task.metric, pairs, inputs)
    if len(names) > 1:
        found["fields"] = {name: metric_named(task.metric)(*pair) for name, pair in zip(names, pairs, strict=True)}
    return {"metrics": {f"{task.metric} of expected values": found}}


def shares(known: list[dict], names: Sequence[str]) -> np.ndarray:
    """Probabilities of these labels, float64 of shape (n, labels); 0 where a row does not have one."""
    scores = [dict(row["label_scores"]) for row in known]
    return np.exp([[row.get(name, -math.inf) for name in names] for row in scores])


def area_metrics(scores: np.ndarray, truth: np.ndarray, inputs: np.ndarray) -> dict[str, dict]:
    """auroc and auprc, averaged over the columns that have both outcomes; none where no column has."""
    classes = both_outcomes(truth)
    if not len(classes):
        return {}
    values = np.mean([areas(scores[:, k], truth[:, k]) for k in classes], axis=0)[:, 0]
    resampled = area_replicates(scores, truth, inputs)
    return {
        name: {"value": float(value), "interval": interval_of(each)}
        for name, value, each in zip(("auroc", "auprc"), values, resampled, strict=True)
    }


def with_interval(metric: str, pairs: list[tuple[list, list]], inputs: np.ndarray) -> dict:
    """The metric, averaged over the pairs of predictions and references."""
    value = float(np.mean([metric_named(metric)(*pair) for pair in pairs]))
    return {"value": value, "interval": interval_of(replicates(metric, pairs, inputs))}
