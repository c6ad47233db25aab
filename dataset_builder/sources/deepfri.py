"""DeepFRI (Gligorijević 2021): EC numbers of PDB chains, in DeepFRI's own split of the chains.

The sequences of train and validation are in a file of their own, which the repository lacks; the GO test set of the
same repository has some of these chains, so part of both splits is there without it. With it the sizes are those of
Table 2, less the chains that no file has a sequence of.
"""

import logging
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from dataset_builder.files import File, Missing, Sources
from dataset_builder.raw import raw_table
from dataset_builder.rejects import SourceError
from dataset_builder.tasks import Task
from dataset_builder.text import read_lines, read_sequences


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
WITHOUT_SEQUENCE = "no FASTA file has a sequence of the chain"

log = logging.getLogger(__name__)


def read(task: Task, sources: Sources) -> Iterator[tuple[str, pa.Table]]:
    """One table per split, a row per chain; chains without a sequence are left out and counted.

    Raises:
        SourceError: the annotations lack their `### PDB-chain` line.
    """
    fastas = [sources.find(task.id, name) for name in SEQUENCES]
    sequences = {chain: sequence for file in fastas if file for chain, sequence in read_sequences(file).items()}
    for split, name in CHAINS.items():
        files = sources.find_all(task.id, split, [ANNOTATIONS, name])
        if files is None:
            continue
        ec_numbers, rows = read_annotations(files[0]), read_chains(files[1])
        chains = rows["row"].to_pylist()
        sequence = pa.array(map(sequences.get, chains), pa.string())
        if sequence.null_count:
            log.warning(
                "%s: %s of %s chains have no sequence: left out",
                files[1],
                f"{sequence.null_count:,}",
                f"{len(chains):,}",
            )
            if fastas[0] is None:
                sources.missing.append(Missing(task.id, split, SEQUENCES[:1]))
        left_out = pc.if_else(pc.is_null(sequence), WITHOUT_SEQUENCE, "")
        label = pa.array([ec_numbers.get(chain, "") for chain in chains], pa.string())
        yield split, raw_table(files[1], rows, sequence, label=label, left_out=left_out)


def read_chains(file: File) -> pa.Table:
    """`row`, the chain, and `line` of a list of chains; one that is listed again is rejected."""
    first_line: dict[str, int] = {}
    lines = [(line, chain) for line, chain in enumerate(read_lines(file), 1) if chain]
    for line, chain in lines:
        if first_line.setdefault(chain, line) != line:
            file.reject(line, chain, f"the chain is in line {first_line[chain]} already; remove one of the lines")
    file.count(len(lines))
    file.require_rows()
    return pa.table({"row": list(first_line), "line": list(first_line.values())})


def read_annotations(file: File) -> dict[str, str]:
    """EC numbers (comma separated) by chain: what follows the line `### PDB-chain<TAB>EC-numbers`."""
    lines = read_lines(file)
    start = next((i for i, line in enumerate(lines, 1) if line.startswith("### PDB-chain")), None)
    if start is None:
        raise SourceError(f"{file}: no line begins with '### PDB-chain'; is this DeepFRI's annotation file?")
    return dict(line.partition("\t")[::2] for line in lines[start:])
