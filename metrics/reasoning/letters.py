"""What residues and bases are called, alone and in groups."""

import re


AMINO_ACIDS = {
    "A": "alanine ala",
    "R": "arginine arg",
    "N": "asparagine asn",
    "D": "aspartate aspartic-acid asp",
    "C": "cysteine cys",
    "Q": "glutamine gln",
    "E": "glutamate glutamic-acid glu",
    "G": "glycine gly",
    "H": "histidine his",
    "I": "isoleucine ile",
    "L": "leucine leu",
    "K": "lysine lys",
    "M": "methionine met",
    "F": "phenylalanine phe",
    "P": "proline pro",
    "S": "serine ser",
    "T": "threonine thr",
    "W": "tryptophan trp",
    "Y": "tyrosine tyr",
    "V": "valine val",
}
BASES = {
    "A": "adenine adenosine",
    "C": "cytosine cytidine",
    "G": "guanine guanosine",
    "T": "thymine thymidine uracil uridine",
}
# Groups of amino acids, as texts name them, and of bases that have a name.
AMINO_GROUPS = {
    r"positively[- ]charged|basic": "KR",
    r"negatively[- ]charged|acidic": "DE",
    r"aromatic": "FWY",
    r"(?<!ly[- ])charged": "DEKR",
}
BASE_GROUPS = {
    r"\b[Pp]urines?\b(?!-)": "AG",
    r"\b[Pp]yrimidines?\b(?!-)": "CT",
    r"(?<=\d )(?:G/C|C/G|GC|G\+C)(?= (?:bases|nucleotides|letters|positions|and|in|out|of)\b|[^\w\s]|$)": "GC",
}
CODE_OF = {name: code for code, names in AMINO_ACIDS.items() for name in names.split()}
BASE_OF = {name: code for code, names in BASES.items() for name in names.split()}


def named(table: dict[str, str]) -> str:
    """Pattern of every name of a table, longest first; "aspartic-acid" is two words in a text."""
    names = sorted({name for names in table.values() for name in names.split()}, key=len, reverse=True)
    return "|".join(name.replace("-", " ") for name in names)


AMINO_ACID = re.compile(
    rf"\b(?:(?P<name>(?i:{named(AMINO_ACIDS)}))(?P<plural>s)?)\b(?!-(?:rich|tRNA|poor)|"
    r" (?:proteases?|kinases?|synthetases?|repeats?\b))"
)
BASE = re.compile(rf"\b(?P<name>(?i:{named(BASES)}))(?P<plural>s)?\b(?!-(?:rich|poor))")


def code_of(name: str) -> str:
    """The letter of an amino acid or base, by its name or the plural of that."""
    small = name.lower().replace(" ", "-")
    known = CODE_OF | BASE_OF
    return known[small] if small in known else known[small.removesuffix("s")]
