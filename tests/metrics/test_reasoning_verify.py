"""Reasoning texts in the manner of real models: the verdict that a careful biologist gives is the one we give.

reasoning_answers.json holds rows of the dataset (five were made of real sequences, for tasks without a source here)
and, per answer, its row, the verdict, what is wrong, and its round: the answers of a round were written before the
rules had seen any of them, and what they showed was mended before the next.
"""

import json
import random
import time
from pathlib import Path

import pytest

from metrics.reasoning.findings import FAITHFUL
from metrics.reasoning.verify import Verdict, verify


TABLE = json.loads(Path(__file__).with_name("reasoning_answers.json").read_text(encoding="utf-8"))
CASES = [(case["row"], case["verdict"], case["answer"]) for case in TABLE["answers"]]
MILLISECONDS = 100  # per answer, on average, on a slow core
SECONDS_PER_ENDLESS_ANSWER = 20  # catastrophic backtracking would take hours
PIECES = (
    *(
        "TATAAA ",
        "at position 12",
        "-",
        " to ",
        "GC content of ",
        "43.2% ",
        "no ",
        "not ",
        "(",
        ")",
        "[",
        ",",
        ". ",
        "\n- ",
    ),
    *(
        "12 CpG ",
        "three ",
        "A",
        "ACGT",
        "ends with ",
        "run of six T",
        "pI ",
        "Cys57 ",
        "is ",
        "the ",
        "first 20 nt ",
        "and ",
    ),
    *(
        "reverse complement of ",
        "kcal/mol",
        "70 nt long",
        "lysine ",
        "…",
        "...",
        '"',
        "`",
        "more ",
        "than ",
        "UU",
        "\t",
        "¾",
    ),
)


def row_of(name: str, label: object = None) -> dict:
    """A row of the table as the dataset has it, with another label if one is given."""
    row = TABLE["rows"][name]
    prompt = [{"role": "user", "content": row["question"]}]
    return {"task": row["task"], "prompt": prompt, "label": json.dumps(row["label"] if label is None else label)}


@pytest.mark.parametrize(("name", "verdict", "answer"), CASES)
def test_an_answer_gets_the_verdict_of_a_careful_reader(name: str, verdict: str, answer: str) -> None:
    found = verify(row_of(name), answer)
    assert found.status == verdict, found.findings


def test_only_the_conclusion_depends_on_the_label() -> None:
    others = {"positive": "negative", "negative": "positive"}
    for name, _, answer in CASES:
        label = TABLE["rows"][name]["label"]
        if isinstance(label, str) and label in others:
            ours, theirs = verify(row_of(name), answer), verify(row_of(name, others[label]), answer)
            assert apart_from_conclusion(ours) == apart_from_conclusion(theirs)


def apart_from_conclusion(verdict: Verdict) -> list:
    """All findings but that on the label."""
    return [finding for finding in (*verdict.findings, *verdict.checked) if finding.kind != "conclusion"]


def test_random_and_mutated_texts_get_a_verdict_in_time() -> None:
    draw, start, count = random.Random(0), time.perf_counter(), 400
    for i in range(count):
        name, _, answer = draw.choice(CASES)
        a, b = sorted(draw.randrange(len(answer) + 1) for _ in range(2))
        left, middle, right = answer[:a], answer[a:b], answer[b:]
        pieces = "".join(draw.choices(PIECES, k=draw.randrange(40)))
        text = draw.choice(
            (left + right, left + middle * 2 + right, right + left, answer.upper(), answer.lower(), pieces)
        )
        verdict = verify(row_of(name), text)
        assert (verdict.status == FAITHFUL) == (not verdict.findings), i
    assert (time.perf_counter() - start) / count * 1_000 < MILLISECONDS


@pytest.mark.parametrize("piece", PIECES)
def test_an_endless_answer_is_read_in_time(piece: str) -> None:
    start = time.perf_counter()
    assert verify(row_of("cpA"), piece * (200_000 // len(piece))).status != FAITHFUL  # no conclusion
    assert time.perf_counter() - start < SECONDS_PER_ENDLESS_ANSWER
