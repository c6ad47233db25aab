"""Probabilities of answers: those of one pass per answer, right by hand on toy models, and said by the answers."""

import dataclasses
import itertools
import math
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from dataset_builder.tasks import TASKS, Field
from metrics.benchmark import loglikelihood, passes
from metrics.benchmark.candidates import answer_text, candidates, label_names, numbers, numbers_text
from metrics.benchmark.generation import load_model
from metrics.benchmark.loglikelihood import score_rows
from metrics.benchmark.trie import forest
from metrics.parsing import parse
from tests.metrics.benchmark_inputs import sequence, write_model


CLASSIFICATION = [task for task in TASKS.values() if task.kind != "regression"]
REGRESSION = [task for task in TASKS.values() if task.kind == "regression"]


@pytest.fixture(scope="module")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("model"), context=512)


@pytest.fixture
def loaded(model_folder: Path) -> tuple:
    return load_model(str(model_folder), None)


def rows_of(*tasks: str, n: int = 3) -> pa.Table:
    """Rows without labels."""
    random = np.random.default_rng(0)
    return pa.Table.from_pylist(
        [
            {
                "id": f"{task}/test/{i}",
                "task": task,
                "prompt": [{"role": "user", "content": f"{sequence(random, 'dna', 5 + 9 * i)} What is it?"}],
            }
            for task in tasks
            for i in range(n)
        ]
    )


def scored(rows: pa.Table, tokenizer, model, batch_size: int = 16, way=passes.after) -> dict[str, dict]:
    """What is known of each row, by its id."""
    import torch

    with torch.inference_mode():
        return {
            row: {"answer": text, **dict(zip(batch.more, known, strict=True))}
            for batch in score_rows(rows, tokenizer, model, batch_size, way)
            for row, text, *known in zip(batch.ids, batch.answers, *batch.more.values(), strict=True)
        }


