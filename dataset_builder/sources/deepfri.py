"""DeepFRI (Gligorijević 2021): EC numbers of PDB chains, in DeepFRI's own split of the chains.

The sequences of train and validation are in a file of their own, which the repository lacks; the GO test set of the
same repository has some of these chains, so part of both splits is there without it.
"""

import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from dataset_builder.files import Missing, SourceError, Sources, read_lines, read_sequences
from dataset_builder.raw import raw_table
from dataset_builder.tasks import Task


ANNOTATIONS = "nrPDB-EC_2020.04_annot.tsv"
CHAINS = {
    "train": "nrPDB-EC_2020.04_train.txt",
    "validation": "nrPDB-EC_2020.04_valid.txt",
    "test": "nrPDB-EC_2020.04_test.txt",
}
SEQUENCES = (
    "nrPDB-EC_2020.04_sequences.fasta",
    "nrPDB-EC_2020.04_test_sequences.fasta",
    "nrPDB-GO_2019.06.18_test_sequences.fasta",
)

log = logging.getLogger(__name__)


def read(task: Task, sources: Sources) -> Iterator[tuple[str, pa.Table]]:
    """One table per split, a row per chain; chains without a sequence are left out and counted.

    Raises:
        SourceError: the annotations lack their `### PDB-chain` line.
    """
    fastas = [sources.find(task.id, name) for name in SEQUENCES]
    sequences = {chain: sequence for path in fastas if path for chain, sequence in read_sequences(path).items()}
    for split, name in CHAINS.items():
        paths = sources.find_all(task.id, split, [ANNOTATIONS, name])
        if paths is None:
            continue
        ec_numbers, chains = read_annotations(paths[0]), read_lines(paths[1])
        found = np.array([chain in sequences for chain in chains], dtype=bool)
        if absent := int((~found).sum()):
            sources.missing.append(Missing(task.id, split, SEQUENCES[:1]))
            log.warning("%s: %s of %s chains have no sequence: left out", paths[1], f"{absent:,}", f"{len(chains):,}")
        if found.any():
            kept = pa.array(chains, pa.string()).filter(pa.array(found))
            sequence = pa.array([sequences[chain] for chain in kept.to_pylist()], pa.string())
            label = pa.array([ec_numbers.get(chain, "") for chain in kept.to_pylist()], pa.string())
            yield split, raw_table(paths[1], sources, kept, pa.array(np.flatnonzero(found) + 1), sequence, label=label)


def read_annotations(path: Path) -> dict[str, str]:
    """EC numbers (comma separated) by chain: what follows the line `### PDB-chain<TAB>EC-numbers`."""
    lines = read_lines(path)
    start = next((i for i, line in enumerate(lines, 1) if line.startswith("### PDB-chain")), None)
    if start is None:
        raise SourceError(f"{path}: no line begins with '### PDB-chain'; is this DeepFRI's annotation file?")
    return dict(line.partition("\t")[::2] for line in lines[start:])
