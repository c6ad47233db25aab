import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from dataset_builder.tasks import TASKS, Field, Task
from metrics.parsing import Parsed, parse


TEMPLATES = Path("dataset_builder/templates")
ANSWERS = Path(__file__).with_name("answers.json")
EC_NUMBERS = ("1.1.1.1", "2.7.11.12", "3.4.21.-", "6.3.-.-", "1.-.-.-", "2.7.7.n1", "3.6.1.129")


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_every_template_is_read_back_for_every_kind_of_label(task: Task) -> None:
    answers = yaml.safe_load((TEMPLATES / f"{task.id}.yaml").read_text(encoding="utf-8"))["answers"]
    wrong = [
        f"{template['id']}: {text!r} was rendered from {label!r}, read as {parse(text, task)}"
        for kind, templates in answers.items()
        for template in templates
        for text, label in rendered(template["text"], kind, task)
        if parse(text, task) != Parsed(label, "ok")
    ]
    assert not wrong, "\n".join(wrong)


def rendered(template: str, kind: str, task: Task) -> Iterator[tuple[str, object]]:
    """(answer, label) for the labels of the task that the template is for."""
    draw = random.Random(f"{task.id} {template}")
    if task.kind == "binary":
        yield template, kind
    elif kind == "none":
        yield template, []
    elif task.kind == "multiclass":
        yield from ((template.format(label=name), name) for name in task.classes)
    elif task.kind == "multilabel":
        names = task.classes or EC_NUMBERS
        sets = [[name] for name in names] + [draw.sample(names, k) for k in range(2, len(names) + 1)]
        yield from ((template.format(label=", ".join(labels)), sorted(labels)) for labels in sets)
    else:
        for values in numbers(task.fields, draw):
            written = {name: f"{value:.2f}" for name, value in values.items()}
            yield template.format(**written), values if len(task.fields) > 1 else values["value"]


def numbers(fields: tuple[Field, ...], draw: random.Random) -> Iterator[dict[str, float]]:
    """Values over the range of every field: the lowest, the highest, zero where it is inside, and 40 by chance."""
    yield {field.name: field.low for field in fields}
    yield {field.name: field.high for field in fields}
    yield {field.name: max(field.low, 0) for field in fields}
    for _ in range(40):
        yield {field.name: round(draw.uniform(field.low, field.high), 2) for field in fields}


def test_answers_in_the_manner_of_models_are_read_as_a_biologist_would() -> None:
    wrong = []
    for task, answer, reading in json.loads(ANSWERS.read_text(encoding="utf-8")):
        found = parse(answer, TASKS[task])
        if (found.value if found.status == "ok" else found.status) != reading:
            wrong.append(f"{task}: {answer!r} is {reading!r}, read as {found}")
    assert not wrong, "\n".join(wrong)


def test_no_answer_of_the_table_is_a_template() -> None:
    texts = {answer for _, answer, _ in json.loads(ANSWERS.read_text(encoding="utf-8")) if len(answer.split()) > 3}
    for task in TASKS:
        answers = yaml.safe_load((TEMPLATES / f"{task}.yaml").read_text(encoding="utf-8"))["answers"]
        assert not texts & {template["text"] for templates in answers.values() for template in templates}


WORDS = ("yes", "no", "not", "a promoter", "m6A", "EC", "3.4.21.-", "0.5", "-1e9", "ON", "HK", ":", ",", ".", "(", "%")
WORDS += ("therefore", "but", "or", "if", "<think>", "</think>", "\n", "\n- ", "?", "−", "five", "٣")


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(), st.lists(st.sampled_from(WORDS)).map(" ".join)), st.sampled_from(list(TASKS.values())))
def test_any_text_is_read_without_an_exception(answer: str, task: Task) -> None:
    found = parse(answer, task)
    assert (found.value is not None) == (found.status == "ok")
    assert found == parse(answer, task)


@pytest.mark.parametrize(
    "answer, status",
    [("1e999", "out_of_range"), ("9" * 5000, "out_of_range"), ("1e" + "9" * 5000, "out_of_range"), ("-0.00", "ok")],
)
def test_extreme_numbers(answer: str, status: str) -> None:
    assert parse(answer, TASKS["protein_stability"]).status == status


@pytest.mark.parametrize("values", [(0.85, 0.45, 0.4), (0.5, 0.01, 0.0), (0.45, 0.45, 0.4), (0.0, 0.0, 0.0)])
def test_a_number_that_begins_as_the_one_before_it_is_not_cut_off(values: tuple[float, ...]) -> None:
    label = dict(zip(("ON", "OFF", "ON_OFF"), values, strict=True))
    assert parse(json.dumps(label), TASKS["rna_switches"]) == Parsed(label, "ok")
