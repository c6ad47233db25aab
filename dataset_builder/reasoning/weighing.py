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
    if supported(finding, sides):
        return "supporting"
    if task.kind != "regression":
        return "" if "others" in beside or sides & set(beside) else "opposing"
    return "pulling" if f"{field_of(spoken[0])} middle".strip() in sides else "opposing"


def supported(finding: Finding, sides: set[str]) -> set[str]:
    """Those of the sides that the finding speaks for."""
    return {side for side in sides for spoken in finding.reading.sides if side == spoken or same_class(side, spoken)}


def same_class(number: str, ec: str) -> bool:
    """Whether an EC number lies in the class `ec`, or is given so roughly (3.6.-.-) that it may."""
    if not number[0].isdigit() or not ec[0].isdigit():
        return False
    known = number.partition("-")[0].rstrip(".") + "."
    return known.startswith(f"{ec}.") or f"{ec}.".startswith(known)


def weigh(findings: list[Finding], sides: set[str], task: Task, choices: Choices) -> str:
    """What speaks for the conclusion and what against it; of several numbers for each of which something is said."""
    telling: dict[str, list[Finding]] = {}
    for finding in findings:
        if stance(finding, sides, task):
            telling.setdefault(field_of(finding.reading.sides[0]), []).append(finding)
    said: list[str] = []
    for field, about in (telling or {"": []}).items():
        at_issue = {side for side in sides if field_of(side) == field} or sides
        said.append(weighed(about, at_issue, task, choices))
    return " ".join(said)


def weighed(findings: list[Finding], sides: set[str], task: Task, choices: Choices) -> str:
    """One or two sentences on one number, or on the label."""
    groups: dict[str, list[Finding]] = {"supporting": [], "opposing": [], "pulling": []}
    for finding in findings:
        groups[stance(finding, sides, task)].append(finding)
    case = next((kind for kind, found in groups.items() if found), "silent")
    if groups["supporting"] and groups["opposing"]:
        case = "mixed"
    names = {kind: join(list(dict.fromkeys(f.reading.name for f in found))[:NAMED]) for kind, found in groups.items()}
    meant = set().union(*(supported(finding, sides) for finding in groups["supporting"])) or sides
    return capital(choices.one(words()[case]).format(side=phrase(meant, task), **names))


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
