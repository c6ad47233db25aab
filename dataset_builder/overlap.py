"""Which validation and test rows have their sequences in train (exactly, or as the reverse complement)."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dataset_builder.hashing import hash64
from dataset_builder.tasks import Task


COMPLEMENT = np.frombuffer(bytes.maketrans(b"ACGTRYKMBVDH", b"TGCAYRMKVBHD"), dtype=np.uint8)


class TrainSequences:
    """The sequences of train, seen first, as 64-bit hashes: 8 bytes each, however long they are."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.seen: list[np.ndarray] = []
        self.known: np.ndarray | None = None

    def mark(self, rows: pa.Table, split: str) -> pa.Table:
        """The rows with `in_train` (bool): true where the sequence, or pair of sequences, also is that of a train row.

        Reverse complements count where `task.strand_free`. Train rows themselves are true; all of them come before
        those of other splits.
        """
        if split == "train":
            if self.known is not None:
                raise RuntimeError(f"{self.task.id}: a train table comes after those of other splits")
            self.seen.append(hash64(sequence_key(rows), "sequence"))
            found = np.ones(len(rows), dtype=bool)
        else:
            if self.known is None:
                self.known = np.sort(np.concatenate(self.seen)) if self.seen else np.empty(0, np.uint64)
                self.seen.clear()
            found = contains(self.known, hash64(sequence_key(rows), "sequence"))
            if self.task.strand_free:
                found |= contains(self.known, hash64(reverse_complement(rows["sequence"]), "sequence"))
        return rows.append_column("in_train", pa.array(found))


def contains(known: np.ndarray, hashes: np.ndarray) -> np.ndarray:
    """Whether each of the hashes is among those known, which are sorted."""
    if not len(known):
        return np.zeros(len(hashes), dtype=bool)
    places = np.searchsorted(known, hashes)
    return known[np.minimum(places, len(known) - 1)] == hashes


def sequence_key(rows: pa.Table) -> pa.ChunkedArray:
    """One string per row that is equal where all input sequences are."""
    if "sequence_2" in rows.column_names:
        return pc.binary_join_element_wise(rows["sequence"], rows["sequence_2"], "|")
    return rows["sequence"]


def reverse_complement(sequences: pa.ChunkedArray) -> pa.ChunkedArray:
    """The other strand, read 5' to 3', of DNA in IUPAC letters."""
    chunks = []
    for chunk in pc.ascii_reverse(sequences).chunks:
        _, offsets, letters = chunk.buffers()
        other = pa.py_buffer(COMPLEMENT[np.frombuffer(letters, dtype=np.uint8)]) if letters else letters
        chunks.append(pa.StringArray.from_buffers(len(chunk), offsets, other, offset=chunk.offset))
    return pa.chunked_array(chunks, type=pa.string())
