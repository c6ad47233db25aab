"""Answers written without a model: measured facts, what they mean, how they weigh, and the labelled conclusion.

Nothing is said that was not measured or is not in the wording files beside this module, which name their literature.
Findings that argue against the label are said like those that argue for it.
"""

from dataset_builder.reasoning.choices import Choices
from dataset_builder.reasoning.conclusion import conclude
from dataset_builder.reasoning.findings import Finding, findings, task_words
from dataset_builder.reasoning.sample import argued
from dataset_builder.reasoning.statements import state
from dataset_builder.reasoning.weighing import sides_of, stance, weigh
from dataset_builder.tasks import TASKS, Task


MOST_TELLING, MOST_NEUTRAL = 5, 3  # findings that an answer gives


def explain(row: dict, seed: int) -> dict:
    """The row with the reasoning system prompt and an answer that argues from its sequences to its label."""
    task = TASKS[row["task"]]
    choices = Choices(row["id"], seed)
    answer_id, answer = argue(row, task, choices)
    return argued(row, answer, answer_id)


def argue(row: dict, task: Task, choices: Choices) -> tuple[int, str]:
    """(id of the concluding template, the whole answer)."""
    words, sides = task_words(task.id), sides_of(row["label"], task)
    chosen = choose(findings(row), sides, task, choices)
    points: list[str] = []
    for finding in chosen:
        if text := point(finding, words["names"], choices, first=not points):
            points.append(text)
    answer_id, conclusion = conclude(row["label"], task, choices)
    parts = [choices.one(words["openings"]), lay_out(points, choices), weigh(chosen, sides, task, choices), conclusion]
    return answer_id, "\n\n".join(parts)


def choose(found: list[Finding], sides: set[str], task: Task, choices: Choices) -> list[Finding]:
    """What is told: the telling findings, among them always one that argues against the label if any does, and a few
    that take no side, in their order."""
    telling = [finding for finding in found if stance(finding, sides, task)]
    against = [finding for finding in telling if stance(finding, sides, task) == "opposing"]
    kept = choices.some(telling, MOST_TELLING)
    if against and not any(finding in against for finding in kept):
        kept[choices.below(len(kept))] = choices.one(against)
    neutral = [f for f in found if f not in telling and (f.facts or f.reading)]
    told = kept + choices.some(neutral, MOST_NEUTRAL)
    return [finding for finding in found if finding in told]


def point(finding: Finding, molecules: list[str], choices: Choices, first: bool) -> str:
    """The statement of a finding and what it means."""
    statement = state(finding, molecules, choices, first)
    if statement and finding.reading and finding.reading.texts:
        statement = f"{statement} {choices.one(finding.reading.texts)}"
    return statement


def lay_out(points: list[str], choices: Choices) -> str:
    """The points as a paragraph, a list or numbered steps."""
    layout = choices.below(3)
    if layout == 0:
        return " ".join(points)
    marks = ["-"] * len(points) if layout == 1 else [f"{i}." for i in range(1, len(points) + 1)]
    return "\n".join(f"{mark} {point}" for mark, point in zip(marks, points, strict=True))
