"""What the findings amount to beside the label: which agree with it, which do not, and the sentence that says so."""

import json
from functools import cache
from pathlib import Path

import yaml

from dataset_builder.reasoning.choices import Choices
from dataset_builder.reasoning.findings import Finding, task_words
from dataset_builder.reasoning.statements import capital, join
from dataset_builder.tasks import Task


NAMED = 3  # findings that a sentence names


def sides_of(label: str, task: Task) -> set[str]:
    """What a reading can speak for and be right: classes, EC numbers, "none", or levels such as "high" or "hk low"."""
    value = json.loads(label)
    if task.kind != "regression":
        return {value} if isinstance(value, str) else set(value) or {"none"}
    levels = task_words(task.id)["levels"]
    if not isinstance(value, dict):
        return {level(value, *levels["value"])}
    return {f"{name} {level(number, *levels[name])}" for name, number in value.items()}


def level(value: float, low: float, high: float) -> str:
    """Below `low`, from `high` on, or in the middle."""
    return "low" if value < low else "high" if value >= high else "middle"


def stance(finding: Finding, sides: set[str], task: Task) -> str:
    """ "supporting", "opposing", "pulling" (away from a value in the middle), or "" for what takes no side."""
    if not finding.reading or not finding.reading.sides:
        return ""
    spoken, beside = finding.reading.sides, finding.reading.beside
    if task.kind == "multilabel" and not task.classes:
        return "supporting" if any(same_class(number, ec) for number in sides for ec in spoken) else "opposing"
    if sides & set(spoken):
        return "supporting"
    if task.kind != "regression":
        return "" if "others" in beside or sides & set(beside) else "opposing"
    return "pulling" if f"{field_of(spoken[0])} middle".strip() in sides else "opposing"


def same_class(number: str, ec: str) -> bool:
    """Whether an EC number lies in the class `ec`, or is given so roughly (3.6.-.-) that it may."""
    known = number.partition("-")[0].rstrip(".") + "."
    return known.startswith(f"{ec}.") or f"{ec}.".startswith(known)


def weigh(findings: list[Finding], sides: set[str], task: Task, choices: Choices) -> str:
    """One or two sentences on what speaks for the conclusion and what against it."""
    names: dict[str, list[str]] = {"supporting": [], "opposing": [], "pulling": []}
    for finding in findings:
        if kind := stance(finding, sides, task):
            names[kind].append(finding.reading.name)
    parts = {kind: join(list(dict.fromkeys(found))[:NAMED]) for kind, found in names.items()}
    case = next((kind for kind in names if names[kind]), "silent")
    if names["supporting"] and names["opposing"]:
        case = "mixed"
    weighed = ("supporting", "opposing") if case == "mixed" else (case,)
    spoken = {side for f in findings if stance(f, sides, task) in weighed for side in f.reading.sides}
    return capital(choices.one(words()[case]).format(side=phrase(at_issue(sides, spoken), task), **parts))


def at_issue(sides: set[str], spoken: set[str]) -> set[str]:
    """Of the sides of several numbers those of which something is said; else all."""
    fields = set(map(field_of, spoken))
    return {side for side in sides if field_of(side) in fields} or sides


def field_of(side: str) -> str:
    """ "hk" of "hk low"; nothing where there is one number or none."""
    return side.rpartition(" ")[0]


def phrase(sides: set[str], task: Task) -> str:
    """The sides in words."""
    known = task_words(task.id).get("sides", {})
    shown = "EC {}" if task.kind == "multilabel" and not task.classes else "{}"
    return join([known.get(side) or shown.format(side) for side in sorted(sides)])


@cache
def words() -> dict:
    """weighing.yaml."""
    return yaml.load(Path(__file__).with_name("weighing.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
