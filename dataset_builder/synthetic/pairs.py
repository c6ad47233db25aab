"""Upstream files of the tasks with two molecules; a function is named as the module of sources/ that reads its files.

Each writes into `folder`, whose name is the task; `sizes` are the rows of train, validation and test.
"""

from math import ceil, sqrt
from pathlib import Path

import numpy as np

from dataset_builder.synthetic.signals import (
    CARRIERS,
    SIGNALS,
    SITE_EFFECT,
    Signal,
    Sizes,
    draw,
    flipped,
    halves,
    planted,
    reverse_complement,
    with_or_without,
)
from dataset_builder.synthetic.writers import write_fasta, write_table, write_text, write_workbook
from dataset_builder.tasks import CELL_LINES


NEGATIVES = 3  # per positive pair, 20 in the real files
SAIS_COLUMNS = (
    *("id", "publication_id", "gene_target_symbol_name", "gene_target_ncbi_id", "gene_target_species"),
    *("siRNA_duplex_id", "siRNA_sense_seq", "siRNA_antisense_seq", "cell_line_donor", "siRNA_concentration"),
    *("concentration_unit", "Transfection_method", "Duration_after_transfection_h", "modified_siRNA_sense_seq"),
    *("modified_siRNA_antisense_seq", "modified_siRNA_sense_seq_list", "modified_siRNA_antisense_seq_list"),
    *("gene_target_seq", "mRNA_remaining_pct"),
)


def molecules(rng: np.random.Generator, signal: Signal, molecule: str, n: int, length: int) -> list[str]:
    """n sequences, of which CARRIERS have the word."""
    return [with_or_without(rng, signal, molecule, length, has) for has in rng.permutation(n) < CARRIERS * n]


def distinct_pairs(rng: np.random.Generator, firsts: int, seconds: int, n: int) -> list[tuple[int, int]]:
    """n distinct pairs of numbers below `firsts` and below `seconds`."""
    return [divmod(pair, seconds) for pair in rng.permutation(firsts * seconds)[:n].tolist()]


def interact(rng: np.random.Generator, task_id: str, first: str, second: str) -> int:
    """1 where both sequences have their word, sometimes the wrong label."""
    signals = SIGNALS[task_id].values()
    return flipped(rng, all(signal.count(text) > 0 for signal, text in zip(signals, (first, second), strict=True)))


def deepaai(folder: Path, rng: np.random.Generator, sizes: Sizes) -> None:
    """The workbook of pairs and, per split, the numbers of its rows; the antibodies of the test are nowhere else."""
    signals = SIGNALS[folder.name]
    side = ceil(sqrt(sizes[0] + sizes[1]))
    viruses = molecules(rng, signals["antigen"], "protein", side, 100)
    rows, counts = [], {"seen": sizes[0] + sizes[1], "unseen": sizes[2]}
    for name, n in counts.items():
        antibodies = molecules(rng, signals["antibody"], "protein", ceil(n / side) + 1, 80)
        for i, j in distinct_pairs(rng, len(antibodies), side, n):
            rows.append((antibodies[i], viruses[j], interact(rng, folder.name, antibodies[i], viruses[j]), name))
    write_workbook(folder / "dataset_hiv_cls.xlsx", [("antibody_seq", "virus_seq", "label", "split"), *rows])
    places = np.split(np.arange(len(rows)), np.cumsum(sizes)[:2])
    for name, index in zip(("train_seen", "valid_seen", "test_unseen"), places, strict=True):
        np.save(folder / f"seed_0_{name}_index.npy", index.astype(np.int64))


def rpiter(folder: Path, rng: np.random.Generator, sizes: Sizes) -> None:
    """NPInter_pairs.txt (protein, RNA, label) and the sequences of either; RNA is written with U."""
    signals = SIGNALS[folder.name]
    side = ceil(sqrt(sum(sizes)))
    rnas = molecules(rng, signals["rna"], "rna", 2 * side, 80)
    proteins = molecules(rng, signals["protein"], "protein", side, 80)
    rows = [
        (f"synthetic_p{j}", f"synthetic_n{i}", interact(rng, folder.name, rnas[i], proteins[j]))
        for i, j in distinct_pairs(rng, len(rnas), len(proteins), sum(sizes))
    ]
    write_table(folder / "NPInter_pairs.txt", (), rows, delimiter="\t")
    write_fasta(folder / "NPInter_protein_seq.fa", [(f"synthetic_p{j}", text) for j, text in enumerate(proteins)])
    records = [(f"synthetic_n{i}", text.replace("T", "U")) for i, text in enumerate(rnas)]
    write_fasta(folder / "NPInter_rna_seq.fa", records)


def epi_dlmh(folder: Path, rng: np.random.Generator, sizes: Sizes) -> None:
    """<cell>/imbltrain/ of every cell line: enhancers, promoters and labels, row for row; few pairs are positive."""
    signals = SIGNALS[folder.name]
    each = ceil(sum(sizes) / len(CELL_LINES) / 2)
    for cell in CELL_LINES:
        labels = (rng.permutation(each * (1 + NEGATIVES)) < each).astype(int).tolist()
        enhancers, promoters = [], []
        for label in labels:
            both = flipped(rng, bool(label))
            has = (True, True) if both else ((True, False), (False, True), (False, False))[rng.integers(3)]
            enhancers.append(with_or_without(rng, signals["enhancer"], "dna", 100, has[0]))
            promoters.append(with_or_without(rng, signals["promoter"], "dna", 80, has[1]))
        place = folder / cell / "imbltrain"
        for name, sequences in (("enhancers", enhancers), ("promoters", promoters)):
            records = [(f"synthetic_{cell}_{i}", sequence) for i, sequence in enumerate(sequences)]
            write_fasta(place / f"{cell}_{name}.fasta", records, width=120)
        write_text(place / f"{cell}labels.txt", "".join(f"{label}\n" for label in labels))


def sais_sirna(folder: Path, rng: np.random.Generator, sizes: Sizes) -> None:
    """The competition's CSV, all splits together; siRNA is written with U, its target with T."""
    rows = []
    for i, in_target in enumerate(halves(rng, sum(sizes))):
        signal = SIGNALS[folder.name]["value"]
        sense = draw(rng, "rna", 19, planted(rng, folder.name))
        target = draw(rng, "dna", 120, [sense] if in_target else ())
        remaining = signal.number(rng, sense) + SITE_EFFECT * in_target
        strands = [strand.replace("T", "U") for strand in (sense, reverse_complement(sense))]
        row = dict.fromkeys(SAIS_COLUMNS, "synthetic") | {
            "id": i,
            "siRNA_sense_seq": strands[0],
            "siRNA_antisense_seq": strands[1],
            "modified_siRNA_sense_seq": strands[0],
            "modified_siRNA_antisense_seq": strands[1],
            "modified_siRNA_sense_seq_list": " ".join(strands[0]),
            "modified_siRNA_antisense_seq_list": " ".join(strands[1]),
            "gene_target_seq": target,
            "mRNA_remaining_pct": round(float(np.clip(remaining, 0, 100)), 2),
        }
        rows.append(row.values())
    write_table(folder / "siRNA_Open_Dataset_for_Drug_Discovery_1.0.csv", SAIS_COLUMNS, rows)
