"""Secondary structure of RNA by ViennaRNA: the structure of least free energy at 37 °C, and what it says.

Folding takes time with the third power of the length, so an RNA of more than FOLDED_NT letters is not folded, and
nothing is said of its structure; energies are those of ViennaRNA's default parameters (Turner 2004).
"""

import re
from functools import lru_cache

from dataset_builder.reasoning.evidence.kind import Kind


FOLDED_NT = 200
RNA = ("rna",)
VIENNA = "ViennaRNA RNA.fold (Lorenz et al. 2011, Algorithms Mol. Biol. 6:26)"


@lru_cache(maxsize=64)
def fold(sequence: str) -> tuple[str, float] | None:
    """(dot-bracket structure, kcal/mol) of least free energy; None for no letters or more than FOLDED_NT."""
    import RNA

    if not 0 < len(sequence) <= FOLDED_NT:
        return None
    structure, energy = RNA.fold(sequence.replace("T", "U"))  # ViennaRNA finds stable tetraloops by their letters
    return structure, energy


def energy_kcal_per_mol(sequence: str) -> float | None:
    """The least free energy; 0.0 where no structure is more stable than none."""
    folded = fold(sequence)
    return round(folded[1], 2) + 0.0 if folded else None


def unpaired_percent(sequence: str) -> float | None:
    """Percent of letters without a partner."""
    folded = fold(sequence)
    return 100 * folded[0].count(".") / len(sequence) if folded else None


def longest_stem_bp(sequence: str) -> int | None:
    """Pairs of the longest helix without bulge or inner loop; None without any pair."""
    folded = fold(sequence)
    if not folded or "(" not in folded[0]:
        return None
    partner, longest, length = partners(folded[0]), 0, 0
    for i in sorted(i for i in partner if i < partner[i]):
        length = length + 1 if partner.get(i - 1) == partner[i] + 1 else 1
        longest = max(longest, length)
    return longest


def hairpin_count(sequence: str) -> int | None:
    """Loops that one pair closes."""
    folded = fold(sequence)
    return len(re.findall(r"\(\.+\)", folded[0])) if folded else None


def partners(structure: str) -> dict[int, int]:
    """Both directions of every pair, 0-based."""
    opened, pairs = [], {}
    for i, mark in enumerate(structure):
        if mark == "(":
            opened.append(i)
        elif mark == ")":
            j = opened.pop()
            pairs[i], pairs[j] = j, i
    return pairs


def open_letters(sequence: str, start: int, end: int) -> int | None:
    """How many of the letters `start` to `end`, 1-based and both included, are unpaired; None without a structure."""
    folded = fold(sequence)
    return folded[0][start - 1 : end].count(".") if folded else None


KINDS = (
    Kind("mfe_kcal_per_mol", RNA, "kcal/mol", 1, 0.05, VIENNA, energy_kcal_per_mol),
    Kind("unpaired_percent", RNA, "%", 1, 0.05, VIENNA, unpaired_percent),
    Kind("longest_stem_bp", RNA, "bp", 0, 0, VIENNA, longest_stem_bp),
    Kind("hairpin_count", RNA, "count", 0, 0, VIENNA, hairpin_count),
)
