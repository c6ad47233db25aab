"""The published scorers, behaviour by behaviour, and where all three differ."""

import dataclasses
import gzip
import json
import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from dataset_builder.tasks import TASKS, Task
from metrics.biology_instructions.biology_instructions import biology_instructions
from metrics.scorers.ec_labels import EC_LABELS
from metrics.scorers.explain import disagreements
from metrics.scorers.published import Published
from metrics.scorers.ranked_fmax import ranked_fmax
from metrics.scorers.readings import NONE_BY_KEYWORD
from metrics.scorers.rules import OPENCOMPASS, PAPER
from metrics.scoring import SCORERS, default_constant, score, scorer_of


HERE = Path(__file__).parent
YES, NO = "positive", "negative"
PUBLISHED = {"paper": Published(PAPER), "opencompass": Published(OPENCOMPASS)}
GENOMIC = "Promoter elements are present in this genomic fragment."


def even(texts: list[str]) -> list[bool]:
    """A stand-in for the classifiers that the published evaluators fall back on."""
    return [len(text) % 2 == 0 for text in texts]


@pytest.mark.parametrize("task", TASKS)
def test_opencompass_gives_the_number_of_opencompass(task: str) -> None:
    """The values are what the functions of opencompass 0.5.4's bio_instruction.py return for these rows, with `even`
    in place of bart-large-mnli and EC labels in DeepFRI's order."""
    case = json.loads((HERE / "opencompass.json").read_text(encoding="utf-8"))[task]
    labels, answers = zip(*case["rows"], strict=True)
    found = score(TASKS[task], answers, list(map(json.dumps, labels)), "0", Published(OPENCOMPASS, even))
    assert found.value == pytest.approx(case["value"], abs=1e-9)


@pytest.mark.parametrize(
    "scorer, task, answer, read, rule, evidence",
    [
        ("paper", "core_promoter", GENOMIC, "negative", "negative keyword", "'no' in 'genomic'"),
        ("paper", "rna_protein", "The noncoding RNA binds.", "negative", "negative keyword", "'no' in 'noncoding'"),
        ("paper", "core_promoter", "I don't know.", "negative", "negative keyword", "'no' in 'know'"),
        ("paper", "core_promoter", "I am unsure.", None, "don't-know keyword", "'unsure'"),
        ("paper", "core_promoter", "No, yesterday's assay failed.", "positive", "positive keyword", "'yes' in"),
        ("paper", "solubility", "This protein is insoluble.", None, "no keyword, no fallback classifier", ""),
        ("paper", "core_promoter", "", None, "no keyword, no fallback classifier", ""),
        ("paper", "mean_ribosome_loading", "The 5' UTR loads 6.5.", 5.0, "first number", "5.0, 6.5"),
        ("paper", "protein_stability", "2-3", 2.0, "first number", "2.0, -3.0"),
        ("paper", "protein_stability", "1e-5", 1.0, "first number", "1.0, -5.0"),
        ("paper", "protein_stability", "1234567.8", 1234570.0, "number", ""),
        ("paper", "protein_stability", "9" * 400, None, "number too large", "inf"),
        ("paper", "sirna_efficiency", "-1001", None, "number too large", ""),
        ("paper", "enhancer_activity", "dev 2.1, hk 4.6", {"hk": 2.1, "dev": 4.6}, "number", ""),
        ("paper", "enhancer_activity", "4.6", None, "wrong count of numbers", "4.6"),
        ("paper", "rna_switches", "high", None, "no number", ""),
        ("paper", "ncrna_family", "tRNA-like Intron_gpII", "Intron_gpII", "names", ""),
        ("paper", "ncrna_family", "a transfer RNA", None, "no name", ""),
        ("paper", "rna_modification", "m6A, not m6Am", ["m6A", "m6Am"], "names", ""),
        ("paper", "rna_modification", "It is unmodified: none.", ["none"], "names", ""),
        ("paper", "rna_modification", "No modification.", ["none"], NONE_BY_KEYWORD, "'no'"),
        ("paper", "ec_number", "EC 3.4.21.4 or 9.9.9.9", ["3.4.21.4"], "names", "3.4.21.4, 9.9.9.9"),
        ("paper", "ec_number", "EC 3.4.21", None, "no name", ""),
        ("paper", "ec_number", "2.7.7.n1", None, "no name", "2.7.7."),
        ("opencompass", "core_promoter", GENOMIC, "positive", "positive keyword", "'are present'"),
        ("opencompass", "core_promoter", "Yes, there is no doubt.", "negative", "negative keyword", "'no'"),
        ("opencompass", "core_promoter", "I don't know.", None, "don't-know keyword", '"don\'t know"'),
        ("opencompass", "core_promoter", " ", None, "blank answer", ""),
        ("opencompass", "core_promoter", "<think>no</think>yes", "positive", "positive keyword", "'yes'"),
        ("opencompass", "core_promoter", "no <summary> yes", "positive", "positive keyword", "'yes'"),
        ("opencompass", "fluorescence", "<think>3.1", None, "unfinished <think>", ""),
        ("opencompass", "mean_ribosome_loading", "The 5' UTR loads 6.5.", 6.5, "number", ""),
        ("opencompass", "protein_stability", "\u20112.5", -2.5, "number", ""),
        ("opencompass", "protein_stability", "0.5 of 1", None, "wrong count of numbers", "0.5, 1.0"),
        ("opencompass", "apa_isoform", "81", None, "number too large", "81.0"),
    ],
)
def test_reading(scorer: str, task: str, answer: str, read: object, rule: str, evidence: str) -> None:
    (found,) = PUBLISHED[scorer].read(TASKS[task], [answer])
    assert (found.value, found.rule) == (read, rule) and evidence in found.evidence


