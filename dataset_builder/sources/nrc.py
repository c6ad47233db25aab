"""nRC (Fiannaca 2017): Rfam sequences of 13 families of non-coding RNA, 6,320 to train on and 2,600 to test on.

The paper's 5,670 + 650 are the 6,320 with 50 of each class held out; its 4,840 test rows are in no file of nRC.
"""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from dataset_builder.files import File, Missing, Sources
from dataset_builder.hashing import split_by_hash
from dataset_builder.raw import parted, raw_table, sequence_keys
from dataset_builder.tasks import Task
from dataset_builder.text import read_fasta


DEVELOPMENT = "dataset_Rfam_6320_13classes.fasta"
TEST = "dataset_Rfam_validated_2600_13classes.fasta"
VALIDATION_PER_CLASS = 50


def read(task: Task, sources: Sources) -> Iterator[tuple[str, pa.Table]]:
    """Train and validation from the file of 6,320, test from that of 2,600."""
    if file := sources.find(task.id, DEVELOPMENT):
        table = read_records(file)
        yield from parted(table, draw(sequence_keys(table, task), table["label"].to_numpy(), task.id))
    else:
        sources.missing += [Missing(task.id, name, (DEVELOPMENT,)) for name in ("train", "validation")]
    if files := sources.find_all(task.id, "test", [TEST]):
        yield "test", read_records(files[0])


def read_records(file: File) -> pa.Table:
    """The records of one file; a row is a record's 0-based number, its label the last word of the header."""
    records = list(read_fasta(file))
    file.count(len(records))
    file.require_rows()
    headers, sequences, lines = zip(*records, strict=True)
    label = pa.array([(header.split() or [""])[-1] for header in headers])
    rows = pa.table({"row": np.arange(len(records)), "line": lines})
    return raw_table(file, rows, pa.array(sequences, pa.string()), label=label)


def draw(keys: pa.ChunkedArray, classes: np.ndarray, salt: str) -> np.ndarray:
    """train or validation for every record: of each class the 50 that hash lowest, at most a fifth, are validation."""
    split = np.full(len(classes), "train", dtype="<U10")
    for name in np.unique(classes):
        members = np.flatnonzero(classes == name)
        held_out = min(VALIDATION_PER_CLASS, len(members) // 5)
        sizes = (len(members) - held_out, held_out, 0)
        split[members] = split_by_hash(keys.take(pa.array(members)), sizes, salt)
    return split
