"""Where the scorers disagree: what each read in an answer, by which rule, and what that counts as."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from dataset_builder.tasks import Task
from metrics.parsing import Value
from metrics.scorers.readings import NONE
from metrics.scoring import SCORERS, scorer_of


EXAMPLES = 3  # per task
ANSWER_WIDTH = 200  # characters of a long answer's beginning and end that are shown


def disagreements(
    task: Task, ids: Sequence[str], answers: Sequence[str], labels: Sequence[str], constant: str
) -> Iterator[dict]:
    """The answers that are not read alike, or do not count alike, under all scorers.

    Args:
        ids: n row ids.
        answers: n raw answers.
        labels: n canonical JSON labels.
        constant: the canonical JSON label that an unusable answer counts as under `strict`.

    Yields:
        id, task, answer, label, and by scorer: `read` (None: unusable), `rule` and `evidence` of the reading, and
        `value`, `reason` and `by_label` of what it counts as (None: left out, or wrong).
    """
    scorers = [scorer_of(name) for name in SCORERS]
    typical = json.loads(constant)
    by_scorer = [scorer.read(task, answers) for scorer in scorers]
    for row, answer, label, *readings in zip(ids, answers, labels, *by_scorer, strict=True):
        true = json.loads(label)
        found = {
            scorer.name: {"read": reading.value, "rule": reading.rule, "evidence": reading.evidence}
            | asdict(scorer.count(task, reading, true, typical))
            for scorer, reading in zip(scorers, readings, strict=True)
        }
        if len({json.dumps([plain(one["read"]), plain(one["value"]), one["by_label"]]) for one in found.values()}) > 1:
            yield {"id": row, "task": task.id, "label": true, "answer": answer, "scorers": found}


def plain(value: Value | None) -> Value | None:
    """A value without the published scorers' class `none`: strict says the empty set."""
    return [label for label in value if label != NONE] if isinstance(value, list) else value


def render(path: Path) -> str:
    """The number of disagreements per task, and the first few of them.

    Args:
        path: JSON lines, as of `disagreements`.
    """
    with open(path, encoding="utf-8") as lines:
        by_task, counts = defaultdict(list), defaultdict(int)
        for row in map(json.loads, lines):
            counts[row["task"]] += 1
            if len(by_task[row["task"]]) < EXAMPLES:
                by_task[row["task"]].append(row)
    text = [f"{path}: {sum(counts.values()):,} answers that the scorers do not read or count alike"]
    for task, rows in by_task.items():
        text += [f"{task}: {counts[task]:,}", *(line for row in rows for line in render_row(row))]
    return "\n".join(text)


def render_row(row: dict) -> Iterable[str]:
    """An answer, and a line per scorer."""
    answer = " ".join(row["answer"].split())
    if len(answer) > 2 * ANSWER_WIDTH:
        answer = f"{answer[:ANSWER_WIDTH]} […] {answer[-ANSWER_WIDTH:]}"
    yield f"  {row['id']}, label {json.dumps(row['label'])}: {answer!r}"
    for name, one in row["scorers"].items():
        read = "unusable" if one["read"] is None else json.dumps(one["read"])
        rule = f"{one['rule']}: {one['evidence']}" if one["evidence"] else one["rule"]
        counted = "" if one["value"] is None else f"{json.dumps(one['value'])}, "
        mark = "  <- by its label" if one["by_label"] else ""
        yield f"    {name:<11} reads {read} ({rule}); counts {counted}{one['reason']}{mark}"
