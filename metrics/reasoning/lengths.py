"""Claims about how long whole sequences are: "the 70-nt RNA", "237 residues", "Length: 70 bp"."""

import re
from collections.abc import Iterator

from metrics.reasoning.counts import NUMBER as COUNT
from metrics.reasoning.counts import value as count_value
from metrics.reasoning.findings import Finding, checked
from metrics.reasoning.letters import AMINO_ACID
from metrics.reasoning.molecules import Molecule, spoken_of
from metrics.reasoning.quantities import ABOUT, ABOVE, BELOW, RANGE
from metrics.reasoning.text import Clause


UNIT = (
    r"(?P<unit>(?:nucleotides?|nts?|bases?(?: pairs?)?|bp|base-pairs?)|(?:residues?|amino[- ]acids?|aa)|letters|mer)\b"
)
HEAD = (
    r"(?:sequence|dna|rna|fragment|stretch|molecule|transcript|utr|5' ?utr|leader|protein|"
    r"chain|peptide|polypeptide|region|locus|guide|sirna|target(?: site)?|switch|antibody|"
    r"antigen|promoter|enhancer|strand|variant|construct|segment|input|mini-?protein|domain|"
    r"oligo(?:nucleotide)?|duplex|envelope|enzyme|one)s?"
)
LENGTHS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(?:length|size)\b(?! of (?:the )?(?:run|stem|loop|repeat|helix|"
        rf"orf))[^.;\d]{{0,30}}?(?P<n>\d[\d,]*)(?!')(?![\d.]*\s?(?:%|kcal|kDa|Da\b|"
        rf"k))(?:\s?{UNIT})?(?!\.\d)",
        rf"(?P<n>{COUNT})[- ]?{UNIT}[- ]?(?:\s?in length|long)\b",
        r"\b(?:this|the|its|a|an|our|provided|given|short|human|yeast|target|small|"
        rf"designed)\s(?:[\w'-]+\s){{0,3}}?(?P<n>{COUNT})"
        rf"[- ]?{UNIT}[- ](?:long )?(?!of |in |on )(?:[\w'-]+\s){{0,2}}?(?P<head>{HEAD})\b",
        rf"\b(?P<head>{HEAD})(?: (?:provided|given|shown|in question|sequence|"
        r"chain))?(?: \([^()]*\))?,? (?:of|with|has|have|is|spans?|comprises?|comprising|"
        r"contains?|consists? of|counts?|includes?|totals?|possesses|numbers)(?: (?:only|just|"
        r"exactly|a total of|a length of|merely|"
        rf"about))?(?: all)? (?P<n>{COUNT}) {UNIT}(?! (?:upstream|downstream|apart|from|away|"
        r"between|that|which|of|long stem|spacer|hairpin))",
        rf"\b(?:the|an?) (?P<head>{HEAD}) (?P<n>{COUNT}) {UNIT}",
        rf"\b(?P<head>{HEAD}), (?P<n>{COUNT}) {UNIT}(?=\s*(?:[.,;)]|$))",
        rf"\b(?P<head>{HEAD})\s?[:=]\s?(?P<n>{COUNT})[- ]?{UNIT}",
        r"\b(?:i|we) (?:count|find|see|get|have)(?: a total of|"
        rf" exactly)? (?P<n>{COUNT}) {UNIT}(?= (?:in|of|for|here)\b|[.,;]|$)",
        r"\b(?:it|sequence|which|chain|protein)\b (?:has|spans|comprises|contains|consists of|"
        r"counts)(?: (?:only|just|exactly|a total of|"
        rf"made of))? (?P<n>{COUNT}) {UNIT}(?! (?:upstream|downstream|apart|from|away|between|are|"
        r"that|which))",
        rf"(?:^|[(])\s?(?P<n>{COUNT})[- ]?(?P<unit>aa|nt|bp|amino acids|residues|nucleotides|"
        r"base pairs)\b(?=\s?[),;.:]|\s*$|\swith\b|,)",
        rf"\bover (?:all |the (?:entire )?)?(?P<n>{COUNT}) (?P<whole>positions|columns)\b",
        rf"%[\w +/-]{{0,25}} (?P<whole>over) (?:all )?(?P<n>{COUNT}) {UNIT}",
        rf"\b(?:these|the|all) (?P<n>[3-9]\d|\d{{3,5}}) {UNIT}(?= (?:were|are|was|here)\b|[.,;]|$)",
        rf"(?P<n>{COUNT}) {UNIT} (?:in all|in total|altogether)\b",
        rf"^\W*{UNIT}\s?[:=]\s?(?P<n>{COUNT})\W*$",
        rf"\b(?:of|from) (?:its|the|all|a total of) (?P<n>{COUNT}) {UNIT}(?! (?:upstream|"
        r"downstream|of|next|closest|nearest|adjacent|around|before|after|at|near))",
    )
)
PROTEIN_UNIT = re.compile(r"resid|amino|aa", re.IGNORECASE)
PART_SUBJECT = re.compile(
    r"\b(?:stems?|hairpins?|loops?|spacers?|runs?|frames?|heli(?:x|ces)|orfs?|stack\w*|"
    r"bulges?)\b",
    re.IGNORECASE,
)
PART_HEAD = re.compile(
    r"\b(?:in|for|of|with|from) an? (?:[\w-]+ ){1,3}of $|"
    r"\b(?:first|last|spacer|loop|stem|hairpin|repeat|run|window|seed|tail|tract|half|within|"
    r"every|proto-?spacer|motif|helix|orf|frame|insert|overhang|domain|segment|stretch|"
    r"region) (?:[\w-]+ ){0,3}$|\b(?:first|last|next|within|every|protospacer|"
    r"spacer)\b[^,.;]{0,12}$|\bup to\s$",
    re.IGNORECASE,
)


