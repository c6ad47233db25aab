"""Choices that depend on what a row is, never on order, worker count or a global random state."""

import numpy as np
import pyarrow as pa

from dataset_builder.tasks import SPLITS


def hash64(keys: pa.Array | pa.ChunkedArray | list[str], salt: str) -> np.ndarray:
    """A uint64 per key: xxh3 of its UTF-8 bytes, the same on every platform; another salt is another hash."""
    import xxhash

    keys = pa.array(keys, pa.string()) if isinstance(keys, list) else keys
    seed = xxhash.xxh3_64_intdigest(salt.encode())
    texts = keys.cast(pa.binary()).to_numpy(zero_copy_only=False)
    return np.fromiter((xxhash.xxh3_64_intdigest(text, seed) for text in texts), np.uint64, len(texts))


def split_by_hash(keys: pa.Array | pa.ChunkedArray | list[str], sizes: tuple[int, int, int], salt: str) -> np.ndarray:
    """The split name of every key: validation and test get the keys that hash lowest, train the rest.

    Args:
        sizes: rows of train, validation and test: exact where there are as many keys as they add up to, else their
            proportions, rounded.

    Equal keys are always in the same split. Where that leaves a split short, keys that occur once fill it up; only if
    these run out is it smaller than asked for, and train larger.
    """
    groups, group_of_row, counts = np.unique(hash64(keys, salt), return_inverse=True, return_counts=True)
    split = np.zeros(len(groups), dtype=np.int64)
    for i in (1, 2):
        free = np.flatnonzero(split == 0)
        wanted = round(sizes[i] * len(group_of_row) / sum(sizes))
        fits = np.cumsum(counts[free]) <= wanted
        missing = wanted - counts[free[fits]].sum()
        once = free[~fits & (counts[free] == 1)][:missing]
        split[free[fits]] = split[once] = i
    return np.array(SPLITS)[split[group_of_row]]
