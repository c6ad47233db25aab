"""What an answer says, read without ever seeing the label (the `strict` scorer's reading).

The answer is cut into sentences and these into clauses; negation is counted clause by clause, with whole words. The
last conclusion counts. An answer that contradicts itself is unusable, and so is one that says nothing: there is no
guess, and no default.
"""

import re
from dataclasses import dataclass
from typing import Literal

from dataset_builder.tasks import Task
from metrics.answers.names import NONE, UNDECIDED, read_classes, read_ec_numbers, read_modifications
from metrics.answers.polarity import read_polarity
from metrics.answers.quantities import read_fields, read_number
from metrics.answers.text import REFUSAL, Sentence, sentences, stated


Value = str | list[str] | float | dict[str, float]

# What a binary task claims, by the last of these words in its title, and the words that speak of it.
BINDING = r"(?:\b|un)b(?:ind\w*|ound)\b|recogni"
CLAIMS = {
    "marks": r"(?:\b|un)mark(?:s|ed)?\b|histone|epigenetic|acetyl|methyl|modif|enrich|chromatin|occup|"
    r"\bpeak|\bh[34]k\d",
    "promoter": r"promot|transcription(?! factor)|initiat|\btss\b|\bpol(?:ymerase)? ii\b",
    "sites": rf"{BINDING}|\bsites?\b|\btfbs\b|occup|\bpeak|\btarget|affinity|enrich|\bland(?:s|ing)?\b|"
    r"\b(?:found|sits?|sitting) (?:on|at|in)\b",
    "solubility": r"solub|\bin solution\b|supernatant|\binclusion bod|aggregat|precipitat",
    "neutralization": rf"{BINDING}|neutrali|inhibit|\bblock|\bstop|protect|\bworks? against\b|infectious|escap|evad|"
    r"resist",
    "interaction": rf"{BINDING}|interact|contact|\btouch|\bloop|associat|complex|partner|\btarget|regulat|\btalk|"
    r"\bjoin|connect|\blink|(?<!taken )\btogether\b|proximity|communicat|\bpick\w* up\b|\bwork\w* on\b",
}


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
    said = sentences(answer)
    values = READERS[task.kind](said, task)
    if len(values) != 1:
        refused = not said or (not values and REFUSAL.search(answer))
        return Parsed(None, "missing" if refused else "invalid")
    if task.kind == "regression":
        numbers = values[0] if len(task.fields) > 1 else {task.fields[0].name: values[0]}
        if not all(field.low <= numbers[field.name] <= field.high for field in task.fields):
            return Parsed(None, "out_of_range")
    return Parsed(values[0], "ok")


def regression_values(said: list[Sentence], task: Task) -> list[float] | list[dict[str, float]]:
    """The number that the answer gives, or the numbers by field; several where it contradicts itself."""
    if len(task.fields) == 1:
        return list(stated(said, lambda sentence: read_number(sentence, task.fields[0])))
    names = [field.name for field in task.fields]
    return [dict(zip(names, values, strict=True)) for values in read_fields(said, task.fields)]


def binary_values(said: list[Sentence], task: Task) -> list[str]:
    """Whether the answer is positive or negative; both where it contradicts itself."""
    title = task.title.lower()
    topic = re.compile(CLAIMS[max(CLAIMS, key=title.rfind)])
    return ["positive" if found else "negative" for found in stated(said, lambda text: read_polarity(text, topic))]


def multiclass_values(said: list[Sentence], task: Task) -> list[str]:
    """The class that the answer gives, or several."""
    return list(stated(said, lambda text: read_classes(text, task.classes)))


def multilabel_values(said: list[Sentence], task: Task) -> list[list[str]]:
    """The set of labels that the answer gives; nothing where it leaves a choice, or says both some and none."""
    labels = stated(
        said, lambda text: read_modifications(text, task.classes) if task.classes else read_ec_numbers(text)
    )
    if not labels or UNDECIDED in labels or (NONE in labels and len(labels) > 1):
        return []
    return [sorted(labels - {NONE})]


READERS = {
    "regression": regression_values,
    "binary": binary_values,
    "multiclass": multiclass_values,
    "multilabel": multilabel_values,
}
