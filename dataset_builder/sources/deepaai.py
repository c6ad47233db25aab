"""DeepAAI (Zhang 2022): does an antibody neutralise an HIV strain? One workbook of pairs, and index files per split.

Test is the `unseen` part: antibodies that no pair of train or validation has. All of the 20 seeds have the sizes of
Table 2, so the one the paper drew cannot be told; seed 0 is read. The other pairs of the workbook are left out.
"""

import io
import zipfile
from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from dataset_builder.files import File, Sources
from dataset_builder.raw import parted, raw_table
from dataset_builder.rejects import SourceError
from dataset_builder.tasks import Task


WORKBOOK = "dataset_hiv_cls.xlsx"
INDEXES = {
    "train": "seed_0_train_seen_index.npy",
    "validation": "seed_0_valid_seen_index.npy",
    "test": "seed_0_test_unseen_index.npy",
}
COLUMNS = ("antibody_seq", "virus_seq", "label")


def read(task: Task, sources: Sources) -> Iterator[tuple[str, pa.Table]]:
    """The pairs of every split, the antibody first; `line` is the row of the sheet.

    Raises:
        SourceError: the workbook lacks a column, or an index file is no list of rows of the sheet that no other has.
    """
    found = {split: sources.find_all(task.id, split, [WORKBOOK, name]) for split, name in INDEXES.items()}
    files = {split: pair for split, pair in found.items() if pair}
    if not files:
        return
    workbook = next(iter(files.values()))[0].drawn()
    sheet = read_sheet(workbook)
    split = np.full(len(sheet), "", dtype="<U10")
    for name, (_, file) in files.items():
        index = read_index(file, len(sheet))
        if (taken := np.flatnonzero(split[index])).size:
            place = index[taken[0]]
            other = INDEXES[split[place]]
            raise SourceError(f"{file}: row {place} is in {other}, too; fetch the index files of one seed")
        split[index] = name
    workbook.leave_out(sheet.filter(pa.array(split == "")), f"in no index file of {', '.join(files)}")
    pairs = raw_table(workbook, sheet, sheet["antibody_seq"], sequence_2=sheet["virus_seq"], label=sheet["label"])
    yield from parted(pairs, split)


def read_sheet(file: File) -> pa.Table:
    """The three columns of the first sheet, as strings, `row` (from 0) and `line`, the row of the sheet."""
    import openpyxl

    try:
        book = openpyxl.load_workbook(read_bytes(file), read_only=True, data_only=True)
        header, *cells = book.worksheets[0].iter_rows(values_only=True)
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise SourceError(f"{file}: not an Excel workbook with rows ({error}); fetch the file again") from error
    if absent := [name for name in COLUMNS if name not in header]:
        raise SourceError(
            f"{file}: line 1: the header is {header}, without {', '.join(absent)}; is this DeepAAI's file?"
        )
    while cells and not any(cells[-1]):
        cells.pop()
    file.count(len(cells))
    file.require_rows()
    places = [header.index(name) for name in COLUMNS]
    columns = {n: pa.array([text(row[i]) for row in cells], pa.string()) for n, i in zip(COLUMNS, places, strict=True)}
    row = np.arange(len(cells))
    return pa.table(columns | {"row": row, "line": row + 2})


def text(cell: str | float | None) -> str:
    """A cell as the sheet shows it: 1 for the number 1.0, nothing for an empty cell."""
    return "" if cell is None else f"{cell:g}" if isinstance(cell, float) else str(cell)


def read_index(file: File, rows: int) -> np.ndarray:
    """0-based rows of the sheet, int64."""
    try:
        index = np.load(read_bytes(file), allow_pickle=False)
    except (EOFError, ValueError) as error:
        raise SourceError(f"{file}: not a NumPy array of numbers ({error}); fetch the file again") from error
    if index.ndim != 1 or index.dtype.kind not in "iu" or len(np.unique(index)) < len(index):
        raise SourceError(
            f"{file}: {index.dtype} of shape {index.shape}, expected integers in one dimension, none of them twice; "
            "fetch the file again"
        )
    outside = np.flatnonzero((index < 0) | (index >= rows))
    if len(outside):
        raise SourceError(
            f"{file}: entry {outside[0]}: row {index[outside[0]]} is not among the {rows:,} rows of {WORKBOOK} "
            "(0-based); fetch both files from the same version of DeepAAI"
        )
    return index.astype(np.int64)


def read_bytes(file: File) -> io.BytesIO:
    """The content of a file, in memory."""
    with file.open() as stream:
        return io.BytesIO(stream.read())
