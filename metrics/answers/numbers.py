"""Numbers that may be values, told from digits in names (5', H3K4, log2), lengths, limits, ranges and counts."""

import re
from itertools import pairwise
from typing import NamedTuple

from dataset_builder.tasks import Field
from metrics.answers.lexicon import words, words_of


CONTEXT = 100  # characters around a number that can say what it is
NUMBER = re.compile(
    r"(?<![\w.^])(?<![A-Za-z]-)(?P<sign>[-+]|"
    r"\b(?:minus|negative) )?(?:(?P<grouped>[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?)|"
    r"(?P<digits>0,\d+|\d+,\d\d?(?!,)|\d+(?:\.\d+)?|\.\d+))(?:(?:e|"
    r" ?x ?10 ?\^?)(?P<exponent>[-+]?\d+))?(?P<percent> ?%| ?percent\b| ?(?:/|out of|of) ?100\b(?!\.\d))?"
    r"(?!(?!C\b)\w|'|\.\d|\^|-(?!ish)[A-Za-z])",
    re.IGNORECASE,
)
# Between two numbers: neither is the value ("0.4 to 0.6", "0.4 or 0.6"), or only the first is ("0.53 ± 0.05").
RANGE = re.compile(r"[\s°%]{0,3}C?\s*(?:-|to|/|or(?: (?:maybe|perhaps|possibly|even))?)\s*|:")
# "falls from 1.5 to 0.6": the first is no value
CHANGE = re.compile(
    r"\b(?:fall|fell|drop|decreas|reduc|ris|rais|increas|go|went|chang|shift|lower|declin)\w* (?:\w+ ){0,2}?"
    r"from (?:about |roughly |around |~)?$",
    re.IGNORECASE,
)
BETWEEN = re.compile(r"\bbetween\s*$", re.IGNORECASE)
SECONDARY = re.compile(r"\W{0,3}C?\s*(?:±|\+/-|\+-|out of)[a-z ]{0,15}", re.IGNORECASE)
SCALES = (1, 4, 5, 10, 100)  # "0.45/1"
# What makes a number something else than the value: a name or a comparison before it, or a unit after it; lower case.
OTHER_NAME = re.compile(
    r"(?:\b(?:ph|pi|p|n|r2|r|auc|sd|se|ci|gc|gc content|gravy|mw|length|confidence(?: \w+)?|probability|p-value|rank|"
    r"quantum yield|threshold|cut-?off|error|uncertainty|margin|moment|charge|off-?target(?: \w+)?|total|sum)"
    r"\s*(?:of|is|was|:|=|at)?\s*(?:about|~)?|"
    r"\b(?:(?:position|step|exon|intron|chromosome|figure|table|group|domain|residue|version|option|frame)s?|top|"
    r"not|(?:lower|reduc|decreas|increas|rais|improv|boost)\w*\b[^.;]{0,25}\bby)|[<>≤≥]=?|"
    r"(?<!\w)[+*] |\b(?:above|below|under|over|than|least|most|exceed\w*|(?<!stable )up to|within|as (?:high|low) as)"
    r"(?: (?:about|roughly|approximately|around|or equal to|an?))?)\s*$"
)
OTHER_SIGN = re.compile("[<>≤≥]")
OTHER_WORDS = words(
    "ph pi p n r r2 auc sd se ci gc gravy mw length confidence probability value rank threshold cut cutoff error "
    "uncertainty margin moment charge off offtarget topt total sum position step exon intron chromosome top figure "
    "table group domain residue version option frame positions steps exons introns figures tables groups domains "
    "residues versions options frames not above below under over than least most exceed exceeds exceeding up within "
    "high low by yield"
)
OTHER_UNIT = re.compile(
    r"\+(?![/-])|"
    r"\s?-?(?:nts?|bp|kb|mers?|bases?|base pairs?|nucleotides?|residues?|amino acids?|aa|k?da|h|hours?|min(?:utes)?|"
    r"s|seconds?|[mμun]?m|[mμunp]g|m?l|fold|times|years?|steps?|decimals?|classes|sequences?|codons?|hairpins?|"
    r"pairs?|mutations?|substitutions?|positions?|gc(?! content ?[:=])|confiden\w*|probab\w*|"
    r"certain\w*|identity|similar\w*|sure|likely|of \d|kelvin|k|°?f|fahrenheit|being|in frame|off-?target)\b|"
    r"\s?\(off-?target\)|\s*[+*]\s*\d|"
    r" ?(?:%|percent)? of (?:all |the )?(?:human |mammalian |known |most )?(?:genes|proteins|promoters|enzymes)\b"
)
# "3 helices", "2 GC pairs": a whole number before a plural counts things.
COUNTED = re.compile(r" (?!(?:this|units?|plus|minus|times|degrees)\b)(?:[a-z]+ )?(?P<things>[a-z]{3,}s)\b")
NUCLEOTIDES = re.compile(r" [AGTU]s?\b")  # "12 G"; C is a unit as well
CITED = re.compile(r"\[\d\d?\]|\((?:19|20)\d\d\)")  # "[1]", "Smith et al. (2019)"
LEGEND = re.compile(r" ?= ?[a-z]")  # "0 = none, 1 = complete"
COUNT_LABEL = re.compile(r"\b(?P<things>[a-z]{2,}[^\W\d_isu]s) ?[:=] ?$")  # "Motifs: 2"
CELSIUS = re.compile(r"\s?(?:°|degrees|celsius|c\b)")
# The rest of what a field is a part of, and the part: 80% silenced is not 80% remaining.
REST = {
    "proximal": (re.compile(r"\bdistal", re.IGNORECASE), re.compile("proximal", re.IGNORECASE)),
    "remaining": (
        re.compile(r"\b(?:knock|silenc|reduc|inhibit|suppress|decreas|degrad|cleav)", re.IGNORECASE),
        re.compile(
            r"remain|resid|left|leav|abundan|level|surviv|persist|spare|retain|intact|control|undegraded|escap|"
            r"resist|\bto\W*$",
            re.IGNORECASE,
        ),
    ),
}
WORD = re.compile(r"[^\W\d]+")
SEPARATOR = re.compile(r"[,;|\n]|(?<!\bi\.e)(?<!\be\.g)\.\s|\b(?:and|but|while|whereas)\b")


