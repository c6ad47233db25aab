"""Rows as the design promises them: stable, tagged, labelled as drawn, and readable back."""

import json

import numpy as np
import pyarrow as pa
import pytest

from dataset_builder.checks import accept
from dataset_builder.rendering import Draws, canonical_label, fixed_point
from dataset_builder.rendering import render as render_drawn
from dataset_builder.tasks import SYSTEM_PROMPT, TASKS, Task
from dataset_builder.wording import read_templates


LETTERS = {"dna": "ACGT", "rna": "ACGU", "protein": "ACDEFGHIKLMNPQRSTVWY"}


def render(rows: pa.Table, task: Task, split: str, seed: int, conditioned: bool = False) -> pa.Table:
    return render_drawn(rows, task, split, Draws(rows["id"], seed), conditioned)


def checked_rows(task_id: str, split: str = "train", rows: int = 2_000) -> pa.Table:
    """Rows of a task with random sequences and labels."""
    task = TASKS[task_id]
    draw = np.random.default_rng(0)
    columns = {
        name: ["".join(draw.choice(list(LETTERS[molecule]), 12)) for _ in range(rows)]
        for name, molecule in zip(("sequence", "sequence_2"), task.molecules, strict=False)
    }
    if task.kind == "regression":
        columns |= {f.name: draw.uniform(f.low, f.high, rows) for f in task.fields}
    elif task.kind == "binary":
        columns["label"] = draw.choice(["0", "1"], rows)
    else:
        names = task.classes or ("1.2.3.4", "2.7.11.1", "3.5.-.-", "2.7.7.n1")
        picks = [draw.choice(names, draw.integers(0 if task.classes else 1, 3), replace=False) for _ in range(rows)]
        columns["label"] = [",".join(p) for p in picks] if task.kind == "multilabel" else draw.choice(names, rows)
    subtasks = draw.choice(task.subtasks or ("",), rows)
    places = {"row": [str(i) for i in range(rows)], "file": ["file"] * rows, "line": list(range(rows))}
    table, rejected = accept(pa.table(places | {"subtask": subtasks} | columns), task, split)
    assert not rejected
    return table.append_column("in_train", pa.array([False] * rows))


@pytest.mark.parametrize("task_id", TASKS)
def test_rows_hold_their_sequences_label_and_templates(task_id: str) -> None:
    task = TASKS[task_id]
    rows = checked_rows(task_id)
    templates = {kind: {t.id: t.text for t in listed} for kind, listed in read_templates(task_id).items()}
    for source, row in zip(rows.to_pylist(), render(rows, task, "train", seed=0).to_pylist(), strict=True):
        system, user = row["prompt"]
        assert system == {"role": "system", "content": SYSTEM_PROMPT} and user["role"] == "user"
        names = ("sequence", "sequence_2")[: len(task.molecules)]
        tagged = [f"<{tag}>{source[name]}</{tag}>" for name, tag in zip(names, task.molecules, strict=True)]
        if len(tagged) == 2:
            expected = templates["questions"][row["question_id"]].format(sequence_1=tagged[0], sequence_2=tagged[1])
        else:
            expected = f"{tagged[0]} {templates['questions'][row['question_id']]}"
        assert user["content"].replace(f"{task.task_label} ", "") == expected
        assert "{" not in row["completion"][0]["content"] and row["completion"][0]["role"] == "assistant"
        label = json.loads(row["label"])
        assert row["label"] == json.dumps(label)
        if task.kind == "binary":
            assert label == ("positive" if source["label"] else "negative")
            assert row["answer_id"] in templates[label]


def test_the_task_label_stands_on_thirty_percent_of_training_questions_only() -> None:
    task = TASKS["core_promoter"]
    rows = checked_rows(task.id, rows=20_000)
    for split, low, high in (("train", 0.29, 0.31), ("validation", 0, 0), ("test", 0, 0)):
        prompts = render(rows, task, split, seed=0)["prompt"].to_pylist()
        assert low <= np.mean([f"</dna> {task.task_label} " in prompt[1]["content"] for prompt in prompts]) <= high


def test_what_a_row_becomes_depends_on_its_id_and_the_seed_alone() -> None:
    task = TASKS["tf_binding_human"]
    rows = checked_rows(task.id)
    whole = render(rows, task, "train", seed=0)
    order = pa.array(np.random.default_rng(1).permutation(len(rows)))
    assert render(rows.take(order), task, "train", seed=0).equals(whole.take(order))
    assert render(rows.slice(100, 50), task, "train", seed=0).equals(whole.slice(100, 50))
    assert not render(rows, task, "train", seed=1)["question_id"].equals(whole["question_id"])


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_every_template_is_used_about_equally_often_but_train_never_sees_a_held_out_question(split: str) -> None:
    task = TASKS["mean_ribosome_loading"]
    used = render(checked_rows(task.id, split, rows=40_000), task, split, seed=0).to_pandas()
    templates = read_templates(task.id)
    questions = {t.id for t in templates["questions"] if split != "train" or not t.held_out}
    assert len(questions) < len(templates["questions"]) or split != "train"
    for column, pool in (("question_id", questions), ("answer_id", {t.id for t in templates["label"]})):
        counts = used[column].value_counts()
        assert set(counts.index) == pool and counts.min() > 0.75 * counts.mean()


@pytest.mark.parametrize("task_id", [task.id for task in TASKS.values() if task.condition])
def test_conditioned_questions_name_their_sub_task(task_id: str) -> None:
    for row in render(checked_rows(task_id), TASKS[task_id], "test", seed=0, conditioned=True).to_pylist():
        assert row["subtask"] in row["prompt"][1]["content"] and row["question_id"] >= 1001


@pytest.mark.parametrize(
    ("number", "text", "label"),
    [
        (2.1, "2.10", "2.1"),
        (-0.05, "-0.05", "-0.05"),
        (3.0, "3.00", "3.0"),
        (0.0, "0.00", "0.0"),
        (68.13, "68.13", "68.13"),
    ],
)
def test_numbers_have_two_decimals_in_answers_and_are_json_in_labels(number: float, text: str, label: str) -> None:
    column = pa.chunked_array([pa.array([{"value": number}])])
    assert fixed_point(pa.chunked_array([[number]]), 2).to_pylist() == [text]
    assert canonical_label(column, TASKS["thermostability"]).to_pylist() == [label]
