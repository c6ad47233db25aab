"""Errors planted in true answers, to measure what the verification catches.

Planting reads facts and text, never the verification: a number that the evidence measures and that stands once in the
answer is changed, letters of a site are replaced by letters that are nowhere in the sequence, places are shifted, the
conclusion is flipped, or a sentence is put in. Which error an answer gets, and how, follows from a hash of its row.
"""

import json
import re
from collections.abc import Callable

from dataset_builder.hashing import hash64
from dataset_builder.reasoning.evidence import KINDS, Fact, facts, sequences_of
from dataset_builder.reasoning.evidence.kind import reverse_complement
from dataset_builder.tasks import TASKS


ITEM = re.compile(r"\s*\d+\.$")  # of a numbered list
# How far a property is moved, at the least; what a reader of a model's answer would no longer call rounding.
MOVED = {"isoelectric_point": 1.2, "gravy": 0.4, "charge_at_ph_7": 4.0, "mfe_kcal_per_mol": 6.0, "gc_skew": 0.3}
LEAKS = (
    "According to the standard answer, this is the expected outcome.",
    "This agrees with the ground truth label.",
    "As stated in the provided answer, the conclusion follows.",
    "Since the label is given, the features above only have to explain it.",
    "The reference answer supports this reading.",
    "We are told that the result is as stated below.",
    "The task hint already tells us which form the result has.",
    "The problem states that the final result is the one given below.",
    "This is consistent with the given answer.",
    "The correct answer provided with the question confirms this.",
    "My explanation is meant to match the expected answer.",
    "Knowing the gold label, I looked for features that explain it.",
)
UNSUPPORTED = (
    "ChIP-seq experiments have confirmed this for the sequence in HeLa cells.",
    "According to the UniProt database, this sequence is well characterised.",
    "It shares 87% sequence identity with its mouse ortholog.",
    "Reporter assays showed that this sequence is active in K562 cells.",
    "A crystal structure of this molecule was determined at 2.1 Å resolution (Miller et al., 2014).",
    "qPCR measurements confirmed the effect of this sequence.",
    "This sequence lies on human chromosome 7.",
    "In vitro measurements of this sequence revealed a half-life of 20 minutes.",
)
FLIPPED = {
    "positive": ("Therefore, the answer is no.", "In conclusion, the answer is negative.", "Final answer: No"),
    "negative": ("Therefore, the answer is yes.", "In conclusion, the answer is positive.", "Final answer: Yes"),
}


def plant(kind: str, row: dict, answer: str) -> str | None:
    """The answer with one error of a kind of KINDS_OF_ERROR; None where the answer has no place for it."""
    draw = int(hash64([row["id"]], f"plant/{kind}")[0])
    return ERRORS[kind](row, answer, draw)


def replaced(answer: str, old: str, new: str) -> str | None:
    """The answer with a token that stands in it exactly once replaced; None where it does not."""
    found = list(re.finditer(rf"(?<![\w.-]){re.escape(old)}(?![\w-])(?!\.\d)", answer))
    found = [
        match for match in found if not ITEM.match(answer, answer.rfind("\n", 0, match.start()) + 1, match.end() + 1)
    ]
    return answer[: found[0].start()] + new + answer[found[0].end() :] if len(found) == 1 else None


def first_of(row: dict, draw: int, change: Callable[[Fact], str | None], wanted: Callable[[Fact], bool]) -> str | None:
    """What the first fact, from a drawn one on, makes of the answer."""
    found = [fact for fact in facts(row) if wanted(fact)]
    turned = found[draw % len(found) :] + found[: draw % len(found)] if found else []
    return next((changed for fact in turned if (changed := change(fact))), None)


def unit(fact: Fact) -> str:
    """The unit of a fact's kind."""
    return KINDS[fact.kind].unit


def wrong_count(row: dict, answer: str, draw: int) -> str | None:
    """A count, or the number of sites of a kind, is another."""
    counts = {fact.kind: sum(one.kind == fact.kind for one in facts(row)) for fact in facts(row) if fact.start}

    def change(fact: Fact) -> str | None:
        n = counts.get(fact.kind, fact.value)
        return replaced(answer, str(n), str(n + 2 + draw % 4)) if n != 1 else None

    return first_of(row, draw, change, lambda fact: unit(fact) == "count" or fact.start is not None)


def wrong_percent(row: dict, answer: str, draw: int) -> str | None:
    """A percentage is moved by 8 to 19 points."""

    def change(fact: Fact) -> str | None:
        moved = 8 + draw % 12
        return replaced(answer, f"{fact.value:.1f}", f"{fact.value + (moved if fact.value < 50 else -moved):.1f}")

    return first_of(row, draw, change, lambda fact: unit(fact) == "%")


def wrong_property(row: dict, answer: str, draw: int) -> str | None:
    """A property of the sequence, such as its pI or energy, is moved by MOVED, or by a third."""

    def change(fact: Fact) -> str | None:
        decimals = KINDS[fact.kind].decimals
        moved = max(MOVED.get(fact.kind, 0), abs(fact.value) / 3, 4 * 10**-decimals)
        other = fact.value + (moved if draw % 2 or fact.kind == "molecular_weight_kda" else -moved)
        return replaced(answer, f"{fact.value:.{decimals}f}", f"{other:.{decimals}f}")

    numbers = lambda fact: KINDS[fact.kind].decimals > 0 and unit(fact) != "%"  # noqa: E731
    return first_of(row, draw, change, numbers)