class Number(NamedTuple):
    """A number of a text, between the numbers before and after it."""

    value: float  # in the field's unit
    text: str
    start: int
    end: int
    since: int  # where the number before it ends
    until: int  # where the next number begins

    @property
    def before(self) -> str:
        """The text just before the number, from the last separator or number on."""
        return SEPARATOR.split(self.text[max(self.since, self.start - CONTEXT) : self.start])[-1]

    @property
    def after(self) -> str:
        """The text just after the number, up to the next separator or number."""
        return SEPARATOR.split(self.text[self.end : min(self.until, self.end + CONTEXT)], maxsplit=1)[0]

    @property
    def name(self) -> str:
        """The words that say what the number is: those before it, or else those after it."""
        return before if WORD.search(before := self.before) else self.after


def numbers(text: str, field: Field, ranges: re.Pattern = RANGE) -> list[Number]:
    """Every number of the text that may be a value of the field."""
    if not (matches := list(NUMBER.finditer(text))):
        return []
    if len(matches) > 2 and matches[-1].end() == len(text) and is_cut(*matches[-3:]):
        matches.pop()  # "1.31 1.31 1.3"
    named = OTHER_SIGN.search(text) or not OTHER_WORDS.isdisjoint(words_of(text))
    values = [value_of(match, text, field, bool(named)) for match in matches]
    for i, (a, b) in enumerate(pairwise(matches)):
        gap = text[a.end() : b.start()]
        between = gap.strip() == "and" and BETWEEN.search(text, max(0, a.start() - CONTEXT), a.start())
        if "from" in text and CHANGE.search(text, max(0, a.start() - CONTEXT), a.start()):
            values[i] = None
        elif SECONDARY.fullmatch(gap) or (gap.strip() == "/" and "." in a[0] and values[i + 1] in SCALES):
            values[i + 1] = None
        elif between or (ranges.fullmatch(gap) and values[i] != values[i + 1]):
            values[i] = values[i + 1] = None
    ends = [0, *(match.end() for match in matches)]
    starts = [*(match.start() for match in matches[1:]), len(text)]
    found = [
        Number(value, text, *match.span(), since, until)
        for match, value, since, until in zip(matches, values, ends, starts, strict=False)
        if value is not None
    ]
    for part in REST.keys() & set(field.unit.split()):
        rest, own = REST[part]
        if rest.search(text):
            found = [
                n
                for n in found
                if not rest.match(n.after.lstrip()) and (not rest.search(n.name) or own.search(n.before + n.after))
            ]
    return found


def is_cut(first: re.Match, again: re.Match, last: re.Match) -> bool:
    """Whether `last` begins a number that is said over and over, within which the answer was cut off."""
    text = first.string
    alike = first[0] == again[0] and text[first.end() : again.start()] == text[again.end() : last.start()]
    return alike and len(last[0]) < len(again[0]) and again[0].startswith(last[0])


def value_of(match: re.Match, text: str, field: Field, named: bool) -> float | None:
    """The number in the field's unit, or None where it is the number of something else.

    `named`: the text has a word or sign that makes a number something else, if it stands just before it.
    """
    before, after = text[max(0, match.start() - 40) : match.start()], text[match.end() : match.end() + 40]
    if NUCLEOTIDES.match(after):
        return None
    before, after = before.lower(), after.lower()
    celsius = CELSIUS.match(after) is not None
    if (named and OTHER_NAME.search(before)) or OTHER_UNIT.match(after) or (celsius and field.unit != "°C"):
        return None
    if (match["digits"] or "").isdigit() and not match["percent"]:
        counted = COUNTED.match(after) or COUNT_LABEL.search(before)
        cited = CITED.fullmatch(f"{before[-1:]}{match['digits']}{after[:1]}")
        if (counted and counted["things"] not in field.unit) or cited or LEGEND.match(after):
            return None
    digits = match["grouped"].replace(",", "") if match["grouped"] else match["digits"].replace(",", ".")
    value = float(f"{digits}e{match['exponent'] or 0}")
    if match["sign"] and match["sign"] != "+":
        value = -value
    if match["percent"] and not field.unit.startswith("%"):
        return round(value / 100, 10) if field.high <= 1 else None
    return value + 0.0  # no -0.0
