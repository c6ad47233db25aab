"""No text, however odd or long, breaks or stalls the parser, and no label changes what it reads.

The time of a million strings on one core: python -m tests.metrics.test_parsing_properties
"""

import json
import random
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from dataset_builder.tasks import TASKS, Task
from metrics.parsing import parse
from metrics.scoring import Reading, Strict, score


ANSWERS = Path(__file__).with_name("answers.json")
ROWS = [(task, answer) for task, answer, _ in json.loads(ANSWERS.read_text("utf-8"))]
SECONDS_PER_ENDLESS_ANSWER = 20  # catastrophic backtracking would take hours
PIECES = (
    "yes ",
    "no, ",
    "1.31 ",
    "1.31, ",
    "9",
    "a",
    " ",
    "\n",
    "(",
    "not ",
    "2.7.11. ",
    "9,999,",
    "m6A or ",
    "5S ",
    "1. ",
)
PIECES += (
    "ON: 0.45 OFF: 0.12 ",
    "it is not ",
    "therefore ",
    "the answer is ",
    "{",
    "<",
    "'",
    "- ",
    "? ",
    "lack ",
    "one ",
)
PIECES += ("9%", "lack of a is ", "chance is ", "m6A: 0.1 ", "tRNA (miRNA) ", "5 % m6A ", "ﷺ", "that the a, b, ")
PIECES += ("a 0.5, ", "|a|b|\n|--|\n", "```\nimport ", "promoter probability ", "some proteins ")
PIECES += ("<think>", "<dna>", "'answer': '", "cannot be ", "to ", "leave it ", "٣")
CHARACTERS = "".join(map(chr, range(32, 127))) + "\n\t−–…Ψψ′’٣½²°µΔ≈✓中é"


def mutated(answer: str, draw: random.Random) -> str:
    """The answer with a piece dropped, doubled, swapped or cut off, or its cases changed."""
    a, b = sorted(draw.randrange(len(answer) + 1) for _ in range(2))
    left, middle, right = answer[:a], answer[a:b], answer[b:]
    return draw.choice(
        (left + right, left + middle * 2 + right, left + right + middle, left, answer.upper(), answer.swapcase())
    )


def strings(count: int, seed: int) -> list[tuple[str, str]]:
    """(task, text): half random characters, 0 to 60 of them; half answers of the table, mutated."""
    draw, tasks, found = random.Random(seed), list(TASKS), []
    for i in range(count):
        if i % 2:
            found.append((draw.choice(tasks), "".join(draw.choices(CHARACTERS, k=draw.randrange(61)))))
        else:
            task, answer = draw.choice(ROWS)
            found.append((task, mutated(answer, draw)))
    return found


def test_random_and_mutated_strings_are_read_without_an_exception() -> None:
    for task, text in strings(5_000, 0):
        parse(text, TASKS[task])


@pytest.mark.parametrize(
    "piece",
    PIECES,
    ids=repr,
)
@pytest.mark.parametrize("task", ["promoter_300", "apa_isoform", "rna_switches", "ncrna_family", "ec_number"])
def test_an_endless_answer_takes_no_time(piece: str, task: str) -> None:
    answer = (piece * 100_000)[:100_000]
    start = time.process_time()
    parse(answer, TASKS[task])
    assert time.process_time() - start < SECONDS_PER_ENDLESS_ANSWER


def test_what_an_endless_answer_begins_and_ends_with_is_read() -> None:
    assert parse("Yes. " + "ACGT " * 30_000, TASKS["promoter_300"]).value == "positive"
    assert parse("Let me see. " * 30_000 + "Final answer: 0.34", TASKS["apa_isoform"]).value == 0.34


@pytest.mark.parametrize("task", TASKS)
def test_no_label_changes_what_is_read(task: str) -> None:
    """Scored against their own labels, permuted ones and one label for all, the answers are read alike."""
    rows = [row for row in json.loads(ANSWERS.read_text("utf-8")) if row[0] == task]
    usable = [
        json.dumps(reading) for _, _, reading in rows if reading not in ("missing", "invalid", "out_of_range", [])
    ]
    own = [json.dumps(row[2]) if json.dumps(row[2]) in usable else usable[0] for row in rows]
    read: list[list[Reading]] = []

    class Recorded(Strict):
        def read(self, task: Task, answers: Sequence[str]) -> list[Reading]:
            read.append(super().read(task, answers))
            return read[-1]

    for labels in (own, random.Random(task).sample(own, len(own)), [usable[0]] * len(own)):
        score(TASKS[task], [answer for _, answer, _ in rows], labels, usable[0], Recorded())
    assert read[0] == read[1] == read[2]


if __name__ == "__main__":
    seconds = 0.0
    for seed in range(20):
        some = strings(50_000, seed)
        start = time.process_time()
        for task, text in some:
            parse(text, TASKS[task])
        seconds += time.process_time() - start
    print(f"a million strings: {seconds:.1f} s of one core")
