"""Claims that something is, or is not, in a sequence: how often, where, on which strand."""

import re
from collections.abc import Iterator

from dataset_builder.reasoning.evidence.kind import Site
from metrics.reasoning.counts import SEVERAL, Count, count_after, count_before
from metrics.reasoning.findings import Finding, checked
from metrics.reasoning.mentions import LETTER, QUOTED, Mention, mentions
from metrics.reasoning.molecules import Molecule, spoken_of
from metrics.reasoning.motifs import sites
from metrics.reasoning.places import ENDING, EXACT, NEAR, NEAR_NT, WITHIN, ZERO_BASED, Place, positions, region, strand
from metrics.reasoning.text import Clause


DENIAL = re.compile(
    r"\b(?:no(?! (?:more|less|fewer) than|t only|t just)|not (?!only|just)|none|n't|cannot|"
    r"lack(?:s|ing|ed)?(?: of)?|without|absence of|absent|devoid of|missing|free of|"
    r"neither|nor|never|fails? to|zero|instead of|misses)\b|n't\b|\bfree of\b",
    re.IGNORECASE,
)
# A verb between a denial and what follows begins a statement of its own: "lacks cysteine and has one tryptophan".
OWN_STATEMENT = re.compile(
    r"\b(?:has|is|are|and contains?|carries|shows|starts|ends|with|where|at|from|only|just|"
    r"but|against|hence|so)\b|\band (?:an?|the) |, (?:an?|the|this|it|there|its|we|i)\b",
    re.IGNORECASE,
)
DENIED_AFTER = re.compile(
    r"[\"')]*\s?(?:\([^()]{0,40}\)\s?)?(?:(?:[\w-]+ ){0,4}?(?:is|are|was|were|seems?|"
    r"appears?) (?:[\w-]+ )?(?:absent|missing|lacking|not\b)|(?:[\w-]+ ){0,4}?(?:cannot|"
    r"could not|can't|couldn't) be|"
    r"(?:[\w-]+ ){0,2}?(?::|=|-)\s?(?:absent|none|no\b|not |missing|0\b|negative)|(?:does|"
    r"do) not (?:occur|appear)|\s?(?:absent|missing)\b)",
    re.IGNORECASE,
)
COORDINATED = re.compile(r"[\s,()\"']*(?:and|or|nor|,|/)[\s\"']*(?:an?|the)?[\s\"']*", re.IGNORECASE)
POSSIBLE = re.compile(
    r"\b(?:may|might|could|can|would|should|possibly|perhaps|potentially|probably|likely|"
    r"suggest\w*|hint\w*|impl(?:y|ies)|allow\w*|needed|require\w*|to (?:form|bind|detect|"
    r"identify|find))\b"
    r"(?! (?:clearly )?(?:be )?(?:found|seen|observed|identified|detected|located|"
    r"recogni[sz]ed|spotted|find|see|count|identify)\b| not (?:be )?(?:found|find|identif\w+|"
    r"detect\w*|see))",
    re.IGNORECASE,
)
STRAND_FIRST = re.compile(r"\W*(?:on|in|along) the [\w -]{0,30}(?:strand|orientation|direction)\b", re.IGNORECASE)
INITIATOR = re.compile(r"\b(?:initiat\w+|initial|start|N-terminal)\s$", re.IGNORECASE)
# "TATA box: no TATAAA …": a heading, whose value follows.
LABEL = re.compile(
    r"[\"')]*(?:\s?\([^()]{0,40}\))?\s?:\s(?!(?:absent|none|no\b(?! \w)|not (?:present|found|"
    r"detected)|missing|present|found|yes|at|position|\d|(?:one|two|three|four|five|"
    r"six)\b(?! \w+ing)))",
    re.IGNORECASE,
)
BARE = re.compile(r"\(?\d+")
OF_ENDS = re.compile(
    r"\b(?:begin|start|end|terminat|open|finish|clos)\w*(?: (?:off|up))? (?:with|in|"
    r"by)?(?: (?:the|an?))?(?: [\w'-]+){0,2}[\s:\"'(]*$|\b(?:starts?|ends?|"
    r"begins?)\s?:[\s\"']*$",
    re.IGNORECASE,
)
ASSERTS_PRESENCE = re.compile(
    r"\b(?:contain|ha(?:s|ve)\b|includ|with\b|presence|feature|carr|there (?:is|are)|find|found|show)", re.IGNORECASE
)


RUN_OF = re.compile(
    r"\b(?:runs?|stretch(?:es)?|tracts?|blocks?|homopolymer\w*|string|longest)\b[^,;]{0,45}$|\bconsecutive\s$",
    re.IGNORECASE,
)


