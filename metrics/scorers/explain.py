"""Where the scorers disagree: what each read in an answer, by which rule, and what that counts as."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from dataset_builder.tasks import Task
from metrics.parsing import Value
from metrics.scorers.readings import NONE
from metrics.scoring import SCORERS, scorer_of


WAYS = 3  # per task
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
    """How often the scorers disagree per task, and the commonest ways in which they do, each with its first answer.

    Args:
        path: JSON lines, as of `disagreements`.
    """
    counts, first = defaultdict(Counter), {}
    with open(path, encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            way = tuple((one["rule"], one["reason"]) for one in row["scorers"].values())
            counts[row["task"]][way] += 1
            first.setdefault((row["task"], way), row)
    total = sum(map(Counter.total, counts.values()))
    text = [f"{path}: {total:,} answers that the scorers do not read or count alike"]
    for task, ways in counts.items():
        text.append(f"{task}: {ways.total():,}, the commonest ways of {len(ways)}:")
        for way, count in ways.most_common(WAYS):
            text += [f"  {count:,} like {line}" if i == 0 else line for i, line in enumerate(shown(first[task, way]))]
    return "\n".join(text)


def shown(row: dict) -> Iterator[str]:
    """An answer, and a line per scorer."""
    answer = " ".join(row["answer"].split())
    if len(answer) > 2 * ANSWER_WIDTH:
        answer = f"{answer[:ANSWER_WIDTH]} […] {answer[-ANSWER_WIDTH:]}"
    yield f"{row['id']}, label {json.dumps(row['label'])}: {answer!r}"
    for name, one in row["scorers"].items():
        read = "unusable" if one["read"] is None else json.dumps(one["read"])
        rule = f"{one['rule']}: {one['evidence']}" if one["evidence"] else one["rule"]
        counted = "" if one["value"] is None else f"{json.dumps(one['value'])}, "
        mark = "  <- by its label" if one["by_label"] else ""
        yield f"    {name:<11} reads {read} ({rule}); counts {counted}{one['reason']}{mark}"
