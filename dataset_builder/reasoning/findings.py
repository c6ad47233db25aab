"""The facts of a row by their kinds, and what each means for the question of the task.

The `readings` of reasoning/tasks/<task>.yaml say what a value of the kind `of`, on the molecule `in` (the first by
default), means if it is at least `from` and less than `below`, or equal to `is`. For sites the value is their number;
`within` counts only those that begin there. `for` are the sides of the label that it speaks for, `beside` those that
it does not speak against either ("others": any), `as` its name when findings are weighed, `say` its wordings. The
first reading that fits is taken.
"""

import math
from dataclasses import dataclass
from functools import cache

import yaml

from dataset_builder.reasoning.evidence import KINDS, TASK_FILES, Fact, facts, inputs, kinds_of
from dataset_builder.reasoning.evidence.signatures import signatures


@dataclass(frozen=True)
class Reading:
    """What a range of values means; see the module."""

    of: str
    molecule: int
    least: float
    below: float
    equals: str | None
    within: tuple[int, int] | None
    sides: tuple[str, ...]
    beside: tuple[str, ...]
    name: str
    texts: tuple[str, ...]

    def fits(self, found: list[Fact]) -> bool:
        """Whether the facts of its kind are in its range."""
        if self.within:
            found = [fact for fact in found if self.within[0] <= fact.start <= self.within[1]]
        if KINDS[self.of].is_site:
            return self.least <= len(found) < self.below
        if not found:
            return False
        value = found[0].value
        return value == self.equals if isinstance(value, str) else self.least <= value < self.below


@dataclass(frozen=True)
class Finding:
    """The facts of one kind on one molecule, none where sites were looked for in vain, and what they mean."""

    kind: str
    molecule: int
    facts: tuple[Fact, ...]
    reading: Reading | None


def findings(row: dict) -> list[Finding]:
    """Every kind of the row's task that is defined for it, in the order of the task's file."""
    measured, order = facts(row), inputs(row)
    found = []
    for names, places in kinds_of(row["task"]):
        for name in names:
            molecule = places[-1] if KINDS[name].is_site else places[0]
            own = tuple(fact for fact in measured if fact.kind == name and fact.sequence == order[molecule])
            if own or KINDS[name].is_site:
                found.append(Finding(name, molecule, own, meaning(row["task"], name, molecule, own)))
    return found


def meaning(task_id: str, kind: str, molecule: int, found: tuple[Fact, ...]) -> Reading | None:
    """The first reading that fits."""
    pair = "pair" in KINDS[kind].molecules
    options = (r for r in readings(task_id) if r.of == kind and (pair or r.molecule == molecule))
    return next((reading for reading in options if reading.fits(list(found))), None)


@cache
def readings(task_id: str) -> tuple[Reading, ...]:
    """Those of the task's file; for ec_number also the signatures, each of which speaks for its EC classes."""
    words = task_words(task_id)
    listed = tuple(parsed(entry) for entry in words["readings"])
    known = {name for names, _ in kinds_of(task_id) for name in names}
    return listed + tuple(
        parsed(
            {
                "of": entry["name"],
                "from": 1,
                "for": entry["ec"],
                "as": f"the match to {entry['says'].partition(',')[0]}",
                "say": [] if entry["ec"] else words["by_chance"],
            }
        )
        for entry in signatures()
        if entry["name"] in known
    )


def parsed(entry: dict) -> Reading:
    """One entry of `readings`."""
    sides = entry.get("for", [])
    return Reading(
        of=entry["of"],
        molecule=entry.get("in", 0),
        least=entry.get("from", -math.inf),
        below=entry.get("below", math.inf),
        equals=entry.get("is"),
        within=tuple(entry["within"]) if "within" in entry else None,
        sides=tuple(sides) if isinstance(sides, list) else (sides,),
        beside=tuple(entry.get("beside", ())),
        name=entry.get("as", ""),
        texts=tuple(entry["say"]),
    )


@cache
def task_words(task_id: str) -> dict:
    """The words of a task: reasoning/tasks/<task_id>.yaml."""
    text = (TASK_FILES / f"{task_id}.yaml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=yaml.CSafeLoader)