def site_claims(clause: Clause, molecules: list[Molecule]) -> Iterator[Finding]:
    """The claims of a clause about letters, elements and residues, checked."""
    found = mentions(clause.text, molecules)
    denied = denials(clause.text, found)
    for i, mention in enumerate(found):
        if mention.elsewhere:
            continue
        since = found[i - 1].end if i else 0
        until = found[i + 1].start if i + 1 < len(found) else len(clause.text)
        yield from claims_of(clause, mention, since, until, denied[i], molecules)


def denials(text: str, found: list[Mention]) -> list[bool]:
    """For each mention whether the clause denies it."""
    denied = []
    for i, mention in enumerate(found):
        before = text[: mention.start]
        last = max(DENIAL.finditer(before), key=re.Match.start, default=None)
        between = before[last.end() :] if last else ""
        own_count = count_before(text[found[i - 1].end if i else 0 : mention.start])
        denied.append(last is not None and not OWN_STATEMENT.search(between) and not (own_count and own_count.n))
    for i in reversed(range(len(found))):
        until = found[i + 1].start if i + 1 < len(found) else len(text)
        gap = text[found[i].end : until]
        listed = i + 1 < len(found) and COORDINATED.fullmatch(gap) and denied[i + 1]
        if DENIED_AFTER.match(gap) or (listed and DENIED_AFTER.match(text[found[i + 1].end :])):
            denied[i] = True
    return denied


def claims_of(
    clause: Clause, mention: Mention, since: int, until: int, denied: bool, molecules: list[Molecule]
) -> Iterator[Finding]:
    """The claims that one mention makes."""
    text = clause.text
    if (
        mention.loose is None
        or OF_ENDS.search(text[: mention.start])
        or LABEL.match(text, mention.end)
        or (mention.form == LETTER and RUN_OF.search(text[: mention.start]))
    ):
        return
    before, after = text[since : mention.start], text[mention.end : until]
    places = positions(text[mention.end :], bool(ZERO_BASED.search(clause.sentence)), until - mention.end)
    if not places and not since:
        places = positions(before, bool(ZERO_BASED.search(clause.sentence)))
        counted = count_before(before)
        places = [place for place in places if not (counted and place.start == counted.n)]
    possible = POSSIBLE.search(text[: mention.start]) is not None
    if (possible or not clause.asserted) and not places:
        return
    about = [m for m in spoken_of(clause, mention.start, molecules) if m.is_protein == mention.protein]
    about = about or [m for m in molecules if m.is_protein == mention.protein]
    if not about:
        return
    count = None if denied else count_before(before) or count_after(after, before)
    if count and any(BARE.fullmatch(place.text) for place in places):
        countable = mention.form == LETTER or mention.plural
        places = (
            []
            if countable or any(count.n == n for m in about for n in ways_to_count(m, mention.loose, None, "", False))
            else places
        )
        count = None if places else count
    lead = text[: text.find(",")] if STRAND_FIRST.match(text) else ""
    side = strand(f"{lead} {before} {after}") if mention.form != LETTER else "+"
    where = region(before + " | " + after, len(about[0].letters)) if not places else None
    if mention.form == LETTER and INITIATOR.search(before):
        where = (1, 1)
    claim = text[max(0, mention.start - 40) : min(len(text), mention.end + 60)]
    only = about[0].index if len(about) == 1 else None
    name = mention.text.strip("\"' ")
    if denied:
        stated = f"no {name}" + said_where(places, where)
        there = (
            max((present(m, mention.strict, places, where, side or "+") for m in about), key=len)
            if len(about) == 1
            else min((present(m, mention.strict, places, where, side or "+") for m in about), key=len)
        )
        yield checked("absence", claim, stated, shown(there), not there, about=only, value=False)
        return
    if mention.form == LETTER and not (count or places):
        if ASSERTS_PRESENCE.search(before) and not any(present(m, mention.loose, [], None, "+") for m in about):
            yield checked("residue", claim, name, "none", False, about=only)
        return
    if count:
        yield from count_claim(claim, mention, count, where, side, about, name)
    elif SEVERAL.search(before) and mention.form != LETTER:
        yield from count_claim(claim, mention, Count(2, "least", "several"), where, side, about, name)
    for place in places:
        holds = any(at(place, mention, present(m, mention.loose, [], None, side)) for m in about)
        measured = " or ".join(shown(present(m, mention.loose, [], None, side)) for m in about)
        yield checked("position", claim, f"{name}, {place.text}", measured, holds, about=only, value=place.start)
    if not places and not count:
        if "…" in mention.loose:
            holds = any(all(piece in m.letters for piece in mention.loose.replace("U", "T").split("…")) for m in about)
            yield checked(
                "motif", claim, name, "its parts" if holds else "not its parts", holds, about=only, value=True
            )
            return
        there = max((present(m, mention.loose, [], where, side) for m in about), key=len)
        anywhere = max((present(m, mention.loose, [], None, "") for m in about), key=len)
        yield checked(
            "motif", claim, name + said_where([], where), shown(anywhere), bool(there), about=only, value=True
        )


