"""Near copies: validation and test sequences that share much of their k-mers with one sequence of another split.

The share is the containment: of the k-mers of a validation or test sequence, those that one sequence of the other
split has too. K-mers found more often than in 1% of the task's validation and test sequences do not count: they are
the vector, the scaffold or the wild type of a library, which its sequences share by design; what counts is where they
differ. With substitutions spread evenly, a share of 0.5 stands for 95% identity of nucleotides and 87% of amino acids;
one half of a sequence, found whole, gives 0.5 as well.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.compute as pc
from scipy import sparse

from dataset_builder.audit.kmers import Vocabulary, index_kmers, kmer_hashes
from dataset_builder.audit.repeats import COMPARED
from dataset_builder.audit.rows import distinct
from dataset_builder.tasks import Task


K = {"dna": 15, "rna": 15, "protein": 5}
SHARES = (0.2, 0.5, 0.8, 1.0)  # counted
NEAR = 0.5  # a near copy
COMMON = 0.01  # of the number of validation and test sequences,
LEAST_COMMON = 500  # but at least so much: a k-mer that is found in them more often does not count
KEPT = 100  # k-mers that count per sequence, about; of more a FracMinHash


@dataclass(frozen=True)
class Held:
    """The distinct validation and test sequences of one member of a task.

    Attributes:
        keys: uint64 per sequence.
        scaled: of the k-mers one in so many is kept.
        kmers: k-mer x sequence, 1 where the sequence has the k-mer; rows in the order of the vocabulary.
        sizes: k-mers of each sequence that count; 0 where it is shorter than k or has only common ones.
    """

    keys: np.ndarray
    molecule: str
    scaled: int
    vocabulary: Vocabulary
    kmers: sparse.csr_array
    sizes: np.ndarray


@dataclass(frozen=True)
class Shares:
    """How much of each held sequence is in a split.

    Attributes:
        best: float32 per held sequence, its largest share; 1 where the sequence itself is there.
        keys: uint64 per distinct sequence of the split.
        near: held sequence x sequence of the split, where the share is NEAR or more; of pairs only.
    """

    best: np.ndarray
    keys: np.ndarray
    near: sparse.csr_array | None


def near_copies(
    dataset: Path, task: Task, splits: dict[str, pd.DataFrame]
) -> tuple[dict[str, dict], dict[tuple[str, str], np.ndarray]]:
    """Near copies of validation and test rows in train, and of test rows in validation.

    Returns:
        Counts, by "test in train" and the like; and by (split, reference) whether each row is a near copy, which it
        also is where its sequence or pair itself is there. Both are empty where there are no two splits to compare.
    """
    compared = [(split, reference) for split, reference in COMPARED if split in splits and reference in splits]
    held = [hold(dataset, task, member) for member in range(len(task.molecules))] if compared else []
    counts, flags = {}, {}
    for reference in dict.fromkeys(reference for _, reference in compared):
        shares = [compare(one, dataset, task, reference, member) for member, one in enumerate(held)]
        for split in (split for split, other in compared if other == reference):
            rows = splits[split]
            names = ["member_0", "member_1"] if len(held) == 2 else ["key"]
            places = [pd.Index(one.keys).get_indexer(rows[name]) for one, name in zip(held, names, strict=True)]
            if len(held) == 2:
                near = near_pairs(shares, places, splits[reference])
            else:
                near = shares[0].best[places[0]] >= NEAR
            flags[split, reference] = near
            counts[f"{split} in {reference}"] = counted(near, rows) | {
                "members": [
                    counted_shares(one, share.best[place], place)
                    for one, share, place in zip(held, shares, places, strict=True)
                ]
            }
    return counts, flags


def hold(dataset: Path, task: Task, member: int) -> Held:
    """The k-mers of the validation and test sequences that count; a sample of them where they are many."""
    molecule = task.molecules[member]
    parts = list(distinct(dataset, task, ("validation", "test"), member))
    keys = np.concatenate([keys for keys, _ in parts])
    letters = sum(pc.sum(pc.binary_length(sequences)).as_py() for _, sequences in parts)
    scaled, fitting = 0, max(1, round(letters / len(keys) / KEPT))
    while (
        fitting != scaled
    ):  # where few count fewer are left out: of a few a sample tells nothing, and its best too much
        scaled = fitting
        vocabulary, place, owner = index_kmers([(some, scaled) for _, some in parts], molecule, K[molecule])
        found = np.bincount(place, minlength=len(vocabulary))
        counts = found <= max(LEAST_COMMON, COMMON * len(keys))
        fitting = min(scaled, max(1, round(scaled * found[counts].sum() / len(keys) / KEPT)))
    chosen = counts[place]
    place, owner = (np.cumsum(counts, dtype=np.int32) - 1)[place[chosen]], owner[chosen]
    kmers = ones(place, owner, (int(counts.sum()), len(keys)))
    sizes = np.bincount(kmers.indices, minlength=len(keys)).astype(np.float32)
    return Held(keys, molecule, scaled, Vocabulary.of(vocabulary[counts]), kmers, sizes)


def compare(held: Held, dataset: Path, task: Task, reference: str, member: int) -> Shares:
    """The shares of the held sequences in the sequences of the split `reference`, which pass by in batches."""
    best = np.zeros(len(held.keys), dtype=np.float32)
    keys, rows, columns, first = [], [], [], 0
    for some, sequences in distinct(dataset, task, (reference,), member):
        hashes, owner = kmer_hashes(sequences, held.molecule, K[held.molecule], held.scaled)
        which, place = held.vocabulary.find(hashes)
        shared = ones(owner[which], place, (len(some), len(held.vocabulary.hashes))) @ held.kmers
        share = shared.data / held.sizes[shared.indices]
        np.maximum.at(best, shared.indices, share)
        if len(task.molecules) == 2:
            near = np.flatnonzero(share >= NEAR)
            rows.append(shared.indices[near])
            columns.append(np.repeat(np.arange(first, first + len(some)), np.diff(shared.indptr))[near])
        keys.append(some)
        first += len(some)
    keys = np.concatenate(keys)
    same = pd.Index(keys).get_indexer(held.keys)
    itself = np.flatnonzero(same >= 0)
    best[itself] = 1
    if len(task.molecules) == 1:
        return Shares(best, keys, None)
    near = ones(np.concatenate([*rows, itself]), np.concatenate([*columns, same[itself]]), (len(best), first))
    return Shares(best, keys, near.astype(bool))


def ones(rows: np.ndarray, columns: np.ndarray, shape: tuple[int, int]) -> sparse.csr_array:
    """A uint16 matrix with 1 at the places given, however often each is."""
    matrix = sparse.csr_array((np.ones(len(rows), dtype=np.uint16), (rows, columns)), shape=shape)
    matrix.data[:] = 1
    return matrix


def near_pairs(shares: list[Shares], places: list[np.ndarray], reference: pd.DataFrame) -> np.ndarray:
    """Whether one pair of the reference holds near copies of both members of a pair; bool per row."""
    first, second = (pd.Index(shares[i].keys).get_indexer(reference[f"member_{i}"]) for i in range(2))
    pairs = ones(first, second, (len(shares[0].keys), len(shares[1].keys))).astype(bool)
    partners = shares[0].near @ pairs  # the second members that occur with a near copy of a first member
    both = partners[places[0]].multiply(shares[1].near[places[1]])
    return np.asarray(both.sum(axis=1)) > 0


def counted(near: np.ndarray, rows: pd.DataFrame) -> dict:
    """Near copies, in all and by sub-task."""
    found: dict = {"near_rows": int(near.sum())}
    if rows["subtask"].nunique() > 1:
        by_set = rows.loc[near, "subtask"].value_counts()
        found["near_rows_by_subtask"] = {str(name): int(by_set[name]) for name in sorted(rows["subtask"].unique())}
    return found


def counted_shares(held: Held, best: np.ndarray, place: np.ndarray) -> dict:
    """How the rows of one member spread over the shares, and what they were measured with."""
    return {
        "molecule": held.molecule,
        "k": K[held.molecule],
        "scaled": held.scaled,
        "rows_with_share": {str(share): int((best >= share).sum()) for share in SHARES},
        "rows_without_kmers": int((held.sizes[place] == 0).sum()),
    }
