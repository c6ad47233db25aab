"""DeepSTARR (de Almeida 2022, Zenodo 5502060): housekeeping and developmental enhancer activity in Drosophila.

A FASTA of 249-bp sequences and a table of activities lie side by side, row for row; both strands are in them. Two
other published forms have sequence and activities in one table: that of the authors' tutorial, whose column `set`
tells the split, and Parquet files, one per split.
"""

from collections.abc import Iterator
from itertools import islice

import pyarrow as pa
import pyarrow.compute as pc

from dataset_builder.delimited import csv_tables, read_csv
from dataset_builder.files import File, Sources
from dataset_builder.raw import numbered, parted, raw_table
from dataset_builder.rejects import SourceError
from dataset_builder.tasks import Task
from dataset_builder.text import read_fasta, require_parallel


FILES = {"train": "Train", "validation": "Val", "test": "Test"}
ONE_TABLE = "Sequences_activity_all.txt"
PARQUET = {
    "train": "DeepSTARR-enhancer-activity/train.parquet",
    "validation": "DeepSTARR-enhancer-activity/valid.parquet",
    "test": "DeepSTARR-enhancer-activity/test.parquet",
}
ACTIVITIES = {"hk": "Hk_log2_enrichment", "dev": "Dev_log2_enrichment"}
ROWS_PER_BATCH = 50_000


def read(task: Task, sources: Sources) -> Iterator[tuple[str, pa.Table]]:
    """The rows of every split, in blocks; `file` and `line` name the row of activities.

    Raises:
        SourceError: the two files of a split have different lengths, or a Parquet file lacks a column.
    """
    pairs = {split: [f"Sequences_{name}.fa", f"Sequences_activity_{name}.txt"] for split, name in FILES.items()}
    if any(sources.has(task.id, pair) for pair in pairs.values()) or not (
        one_form := next((form for form in ([ONE_TABLE], [*PARQUET.values()]) if sources.has(task.id, form)), None)
    ):
        for split, pair in pairs.items():
            if files := sources.find_all(task.id, split, pair):
                yield from read_pair(*files)
    elif one_form == [ONE_TABLE]:
        yield from read_one_table(sources.find(task.id, ONE_TABLE))
    else:
        for split, name in PARQUET.items():
            yield from read_parquet(sources.find(task.id, name, split))


def read_pair(fasta: File, activities: File) -> Iterator[tuple[str, pa.Table]]:
    """Row by row of the activities the record of the same number; a malformed row takes its record with it."""
    records = (sequence for _, sequence, _ in read_fasta(fasta))
    tables = csv_tables(activities, list(ACTIVITIES.values()), delimiter="\t")
    taken = 0
    for rows in tables:
        place = pc.subtract(rows["row"], taken)
        sequences = list(islice(records, place[-1].as_py() + 1))
        taken += len(sequences)
        if len(sequences) <= place[-1].as_py():
            for _ in tables:  # count the rows without a record
                pass
            break
        sequence = pa.array(sequences, pa.string()).take(place)
        yield activities.split, with_activities(activities, rows, sequence)
    counts = {fasta: taken + sum(1 for _ in records), activities: activities.sources.rows_read[activities.name]}
    require_parallel(counts)


def read_one_table(file: File) -> Iterator[tuple[str, pa.Table]]:
    """All rows in the splits of the column `set`: train, val or test."""
    rows = read_csv(file, ["sequence", "set", *ACTIVITIES.values()], delimiter="\t")
    splits = {name.lower(): split for split, name in FILES.items()}
    split = rows["set"].to_pandas().str.strip().str.lower().map(splits).fillna("").to_numpy(dtype=str)
    for row in rows.filter(pa.array(split == "")).to_pylist():
        file.reject(row["line"], row["set"], "set is not train, val or test; correct the line")
    file.require_rows()
    yield from parted(with_activities(file, rows, rows["sequence"]), split)


def read_parquet(file: File) -> Iterator[tuple[str, pa.Table]]:
    """The rows of one split; `line` is the number of the row, from 1."""
    import pyarrow.parquet as pq

    columns = ["sequence", *ACTIVITIES.values()]
    with file.open() as stream:
        parquet = pq.ParquetFile(stream)
        if absent := [name for name in columns if name not in parquet.schema_arrow.names]:
            raise SourceError(f"{file}: its columns are {parquet.schema_arrow.names}, without {', '.join(absent)}")
        start = 0
        for batch in parquet.iter_batches(ROWS_PER_BATCH, columns=columns):
            places = numbered(start, start + len(batch))
            rows = pa.table({name: batch[name] for name in columns} | {name: places[name] for name in ("row", "line")})
            start += len(batch)
            file.count(len(batch))
            yield file.split, with_activities(file, rows, rows["sequence"])
    file.require_rows()


def with_activities(file: File, rows: pa.Table, sequence: pa.Array | pa.ChunkedArray) -> pa.Table:
    """The raw table of sequences and both activities."""
    return raw_table(file, rows, sequence, **{field: rows[name] for field, name in ACTIVITIES.items()})
