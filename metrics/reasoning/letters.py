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
# Groups of letters, as texts name them.
GROUPS = {
    "positively charged residues": (
        r"(?:positively[- ]charged|basic)(?: (?:amino acids|residues|side chains)|(?= and \d+ (?:acidic|"
        r"negative)))(?: \(?K ?(?:\+|/|and) ?R\)?)?",
        "KR",
    ),
    "negatively charged residues": (
        r"(?:negatively[- ]charged|acidic)(?: (?:amino acids|residues|side chains)|(?= and \d+ (?:basic|"
        r"positive)))(?: \(?D ?(?:\+|/|"
        r"and) ?E\)?)?",
        "DE",
    ),
    "aromatic residues": (r"aromatic (?:amino acids|residues)\b|(?<=are )aromatic\b", "FWY"),
    "charged residues": (r"(?<!ly[- ])charged (?:amino acids|residues)\b|(?<=are )charged\b", "DEKR"),
    "purines": (r"\b[Pp]urines?\b(?!-)", "AG"),
    "pyrimidines": (r"\b[Pp]yrimidines?\b(?!-)", "CT"),
    "G or C": (
        r"\bG(?:'?s)? (?:or|and) C(?:'?s)?\b(?! content)|(?<=\d )(?:G/C|C/G|GC|G\+C)(?= (?:bases|"
        r"nucleotides|letters|positions|and|in|out|of)\b|[^\w\s]|$)|\bguanines? (?:or|and|plus) cytosines?\b",
        "GC",
    ),
    "A or T": (
        r"\bA(?:'?s)? (?:or|and) [TU](?:'?s)?\b|\b(?:A ?\+ ?[TU])\b|\badenines? (?:or|and|"
        r"plus) (?:thymine|uracil)s?\b",
        "AT",
    ),
    "C or U": (r"\bC(?:'?s)? (?:or|and) [TU](?:'?s)?\b|\b[TU](?:'?s)? (?:or|and) C(?:'?s)?\b", "CT"),
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
