"""k-mers of sequences as sourmash hashes, and their places in a vocabulary.

DNA and RNA k-mers are canonical, that is the same on both strands; those with a letter other than A, C, G, T do not
count. `scaled` is FracMinHash: of all k-mers those are kept whose hash is among the lowest 1/scaled, the same ones in
every sequence, so that shares measured on the kept estimate those of all.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa


STEP = 1 << 14  # letters hashed per call: more is slower, as the list of Python integers leaves the cache


def kmer_hashes(
    sequences: pa.Array, molecule: str, k: int, scaled: int | np.ndarray = 1
) -> tuple[np.ndarray, np.ndarray]:
    """(uint64 hash, int32 index of its sequence) of all k-mers kept, in order; a sequence shorter than k has none.

    Args:
        molecule: `protein`, or else nucleotides.
        scaled: one for all sequences, or one for each.
    """
    from sourmash import MinHash

    protein = molecule == "protein"
    sketch = MinHash(0, k, scaled=1, is_protein=protein)
    first = sequences.offset
    ends = np.frombuffer(sequences.buffers()[1], dtype=np.int32)[first : first + len(sequences) + 1]
    letters = memoryview(sequences.buffers()[2])[ends[0] : ends[-1]]
    hashes = [
        np.array(
            sketch.seq_to_hashes(
                bytes(letters[start : start + STEP + k - 1]), force=True, bad_kmers_as_zeroes=True, is_protein=protein
            ),
            dtype=np.uint64,
        )
        for start in range(0, len(letters), STEP)
    ]
    found = np.concatenate([*hashes, np.zeros(min(k - 1, len(letters)), dtype=np.uint64)])[: len(letters)]
    owner = np.repeat(np.arange(len(sequences), dtype=np.int32), np.diff(ends))
    inside = np.arange(len(letters)) + k <= (ends[1:] - ends[0])[owner]  # not across the end of a sequence
    lowest = np.broadcast_to(np.uint64(2**64 - 1) // np.asarray(scaled, dtype=np.uint64), len(sequences))
    keep = inside & (found > 0) & (found <= lowest[owner])
    return found[keep], owner[keep]


def sorted_distinct(parts: list[np.ndarray]) -> np.ndarray:
    """What `np.unique` of all parts is, which builds a table of five times their size first."""
    together = np.concatenate([np.empty(0, dtype=np.uint64), *parts])
    together.sort()
    return together[np.append(True, together[1:] != together[:-1])[: len(together)]]


@dataclass(frozen=True)
class Vocabulary:
    """Distinct hashes, sorted, with a table of their top bits that turns away most of what is not among them."""

    hashes: np.ndarray
    table: np.ndarray

    @classmethod
    def of(cls, hashes: np.ndarray) -> "Vocabulary":
        """The vocabulary of sorted, distinct hashes."""
        bits = max(8, min(27, len(hashes).bit_length() + 3))  # 128 MB at most
        table = np.zeros(1 << bits, dtype=bool)
        table[hashes >> np.uint64(64 - bits)] = True
        return cls(hashes, table)

    def find(self, hashes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(indices into `hashes` of those that are in the vocabulary, in no order; int32 their places in it)."""
        bits = np.uint64(64 - len(self.table).bit_length() + 1)
        likely = np.flatnonzero(self.table[hashes >> bits])
        likely = likely[np.argsort(hashes[likely])]  # searched in order, most of the vocabulary is in the cache
        place = np.searchsorted(self.hashes, hashes[likely])
        found = np.flatnonzero(self.hashes[np.minimum(place, len(self.hashes) - 1)] == hashes[likely])
        return likely[found], place[found].astype(np.int32)
