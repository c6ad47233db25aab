"""DeepSTARR (de Almeida 2022, Zenodo 5502060): housekeeping and developmental enhancer activity in Drosophila.

A FASTA of 249-bp sequences and a table of activities lie side by side, row for row; both strands are in them.
"""

from collections.abc import Iterator

import pyarrow as pa

from dataset_builder.files import Sources, read_csv, read_fasta, require_parallel
from dataset_builder.raw import data_row, raw_table
from dataset_builder.tasks import Task


FILES = {"train": "Train", "validation": "Val", "test": "Test"}
COLUMNS = {"hk": "Hk_log2_enrichment", "dev": "Dev_log2_enrichment"}


def read(task: Task, sources: Sources) -> Iterator[tuple[str, pa.Table]]:
    """One table per split; `file` and `line` name the row of activities.

    Raises:
        SourceError: the two files of a split have different lengths.
    """
    for split, name in FILES.items():
        paths = sources.find_all(task.id, split, [f"Sequences_{name}.fa", f"Sequences_activity_{name}.txt"])
        if paths is None:
            continue
        fasta, activities = paths
        table = read_csv(activities, list(COLUMNS.values()), delimiter="\t")
        sequences = pa.array([sequence for _, sequence, _ in read_fasta(fasta)], pa.string())
        require_parallel({fasta: len(sequences), activities: len(table)})
        labels = {field: table[column] for field, column in COLUMNS.items()}
        yield split, raw_table(activities, sources, data_row(table["line"]), table["line"], sequences, **labels)
