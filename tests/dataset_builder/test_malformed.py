"""Damaged variants of the real files: each is repaired, rejected row by row, or refused, by the rules that are stated.

The rules: dataset_builder/text.py and delimited.py for files, checks.py for rows. Whatever happens, no row is lost.
"""

import gzip
import io
import re
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from dataset_builder import text
from dataset_builder.biology_instructions import source_module
from dataset_builder.files import SourceError, Sources
from dataset_builder.tasks import TASKS
from tests.dataset_builder.malformed_files import (
    BASES,
    COUNTED,
    MEMBER,
    Base,
    Edit,
    annotated,
    below_first_line,
    below_header,
    cell,
    every,
    flip_byte,
    gunzipped,
    in_archive,
    index,
    insert,
    mixed_case,
    on_line,
    quoted,
    real_heads,
    set_field,
    set_line,
    sheet_edit,
    shuffled,
    table_edit,
    wrapped,
    zipped,
)
from tests.dataset_builder.reading import read_splits


Rejects = list[tuple[int, str]]  # (line, value)

REPAIRED: dict[str, list[tuple[str, Edit]]] = {
    "csv": [
        ("byte-order mark", lambda content: b"\xef\xbb\xbf" + content),
        ("CRLF", lambda content: content.replace(b"\n", b"\r\n")),
        ("CR", lambda content: content.replace(b"\n", b"\r")),
        ("lower case", below_header(bytes.lower)),
        ("mixed case", below_header(mixed_case)),
        ("spaces in a sequence", on_line(5, lambda line: f" {line[:10]} {line[10:]}")),
        ("a tab in a sequence", on_line(5, lambda line: f"{line[:10]}\t{line[10:]}")),
        ("white space around labels", every(lambda line: line.replace(",", ", ") + "\t")),
        ("labels as floats", below_header(every(lambda line: line + ".0"))),
        ("quoted fields", quoted),
        ("one quoted field", on_line(9, lambda line: f'"{line[:-2]}"{line[-2:]}')),
        ("blank lines at the end", lambda content: content + b"\n\n\r\n"),
        ("blank lines inside", lambda content: content.replace(b"\n", b"\n\n", 40)),
        ("blank lines before the header", lambda content: b"\n\n" + content),
        ("no end of the last line", lambda content: content[:-1]),
        ("shuffled columns", shuffled([1, 0])),
        ("another column", every(lambda line: f"x,{line},y")),
        ("another column twice", every(lambda line: f"x,{line},x")),
        ("white space in the header", set_line(1, " sequence , label ")),
        ("a comma at the end of every line", every(lambda line: f"{line},")),
        ("gzipped without saying so", gzip.compress),
        ("gzip of two members", lambda content: gzip.compress(content[:99]) + gzip.compress(content[99:])),
    ],
    "archive": [
        (
            "not compressed",
            lambda content: zipped(zipfile.ZipFile(io.BytesIO(content)).read(MEMBER), zipfile.ZIP_STORED),
        ),
        ("CRLF inside", in_archive(lambda content: content.replace(b"\n", b"\r\n"))),
        ("gzipped inside", in_archive(gzip.compress)),
    ],
    "numbers": [
        (
            "other spellings of numbers",
            every(lambda line: re.sub(r",(\d)", r",+\1", line) + ("e0" if "0." in line else "")),
        ),
        ("white space around numbers", below_header(every(lambda line: line.replace(",", ",  ") + " "))),
    ],
    "genotypes": [("shuffled columns", shuffled([3, 2, 1, 0], "\t")), ("CRLF", lambda c: c.replace(b"\n", b"\r\n"))],
    "fasta": [
        ("byte-order mark", lambda content: b"\xef\xbb\xbf" + content),
        ("CRLF", lambda content: content.replace(b"\n", b"\r\n")),
        ("short lines", wrapped),
        ("lower case", lambda content: re.sub(rb"(?m)^[^>].*$", lambda line: line[0].lower(), content)),
        ("white space in lines", lambda content: re.sub(rb"(?m)^([^>\n]{20})", rb"\1 \t", content)),
        ("blank lines", lambda content: b"\n\n" + content.replace(b"\n>", b"\n\n>") + b"\n\n"),
    ],
    "rna": [
        ("lower case and short lines", lambda c: wrapped(re.sub(rb"(?m)^[^>].*$", lambda line: line[0].lower(), c)))
    ],
    "lines": [("blank lines at the end", lambda content: content + b"\n\n"), ("lower case", bytes.lower)],
    "labels": [
        ("CRLF and white space", lambda content: content.replace(b"\n", b" \r\n")),
        ("labels as floats", lambda content: content.replace(b"\n", b".0\n")),
    ],
    "numbers of chains": [("white space after commas", every(lambda line: line.replace(",", ", ")))],
    "workbook": [
        ("labels as text", sheet_edit(lambda sheet: sheet.assign(label=sheet["label"].map("{}.0".format)))),
        ("shuffled columns", sheet_edit(lambda sheet: sheet[["split", "label", "virus_seq", "antibody_seq"]])),
        ("lower case", sheet_edit(lambda sheet: sheet.assign(virus_seq=sheet["virus_seq"].str.lower()))),
    ],
    "index": [("another integer type", lambda _: index(np.arange(250).astype(np.uint16)))],
}

