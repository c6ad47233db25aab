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
from metrics.reasoning.properties import PROPERTIES
from metrics.reasoning.quantities import PROTOSPACER_NT
from metrics.reasoning.text import Clause


INFINITE = float("inf")


@dataclass(frozen=True)
class Quality:
    """A word for an amount.

    Attributes:
        name: of the property in PROPERTIES.
        called: patterns of the words.
        low, high: the word is wrong where the property is below `low` or above `high`.
    """

    name: str
    called: tuple[str, ...]
    low: float = -INFINITE
    high: float = INFINITE

    @property
    def side(self) -> str:
        """What the word says of the property."""
        return "high" if self.high == INFINITE else "low" if self.low == -INFINITE else "middle"


DEGREE = r"(?:(?:[a-z]+ly|very|fairly|quite|rather|somewhat|overall) )*"
WHOLE = (
    r"(?:protein|peptide|chain|sequence|polypeptide|molecule|overall|it|antibody|antigen|mini-?protein|domain|variant|"
    r"enzyme|character|nature)"
)
IS = rf"(?:is|appears|seems) {DEGREE}"
EVEN = r"(?:balanced|moderate|intermediate|even|average)"
CALLED = r"(?:classif\w+|marks?|predict\w+)(?: (?:it|this|the (?:protein|chain|peptide)))?"
PI = (rf"\b{{0}} (?:{WHOLE}|pI|isoelectric)", rf"\b(?:{WHOLE}|pI) {IS}{{0}}\b")
CHARGE = (
    rf"\b(?:{WHOLE} (?:is|carries|has|bears)|net|overall|strong|strongly) (?:an? )?(?:[\w-]+ )?{{0}}(?:ly)? "
    r"(?:net |overall )?charged?\b",
    r"\b{0}ly charged (?:at|overall|protein)",
    r"\bnet {0}",
    r"\bcharge (?:at pH 7 )?(?:is|appears|seems) (?:[\w-]+ )?{0}\b",
)
GRAVY = (
    rf"\b{WHOLE} {IS}{{0}}\b",
    r"\b{0} (?:overall|protein|peptide|character overall)",
    r"\boverall {0}",
    r"\b{0} (?=\(GRAVY)",
)
QUALITIES = (
    # rich in two of four letters: at the least they are the majority
    Quality("gc_percent", (r"\bG/?C[- ]rich", r"\brich in (?:G/?C|G and C|guanine and cytosine)\b"), low=50),
    Quality(
        "gc_percent", (r"\bA/?[TU][- ]rich(?! elements?)", r"\brich in A(?:/?| and )[TU]\b", r"\bGC[- ]poor"), high=50
    ),
    # half of the letters, with some slack: genomes have 35 to 45%
    Quality("gc_percent", (r"\b(?:high|elevated|substantial) (?:overall )?G/?C\b(?! (?:windows?|regions?))",), low=47),
    Quality("gc_percent", (rf"\bG/?C[- ]content {IS}(?:high|elevated)\b",), low=47),
    Quality("gc_percent", (r"\b(?:low|reduced|modest) (?:overall )?G/?C\b",), high=51),
    Quality("gc_percent", (rf"\bG/?C[- ]content {IS}(?:low|modest)\b",), high=51),
    # twice as many of one kind as of the other is no balance
    Quality("gc_percent", (rf"\b{EVEN} (?:GC[- ]?content|(?:\w+ )?composition)",), low=30, high=70),
    Quality("gc_percent", (rf"\b(?:composition|GC[- ]content) {IS}{EVEN}\b",), low=30, high=70),
    # acidic: below 7
    Quality("isoelectric_point", tuple(form.format("acidic") for form in PI), high=7.4),
    Quality("isoelectric_point", tuple(form.format("(?:basic|alkaline)") for form in PI), low=6.6),
    Quality("charge_ph7", tuple(form.format("negative") for form in CHARGE), high=0.5),
    Quality("charge_ph7", tuple(form.format("positive") for form in CHARGE), low=-0.5),
    # a negative GRAVY is hydrophilic (Kyte and Doolittle 1982)
    Quality("gravy", tuple(form.format("hydrophobic") for form in GRAVY), low=-0.1),
    Quality("gravy", tuple(form.format("hydrophilic") for form in GRAVY), high=0.1),
    # unstable: an index above 40 (Guruprasad et al. 1990)
    Quality("instability_index", (rf"{CALLED} as (?:an )?unstable\b", r"\bunstable by ProtParam"), low=39),
    Quality("instability_index", (rf"instability index[^.;]{{0,60}}{CALLED} as (?:a )?stable\b",), high=41),
)
NAMED = tuple((quality, re.compile("|".join(quality.called), re.IGNORECASE)) for quality in QUALITIES)
MEASURED = {prop.name: prop for prop in PROPERTIES}
# Percent of each amino acid in UniProtKB/Swiss-Prot (release statistics 2024): rich is at the least more than that.
USUAL = {
    **{"A": 8.25, "R": 5.52, "N": 4.06, "D": 5.46, "C": 1.38, "Q": 3.93, "E": 6.71, "G": 7.07, "H": 2.27, "I": 5.90},
    **{"L": 9.64, "K": 5.79, "M": 2.41, "F": 3.86, "P": 4.74, "S": 6.65, "T": 5.36, "W": 1.10, "Y": 2.92, "V": 6.85},
}
BASE_PERCENT = 25.0
RICH = re.compile(
    rf"(?:\b(?P<name>(?i:{named(AMINO_ACIDS)}|{named(BASES)})s?)|(?<![A-Za-z/])(?P<code>[ACDEFGHIKLMNPQRSTUVWY]))"
    rf"[- ]rich\b|\b(?i:rich in) (?:the )?(?P<named>(?i:{named(AMINO_ACIDS)}|{named(BASES)})s?)\b"
    r"(?! and (?:thym|cyt|urac))"
)
# "the AT-rich hexamer": only of the whole, or of nothing that is named, is it said of the sequence.
OF_ANOTHER = re.compile(
    r"\s(?!(?:sequences?|dna|rna|protein|chain|peptide|fragment|molecule|transcript|leader|utr|composition|overall|"
    r"throughout|and|but|or|with|at|for|in|on|as|than|which|while|so|is|are)\b)[a-z]",
    re.IGNORECASE,
)
DENIED = re.compile(
    r"\b(?:not|no|neither|nor|lacks?|without|isn't|hardly|rather than|instead of|un)\b[^,;]{0,25}$", re.IGNORECASE
)
# Said of a part, not of the whole: "a GC-rich stretch", "GC-rich towards its end".
PART = re.compile(
    r"[\s,]*(?:(?:and|or|[\w-]+-rich) )*(?:stretch\w*|tracts?|regions?|segments?|patch\w*|stems?|arms?|motifs?|"
    r"elements?|repeats?|core|runs?|blocks?|islands?|areas?|windows?|clusters?|end|half|portions?|boxe?s?|seed|"
    r"sections?|domains?|parts?|sites?)\b",
    re.IGNORECASE,
)
PARTIAL = re.compile(
    r"\b(?:middle|ends?|half|towards?|locally|flank\w*|segments?|regions?|part|portion|surface|patch|residues?|"
    r"amino acids?|core|loop|seed|local)\b",
    re.IGNORECASE,
)
# "GC-rich DNA matches the pattern by chance": DNA of that kind, not this one.
MASS = re.compile(r"\s(?:DNA|RNA|sequences|promoters|genomes|regions|proteins|leaders|UTRs|transcripts|peptides)\b")
DETERMINED = re.compile(r"\b(?:is|are|was|this|these|the|an?|its|as|remains|of)\s(?:\w+ )?$", re.IGNORECASE)
COMPARED = re.compile(r"\b(?:than|more|less|most|higher|lower|better|if|when)\b", re.IGNORECASE)
POSSIBLE = re.compile(r"\b(?:may|might|could|would|can)\b", re.IGNORECASE)