def small_ranges(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer classes and numbers, so that every answer can be read alone."""
    smaller = {
        "rna_modification": dataclasses.replace(TASKS["rna_modification"], classes=("m6A", "m6Am", "Psi")),
        "enhancer_activity": dataclasses.replace(
            TASKS["enhancer_activity"], fields=(Field("hk", "", -1.1, 0.2, 1), Field("dev", "", 8, 11, 1))
        ),
    }
    monkeypatch.setattr(loglikelihood, "TASKS", TASKS | smaller)


def test_shared_prefix_gives_what_separate_passes_give(loaded: tuple, monkeypatch: pytest.MonkeyPatch) -> None:
    small_ranges(monkeypatch)
    monkeypatch.setattr("metrics.benchmark.trie.FED", 8)  # several trees
    rows = rows_of("promoter_300", "ncrna_family", "rna_modification", "enhancer_activity")
    shared = scored(rows, *loaded)
    for row, alone in scored(rows, *loaded, way=passes.alone).items():
        assert shared[row]["answer"] == alone["answer"]
        for name in ("label_scores", "expected"):
            if alone[name]:
                assert shared[row][name] == pytest.approx(alone[name], abs=1e-4)
        assert shared[row]["answer_mass"] == pytest.approx(alone["answer_mass"], rel=1e-4)
    assert len({shared[row]["answer"] for row in shared}) > 4


def test_ec_numbers_in_trees_give_what_separate_passes_give(loaded: tuple) -> None:
    import torch

    tokenizer, model = loaded
    texts = [candidate.text for candidate in candidates(TASKS["ec_number"])]
    sequences = tokenizer(texts)["input_ids"]
    prompts = [tokenizer("A kinase?")["input_ids"], tokenizer("<protein>MKVLAA</protein>")["input_ids"]]
    few = list(range(0, len(sequences), 97))
    with torch.inference_mode():
        shared = passes.after(prompts, model)([[], []], forest(sequences))
        alone = passes.separately(prompts, [[], []], [sequences[i] for i in few], model)
    assert torch.allclose(shared[:, few], alone, atol=1e-4)


def test_scores_do_not_depend_on_the_batch(loaded: tuple) -> None:
    rows = rows_of("promoter_300", "mean_ribosome_loading", n=5)
    together, single = scored(rows, *loaded, batch_size=5), scored(rows, *loaded, batch_size=1)
    for row in together:
        for name in ("label_scores", "expected"):
            assert together[row][name] == (single[row][name] and pytest.approx(single[row][name], abs=1e-4))


def says(model, tokenizer, probabilities: dict[str, float]) -> None:
    """Let the model give these tokens these probabilities, whatever comes before."""
    import torch

    logits = torch.full((len(tokenizer),), -30.0)
    for token, probability in probabilities.items():
        logits[tokenizer.convert_tokens_to_ids(token)] = math.log(probability)
    model.lm_head.register_forward_hook(lambda head, inputs, output: logits.expand_as(output))


@pytest.mark.parametrize(
    ("shares", "answer"),
    [
        ({"Y": 0.3, "e": 0.3, "s": 0.3, "N": 0.05, "o": 0.05}, "Yes"),
        ({"Y": 0.05, "e": 0.05, "s": 0.1, "N": 0.4, "o": 0.4}, "No"),
    ],
)
def test_the_word_that_the_model_prefers_wins(loaded: tuple, shares: dict[str, float], answer: str) -> None:
    tokenizer, model = loaded
    says(model, tokenizer, shares)  # a byte a token
    (found,) = scored(rows_of("solubility", n=1), tokenizer, model).values()
    yes, no = (math.prod(shares[letter] for letter in word) for word in ("Yes", "No"))
    assert found["answer"] == answer
    assert list(found["label_scores"]) == ["positive", "negative"]
    scores = [math.exp(score) for score in found["label_scores"].values()]
    assert scores == pytest.approx([yes / (yes + no), no / (yes + no)], abs=1e-5)
    assert found["answer_mass"] == pytest.approx(yes + no, abs=1e-5)


def test_expected_value_is_the_mean_over_all_numbers(loaded: tuple, monkeypatch: pytest.MonkeyPatch) -> None:
    tokenizer, model = loaded
    shares = {"Ġ": 0.05, "0": 0.05, "1": 0.25, "2": 0.2, "3": 0.05, "7": 0.1, "9": 0.1, ".": 0.15, "-": 0.05}
    says(model, tokenizer, shares)
    task = dataclasses.replace(TASKS["protein_stability"], fields=(Field("value", "", -2, 13, 1),))
    monkeypatch.setattr(loglikelihood, "TASKS", {task.id: task})
    (found,) = scored(rows_of(task.id, n=1), tokenizer, model).values()
    letters = {number: f"Ġ{number}" for number in numbers(task.fields[0])}
    weights = {number: math.prod(shares.get(each, 1e-13) for each in text) for number, text in letters.items()}
    mean = sum(float(number) * weight for number, weight in weights.items()) / sum(weights.values())
    assert found["expected"]["value"] == pytest.approx(mean, abs=1e-5)
    assert found["answer"] == f"The answer is {mean:.1f}"
    assert found["answer_mass"] == pytest.approx(sum(weights.values()), rel=1e-4)


def test_a_name_that_begins_another_is_told_from_it(loaded: tuple) -> None:
    """m6Am is not m6A and something."""
    tokenizer, model = loaded
    says(model, tokenizer, {"m": 0.3, "6": 0.2, "A": 0.2, ".": 0.2, "x": 0.1})
    (found,) = scored(rows_of("rna_modification", n=1), tokenizer, model).values()
    scores = found["label_scores"]
    assert found["answer"] == "Am"
    assert math.exp(scores["m6A"] - scores["m6Am"]) == pytest.approx(1 / 0.3, rel=1e-4)  # one more token
    assert set(scores) == {*TASKS["rna_modification"].classes, "none"} and scores["Psi"] < -20


def test_an_ec_number_says_its_class(loaded: tuple) -> None:
    (found,) = scored(rows_of("ec_number", n=1), *loaded).values()
    scores = found["label_scores"]
    below = [label for label in scores if label.startswith("2.7.11.") and label != "2.7.11.-"]
    assert len(scores) == 538 and len(below) > 5
    assert scores["2.7.11.-"] > np.logaddexp.reduce([scores[label] for label in below])


@pytest.mark.parametrize(
    "task", [task for task in TASKS.values() if task.kind != "regression"], ids=lambda task: task.id
)
def test_the_strict_parser_reads_each_answer_as_its_labels(task) -> None:
    for candidate in candidates(task)[::7] if task.metric == "fmax" else candidates(task):
        read = parse(answer_text(task, candidate.labels), task).value
        if task.metric != "fmax":  # an EC number alone says its class too
            assert parse(candidate.text, task).value == read
        said = [] if candidate.labels == ("none",) else list(candidate.labels)
        assert (sorted(read) if isinstance(read, list) else [read]) == sorted(said), candidate
        assert set(candidate.labels) <= set(label_names(task))
    ordered = sorted(candidate.text for candidate in candidates(task))
    assert not any(second.startswith(first) for first, second in itertools.pairwise(ordered))


@pytest.mark.parametrize(
    "task", [task for task in TASKS.values() if task.kind == "regression"], ids=lambda task: task.id
)
def test_the_strict_parser_reads_each_number(task) -> None:
    grids = [numbers(field) for field in task.fields]
    assert [(float(grid[0]), float(grid[-1])) for grid in grids] == [(field.low, field.high) for field in task.fields]
    for step in (0, 1, len(grids[0]) // 2, -1):
        values = [float(grid[step]) for grid in grids]
        read = parse(numbers_text(task, values), task).value
        assert (list(read.values()) if isinstance(read, dict) else [read]) == values


def test_a_bfloat16_model_ranks_in_float32(model_folder: Path) -> None:
    import torch

    tokenizer, model = load_model(str(model_folder), None)
    model = model.to(torch.bfloat16)
    passes.float32_head(model)
    assert passes.read([[1, 2, 3]], model).logits.dtype == torch.float32
    found = scored(rows_of("promoter_300", n=8), tokenizer, model)
    assert len({row["label_scores"]["positive"] for row in found.values()}) == 8
