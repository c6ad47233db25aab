"""What else a number of a sentence may be true of.

Which of the things that a sentence names a number belongs to is often open: "a PstI site (CTGCAG), a BamHI site
(GGATCC), at 23 and 31", "TTTTTATAGC contains TATA at 5-8", "C (86)" for a place and "A (14)" of the protein of a pair.
A careful reader who finds the number true of its neighbour does not call it wrong.
"""

import re
from itertools import pairwise

from metrics.reasoning.findings import WRONG, Finding
from metrics.reasoning.mention import LETTER, Mention
from metrics.reasoning.mentions import mentions
from metrics.reasoning.molecules import Molecule
from metrics.reasoning.occurrences import Scope, occurrences, ways_to_count
from metrics.reasoning.text import Clause


NOWHERE = re.compile(r"none|0(?: or 0)*")
FEW = 3  # sites: of more, some number is true by chance


def unexplained(found: list[Finding], clause: Clause, molecules: list[Molecule]) -> list[Finding]:
    """The findings of a clause without wrong numbers that are true of something else that it names; what is said of
    something that is nowhere stays wrong."""
    counts = {int(one.value) for one in found if may_be_explained(one, "count") and one.value is not None}
    places = [one for one in found if may_be_explained(one, "position")]
    true = {n for n in counts if is_true_beside(n, clause.text, molecules)}
    named = mentions(clause.sentence, molecules) if places else []
    known = [places_of(one, m) for one in named for m in molecules]
    starts, ends = (set().union(*side) for side in zip(*known, strict=True)) if known else (set(), set())
    return [
        one
        for one in found
        if not (may_be_explained(one, "count") and one.value in true)
        and not (one in places and are_places(one, starts, ends))
    ]


def may_be_explained(finding: Finding, kind: str) -> bool:
    """Whether a finding is a wrong number of this kind, of something that is somewhere."""
    return finding.status == WRONG and finding.kind == kind and not NOWHERE.fullmatch(finding.measured)


def are_places(finding: Finding, starts: set[int], ends: set[int]) -> bool:
    """Whether positions are inside what they are said of, or where things that the sentence names begin and end."""
    first, *others = map(int, re.findall(r"\d+", finding.stated.rpartition(", ")[2]))
    inside = [range(int(a), int(b) + 1) for a, b in re.findall(r" (\d+)-(\d+)", finding.measured)]
    if others and any({first, *others} <= set(site) for site in inside):  # "CDCTQ (52 and 54)"
        return True
    return first in starts and starts | ends >= set(others)


def is_true_beside(n: int, text: str, molecules: list[Molecule]) -> bool:
    """Whether a number, wherever it stands in a clause, is true of what stands beside it, or of both together."""
    named = mentions(text, molecules)
    places = [match.span() for match in re.finditer(rf"(?<![\d.]){n}(?![\d.]*\d)", text)]
    return bool(places) and all(holds_beside(n, place, text, named, molecules) for place in places)


def holds_beside(n: int, place: tuple[int, int], text: str, named: list[Mention], molecules: list[Molecule]) -> bool:
    """The same of one place; what follows at once is what the number counts."""
    start, end = place
    near = [one for one in named if not re.search(r"[,;.]", text[one.end : start] + text[end : one.start])]
    before, after = [one for one in near if one.end <= start][-1:], [one for one in near if one.start >= end][:1]
    own = [one for one in after if one.start == end + 1] or before + after
    for m in molecules:
        counts = [counts_of(one, m) for one in (own if own == after else near)]
        sums = {a + b for some, others in pairwise(counts) for a in some for b in others}
        true = sums.union(*(counts_of(one, m) for one in own), *(places_of(one, m)[0] for one in own))
        if n in true or letter_at(n, text[:start], m):
            return True
    return False


def letter_at(n: int, before: str, molecule: Molecule) -> bool:
    """Whether "C (" leads to a number at which that letter is."""
    letter = re.search(r"\b([A-Z]) \($", before)
    return letter is not None and molecule.letters[n - 1 : n] == letter[1]


def counts_of(mention: Mention, molecule: Molecule) -> set[int]:
    """How often something occurs; a single letter in a molecule of either kind."""
    if mention.form == LETTER and len(mention.text) == 1:
        return {molecule.letters.count(mention.text)}
    if mention.protein != molecule.is_protein:
        return set()
    return ways_to_count(molecule, mention, Scope("+-")) | ways_to_count(molecule, mention, Scope("+"))


def places_of(mention: Mention, molecule: Molecule) -> tuple[set[int], set[int]]:
    """Where something that occurs a few times begins, and where it ends."""
    readable = mention.protein == molecule.is_protein and not mention.pieces
    sites = occurrences(molecule, mention, Scope("+-")) if readable else []
    sites = sites if len(sites) <= FEW else []
    starts = {site.start + shift for site in sites for shift in molecule.shifts}
    return starts, {site.end + shift for site in sites for shift in molecule.shifts}