def wrong_length(row: dict, answer: str, draw: int) -> str | None:
    """A length is another."""
    return first_of(
        row,
        draw,
        lambda fact: replaced(answer, str(fact.value), str(fact.value + 3 + draw % 40)),
        lambda fact: fact.kind in ("length_nt", "length_aa"),
    )


def absent_letters(row: dict, letters: str, draw: int) -> str | None:
    """As many letters, of the same kinds, that stand nowhere in the row's sequences, on either strand."""
    everything = [s for _, sequence in sequences_of(row) for s in (sequence, reverse_complement(sequence))]
    for step in range(1, 60):
        order = hash64([f"{draw}/{step}/{i}" for i in range(len(letters))], "letters").argsort()
        other = "".join(letters[i] for i in order)
        if not any(other.replace("U", "T") in sequence for sequence in everything):
            return other
    return None


def wrong_motif(row: dict, answer: str, draw: int) -> str | None:
    """The letters of a site are others, which are nowhere in the sequence."""

    def change(fact: Fact) -> str | None:
        if len(fact.value) < 5 or len(set(fact.value)) < 2:
            return None
        other = absent_letters(row, fact.value, draw)
        return replaced(answer, fact.value, other) if other else None

    return first_of(row, draw, change, lambda fact: fact.start is not None)


def wrong_position(row: dict, answer: str, draw: int) -> str | None:
    """The place of a site is shifted to where other letters stand."""
    sequences = sequences_of(row)

    def change(fact: Fact) -> str | None:
        letters = sequences[fact.sequence][1]
        for shift in (3 + draw % 9, -3 - draw % 9, 13, -13):
            start, end = fact.start + shift, fact.end + shift
            if start > 0 and end <= len(letters) and letters[start - 1 : end] != letters[fact.start - 1 : fact.end]:
                return replaced(answer, f"{fact.start}-{fact.end}", f"{start}-{end}")
        return None

    return first_of(row, draw, change, lambda fact: fact.start is not None and fact.end > fact.start)


def added_motif(row: dict, answer: str, draw: int) -> str | None:
    """A sentence that finds letters where they are not."""
    _, letters = sequences_of(row)[0]
    at = draw % max(1, len(letters) - 6)
    other = absent_letters(row, letters[at : at + 6], draw)
    forms = (
        "It also contains {0} at position {1}.",
        "The motif {0} is found at positions {1}-{2}.",
        "I note `{0}` ({1}-{2}).",
    )
    return put_in(answer, forms[draw % len(forms)].format(other, at + 1, at + 6), draw) if other else None


def flipped_conclusion(row: dict, answer: str, draw: int) -> str | None:
    """The last line concludes something else."""
    task, label = TASKS[row["task"]], json.loads(row["label"])
    if task.kind == "binary":
        last = FLIPPED[label][draw % len(FLIPPED[label])]
    elif task.kind == "regression":
        values = label if isinstance(label, dict) else {"predicted value": label}
        moved = {field.name: (field.high - field.low) / 10 for field in task.fields}
        names = dict(zip(values, moved.values(), strict=True))
        last = ", ".join(
            f"{name}: {value + (names[name] if value <= 0 else -min(names[name], value)):.2f}"
            for name, value in values.items()
        )
    elif task.kind == "multiclass":
        last = f"The class is {[name for name in task.classes if name != label][draw % (len(task.classes) - 1)]}."
    else:
        last = (
            f"The answer is {[name for name in task.classes if name not in label][draw % 9]}."
            if task.classes
            else "EC 6.1.1.99"
        )
    return answer.rstrip().rpartition("\n")[0] + "\n" + last if "\n" in answer else None


def put_in(answer: str, sentence: str, draw: int) -> str:
    """The answer with one more line, before its last."""
    lines = answer.split("\n")
    at = draw % (len(lines) - 1) + 1 if len(lines) > 2 else 0
    return "\n".join([*lines[:at], "", sentence, "", *lines[at:]])


def contradicting(row: dict, answer: str, draw: int) -> str | None:
    """A sentence that says of the composition what it is not."""
    [tag, letters], *_ = sequences_of(row)
    if tag == "protein":
        basic = KINDS["isoelectric_point"].measure(letters) > 7.5
        acidic = KINDS["isoelectric_point"].measure(letters) < 6.5
        said = "The protein is strongly acidic." if basic else "The protein is strongly basic." if acidic else None
    else:
        gc = KINDS["gc_percent"].measure(letters)
        said = "Overall it is AT-rich." if gc > 53 else "Overall it is GC-rich." if gc < 47 else None
    return put_in(answer, said, draw) if said else None


ERRORS: dict[str, Callable[[dict, str, int], str | None]] = {
    "wrong count": wrong_count,
    "wrong percentage": wrong_percent,
    "wrong property": wrong_property,
    "wrong length": wrong_length,
    "motif that is not there": wrong_motif,
    "added motif": added_motif,
    "shifted position": wrong_position,
    "flipped conclusion": flipped_conclusion,
    "contradiction": contradicting,
    "leak": lambda row, answer, draw: put_in(answer, LEAKS[draw % len(LEAKS)], draw),
    "unsupported claim": lambda row, answer, draw: put_in(answer, UNSUPPORTED[draw % len(UNSUPPORTED)], draw),
}
