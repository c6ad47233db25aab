"""Which number of a clause belongs to which mention: its count, its positions, and the part that they are of."""

import re
from dataclasses import replace

from metrics.reasoning.counts import NUMBER, SEVERAL, Count, count_after, count_before, value
from metrics.reasoning.limits import ABOVE
from metrics.reasoning.mention import LETTER, QUOTED, Mention
from metrics.reasoning.mentions import mentions
from metrics.reasoning.molecules import Molecule
from metrics.reasoning.occurrences import Scope, occurrences
from metrics.reasoning.places import ZERO_BASED, Place, positions, regions
from metrics.reasoning.text import Clause


NO_BREAK = re.compile(r"[^,;.()\d]{0,40}\([\"'\s]*")
# "ATGTAA at positions 13-18 and positions 20-40": the second range is of something else.
OWN_CUE = re.compile(r"(?:at|from|in|around|near|between|within)\b", re.IGNORECASE)
PER = re.compile(r"\s(?:(?:in|out of|of) (?:every|each)|per)\b", re.IGNORECASE)  # "four G or C in every five letters"
# Between a position and what is there: "At positions 12-17 of the sequence lies a clear …".
LEADS_TO = re.compile(
    r"[\s,:)]*(?:(?!(?:next|to|near|before|after|behind|from|and|which|that|outside|beside|within|"
    r"inside)\b)[\w'-]+[\s,:]+)"
    r"{0,9}[\"'(]*",
    re.IGNORECASE,
)
# Between a position and what stands there: "position 20 is Glu", "and position 9-14 continues with LEQAVK".
SAYS = re.compile(
    r"\)?,?\s?(?:is|are|reads?|spells?|holds?|has|contains?|carries|continues?(?: with)?|shows?|being|gives?|=|:)"
    r"(?: (?:an?|the))?[\s\"'(]*",
    re.IGNORECASE,
)
# "TATAAA, which starts at 12", "TATAAA, on the minus strand, at 12": still of what stands before the comma
ELLIPSIS = re.compile(
    r"\s*(?:(?:and|or|also|namely|located|found|seen|situated|positioned|lying|sitting|starting|beginning|it|"
    r"they|which|"
    r"that|is|are|was|were|lies?|sits?|occurs?|starts?|begins?|runs?|spans?|covers?|both|all|once|twice|again|at|one|"
    r"the|first|second|third|last|other|copy|copies|on [\w -]+ strand|\w+ly)\s*)*",
    re.IGNORECASE,
)
STATES = re.compile(
    r"(?:\s*(?:one|we|i|you|there|an? [A-Z]|is|are|reads?|spells?|holds?|has|have|carries|contains?)\b|"
    r",\s(?:the|we|one|i|it)\b|"
    r",?\s(?=[A-Z]{3})|\s?:)",
)
NUMBERING = re.compile(r"\b(?:as|=)\s?$", re.IGNORECASE)  # "with Met as residue 1": how it counts, not where that is
AND_THEN = re.compile(r"[\"']*(?:,| and|, and) (?:the )?[\"']*")
NUMBERS = re.compile(
    r"(?:(?!\b(?:at|from|in|positions?|nt|residues?|bases?)\b)[^\d;.:()]){0,40}?\b"
    rf"(?P<numbers>{NUMBER}(?:, {NUMBER})*,? and {NUMBER})(?=\s?(?:[,.;)]|$)| times| copies| respectively)",
    re.IGNORECASE,
)
INSIDE = re.compile(
    r" (?:residues )?(?:of|in|within|inside) (?:the )?[\"']*", re.IGNORECASE
)  # "two cysteines of PCSHC"
EACH = re.compile(r"\beach\b|\bequally\b", re.IGNORECASE)
ANOTHER = re.compile(rf"\b{NUMBER}(?:, {NUMBER})*,? and {NUMBER}\b", re.IGNORECASE)  # of each of a group its own
RESPECTIVELY = re.compile(r"\brespectively\b", re.IGNORECASE)
RESTRICTED = re.compile(
    r"\b(?:adjacent|neighbou?ring|successive|clustered|surface|catalytic|buried|exposed|upstream|downstream|"
    r"out-of-frame|in-frame|terminal|central|first|last|remaining|other|further|additional|extra|more)\b",
    re.IGNORECASE,
)  # adjectives that make a count one of some only
# "Lys+Arg 32", "guanines 21"
OWN_NUMBER = re.compile(r"\s(?:to )?(?P<n>\d{1,4})(?=\s?(?:[,;)]|\.(?!\d)|$|and\b))")
OPENED = re.compile(rf"(?:{NUMBER}|\bthe) ?\([\"']*$", re.IGNORECASE)  # "only 5 (AAAAA …"
PRONOUN = re.compile(r"\b(?:it|they|them|which|these)\b|^\W*(?:precisely|exactly|namely)\b", re.IGNORECASE)
LISTED = re.compile(r"\d,? (?:and )?\d+ \($")  # "148, 151 and 154 (CINCGLC…": the last place of a list
UNBOUNDED = re.compile(
    r"\b(?:rest|remainder|loops?|stems?|arms?|tracts?|islands?|flanks?|linkers?|helix|helices|sheets?|tails?|"
    r"anticodon|seed|spacer|tip)\b",
    re.IGNORECASE,
)


