"""SaProt's copy (Su 2024) of FLIP's human-cell split: an LMDB database per split, whose values are JSON.

Key `length` has the number of records, keys 0, 1, … the records: `seq` and `fitness`, the melting temperature in °C.
In SaProt's structure-aware spelling each residue is followed by a lower-case letter or #, which is dropped.
"""

import json
import re
from collections.abc import Iterator

import pyarrow as pa

from dataset_builder.files import File, Sources
from dataset_builder.raw import raw_table
from dataset_builder.rejects import SourceError
from dataset_builder.tasks import Task


FILES = {
    "train": "Thermostability/normal/train/data.mdb",
    "validation": "Thermostability/normal/valid/data.mdb",
    "test": "Thermostability/normal/test/data.mdb",
}
STRUCTURE_AWARE = re.compile(r"([A-Z#][a-z#])+")


def read(task: Task, sources: Sources) -> Iterator[tuple[str, pa.Table]]:
    """One table per split; `line` is the number of the record, from 1."""
    for split, name in FILES.items():
        for file in sources.find_all(task.id, split, [name]) or ():
            yield split, read_database(file)


def read_database(file: File) -> pa.Table:
    """The records with a sequence and a number; others are rejected.

    Raises:
        SourceError: no LMDB database, one without `length`, or one that is packed, which cannot be mapped into memory.
    """
    import lmdb

    if file.member or file.path.suffix == ".gz":
        raise SourceError(f"{file}: an LMDB database is read from a file of its own; unpack it")
    try:
        with (
            lmdb.open(str(file.path), subdir=False, readonly=True, lock=False) as database,
            database.begin() as reader,
        ):
            count = int(reader.get(b"length"))
            values = [reader.get(str(i).encode()) for i in range(count)]
    except (lmdb.Error, TypeError, ValueError) as error:
        raise SourceError(f"{file}: no LMDB database with a key `length` ({error}); fetch the file again") from error
    rows, sequences, temperatures = [], [], []
    for row, value in enumerate(values):
        sequence, temperature = parsed(value)
        if sequence is None:
            file.reject(row + 1, repr(value), "no JSON record of a string `seq` and a number `fitness`")
        else:
            rows.append(row)
            sequences.append(sequence[::2] if STRUCTURE_AWARE.fullmatch(sequence) else sequence)
            temperatures.append(temperature)
    file.count(count)
    file.require_rows()
    places = pa.table({"row": rows, "line": [row + 1 for row in rows]})
    return raw_table(file, places, pa.array(sequences, pa.string()), value=pa.array(temperatures, pa.float64()))


def parsed(value: bytes | None) -> tuple[str, float] | tuple[None, None]:
    """`seq` and `fitness` of a record; None where it has not both."""
    try:
        record = json.loads(value)
        return str(record["seq"]), float(record["fitness"])
    except (KeyError, TypeError, ValueError):
        return None, None
