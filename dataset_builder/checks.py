"""Raw rows of a source -> rows fit to be rendered; what does not fit is rejected with file, line, value and remedy.

Stated repairs (those of whole files are in text.py and delimited.py):
- sequences: white space is dropped; letters become upper case; RNA is written with T, as the paper's records are; in
  RNA a letter that is no nucleotide code (a modified residue of a PDB chain) becomes N;
- labels: white space around them, and around the commas of a list, is dropped; 0.0 and 1.0 are the labels 0 and 1.

Stated rejects: an empty sequence; any other character in a sequence (digits, gaps, stops, NUL, letters that are not
ASCII); a label that is empty, is not one of the task's, is no number, is not finite, or is out of the field's range;
an unknown sub-task. A header line that is repeated inside a file is such a row. A row whose `left_out` names a rule is
rejected for that rule, which does not count towards the 1% of malformed rows that a file may have.
"""

import re
from collections.abc import Callable, Iterator
from string import ascii_lowercase, ascii_uppercase
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dataset_builder.rejects import SHOWN_CHARACTERS, Rejected
from dataset_builder.rejects import require_few_rejected as require_few_rejected
from dataset_builder.tasks import Field, Task


ALPHABETS = {"dna": "ACGTRYSWKMBDHVN", "rna": "ACGTRYSWKMBDHVN", "protein": "ACDEFGHIKLMNPQRSTVWYBJOUXZ"}
MODIFIED_RESIDUES = "".join(sorted(set(ascii_uppercase) - set(ALPHABETS["rna"]) - {"U"}))
NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
EC_NUMBER = re.compile(r"[1-9]\d*\.(-\.-\.-|\d+\.(-\.-|\d+\.(-|n?\d+)))", re.ASCII)
POLARITY = {"negative": False, "positive": True}
WRONG, SPACE = "!", " "  # what other characters and white space become while letters are spelled


class Fault(NamedTuple):
    """Rows that cannot be used: whether each is one, the values that show it, and why."""

    bad: pa.Array
    values: pa.Array
    reason: str


def accept(raw: pa.Table, task: Task, split: str) -> tuple[pa.Table, list[Rejected]]:
    """Check and type one raw table.

    Args:
        raw: `row` (unique in the split), `subtask`, `sequence`, `sequence_2` (pairs), the label, `file` and `line`.
            The label is the string column `label` (binary: 0, 1, positive or negative; multilabel: comma separated,
            empty for none), or for regression a column of numbers or strings named as each of the task's fields.
            Perhaps `left_out`: the rule that leaves a row out, empty for the others.

    Returns:
        The good rows: `id`, `task`, `subtask`, `sequence` (and `sequence_2`), and `label` (bool, string,
        list<string>, or struct of float64 rounded to the field's decimals); and what was rejected.
    """
    rejected: list[Rejected] = []
    if "left_out" in raw.column_names:
        left_out = pc.not_equal(raw["left_out"], "")
        rows = raw.filter(left_out)
        rejected += rejects(rows, rows["row"], rows["left_out"].to_pylist(), task, split, malformed=False)
        raw = raw.filter(pc.invert(left_out))

    columns, faults = {}, []
    for name, molecule in zip(("sequence", "sequence_2"), task.molecules, strict=False):
        columns[name], wrong = spell(raw[name], molecule)
        reason = f"not a {molecule} sequence (letters {ALPHABETS[molecule]}); correct or remove the row"
        faults.append(Fault(wrong, raw[name], reason))
    columns["label"], label_faults = read_label(raw, task)
    faults += label_faults
    if task.subtasks:
        unknown = pc.invert(pc.is_in(raw["subtask"], pa.array(task.subtasks)))
        reason = f"unknown sub-task, expected one of {', '.join(task.subtasks)}"
        faults.append(Fault(unknown, raw["subtask"], reason))

    ids = pc.binary_join_element_wise(f"{task.id}/{split}", raw["row"], "/")
    good = pa.table({"id": ids, "task": pa.repeat(task.id, len(raw)), "subtask": raw["subtask"], **columns})
    keep = np.ones(len(raw), dtype=bool)
    for bad, values, reason in faults:
        first = pc.fill_null(bad, True).to_numpy(zero_copy_only=False) & keep  # one reason per row
        if first.any():
            chosen = pa.array(np.flatnonzero(first))
            rejected += rejects(raw.take(chosen), values.take(chosen), [reason] * len(chosen), task, split)
            keep &= ~first
    return good if keep.all() else good.filter(pa.array(keep)), rejected


def rejects(
    rows: pa.Table, values: pa.Array, reasons: list[str], task: Task, split: str, *, malformed: bool = True
) -> Iterator[Rejected]:
    """One Rejected per row."""
    places = zip(rows["file"].to_pylist(), rows["line"].to_pylist(), values.to_pylist(), reasons, strict=True)
    for file, line, value, reason in places:
        yield Rejected(task.id, split, file, line, str(value)[:SHOWN_CHARACTERS], reason, malformed)


