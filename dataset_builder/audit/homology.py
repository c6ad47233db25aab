"""Homology of test to train by alignment, where the program MMseqs2 is installed (apt, brew or conda: mmseqs2).

Train is clustered first, as every sequence of a library aligns to every other: a test sequence is aligned to the
representatives of clusters of 90% identity, so that its identity to the nearest train sequence may be a little higher.
"""

import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import pyarrow.csv

from dataset_builder.audit.rows import NUCLEOTIDES, distinct
from dataset_builder.files import SourceError
from dataset_builder.tasks import Task


IDENTITIES = (0.3, 0.5, 0.7, 0.9)  # counted; of the aligned letters
CLUSTERED = 0.9  # identity within a cluster of train
COVERAGE = 0.8  # of the test sequence, or of the cluster's member, that the alignment spans
WORD = 12  # nucleotides that two sequences share where an alignment begins; the 15 of MMseqs2 take 8 GB
HITS = 20  # representatives that a test sequence is aligned to, the most promising


def version() -> str:
    """What MMseqs2 says it is; empty where it is not on PATH."""
    program = shutil.which("mmseqs")
    if not program:
        return ""
    return subprocess.run([program, "version"], capture_output=True, text=True, check=True).stdout.strip()


def homologous(dataset: Path, task: Task, member: int) -> dict:
    """How many distinct test sequences align to one of train, by least identity of the best alignment.

    Raises:
        SourceError: MMseqs2 fails.
    """
    quiet = ["-v", "1", "--threads", "2"]
    nucleotides = ["--search-type", "3", "--strand", "2" if task.strand_free else "1", "-k", str(WORD)]
    with tempfile.TemporaryDirectory(prefix="audit-") as name:
        folder = Path(name)
        count = write_fasta(dataset, task, "test", member, folder)
        write_fasta(dataset, task, "train", member, folder)
        cluster = ["--min-seq-id", str(CLUSTERED), "-c", str(COVERAGE), "--cov-mode", "1"]
        mmseqs(folder, "easy-linclust", "train.fasta", "train", "scratch", *cluster, *quiet)
        search = ["--min-seq-id", str(IDENTITIES[0]), "-c", str(COVERAGE), "--cov-mode", "2", "--max-seqs", str(HITS)]
        search += ["--format-output", "query,fident", *(nucleotides if task.molecules[member] in NUCLEOTIDES else [])]
        try:
            mmseqs(folder, "easy-search", "test.fasta", "train_rep_seq.fasta", "hits", "scratch", *search, *quiet)
        except SourceError as error:
            if "No k-mer could be extracted" not in str(error):
                raise
            return {"sequences": count, "skipped": "too short for MMseqs2"}
        best = np.zeros(count)
        if (folder / "hits").stat().st_size:
            names = pyarrow.csv.ReadOptions(column_names=["query", "identity"])
            hits = pyarrow.csv.read_csv(folder / "hits", names, pyarrow.csv.ParseOptions(delimiter="\t"))
            np.maximum.at(best, hits["query"].to_numpy(), hits["identity"].to_numpy())
    counts = {str(least): int((best >= least).sum()) for least in IDENTITIES}
    return {"sequences": count, "sequences_with_identity": counts}


def write_fasta(dataset: Path, task: Task, split: str, member: int, folder: Path) -> int:
    """<split>.fasta with the distinct sequences, named by their numbers from 0; returns how many."""
    count = 0
    with open(folder / f"{split}.fasta", "w", encoding="ascii") as stream:
        for _, sequences in distinct(dataset, task, (split,), member):
            for sequence in sequences.to_pylist():
                stream.write(f">{count}\n{sequence}\n")
                count += 1
    return count


def mmseqs(folder: Path, *arguments: str) -> None:
    """Run MMseqs2 in a folder."""
    done = subprocess.run(["mmseqs", *arguments], cwd=folder, capture_output=True, text=True)
    if done.returncode:
        said = (done.stdout + done.stderr).strip()[-500:]
        raise SourceError(f"mmseqs {' '.join(arguments)} ended with {done.returncode}: {said!r}; audit without it")
