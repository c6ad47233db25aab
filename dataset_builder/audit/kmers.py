"""k-mers of sequences as sourmash hashes, and their places in a vocabulary.

DNA and RNA k-mers are canonical, that is the same on both strands; those with a letter other than A, C, G, T do not
count. `scaled` is FracMinHash: of all k-mers those are kept whose hash is among the lowest 1/scaled, the same ones in
every sequence, so that shares measured on the kept estimate those of all.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


STEP = 1 << 14  # letters hashed per call: more is slower, as the list of Python integers leaves the cache
BLOCK = 1 << 20  # k-mers that are looked up at once


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


def index_kmers(
    parts: list[tuple[pa.Array, int | np.ndarray]], molecule: str, k: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The k-mers of many sequences: (distinct hashes, sorted; of every k-mer its int32 place there and its sequence).

    Args:
        parts: sequences with their `scaled`; they are numbered through. 20 bytes per letter are needed at most.
    """
    letters = sum(pc.sum(pc.binary_length(sequences)).as_py() for sequences, _ in parts)
    hashes, owner = np.empty(letters, dtype=np.uint64), np.empty(letters, dtype=np.int32)
    end = first = 0
    for sequences, scaled in parts:
        found, which = kmer_hashes(sequences, molecule, k, scaled)
        start, end = end, end + len(found)
        hashes[start:end], owner[start:end] = found, which + np.int32(first)
        first += len(sequences)
    hashes, owner = hashes[:end], owner[:end]
    vocabulary = np.sort(hashes)  # numpy's unique would build a table of five times the size
    vocabulary = vocabulary[np.append(True, vocabulary[1:] != vocabulary[:-1])[:end]]
    place = np.empty(end, dtype=np.int32)
    for start in range(0, end, BLOCK):
        place[start : start + BLOCK] = np.searchsorted(vocabulary, hashes[start : start + BLOCK])
    return vocabulary, place, owner


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