def carried(clause: Clause, molecules: list[Molecule]) -> list[Mention]:
    """The letter that the sentence spoke of last, where the clause speaks of "it" and names nothing itself."""
    pronoun = PRONOUN.search(clause.text)
    before = mentions(clause.before, molecules) if pronoun else []
    if not before or before[-1].form != LETTER:
        return []
    return [replace(before[-1], start=pronoun.start(), end=pronoun.end(), weak=True)]


def parallel(text: str, found: list[Mention]) -> dict[int, Count]:
    """The count of each of several things that a clause names before their numbers, by its place in `found`: "CGG and
    GGC occur 0 and 2 times"."""
    for first in range(len(found)):
        last = first
        while last + 1 < len(found) and AND_THEN.fullmatch(text[found[last].end : found[last + 1].start]):
            last += 1
        numbers = NUMBERS.match(text, found[last].end)
        words = re.findall(NUMBER, numbers["numbers"], re.IGNORECASE) if numbers else []
        if last > first and len(words) == last - first + 1:
            return {first + i: Count(value(word), "", word) for i, word in enumerate(words)}
    return {}


def count_of(mention: Mention, before: str, after: str) -> Count | None:
    """How often it is said to occur."""
    several = SEVERAL.search(before) and mention.form != LETTER
    if (
        PER.match(after)
        or RESPECTIVELY.search(after)
        or (mention.is_group and (EACH.search(after) or ANOTHER.search(after)))
    ):
        return None
    counted = None if OPENED.search(before) else count_before(before)
    if counted and (RESTRICTED.search(counted.text) or LISTED.search(before)):
        return None
    own = OWN_NUMBER.match(after)
    if (
        not counted
        and own
        and (mention.is_group or (mention.form == LETTER and (mention.plural or not mention.protein)))
    ):
        counted = Count(int(own["n"]), "", own["n"])
    plural = mention.plural or mention.form == LETTER
    return counted or count_after(after, before, plural) or (Count(2, ABOVE, "several") if several else None)


def places_of(clause: Clause, mention: Mention, since: int, until: int, count: Count | None) -> list[Place]:
    """The positions that a mention has: those right before it ("position 9-14 reads LEQAVK"), or else those after it
    that do not lead to the next mention; a number that counts is none."""
    text, zero_based = clause.text, ZERO_BASED.search(clause.sentence) is not None
    between = text[since : mention.start]
    if since and mention.form == QUOTED and between.rstrip("\"' ").endswith("("):
        after = positions(text[mention.end :], zero_based, until - mention.end)
        return after or [
            place for place in positions(between, zero_based) if NO_BREAK.fullmatch(between[place.stop :])
        ]  # "a GC box at positions 43-48 (GGGCGG)"
    if since and (told := [p for p in positions(between, zero_based) if SAYS.fullmatch(between[p.stop :])]):
        return told
    after = text[mention.end : until]
    places = [
        place
        for place in positions(text[mention.end :], zero_based, until - mention.end)
        if not (until < len(text) and SAYS.fullmatch(after[place.stop :]))
        and not NUMBERING.search(after[: place.stop].removesuffix(place.text))
        and not of_another_statement(after, place, text[mention.end + place.stop :])
    ]
    if RESPECTIVELY.search(after):
        return []
    lead = text[: mention.start]
    if not since and (told := [p for p in positions(lead, zero_based) if SAYS.fullmatch(lead[p.stop :])]):
        return [place for place in told if not (count and place.start == count.n)]
    if places or since:
        return [place for place in places if place.stop == places[0].stop or OWN_CUE.match(place.text)]
    before = [place for place in positions(lead, zero_based) if LEADS_TO.fullmatch(lead[place.stop :])]
    return [place for place in before if not (count and place.start == count.n)]


def of_another_statement(after: str, place: Place, following: str) -> bool:
    """Whether a comma parts a place from the mention before it, and words make a statement of what follows."""
    before = re.split(r"[,;]", after[: place.stop].removesuffix(place.text).rstrip("(: "))
    return len(before) > 1 and (not ELLIPSIS.fullmatch(before[-1]) or STATES.match(following) is not None)


def unbounded(text: str, start: int, end: int) -> bool:
    """Whether what stands between these ends of a clause is said of a part that nobody can measure: "the rest"."""
    since = max(text.rfind(mark, 0, start) for mark in ",:(") + 1
    return UNBOUNDED.search(f"{text[since:start]} | {re.split(r'[,;:(]', text[end:])[0]}") is not None


def parts_of(clause: Clause, mention: Mention, about: list[Molecule]) -> list[tuple[int, int]]:
    """1-based ends of every part that the sentence names before a mention, in words, numbers or letters."""
    said = clause.before + clause.text[: mention.start]
    letters = [one for one in mentions(said, about) if one.form == QUOTED and not one.pieces]
    parts = [(place.start, place.end) for place in positions(said, False) if place.end]
    letters += [
        one
        for one in mentions(clause.text, about)
        if one.form == QUOTED and INSIDE.fullmatch(clause.text[mention.end : one.start])
    ]
    for molecule in about:
        parts += regions(said, len(molecule.letters))
        parts += [(site.start, site.end) for one in letters for site in occurrences(molecule, one, Scope("+"))]
    return parts
