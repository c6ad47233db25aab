"""Fluorescence of avGFP variants (Sarkisyan 2016): log10 brightness of 54,025 genotypes, split as in TAPE.

TAPE tests on the variants with four or more mutations. Which of the others it validates on follows no stated rule, so
its validation file decides.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dataset_builder.files import SourceError, Sources, read_csv, read_sequences
from dataset_builder.raw import data_row, parted, raw_table
from dataset_builder.tasks import Task


GENOTYPES = "amino_acid_genotypes_to_brightness.tsv"
PROTEINS = "avGFP_amacGFP_cgreGFP_ppluGFP2__protein_sequences.fasta"
VALIDATION = "fluorescence.valid.csv"
MIN_TEST_MUTATIONS = 4
SUBSTITUTION = re.compile(r"S([A-Z])(\d+)([A-Z*])")  # kind, wild-type residue, 0-based position, new residue


def read(task: Task, sources: Sources) -> Iterator[tuple[str, pa.Table]]:
    """One table per split; without the validation file test alone, as train cannot be told from validation.

    Raises:
        SourceError: there is no avGFP record, or a genotype does not fit it.
    """
    common = sources.find_all(task.id, "test", [GENOTYPES, PROTEINS])
    more = [sources.find_all(task.id, split, [GENOTYPES, PROTEINS, VALIDATION]) for split in ("train", "validation")]
    if common is None:
        return
    path, proteins = common
    table = read_csv(path, ["aaMutations", "medianBrightness"], delimiter="\t")
    wild_type = read_wild_type(proteins)
    genotypes = zip(table["aaMutations"].to_pylist(), table["line"].to_pylist(), strict=True)
    variants = [mutate(wild_type, genotype, f"{path}: line {line}") for genotype, line in genotypes]
    sequence = pa.array([letters for letters, _ in variants], pa.string())
    test = np.array([count for _, count in variants]) >= MIN_TEST_MUTATIONS
    split = np.where(test, "test", "")
    if more[0]:
        held_out = pc.is_in(sequence, read_csv(more[0][2], ["seq"])["seq"].combine_chunks())
        split = np.select([test, held_out.to_numpy(zero_copy_only=False)], ["test", "validation"], "train")
    columns = (data_row(table["line"]), table["line"], sequence)
    rows = raw_table(path, sources, *columns, value=table["medianBrightness"])
    yield from parted(rows, split)


def read_wild_type(path: Path) -> str:
    """The avGFP record without its first M, which genotypes count from."""
    proteins = read_sequences(path)
    if "avGFP" not in proteins:
        raise SourceError(f"{path}: no record is named avGFP; is this the file of the four wild-type proteins?")
    return proteins["avGFP"].removeprefix("M")


def mutate(wild_type: str, genotype: str, place: str) -> tuple[str, int]:
    """Sequence and number of mutations of `wt` or of substitutions such as `SA108D:SN144D`.

    A stop (`*`) is dropped and what follows it kept, as in TAPE's sequences.
    """
    items = [] if genotype == "wt" else genotype.split(":")
    letters = list(wild_type)
    for item in items:
        match = SUBSTITUTION.fullmatch(item)
        if not match or match[1] != wild_type[int(match[2]) : int(match[2]) + 1]:
            raise SourceError(
                f"{place}: {item!r} is no substitution of avGFP (such as SA108D, 0-based, without its first M); "
                "correct the genotype or fetch both files again"
            )
        letters[int(match[2])] = match[3]
    return "".join(letters).replace("*", ""), len(items)
