"""DeepAAI (Zhang 2022): does an antibody neutralise an HIV strain? One workbook of pairs, and index files per split.

Test is the `unseen` part: antibodies that no pair of train or validation has. All of the 20 seeds have the sizes of
Table 2, so the one the paper drew cannot be told; seed 0 is read.
"""

import gzip
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from dataset_builder.files import SourceError, Sources, explained, is_gzip
from dataset_builder.raw import data_row, raw_table
from dataset_builder.tasks import Task


WORKBOOK = "dataset_hiv_cls.xlsx"
INDEXES = {
    "train": "seed_0_train_seen_index.npy",
    "validation": "seed_0_valid_seen_index.npy",
    "test": "seed_0_test_unseen_index.npy",
}
COLUMNS = ("antibody_seq", "virus_seq", "label")


def read(task: Task, sources: Sources) -> Iterator[tuple[str, pa.Table]]:
    """One table per split, the antibody first; `line` is the row of the sheet.

    Raises:
        SourceError: the workbook lacks a column, or an index file is no list of distinct rows of the sheet.
    """
    found = {split: sources.find_all(task.id, split, [WORKBOOK, name]) for split, name in INDEXES.items()}
    if not any(found.values()):
        return
    sheet = read_sheet(next(paths[0] for paths in found.values() if paths))
    for split, paths in found.items():
        if paths:
            index = read_index(paths[1], len(sheet))
            pairs, line = sheet.take(pa.array(index)), pa.array(index + 2)
            columns = (data_row(line), line, pairs["antibody_seq"])
            yield split, raw_table(paths[0], sources, *columns, sequence_2=pairs["virus_seq"], label=pairs["label"])


def read_sheet(path: Path) -> pa.Table:
    """The three columns of the first sheet, as strings; row i of the table is row i + 2 of the sheet."""
    import openpyxl

    try:
        book = openpyxl.load_workbook(read_bytes(path), read_only=True, data_only=True)
        header, *rows = book.worksheets[0].iter_rows(values_only=True)
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise SourceError(f"{path}: not an Excel workbook with rows ({error}); fetch the file again") from error
    if absent := [name for name in COLUMNS if name not in header]:
        raise SourceError(
            f"{path}: line 1: the header is {header}, without {', '.join(absent)}; is this DeepAAI's file?"
        )
    places = [header.index(name) for name in COLUMNS]
    return pa.table(
        {name: pa.array([text(row[i]) for row in rows], pa.string()) for name, i in zip(COLUMNS, places, strict=True)}
    )


def text(cell: str | float | None) -> str:
    """A cell as the sheet shows it: 1 for the number 1.0, nothing for an empty cell."""
    return "" if cell is None else f"{cell:g}" if isinstance(cell, float) else str(cell)


def read_index(path: Path, rows: int) -> np.ndarray:
    """0-based rows of the sheet, int64."""
    try:
        index = np.load(read_bytes(path), allow_pickle=False)
    except (EOFError, ValueError) as error:
        raise SourceError(f"{path}: not a NumPy array of numbers ({error}); fetch the file again") from error
    if index.ndim != 1 or index.dtype.kind not in "iu" or len(np.unique(index)) < len(index):
        raise SourceError(
            f"{path}: {index.dtype} of shape {index.shape}, expected integers in one dimension, none of them twice; "
            "fetch the file again"
        )
    outside = np.flatnonzero((index < 0) | (index >= rows))
    if len(outside):
        raise SourceError(
            f"{path}: entry {outside[0]}: row {index[outside[0]]} is not among the {rows:,} rows of {WORKBOOK} "
            "(0-based); fetch both files from the same version of DeepAAI"
        )
    return index.astype(np.int64)


def read_bytes(path: Path) -> io.BytesIO:
    """The content of a plain or gzipped file."""
    with explained(path):
        content = path.read_bytes()
        return io.BytesIO(gzip.decompress(content) if is_gzip(path) else content)
