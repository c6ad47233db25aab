"""What an answer says, read without ever seeing the label (the `strict` scorer's reading).

The answer is cut into sentences and these into clauses; negation is counted clause by clause, with whole words. The
last conclusion counts. An answer that contradicts itself is unusable, and so is one that says nothing: there is no
guess, and no default.
"""

import re
from dataclasses import dataclass
from typing import Literal

from dataset_builder.tasks import Task
from metrics.answers.claims import read_claim
from metrics.answers.names import (
    NONE,
    UNDECIDED,
    class_names,
    complete_ec_number,
    most_specific,
    read_classes,
    read_ec_numbers,
    read_modifications,
)
from metrics.answers.numbers import NUMBER
from metrics.answers.plain import plain
from metrics.answers.quantities import best, read_fields, read_number
from metrics.answers.refusals import refuses
from metrics.answers.spelled import in_digits
from metrics.answers.stated import stated
from metrics.answers.text import sentences


Value = str | list[str] | float | dict[str, float]

SAID = re.compile(r"\w")


@dataclass(frozen=True)
class Parsed:
    """What an answer says.

    Attributes:
        value: "positive" or "negative", a class, a sorted list of distinct labels, a number, or a dict of numbers by
            field; None unless `status` is "ok".
        status: "ok"; "missing" (empty, or a refusal to answer); "invalid" (no decision can be read from it, or
            contradictory ones); "out_of_range" (a number beyond the bounds of its field).
    """

    value: Value | None
    status: Literal["ok", "missing", "invalid", "out_of_range"]


def parse(answer: str, task: Task) -> Parsed:
    """Read one answer.

    Conventions: numbers without names are taken in the order of the task's fields, and an incomplete set is invalid;
    percent becomes a proportion where the field is one; "EC 3.4.21" is 3.4.21.-; what is held possible is asserted.
    """
    text = plain(answer.replace(task.hint, "\n"))
    values = READERS[task.kind](text, task)
    if len(values) != 1:
        refused = not SAID.search(text) or (not values and refuses(text))
        return Parsed(None, "missing" if refused else "invalid")
    if task.kind == "regression":
        numbers = values[0] if len(task.fields) > 1 else {task.fields[0].name: values[0]}
        if not all(field.low <= numbers[field.name] <= field.high for field in task.fields):
            return Parsed(None, "out_of_range")
    return Parsed(values[0], "ok")


def regression_values(text: str, task: Task) -> list[float] | list[dict[str, float]]:
    """The number that the answer gives, or the numbers by field; several where it contradicts itself."""
    text = in_digits(text)
    if not NUMBER.search(text):
        return []
    field, *others = task.fields
    said = sentences(text)
    if not others:
        return list(stated(said, lambda sentence: read_number(sentence, field), lambda found: best(found, field)))
    names = [field.name for field in task.fields]
    return [dict(zip(names, values, strict=True)) for values in read_fields(said, task.fields)]


def binary_values(text: str, task: Task) -> list[str]:
    """Whether the answer is positive or negative; both where it contradicts itself."""
    return ["positive" if value else "negative" for value in read_claim(text, task)]


def multiclass_values(text: str, task: Task) -> list[str]:
    """The class that the answer gives, or several."""
    if not class_names(task.classes).search(text):
        return []
    return list(stated(sentences(text), lambda sentence: read_classes(sentence, task.classes)))


def multilabel_values(text: str, task: Task) -> list[list[str]]:
    """The set of labels that the answer gives; nothing where it leaves a choice, or says both some and none."""
    said = sentences(text)
    if task.classes:
        labels = stated(said, lambda sentence: read_modifications(sentence, task.classes), together=True)
    else:
        labels = stated(said, read_ec_numbers, most_specific, together=True)
    if not labels or UNDECIDED in labels or (NONE in labels and len(labels) > 1):
        return []
    labels -= {NONE}
    return [sorted(labels if task.classes else map(complete_ec_number, labels))]


READERS = {
    "regression": regression_values,
    "binary": binary_values,
    "multiclass": multiclass_values,
    "multilabel": multilabel_values,
}