def count_claim(
    claim: str,
    mention: Mention,
    count: Count,
    where: tuple[int, int] | None,
    side: str,
    about: list[Molecule],
    name: str,
) -> Iterator[Finding]:
    """How often something occurs; any way of counting that a biologist would use is right."""
    only = about[0].index if len(about) == 1 else None
    ways = sorted(
        {
            n
            for m in about
            for pattern in {mention.loose, mention.strict}
            for n in ways_to_count(m, pattern, where, side, mention.form == LETTER)
        }
    )
    holds = any(map(count.allows, ways))
    yield checked(
        "count", claim, f"{count.text} {name}".strip(), " or ".join(map(str, ways)), holds, about=only, value=count.n
    )


def ways_to_count(
    molecule: Molecule, pattern: str, where: tuple[int, int] | None, side: str, letter: bool
) -> set[int]:
    """Overlapping or not; of DNA whose strand is not named, on the given one or on both."""
    given = present(molecule, pattern, [], where, "-" if side == "-" else "+")
    ways = {len(given), len(apart(given))}
    if molecule.tag == "dna" and not side and not letter:
        both = present(molecule, pattern, [], where, "")
        ways |= {len(both), len(apart(both))}
    return ways


def apart(found: list[Site]) -> list[Site]:
    """Those that do not overlap, from the left."""
    kept: list[Site] = []
    for site in found:
        if not kept or site.start > kept[-1].end:
            kept.append(site)
    return kept


def present(
    molecule: Molecule, pattern: str | None, places: list[Place], where: tuple[int, int] | None, side: str
) -> list[Site]:
    """The matches of a pattern on the strand (both where it is empty), at any of the places, within a region."""
    if pattern is None:
        return []
    found = sites(molecule.letters, pattern, molecule.is_protein) if side != "-" else []
    if not molecule.is_protein and (side == "-" or (side == "" and molecule.tag == "dna")):
        length, taken = len(molecule.letters), {(site.start, site.end) for site in found}
        for site in sites(molecule.reverse, pattern, False):
            start, end = length - site.end + 1, length - site.start + 1
            if (start, end) not in taken:
                found.append(Site(start, end, site.letters, "-"))
    if where:
        found = [site for site in found if site.start <= where[1] and site.end >= where[0]]
    if places:
        found = [site for site in found if any(matches(place, site, None) for place in places)]
    return sorted(found)


def at(place: Place, mention: Mention, found: list[Site]) -> bool:
    """Whether one of the sites is where the text says."""
    return any(matches(place, site, mention.width) for site in found)


def matches(place: Place, site: Site, width: int | None) -> bool:
    """Whether a site is at a place. A range wider than the site is a region that holds it."""
    low, high = (place.start, place.end) if place.end is not None else (place.start, place.start)
    low, high = min(low, high), max(low, high)
    if place.mode == NEAR:
        return site.start >= low - NEAR_NT and site.start <= high + NEAR_NT
    if place.mode == ENDING:
        return site.end == place.start
    if place.end is None:
        return place.start == site.start or (site.strand == "-" and place.start == site.end)
    if place.mode == WITHIN or high - low > site.end - site.start:
        return low <= site.start and site.end <= high
    return (low, high) == (site.start, site.end)


def said_where(places: list[Place], where: tuple[int, int] | None) -> str:
    """The places or the region, as findings show them."""
    if places:
        return ", " + ", ".join(place.text for place in places)
    return f" within {where[0]}-{where[1]}" if where else ""


def shown(found: list[Site]) -> str:
    """Sites as findings show them."""
    if not found:
        return "none"
    listed = ", ".join(
        f"{site.letters[:20]} {site.start}-{site.end}" + ("(-)" if site.strand == "-" else "") for site in found[:6]
    )
    return listed + (f", … ({len(found)})" if len(found) > 6 else "")


__all__ = ["EXACT", "QUOTED", "site_claims"]
