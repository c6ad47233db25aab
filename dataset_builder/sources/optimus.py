"""Optimus 5-Prime (Sample 2019): mean ribosome load of random and human 5' UTRs of 25 to 100 nt.

The authors hold out the 100 most-read UTRs of each length, random and human: 7,600 each. Both held-out sets are in a
result file of MTtrans (with that model's predictions, which are not read); the whole library is in GEO, GSM4084997.
"""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from dataset_builder.checks import NUMBER
from dataset_builder.files import Missing, SourceError, Sources, read_csv
from dataset_builder.raw import data_row, parted, raw_table
from dataset_builder.tasks import Task


HELD_OUT = "stride11133m_MPA_V_pred.csv"
LIBRARY = "GSM4084997_varying_length_25to100.csv"
SPLIT_OF_SET = {"random": "validation", "human": "test"}  # of the held-out UTRs
MIN_READS = 10
HELD_OUT_PER_LENGTH = 100


def read(task: Task, sources: Sources) -> Iterator[tuple[str, pa.Table]]:
    """Validation and test from the MTtrans file or, without it, by the authors' rule from GEO's; train from GEO's.

    Raises:
        SourceError: a number of reads that is none.
    """
    library = sources.find_all(task.id, "train", [LIBRARY])
    published = sources.find(task.id, HELD_OUT)
    measured = read_library(library[0]) if library else None
    if published:
        path, held_out = published, read_csv(published, ["utr", "rl", "set"])
    elif library:
        path, held_out = library[0], most_read(measured)
    else:
        sources.missing += [Missing(task.id, split, (HELD_OUT, LIBRARY)) for split in ("validation", "test")]
        return
    if library:
        train = pc.and_(pc.equal(measured["set"], "random"), pc.invert(pc.is_in(measured["utr"], held_out["utr"])))
        yield "train", as_raw(measured.filter(train), library[0], sources)
    split = held_out["set"].to_pandas().map(SPLIT_OF_SET).to_numpy()
    yield from parted(as_raw(held_out, path, sources), split)


def read_library(path: Path) -> pa.Table:
    """`utr`, `rl`, `set`, `total_reads` (float64) and `line` of the UTRs with at least 10 reads."""
    table = read_csv(path, ["utr", "rl", "set", "total_reads"])
    text = table["total_reads"]
    reads = pc.cast(pc.if_else(pc.match_substring_regex(text, NUMBER), text, None), pa.float64())
    wrong = table.filter(pc.and_(pc.is_null(reads), pc.not_equal(text, "")))
    if len(wrong):
        line, found = wrong["line"][0], wrong["total_reads"][0]
        raise SourceError(
            f"{path}: line {line}: total_reads is {found.as_py()!r}, expected a number; correct the line"
        )
    table = table.drop_columns("total_reads").append_column("total_reads", reads)
    return table.filter(pc.greater_equal(reads, MIN_READS))


def most_read(library: pa.Table) -> pa.Table:
    """Of each set and length the 100 UTRs with most reads, ties in the order of the alphabet."""
    frame = library.to_pandas()
    length = frame["utr"].str.len()
    ranked = frame.sort_values(["total_reads", "utr"], ascending=[False, True])
    first = ranked.groupby([frame["set"], length]).head(HELD_OUT_PER_LENGTH)
    return library.take(pa.array(first.index.sort_values()))


def as_raw(table: pa.Table, path: Path, sources: Sources) -> pa.Table:
    """The raw table of UTRs and their mean ribosome load."""
    return raw_table(path, sources, data_row(table["line"]), table["line"], table["utr"], value=table["rl"])
