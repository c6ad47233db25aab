"""Grounded answers by several processes: the same rows for any number of them."""

import os
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

import pyarrow as pa

from dataset_builder.reasoning.config import Answers, Backend
from dataset_builder.reasoning.grounded import explain
from dataset_builder.reasoning.sample import Sample
from dataset_builder.workers import follow_parent


CHUNK_ROWS = 250


def grounded(workers: int = 1) -> Backend:
    """The backend that needs no model, in so many processes."""
    return partial(answer, workers=workers)


def answer(sample: Sample, workers: int) -> Answers:
    """An argued answer for each of the first `wanted` candidates."""
    numbers = sample.candidates()[: sample.wanted]
    rows = sample.take(numbers)
    chunks = [rows.slice(start, CHUNK_ROWS) for start in range(0, len(rows), CHUNK_ROWS)]
    work = partial(explain_table, seed=sample.seed)
    if min(workers, len(chunks)) < 2:
        parts = [work(chunk) for chunk in chunks]
    else:
        context = get_context("forkserver")
        context.set_forkserver_preload([__name__])
        with ProcessPoolExecutor(min(workers, len(chunks)), context, follow_parent, (os.getpid(),)) as pool:
            parts = list(pool.map(work, chunks))
    record = {"backend": "grounded", "how": "by evidence, no model", "rejected": {}}
    return Answers(pa.concat_tables(parts) if parts else rows, numbers, record)


def explain_table(rows: pa.Table, seed: int) -> pa.Table:
    """The rows with argued answers."""
    return pa.Table.from_pylist([explain(row, seed) for row in rows.to_pylist()], rows.schema)
