"""Length and letters: what every sequence has."""

from functools import partial

from dataset_builder.reasoning.evidence.kind import NUCLEIC, Kind


def share(sequence: str, letters: str) -> float | None:
    """Percent of the sequence that is one of `letters`."""
    return 100 * sum(map(sequence.count, letters)) / len(sequence) if sequence else None


def gc_percent(sequence: str) -> float | None:
    """Percent of G and C among A, C, G and T."""
    from Bio.SeqUtils import gc_fraction

    return 100 * gc_fraction(sequence, ambiguous="remove") if set(sequence) & set("ACGT") else None


def gc_skew(sequence: str) -> float | None:
    """(G - C) / (G + C); not defined without G and C."""
    g, c = sequence.count("G"), sequence.count("C")
    return (g - c) / (g + c) if g + c else None


def cpg_observed_expected(sequence: str) -> float | None:
    """CpG count x length / (C count x G count); not defined without C or G."""
    c, g = sequence.count("C"), sequence.count("G")
    return sequence.count("CG") * len(sequence) / (c * g) if c * g else None


def middle_letter(sequence: str) -> str | None:
    """The letter that has as many before it as after it; not defined for an even length."""
    return sequence[len(sequence) // 2] if len(sequence) % 2 else None


LETTERS = {letter: NUCLEIC + ("protein",) if letter in "ACGT" else ("protein",) for letter in "ACDEFGHIKLMNPQRSTVWY"}
KINDS = (
    Kind("length_nt", NUCLEIC, "nt", 0, 0, "number of letters", len),
    Kind("length_aa", ("protein",), "aa", 0, 0, "number of letters", len),
    Kind("gc_percent", NUCLEIC, "%", 1, 0.05, "Bio.SeqUtils.gc_fraction", gc_percent),
    Kind("gc_skew", NUCLEIC, "", 2, 0.005, "Lobry 1996, Mol. Biol. Evol. 13:660", gc_skew),
    Kind("cpg_count", ("dna",), "count", 0, 0, "occurrences of CG", lambda sequence: sequence.count("CG")),
    Kind(
        *("cpg_observed_expected", ("dna",), "ratio", 2, 0.005),
        *("Gardiner-Garden and Frommer 1987, J. Mol. Biol. 196:261", cpg_observed_expected),
    ),
    *(
        Kind(f"percent_of_{letter}", molecules, "%", 1, 0.05, "share of letters", partial(share, letters=letter))
        for letter, molecules in LETTERS.items()
    ),
    Kind("middle_letter", NUCLEIC, "letter", 0, 0, "position (length + 1) / 2", middle_letter),
)
