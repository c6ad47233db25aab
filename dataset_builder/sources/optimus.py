"""Optimus 5-Prime (Sample 2019): mean ribosome load of random and human 5' UTRs of 25 to 100 nt.

The authors hold out the 100 most-read UTRs of each length, random and human: 7,600 each. Both held-out sets are in a
result file of MTtrans (with that model's predictions, which are not read); the whole library is in GEO, GSM4084997.
BEACON's files of the same three sizes are read where the library is not there.
"""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dataset_builder.checks import NUMBER
from dataset_builder.delimited import read_csv
from dataset_builder.files import File, Missing, Sources
from dataset_builder.raw import parted, raw_table
from dataset_builder.sources import beacon
from dataset_builder.tasks import Task


HELD_OUT = "stride11133m_MPA_V_pred.csv"
LIBRARY = "GSM4084997_varying_length_25to100.csv"
FOLDER = "MeanRibosomeLoading"
SPLIT_OF_SET = {"random": "validation", "human": "test"}  # of the held-out UTRs
MIN_READS = 10
HELD_OUT_PER_LENGTH = 100


def read(task: Task, sources: Sources) -> Iterator[tuple[str, pa.Table]]:
    """Validation and test from the MTtrans file or, without it, by the authors' rule from GEO's; train from GEO's."""
    library = sources.find(task.id, LIBRARY)
    if library is None and beacon.is_there(task, sources, FOLDER):
        yield from beacon.read(task, sources, FOLDER, ("sequence", "value"))
        return
    published = sources.find(task.id, HELD_OUT)
    if library is None:
        sources.missing.append(Missing(task.id, "train", (LIBRARY,)))
        if published is None:
            sources.missing += [Missing(task.id, split, (HELD_OUT, LIBRARY)) for split in SPLIT_OF_SET.values()]
    held_out = read_sets(published, ["utr", "rl", "set"]) if published else None
    if library:
        measured = read_library(library)
        if published:
            held = pc.is_in(measured["utr"], held_out["utr"]).to_numpy()
            library.leave_out(measured.filter(pa.array(held)), f"held out: its row is that of {HELD_OUT}", "utr")
        else:
            held = most_read(measured)
        human = measured["set"].to_numpy() == "human"
        library.leave_out(measured.filter(pa.array(human & ~held)), "a human UTR that is not held out", "utr")
        split = np.where(human | held, "", "train")
        if not published:
            split = np.where(held, np.where(human, "test", "validation"), split)
        yield from parted(as_raw(measured, library), split)
    if published:
        yield from parted(as_raw(held_out, published), held_out["set"].to_pandas().map(SPLIT_OF_SET).to_numpy())


def read_sets(file: File, columns: list[str]) -> pa.Table:
    """The rows whose `set` is random or human; others are rejected."""
    rows = read_csv(file, columns)
    known = pc.is_in(rows["set"], pa.array(SPLIT_OF_SET))
    for row in rows.filter(pc.invert(known)).to_pylist():
        file.reject(row["line"], row["set"], "set must be random or human; correct or remove the line")
    file.require_rows()
    return rows.filter(known)


def read_library(file: File) -> pa.Table:
    """`utr`, `rl`, `set`, `total_reads` (float64), `row` and `line` of the UTRs with at least 10 reads."""
    rows = read_sets(file, ["utr", "rl", "set", "total_reads"])
    text = pc.utf8_trim_whitespace(rows["total_reads"])
    reads = pc.cast(pc.if_else(pc.match_substring_regex(text, NUMBER), text, None), pa.float64())
    wrong = pc.and_(pc.is_null(reads), pc.not_equal(text, ""))
    for row in rows.filter(wrong).to_pylist():
        file.reject(row["line"], row["total_reads"], "total_reads must be a number; correct or remove the line")
    file.require_rows()
    few = pc.fill_null(pc.less(reads, MIN_READS), pc.equal(text, ""))
    file.leave_out(rows.filter(few), f"fewer than {MIN_READS} reads", "utr")
    rows = rows.set_column(rows.column_names.index("total_reads"), "total_reads", reads)
    return rows.filter(pc.invert(pc.or_(wrong, few)))


def most_read(library: pa.Table) -> np.ndarray:
    """Which are, of each set and length, the 100 UTRs with most reads; ties in the order of the alphabet."""
    frame = library.select(["utr", "set", "total_reads"]).to_pandas()
    ranked = frame.sort_values(["total_reads", "utr"], ascending=[False, True])
    first = ranked.groupby([frame["set"], frame["utr"].str.len()]).head(HELD_OUT_PER_LENGTH)
    return frame.index.isin(first.index)


def as_raw(rows: pa.Table, file: File) -> pa.Table:
    """The raw table of UTRs and their mean ribosome load."""
    return raw_table(file, rows, rows["utr"], value=rows["rl"])
