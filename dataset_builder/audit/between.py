"""What held-out sequences share with the training data as a whole: train of every task, and the stage-1 corpora.

For every validation and test sequence the share of its k-mers that occur anywhere in a training set (sourmash's
containment). k is long enough that even a genome holds hardly any of them by chance, so a share of 0.1 is a stretch in
common, and one of 0.8 a sequence that is contained, as a core promoter is in a longer promoter. Sequences shorter than
k, of guides and siRNAs, are only compared whole. DNA and RNA are compared with each other, on both strands.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from dataset_builder.audit.kmers import Vocabulary, index_kmers, kmer_hashes
from dataset_builder.audit.rows import BATCH, NUCLEOTIDES, distinct, sequence_keys, shards, twin_keys
from dataset_builder.files import SourceError
from dataset_builder.overlap import contains
from dataset_builder.tasks import TASKS, Task


K = {"nucleotide": 21, "protein": 10}
CORPORA = {"pretrain_dna": "dna", "pretrain_rna": "rna", "pretrain_protein": "protein"}
SHARES = (0.1, 0.5, 0.8, 1.0)  # counted
KEPT = 48  # k-mers per held-out sequence, about; of longer ones a FracMinHash


@dataclass(frozen=True)
class Queries:
    """All held-out sequences of one kind, distinct within their group.

    Attributes:
        groups: by name, such as core_promoter/test, the sequences of the group.
        keys: uint64 per sequence. twins: the keys of the reverse complements; of proteins the keys again.
        vocabulary: their k-mers. place: of every k-mer of every sequence, where it is there. owner: its sequence.
    """

    groups: dict[str, slice]
    keys: np.ndarray
    twins: np.ndarray
    vocabulary: Vocabulary
    place: np.ndarray
    owner: np.ndarray


def shared_with_training(dataset: Path, kind: str) -> list[dict]:
    """What the held-out sequences of a kind, `nucleotide` or `protein`, share with each training set, if anything."""
    queries = gather(dataset, kind)
    found = []
    for name, batches in training_sets(dataset, kind):
        known, seen = [], np.zeros(len(queries.vocabulary.hashes), dtype=bool)
        for keys, sequences in batches:
            known.append(keys)
            seen[queries.vocabulary.find(kmer_hashes(sequences, kind, K[kind])[0])[1]] = True
        train = np.sort(np.concatenate(known))
        itself = contains(train, queries.keys) | contains(train, queries.twins)
        shared = np.bincount(queries.owner[seen[queries.place]], minlength=len(queries.keys))
        share = shared / np.maximum(np.bincount(queries.owner, minlength=len(queries.keys)), 1)
        for group, members in queries.groups.items():
            counts = {str(least): int((share[members] >= least).sum()) for least in SHARES}
            identical = int(itself[members].sum())
            if identical or counts[str(SHARES[0])]:
                sizes = {"sequences": members.stop - members.start, "identical": identical}
                found.append({"held_out": group, "training": name} | sizes | {"sequences_with_share": counts})
    return found


def gather(dataset: Path, kind: str) -> Queries:
    """The k-mers of all validation and test sequences of a kind."""
    none = np.empty(0, dtype=np.uint64)
    groups, keys, twins, parts, first = {}, [none], [none], [], 0
    for task, member in members_of(kind):
        for split in ("validation", "test"):
            start = first
            for some, sequences in distinct(dataset, task, (split,), member):
                keys.append(some)
                twins.append(twin_keys(sequences) if kind == "nucleotide" else some)
                parts.append((sequences, np.maximum(1, np.rint(pc.binary_length(sequences).to_numpy() / KEPT))))
                first += len(some)
            if first > start:
                groups[set_name(task, split, member)] = slice(start, first)
    vocabulary, place, owner = index_kmers(parts, kind, K[kind])
    return Queries(groups, np.concatenate(keys), np.concatenate(twins), Vocabulary.of(vocabulary), place, owner)


def training_sets(dataset: Path, kind: str) -> Iterator[tuple[str, Iterator[tuple[np.ndarray, pa.Array]]]]:
    """(name, batches of keys and sequences) of train of every task, and of the corpora, as far as they are there."""
    for task, member in members_of(kind):
        if shards(dataset, task, "train"):
            yield set_name(task, "train", member), distinct(dataset, task, ("train",), member)
    for corpus, molecule in CORPORA.items():
        paths = sorted((dataset / corpus).glob("train-*.parquet"))
        if paths and kind_of(molecule) == kind:
            yield corpus, texts(paths, molecule)


def texts(paths: list[Path], molecule: str) -> Iterator[tuple[np.ndarray, pa.Array]]:
    """(keys, sequences) of a corpus, batch by batch."""
    for path in paths:
        for batch in pq.ParquetFile(path).iter_batches(BATCH, columns=["id", "text"]):
            found = pc.extract_regex(pc.ascii_upper(batch["text"]), rf"<{molecule.upper()}>(?P<sequence>[A-Z]+)</")
            if found.null_count:
                row = pc.index(pc.is_null(found), True).as_py()
                raise SourceError(f"{path}: {batch['id'][row]}: {batch['text'][row].as_py()[:80]!r}: no <{molecule}>")
            sequences = pc.struct_field(found, "sequence")
            yield sequence_keys(sequences), sequences


def members_of(kind: str) -> list[tuple[Task, int]]:
    """(task, which of its sequences) of all that are of a kind."""
    return [(task, i) for task in TASKS.values() for i, one in enumerate(task.molecules) if kind_of(one) == kind]


def kind_of(molecule: str) -> str:
    """What the molecule is compared with."""
    return "nucleotide" if molecule in NUCLEOTIDES else "protein"


def set_name(task: Task, split: str, member: int) -> str:
    """core_promoter/test; for pairs rna_protein/test/first."""
    return f"{task.id}/{split}" + (f"/{('first', 'second')[member]}" if len(task.molecules) == 2 else "")
