"""All 21 tasks of Biology-Instructions: raw answers and canonical labels in, every task's score out."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence

import datasets
import evaluate
import numpy as np

from dataset_builder.tasks import TASKS
from metrics.scoring import counted_rows, default_constant, score, scorer_of


CITATION = """@misc{he2024biologyinstructions,
  title={Biology-Instructions: A Dataset and Benchmark for Multi-Omics Sequence Understanding Capability of Large
  Language Models}, author={He, Haonan and others}, year={2024}, eprint={2412.19191}, archivePrefix={arXiv}}"""


def biology_instructions(
    predictions: Sequence[str],
    references: Sequence[str],
    tasks: Sequence[str],
    subtasks: Sequence[str] | None = None,
    constants: Mapping[str, str] | None = None,
    scorer: str = "strict",
    fallback: Callable[[Sequence[str]], Sequence[bool]] | None = None,
) -> dict[str, dict]:
    """Score raw answers, task by task.

    With the scorer `strict` answers are read and counted without the labels. One that cannot be used (empty, a
    refusal, contradictory, out of range) counts as the task's constant; `coverage` is the share of the others.
    `paper` and `opencompass` compute what the evaluators of the paper and of OpenCompass do, their faults included:
    an unusable yes or no, for one, counts as the opposite of its label.

    Args:
        predictions: n raw answers of a model.
        references: n canonical JSON labels: `"positive"`, `4.66`, `{"hk": 4.66, "dev": 2.1}`, `["m6A"]`, `"tRNA"`.
        tasks: n task ids.
        subtasks: n names (histone mark, factor set, cell line, ...), empty where there is none; optional. A promoter
            task's rows of the sub-task `all` are those of its other sub-tasks once more: they are scored apart, and
            do not count in the task (but for `opencompass`).
        constants: task id -> canonical JSON label that an unusable answer counts as, such as the training majority or
            mean; by default "negative", the first class, [] or the middle of the range.
        scorer: `strict`, `paper` or `opencompass`.
        fallback: for the last two, what decides about answers without a keyword, in place of the sentiment and
            zero-shot models that they use: n texts -> n times whether it means yes. Without it such answers are
            unusable.

    Returns:
        By task id: `metric` (name), `value` (NaN or infinite where a published formula is undefined), `fields` (values
        of the single numbers of enhancer_activity and rna_switches), `coverage`, `n`, and `subtasks` (the same but
        for the metric, by name; empty without subtasks). Without rows there are no tasks.

    Raises:
        ValueError: an unknown task id or scorer, or inputs of different length.

    Examples:
        >>> answers, labels = ["Yes.", "It is not soluble.", "no idea"], ['"positive"', '"negative"', '"positive"']
        >>> score = biology_instructions(answers, labels, ["solubility"] * 3)["solubility"]
        >>> score["metric"], round(score["value"], 2), round(score["coverage"], 2), score["n"]
        ('accuracy', 0.67, 0.67, 3)
        >>> silence = ["", "", ""], labels, ["core_promoter"] * 3
        >>> [biology_instructions(*silence, scorer=name)["core_promoter"]["value"] for name in ("strict", "paper")]
        [0.0, -1.0]
    """
    chosen = scorer_of(scorer, fallback)
    names = [""] * len(tasks) if subtasks is None else subtasks
    unknown = sorted(set(tasks) - TASKS.keys()) + sorted(set(constants or {}) - TASKS.keys())
    if unknown or len({len(predictions), len(references), len(tasks), len(names)}) > 1:
        raise ValueError(
            f"{len(predictions)} predictions, {len(references)} references, {len(tasks)} tasks and {len(names)} "
            f"subtasks; unknown task ids: {unknown[:3]}; give one of each per row, with ids from: {', '.join(TASKS)}"
        )

    # As objects: an array of strings takes the longest one's space for each.
    said, true, ids, subtask = (np.array(side, dtype=object) for side in (predictions, references, tasks, names))
    results = {}
    for task in filter(set(tasks).__contains__, TASKS):
        rows = ids == task
        counted = rows.copy()
        counted[rows] = counted_rows(subtask[rows], chosen)
        parts = {"": counted} | {name: rows & (subtask == name) for name in sorted(set(subtask[rows]) - {""})}
        constant = (constants or {}).get(task, default_constant(TASKS[task]))
        scores = {
            name: dataclasses.asdict(score(TASKS[task], said[part].tolist(), true[part].tolist(), constant, chosen))
            for name, part in parts.items()
        }
        results[task] = {"metric": TASKS[task].metric, **scores.pop(""), "subtasks": scores}
    return results


class BiologyInstructions(evaluate.Metric):
    """`evaluate.load("biology_instructions").compute(predictions=..., references=..., tasks=...)`."""

    def _info(self) -> evaluate.MetricInfo:
        text = datasets.Value("string")
        return evaluate.MetricInfo(
            description=__doc__,
            citation=CITATION,
            inputs_description=biology_instructions.__doc__,
            features=datasets.Features({"predictions": text, "references": text, "tasks": text}),
        )

    def _compute(
        self,
        predictions: list[str],
        references: list[str],
        tasks: list[str],
        subtasks: Sequence[str] | None = None,
        constants: Mapping[str, str] | None = None,
        scorer: str = "strict",
        fallback: Callable[[Sequence[str]], Sequence[bool]] | None = None,
    ) -> dict[str, dict]:
        return biology_instructions(predictions, references, tasks, subtasks, constants, scorer, fallback)
