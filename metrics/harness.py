"""What other evaluation harnesses call: the rows that they ask, and our scorer as their metric.

lm-evaluation-harness reaches these functions by the YAML files of metrics/lm_eval, lighteval through
metrics/lighteval_tasks.py. Both score as `python -m metrics score` does: answers are read without their labels, an
unusable one counts as the training majority or mean, and the promoters' rows of the sub-task `all` do not count.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dataset_builder.tasks import TASKS
from metrics.scoring import STRICT, Score, counted_rows, score


if TYPE_CHECKING:
    from datasets import DatasetDict

Item = dict[str, str]  # task, subtask, label, constant and answer of one row


def load(task: str, dataset: str, config: str | None = None, split: str = "test", **others: object) -> "DatasetDict":
    """The rows of a task, as the split `test`: those of `metrics.benchmark.data.rows_to_ask`, each with `system`, its
    system prompt and an empty line, and `constant`, the canonical JSON label that an unusable answer counts as.

    Args:
        dataset: a built dataset folder, an installed name or a Hub id.
        config: a config of many tasks (`conditioned`, `mini`, `clean_test`); None stands for the task's own.
        others: what a harness passes besides; not used.

    Raises:
        EvaluationError: no such dataset, or it has no such rows.
    """
    import datasets
    import pyarrow as pa

    from metrics.benchmark.baselines import constants
    from metrics.benchmark.data import rows_to_ask

    rows = rows_to_ask(dataset, [task], split, config)[task]
    added = {
        "system": pa.array(f"{prompt[0]['content']}\n\n" for prompt in rows["prompt"].to_pylist()),
        "constant": pa.repeat(constants(dataset, config, [task])[task].label, len(rows)),
    }
    for name, column in added.items():
        rows = rows.append_column(name, column)
    return datasets.DatasetDict(test=datasets.Dataset(rows))


def question(row: dict) -> str:
    """What is asked of a row, without the system prompt."""
    return row["prompt"][-1]["content"]


def item_of(row: dict, answer: str) -> Item:
    """A row with its answer, as `task_score` and `task_coverage` take it."""
    return {**{name: row[name] for name in ("task", "subtask", "label", "constant")}, "answer": answer}


def process_results(row: dict, results: Sequence[str]) -> dict[str, Item]:
    """lm-evaluation-harness' values of a row: for the metric, by its own name and as `score`, and for `coverage`."""
    return dict.fromkeys((TASKS[row["task"]].metric, "score", "coverage"), item_of(row, results[0]))


def task_score(items: Sequence[Item]) -> float:
    """The metric of one task's answered rows, on its natural scale (-1..1 or 0..1).

    Raises:
        ValueError: no rows, or rows of several tasks.
    """
    return scored(items).value


def task_coverage(items: Sequence[Item]) -> float:
    """The share of usable answers, 0..1; raises as `task_score` does."""
    return scored(items).coverage


def scored(items: Sequence[Item]) -> Score:
    """The rows that count, scored."""
    tasks = {item["task"] for item in items}
    if len(tasks) != 1:
        raise ValueError(f"answers to {len(tasks)} tasks ({', '.join(sorted(tasks))}); give those of one")
    counted = counted_rows([item["subtask"] for item in items], STRICT)
    kept = [item for item, counts in zip(items, counted, strict=True) if counts]
    answers, labels = ([item[name] for item in kept] for name in ("answer", "label"))
    return score(TASKS[tasks.pop()], answers, labels, items[0]["constant"])