def quality_claims(clause: Clause, molecules: list[Molecule]) -> Iterator[Finding]:
    """The words for amounts of a clause, checked."""
    if not clause.asserted or COMPARISON.search(clause.text):
        return
    for quality, pattern in NAMED:
        for match in pattern.finditer(clause.text):
            if of_whole(clause.text, match):
                yield from quality_claim(clause, match, quality, molecules)
    for match in RICH.finditer(clause.text):
        if of_whole(clause.text, match):
            yield from rich_claim(clause, match, molecules)


def of_whole(text: str, match: re.Match) -> bool:
    """Whether a word is said of the whole sequence, and neither denied, compared, possible, nor said of a part."""
    before = text[max(0, match.start() - 30) : match.start()]
    return not (
        DENIED.search(text[: match.start()])
        or (MASS.match(text, match.end()) and not DETERMINED.search(before))
        or PART.match(text, match.end())
        or (match[0].lower().endswith("rich") and OF_ANOTHER.match(text, match.end()))
        or COMPARED.search(before[-12:])
        or PARTIAL.search(text[match.end() : match.end() + 45])
        or POSSIBLE.search(before)
    )


def quality_claim(clause: Clause, match: re.Match, quality: Quality, molecules: list[Molecule]) -> Iterator[Finding]:
    """One word, on the molecules that it is said of."""
    prop, said = MEASURED[quality.name], match[0].strip()
    able = [m for m in molecules if m.tag in prop.tags]
    about = [m for m in spoken_of(clause, match.start(), molecules) if m in able] or able
    values = [value for m in about for part in wholes(m) for value in prop.measure(part)]
    if values:
        holds = any(quality.low <= value <= quality.high for value in values)
        measured = f"{quality.name} " + " or ".join(f"{value:.2f}" for value in values)
        only = about[0].index if len(about) == 1 else None
        yield checked("quality", said, said, measured, holds, about=only, value=f"{quality.name} {quality.side}")


def wholes(molecule: Molecule) -> list[str]:
    """The letters, and of a target with its PAM those of the guide as well."""
    guide = molecule.letters[:PROTOSPACER_NT]
    with_pam = len(molecule.letters) == PROTOSPACER_NT + 3 and molecule.letters.endswith("GG")
    return [molecule.letters, guide] if with_pam else [molecule.letters]


def rich_claim(clause: Clause, match: re.Match, molecules: list[Molecule]) -> Iterator[Finding]:
    """X-rich: more of it than by chance (bases), or than proteins have on average."""
    word = match["name"] or match["named"]
    code = code_of(word) if word else match["code"].replace("U", "T")
    base = not (word and code_is_amino(word)) and code in "ACGT"
    able = [m for m in molecules if not m.is_protein] if base else [m for m in molecules if m.is_protein]
    about = [m for m in spoken_of(clause, match.start(), molecules) if m in able]
    if not about:
        return
    shares = [100 * m.letters.count(code) / len(m.letters) for m in about]
    floor = BASE_PERCENT if base else USUAL[code]
    measured = " or ".join(f"{share:.1f}% {code}" for share in shares)
    only = about[0].index if len(about) == 1 else None
    yield checked("quality", match[0], match[0], measured, max(shares) >= floor, about=only)