REJECTED: dict[str, list[tuple[str, Edit, Rejects]]] = {
    "csv": [
        ("NUL in a sequence", set_line(4, "ACGT\0ACGT,1"), [(4, "ACGT\0ACGT")]),
        ("NUL as a label", set_line(4, "ACGT,\0"), [(4, "\0")]),
        ("digit", set_line(4, "AC1T,1"), [(4, "AC1T")]),
        ("gap", set_line(301, "AC-T,1"), [(301, "AC-T")]),
        ("letter that is not ASCII", set_line(4, "ACGÄT,1"), [(4, "ACGÄT")]),
        ("letter of another alphabet that looks the same", set_line(4, "АCGT,1"), [(4, "АCGT")]),
        ("byte that is not UTF-8", set_line(4, "AC\udce4GT,1"), [(4, "AC\ufffdGT")]),
        ("empty sequence", set_line(2, ",1"), [(2, "")]),
        ("sequence of white space", set_line(2, "  ,1"), [(2, "  ")]),
        ("empty label", set_line(4, "ACGT,"), [(4, "")]),
        ("label out of range", set_line(4, "ACGT,2"), [(4, "2")]),
        ("label NaN", set_line(4, "ACGT,nan"), [(4, "nan")]),
        ("label in digits that are not ASCII", set_line(4, "ACGT,١"), [(4, "١")]),
        ("header inside", insert(150, "sequence,label"), [(150, "sequence")]),
        ("missing field", set_line(4, "ACGT"), [(4, "ACGT")]),
        ("another field", set_line(4, "ACGT,1,1"), [(4, "ACGT,1,1")]),
        ("delimiter at the end of a line", on_line(4, lambda line: f"{line},"), [(4, ...)]),
        ("other delimiter in one line", set_line(4, "ACGT;1"), [(4, "ACGT;1")]),
        ("line of white space", insert(4, "   "), [(4, "   ")]),
        ("line of delimiters", insert(4, ","), [(4, "")]),
        ("open quote", set_line(4, '"ACGT,1'), [(4, '"ACGT,1')]),
        ("quote inside", set_line(4, 'AC"GT,1'), [(4, 'AC"GT')]),
        ("line break in quotes", set_line(4, '"AC\nGT",1'), [(4, '"AC'), (5, 'GT"')]),
        ("cut last line", lambda content: content[:-20], [(301, ...)]),
        (
            "three faults between blank lines",
            lambda content: set_line(9, "AC*T,1")(set_line(8, "A")(insert(5, "\n\nACGT,9")(content))),
            [(7, "9"), (8, "A"), (9, "AC*T")],
        ),
    ],
    "archive": [("gap in a sequence inside", in_archive(set_line(4, "AC-T,1")), [(4, "AC-T")])],
    "numbers": [
        ("NaN", set_field(4, 1, "NaN"), [(4, "NaN")]),
        ("infinite", set_field(4, 1, "-inf"), [(4, "-inf")]),
        ("too large for a float", set_field(4, 1, "1e999"), [(4, "1e999")]),
        ("out of range", set_field(4, 1, "99.5"), [(4, "99.5")]),
        ("empty", set_field(4, 1, ""), [(4, "")]),
        ("decimal comma", set_field(4, 1, "0,5"), [(4, ...)]),
        ("quoted decimal comma", set_field(4, 1, '"0,5"'), [(4, "0,5")]),
        ("hexadecimal", set_field(4, 1, "0x1p3"), [(4, "0x1p3")]),
        ("word", set_field(4, 1, "n/a"), [(4, "n/a")]),
        ("stop codon", set_field(4, 0, "MKV*"), [(4, "MKV*")]),
    ],
    "genotypes": [
        ("a residue that is not there", set_field(4, 0, "SW108D", "\t"), [(4, "SW108D")]),
        ("a place that is not there", set_field(4, 0, "SA9999D", "\t"), [(4, "SA9999D")]),
        ("an empty genotype", set_field(4, 0, "", "\t"), [(4, "")]),
        ("brightness NaN", set_field(4, 2, "nan", "\t"), [(4, "nan")]),
        ("missing fields", set_line(4, "SA108D\t1"), [(4, "SA108D\t1")]),
    ],
    "guides": [
        ("efficacy above 1", set_field(4, 9, "1.01", "\t"), [(4, "1.01")]),
        ("missing fields", on_line(4, lambda line: line.rpartition("\t")[0]), [(4, ...)]),
        ("blanks for tabs in a line", on_line(100, lambda line: line.replace("\t", " ")), [(100, ...)]),
    ],
    "utrs": [
        ("unknown set", set_field(4, 5, "mouse"), [(4, "mouse")]),
        ("negative load", set_field(4, 3, "-1"), [(4, "-1")]),
    ],
    "switches": [("ON above 1", set_field(4, 1, "1.2"), [(4, "1.2")])],
    "fasta": [
        ("unknown class", on_line(1, lambda line: f"{line}s"), [(1, "5S_rRNAs")]),
        ("header without words", set_line(1, ">"), [(1, "")]),
        ("record without a sequence", lambda content: b">RF_0 tRNA\n" + content, [(1, "")]),
        ("digits", lambda content: b">RF_0 tRNA\nACGT\nAC9T\n" + content, [(1, "ACGTAC9T")]),
        ("header inside a sequence", set_line(2, "ACGT>RF_0 tRNA"), [(1, ...)]),
    ],
    "pairs": [
        ("label 2", set_field(4, 2, "2", "\t"), [(4, "2")]),
        ("missing label", on_line(4, lambda line: line.rpartition("\t")[0]), [(4, ...)]),
    ],
    "lines": [
        ("blank line inside", set_line(7, ""), [(7, "")]),
        ("stop codon", on_line(7, lambda line: f"{line}*"), [(7, ...)]),
    ],
    "labels": [("word", set_line(7, "soluble"), [(7, "soluble")]), ("blank line inside", set_line(7, ""), [(7, "")])],
    "chains": [("listed twice", lambda content: content + content.split(b"\n")[4] + b"\n", [(301, ...)])],
    "numbers of chains": [
        ("dash before a number", annotated("1.-.3.4"), [(2, "1.-.3.4")]),
        ("five levels", annotated("1.2.3.4.5"), [(2, "1.2.3.4.5")]),
        ("nothing between commas", annotated("1.2.3.4,,"), [(2, "1.2.3.4,,")]),
        ("no number", annotated(""), [(2, "")]),
    ],
    "workbook": [
        ("label 2", cell(5, "label", 2), [(5, "2")]),
        ("empty cell", cell(5, "virus_seq", None), [(5, "")]),
        ("word as a label", cell(5, "label", "yes"), [(5, "yes")]),
    ],
    "hdf5": [
        ("no one-hot row", table_edit("test_in/block0_values", (3, 1), 0.5), [(4, ...)]),
        ("flag NaN", table_edit("test_out/block0_values", (3, 1), np.nan), [(4, ...)]),
        ("flag 2", table_edit("test_out/block0_values", (3, 1), 2), [(4, ...)]),
    ],
}

