"""Which validation and test rows have their sequences in train (exactly, or as the reverse complement)."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dataset_builder.tasks import Task


COMPLEMENT = np.frombuffer(bytes.maketrans(b"ACGTRYKMBVDH", b"TGCAYRMKVBHD"), dtype=np.uint8)


def mark_in_train(splits: dict[str, pa.Table], task: Task) -> dict[str, pa.Table]:
    """The splits with `in_train` (bool): true where the sequence, or pair of sequences, also is that of a train row.

    Reverse complements count where `task.strand_free`. Train rows themselves are true.
    """
    known = pc.unique(sequence_key(splits["train"])) if "train" in splits else pa.array([], pa.string())
    marked = {}
    for split, rows in splits.items():
        if split == "train":
            found = pa.repeat(True, len(rows))
        else:
            found = pc.is_in(sequence_key(rows), known)
            if task.strand_free:
                found = pc.or_(found, pc.is_in(reverse_complement(rows["sequence"]), known))
        marked[split] = rows.append_column("in_train", found)
    return marked


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