class Case(NamedTuple):
    """Another value for a behaviour, rows that it matters for, and their scores without and with it."""

    other: object
    task: str
    answers: list[str]
    labels: list[object]
    authors: float
    switched: float
    fallback: Callable[[Sequence[str]], list[bool]] | None = None


def always_yes(texts: Sequence[str]) -> list[bool]:
    return [True] * len(texts)


def walked(predictions: list[list[str]], references: list[list[str]]) -> float:
    """The ranked F1-max, pair by pair: first the labels that were given, protein by protein, then all others."""
    visits = [(i, name) for i, row in enumerate(predictions) for name in EC_LABELS if name in row]
    visits += [(i, name) for i, row in enumerate(predictions) for name in EC_LABELS if name not in row]
    seen, hits, best = Counter(), Counter(), 0.0
    for protein, name in visits:
        seen[protein] += 1
        hits[protein] += name in references[protein]
        precision = np.mean([hits[i] / seen[i] for i in seen])
        recall = sum(hits[i] / len(references[i]) for i in seen) / len(references)
        best = max(best, 2 * precision * recall / max(precision + recall, 1e-10))
    return best


NUMBERS = [1, 2, 3, 4]
MODIFICATIONS = [*([name] for name in TASKS["rna_modification"].classes), []]  # every class once
NAMED = [name for (name,) in MODIFICATIONS[:-1]]
M6A = NAMED.index("m6A")
DENIED = [*NAMED[:M6A], "No modification.", *NAMED[M6A + 1 :], "none"]
OVERSHOT = 1 / 2 + 11 / 12 / 2  # area of a class whose row is found, with one wrong row among the other twelve
EC_ROWS = [["1.4.3.-"], ["4.2.1.1", "2.7.6.-"]]
SWITCHES = {
    "final_part": Case(True, "core_promoter", ["yes</think>no", "no"], [NO, YES], -1, 0),
    "number": Case(r"\d+", "fluorescence", ["-1", "-2", "-4"], NUMBERS[:3], -1, 1),
    "ends_spelled_out": Case(True, "fluorescence", ["5' 1", "3' 2", "7' 3"], NUMBERS[:3], 0.5, 1),
    "first_number": Case(False, "fluorescence", ["1", "2", "3 9", "4"], [1, 2, 4, 3], 0.8, 0.75),
    "highest_isoform": Case(
        80,
        *("apa_isoform", ["0.1", "0.2", "90", "0.2"], [0.1, 0.2, 0.1, 0.2]),
        *(np.corrcoef([0.1, 0.2, 90, 0.2], [0.1, 0.2, 0.1, 0.2])[0, 1] ** 2, 0.75),
    ),
    "largest_percent": Case(10, "sirna_efficiency", ["20", "8"], [20, 8], 1, 0.5),
    "positive": Case(("sure",), "core_promoter", ["sure", "no"], [YES, NO], 0, 1),
    "negative": Case(("never",), "core_promoter", ["no", "yes"], [NO, YES], 1, 0, always_yes),
    "unknown": Case(("maybe",), "core_promoter", ["unsure", "no"], [YES, NO], 0, 1, always_yes),
    "whole_words": Case(True, "core_promoter", ["know", "yes"], [NO, YES], 1, 0),
    "negative_first": Case(True, "core_promoter", ["yes, no", "yes"], [NO, YES], 0, 1),
    "blank_unusable": Case(True, "core_promoter", [" ", "no"], [YES, NO], 1, 0, always_yes),
    "unusable_is_wrong": Case(False, "core_promoter", ["unsure", "unsure"], [YES, NO], -1, 0),
    "none_by_label": Case(
        False, "rna_modification", DENIED, MODIFICATIONS, (12 + 1 / 2) / 13, (11 + 1 / 2 + OVERSHOT) / 13
    ),
    "scaled_by_coverage": Case(False, "fluorescence", ["1", "2", "3", "?"], NUMBERS, 0.75, 1),
    "spearman_limit": Case(3, "fluorescence", ["1", "2", "9", "3"], NUMBERS, 0.8, 1),
    "constant_undefined": Case(False, "fluorescence", ["7"] * 4, NUMBERS, math.nan, 0),
    "none_is_a_class": Case(
        *(False, "rna_modification", [*NAMED, "m6A"], MODIFICATIONS),
        *((11 + 1 / 2 + OVERSHOT) / 13, (11 + OVERSHOT) / 12),
    ),
    "range_by_prediction": Case(False, "sirna_efficiency", ["20", "10"], [40, 10], 0.75, 0.45 + 1 / 3),
    "ranked_fmax": Case(False, "ec_number", ["", ""], EC_ROWS, walked([[], []], EC_ROWS), 0),
}


