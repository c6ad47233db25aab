"""Claims that something is, or is not, in a sequence: how often, where, on which strand."""

import re
from collections.abc import Iterator

from metrics.reasoning.binding import carried, count_of, parallel, parts_of, places_of, unbounded
from metrics.reasoning.counts import NUMBER, NUMBER_OF, Count, count_before
from metrics.reasoning.denials import RESTRICTED, denials
from metrics.reasoning.findings import FAITHFUL, Finding
from metrics.reasoning.mention import LETTER, QUOTED, Mention
from metrics.reasoning.mentions import CODONS, mentions
from metrics.reasoning.molecules import Molecule, spoken_of
from metrics.reasoning.occurrences import Scope, occurrences, ways_to_count
from metrics.reasoning.places import Place, region, strand
from metrics.reasoning.said import Said, absence, counted, placed, presence, row_of_letters
from metrics.reasoning.text import Clause


STATEMENT = re.compile(r".*\b(?:is|are|has|have|contains?|holds?|comes?|reads?)\b.*,\s", re.IGNORECASE | re.DOTALL)
NEXT_STATEMENT = re.compile(
    r",\s(?=(?:and )?(?:the|its|within|in|at|from)\b[^,]*\b(?:is|are|has|have|holds?|contains?|reads?)\b)|"
    rf"\s(?:and|but|with|plus)\s(?:just |only |exactly )?{NUMBER}\s|"
    rf",\s(?={NUMBER} of (?:them|these|those|which)\b)|\band,|,\s(?=(?:one|another|the (?:other|intended))\b)",
    re.IGNORECASE,
)
POSSIBLE = re.compile(
    r"\b(?:may|might|could|can|would|should|possibly|perhaps|potentially|probably|likely|"
    r"suggest\w*|hint\w*|impl(?:y|ies)|allow\w*|needed|require\w*|to (?:form|bind|detect|"
    r"identify|find))\b"
    r"(?! (?:clearly )?(?:be )?(?:found|seen|observed|identified|detected|located|"
    r"recogni[sz]ed|spotted|find|see|count|identify)\b| not (?:be )?(?:found|find|identif\w+|"
    r"detect\w*|see))",
    re.IGNORECASE,
)
# "CGG-repeat elements can form hairpins", said of what they are like
MAY = re.compile(r"(?:[- ][\w-]+){0,2} (?:may|might|could|can)\b(?! be )", re.IGNORECASE)
# "the loop is long and holds no tyrosine": of what the sentence spoke of
ELIDED = re.compile(
    r"\W*(?:and |but )?(?:holds?|has|have|contains?|lacks?|carries|carry|shows?|includes?)\b", re.IGNORECASE
)
STRAND_FIRST = re.compile(r"\W*(?:on|in|along) the [\w -]{0,30}(?:strand|orientation|direction)\b", re.IGNORECASE)
INITIATOR = re.compile(r"\b(?:initiat\w+|initial|start|N-terminal|first|leading)\s$", re.IGNORECASE)
# "TATA box: no TATAAA …": a heading, whose value follows.
LABEL = re.compile(
    r"[\"')]*(?:\s?\([^()]{0,40}\))?\s?:\s(?!"
    r"(?:absent|none|no\b(?! \w)|not (?:present|found|detected)|missing|present|found|yes|at|position|\d|"
    r"(?:residues?|nt|nucleotides?|bases?) \d|(?:one|two|three|four|five|six)\b(?! \w+ing)))",
    re.IGNORECASE,
)
PERCENTAGES = re.compile(r"%\s?$|\(%\)|\bin (?:%|per ?cent\b)|\bpercentages\b", re.IGNORECASE)  # "%A 21, %C 29"
ORDINAL = r"\b(?P<ordinal>first|last)\b"
ORDINAL_BEFORE = re.compile(rf"{ORDINAL} (?:such )?[\"'(]*$", re.IGNORECASE)  # "the first AUG is at 12"
# "CAA occurs twice, the first at 17"
ORDINAL_AFTER = re.compile(
    rf"[^;:.]*{ORDINAL}(?: (?:one|copy|time|occurrence|instance|of (?:them|these|which)))?(?: (?:is|being|starts?|"
    r"starting|begins?|beginning|lies|sits|stands))?[\s,:]*$",
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


IS_THERE = re.compile(
    r"[\"')]*\s?(?:(?:can|could) be \w+|(?:(?:is|are|was|were) )?(?:\w+ly |also )?(?:present|"
    r"located|found|detected|observed|"
    r"seen|visible|identified|evident|positioned|situated|embedded|centred|centered)\b|lies?\b|sits?\b|occurs?\b|"
    r"appears?\b|stands?\b|exists?\b|:\s?(?:present|yes|found)\b|(?:near|within|around|"
    r"towards?|upstream|downstream)\b)",
    re.IGNORECASE,
)
PLACE_FIRST = re.compile(r"\W*(?:(?:with)?in|near|at|towards?|close to|around|the|its)\b", re.IGNORECASE)
SOUGHT = re.compile(
    r"\b(?:depends? on|rel(?:y|ies) on|acts? on|needs?|requires?)\b|\b(?:look(?:ed|ing)?|"
    r"search(?:ed|ing)?|scan(?:ned|ning)?|check(?:ed|ing)?|screen(?:ed|"
    r"ing)?)(?: [\w'-]+){0,5} for\b",
    re.IGNORECASE,
)
STANDS_AT = re.compile(r"[\"')]*\s?(?:at\b|\((?:at |positions? |nt )?\d)", re.IGNORECASE)
CONDITION = re.compile(r"\W*without [^,]*", re.IGNORECASE)  # "Without an AUG before them they do not matter"
LONG = {True: 5, False: 7}  # residues, bases that of two sequences tell by themselves which they are from
ACRONYM = 4  # letters of a protein that may as well be a name: "a TEV site"
OF_LETTERS = re.compile(r"\s(?:[\w-]+ ){0,2}(?:motifs?|signals?|sequences?|(?:tri|tetra)peptides?)\b", re.IGNORECASE)
WOULD = re.compile(r"\b(?:would|should|ought to) (?:\w+ )?(?:have|be|lie|sit|need)\b", re.IGNORECASE)
IN_A_ROW = re.compile(r"\s?(?:in a row|in succession|side by side|one after the other)\b", re.IGNORECASE)
RUN_OF = re.compile(
    r"\b(?:runs?|stretch(?:es)?|tracts?|blocks?|homopolymer\w*|string|longest)\b[^,;]{0,70}$|\bconsecutive\s$",
    re.IGNORECASE,
)


def site_claims(clause: Clause, molecules: list[Molecule]) -> Iterator[Finding]:
    """The claims of a clause about letters, elements and residues, checked."""
    found = mentions(clause.text, molecules) or carried(clause, molecules)
    denied = denials(clause.text, found)
    given = parallel(clause.text, found)
    for i, mention in enumerate(found):
        sought = denied[i] and SOUGHT.search(clause.text[: mention.start])
        if mention.elsewhere and not sought:
            continue
        since = found[i - 1].end if i else 0
        until = found[i + 1].start if i + 1 < len(found) else len(clause.text)
        if said := read(clause, mention, since, until, denied[i], molecules, given.get(i)):
            yield from claims_of(clause, said)


def claims_of(clause: Clause, said: Said) -> Iterator[Finding]:
    """The claims that one mention makes."""
    mention = said.mention
    if said.denied:
        yield absence(said)
        return
    in_a_row = IN_A_ROW.match(clause.text, mention.end)
    if said.count and mention.form == LETTER and (in_a_row or said.places):
        row = row_of_letters(said, said.count)
        if in_a_row or said.in_a_row or row.status == FAITHFUL:
            yield row
            return
    if said.count:
        yield counted(said, said.count)
    for place in said.places:
        yield placed(said, place)
    if (
        not said.count
        and not said.places
        and (said.asserted or (mention.form == QUOTED and mention.text not in CODONS))
        and not mention.weak
        and not may_be_a_name(clause, said)
        and not MAY.match(clause.text, mention.end)
    ):
        yield presence(said)


def read(
    clause: Clause,
    mention: Mention,
    since: int,
    until: int,
    denied: bool,
    molecules: list[Molecule],
    given: Count | None,
) -> Said | None:
    """What a clause says of a mention; None where that is no claim.

    Args:
        since, until: the end of the mention before it and the start of the one after it, in the clause.
        given: its count, where several are listed together.
    """
    text = clause.text
    lead = text[: mention.start]
    if OF_ENDS.search(lead) and not STANDS_AT.match(text, mention.end):
        return None
    if (LABEL.match(text, mention.end) and not count_before(text[since : mention.start])) or (
        mention.form == LETTER and RUN_OF.search(lead)
    ):
        return None
    about = [m for m in spoken_of(clause, mention.start, molecules) if m.is_protein == mention.protein]
    if not about or (mention.form == QUOTED and len(mention.text) >= LONG[mention.protein]):
        about = [m for m in molecules if m.is_protein == mention.protein]
    before, after = text[since : mention.start], text[mention.end : until]
    percentages = mention.form == LETTER and PERCENTAGES.search(lead) is not None
    count = given or (None if denied or percentages else count_of(mention, before, after))
    places = [] if given else places_of(clause, mention, since, until, count)
    has_place = places and (clause.asserted or mention.form != LETTER) and not WOULD.search(lead)
    if not about or (
        not has_place
        and (not clause.asserted or POSSIBLE.search(lead) or (not denied and SOUGHT.search(clause.before + lead)))
    ):
        return None
    if count and len(places) > 1 and count.n == places[0].start and places[0].stop == places[1].stop:
        count = None  # "Trp: 48, 84 and 91"
    if count and any(BARE.fullmatch(place.text) for place in places):  # "(12)": how many, or where
        counts = {n for m in about for n in ways_to_count(m, mention, Scope("+-"))}
        many = mention.form == LETTER or mention.plural or count.n in counts
        count, places = (count, []) if many else (None, places)
    elif count and any(re.search(rf"\b{count.n}\b", place.text) for place in places):
        count = None
    if not count and not places and NUMBER_OF.search(before):
        return None
    elided = clause.before if ELIDED.match(text) else ""
    if (count or denied) and unbounded(elided + text, len(elided) + mention.start, len(elided) + mention.end):
        return None
    if denied and (RESTRICTED.search(after) or CONDITION.fullmatch(text)):
        return None
    where = (
        None
        if places
        else region(
            f"{lead_in(text, since, before)} | {NEXT_STATEMENT.split(after)[0]}", len(about[0].letters), tight=denied
        )
    )
    return Said(
        mention,
        claim=text[max(0, mention.start - 40) : mention.end + 60],
        name=mention.text.strip("\"' "),
        about=about,
        denied=denied,
        asserted=(where or ASSERTS_PRESENCE.search(before) or IS_THERE.match(after)) is not None,
        count=count,
        places=places,
        ordinal=ordinal_of(before, after, places) if len(places) == 1 else "",
        strands=strands_of(mention, text, before if not since else before[-25:], after),
        where=(1, 1) if mention.form == LETTER and not places and INITIATOR.search(before) else where,
        parts=parts_of(clause, mention, about) if count else [],
        in_brackets=before.rstrip("\"' ").endswith("("),
    )


def may_be_a_name(clause: Clause, said: Said) -> bool:
    """Whether a few capitals outside quotes, which are nowhere in a protein, may be an abbreviation."""
    mention = said.mention
    if mention.form != QUOTED or not mention.protein or len(mention.text) > ACRONYM:
        return False
    if OF_LETTERS.match(clause.text, mention.end):
        return False
    return clause.text[mention.start - 1 : mention.start] != '"' and not any(
        occurrences(m, mention, Scope("+")) for m in said.about
    )


def lead_in(text: str, since: int, before: str) -> str:
    """What stands before a mention, as far as it says where that is: "In the last 20 bp there is …"."""
    told = STATEMENT.match(before)  # what a statement before a comma says of a part, ends there
    return before[told.end() if told else 0 :] if not since and PLACE_FIRST.match(text) else ""


def ordinal_of(before: str, after: str, places: list[Place]) -> str:
    """Whether a place is of the "first" or the "last" of what is mentioned; else an empty string."""
    told = ORDINAL_BEFORE.search(before) or ORDINAL_AFTER.match(after[: places[0].stop].removesuffix(places[0].text))
    return told["ordinal"].lower() if told else ""


def strands_of(mention: Mention, text: str, before: str, after: str) -> str:
    """The strand that is named beside a mention, or at the head of its clause; empty where none is."""
    if mention.form == LETTER:
        return "+"
    lead = text[: text.find(",")] if STRAND_FIRST.match(text) else ""
    named = strand(before) or strand(lead)
    return strand(after) or named
