"""The rungs that bench_gpu measures, from plain SFTTrainer to this project's training, and the documents for them."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from trl_recipes.encoding import IGNORED


if TYPE_CHECKING:
    import datasets


@dataclass(frozen=True)
class Documents:
    """Lengths uniform from `shortest` to `longest` tokens; `answer`: share with a label; `row`: max_length."""

    shortest: int
    longest: int
    answer: float
    row: int


DOCUMENTS = {  # means of 600, 300 and 600 tokens
    1: Documents(shortest=100, longest=1100, answer=1.0, row=1200),
    2: Documents(shortest=100, longest=500, answer=0.15, row=1024),
    3: Documents(shortest=200, longest=1000, answer=0.5, row=1024),
}


@dataclass(frozen=True)
class Rung:
    """One configuration; the defaults are those of SFTTrainer and PEFT. `fast` is this project's trainer."""

    stage: int
    name: str
    packing: bool = False
    checkpointing: bool = True
    fast: bool = False
    compiled: bool = False
    rows: int = 8


PLAIN = Rung(0, "SFTTrainer and PEFT, defaults")
PACKED = replace(PLAIN, name="+ packing", packing=True)
KEPT = replace(PACKED, name="+ no checkpointing", checkpointing=False)
LEAN = replace(KEPT, name="+ lean LoRA and loss, varlen attention", fast=True)
OURS = replace(LEAN, name="+ compiled layers", compiled=True)
LEAN_CHECKPOINTED = replace(LEAN, name="lean loss, varlen attention", checkpointing=True)
WIDE = replace(OURS, name="+ twice the rows", rows=16)
# the most important first: what comes last is left out where time is short
FIRST = {1: (OURS, PLAIN), 2: (OURS,), 3: (replace(OURS, rows=6), replace(OURS, rows=4))}
THEN = {1: (LEAN, KEPT, PACKED, WIDE), 2: (PLAIN, LEAN), 3: (LEAN_CHECKPOINTED, PLAIN)}


def make_rows(rung: Rung, vocab_size: int, steps: int) -> "tuple[datasets.Dataset, list[int]]":
    """Random documents for that many steps, packed where the rung packs, and their lengths in tokens."""
    import datasets
    import numpy as np
    import trl

    documents = DOCUMENTS[rung.stage]
    mean = (documents.shortest + documents.longest) / 2
    count = int((steps + 1) * rung.rows * (documents.row / mean if rung.packing else 1))
    draw = np.random.default_rng(0)
    lengths = draw.integers(documents.shortest, documents.longest, count, endpoint=True).tolist()
    ids = [draw.integers(3, vocab_size, n).tolist() for n in lengths]
    labels = [[IGNORED] * (silent := round(len(row) * (1 - documents.answer))) + row[silent:] for row in ids]
    rows = datasets.Dataset.from_dict({"input_ids": ids, "labels": labels})
    if not rung.packing:
        return rows, lengths
    if rung.stage == 1:
        return trl.pack_dataset(rows, documents.row, "wrapped", {"batch_size": None}), lengths
    return trl.pack_dataset(rows, packed_row(rung), "bfd", {"batch_size": None}), lengths


def packed_row(rung: Rung) -> int:
    """Tokens of a packed row: a whole micro-batch where documents keep apart and are padded once, else max_length."""
    documents = DOCUMENTS[rung.stage]
    return documents.row * (rung.rows if rung.fast and rung.stage > 1 else 1)