REFUSED: dict[str, list[tuple[str, Edit, str]]] = {
    "csv": [
        (
            "gzip cut short",
            lambda content: gzip.compress(content)[:-400],
            r"the gzip stream ends early, in line \d+ \('",
        ),
        ("gzip with a wrong byte", lambda content: flip_byte(gzip.compress(content), 200), r"fetch the file again"),
        ("empty", lambda _: b"", r"Empty file"),
        ("nothing but blank lines", lambda _: b"\n\r\n\n", r"no usable rows"),
        ("nothing but a header", lambda content: content[: content.index(b"\n") + 1], r"no usable rows"),
        ("no header", below_first_line, r"line 1: the header is '[ACGT]+,[01]', expected the columns sequence, label"),
        ("column with another name", set_line(1, "sequence,class"), r"label is not there"),
        ("column twice", every(lambda line: f"{line},{line.split(',')[1]}"), r"label is twice"),
        ("semicolons", every(lambda line: line.replace(",", ";")), r"the header is 'sequence;label'"),
        (
            "a comma at the end of every row",
            below_header(every(lambda line: f"{line},")),
            r"line 2: .*3 fields, expected 2",
        ),
        ("columns in another order than the header", below_header(shuffled([1, 0])), r"line 2: '[01]': not a dna"),
        (
            "wrong labels",
            below_header(every(lambda line: f"{line[:-1]}2")),
            r"line 2: '2': the label of a binary task",
        ),
        ("too many faults", below_header(lambda c: c.replace(b"A", b"-", 4 * 70)), r"more than 1%"),
        ("UTF-16", lambda content: content.decode().encode("utf-16"), r"UTF-16 text, expected UTF-8"),
        ("a page of an error", lambda _: b"<!DOCTYPE html>\n<title>404</title>\n", r"the header is '<!DOCTYPE html>'"),
        (
            "a pointer of Git LFS",
            lambda _: b"version https://git-lfs.github.com/spec/v1\nsize 4\n",
            r"the header is 'version",
        ),
        ("an archive under the name of its member", zipped, r"the header is 'PK"),
        ("lines joined to one", lambda content: content.replace(b"\n", b" "), r"the header is 'sequence,label "),
    ],
    "archive": [
        ("cut short", lambda content: content[:-30], r"GUE.zip: .*not a zip file.*fetch the file again"),
        ("wrong byte", lambda content: flip_byte(content, 500), r"GUE.zip/GUE/tf/0/dev.csv: .*fetch the file again"),
        ("no header inside", in_archive(below_first_line), r"GUE.zip/GUE/tf/0/dev.csv: line 1: the header is"),
    ],
    "numbers": [
        ("all words", below_header(every(lambda line: f"{line.split(',')[0]},high")), r"line 2: 'high': value must be")
    ],
    "genotypes": [
        (
            "another column",
            set_line(1, "aaMutations\tuniqueBarcodes\tbrightness\tstd"),
            r"medianBrightness is not there",
        )
    ],
    "guides": [
        ("blanks for all tabs", every(lambda line: line.replace("\t", " ")), r"line 1: .*1 fields, expected 10")
    ],
    "fasta": [
        ("empty", lambda _: b"", r"Empty file"),
        (
            "text before the first record",
            lambda content: b"; Rfam\n" + content,
            r"line 1: '; Rfam' does not begin a FASTA",
        ),
        ("no record", lambda _: b"\n\n", r"no usable rows"),
        ("gzip cut short", lambda content: gzip.compress(content)[:-400], r"the gzip stream ends early"),
        ("headers without classes", lambda content: re.sub(rb" \S+\n", b"\n", content), r"unknown class"),
    ],
    "rna": [
        ("a name twice", lambda content: content + content[: content.index(b"\n")] + b"\nACGU\n", r"a second record"),
        ("empty", lambda _: b"", r"Empty file"),
    ],
    "pairs": [("commas for tabs", every(lambda line: line.replace("\t", ",")), r"line 1: .*1 fields, expected 3")],
    "lines": [("a line more", lambda content: content + b"MKV\n", r"val_src: 301, .*val_tgt: 300 records")],
    "labels": [("a line less", lambda content: content[:-2], r"val_tgt: 299 records: record 300 has no partner")],
    "numbers of chains": [
        ("no header", lambda content: content.replace(b"### PDB", b"PDB"), r"no line begins with '### PDB")
    ],
    "workbook": [
        ("cut short", lambda content: content[:-500], r"not an Excel workbook"),
        ("text under its name", lambda _: b"antibody_seq,virus_seq,label\n", r"not an Excel workbook"),
        (
            "column with another name",
            sheet_edit(lambda sheet: sheet.rename(columns={"label": "class"})),
            r"without label",
        ),
        (
            "fewer rows than the index has",
            sheet_edit(lambda sheet: sheet[:200]),
            r"row 2\d\d is not among the 200 rows",
        ),
    ],
    "index": [
        ("cut short", lambda content: content[:-7], r"not a NumPy array of numbers"),
        ("pickled", lambda _: index(np.array([{}], dtype=object), allow_pickle=True), r"not a NumPy array of numbers"),
        ("fractions", lambda _: index(np.arange(9) / 2), r"float64 of shape \(9,\)"),
        ("two dimensions", lambda _: index(np.arange(8).reshape(2, 4)), r"int64 of shape \(2, 4\)"),
        ("a row twice", lambda _: index(np.array([3, 3])), r"none of them twice"),
        ("a negative row", lambda _: index(np.array([-1])), r"row -1 is not among"),
        ("a row of another split", lambda _: index(np.arange(260)), r"row 250 is in seed_0_train_seen_index.npy, too"),
    ],
    "hdf5": [
        ("cut short", lambda content: content[: len(content) // 2], r"fetch the file again"),
        ("no sequences", table_edit("valid_in/block0_values", None, None), r"valid_in is no pandas table of numbers"),
        ("fewer labels", table_edit("test_out/block0_values", None, np.zeros((7, 12))), r"300 sequences and 7 rows"),
        (
            "other flags",
            table_edit("test_out/block0_items", None, np.array(["x"] * 12, dtype="S8")),
            r"has the columns x, x",
        ),
    ],
}


@pytest.fixture(scope="module")
def real_files(real_sources: Path) -> dict[str, dict[str, bytes]]:
    """The heads of the real files by task and name."""
    return real_heads(real_sources)


def variants(table: dict[str, list[tuple]]) -> list:
    """pytest's parameters: the base and what follows the name of each variant."""
    return [pytest.param(base, *more, id=f"{base}: {name}") for base, rows in table.items() for name, *more in rows]


def put(root: Path, base: Base, files: dict[str, bytes], edit: Edit) -> bytes:
    """The files of a base below `root`, one of them edited, which is returned."""
    for name, content in files.items():
        path = root / base.task / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(edit(content) if name == base.file else content)
    return (root / base.task / base.file).read_bytes()


def contents(base: Base, root: Path) -> tuple[Counter, Rejects, Sources]:
    """How often each sequence (or pair) has each label; the malformed rows; and the sources, whose rows add up."""
    sources = Sources(root)
    splits, rejected = read_splits(TASKS[base.task], sources)
    rows = [row for table in splits.values() for row in table.drop_columns(["id", "in_train"]).to_pylist()]
    assert sum(sources.rows_read.values()) == len(rows) + len(rejected)
    return Counter(map(repr, rows)), sorted((row.line, row.value) for row in rejected if row.malformed), sources


def rows_read(base: Base, files: dict[str, bytes], edited: bytes, sources: Sources) -> tuple[int, int]:
    """Rows of the file that holds those of the task: as counted here, and as counted by the reader."""
    counted = COUNTED.get(base.file, base.file)
    content = edited if counted == base.file else files[counted]
    rows = next(other.rows for other in BASES.values() if (other.task, other.file) == (base.task, counted))
    here = rows(gunzipped(content))
    return here, sources.rows_read["/".join(filter(None, (base.task, counted, base.member)))]


@pytest.mark.parametrize(("name", "edit"), variants(REPAIRED))
def test_what_is_repaired_gives_the_rows_of_the_whole_file(name, edit, real_files, tmp_path):
    base = BASES[name]
    files = real_files[base.task]
    whole = put(tmp_path / "whole", base, files, lambda content: content)
    edited = put(tmp_path / "edited", base, files, edit)
    assert edited != whole
    expected, _, _ = contents(base, tmp_path / "whole")
    found, malformed, sources = contents(base, tmp_path / "edited")
    assert malformed == []
    assert found == expected and sum(found.values()) > 50
    here, there = rows_read(base, files, edited, sources)
    assert here == there


@pytest.mark.parametrize(("name", "edit", "expected"), variants(REJECTED))
def test_a_damaged_row_is_rejected_with_its_line_and_value_and_no_other_is_lost(
    name, edit, expected, real_files, tmp_path
):
    base = BASES[name]
    files = real_files[base.task]
    put(tmp_path / "whole", base, files, lambda content: content)
    edited = put(tmp_path / "edited", base, files, edit)
    before, _, _ = contents(base, tmp_path / "whole")
    after, malformed, sources = contents(base, tmp_path / "edited")
    assert [
        (line, value if known is not ... else ...)
        for (line, value), (_, known) in zip(malformed, expected, strict=True)
    ] == expected
    assert not after - before and sum((before - after).values()) <= len(expected)
    here, there = rows_read(base, files, edited, sources)
    assert here == there


@pytest.mark.parametrize(("name", "edit", "message"), variants(REFUSED))
def test_a_file_that_cannot_be_used_is_refused_by_its_name(name, edit, message, real_files, tmp_path):
    base = BASES[name]
    put(tmp_path, base, real_files[base.task], edit)
    with pytest.raises(SourceError, match=message) as error:
        contents(base, tmp_path)
    assert Path(base.file).name in str(error.value)


@pytest.mark.parametrize("size", [1, 7, 64, 1_000])
@pytest.mark.parametrize("name", ["csv", "fasta", "lines"])
def test_the_size_of_the_blocks_in_which_a_file_is_read_changes_nothing(name, size, real_files, tmp_path, monkeypatch):
    base = BASES[name]

    def damage(content: bytes) -> bytes:
        content = set_line(40, "")(on_line(30, lambda line: f'"{line}')(insert(20, "\n\nAC-T,1,")(content)))
        return b"\xef\xbb\xbf" + content.replace(b"\n", b"\r\n")[:-2]

    files = real_files[base.task]
    if name == "lines":  # as many labels as lines
        files = files | {"val_tgt": files["val_tgt"] + 3 * b"1\n"}
    put(tmp_path, base, files, damage)
    raw, rejected = {}, {}
    for block in (text.BLOCK_BYTES, size):
        monkeypatch.setattr(text, "BLOCK_BYTES", block)
        sources = Sources(tmp_path)
        tables = [table for _, table in source_module(base.task).read(TASKS[base.task], sources)]
        raw[block], rejected[block] = pa.concat_tables(tables).to_pylist(), sources.rejected
    assert len({repr((raw[block], rejected[block])) for block in raw}) == 1


def test_faults_of_lines_and_of_rows_count_together(real_files, tmp_path):
    base = BASES["csv"]
    faults = [set_line(4, "ACGT"), set_line(5, "ACGT,1,1"), set_line(6, "ACGT,2"), set_line(7, "AC-T,1")]
    for count, refused in ((3, False), (4, True)):

        def edit(content: bytes, count: int = count) -> bytes:
            for fault in faults[:count]:
                content = fault(content)
            return content

        put(tmp_path, base, real_files[base.task], edit)
        if refused:
            with pytest.raises(SourceError, match=r"4 of 300 core_promoter rows are unusable, more than 1%"):
                contents(base, tmp_path)
        else:
            assert [line for line, _ in contents(base, tmp_path)[1]] == [4, 5, 6]


def test_there_are_enough_variants():
    names = [param.id for table in (REPAIRED, REJECTED, REFUSED) for param in variants(table)]
    assert len(names) == len(set(names)) > 50
