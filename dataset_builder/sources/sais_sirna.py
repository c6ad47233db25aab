"""siRNA efficiency (siRNA Open Dataset for Drug Discovery 1.0, SAIS competition): % of the target's mRNA that remains.

The siRNA is its antisense strand: the guide, which pairs with the target; the sense strand is its complement and adds
nothing. It is taken in plain letters, as the modified_* columns spell chemistry, which is no sequence.
"""

import logging
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from dataset_builder.checks import NUMBER
from dataset_builder.delimited import read_csv
from dataset_builder.files import File, Sources
from dataset_builder.hashing import split_by_hash
from dataset_builder.raw import parted, raw_table, sequence_keys
from dataset_builder.rejects import SourceError
from dataset_builder.tasks import Task


FILE = "siRNA_Open_Dataset_for_Drug_Discovery_1.0.csv"
COLUMNS = ["siRNA_antisense_seq", "gene_target_seq", "mRNA_remaining_pct"]

log = logging.getLogger(__name__)


def read(task: Task, sources: Sources) -> Iterator[tuple[str, pa.Table]]:
    """The measurements, drawn by hash of siRNA and target, so that those of one pair (doses, cells) stay together.

    A row without a strand, target or measurement is left out and counted. More than 100% is written as 100, the upper
    end of the competition's scale.

    Raises:
        SourceError: the percentages are fractions.
    """
    for file in sources.find_for_every_split(task.id, [FILE]) or ():
        rows = complete(read_csv(file, COLUMNS), file)
        sirna, target, percentage = (rows[column] for column in COLUMNS)
        raw = raw_table(file, rows, sirna, sequence_2=target, value=at_most_100(percentage, file))
        yield from parted(raw, split_by_hash(sequence_keys(raw, task), task.table2, task.id))


def complete(rows: pa.Table, file: File) -> pa.Table:
    """The rows in which no column is empty."""
    filled = pc.greater(pc.min_element_wise(*(pc.binary_length(rows[column]) for column in COLUMNS)), 0)
    if pc.all(filled).as_py():
        return rows
    incomplete, names = rows.filter(pc.invert(filled)), ", ".join(COLUMNS)
    file.leave_out(incomplete, f"one of {names} is empty")
    counts = (f"{len(incomplete):,}", f"{len(rows):,}")
    log.warning("%s: %s of %s rows lack one of %s: left out", file, *counts, names)
    return rows.filter(filled)


def at_most_100(percentages: pa.ChunkedArray, file: File) -> pa.ChunkedArray:
    """Percentages as they are written, those above 100 as `100`; what is no number is left for rejection."""
    stripped = pc.utf8_trim_whitespace(percentages)
    number = pc.cast(pc.if_else(pc.match_substring_regex(stripped, NUMBER), stripped, None), pa.float64())
    largest = pc.max(number).as_py()
    if largest is not None and largest <= 1:
        raise SourceError(
            f"{file}: mRNA_remaining_pct is at most {largest}: these are fractions, expected percentages; "
            "multiply them by 100"
        )
    return pc.if_else(pc.fill_null(pc.greater(number, 100), False), "100", percentages)
