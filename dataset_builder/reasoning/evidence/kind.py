"""What a fact about a sequence is, and the kind that says how it is measured, in which unit and from which source."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple


NUCLEIC = ("dna", "rna")
COMPLEMENT = str.maketrans("ACGTN", "TGCAN")  # RNA is written with T in this dataset


class Site(NamedTuple):
    """A place in a sequence: `start` to `end`, 1-based, both included, on the letters as given."""

    start: int
    end: int
    letters: str
    strand: str = "+"  # "-": it is read on the reverse complement; `letters` are those given


@dataclass(frozen=True)
class Kind:
    """One kind of fact.

    Attributes:
        name: its key in KINDS, with the unit where that is not obvious.
        molecules: tags of the sequences that it is defined on, or ("pair",).
        unit: of the number; "sites" where `measure` returns places, "letter" or "text" where it returns a string.
        decimals: with which a number is stated.
        tolerance: the largest |stated - measured| that counts as right beyond rounding.
        source: publication, database entry or library function that defines it.
        measure: (sequence) -> number, string or list of `Site`; None where the fact is not defined for that sequence.
            Of a pair: (first, second), in the order of the task's molecules; places are in the second.
    """

    name: str
    molecules: tuple[str, ...]
    unit: str
    decimals: int
    tolerance: float
    source: str
    measure: Callable[..., float | str | list[Site] | None]

    @property
    def is_site(self) -> bool:
        """Whether it is measured as places in the sequence."""
        return self.unit == "sites"


@dataclass(frozen=True)
class Fact:
    """One measured fact about a row.

    Attributes:
        kind: name of its Kind.
        sequence: index of the tagged sequence in the question, from 0; of a pair its first molecule, or for a site
            the second, which `start` and `end` count in.
        value: a number, rounded to the decimals of its kind, or text; of a site the letters at `start` to `end`, or
            the name of the mutation there.
        start, end: of a site, 1-based, both included, 5' to 3' (N to C) on the letters as given.
        strand: "-" for a site that is read on the reverse complement.
    """

    kind: str
    sequence: int
    value: float | int | str
    start: int | None = None
    end: int | None = None
    strand: str = "+"


def reverse_complement(sequence: str) -> str:
    """The other strand, 5' to 3', of A, C, G, T and N; other letters stay."""
    return sequence.translate(COMPLEMENT)[::-1]


@cache
def matcher(pattern: str) -> re.Pattern:
    """A pattern of IUPAC nucleotide letters (R, Y, S, …; alternatives by `|`) that also finds overlapping matches."""
    from Bio.Data.IUPACData import ambiguous_dna_values

    letters = {code: f"[{bases}]" if len(bases) > 1 else bases for code, bases in ambiguous_dna_values.items()}
    return re.compile(f"(?=({''.join(letters.get(letter, letter) for letter in pattern)}))")


def find(sequence: str, pattern: str, both_strands: bool = False) -> list[Site]:
    """Every match of an IUPAC pattern, in order of its start; a palindrome is found on the given strand alone."""
    sites = [Site(m.start() + 1, m.end(1), m[1]) for m in matcher(pattern).finditer(sequence)]
    if both_strands:
        taken = {(site.start, site.end) for site in sites}
        length = len(sequence)
        for match in matcher(pattern).finditer(reverse_complement(sequence)):
            start, end = length - match.end(1) + 1, length - match.start()
            if (start, end) not in taken:
                sites.append(Site(start, end, sequence[start - 1 : end], "-"))
    return sorted(sites)


def motif(
    name: str, pattern: str, source: str, molecules: tuple[str, ...] = ("dna",), both_strands: bool = False
) -> Kind:
    """The Kind of an IUPAC pattern."""
    return Kind(name, molecules, "sites", 0, 0, source, lambda sequence: find(sequence, pattern, both_strands))