def spelling(molecule: str) -> bytes:
    """For each byte what it becomes in a sequence: a letter of the alphabet, SPACE or WRONG."""
    table = bytearray(WRONG.encode() * 256)
    for letter in ALPHABETS[molecule]:
        table[ord(letter)] = ord(letter)
    if molecule == "rna":
        table[ord("U")] = ord("T")
        for letter in MODIFIED_RESIDUES:
            table[ord(letter)] = ord("N")
    for upper, lower in zip(ascii_uppercase, ascii_lowercase, strict=True):
        table[ord(lower)] = table[ord(upper)]
    for space in b" \t\n\r\v\f":
        table[space] = ord(SPACE)
    return bytes(table)


SPELLINGS = {molecule: spelling(molecule) for molecule in ALPHABETS}


def spell(sequences: pa.ChunkedArray, molecule: str) -> tuple[pa.ChunkedArray, pa.Array]:
    """Sequences in the letters of their alphabet, and whether each holds anything else or nothing at all.

    All letters of a table are spelled in one pass over its bytes; rows are looked at only if that finds something.
    """
    chunks, spaces, wrong = [], False, False
    for chunk in filter(len, sequences.chunks):
        _, offsets, data = chunk.buffers()
        ends = np.frombuffer(offsets, np.int32)[chunk.offset : chunk.offset + len(chunk) + 1]
        letters = memoryview(data)[ends[0] : ends[-1]].tobytes() if data else b""
        letters = letters.translate(SPELLINGS[molecule])
        spaces, wrong = spaces or SPACE.encode() in letters, wrong or WRONG.encode() in letters
        array = pa.StringArray.from_buffers(len(chunk), pa.py_buffer(ends - ends[0]), pa.py_buffer(letters))
        chunks.append(pc.if_else(chunk.is_valid(), array, None) if chunk.null_count else array)
    spelled = pa.chunked_array(chunks, pa.string())
    if spaces:
        spelled = pc.replace_substring(spelled, SPACE, "")
    bad = pc.equal(pc.binary_length(spelled), 0)
    if wrong:
        bad = pc.or_(bad, pc.match_substring(spelled, WRONG))
    return spelled, bad


def read_label(raw: pa.Table, task: Task) -> tuple[pa.Array | pa.ChunkedArray, list[Fault]]:
    """The typed label column and its faults; a bad label is null or out of range."""
    if task.kind == "regression":
        numbers, faults = zip(*(read_numbers(raw[field.name], field) for field in task.fields), strict=True)
        return pa.StructArray.from_arrays(numbers, [field.name for field in task.fields]), list(faults)
    if task.kind == "binary":
        label = by_distinct(raw["label"], read_polarity, pa.bool_())
        expected = "the label of a binary task is 0 or 1; correct or remove the row"
    elif task.kind == "multiclass":
        label = by_distinct(raw["label"], {name: name for name in task.classes}.get, pa.string())
        expected = f"unknown class, expected one of {', '.join(task.classes)}"
    else:
        label = by_distinct(raw["label"], lambda text: read_list(text, task.classes), pa.list_(pa.string()))
        expected = f"expected a comma list of {', '.join(task.classes) or 'EC numbers such as 1.2.3.4 or 1.2.3.-'}"
    return label, [Fault(pc.is_null(label), raw["label"], expected)]


def by_distinct(texts: pa.ChunkedArray, read: Callable[[str], object], type_: pa.DataType) -> pa.Array:
    """What `read` makes of every text: few are distinct, so it is called once for each of these."""
    known = pc.dictionary_encode(texts.combine_chunks())
    values = pa.array([read(text.strip()) for text in known.dictionary.to_pylist()], type_)
    return values.take(known.indices)


def read_polarity(text: str) -> bool | None:
    """Whether a binary label is positive; None where it is no label."""
    if text in POLARITY:
        return POLARITY[text]
    number = float(text) if text.isascii() and re.match(NUMBER, text) else None
    return {0: False, 1: True}.get(number)


def read_list(text: str, classes: tuple[str, ...]) -> list[str] | None:
    """The labels of a comma list, each one of the classes or, where there are none, an EC number; else None."""
    parts = [part.strip() for part in text.split(",")] if text else []
    good = all(part in classes if classes else EC_NUMBER.fullmatch(part) for part in parts)
    return parts if good and (parts or classes) else None


def read_numbers(values: pa.ChunkedArray, field: Field) -> tuple[pa.Array, Fault]:
    """A regression label as float64, rounded to the field's decimals, and which values are no number in its range."""
    values = values.combine_chunks()
    if pa.types.is_string(values.type):
        texts = pc.utf8_trim_whitespace(values)
        try:
            numbers = texts.cast(pa.float64())
        except pa.ArrowInvalid:  # some are none
            numbers = pc.if_else(pc.match_substring_regex(texts, NUMBER), texts, None).cast(pa.float64())
    else:
        numbers = values.cast(pa.float64())
    inside = pc.and_(pc.greater_equal(numbers, field.low), pc.less_equal(numbers, field.high))
    reason = f"{field.name} must be a number from {field.low} to {field.high} ({field.unit}); check unit and column"
    rounded = pc.add(pc.round(numbers, field.decimals), 0.0)  # no -0.0
    return rounded, Fault(pc.invert(pc.fill_null(inside, False)), values, reason)
