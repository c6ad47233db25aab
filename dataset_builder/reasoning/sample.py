"""Which rows stage 3 is made of: validation rows by hash, every task in turn (paper, sections 3.2.3 and 4.3)."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from dataset_builder.hashing import hash64
from dataset_builder.tasks import REASONING_SYSTEM_PROMPT


REASONING_ROWS, PLAIN_ROWS = 8_000, 3_000
WITHOUT_REASONING = ("antibody_antigen", "rna_protein")  # left out to study transfer (paper, section 3.2.3)


@dataclass(frozen=True)
class Sample:
    """The validation rows of a dataset folder in the order in which they are drawn.

    Attributes:
        paths: the shards. Rows are counted through them.
        keys: `id` and `task` of every row.
        seed: of the order.
        most: reasoning rows, at most; plain ones are in proportion.
        wanted: reasoning rows; fewer than `most` where there are not enough rows for these and the plain ones.
    """

    paths: list[Path]
    lengths: list[int]
    keys: pa.Table
    seed: int
    most: int

    @property
    def wanted(self) -> int:
        return min(self.most, len(self.keys) * REASONING_ROWS // (REASONING_ROWS + PLAIN_ROWS))

    def candidates(self) -> np.ndarray:
        """Row numbers of all that may be reasoned about, in order: the first `wanted` that succeed are taken."""
        return self.in_turn(np.flatnonzero(np.isin(self.keys["task"], WITHOUT_REASONING, invert=True)))

    def plain(self, reasoned: np.ndarray) -> np.ndarray:
        """Row numbers of the rows that keep their answers: those left over, every task in turn."""
        return self.in_turn(np.setdiff1d(np.arange(len(self.keys)), reasoned))[
            : self.most * PLAIN_ROWS // REASONING_ROWS
        ]

    def in_turn(self, rows: np.ndarray) -> np.ndarray:
        """These rows by their place among those of their task by hash, then by hash alone."""
        part = self.keys.take(pa.array(rows))
        hashes = hash64(part["id"], f"reasoning/{self.seed}")
        tasks = np.unique(part["task"].to_numpy(zero_copy_only=False), return_inverse=True)[1]
        order = np.lexsort((hashes, tasks))
        counts = np.bincount(tasks)
        rank = np.empty(len(rows), dtype=np.int64)
        rank[order] = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
        return rows[np.lexsort((hashes, rank))]

    def take(self, rows: np.ndarray) -> pa.Table:
        """These rows as one table, in that order; one shard at a time is in memory."""
        parts, places, start = [], [], 0
        for path, length in zip(self.paths, self.lengths, strict=True):
            here = np.flatnonzero((rows >= start) & (rows < start + length))
            if len(here):
                parts.append(pq.read_table(path).take(pa.array(rows[here] - start)))
                places.append(here)
            start += length
        return pa.concat_tables(parts).take(pa.array(np.argsort(np.concatenate(places))))


def draw_sample(folder: Path, seed: int, most: int = REASONING_ROWS) -> Sample | None:
    """The sample of a dataset folder; None where it has no validation rows."""
    paths = sorted((folder / "data").glob("*/validation-*.parquet"))
    if not paths:
        return None
    keys = [pq.read_table(path, columns=["id", "task"]) for path in paths]
    return Sample(paths, [len(part) for part in keys], pa.concat_tables(keys), seed, most)


def argued(row: dict, answer: str, answer_id: int) -> dict:
    """The row with the reasoning system prompt and an argued answer; `answer_id` -1 for one without a template."""
    return row | {
        "id": f"reasoning/{row['id']}",
        "prompt": [{"role": "system", "content": REASONING_SYSTEM_PROMPT}, row["prompt"][-1]],
        "completion": [{"role": "assistant", "content": answer}],
        "answer_id": answer_id,
    }
