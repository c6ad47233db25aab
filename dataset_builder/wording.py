"""What templates must be: varied, complete, and each with its own words; and how varied they are, in numbers.

python -m dataset_builder templates [tasks]      # the table of counts and diversity; exit status 1 on a fault
"""

import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import yaml

from dataset_builder.tasks import Task


FOLDER = Path(__file__).parent / "templates"
STYLES = ("request", "concise", "informal", "academic")
LEAST, MOST = 100, 300  # templates per list (paper, section 3.2.2)
LEAST_PER_STYLE = 20
MOST_PER_OPENING = 6  # templates of a list with the same first three words
MOST_ALIKE = 0.8  # share of words, in order, that two templates of a list may have in common
SHORT = 4  # words; below it one word more or less is no sign of copying
QUESTION_LISTS = ("questions", "conditioned")
HELD_OUT = 10  # every tenth question id
UNITS = {  # what each question of a regression names: the unit or the scale of its answer
    "enhancer_activity": r"log2|log-2|base-2 log|logarithm",
    "apa_isoform": r"proportion|fraction|share|0 to 1|0 and 1|zero to one|zero and one",
    "mean_ribosome_loading": r"ribosomes? (load|per|on)|ribosomes|MRL",
    "rna_switches": r"normali[sz]ed|0 to 1|0 and 1|0-1|\[0, 1\]|zero to one|zero and one",
    "crispr_on_target": r"0 to 1|0 and 1|0-1|\[0, 1\]|zero to one|zero and one|fraction|proportion|unit interval",
    "protein_stability": r"log10|log-10|base-10|logarithm|log units?|stability score",
    "fluorescence": r"log10|log-10|base-10|logarithm|log units?|log scale|log-scale|logged|log ",
    "thermostability": r"°C|Celsius",
    "sirna_efficiency": r"%|per ?cent|percentage",
}


@dataclass(frozen=True)
class Template:
    """One wording; `text` has placeholders such as {label}."""

    id: int
    style: str
    text: str

    @property
    def held_out(self) -> bool:
        """Whether, as a question, it never occurs in train."""
        return self.id % HELD_OUT == 0

    @property
    def words(self) -> list[str]:
        """Its words and placeholders in lower case."""
        return re.findall(r"\{\w+\}|[\w'’/°%-]+", self.text.lower())


@cache
def read_templates(task_id: str) -> dict[str, list[Template]]:
    """Every list of templates/<task_id>.yaml: questions, conditioned, and answers by the kind of label they say."""
    parsed = yaml.load((FOLDER / f"{task_id}.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    lists = {name: parsed[name] for name in QUESTION_LISTS if name in parsed} | parsed["answers"]
    return {name: [Template(**entry) for entry in entries] for name, entries in lists.items()}


def faults(task: Task, lists: dict[str, list[Template]]) -> list[str]:
    """A line for everything that is wrong with the templates of a task."""
    found = []
    for name, templates in lists.items():
        found += [f"{task.id} {name}: {fault}" for fault in list_faults(task, name, templates)]
    for kinds in (QUESTION_LISTS, tuple(set(lists) - set(QUESTION_LISTS))):
        ids = Counter(template.id for kind in kinds for template in lists.get(kind, ()))
        found += [f"{task.id}: id {i} occurs {n} times" for i, n in ids.items() if n > 1 or i <= 0]
    return found


def list_faults(task: Task, name: str, templates: list[Template]) -> list[str]:
    """What is wrong inside one list."""
    found = []
    if not LEAST <= len(templates) <= MOST:
        found.append(f"{len(templates)} templates, expected {LEAST} to {MOST}")
    styles = Counter(template.style for template in templates)
    found += [
        f"{styles[s]} templates of style {s}, expected {LEAST_PER_STYLE}"
        for s in STYLES
        if styles[s] < LEAST_PER_STYLE
    ]
    found += [f"unknown style {style!r}" for style in styles if style not in STYLES]
    openings = Counter(" ".join(t.words[:3]) for t in templates if len(t.words) > 3)
    found += [f"{n} templates open with {text!r}" for text, n in openings.items() if n > MOST_PER_OPENING]
    for template in templates:
        if template.text != " ".join(template.text.split()):
            found.append(f"{template.id}: white space in {template.text!r}")
        if sorted(re.findall(r"\{(\w+)\}", template.text)) != placeholders(task, name):
            found.append(f"{template.id}: expected the placeholders {placeholders(task, name)}: {template.text}")
        if re.search(r"[{}]", re.sub(r"\{\w+\}", "", template.text)) or re.search(
            r"</?(dna|rna|protein)>", template.text
        ):
            found.append(f"{template.id}: stray brace or sequence tag: {template.text}")
        if name in QUESTION_LISTS and not re.search(UNITS.get(task.id, ""), template.text, re.IGNORECASE):
            found.append(f"{template.id}: names no unit or scale (/{UNITS[task.id]}/): {template.text}")
    found += [f"{a.id} and {b.id} are too alike: {a.text} | {b.text}" for a, b in alike(templates)]
    return found


def placeholders(task: Task, name: str) -> list[str]:
    """Those that every template of a list has, sorted."""
    sequences = ["sequence_1", "sequence_2"] if len(task.molecules) == 2 else []
    if name == "questions":
        return sequences
    if name == "conditioned":
        return sorted(["condition", *sequences])
    return (sorted(field.name for field in task.fields) or ["label"]) if name == "label" else []


def similarity(templates: list[Template]) -> np.ndarray:
    """Square matrix: the share of words, in order, that two templates have in common (Indel similarity of words)."""
    from rapidfuzz.distance import Indel
    from rapidfuzz.process import cdist

    words = [template.words for template in templates]
    return cdist(words, words, scorer=Indel.normalized_similarity)


def alike(templates: list[Template]) -> list[tuple[Template, Template]]:
    """Pairs that differ in one word only, or share more than MOST_ALIKE of their words."""
    near = np.argwhere(np.triu(similarity(templates) > 0.4, k=1))
    return [(templates[i], templates[j]) for i, j in near if too_alike(templates[i].words, templates[j].words)]


def too_alike(one: list[str], other: list[str]) -> bool:
    """Whether two wordings are one wording: a word swapped, or in longer ones a word more, or nearly all in common."""
    from rapidfuzz.distance import Indel, Levenshtein

    if len(one) == len(other) and sum(a != b for a, b in zip(one, other, strict=True)) <= 1:
        return True
    if max(len(one), len(other)) <= SHORT:
        return False
    return Levenshtein.distance(one, other) <= 1 or Indel.normalized_similarity(one, other) > MOST_ALIKE
