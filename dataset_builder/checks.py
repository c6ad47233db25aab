"""Raw rows of a source -> rows fit to be rendered; what does not fit is rejected with file, line, value and remedy.

Stated repairs: white space in sequences is dropped; letters become upper case; RNA is written with T, as the paper's
records are; in RNA a letter that is no nucleotide code (a modified residue of a PDB chain) becomes N.
"""

from dataclasses import dataclass
from string import ascii_uppercase

import pyarrow as pa
import pyarrow.compute as pc

from dataset_builder.files import SourceError
from dataset_builder.tasks import Task


ALPHABETS = {"dna": "ACGTRYSWKMBDHVN", "rna": "ACGTRYSWKMBDHVN", "protein": "ACDEFGHIKLMNPQRSTVWYBJOUXZ"}
MODIFIED_RESIDUES = "".join(sorted(set(ascii_uppercase) - set(ALPHABETS["rna"]) - {"U"}))
NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
MAX_REJECTED = 0.01


@dataclass(frozen=True)
class Rejected:
    """A row that is not in the dataset, and why."""

    task: str
    split: str
    file: str
    line: int
    value: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}: line {self.line}: {self.value!r}: {self.reason}"


def accept(raw: pa.Table, task: Task, split: str) -> tuple[pa.Table, list[Rejected]]:
    """Check and type one raw table.

    Args:
        raw: `row` (unique in the split), `subtask`, `sequence`, `sequence_2` (pairs), the label, `file` and `line`.
            The label is the string column `label` (binary: 0, 1, positive or negative; multilabel: comma separated,
            empty for none), or for regression a column of numbers or strings named as each of the task's fields.

    Returns:
        The good rows: `id`, `task`, `subtask`, `sequence` (and `sequence_2`), and `label` (bool, string,
        list<string>, or struct of float64 rounded to the field's decimals); and what was rejected.

    Raises:
        SourceError: more than 1% of the rows are bad, so the file is probably not what it should be.
    """
    columns: dict[str, pa.ChunkedArray | pa.Array] = {}
    faults: list[tuple[pa.ChunkedArray | pa.Array, pa.ChunkedArray | pa.Array, str]] = []  # (bad?, value, reason)
    names = ("sequence", "sequence_2")[: len(task.molecules)]
    for name, molecule in zip(names, task.molecules, strict=True):
        columns[name] = normalise(raw[name], molecule)
        alphabet = ALPHABETS[molecule]
        bad = pc.invert(pc.match_substring_regex(columns[name], f"^[{alphabet}]+$"))
        faults.append((bad, raw[name], f"not a {molecule} sequence (letters {alphabet}); correct or remove the row"))
    columns["label"], label_faults = read_label(raw, task)
    faults += label_faults
    if task.subtasks:
        bad = pc.invert(pc.is_in(raw["subtask"], pa.array(task.subtasks)))
        faults.append((bad, raw["subtask"], f"unknown sub-task, expected one of {', '.join(task.subtasks)}"))

    keep = pa.repeat(True, len(raw))
    rejected = []
    for bad, values, reason in faults:
        bad = pc.fill_null(bad, True)
        for i in pc.indices_nonzero(pc.and_(bad, keep)).to_pylist():
            place = (raw["file"][i].as_py(), raw["line"][i].as_py(), str(values[i].as_py())[:80])
            rejected.append(Rejected(task.id, split, *place, reason))
        keep = pc.and_(keep, pc.invert(bad))
    ids = pc.binary_join_element_wise(f"{task.id}/{split}", raw["row"], "/")
    good = pa.table({"id": ids, "task": pa.repeat(task.id, len(raw)), "subtask": raw["subtask"], **columns})
    return good.filter(keep), rejected


def require_few_rejected(task_id: str, split: str, rejected: list[Rejected], rows_read: int) -> None:
    """SourceError if more than 1% of a split's rows are bad, so that the file is probably not what it should be."""
    if len(rejected) > MAX_REJECTED * rows_read:
        raise SourceError(
            f"{rejected[0]}\n{len(rejected):,} of {rows_read:,} {task_id}/{split} rows are unusable, more than "
            f"{MAX_REJECTED:.0%}: is this the upstream file? Nothing was written"
        )


def normalise(sequences: pa.ChunkedArray, molecule: str) -> pa.ChunkedArray:
    """Upper case, no white space; RNA in T letters with N for modified residues."""
    clean = pc.replace_substring_regex(pc.ascii_upper(sequences), r"\s+", "")
    if molecule == "rna":
        clean = pc.replace_substring(clean, "U", "T")
        clean = pc.replace_substring_regex(clean, f"[{MODIFIED_RESIDUES}]", "N")
    return clean


def read_label(raw: pa.Table, task: Task) -> tuple[pa.Array | pa.ChunkedArray, list[tuple]]:
    """The typed label column and its faults as (bad, value, reason); a bad label is null or out of range."""
    if task.kind == "regression":
        return read_numbers(raw, task)
    label = raw["label"]
    if task.kind == "binary":
        positive = pc.is_in(label, pa.array(["1", "positive"]))
        bad = pc.invert(pc.is_in(label, pa.array(["0", "1", "negative", "positive"])))
        return positive, [(bad, label, "the label of a binary task is 0 or 1; correct or remove the row")]
    if task.kind == "multiclass":
        bad = pc.invert(pc.is_in(label, pa.array(task.classes)))
        return label, [(bad, label, f"unknown class, expected one of {', '.join(task.classes)}")]
    one = "|".join(task.classes) if task.classes else r"\d+\.(\d+|-)\.(\d+|-)\.(n?\d+|-)"
    bad = pc.invert(pc.match_substring_regex(label, f"^(({one})(,({one}))*){'?' if task.classes else ''}$"))
    reason = f"expected a comma list of {', '.join(task.classes) or 'EC numbers such as 1.2.3.4 or 1.2.3.-'}"
    parts = pc.split_pattern(label, ",")
    empty = pa.array([[]], type=pa.list_(pa.string()))[0]
    return pc.if_else(pc.equal(label, ""), empty, parts), [(bad, label, reason)]


def read_numbers(raw: pa.Table, task: Task) -> tuple[pa.StructArray, list[tuple]]:
    """Regression labels as a struct of float64, rounded to each field's decimals, and their faults."""
    numbers, faults = [], []
    for field in task.fields:
        values = raw[field.name]
        if pa.types.is_string(values.type):
            stripped = pc.utf8_trim_whitespace(values)
            number = pc.if_else(pc.match_substring_regex(stripped, NUMBER), stripped, None).cast(pa.float64())
        else:
            number = values.cast(pa.float64())
        inside = pc.and_(pc.greater_equal(number, field.low), pc.less_equal(number, field.high))
        reason = (
            f"{field.name} must be a number from {field.low} to {field.high} ({field.unit}); check unit and column"
        )
        faults.append((pc.invert(pc.fill_null(inside, False)), values, reason))
        rounded = pc.round(number, field.decimals).combine_chunks()
        numbers.append(pc.add(rounded, 0.0))  # no -0.0
    return pa.StructArray.from_arrays(numbers, [field.name for field in task.fields]), faults
