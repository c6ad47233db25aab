"""Words for amounts: GC-rich, lysine-rich, acidic, hydrophobic, unstable.

Where a word begins to be wrong is in QUALITIES. Between what a textbook asks for (GC-rich: 55%) and there, nothing is
said: a careful reader would let it pass.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from metrics.reasoning.comparisons import COMPARISON, code_is_amino
from metrics.reasoning.findings import Finding, checked
from metrics.reasoning.letters import AMINO_ACIDS, BASES, code_of, named
from metrics.reasoning.molecules import Molecule, spoken_of
from metrics.reasoning.properties import MEASURES
from metrics.reasoning.quantities import PROTOSPACER_NT
from metrics.reasoning.text import Clause


DEGREE = (
    r"(?:(?:very|highly|extremely|strongly|fairly|quite|rather|relatively|moderately|slightly|"
    r"notably|predominantly|overall|generally|weakly|somewhat|clearly|mostly|mildly|"
    r"particularly|markedly|remarkably|exceptionally) )*"
)


@dataclass(frozen=True)
class Quality:
    """A word for an amount.

    Attributes:
        name: of the property in PROPERTIES.
        called: pattern of the words.
        tags: molecules that it is said of.
        low, high: the word is wrong where the property is below `low` or above `high`.
        reason: why there.
    """

    name: str
    called: str
    tags: tuple[str, ...]
    low: float
    high: float
    reason: str


NUCLEIC, RNA, PROTEIN = ("dna", "rna"), ("rna",), ("protein",)
INFINITE = float("inf")
WHOLE = (
    r"(?:protein|peptide|chain|sequence|polypeptide|molecule|overall|it|antibody|antigen|"
    r"mini-?protein|domain|variant|enzyme|character|nature)"
)
QUALITIES = (
    Quality(
        "gc_percent",
        rf"{DEGREE}(?:\bG/?C[- ]rich(?:ness)?\b|\brich in (?:G/?C\b|G and C\b|guanine and cytosine|"
        r"GC))|\bGC[- ]rich composition",
        NUCLEIC,
        50,
        INFINITE,
        "rich in G and C means at the least that they are the majority",
    ),
    Quality(
        "gc_percent",
        r"\b(?:high|elevated|very high|substantial) (?:overall )?G/?C[- ]?(?:content|percentage|"
        r"fraction)?\b(?! (?:windows?|regions?))|\bG/?C[- ]content is (?:very |relatively |quite |"
        r"rather |fairly )?(?:high|elevated)\b",
        NUCLEIC,
        47,
        INFINITE,
        "half of the letters, with some slack: genomes have 35 to 45%",
    ),
    Quality(
        "gc_percent",
        rf"{DEGREE}(?:\bA/?[TU][- ]rich(?:ness)?\b(?! elements?)|\brich in (?:A/?[TU]\b|"
        r"A and [TU]\b|adenine and (?:thymine|uracil)))|\bGC[- ]poor\b",
        NUCLEIC,
        -INFINITE,
        50,
        "rich in A and T means at the least that they are the majority",
    ),
    Quality(
        "gc_percent",
        r"\b(?:low|very low|reduced|modest) (?:overall )?G/?C[- ]?(?:content|percentage|"
        r"fraction)\b|\bG/?C[- ]content is (?:very |relatively |quite |rather |fairly )?(?:low|"
        r"modest)\b",
        NUCLEIC,
        -INFINITE,
        51,
        "half of the letters, with some slack",
    ),
    Quality(
        "gc_percent",
        r"\b(?:balanced|moderate|intermediate|even|average) (?:GC[- ]?content|base composition|"
        r"composition|nucleotide composition)|\bcomposition is (?:\w+ )?balanced|"
        r"\bGC[- ]content is (?:\w+ )?(?:moderate|balanced|intermediate|average)",
        NUCLEIC,
        30,
        70,
        "twice as many of one kind as of the other is no balance",
    ),
    Quality(
        "isoelectric_point",
        rf"{DEGREE}\bacidic (?:{WHOLE}|pI|isoelectric)|\b(?:{WHOLE}|pI) (?:is|"
        rf"appears) {DEGREE}acidic\b",
        PROTEIN,
        -INFINITE,
        7.4,
        "an acidic protein has its pI below 7",
    ),
    Quality(
        "isoelectric_point",
        rf"{DEGREE}\b(?:basic|alkaline) (?:{WHOLE}|pI|isoelectric)|\b(?:{WHOLE}|pI) (?:is|"
        rf"appears) {DEGREE}(?:basic|alkaline)\b",
        PROTEIN,
        6.6,
        INFINITE,
        "a basic protein has its pI above 7",
    ),
    Quality(
        "charge_ph7",
        rf"\b(?:{WHOLE} (?:is|carries|has|bears)|net|overall|strong|"
        r"strongly) (?:an? )?(?:[\w-]+ )?negative(?:ly)? (?:net |overall )?charged?\b|"
        r"\bnegatively charged (?:at|overall|protein)|\bnet negative|\bcharge (?:at pH 7 )?(?:is|"
        r"appears|seems) (?:[\w-]+ )?negative\b",
        PROTEIN,
        -INFINITE,
        0.5,
        "the net charge at pH 7 has the other sign",
    ),
    Quality(
        "charge_ph7",
        rf"\b(?:{WHOLE} (?:is|carries|has|bears)|net|overall|strong|"
        r"strongly) (?:an? )?(?:[\w-]+ )?positive(?:ly)? (?:net |overall )?charged?\b|"
        r"\bpositively charged (?:at|overall|protein)|\bnet positive|\bcharge (?:at pH 7 )?(?:is|"
        r"appears|seems) (?:[\w-]+ )?positive\b",
        PROTEIN,
        -0.5,
        INFINITE,
        "the net charge at pH 7 has the other sign",
    ),
    Quality(
        "gravy",
        rf"\b{WHOLE} (?:is|appears|seems) {DEGREE}hydrophobic\b|\b{DEGREE}hydrophobic (?:overall|"
        r"protein|peptide|character overall)|\boverall hydrophobic|\bhydrophobic (?=\(GRAVY)",
        PROTEIN,
        -0.1,
        INFINITE,
        "a negative GRAVY is hydrophilic (Kyte and Doolittle 1982)",
    ),
    Quality(
        "gravy",
        rf"\b{WHOLE} (?:is|appears|seems) {DEGREE}hydrophilic\b|\b{DEGREE}hydrophilic (?:overall|"
        r"protein|peptide|character overall)|\boverall hydrophilic|\bhydrophilic (?=\(GRAVY)",
        PROTEIN,
        -INFINITE,
        0.1,
        "a positive GRAVY is hydrophobic (Kyte and Doolittle 1982)",
    ),
    Quality(
        "instability_index",
        r"(?:classif\w+|marks?|predict\w+) (?:it |the (?:protein|chain|peptide) |"
        r"this )?as (?:an )?unstable\b|\bunstable by ProtParam",
        PROTEIN,
        39,
        INFINITE,
        "unstable means an index above 40 (Guruprasad et al. 1990)",
    ),
    Quality(
        "instability_index",
        r"instability index[^.;]{0,60}(?:classif\w+|marks?) (?:it |the (?:protein|chain|peptide) |"
        r"this )?as (?:an? )?stable\b",
        PROTEIN,
        -INFINITE,
        41,
        "stable means an index below 40 (Guruprasad et al. 1990)",
    ),
)
NAMED = [
    (quality, re.compile(quality.called, re.IGNORECASE if quality.name not in ("gc_percent",) else re.IGNORECASE))
    for quality in QUALITIES
]
# Said of a part, not of the whole.
PART = re.compile(
    r"[\s,]*(?:(?:and|or|purine-rich|AT-rich|GC-rich|[\w-]+-rich) )*(?:stretch\w*|tracts?|"
    r"regions?|segments?|patch\w*|stems?|arms?|motifs?|elements?|repeats?|core|runs?|blocks?|"
    r"islands?|areas?|windows?|clusters?|end|half|portions?|boxe?s?|seed|sections?|domains?|"
    r"parts?|sites?)\b",
    re.IGNORECASE,
)
DENIAL = re.compile(
    r"\b(?:not|no|neither|nor|lacks?|without|isn't|hardly|rather than|instead of|un)\b[^,;]{0,25}$", re.IGNORECASE
)
# "GC-rich DNA matches the pattern by chance": DNA of that kind, not this one.
MASS = re.compile(r"\s(?:DNA|RNA|sequences|promoters|genomes|regions|proteins|leaders|UTRs|transcripts|peptides)\b")
DETERMINED = re.compile(r"\b(?:is|are|was|this|these|the|an?|its|as|remains|of)\s(?:\w+ )?$", re.IGNORECASE)
PARTIAL = re.compile(
    r"\b(?:middle|ends?|half|towards?|locally|flank\w*|segments?|regions?|part|portion|"
    r"surface|patch|residues?|amino acids?|core|loop|seed|local)\b",
    re.IGNORECASE,
)
COMPARED = re.compile(r"\b(?:than|more|less|most|higher|lower|better|if|when)\b", re.IGNORECASE)
RICH = re.compile(
    rf"(?:\b(?P<name>(?i:{named(AMINO_ACIDS)}|{named(BASES)})s?)|"
    r"(?<![A-Za-z/])(?P<code>[ACDEFGHIKLMNPQRSTUVWY]))[- ]rich\b|"
    rf"\b(?i:rich in) (?:the )?(?P<named>(?i:{named(AMINO_ACIDS)}|"
    rf"{named(BASES)})s?)\b(?! and (?:thym|cyt|urac))"
)
# Percent of each amino acid in UniProtKB/Swiss-Prot (release statistics 2024): rich is at the least more than that.
USUAL = dict(
    zip(
        "ARNDCQEGHILKMFPSTWYV",
        (
            8.25,
            5.52,
            4.06,
            5.46,
            1.38,
            3.93,
            6.71,
            7.07,
            2.27,
            5.90,
            9.64,
            5.79,
            2.41,
            3.86,
            4.74,
            6.65,
            5.36,
            1.10,
            2.92,
            6.85,
        ),
        strict=True,
    )
)


def quality_claims(clause: Clause, molecules: list[Molecule]) -> Iterator[Finding]:
    """The words for amounts of a clause, checked."""
    if not clause.asserted or COMPARISON.search(clause.text):
        return
    for quality, pattern in NAMED:
        for match in pattern.finditer(clause.text):
            if not set(quality.tags).isdisjoint(m.tag for m in molecules) and of_whole(clause.text, match):
                yield from quality_claim(clause, match, quality, molecules)
    for match in RICH.finditer(clause.text):
        if of_whole(clause.text, match) and not DENIAL.search(clause.text[: match.start()]):
            yield from rich_claim(clause, match, molecules)


def of_whole(text: str, match: re.Match) -> bool:
    """Whether a word is said of the whole sequence, and not as a comparison or of a part of it."""
    before = text[max(0, match.start() - 30) : match.start()]
    if MASS.match(text, match.end()) and not DETERMINED.search(before):
        return False
    return (
        not PART.match(text, match.end())
        and not COMPARED.search(before[-12:])
        and not PARTIAL.search(text[match.end() : match.end() + 45])
        and not re.search(r"\b(?:may|might|could|would|can)\b", before)
    )


def quality_claim(clause: Clause, match: re.Match, quality: Quality, molecules: list[Molecule]) -> Iterator[Finding]:
    """One word, on the molecules that it is said of."""
    if DENIAL.search(clause.text[: match.start()]):
        return
    about = [m for m in spoken_of(clause, match.start(), molecules) if m.tag in quality.tags] or [
        m for m in molecules if m.tag in quality.tags
    ]
    measured = [value for m in about for part in wholes(m) for value in MEASURES[quality.name](part)]
    if measured:
        holds = any(quality.low <= value <= quality.high for value in measured)
        side = "high" if quality.high == INFINITE else "low" if quality.low == -INFINITE else "middle"
        yield checked(
            "quality",
            match[0].strip(),
            match[0].strip(),
            f"{quality.name} " + " or ".join(f"{value:.2f}" for value in measured),
            holds,
            about=about[0].index if len(about) == 1 else None,
            value=f"{quality.name} {side}",
        )


def wholes(molecule: Molecule) -> list[str]:
    """The letters, and of a target with its PAM those of the guide as well."""
    guide = molecule.letters[:PROTOSPACER_NT]
    with_pam = len(molecule.letters) == PROTOSPACER_NT + 3 and molecule.letters.endswith("GG")
    return [molecule.letters, guide] if with_pam else [molecule.letters]


def rich_claim(clause: Clause, match: re.Match, molecules: list[Molecule]) -> Iterator[Finding]:
    """X-rich: more of it than by chance (bases), or than proteins have on average."""
    word = match["name"] or match["named"]
    code = code_of(word) if word else match["code"].replace("U", "T")
    about = spoken_of(clause, match.start(), molecules)
    about = (
        [m for m in about if m.is_protein]
        if word and code_is_amino(word)
        else [m for m in about if not m.is_protein or not set(code) <= set("ACGT")]
    )
    if not about:
        return
    shares = [100 * m.letters.count(code) / len(m.letters) for m in about]
    usual = [USUAL[code] if m.is_protein else 25.0 for m in about]
    holds = any(share >= floor for share, floor in zip(shares, usual, strict=True))
    yield checked(
        "quality",
        match[0],
        match[0],
        " or ".join(f"{share:.1f}% {code}" for share in shares),
        holds,
        about=about[0].index if len(about) == 1 else None,
    )
