"""What an answer says, read without ever seeing the label (the `strict` scorer's reading).

The answer is cut into sentences and these into clauses; negation is counted clause by clause, with whole words. The
last conclusion counts. An answer that contradicts itself is unusable, and so is one that says nothing: there is no
guess, and no default.
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

from dataset_builder.tasks import Task
from metrics.answers.lexicon import Lexicon
from metrics.answers.names import (
    NONE,
    UNDECIDED,
    complete_ec_number,
    read_classes,
    read_ec_numbers,
    read_modifications,
    without_classes,
)
from metrics.answers.numbers import in_digits
from metrics.answers.plain import plain
from metrics.answers.polarity import read_polarity
from metrics.answers.quantities import best, read_fields, read_number
from metrics.answers.text import REFUSAL, Sentence, sentences, stated


Value = str | list[str] | float | dict[str, float]

# What a binary task claims, by the last of these words in its title, and what the words contain that speak of it.
BINDING = r"^(?:un)?b(?:ind|ound)|recogni|affinity|dock"
CLAIMS = {
    "marks": r"^(?:un)?mark(?:s|ed)?$|histone|epigenetic|acetyl|methyl|modif|enrich|chromatin|occup|peak|^h[34]k\d|"
    r"background",
    "promoter": r"promot|transcription$|initiat|^tss$|^pol_ii$|background|intergenic",
    "sites": rf"{BINDING}|^sites?$|tfbs|occup|peak|target|enrich|attract|recruit|^land(?:s|ing)?$|^(?:found|"
    "sits?|sitting)_|background",
    "solubility": r"solub|dissol|solution|supernatant|^inclusion_bod|aggregat|precipitat|pellet",
    "neutralization": rf"{BINDING}|neutrali|inhibit|^block|^stop|protect|^works?_against$|infectious|escap|evad|"
    "evasion|"
    r"resist|sensitiv|susceptib|vulnerab|interact",
    "interaction": rf"{BINDING}|interact|contact|^touch|^loop|associat|complex|partner|target|regulat|^talk|^join|"
    r"connect|^link|^together$|proximity|communicat|^pick\w*_up|^work\w*_on|ligand|engag|preference",
}


# A yes where nothing else is said; "Sure! ..." only begins an answer.
AGREEMENT = re.compile(
    r"\W*(?:absolutely|certainly|definitely|indeed|of course|sure|exactly|"
    r"agreed)\W*",
    re.IGNORECASE,
)


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
    if task.kind == "regression":
        text = in_digits(text)
    said = sentences(text)
    values = READERS[task.kind](said, task)
    if len(values) != 1:
        refused = not said or (not values and REFUSAL.search(text))
        return Parsed(None, "missing" if refused else "invalid")
    if task.kind == "regression":
        numbers = values[0] if len(task.fields) > 1 else {task.fields[0].name: values[0]}
        if not all(field.low <= numbers[field.name] <= field.high for field in task.fields):
            return Parsed(None, "out_of_range")
    return Parsed(values[0], "ok")


def regression_values(said: list[Sentence], task: Task) -> list[float] | list[dict[str, float]]:
    """The number that the answer gives, or the numbers by field; several where it contradicts itself."""
    if len(task.fields) == 1:
        return list(stated(said, lambda sentence: read_number(sentence, task.fields[0]), best))
    names = [field.name for field in task.fields]
    return [dict(zip(names, values, strict=True)) for values in read_fields(said, task.fields)]


def binary_values(said: list[Sentence], task: Task) -> list[str]:
    """Whether the answer is positive or negative; both where it contradicts itself."""
    if len(said) == 1 and AGREEMENT.fullmatch(said[0].text):
        return ["positive"]
    words = lexicon(task.title.lower(), task.short.lower())
    return ["positive" if found else "negative" for found in stated(said, lambda text: read_polarity(text, words))]


@cache
def lexicon(title: str, short: str) -> Lexicon:
    """The words of a binary task, which its own short name stands for as well ("EPI: negative")."""
    return Lexicon(rf"{CLAIMS[max(CLAIMS, key=title.rfind)]}|^{short}$")


def multiclass_values(said: list[Sentence], task: Task) -> list[str]:
    """The class that the answer gives, or several."""
    return list(stated(said, lambda text: read_classes(text, task.classes)))


def multilabel_values(said: list[Sentence], task: Task) -> list[list[str]]:
    """The set of labels that the answer gives; nothing where it leaves a choice, or says both some and none."""
    if task.classes:
        labels = stated(said, lambda text: read_modifications(text, task.classes))
    else:
        labels = stated(said, read_ec_numbers, without_classes)
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
