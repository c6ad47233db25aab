"""Upstream files of the protein tasks; a function is named as the module of sources/ that reads its files.

Each writes into `folder`, whose name is the task; `sizes` are the rows of train, validation and test.
"""

import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from dataset_builder.synthetic.signals import SIGNALS, Sizes, binary, classes, draw, measured, numbers
from dataset_builder.synthetic.writers import write_fasta, write_table, write_text


def deepfri(folder: Path, rng: np.random.Generator, sizes: Sizes) -> None:
    """The annotations (each number and its parent), a list of chains per split, and their FASTA files."""
    annotations, records = [], {}
    for split, n in zip(("train", "valid", "test"), sizes, strict=True):
        rows = classes(rng, folder.name, n, (60, 120), counts=(1, 1, 2))
        chains = [f"synthetic_{split}_{i}-A" for i in range(n)]
        write_text(folder / f"nrPDB-EC_2020.04_{split}.txt", "".join(f"{chain}\n" for chain in chains))
        records[split] = [(f"{chain} nrPDB_{split}", seq) for chain, (seq, _) in zip(chains, rows, strict=True)]
        annotations += [(chain, ",".join(with_parents(label))) for chain, (_, label) in zip(chains, rows, strict=True)]
    write_fasta(folder / "nrPDB-EC_2020.04_sequences.fasta", records["train"] + records["valid"])
    write_fasta(folder / "nrPDB-EC_2020.04_test_sequences.fasta", records["test"])
    head = [("### EC-numbers",), with_parents(SIGNALS[folder.name]), ("### PDB-chain", "EC-numbers")]
    write_table(folder / "nrPDB-EC_2020.04_annot.tsv", (), [*head, *annotations], delimiter="\t")


def with_parents(ec_numbers: Iterable[str]) -> list[str]:
    """1.2.3.4 -> 1.2.3.4, 1.2.3.-"""
    return [name for number in ec_numbers for name in (number, re.sub(r"\d+$", "-", number))]


def rocklin(folder: Path, rng: np.random.Generator, sizes: Sizes) -> None:
    """stability.<split>.csv with the columns seq and label."""
    for split, n in zip(("train", "valid", "test"), sizes, strict=True):
        rows = [(sequence, label["value"]) for sequence, label in numbers(rng, folder.name, n, (45, 45))]
        write_table(folder / f"stability.{split}.csv", ("seq", "label"), rows)


def sarkisyan(folder: Path, rng: np.random.Generator, sizes: Sizes) -> None:
    """Genotypes of a made-up protein, four and more mutations for the test; the sequences of validation."""
    wild_type = draw(rng, "protein", 80).replace("P", "A")
    others = [(f"{name} synthetic", draw(rng, "protein", 80)) for name in ("amacGFP", "cgreGFP", "ppluGFP2")]
    records = [("avGFP synthetic", f"M{wild_type}"), *others]
    write_fasta(folder / "avGFP_amacGFP_cgreGFP_ppluGFP2__protein_sequences.fasta", records)
    variants: dict[str, str] = {"wt": wild_type}
    for mutations, n in (((1, 3), sizes[0] + sizes[1]), ((4, 7), sizes[2])):
        wanted = len(variants) + n
        while len(variants) < wanted:
            genotype, sequence = mutate(rng, wild_type, rng.integers(*mutations, endpoint=True))
            variants[genotype] = sequence
    brightness = {genotype: measured(rng, folder.name, sequence)["value"] for genotype, sequence in variants.items()}
    rows = [(genotype, 1, value, "") for genotype, value in brightness.items()]
    header = ("aaMutations", "uniqueBarcodes", "medianBrightness", "std")
    write_table(folder / "amino_acid_genotypes_to_brightness.tsv", header, rows, delimiter="\t")
    validation = list(variants)[1 : sizes[1] + 1]
    rows = [(variants[genotype], brightness[genotype]) for genotype in validation]
    write_table(folder / "fluorescence.valid.csv", ("seq", "label"), rows)


def mutate(rng: np.random.Generator, wild_type: str, n: int) -> tuple[str, str]:
    """A genotype of n substitutions, half of them by proline, and its sequence."""
    items, letters = [], list(wild_type)
    for place in np.sort(rng.choice(len(wild_type), n, replace=False)):
        others = "PPPPPPPPP" + "ACDEFGHIKLMNQRSTVWY".replace(wild_type[place], "")
        letters[place] = rng.choice(list(others))
        items.append(f"S{wild_type[place]}{place}{letters[place]}")
    return ":".join(items), "".join(letters)


def deepsol(folder: Path, rng: np.random.Generator, sizes: Sizes) -> None:
    """<split>_src, a protein per line, and <split>_tgt, its label."""
    for split, n in zip(("train", "val", "test"), sizes, strict=True):
        rows = binary(rng, SIGNALS[folder.name]["positive"], n, "protein", (40, 120))
        for name, column in zip(("src", "tgt"), zip(*rows, strict=True), strict=True):
            write_text(folder / f"{split}_{name}", "".join(f"{value}\n" for value in column))


def flip(folder: Path, rng: np.random.Generator, sizes: Sizes) -> None:
    """human_cell.csv; validation rows are training rows that are marked."""
    marks = (("train", ""), ("train", "True"), ("test", ""))
    rows = [
        (sequence, label["value"], *mark)
        for n, mark in zip(sizes, marks, strict=True)
        for sequence, label in numbers(rng, folder.name, n, (60, 60))
    ]
    write_table(folder / "human_cell.csv", ("sequence", "target", "set", "validation"), rows)
