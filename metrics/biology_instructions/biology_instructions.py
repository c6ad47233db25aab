"""All 21 tasks of Biology-Instructions: raw answers and canonical labels in, every task's score out."""

import dataclasses
from collections import defaultdict
from collections.abc import Mapping, Sequence

import datasets
import evaluate

from dataset_builder.tasks import TASKS
from metrics.scoring import default_constant, score


CITATION = """@misc{he2024biologyinstructions,
  title={Biology-Instructions: A Dataset and Benchmark for Multi-Omics Sequence Understanding Capability of Large
  Language Models}, author={He, Haonan and others}, year={2024}, eprint={2412.19191}, archivePrefix={arXiv}}"""


def biology_instructions(
    predictions: Sequence[str],
    references: Sequence[str],
    tasks: Sequence[str],
    subtasks: Sequence[str] | None = None,
    constants: Mapping[str, str] | None = None,
) -> dict[str, dict]:
    """Score raw answers with the `strict` scorer, task by task.

    The answers are read without the labels. One that cannot be used (empty, a refusal, contradictory, out of range)
    counts as the task's constant; `coverage` is the share of the others.

    Args:
        predictions: n raw answers of a model.
        references: n canonical JSON labels: `"positive"`, `4.66`, `{"hk": 4.66, "dev": 2.1}`, `["m6A"]`, `"tRNA"`.
        tasks: n task ids.
        subtasks: n names (histone mark, factor set, cell line, ...), empty where there is none; optional.
        constants: task id -> canonical JSON label that an unusable answer counts as, such as the training majority or
            mean; by default "negative", the first class, [] or the middle of the range.

    Returns:
        By task id: `metric` (name), `value`, `fields` (values of the single numbers of enhancer_activity and
        rna_switches), `coverage`, `n`, and `subtasks` (the same but for the metric, by name; empty without subtasks).

    Raises:
        ValueError: an unknown task id, or inputs of different length.

    Examples:
        >>> answers, labels = ["Yes.", "It is not soluble.", "no idea"], ['"positive"', '"negative"', '"positive"']
        >>> score = biology_instructions(answers, labels, ["solubility"] * 3)["solubility"]
        >>> score["metric"], round(score["value"], 2), round(score["coverage"], 2), score["n"]
        ('accuracy', 0.67, 0.67, 3)
    """
    names = [""] * len(tasks) if subtasks is None else subtasks
    unknown = sorted(set(tasks) - TASKS.keys()) + sorted(set(constants or {}) - TASKS.keys())
    if unknown or len({len(predictions), len(references), len(tasks), len(names)}) > 1:
        raise ValueError(
            f"{len(predictions)} predictions, {len(references)} references, {len(tasks)} tasks and {len(names)} "
            f"subtasks; unknown task ids: {unknown[:3]}; give one of each per row, with ids from: {', '.join(TASKS)}"
        )
    rows = defaultdict(lambda: defaultdict(list))
    for answer, label, task, name in zip(predictions, references, tasks, names, strict=True):
        for group in {"", name}:
            rows[task][group].append((answer, label))

    results = {}
    for task in filter(rows.__contains__, TASKS):
        constant = (constants or {}).get(task, default_constant(TASKS[task]))
        scores = {
            name: dataclasses.asdict(score(TASKS[task], *zip(*group, strict=True), constant))
            for name, group in sorted(rows[task].items())
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
    ) -> dict[str, dict]:
        return biology_instructions(predictions, references, tasks, subtasks, constants)
