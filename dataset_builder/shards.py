"""Parquet shards whose bytes depend on their rows alone: cut by rows, and named when all are written."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq


ROWS_PER_SHARD = 100_000
# Content-defined chunks let the Hub store only what a new version changes; the page index lets its viewer seek.
CHUNKS = {"min_chunk_size": 256 * 1024, "max_chunk_size": 1024 * 1024, "norm_level": 0}
REPEATING = ("task", "subtask", "label", "prompt.list.element.role", "completion.list.element.role")
OPTIONS = {"compression": "zstd", "use_content_defined_chunking": CHUNKS, "write_page_index": True}


def open_shard(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """A Parquet writer with the options of all shards; the folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return pq.ParquetWriter(path, schema, use_dictionary=list(REPEATING), **OPTIONS)


def write_parquet(table: pa.Table, path: Path) -> None:
    """One table as one shard."""
    with open_shard(path, table.schema) as writer:
        writer.write_table(table)


class ShardWriter:
    """<folder>/<split>-00000-of-00002.parquet, …: a context that takes tables and leaves complete shards.

    Attributes:
        rows: written so far.
        bytes: of their Arrow buffers.
    """

    def __init__(self, folder: Path, split: str, schema: pa.Schema) -> None:
        self.folder, self.split, self.schema = folder, split, schema
        self.rows = self.bytes = self.shards = 0
        self.writer: pq.ParquetWriter | None = None

    def __enter__(self) -> "ShardWriter":
        return self

    def write(self, table: pa.Table) -> None:
        """Add rows; a table may go on into the next shard."""
        table = pa.table(table.columns, schema=self.schema)
        self.bytes += table.nbytes
        while len(table):
            if self.writer is None:
                self.writer = open_shard(self.folder / f"{self.split}-{self.shards:05d}", self.schema)
                self.shards += 1
            part = table.slice(0, ROWS_PER_SHARD - self.rows % ROWS_PER_SHARD)
            self.writer.write_table(part)
            self.rows += len(part)
            table = table.slice(len(part))
            if self.rows % ROWS_PER_SHARD == 0:
                self.close()

    def close(self) -> None:
        """End the present shard."""
        if self.writer:
            self.writer.close()
            self.writer = None

    def __exit__(self, failure: type | None, *_: object) -> None:
        self.close()
        if failure is None:
            for i in range(self.shards):
                name = f"{self.split}-{i:05d}"
                (self.folder / name).rename(self.folder / f"{name}-of-{self.shards:05d}.parquet")