def test_every_behaviour_has_its_case() -> None:
    fields = {field.name for field in dataclasses.fields(PAPER)}
    assert fields == {"name", "version", "drops_pooled", *SWITCHES}  # drops_pooled: the test below


@pytest.mark.parametrize("name", SWITCHES)
def test_a_behaviour_that_is_switched_changes_the_score(name: str) -> None:
    case = SWITCHES[name]
    for rules, expected in ((PAPER, case.authors), (replace(PAPER, **{name: case.other}), case.switched)):
        labels = list(map(json.dumps, case.labels))
        found = score(TASKS[case.task], case.answers, labels, json.dumps(NO), Published(rules, case.fallback))
        assert found.value == pytest.approx(expected, abs=1e-6, nan_ok=True)


def test_rows_of_the_pooled_promoter_set_count_for_opencompass_alone() -> None:
    answers, labels, sets = ["Yes.", "No.", "Yes."], [YES, NO, NO], ["tata", "notata", "all"]
    rows = answers, list(map(json.dumps, labels)), ["promoter_300"] * 3, sets
    found = {name: biology_instructions(*rows, scorer=name)["promoter_300"] for name in SCORERS}
    assert {name: (one["n"], one["value"]) for name, one in found.items()} == {
        "strict": (2, 1.0),
        "paper": (2, 1.0),
        "opencompass": (3, pytest.approx(0.5)),
    }
    assert all(one["subtasks"]["all"]["n"] == 1 for one in found.values())


