"""Templates: every task has enough of them in every style, and each one can be rendered and told from the others."""

import re
from collections import Counter
from pathlib import Path

import pytest
import yaml

import dataset_builder
from dataset_builder.tasks import TASKS, Task


FOLDER = Path(dataset_builder.__file__).parent / "templates"
STYLES = {"request", "concise", "informal", "academic"}

every_task = pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)


def read(task: Task) -> dict:
    return yaml.safe_load((FOLDER / f"{task.id}.yaml").read_text(encoding="utf-8"))


def lists(templates: dict) -> dict[str, list[dict]]:
    """Every list of templates by name; those of the answers are named by what they say."""
    questions = {name: templates[name] for name in templates if name != "answers"}
    return questions | templates["answers"]


def placeholders(text: str) -> list[str]:
    """The names in braces, sorted; a stray brace counts as one, so that it never passes for text."""
    return sorted(re.findall(r"\{(\w+)\}", text) + re.findall(r"[{}]", re.sub(r"\{\w+\}", "", text)))


def test_every_task_has_a_file_and_no_file_is_left_over():
    assert {path.stem for path in FOLDER.glob("*.yaml")} == set(TASKS)


@every_task
def test_lists_are_those_the_kind_of_task_needs(task: Task):
    templates = read(task)
    assert set(templates) == {"questions", "answers"} | ({"conditioned"} if task.condition else set())
    says_none = task.kind == "multilabel" and bool(task.classes)
    expected = {"positive", "negative"} if task.kind == "binary" else {"label"} | ({"none"} if says_none else set())
    assert set(templates["answers"]) == expected


@every_task
def test_each_list_is_long_enough_and_has_all_styles(task: Task):
    for name, entries in lists(read(task)).items():
        assert len(entries) >= 12, f"{name} has {len(entries)} templates"
        styles = Counter(entry["style"] for entry in entries)
        assert set(styles) == STYLES, f"{name} has styles {sorted(styles)}"
        assert min(styles.values()) >= 3, f"{name}: {dict(styles)}"


@every_task
def test_ids_are_unique_integers(task: Task):
    templates = read(task)
    conditioned = templates.get("conditioned", [])
    for entries in (templates["questions"] + conditioned, sum(templates["answers"].values(), [])):
        ids = [entry["id"] for entry in entries]
        assert all(type(i) is int and i > 0 for i in ids)
        assert [i for i, times in Counter(ids).items() if times > 1] == []
    assert all(entry["id"] > 1000 for entry in conditioned)
    assert all(entry["id"] <= 1000 for entry in templates["questions"])


@every_task
def test_placeholders_are_exactly_those_the_renderer_fills(task: Task):
    templates = read(task)
    sequences = ["sequence_1", "sequence_2"] if len(task.molecules) == 2 else []
    numbers_or_label = sorted(field.name for field in task.fields) or ["label"]
    expected = {"questions": sequences, "conditioned": ["condition", *sequences], "label": numbers_or_label}
    for name, entries in lists(templates).items():
        for entry in entries:
            assert placeholders(entry["text"]) == expected.get(name, []), f"{name} {entry['id']}: {entry['text']}"


@every_task
def test_no_two_texts_differ_only_in_case_or_punctuation(task: Task):
    texts = [entry["text"] for entries in lists(read(task)).values() for entry in entries]
    plain = Counter(" ".join(re.findall(r"\w+", text.lower())) for text in texts)
    assert [text for text, times in plain.items() if times > 1] == []


@every_task
def test_texts_are_clean_lines(task: Task):
    for name, entries in lists(read(task)).items():
        for entry in entries:
            assert set(entry) == {"id", "style", "text"}
            assert entry["text"] == " ".join(entry["text"].split()) != "", f"{name} {entry['id']}"
            assert not re.search(r"</?(dna|rna|protein)>", entry["text"]), "the renderer writes the tags"