def length_claims(clause: Clause, molecules: list[Molecule]) -> Iterator[Finding]:
    """The lengths that a clause gives for whole sequences, checked."""
    if not clause.asserted:
        return
    seen: set[int] = set()
    for pattern in LENGTHS:
        for match in pattern.finditer(clause.text):
            at = match.start("n")
            if (
                at in seen
                or (clause.text[:at].endswith("(") and AMINO_ACID.search(clause.text[max(0, at - 60) : at]))
                or PART_SUBJECT.search(clause.text[:at])
                or PART_HEAD.search(clause.text[:at])
                or RANGE.match(clause.text[match.end("n") :])
                or re.search(r"\d\s?[-/]\s?$", clause.text[:at])
            ):
                continue
            seen.add(at)
            yield from length_claim(clause, match, molecules)


def length_claim(clause: Clause, match: re.Match, molecules: list[Molecule]) -> Iterator[Finding]:
    """One length: of the molecules that the clause names, as far as they have letters of this unit."""
    groups = match.groupdict()
    unit, n = groups.get("unit") or "", count_value(match["n"])
    about = spoken_of(
        clause,
        match.end("n") if groups.get("head") and match.start("head") > match.start("n") else match.start("n"),
        molecules,
    )
    if unit and unit.lower() not in ("letters", "mer"):
        protein = PROTEIN_UNIT.match(unit) is not None
        about = (
            [m for m in about if m.is_protein == protein] or [m for m in molecules if m.is_protein == protein] or about
        )
    lengths = [len(m.letters) for m in about]
    lead = clause.text[: match.start() if groups.get("whole") else match.start("n")]
    if ABOVE.search(lead) or BELOW.search(lead):
        holds = any(length > n for length in lengths) if ABOVE.search(lead) else any(length < n for length in lengths)
    else:
        holds = any(abs(length - n) <= (0.05 * length if ABOUT.search(lead) else 0) for length in lengths)
    yield checked(
        "length",
        match[0],
        f"{n} {unit}".strip(),
        " or ".join(map(str, lengths)),
        holds,
        about=about[0].index if len(about) == 1 else None,
        value=n,
    )