@pytest.mark.parametrize("answer", ["", "I am unsure.", "Unable to determine."])
def test_refusing_everything_is_wrong_by_construction_in_paper_and_says_nothing_in_strict(answer: str) -> None:
    labels = list(map(json.dumps, [YES, NO, NO, YES]))
    found = {
        name: score(TASKS["core_promoter"], [answer] * 4, labels, json.dumps(NO), scorer_of(name)) for name in SCORERS
    }
    assert {name: (one.value, one.coverage) for name, one in found.items()} == {
        "strict": (0.0, 0.0),
        "paper": (-1.0, 0.0),
        "opencompass": (-1.0, 0.0),
    }


def test_numbers_of_a_silent_model_are_nothing_or_undefined() -> None:
    for task, expected in (("fluorescence", 0), ("apa_isoform", 0), ("sirna_efficiency", 0), ("rna_switches", 0)):
        label = default_constant(TASKS[task])
        assert score(TASKS[task], ["?"] * 3, [label] * 3, label, scorer_of("paper")).value == expected
    label = default_constant(TASKS["enhancer_activity"])
    assert math.isnan(score(TASKS["enhancer_activity"], ["?"] * 3, [label] * 3, label, scorer_of("paper")).value)
    assert score(TASKS["apa_isoform"], ["0.5", "?"], ["0.1", "0.2"], "0", scorer_of("paper")).value == math.inf


def test_the_area_of_hard_labels_is_sklearns_over_thirteen_classes() -> None:
    random = np.random.default_rng(0)
    names = [*NAMED, "none"]
    truth, said = random.random((2, 80, 13)) < 0.3
    labels, answers = ([[n for n, on in zip(names, row, strict=True) if on] for row in side] for side in (truth, said))
    labels = [[name for name in row if name != "none"] for row in labels]  # none is the empty set
    truth[:, 12] = [not row for row in labels]
    found = score(
        TASKS["rna_modification"],
        list(map(", ".join, answers)),
        list(map(json.dumps, labels)),
        "[]",
        scorer_of("paper"),
    )
    assert found.value == pytest.approx(roc_auc_score(truth, said, average="macro"), abs=1e-12)
    lacking = score(TASKS["rna_modification"], ["m6A", "none"], ['["m6A"]', "[]"], "[]", scorer_of("paper"))
    assert math.isnan(lacking.value)


def test_ranked_fmax_walks_through_ties_and_is_above_zero_for_silence() -> None:
    random = np.random.default_rng(0)
    references = [random.choice(EC_LABELS[:20], 2, replace=False).tolist() for _ in range(5)]
    predictions = [random.choice(EC_LABELS[:20], k).tolist() for k in (0, 1, 2, 3, 1)]
    for said in (predictions, references, [[]] * 5):
        assert ranked_fmax(said, references) == pytest.approx(walked(said, references), abs=1e-6)
    assert ranked_fmax([[]] * 5, references) > 0
    assert ranked_fmax(predictions, references) != ranked_fmax(predictions[::-1], references[::-1])  # not a mean


def test_ec_labels_are_those_of_deepfri(real_sources: Path) -> None:
    (path,) = real_sources.rglob("nrPDB-EC_2020.04_annot.tsv.gz")
    with gzip.open(path, "rt") as lines:
        assert lines.readline() == "### EC-numbers\n" and tuple(lines.readline().split()) == EC_LABELS


