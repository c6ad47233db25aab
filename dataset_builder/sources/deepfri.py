"""DeepFRI (Gligorijević 2021): EC numbers of PDB chains, in DeepFRI's own split of the chains.

The sequences of train and validation are in a file of their own, which the repository lacks; the GO test set of the
same repository has some of these chains, so part of both splits is there without it.
"""

import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from dataset_builder.files import Missing, SourceError, Sources, read_fasta, read_lines
from dataset_builder.raw import raw_table
from dataset_builder.tasks import Task


ANNOTATIONS = "nrPDB-EC_2020.04_annot.tsv"
CHAINS = {
    "train": "nrPDB-EC_2020.04_train.txt",
    "validation": "nrPDB-EC_2020.04_valid.txt",
    "test": "nrPDB-EC_2020.04_test.txt",
}
SEQUENCES = "nrPDB-EC_2020.04_sequences.fasta"
MORE_SEQUENCES = ("nrPDB-EC_2020.04_test_sequences.fasta", "nrPDB-GO_2019.06.18_test_sequences.fasta")

log = logging.getLogger(__name__)


def read(task: Task, sources: Sources) -> Iterator[tuple[str, pa.Table]]:
    """One table per split, a row per chain; chains without a sequence are left out and counted.

    Raises:
        SourceError: the annotations lack their `### PDB-chain` line.
    """
    sequences = read_sequences(task, sources)
    for split, name in CHAINS.items():
        paths = sources.find_all(task.id, split, [ANNOTATIONS, name])
        if paths is None:
            continue
        annotations, path = paths
        chains = read_lines(path)
        found = np.array([chain in sequences for chain in chains], dtype=bool)
        if not found.all():
            sources.missing.append(Missing(task.id, split, (SEQUENCES,)))
            log.warning(
                "%s: %s of %s chains have no sequence: left out", path, f"{(~found).sum():,}", f"{len(chains):,}"
            )
        if found.any():
            ec_numbers = read_annotations(annotations)
            kept = [chain for chain in chains if chain in sequences]
            yield (
                split,
                raw_table(
                    path,
                    sources,
                    row=pa.array(kept),
                    line=pa.array(np.flatnonzero(found) + 1),
                    sequence=pa.array([sequences[chain] for chain in kept]),
                    label=pa.array([ec_numbers.get(chain, "") for chain in kept]),
                ),
            )


def read_sequences(task: Task, sources: Sources) -> dict[str, str]:
    """Sequence by `<PDB>-<chain>`, the first word of a header, from all FASTA files that are there."""
    paths = [sources.find(task.id, name) for name in (*MORE_SEQUENCES, SEQUENCES)]
    return {header.partition(" ")[0]: sequence for path in paths if path for header, sequence, _ in read_fasta(path)}


def read_annotations(path: Path) -> dict[str, str]:
    """EC numbers (comma separated) by chain: what follows the line `### PDB-chain<TAB>EC-numbers`."""
    lines = read_lines(path)
    start = next((i for i, line in enumerate(lines, 1) if line.startswith("### PDB-chain")), None)
    if start is None:
        raise SourceError(f"{path}: no line begins with '### PDB-chain'; is this DeepFRI's annotation file?")
    return dict(line.partition("\t")[::2] for line in lines[start:])
