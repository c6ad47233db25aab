"""MultiRM (Song 2021): twelve RNA modifications at the middle of a sequence, as BEACON's CSV files or MultiRM's HDF5.

BEACON has the middle 101 nt, and of MultiRM's 1,001 the same are cut out. Two layouts of BEACON's files are in use: a
header `sequence,label` with twelve flags in the label, or no header and a column per flag. The twelve flags are in
MultiRM's order, which is that of the task's classes: hTm is Um, Atol is A-to-I.

data_12RM.h5 holds pandas tables. They are read as plain arrays, never through pandas, which would run what is pickled
in them: the one-hot ones, or those of nucleotides if they are stored as characters.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dataset_builder.delimited import csv_tables
from dataset_builder.files import File, Sources
from dataset_builder.raw import Column, numbered, raw_table
from dataset_builder.rejects import SourceError
from dataset_builder.sources import beacon
from dataset_builder.tasks import Task
from dataset_builder.text import first_line


if TYPE_CHECKING:
    import h5py

FOLDER = "Modification"
HDF5 = "data_12RM.h5"
TABLES = {"train": "train", "validation": "valid", "test": "test"}
FLAGS = ("hAm", "hCm", "hGm", "hTm", "hm1A", "hm5C", "hm5U", "hm6A", "hm6Am", "hm7G", "hPsi", "Atol")
LENGTH = 101
ROWS_PER_READ = 8_192


def read(task: Task, sources: Sources) -> Iterator[tuple[str, pa.Table]]:
    """The rows of every split, in blocks: from its CSV file where that is there, else from the HDF5 file."""
    for split, name in beacon.FILES.items():
        names = [f"{FOLDER}/{name}"]
        if not sources.has(task.id, names) and (hdf5 := sources.find(task.id, HDF5)):
            yield from read_hdf5(replace(hdf5, split=split), task)
        else:
            for file in sources.find_all(task.id, split, names) or ():
                yield from read_beacon(file, task)


def read_beacon(file: File, task: Task) -> Iterator[tuple[str, pa.Table]]:
    """Either layout, told by the first line."""
    fields = first_line(file).split(",")
    if len(fields) == 1 + len(FLAGS):
        header = not set(fields[1:]) <= {"0", "1"}
        for rows in csv_tables(file, ["sequence", *FLAGS], names=("sequence", *FLAGS), header=header):
            flags = pc.binary_join_element_wise(*(rows[name] for name in FLAGS), " ")
            yield file.split, raw_table(file, rows, rows["sequence"], label=named(flags, task.classes))
    else:
        for rows in csv_tables(file, ["sequence", "label"]):
            yield file.split, raw_table(file, rows, rows["sequence"], label=named(rows["label"], task.classes))


def named(flags: Column, classes: tuple[str, ...]) -> pa.Array:
    """The modifications of each row's flags; few combinations are distinct."""
    known = pa.chunked_array(flags).combine_chunks().dictionary_encode()
    names = [modifications(text, classes) for text in known.dictionary.to_pylist()]
    return pa.array(names, pa.string()).take(known.indices)


def modifications(flags: str, classes: tuple[str, ...]) -> str:
    """`0 1 … 1` -> the names of the ones, comma separated; what is not a 0 or 1 per class is left for rejection."""
    each = flags.split()
    if len(each) != len(classes) or set(each) - {"0", "1"}:
        return f"not {len(classes)} times 0 or 1: {flags}"
    return ",".join(name for name, flag in zip(classes, each, strict=True) if flag == "1")