def test_the_fallback_is_asked_once_for_what_keywords_leave_open() -> None:
    asked = []

    def fallback(texts: Sequence[str]) -> list[bool]:
        asked.append(list(texts))
        return [text == "Probably." for text in texts]

    answers = ["Probably.", "Hardly.", "yes", "Probably."]
    labels = list(map(json.dumps, [YES, NO, YES, YES]))
    for scorer in ("paper", "opencompass"):
        found = biology_instructions(answers, labels, ["solubility"] * 4, scorer=scorer, fallback=fallback)
        assert (found["solubility"]["value"], found["solubility"]["coverage"]) == (1.0, 1.0)
    assert asked == [["Probably.", "Hardly."]] * 2
    with pytest.raises(ValueError, match="scorer 'strict' with a fallback; expected one of strict, paper"):
        biology_instructions(answers, labels, ["solubility"] * 4, fallback=fallback)
    with pytest.raises(ValueError, match="scorer 'lenient'; expected one of strict, paper, opencompass"):
        biology_instructions(answers, labels, ["solubility"] * 4, scorer="lenient")


ANSWERS = json.loads((HERE / "answers.json").read_text(encoding="utf-8"))
BY_TASK = {task: [text for name, text, _ in ANSWERS if name == task] for task in TASKS}


def labels_of(task: Task) -> st.SearchStrategy:
    """Labels of a task."""
    if task.kind == "binary":
        return st.sampled_from([YES, NO])
    if task.kind == "multiclass":
        return st.sampled_from(task.classes)
    if task.kind == "multilabel":
        return st.lists(st.sampled_from(task.classes or EC_LABELS), min_size=not task.classes, unique=True).map(sorted)
    numbers = st.fixed_dictionaries({field.name: st.floats(field.low, field.high) for field in task.fields})
    return numbers if len(task.fields) > 1 else numbers.map(lambda label: label["value"])


@settings(max_examples=200, deadline=None)
@given(st.data(), st.sampled_from(list(TASKS.values())), st.sampled_from(SCORERS))
def test_labels_change_nothing_but_what_is_marked(data: st.DataObject, task: Task, name: str) -> None:
    """Other labels: the same readings, and the same counts but for those that say that the label decided. `strict`
    has none of these, and needs no labels at all."""
    scorer = scorer_of(name)
    answers = data.draw(st.lists(st.sampled_from([*BY_TASK[task.id], "unsure", "No modification."]) | st.text()))
    readings = scorer.read(task, answers)
    constant = json.loads(default_constant(task))
    for reading in readings:
        one, other = (scorer.count(task, reading, data.draw(labels_of(task)), constant) for _ in range(2))
        assert one.by_label == other.by_label and (one.by_label or one == other)
        if name == "strict":
            assert not one.by_label and scorer.count(task, reading, None, constant) == one


def test_disagreements_say_what_each_scorer_read_and_why() -> None:
    rows = {
        "agreed": ("no", YES),
        "keyword": (GENOMIC, YES),
        "refused": ("I am unsure.", NO),
        "denied": ("Yes, there is no doubt.", YES),
    }
    answers, labels = zip(*rows.values(), strict=True)
    found = {
        row["id"]: row["scorers"]
        for row in disagreements(
            TASKS["core_promoter"], list(rows), answers, list(map(json.dumps, labels)), json.dumps(NO)
        )
    }
    assert list(found) == ["keyword", "refused", "denied"]
    assert [found["keyword"][name]["value"] for name in SCORERS] == [YES, NO, YES]
    assert found["keyword"]["paper"] == {
        "read": NO,
        "rule": "negative keyword",
        "evidence": "'no' in 'genomic'",
        "value": NO,
        "reason": "as read",
        "by_label": False,
    }
    assert {name: (one["value"], one["by_label"]) for name, one in found["refused"].items()} == {
        "strict": (NO, False),
        "paper": (YES, True),
        "opencompass": (YES, True),
    }
    assert [found["denied"][name]["value"] for name in SCORERS] == [YES, YES, NO]


def test_that_there_is_no_modification_is_no_disagreement() -> None:
    rows = list(disagreements(TASKS["rna_modification"], ["a", "b"], ["none", "m6A"], ["[]", "[]"], "[]"))
    assert not rows
