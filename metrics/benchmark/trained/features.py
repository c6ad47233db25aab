"""What the trained baselines see of a row: length and letters, or k-mers, of each of its molecules."""

import numpy as np
from scipy import sparse

from dataset_builder.tasks import Task
from metrics.benchmark.trained.kmers import LONGEST, kmer_counts


Molecules = list[list[str]]  # one list of n sequences for each molecule of the task


def composition(molecules: Molecules, task: Task) -> sparse.csr_matrix:
    """Log length and the share of each letter, of every molecule; float32 of shape (n, k).

    Where the strand does not matter, the shares of A with T and of C with G: the GC content.
    """
    blocks = []
    for tag, sequences in zip(task.molecules, molecules, strict=True):
        lengths = np.fromiter(map(len, sequences), np.float64, len(sequences))[:, None]
        counts = kmer_counts(sequences, tag, range(1, 2), task.strand_free).toarray()
        blocks += [np.log(lengths), counts[:, counts.any(axis=0)] / lengths if len(counts) else counts]
    return sparse.csr_matrix(np.hstack(blocks).astype(np.float32))


def profiles(molecules: Molecules, task: Task) -> sparse.csr_matrix:
    """Square roots of k-mer counts, each molecule's scaled to length 1; float32 of shape (n, k).

    1- to 6-mers of nucleotides, 1- to 3-mers of proteins. The square root keeps frequent short words from hiding the
    rest, and the inner product of two profiles is their Bhattacharyya coefficient.
    """
    from sklearn.preprocessing import normalize

    blocks = []
    for tag, sequences in zip(task.molecules, molecules, strict=True):
        distinct, row = np.unique(np.array(sequences, dtype=object), return_inverse=True)
        counts = kmer_counts(distinct.tolist(), tag, range(1, LONGEST[tag] + 1), task.strand_free)
        counts.data = np.sqrt(counts.data)
        blocks.append(normalize(counts, copy=False)[row])
    return sparse.hstack(blocks, format="csr", dtype=np.float32)


def interactions(molecules: Molecules, task: Task) -> sparse.csr_matrix:
    """Products of the letters' shares in the two molecules of a pair; float32 of shape (n, k), k 0 without a pair."""
    if len(molecules) < 2:
        return sparse.csr_matrix((len(molecules[0]), 0), dtype=np.float32)
    first, second = (
        kmer_counts(sequences, tag, range(1, 2), task.strand_free).toarray() / np.array([[len(s)] for s in sequences])
        for tag, sequences in zip(task.molecules, molecules, strict=True)
    )
    return sparse.csr_matrix(np.einsum("ni,nj->nij", first, second).reshape(len(first), -1).astype(np.float32))
