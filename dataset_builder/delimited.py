"""Delimited files in tables of strings, streamed; every line that is not blank is a row of a table or a reject.

Stated repairs, besides those of text.py: columns are found by their names, in any order, white space around a name
dropped; quoted fields lose their quotes. A line with a wrong number of fields or with unbalanced quotes is rejected.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from dataset_builder.files import File, Sources
from dataset_builder.rejects import SourceError
from dataset_builder.text import line_blocks


ROWS_PER_TABLE = 50_000
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
LONGEST_FIELD = 2**31 - 1  # Python's csv takes 131,072 by default, less than some transcripts have


@dataclass(frozen=True)
class Layout:
    """The wanted columns of a delimited file as places among all of its columns."""

    delimiter: str
    columns: int
    places: dict[str, int]


class Fault(NamedTuple):
    """A row that cannot be read: its number in a block, from 0, its text, and what is wrong."""

    row: int
    text: str
    reason: str


def csv_tables(
    file: File, columns: Sequence[str], *, names: Sequence[str] = (), header: bool = True, delimiter: str = ","
) -> Iterator[pa.Table]:
    """The wanted columns as strings, `row` (int64, from 0) and `line` (int32, from 1), at most 50,000 rows at once.

    The rows are counted in `file`, those that cannot be read are rejected there.

    Args:
        names: of all columns, where the file does not name them as we do: then they are found by their places.
        header: whether a header line comes first.

    Raises:
        SourceError: the header is not that of the columns, there is no row, more than 1% of the lines are malformed.
    """
    layout = None if header else Layout(delimiter, len(names), {name: names.index(name) for name in columns})
    row = 0
    for line, block in line_blocks(file):
        if layout is None:
            blank = len(block) - len(block.lstrip(b"\n"))
            line, block = line + blank, block[blank:]
            if not block:
                continue
            text, _, block = block.partition(b"\n")
            layout, line = read_header(file, line, text.decode(), columns, names, delimiter), line + 1
        table, faults, rows = parse(block, layout)
        for fault in faults:
            file.reject(line + fault.row, fault.text, f"{fault.reason}; correct the line or fetch the file again")
        file.count(rows)
        places = {"row": pc.add(table["row"], row), "line": pc.add(table["line"], line).cast(pa.int32())}
        table = pa.table({name: table[name] for name in columns} | places)
        row += rows
        for start in range(0, len(table), ROWS_PER_TABLE):
            yield table.slice(start, ROWS_PER_TABLE)
    file.require_rows()


def read_csv(file: File, columns: Sequence[str], **options) -> pa.Table:
    """All of `csv_tables` as one table; a SourceError where no line can be read."""
    return pa.concat_tables(csv_tables(file, columns, **options))


def read_lookup(file: File, columns: Sequence[str], **options) -> pa.Table:
    """As `read_csv`, of a file that holds no rows of the task: it is not counted, and a malformed line is an error."""
    apart = replace(file, sources=Sources(file.sources.root))
    table = read_csv(apart, columns, **options)
    if apart.sources.rejected:
        raise SourceError(str(apart.sources.rejected[0]))
    return table


def read_header(
    file: File, line: int, text: str, columns: Sequence[str], names: Sequence[str], delimiter: str
) -> Layout:
    """Where the columns are; by their places if `names` are given, which the header need not use."""
    found = [name.strip() for name in next(csv.reader([text], delimiter=delimiter), [])]
    shown = f"{file}: line {line}: the header is {text[:200]!r}"
    if names:
        if len(found) != len(names):
            raise SourceError(f"{shown}: {len(found)} fields, expected {len(names)}: {', '.join(names)}")
        if any(NUMBER.fullmatch(found[names.index(name)]) for name in columns):
            raise SourceError(f"{shown}: a number, expected a header; add the line")
        found = list(names)
    for name in columns:
        if found.count(name) != 1:
            fault = "twice" if name in found else "not there"
            raise SourceError(
                f"{shown}, expected the columns {', '.join(columns)}: {name} is {fault}; "
                "is this the upstream file, with its header?"
            )
    return Layout(delimiter, len(found), {name: found.index(name) for name in columns})


def parse(block: bytes, layout: Layout) -> tuple[pa.Table, list[Fault], int]:
    """The columns of a block of whole lines with `row` and `line`, both from 0; its faults by line; all its rows."""
    read = parse_quoted if b'"' in block else parse_plain
    table, faults = read(block, layout)
    rows = len(table) + len(faults)
    line_of_row = np.arange(rows)
    if rows < np.count_nonzero(np.frombuffer(block, np.uint8) == ord("\n")):
        lines = block.split(b"\n")[:-1]
        line_of_row = np.flatnonzero([bool(line) for line in lines])
        table, faults = read(b"".join(line + b"\n" for line in lines if line), layout)
    good = np.delete(np.arange(rows), [fault.row for fault in faults])
    table = table.append_column("row", pa.array(good)).append_column("line", pa.array(line_of_row[good]))
    return table, [fault._replace(row=int(line_of_row[fault.row])) for fault in faults], rows


def parse_plain(block: bytes, layout: Layout) -> tuple[pa.Table, list[Fault]]:
    """Lines without quotes; blank ones are passed over."""
    if not block.strip(b"\n"):
        return pa.table({name: pa.array([], pa.string()) for name in layout.places}), []
    wrong: list[pa.csv.InvalidRow] = []
    every = [str(place) for place in range(layout.columns)]
    wanted = [str(place) for place in layout.places.values()]
    table = pa.csv.read_csv(
        pa.BufferReader(block),
        pa.csv.ReadOptions(use_threads=False, column_names=every, block_size=len(block) + 1),
        pa.csv.ParseOptions(
            delimiter=layout.delimiter,
            quote_char=False,
            invalid_row_handler=lambda row: wrong.append(row) or "skip",
        ),
        pa.csv.ConvertOptions(
            include_columns=wanted,
            column_types=dict.fromkeys(wanted, pa.string()),
            strings_can_be_null=False,
            check_utf8=False,  # text.py has made it valid
        ),
    )
    faults = [Fault(row.number - 1, row.text, wrong_count(row.actual_columns, layout)) for row in wrong]
    return table.rename_columns(list(layout.places)), faults


def parse_quoted(block: bytes, layout: Layout) -> tuple[pa.Table, list[Fault]]:
    """As `parse_plain`, each line by itself, so that an open quote cannot swallow the lines behind it."""
    csv.field_size_limit(LONGEST_FIELD)
    rows, faults = [], []
    for i, line in enumerate(filter(None, block.decode().split("\n"))):
        try:
            fields = next(csv.reader([line], delimiter=layout.delimiter, strict=True))
        except csv.Error as error:
            faults.append(Fault(i, line, f"its quotes are not balanced ({error})"))
            continue
        if len(fields) == layout.columns:
            rows.append(fields)
        else:
            faults.append(Fault(i, line, wrong_count(len(fields), layout)))
    columns = {name: pa.array([row[place] for row in rows], pa.string()) for name, place in layout.places.items()}
    return pa.table(columns), faults


def wrong_count(fields: int, layout: Layout) -> str:
    """What is wrong with a line of so many fields."""
    return f"{fields} fields, expected {layout.columns}"
