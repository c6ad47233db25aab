"""Claims about how long whole sequences are: "the 70-nt RNA", "237 residues", "Length: 70 bp"."""

import re
from collections.abc import Iterator

from metrics.reasoning.counts import NUMBER, value
from metrics.reasoning.findings import FAITHFUL, Finding, checked
from metrics.reasoning.letters import AMINO_ACID
from metrics.reasoning.limits import ABOUT, ABOVE, BELOW, LIMIT, limit_before
from metrics.reasoning.molecules import Molecule, spoken_of
from metrics.reasoning.text import Clause


UNIT = (
    r"(?P<unit>(?:nucleotides?|nts?|bases?(?: pairs?)?|bp|base-pairs?)|(?:residues?|amino[- ]acids?|aa)|"
    r"letters|positions|mer)\b"
)
N = rf"(?P<n>{NUMBER})"
AT_LEAST_30 = r"(?P<n>[3-9]\d|\d{3,5})"  # a part seldom is
SIZE = rf"{N}[- ]?{UNIT}"
# What is as long as the whole sequence.
WHOLE = (
    r"(?:sequence|dna|rna|fragment|stretch|molecule|transcript|utr|5' ?utr|leader|protein|chain|peptide|polypeptide|"
    r"region|locus|guide|sirna|target(?: site)?|switch|antibody|antigen|promoter|enhancer|strand|variant|construct|"
    r"segment|input|mini-?protein|domain|oligo(?:nucleotide)?|duplex|envelope|enzyme|window|string|version|text|entry|"
    r"thing|one)s?"
)
HEAD = rf"\b(?P<head>{WHOLE})"
ASIDE = r"(?: (?:provided|given|shown|in question|under study|at hand|sequence|chain))?(?: \([^()]*\))?"
SUBJECT = rf"(?:{HEAD}{ASIDE}|\b(?:it|which|that|we|i))"
EXTENDS = (
    r"(?:of|with|has|have|is|are|spans?|covers?|measures?|comprises?|comprising|contains?|consists? of|counts?|count|"
    r"includes?|totals?|possesses|numbers|was given|were given|got|runs to|comes to|extends over|find|see|get)"
)
ONLY = r"(?: (?:only|just|exactly|a total of|a length of|merely|made of|all))*"
# What makes of "12 nt" a distance, or of "12 residues" a number of some of them.
NOT_SOME = (
    r"(?! (?:upstream|downstream|apart|from|away|between|that|which|are|of(?! length)|long stem|spacer|hairpin|next|"
    r"closest|nearest|adjacent|around|before|after|at|near)\b)"
)
DETERMINER = r"\b(?:this|the|its|a|an|our|provided|given|short|human|yeast|target|small|designed)\s"
LENGTHS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # "length: 70", "a size of 70 nt"
        rf"\b(?:length|size)\b(?! of (?:the )?(?:run|stem|loop|repeat|helix|orf))[^.;\d]{{0,30}}?(?P<n>\d[\d,]*)(?!')"
        rf"(?![\d.]*\s?(?:%|kcal|kDa|Da\b|k))(?:\s?{UNIT})?(?!\.\d)",
        # "70 nt long", "70 nt in all"
        rf"{SIZE}[- ]?(?:\s?in length|long|\sof length|\s(?:in all|in total|altogether|overall))\b",
        # "the 70-nt RNA"
        rf"{DETERMINER}(?:[\w'-]+\s){{0,3}}?{SIZE}[- ](?:long )?(?!of |in |on )(?:[\w'-]+\s){{0,2}}?{HEAD}\b",
        # "the RNA has 70 nucleotides", "it spans 70 nt", "a chain of about 70 residues"
        rf"{SUBJECT},? {EXTENDS}{ONLY} {LIMIT}?{SIZE}{NOT_SOME}",
        # "… and the RNA 70 nt", "the RNA, 70 nt, …", "RNA: 70 nt"
        rf"\b(?:the|an?) {HEAD} {SIZE}",
        rf"{HEAD}(?:, {SIZE}(?=\s*(?:[.,;)]|$))|\s?[:=]\s?{SIZE.replace('P<', 'P<s_')})",
        # "(70 nt)", "70 nt, of which …", "with its 70 nt"
        rf"(?:^\W*|[(]\s?)(?:(?:with|at) (?:its |all |only )?)?(?P<n>{NUMBER})[- ]?(?P<unit>aa|nt|bp|amino acids|"
        rf"residues|"
        r"nucleotides|bases|base pairs)\b(?=\s?[),;.:]|\s*$|\s(?:with|it|make|form|were|was)\b)",
        # "43% GC, 70 nt, …", "12 CpG in 70 nt"
        rf"(?:[,;] |\b(?:in|for|per) ){AT_LEAST_30} (?P<unit>aa|nt|bp|residues|nucleotides|bases)\b"
        r"(?=\s?[,;)]|\.(?!\d)|\s?$|\s(?:is|was|the)\b)",
        # "over all 70 positions", "43% over 70 nt"
        rf"\bover (?:all |the (?:entire )?)?{N} (?P<whole>positions|columns)\b",
        rf"%[\w +/-]{{0,25}} (?P<whole>over) (?:all )?{SIZE}",
        # "these 70 letters", "a 70-mer", "of its 70 bases", "12 of 70", "number of bases: 70"
        rf"\b(?:this|these|its|all|among) {AT_LEAST_30}[- ]{UNIT}{NOT_SOME}",
        rf"\bthe {AT_LEAST_30} {UNIT}(?= (?:were|are|was|here)\b|[.,;)]|$)",
        rf"(?:\d|%|percent) (?:out )?of (?:the |its |all |these )?{N}(?: {UNIT})?(?=\s*(?:are|is|were|\(|[,;)]|"
        rf"\.(?!\d)|$))",
        rf"\bnumber of {UNIT}(?: is|:|\s?=)\s?{N}",
        rf"\b(?:of|from) (?:its|the|all|a total of) {SIZE}{NOT_SOME}",
        # "nt: 70"
        rf"^\W*{UNIT}\s?[:=]\s?{N}\W*$",
    )
)
PROTEIN_UNIT = re.compile(r"resid|amino|aa", re.IGNORECASE)
PART = (
    r"(?:stems?|hairpins?|loops?|(?:proto-?)?spacers?|runs?|frames?|heli(?:x|ces)|orfs?|stack\w*|bulges?|repeats?|"
    r"seeds?|tails?|tracts?|motifs?|inserts?|overhangs?|half|halves)"
)
PART_SUBJECT = re.compile(rf"\b{PART}\b", re.IGNORECASE)
PART_BEFORE = re.compile(
    r"\b(?:in|for|of|with|from) an? (?:[\w-]+ ){1,3}of $|"
    r"\b(?:first|last|within|every|domain|segment|stretch|region) (?!is|has|spans|consists|comprises|measures)"
    r"(?:[\w-]+ ){0,3}$|"
    r"\b(?:first|last|next|within|every)\b[^,.;]{0,12}$|\bup to\s$|\b(?:average|typical|mean|median|most|"
    r"other)\b[^,;]*$|%\s?\($|\d\s?[-/]\s?$",
    re.IGNORECASE,
)
OTHER = re.compile(r"\W*(?:(?:and|while|but) )?an? [^,;]*$", re.IGNORECASE)  # "a trigger RNA of 30 nt opens it"
VERB = re.compile(r" (?!(?:with|in|as|is|was|has)\b)[a-z]+(?:s|ed)\b")
RANGE = re.compile(r"\s?(?:-|to)\s?\d")
MAY_BE_PART = re.compile(r"(?:duplex|domain|segment|stretch|region|window|text|thing|one)e?s?", re.IGNORECASE)
PART_SHARE = 0.4  # what is shorter is a part, if the whole is not named
ABOUT_SHARE = 0.05  # "about 300" of 285 to 315


