"""Substitutions of a variant against avGFP as Sarkisyan et al. 2016 mutated it: UniProt P42212 with F64L.

Residues are counted as in the literature, from M1. A variant without it, as in Sarkisyan's table, has 237 letters and
begins with S2. A chain of another length is not compared: a stop was read through or the alignment is not known.
"""

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from dataset_builder.reasoning.evidence.kind import Kind, Site
from dataset_builder.reasoning.evidence.proteins import PROTEIN


if TYPE_CHECKING:
    from Bio.Align.substitution_matrices import Array

AVGFP = (
    "MSKGEELFTGVVPILVELDGDVNGHKFSVSGEGEGDATYGKLTLKFICTTGKLPVPWPTLVTTLSYGVQCFSRYPDHMKQHDFFKSAMPEGYVQERTIFFKDDGNY"
    "KTRAEVKFEGDTLVNRIELKGIDFKEDGNILGHKLEYNYNSHNVYIMADKQKNGIKVNFKIRHNIEDGSVQLADHYQQNTPIGDGPVLLPDNHYLSTQSALSKDPN"
    "EKRDHMVLLEFVTAAGITHGMDELYK"
)
MOST_MUTATIONS = 30  # of a variant; more mean another protein
CHROMOPHORE = range(65, 68)
# Side chains around the chromophore (Ormo et al. 1996, Science 273:1392; Tsien 1998, Annu. Rev. Biochem. 67:509).
POCKET = (42, 44, 46, 61, 62, 64, 68, 69, 94, 96, 112, 121, 145, 148, 150, 165, 167, 181, 183, 203, 205, 220, 222, 224)
# Strands of the barrel and the helix inside it (Ormo et al. 1996; PDB 1EMA).
BARREL = (
    *(range(12, 23), range(25, 37), range(40, 49), range(92, 101), range(105, 116), range(118, 129)),
    *(range(147, 154), range(160, 172), range(176, 188), range(199, 209), range(217, 228)),
)
CENTRAL_HELIX = range(57, 72)


def mutations(sequence: str) -> list[Site] | None:
    """The substitutions, each named as in S65T, at its place in the letters given; None for what is no variant."""
    offset = len(AVGFP) - len(sequence)
    if offset not in (0, 1):
        return None
    pairs = enumerate(zip(AVGFP[offset:], sequence, strict=True), start=1)
    found = [Site(i, i, f"{old}{i + offset}{new}") for i, (old, new) in pairs if old != new]
    return found if len(found) <= MOST_MUTATIONS else None


def residues(sequence: str) -> list[int] | None:
    """The numbers of the mutated residues, from M1."""
    found = mutations(sequence)
    return None if found is None else [int(site.letters[1:-1]) for site in found]


def count_in(*places: range | tuple[int, ...]) -> Callable[[str], int | None]:
    """A measure that counts mutated residues in these places."""

    def measure(sequence: str) -> int | None:
        found = residues(sequence)
        return None if found is None else sum(any(i in place for place in places) for i in found)

    return measure


def blosum_sum(sequence: str) -> int | None:
    """Sum of BLOSUM62 scores of the substitutions: the lower, the less alike are the residues exchanged."""
    found = mutations(sequence)
    return None if found is None else int(sum(blosum62()[site.letters[0], site.letters[-1]] for site in found))


@cache
def blosum62() -> "Array":
    """The matrix, read once."""
    from Bio.Align import substitution_matrices

    return substitution_matrices.load("BLOSUM62")


SARKISYAN = "Sarkisyan et al. 2016, Nature 533:397"
ORMO = "Ormo et al. 1996, Science 273:1392"
KINDS = (
    Kind("gfp_mutation", PROTEIN, "sites", 0, 0, SARKISYAN, mutations),
    Kind("gfp_mutation_count", PROTEIN, "count", 0, 0, SARKISYAN, count_in(range(1, len(AVGFP) + 1))),
    Kind("gfp_chromophore_mutations", PROTEIN, "count", 0, 0, ORMO, count_in(CHROMOPHORE)),
    Kind("gfp_pocket_mutations", PROTEIN, "count", 0, 0, ORMO, count_in(POCKET)),
    Kind("gfp_barrel_mutations", PROTEIN, "count", 0, 0, ORMO, count_in(*BARREL)),
    Kind("gfp_helix_mutations", PROTEIN, "count", 0, 0, ORMO, count_in(CENTRAL_HELIX)),
    Kind("gfp_blosum62_sum", PROTEIN, "", 0, 0, "Henikoff and Henikoff 1992, PNAS 89:10915", blosum_sum),
)
