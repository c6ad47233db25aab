"""Claims of more and less: "the enhancer is more GC-rich than the promoter", "C is the most frequent base"."""

import re
from collections.abc import Callable, Iterator

from metrics.reasoning.findings import Finding, checked
from metrics.reasoning.letters import AMINO_ACIDS, BASES, code_of, named
from metrics.reasoning.molecules import Molecule, spoken_of
from metrics.reasoning.properties import MEASURES
from metrics.reasoning.text import Clause


NAME = rf"(?:(?i:{named(AMINO_ACIDS)}|{named(BASES)})s?|(?<![\w-])[A-Z](?![\w-]))"
# "A is the commonest base", "the most abundant residue: lysine"; not "the most common charged residue is lysine"
FREQUENT = r"(?:common|frequent|abundant|prevalent)(?! (?:charged|hydrophobic|aromatic|polar|basic|acidic|non))"
SUPERLATIVE = rf"(?i:(?P<most>most {FREQUENT}|commonest)|least {FREQUENT}|rarest)"
MOST = (
    re.compile(rf"(?P<letter>{NAME}) (?:\([A-Z]\) )?(?i:(?:is |are )?(?:by far )?the ){SUPERLATIVE}"),
    re.compile(rf"{SUPERLATIVE} (?i:(?:[\w-]+ ){{0,2}}?(?:is|are|being|:) (?:the )?)(?P<letter>{NAME})"),
)
COMPARISON = re.compile(
    r"(?P<first>[\w' -]{3,40}?) (?:is|are|has|have|shows?|contains?|carries|was|"
    r"being) (?:(?:much|far|clearly|considerably|slightly|significantly|somewhat|an?|"
    r"notably) )*(?:(?P<more>more|higher|greater|richer|longer|larger|bigger)|(?P<less>less|"
    r"lower|fewer|poorer|shorter|"
    r"smaller)) ?(?:in )?(?P<what>[\w+ /-]{0,25}?) ?than (?P<second>[\w' -]{3,40})",
    re.IGNORECASE,
)
WHAT: tuple[tuple[re.Pattern, Callable[[str], list[float]]], ...] = (
    (re.compile(r"\bGC|G/?C[- ](?:rich|content)", re.IGNORECASE), MEASURES["gc_percent"]),
    (re.compile(r"\bA/?[TU][- ]?(?:rich|content)", re.IGNORECASE), MEASURES["at_percent"]),
    (re.compile(r"\bCpGs?", re.IGNORECASE), lambda letters: [float(letters.count("CG"))]),
    (re.compile(r"\b(?:basic|pI)\b"), MEASURES["isoelectric_point"]),
    (re.compile(r"\bhydrophobic", re.IGNORECASE), MEASURES["gravy"]),
    (re.compile(r"^(?:residues|nucleotides|bases|in length)?$", re.IGNORECASE), MEASURES["length"]),
)


def comparison_claims(clause: Clause, molecules: list[Molecule]) -> Iterator[Finding]:
    """What a clause says is more or less than something else, checked."""
    if not clause.asserted:
        return
    for match in COMPARISON.finditer(clause.text):
        yield from comparison_claim(match, molecules)
    for pattern in MOST:
        for match in pattern.finditer(clause.text):
            yield from most_claim(clause, match, molecules)


def code_is_amino(word: str) -> bool:
    """Whether a name is an amino acid's."""
    return re.fullmatch(rf"(?i:{named(AMINO_ACIDS)})s?", word) is not None


def most_claim(clause: Clause, match: re.Match, molecules: list[Molecule]) -> Iterator[Finding]:
    """The most or least frequent letter; of equals, each is."""
    word, most = match["letter"], match["most"] is not None
    code = word.replace("U", "T") if len(word) == 1 else code_of(word)
    proteins = [m for m in molecules if m.is_protein]
    protein = code_is_amino(word) if len(word) > 1 else bool(proteins) and len(proteins) == len(molecules)
    about = [m for m in spoken_of(clause, match.start(), molecules) if m.is_protein == protein]
    if about:
        best = [
            (max if most else min)(map(m.letters.count, "ACDEFGHIKLMNPQRSTVWY" if protein else "ACGT")) for m in about
        ]
        holds = any(m.letters.count(code) == count for m, count in zip(about, best, strict=True))
        yield checked(
            "quality",
            match[0],
            match[0],
            f"{about[0].letters.count(code)} of at {'most' if most else 'least'} {best[0]}",
            holds,
        )


def comparison_claim(match: re.Match, molecules: list[Molecule]) -> Iterator[Finding]:
    """Which of two molecules has more of something."""
    first = [m for m in molecules if m.names.search(match["first"])]
    second = [m for m in molecules if m.names.search(match["second"])]
    measure = next((measure for pattern, measure in WHAT if pattern.search(match["what"].strip())), None)
    if not (len(first) == len(second) == 1 and first != second and measure):
        return
    values = [measure(m.letters) for m in (*first, *second)]
    if all(values):
        ours, theirs = values[0][0], values[1][0]
        yield checked(
            "comparison",
            match[0],
            match[0],
            f"{ours:.2f} and {theirs:.2f}",
            ours > theirs if match["more"] else ours < theirs,
        )
