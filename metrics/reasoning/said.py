"""What a clause says of one thing of a sequence, and whether that is so."""

import re
from dataclasses import dataclass

from dataset_builder.reasoning.evidence.kind import Site
from metrics.reasoning.counts import Count
from metrics.reasoning.findings import Finding, checked
from metrics.reasoning.mention import LETTER, QUOTED, Mention
from metrics.reasoning.mentions import CODONS
from metrics.reasoning.molecules import Molecule
from metrics.reasoning.occurrences import Scope, is_at, occurrences, ways_to_count
from metrics.reasoning.places import Place


CONTEXT_LETTERS = 9  # letters that show the surroundings of a site, not the site
EACH = re.compile(r"\b(?:both|each|tied|equal\w*|alike)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Said:
    """What a clause says of a mention.

    Attributes:
        claim, name: the words around it, and its own.
        about: the molecules that it may be said of.
        asserted: a verb says that it is there.
        ordinal: "first" or "last" where the place is of the first or the last one; else empty.
        strands: "+", "-", or "+-" where either will do.
        where: 1-based ends of the region that it is said of.
        parts: likewise of what the sentence spoke of before, which a count may be of.
        in_brackets: it stands in brackets, behind what is said.
    """

    mention: Mention
    claim: str
    name: str
    about: list[Molecule]
    denied: bool
    asserted: bool
    count: Count | None
    places: list[Place]
    ordinal: str
    strands: str
    where: tuple[int, int] | None
    parts: list[tuple[int, int]]
    in_brackets: bool

    @property
    def in_a_row(self) -> bool:
        """Whether the places are as wide as the count: "six histidines at 5-10"."""
        return bool(self.places) and all(
            place.end and place.end - place.start + 1 == self.count.n for place in self.places
        )

    @property
    def only(self) -> int | None:
        """The index of the molecule, if it can be but one."""
        return self.about[0].index if len(self.about) == 1 else None

    def of_each(self, molecule: Molecule) -> set[int]:
        """How often each letter of a group occurs; empty for all else."""
        letters = self.mention.loose.strip("[]") if self.mention.form == LETTER and self.mention.loose else ""
        return {molecule.letters.count(letter) for letter in letters}

    def scope(self, molecule: Molecule, strict: bool = False) -> Scope:
        """Where to look for it in a molecule."""
        codon = self.mention.loose is not None and set(self.mention.loose.split("|")) <= CODONS
        strands = "+-" if self.mention.form == QUOTED and self.strands == "-" and not self.count else self.strands
        strands = strands or ("+-" if molecule.tag == "dna" and not strict and not codon else "+")
        return Scope(strands, self.where, strict)


def absence(said: Said) -> Finding:
    """It is not there: wrong where the narrowest definition finds it, in every molecule that may be meant."""
    found = [occurrences(m, said.mention, said.scope(m, strict=True)) for m in said.about]
    if said.places:
        found = [[site for site in sites if any(is_at(p, site) for p in said.places)] for sites in found]
    fewest = [] if said.mention.weak else min(found, key=len)
    stated = f"no {said.name}{said_where(said)}"
    return checked("absence", said.claim, stated, shown(fewest), not fewest, about=said.only, value=False)


def counted(said: Said, count: Count) -> Finding:
    """How often it occurs; any way of counting that a biologist would use is right, and any part that it may be of."""
    scopes = [(m, scope) for m in said.about for scope in (said.scope(m), *(Scope("+", part) for part in said.parts))]
    ways = {n for m, scope in scopes for n in ways_to_count(m, said.mention, scope)}
    ways = sorted(ways.union(*map(said.of_each, said.about if EACH.search(said.claim) else ())))
    stated, measured = f"{count.text} {said.name}{said_where(said)}".strip(), " or ".join(map(str, ways))
    holds = any(map(count.allows, ways))
    return checked("count", said.claim, stated, measured, holds, about=said.only, value=count.n)


def row_of_letters(said: Said, count: Count) -> Finding:
    """So many in a row, at each of the places if there are any; or, at several places, one at each."""
    pattern, places = said.mention.loose or "", {place.start for place in said.places}
    n = 1 if len(places) > 1 and count.n >= len(places) else count.n
    row = re.compile(f"(?=(?:{pattern}){{{n}}})")
    rows = [{found.start() + 1 for found in row.finditer(m.letters)} for m in said.about]
    holds = any(found and places <= found for found in rows)
    stated, measured = f"{count.text} {said.name} in a row{said_where(said)}", "there" if holds else "not there"
    return checked("run", said.claim, stated, measured, holds, about=said.only, value=count.n)


def placed(said: Said, place: Place) -> Finding:
    """Where it is, or the first or last of its kind; letters quoted as they stand on the given strand are right for a
    site of the other one."""
    quoted = said.mention.form == QUOTED
    found = [occurrences(m, said.mention, Scope("+-", said.where) if quoted else said.scope(m)) for m in said.about]
    if said.ordinal:
        found = [extremes(sites, said.ordinal) for sites in found]
    holds = any(
        is_at(place, site._replace(start=site.start + shift, end=site.end + shift))
        for m, sites in zip(said.about, found, strict=True)
        for site in sites
        for shift in m.shifts
    )
    holds = holds or any(place.start in said.of_each(m) for m in said.about)  # "A and G are tied at 42"
    if quoted and said.in_brackets and len(said.name) >= CONTEXT_LETTERS:  # "a TATA at position 5 (CACTATACACG)"
        holds = holds or any(site.start <= place.start <= site.end for sites in found for site in sites)
    measured = " or ".join(map(shown, found))
    stated = f"{said.name}, {place.text}"
    return checked("position", said.claim, stated, measured, holds, about=said.only, value=place.start)


def extremes(sites: list[Site], ordinal: str) -> list[Site]:
    """The first or the last of the sites on the given strand, and of all of them."""
    given = [site for site in sites if site.strand == "+"]
    return [(min if ordinal == "first" else max)(some) for some in (given, sites) if some]


def presence(said: Said) -> Finding:
    """It is there."""
    pieces = said.mention.pieces
    if pieces:  # "ACGT…GGCA"
        holds = any(all(piece in m.letters for piece in pieces) for m in said.about)
        measured = "every piece" if holds else "not every piece"
        return checked("motif", said.claim, said.name, measured, holds, about=said.only, value=True)
    there = any(occurrences(m, said.mention, said.scope(m)) for m in said.about)
    anywhere = max((occurrences(m, said.mention, Scope("+-")) for m in said.about), key=len)
    stated = said.name + said_where(said)
    return checked("motif", said.claim, stated, shown(anywhere), there, about=said.only, value=True)


def said_where(said: Said) -> str:
    """The places or the region, as findings show them."""
    if said.places:
        return ", " + ", ".join(place.text for place in said.places)
    return f" within {said.where[0]}-{said.where[1]}" if said.where else ""


def shown(found: list[Site]) -> str:
    """Sites as findings show them."""
    if not found:
        return "none"
    listed = (f"{site.letters[:20]} {site.start}-{site.end}{'(-)' * (site.strand == '-')}" for site in found[:6])
    return ", ".join(listed) + (f", … ({len(found)})" if len(found) > 6 else "")
