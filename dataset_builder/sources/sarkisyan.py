"""Fluorescence of avGFP variants (Sarkisyan 2016): log10 brightness of 54,025 genotypes, split as in TAPE.

TAPE tests on the variants with four or more mutations. Which of the others it validates on follows no stated rule, so
its validation file decides. Without the genotypes TAPE's own JSON files are read.
"""

import re
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dataset_builder.delimited import read_csv, read_lookup
from dataset_builder.files import File, Sources
from dataset_builder.raw import parted, raw_table
from dataset_builder.rejects import SourceError
from dataset_builder.sources import tape
from dataset_builder.tasks import Task
from dataset_builder.text import read_sequences


GENOTYPES = "amino_acid_genotypes_to_brightness.tsv"
PROTEINS = "avGFP_amacGFP_cgreGFP_ppluGFP2__protein_sequences.fasta"
VALIDATION = "fluorescence.valid.csv"
TAPE = {"train": "fluorescence_train.json", "validation": "fluorescence_valid.json", "test": "fluorescence_test.json"}
MIN_TEST_MUTATIONS = 4
SUBSTITUTION = re.compile(r"S([A-Z])(\d+)([A-Z*])", re.ASCII)  # kind, wild-type residue, 0-based position, new residue


def read(task: Task, sources: Sources) -> Iterator[tuple[str, pa.Table]]:
    """The variants of every split; without the validation file test alone, as train cannot be told from validation.

    Raises:
        SourceError: there is no avGFP record.
    """
    if sources.has(task.id, TAPE.values()) and not sources.has(task.id, [GENOTYPES, PROTEINS]):
        yield from tape.read(task, sources, TAPE, "log_fluorescence")
        return
    for split in ("train", "validation"):
        sources.find_all(task.id, split, [GENOTYPES, PROTEINS, VALIDATION])
    files = sources.find_all(task.id, "test", [GENOTYPES, PROTEINS])
    if files is None:
        return
    genotypes, proteins = files[0].drawn(), files[1]
    rows = read_variants(genotypes, read_wild_type(proteins))
    test = rows["mutations"].to_numpy() >= MIN_TEST_MUTATIONS
    if validation := sources.find(task.id, VALIDATION):
        held_out = pc.is_in(rows["sequence"], read_lookup(validation, ["seq"])["seq"].combine_chunks())
        split = np.select([test, held_out.to_numpy()], ["test", "validation"], "train")
    else:
        split = np.where(test, "test", "")
        reason = f"train or validation: which of them, {VALIDATION} would tell"
        genotypes.leave_out(rows.filter(pa.array(~test)), reason, "aaMutations")
    yield from parted(raw_table(genotypes, rows, rows["sequence"], value=rows["medianBrightness"]), split)


def read_variants(file: File, wild_type: str) -> pa.Table:
    """The rows with their `sequence` and number of `mutations`; a genotype that does not fit is rejected."""
    rows = read_csv(file, ["aaMutations", "medianBrightness"], delimiter="\t")
    variants = [mutate(wild_type, genotype) for genotype in rows["aaMutations"].to_pylist()]
    for row, variant in zip(rows.select(["aaMutations", "line"]).to_pylist(), variants, strict=True):
        if variant is None:
            reason = "no genotype of avGFP (such as SA108D:SN144D, 0-based, without its first M); correct the line"
            file.reject(row["line"], row["aaMutations"], reason)
    file.require_rows()
    sequences, mutations = zip(*(variant or ("", 0) for variant in variants), strict=True)
    rows = rows.append_column("sequence", pa.array(sequences, pa.string())).append_column(
        "mutations", pa.array(mutations)
    )
    return rows.filter(pa.array([variant is not None for variant in variants]))


def read_wild_type(file: File) -> str:
    """The avGFP record without its first M, which genotypes count from."""
    proteins = read_sequences(file)
    if "avGFP" not in proteins:
        raise SourceError(f"{file}: no record is named avGFP; is this the file of the four wild-type proteins?")
    return proteins["avGFP"].removeprefix("M")


def mutate(wild_type: str, genotype: str) -> tuple[str, int] | None:
    """Sequence and number of mutations of `wt` or of substitutions such as SA108D:SN144D; None if they do not fit.

    A stop (`*`) is dropped and what follows it kept, as in TAPE's sequences.
    """
    items = [] if genotype == "wt" else genotype.split(":")
    letters = list(wild_type)
    for item in items:
        match = SUBSTITUTION.fullmatch(item)
        if not match or match[1] != wild_type[int(match[2]) : int(match[2]) + 1]:
            return None
        letters[int(match[2])] = match[3]
    return "".join(letters).replace("*", ""), len(items)
