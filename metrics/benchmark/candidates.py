"""The answers whose probability a model is asked for: fixed beginnings of answers per kind of task.

    binary        Yes · No
    multiclass    The answer is tRNA.
    multilabel    The answer is none. · … m6A. · … m6A, m6Am. · … m6A, m6Am,    one name or the first two
    EC numbers    The answer is EC 2.7.11.1. · … EC 2.7.11.-, 2.7.11.1, · …      the first number, or its class and it
    regression    The answer is 4.66 · ON: 0.31, OFF: 0.08, ON/OFF: 0.23         all numbers of the range and precision

None of a task is the beginning of another, so they are events of which at most one happens, and their probabilities
can be added. A label's probability is the sum over the answers that say it, divided by the sum over all; an EC number
also says the class with an open last level above it, as the labels do. Probabilities are not divided by the length
of an answer: that would undo the chain rule, favour long names (after "Intron_" little is left to decide) and leave
nothing that adds up to one. The words before a name or a number were chosen on validation rows: of ncrna_family a
model of 28 million parameters got 75 of 100 right with them, and 31 by the bare names.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations

from dataset_builder.tasks import Field, Task


WORDS = {"positive": "Yes", "negative": "No"}
LEAD = "The answer is"
NONE = "none"


@dataclass(frozen=True)
class Candidate:
    """The beginning of an answer; `labels` is what it says: labels of `label_names`."""

    text: str
    labels: tuple[str, ...]


def label_names(task: Task) -> tuple[str, ...]:
    """The labels of a classification task in their fixed order; `none` is one where there may be no label."""
    if task.kind == "binary":
        return tuple(WORDS)
    if task.kind == "multilabel":
        return (*task.classes, NONE) if task.classes else ec_labels()
    return task.classes


def candidates(task: Task) -> list[Candidate]:
    """The answers of a classification task; those of a regression task are `numbers`."""
    if task.kind == "binary":
        return [Candidate(word, (label,)) for label, word in WORDS.items()]
    if task.kind == "multiclass":
        return [Candidate(f"{LEAD} {label}.", (label,)) for label in task.classes]
    return list(name_lists(task.classes) if task.classes else ec_lists())


def name_lists(names: Sequence[str]) -> Iterator[Candidate]:
    """`none`, every name alone, and every two names with and without more after them."""
    for name in (NONE, *names):
        yield Candidate(f"{LEAD} {name}.", (name,))
    for pair in permutations(names, 2):
        for end in (".", ","):
            yield Candidate(f"{LEAD} {', '.join(pair)}{end}", pair)


def ec_lists() -> Iterator[Candidate]:
    """Every EC number at the beginning of a list, and after the class with an open last level above it."""
    parents = {label: f"{label.rpartition('.')[0]}.-" for label in ec_labels() if not label.endswith("-")}
    parents = {label: parent for label, parent in parents.items() if parent in ec_labels()}
    for label in ec_labels():
        parent = parents.get(label)
        said = (parent, label) if parent else (label,)
        for text in (label, f"{parent}, {label}") if parent else (label,):
            for end in (".",) if label in parents.values() else (".", ","):
                yield Candidate(f"{LEAD} EC {text}{end}", said)


def answer_text(task: Task, labels: Sequence[str]) -> str:
    """A short answer that says these labels."""
    return WORDS[labels[0]] if task.kind == "binary" else ", ".join(labels)


def numbers(field: Field) -> list[str]:
    """Every number of the field's range with all its decimals, ascending."""
    scale = 10**field.decimals
    steps = range(round(field.low * scale), round(field.high * scale) + 1)
    return [f"{step / scale:.{field.decimals}f}" for step in steps]


def field_prefixes(task: Task) -> list[str]:
    """What stands before each number of a regression answer; several have the names that the hint gives them."""
    if len(task.fields) == 1:
        return [LEAD]
    return [f"{', ' if i else ''}{name}:" for i, name in enumerate(re.findall("'([^']+)'", task.hint))]


def numbers_text(task: Task, values: Sequence[float]) -> str:
    """The answer that says these numbers, or its beginning where they are fewer than the task's."""
    said = zip(field_prefixes(task), task.fields, values, strict=False)
    return "".join(f"{before} {value:.{field.decimals}f}" for before, field, value in said)


def ec_labels() -> tuple[str, ...]:
    """The 538 EC numbers of the task."""
    from metrics.scorers.ec_labels import EC_LABELS

    return EC_LABELS