def length_claims(clause: Clause, molecules: list[Molecule]) -> Iterator[Finding]:
    """The lengths that a clause gives for whole sequences, checked."""
    text, seen = clause.text, set()
    for match in (match for pattern in LENGTHS for match in pattern.finditer(text) if clause.asserted):
        said = {name.removeprefix("s_"): match.span(name) for name, found in match.groupdict().items() if found}
        at, end = said["n"]
        before = text[:at]
        if at in seen or PART_SUBJECT.search(before) or PART_BEFORE.search(before) or RANGE.match(text, end):
            continue
        if before.endswith("(") and AMINO_ACID.search(before[-60:]):
            continue  # "lysine (12 residues)"
        if OTHER.fullmatch(before) and VERB.match(text, match.end()):
            continue
        seen.add(at)
        claim = length_claim(clause, match[0], said, molecules)
        if (
            claim.status == FAITHFUL
            or ("head" in said and not MAY_BE_PART.fullmatch(text[slice(*said["head"])]))
            or claim.value >= PART_SHARE * min(len(m.letters) for m in molecules)
        ):
            yield claim


def length_claim(clause: Clause, claim: str, said: dict[str, tuple[int, int]], molecules: list[Molecule]) -> Finding:
    """One length: of the molecules that the clause names, as far as they have letters of this unit.

    Args:
        said: where in the clause the number `n` stands, and its `unit`, the `head` that it is said of and the word for
            the `whole`, where it has them.
    """
    text, (at, end) = clause.text, said["n"]
    n, unit = value(text[at:end]), text[slice(*said["unit"])] if "unit" in said else ""
    about = spoken_of(clause, end if "head" in said and said["head"][0] > at else at, molecules)
    if unit and unit.lower() not in ("letters", "positions", "mer"):
        protein = PROTEIN_UNIT.match(unit) is not None
        own = [m for m in about if m.is_protein == protein]
        about = own or [m for m in molecules if m.is_protein == protein] or about
    lengths = [len(m.letters) for m in about]
    limit = limit_before(text[: said["whole"][0] if "whole" in said else at])
    holds = any(
        {ABOVE: length >= n, BELOW: length <= n, ABOUT: abs(length - n) <= ABOUT_SHARE * length}.get(
            limit, length == n
        )
        for length in lengths
    )
    only = about[0].index if len(about) == 1 else None
    measured = " or ".join(map(str, lengths))
    return checked("length", claim, f"{n} {unit}".strip(), measured, holds, about=only, value=n)
