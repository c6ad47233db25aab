"""Answers written without a model: measured facts, what they mean, how they weigh, and the labelled conclusion.

Nothing is said that was not measured or is not in the wording files beside this module, which name their literature.
Findings that argue against the label are said like those that argue for it.
"""

from dataset_builder.reasoning.choices import Choices
from dataset_builder.reasoning.composing import compose
from dataset_builder.reasoning.conclusion import conclude
from dataset_builder.reasoning.evidence import sequences_of
from dataset_builder.reasoning.findings import Finding, findings, task_words
from dataset_builder.reasoning.sample import argued
from dataset_builder.reasoning.weighing import field_of, sides_of, stance, weigh
from dataset_builder.tasks import TASKS, Task


MOST_TELLING, MOST_NEUTRAL = 5, 3  # findings that an answer gives, as a rule


def explain(row: dict, seed: int) -> dict:
    """The row with the reasoning system prompt and an answer that argues from its sequences to its label."""
    task = TASKS[row["task"]]
    choices = Choices(row["id"], seed)
    answer_id, answer = argue(row, task, choices)
    return argued(row, answer, answer_id)


def argue(row: dict, task: Task, choices: Choices) -> tuple[int, str]:
    """(id of the concluding template, the whole answer)."""
    words, sides = task_words(task.id), sides_of(row["label"], task)
    told = [(finding, stance(finding, sides, task)) for finding in choose(findings(row), sides, task, choices)]
    lengths = {len(letters) for _, letters in sequences_of(row)}
    answer_id, conclusion = conclude(row["label"], task, lengths, choices)
    parts = [
        choices.one(words["openings"]),
        compose(told, words["names"], choices),
        weigh([finding for finding, _ in told], sides, task, choices),
        conclusion,
    ]
    return answer_id, "\n\n".join(parts)


def choose(found: list[Finding], sides: set[str], task: Task, choices: Choices) -> list[Finding]:
    """What is told, in its order: the telling findings, of each number of the label at least one that argues for it
    and one that argues against it if any do, and a few that take no side."""
    sorts: dict[tuple[str, str], list[Finding]] = {}
    for finding in found:
        if kind := stance(finding, sides, task):
            sorts.setdefault((field_of(finding.reading.sides[0]), kind), []).append(finding)
    telling = [finding for sort in sorts.values() for finding in sort]
    told = choices.some(telling, MOST_TELLING)
    told += [choices.one(sort) for sort in sorts.values() if not any(finding in told for finding in sort)]
    told += choices.some([f for f in found if f not in telling and (f.facts or f.reading)], MOST_NEUTRAL)
    return [finding for finding in found if finding in told]
