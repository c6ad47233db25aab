"""TAPE (Rao 2019): fluorescence and stability as JSON, one list of records per split.

TAPE's LMDB files of the same records are not read: their values are pickled, and what is pickled can run code.
"""

import json
from collections.abc import Iterator, Mapping

import pyarrow as pa

from dataset_builder.files import File, Sources
from dataset_builder.raw import raw_table
from dataset_builder.rejects import SourceError
from dataset_builder.tasks import Task


def read(task: Task, sources: Sources, names: Mapping[str, str], key: str) -> Iterator[tuple[str, pa.Table]]:
    """One table per split; `line` is the number of the record, from 1.

    Args:
        key: of a record's label, a list of one number; its sequence is `primary`.

    Raises:
        SourceError: not JSON, or no list of records.
    """
    for split, name in names.items():
        for file in sources.find_all(task.id, split, [name]) or ():
            yield split, read_records(file, key)


def read_records(file: File, key: str) -> pa.Table:
    """The records with a sequence and a label; others are rejected."""
    with file.open() as stream:
        try:
            records = json.load(stream)
        except ValueError as error:
            raise SourceError(f"{file}: not JSON ({error}); fetch the file again") from error
    if not isinstance(records, list):
        raise SourceError(f"{file}: not a list of records but {str(records)[:60]!r}; is this a file of TAPE?")
    rows, sequences, values = [], [], []
    for row, record in enumerate(records):
        sequence, value = (record.get("primary"), record.get(key)) if isinstance(record, dict) else (None, None)
        value = value[0] if isinstance(value, list) and len(value) == 1 else value
        if isinstance(sequence, str) and isinstance(value, int | float) and not isinstance(value, bool):
            rows.append(row)
            sequences.append(sequence)
            values.append(float(value))
        else:
            file.reject(row + 1, str(record), f"no record of a string `primary` and a number `{key}`; correct it")
    file.count(len(records))
    file.require_rows()
    places = pa.table({"row": rows, "line": [row + 1 for row in rows]})
    return raw_table(file, places, pa.array(sequences, pa.string()), value=pa.array(values, pa.float64()))
