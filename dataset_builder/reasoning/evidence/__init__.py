"""What a biologist would compute for a row: facts about its sequences, each of a Kind that measures it again.

    KINDS["gc_percent"].measure("ATGC")     # 50.0
    facts(row)                              # [Fact("length_nt", 0, 70), Fact("tata_box", 0, "TATAAAAG", 5, 12), …]

Which kinds a task has is in its file of reasoning/tasks/. A kind without a fact is not defined for the sequence; of
sites, it may also have been looked for and not found.
"""

from functools import cache
from pathlib import Path

import yaml

from dataset_builder.reasoning.evidence import (
    composition,
    gfp,
    guides,
    messenger,
    modifications,
    noncoding,
    promoters,
    proteins,
    regions,
    signatures,
    sirna,
    structure,
    switches,
    tracts,
)
from dataset_builder.reasoning.evidence.kind import Fact, Kind, Site
from dataset_builder.tags import TAGGED
from dataset_builder.tasks import TASKS
from dataset_builder.wording import QUESTION_LISTS, read_templates


TASK_FILES = Path(__file__).parents[1] / "tasks"
MODULES = (
    composition,
    promoters,
    tracts,
    messenger,
    modifications,
    structure,
    noncoding,
    guides,
    switches,
    proteins,
    signatures,
    gfp,
    sirna,
    regions,
)
KINDS: dict[str, Kind] = {kind.name: kind for module in MODULES for kind in module.KINDS}

__all__ = ["KINDS", "Fact", "Kind", "Site", "facts", "inputs", "kinds_of", "sequences_of"]


def sequences_of(row: dict) -> list[tuple[str, str]]:
    """(tag, letters) of every tagged sequence of the row's user turn, in the order of the text."""
    return TAGGED.findall(row["prompt"][-1]["content"])


def facts(row: dict) -> list[Fact]:
    """The facts of every kind that the row's task has, in the order of its file; sites in order of their starts."""
    sequences, order = sequences_of(row), inputs(row)
    found = []
    for names, places in kinds_of(row["task"]):
        where = [order[place] for place in places]
        for name in names:
            found += measured(KINDS[name], where, [sequences[index][1] for index in where])
    return found


def measured(kind: Kind, where: list[int], letters: list[str]) -> list[Fact]:
    """The facts of one kind: none where it is not defined or no site is found."""
    value = kind.measure(*letters)
    if value is None:
        return []
    if kind.is_site:
        return [Fact(kind.name, where[-1], site.letters, site.start, site.end, site.strand) for site in value]
    return [Fact(kind.name, where[0], value if isinstance(value, str) else rounded(value, kind))]


def rounded(value: float, kind: Kind) -> float | int:
    """As it is stated: with the decimals of its kind, and no minus before zero."""
    return round(value, kind.decimals) + 0.0 if kind.decimals else round(value)


@cache
def kinds_of(task_id: str) -> list[tuple[list[str], tuple[int, ...]]]:
    """The names of kinds for each molecule of the task, then for the pair, each with the molecules it is about."""
    listed = yaml.load((TASK_FILES / f"{task_id}.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    count = len(TASKS[task_id].molecules)
    places = [*((i,) for i in range(count)), tuple(range(count))]
    return list(zip(listed["evidence"], places, strict=False))


def inputs(row: dict) -> list[int]:
    """For each molecule of the task the index of its sequence in the question, which may name them in any order."""
    molecules, tags = TASKS[row["task"]].molecules, [tag for tag, _ in sequences_of(row)]
    if len(set(molecules)) == len(molecules):
        return [tags.index(molecule) for molecule in molecules]
    return [1, 0] if second_first(row["task"], row.get("question_id")) else [0, 1]


@cache
def second_first(task_id: str, question_id: int | None) -> bool:
    """Whether the question template names the second molecule before the first."""
    lists = read_templates(task_id)
    texts = [t.text for name in QUESTION_LISTS for t in lists.get(name, ()) if t.id == question_id]
    return any(text.find("{sequence_2}") < text.find("{sequence_1}") for text in texts)
