"""Text tables, FASTA files and workbooks whose bytes depend on their content alone."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path


def write_text(path: Path, text: str) -> None:
    """One UTF-8 file; its folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def write_table(path: Path, header: Sequence[str], rows: Iterable[Sequence], delimiter: str = ",") -> None:
    """A delimited file; no header line if `header` is empty."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows([header, *rows] if header else rows)
    write_text(path, text.getvalue())


def write_fasta(path: Path, records: Iterable[tuple[str, str]], width: int = 60) -> None:
    """A FASTA file of (header, sequence), `width` letters on a line."""
    wrapped = ((header, re.sub(f"(.{{{width}}})(?=.)", r"\1\n", sequence)) for header, sequence in records)
    write_text(path, "".join(f">{header}\n{sequence}\n" for header, sequence in wrapped))


def write_workbook(path: Path, rows: Iterable[Sequence]) -> None:
    """An Excel workbook of one sheet, without the time at which it is written."""
    import openpyxl

    workbook, stamped = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        workbook.active.append(row)
    workbook.save(stamped)
    with zipfile.ZipFile(stamped) as parts, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as timeless:
        for name in parts.namelist():
            part = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"2000-01-01T00:00:00Z", parts.read(name))
            timeless.writestr(zipfile.ZipInfo(name), part, zipfile.ZIP_DEFLATED)
