"""The stage-1 corpora: a genome, non-coding RNA and proteins, with the words that the tasks' labels follow.

Each function writes into `folder`; `sizes[0]` is the number of records, or of hundreds of letters of each chromosome.
"""

from pathlib import Path

import numpy as np

from dataset_builder.synthetic.signals import SIGNALS, Sizes, draw
from dataset_builder.synthetic.writers import write_fasta
from dataset_builder.tasks import TASKS


MIN_WORD = 5  # letters; shorter ones are everywhere
GAP = "N" * 250
LETTERS_PER_WORD = 40


def words_of(molecule: str) -> list[str]:
    """What is planted in the sequences of the tasks of one molecule."""
    signals = [
        signal for name, part in SIGNALS.items() if molecule in TASKS[name].molecules for signal in part.values()
    ]
    return sorted({word for signal in signals for word in signal.words if len(word) >= MIN_WORD})


def with_words(rng: np.random.Generator, molecule: str, length: int) -> str:
    """A random sequence with words of the molecule's tasks."""
    return draw(rng, molecule, length, rng.choice(words_of(molecule), length // LETTERS_PER_WORD).tolist())


def grch38(folder: Path, rng: np.random.Generator, sizes: Sizes) -> None:
    """Two chromosomes that begin with a gap and are soft-masked (lower case) for a third."""
    records = []
    for name in ("chr21", "chr22"):
        length = 100 * sizes[0]
        sequence = with_words(rng, "dna", length)
        masked = slice(length // 3, 2 * length // 3)
        sequence = sequence[: masked.start] + sequence[masked].lower() + sequence[masked.stop :]
        records.append((f"{name} synthetic", GAP + sequence))
    write_fasta(folder / "GRCh38.primary_assembly.genome.fa", records)


def rnacentral(folder: Path, rng: np.random.Generator, sizes: Sizes) -> None:
    """Species-specific records, one in ten of the mouse (taxon 10090), the others human (9606)."""
    records = [
        (f"URS{i:010X}_{10090 if i % 10 == 9 else 9606} synthetic non-coding RNA", with_words(rng, "rna", length))
        for i, length in enumerate(rng.integers(60, 200, sizes[0]))
    ]
    write_fasta(folder / "rnacentral_species_specific_ids.fasta", records)


def uniref50(folder: Path, rng: np.random.Generator, sizes: Sizes) -> None:
    """Cluster representatives; taxon 32630 is that of synthetic constructs."""
    records = [
        (
            f"UniRef50_synthetic{i} synthetic protein n=1 Tax=synthetic construct TaxID=32630 RepID=synthetic{i}",
            with_words(rng, "protein", length),
        )
        for i, length in enumerate(rng.integers(60, 200, sizes[0]))
    ]
    write_fasta(folder / "uniref50.fasta", records)