def read_hdf5(file: File, task: Task) -> Iterator[tuple[str, pa.Table]]:
    """One split of data_12RM.h5; `line` is the number of the row in its table, from 1.

    Raises:
        SourceError: no HDF5 file, or tables that are not MultiRM's.
    """
    import h5py

    name = TABLES[file.split]
    with file.open() as stream, h5py.File(stream, "r") as tables:
        sequences, flags = sequence_reader(file, tables, name), numbers(file, tables, f"{name}_out")
        columns = [text.decode().strip() for text in tables[f"{name}_out"]["block0_items"][:]]
        if sorted(columns) != sorted(FLAGS):
            raise SourceError(f"{file}: {name}_out has the columns {', '.join(columns)}, expected {', '.join(FLAGS)}")
        order = [columns.index(flag) for flag in FLAGS]
        for start in range(0, len(flags), ROWS_PER_READ):
            part = slice(start, min(start + ROWS_PER_READ, len(flags)))
            distinct, which = np.unique(flags[part][:, order], axis=0, return_inverse=True)
            texts = pa.array([" ".join(f"{flag:g}" for flag in row) for row in distinct]).take(pa.array(which))
            file.count(part.stop - start)
            rows = numbered(start, part.stop)
            yield file.split, raw_table(file, rows, sequences(part), label=named(texts, task.classes))
        file.require_rows()


def sequence_reader(file: File, tables: "h5py.File", name: str) -> Callable[[slice], pa.Array]:
    """A function that reads the sequences of some rows: their middle 101 nt."""
    import h5py

    letters, rows = tables.get(f"{name}_in_nucleo/table"), len(numbers(file, tables, f"{name}_out"))
    if isinstance(letters, h5py.Dataset) and letters.dtype["values_block_0"].base == np.dtype("S1"):
        cells = letters.fields("values_block_0")
        width, per_nucleotide, decode = letters.dtype["values_block_0"].shape[0], 1, characters
    else:
        cells, decode, per_nucleotide = numbers(file, tables, f"{name}_in"), one_hot, 4
        width = cells.shape[1] // per_nucleotide
    if len(cells) != rows:
        raise SourceError(f"{file}: {len(cells):,} sequences and {rows:,} rows of {name}_out; fetch the file again")
    first = max(0, (width - LENGTH) // 2)
    middle = slice(first * per_nucleotide, (first + LENGTH) * per_nucleotide)
    if decode is characters:
        return lambda part: decode(cells[part][:, middle])
    return lambda part: decode(cells[part, middle])


def numbers(file: File, tables: "h5py.File", key: str) -> "h5py.Dataset":
    """The values of a pandas table of numbers in the `fixed` format: rows by columns."""
    import h5py

    values = tables.get(f"{key}/block0_values")
    if not isinstance(values, h5py.Dataset) or values.ndim != 2 or values.dtype.kind not in "iuf":
        raise SourceError(
            f"{file}: {key} is no pandas table of numbers; is this MultiRM's data_12RM.h5? BEACON's files of the same "
            f"rows are read, too: {FOLDER}/{{train,val,test}}.csv"
        )
    return values


def one_hot(cells: np.ndarray) -> pa.Array:
    """Four columns a nucleotide, A, C, G, T -> sequences; four equal ones are N, what else is no one-hot row `?`."""
    cells = cells.reshape(len(cells), -1, 4)
    hot = (cells.max(axis=2) == 1) & (cells.sum(axis=2) == 1)
    even = (cells == cells[:, :, :1]).all(axis=2)
    return spelled(np.frombuffer(b"ACGTN?", np.uint8)[np.where(hot, cells.argmax(axis=2), np.where(even, 4, 5))])


def characters(cells: np.ndarray) -> pa.Array:
    """A character a nucleotide -> sequences; `-`, which MultiRM has beyond the ends of a transcript, is N."""
    return spelled(np.where(cells == b"-", b"N", cells).view(np.uint8).reshape(cells.shape))


def spelled(letters: np.ndarray) -> pa.Array:
    """Rows of ASCII codes (uint8) as strings."""
    rows, length = letters.shape
    ends = np.arange(rows + 1, dtype=np.int32) * np.int32(length)
    return pa.StringArray.from_buffers(rows, pa.py_buffer(ends), pa.py_buffer(np.ascontiguousarray(letters)))
