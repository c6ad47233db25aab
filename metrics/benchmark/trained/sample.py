"""The rows that a baseline is trained on, chosen on, and answers: so many that they fit memory and minutes."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from dataset_builder.hashing import hash64
from dataset_builder.tags import TAGGED
from dataset_builder.tasks import Task
from dataset_builder.wording import QUESTION_LISTS, read_templates
from metrics.benchmark.data import questions_of
from metrics.benchmark.stored import files_of, paths_of, read_file
from metrics.benchmark.trained.features import Molecules


LETTERS = 25_000_000  # of training sequences
VALIDATION_ROWS = 5_000
COLUMNS = ["id", "subtask", "prompt", "label", "question_id"]
SHOWN = 1_000  # rows that tell how long sequences are


@dataclass(frozen=True)
class Sample:
    """Rows of one split.

    Attributes:
        rows: with the columns COLUMNS.
        molecules: their sequences.
        of: rows that the split has.
    """

    rows: pa.Table
    molecules: Molecules
    of: int


def training_rows(dataset: str, task: Task) -> Sample | None:
    """At most about LETTERS letters of the train split: the rows whose ids hash lowest. None without that split."""
    shown = read(dataset, task, "train", SHOWN)
    if shown is None or shown.of <= SHOWN:
        return shown
    letters = sum(len(sequence) for sequences in shown.molecules for sequence in sequences) / len(shown.rows)
    return read(dataset, task, "train", int(LETTERS / letters))


def validation_rows(dataset: str, task: Task) -> Sample | None:
    """At most VALIDATION_ROWS rows of the validation split, chosen likewise."""
    return read(dataset, task, "validation", VALIDATION_ROWS)


def read(dataset: str, task: Task, split: str, most: int | None = None) -> Sample | None:
    """The `most` rows (None: all) of the split whose ids hash lowest, read file by file; None without rows."""
    paths = paths_of(dataset, files_of(dataset).get(task.id, {}).get(split, []))
    hashes = [hash64(read_file(path, ["id"])["id"], "baselines") for path in paths]
    of = sum(map(len, hashes))
    if not of:
        return None
    limit = np.partition(np.concatenate(hashes), most)[most] if most and most < of else None
    parts = []
    for path, values in zip(paths, hashes, strict=True):
        table = read_file(path, COLUMNS)
        parts.append(table if limit is None else table.filter(pa.array(values < limit)))
    rows = pa.concat_tables(parts)
    return Sample(rows, molecules_of(rows, task), of)


def molecules_of(rows: pa.Table, task: Task) -> Molecules:
    """The sequences of every molecule of the task, in the task's order, from the questions that hold them.

    Of two molecules of one kind the template of the question tells which comes first.
    """
    found = [TAGGED.findall(question) for question in questions_of(rows)]
    if len(set(task.molecules)) == len(task.molecules):
        by_tag = [dict(pairs) for pairs in found]
        return [[row[tag] for row in by_tag] for tag in task.molecules]
    turned = second_first(task)
    ordered = [
        pairs[::-1] if question in turned else pairs
        for pairs, question in zip(found, rows["question_id"].to_pylist(), strict=True)
    ]
    return [[pairs[i][1] for pairs in ordered] for i in range(len(task.molecules))]


def second_first(task: Task) -> set[int]:
    """The ids of questions that name the second molecule before the first."""
    lists = read_templates(task.id)
    templates = [template for name in QUESTION_LISTS if name in lists for template in lists[name]]
    return {one.id for one in templates if one.text.find("{sequence_2}") < one.text.find("{sequence_1}")}
