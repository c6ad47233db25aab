"""Numbers that may be values, told from digits in names (5', H3K4, log2), lengths, limits, ranges and counts."""

import re
from itertools import pairwise
from typing import NamedTuple

from dataset_builder.tasks import Field


CONTEXT = 60  # characters around a number that can say what it is
NUMBER = re.compile(
    r"(?<![\w.^])(?<![A-Za-z]-)(?P<sign>[-+]|\b(?:minus|negative) )?"
    r"(?:(?P<grouped>[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?)|(?P<digits>0,\d+|\d+,\d\d(?!,)|\d+(?:\.\d+)?|\.\d+))"
    r"(?:(?:e| ?x ?10 ?\^?)(?P<exponent>[-+]?\d+))?"
    r"(?P<percent> ?%| ?percent\b| ?(?:/|out of|of) ?100\b(?!\.))?(?!\w|'|\.\d|\^|-(?!ish)[A-Za-z])",
    re.IGNORECASE,
)
# Between two numbers: neither is the value ("0.4 to 0.6", "0.4 or 0.6"), or only the first is ("0.53 ± 0.05").
RANGE = re.compile(r"\W{0,3}C?\s*(?:-|to|[/:]|or)\s*")
BETWEEN = re.compile(r"\bbetween\s*$", re.IGNORECASE)
SECONDARY = re.compile(r"\W{0,3}C?\s*(?:±|\+/-|\+-|out of)[a-z ]{0,15}", re.IGNORECASE)
# What makes a number something else than the value: a name or a comparison before it, or a unit after it.
OTHER_NAME = re.compile(
    r"(?:\b(?:ph|pi|p|n|r2|r|auc|sd|se|ci|gc|gc content|gravy|mw|length|confidence(?: \w+)?|probability|p-value|rank|"
    r"threshold|cut-?off|error|moment|charge|off-?target(?: \w+)?|total|sum)\s*(?:of|is|was|:|=|at|about|~)?"
    r"|\b(?:position|step|exon|intron|chromosome|top|figure|table|group|domain|residue|version|option|frame|not)"
    r"|[<>≤≥]=?|\b(?:above|below|under|over|than|least|most|exceed\w*|up to|within|as (?:high|low) as)"
    r"(?: (?:about|roughly|approximately|around|or equal to|an?))?)\s*$",
    re.IGNORECASE,
)
OTHER_UNIT = re.compile(
    r"\s?-?(?:nts?|bp|kb|mers?|bases?|base pairs?|nucleotides?|residues?|amino acids?|aa|k?da|h|hours?|min(?:utes)?|s|"
    r"seconds?|[mµun]?m|[mµunp]g|m?l|fold|times|years?|steps?|decimals?|classes|sequences?|codons?|hairpins?|pairs?|"
    r"mutations?|substitutions?|positions?|gc|confiden\w*|probab\w*|certain\w*|identity|similar\w*|sure|likely|of \d|"
    r"kelvin|k|°?f|fahrenheit|being|in frame)\b",
    re.IGNORECASE,
)
# "3 helices", "2 GC pairs": a whole number before a plural counts things.
COUNTED = re.compile(
    r" (?!(?:this|units?|plus|minus|times|degrees)\b)(?:[a-z]+ )?(?P<things>[a-z]{3,}s)\b", re.IGNORECASE
)
CELSIUS = re.compile(r"\s?(?:°|degrees|celsius|c\b)", re.IGNORECASE)
# The rest of what a field is a part of, and the part: 80% silenced is not 80% remaining.
REST = {
    "proximal": (re.compile(r"\bdistal", re.IGNORECASE), re.compile("proximal", re.IGNORECASE)),
    "remaining": (
        re.compile(
            r"(?<!after )(?<!upon )(?<!following )\b(?:knock|silenc|reduc|inhibit|suppress|decreas|"
            r"degrad|cleav)",
            re.IGNORECASE,
        ),
        re.compile(
            r"remain|resid|left|leav|abundan|level|surviv|persist|spare|retain|intact|control|undegraded|escap|resist|"
            r"\bto\W*$",
            re.IGNORECASE,
        ),
    ),
}
SEPARATOR = re.compile(r"[,;|\n]|\.\s|\b(?:and|but|while|whereas)\b", re.IGNORECASE)
DIGIT_WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
TEENS = ["ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
WORD_VALUES = {word: str(i) for i, word in enumerate(DIGIT_WORDS + TEENS)} | {
    word: str(10 * i) for i, word in enumerate(TENS, 2)
}
DIGIT_WORD, TENS_WORD = "|".join(DIGIT_WORDS), "|".join(TENS)
SPELLED = re.compile(
    rf"\b(?:(?P<tens>{TENS_WORD})(?:[ -](?P<ones>{'|'.join(DIGIT_WORDS[1:])}))?|"
    rf"(?P<unit>{'|'.join(DIGIT_WORDS + TEENS)}))(?P<hundred> hundred)?"
    rf"(?: point (?P<decimals>(?:{DIGIT_WORD})(?:[ -](?:{DIGIT_WORD}))*))?\b",
    re.IGNORECASE,
)
ONE = re.compile(r"\W*(?:(?:minus|negative|about) )?\w+(?: (?:hundred|point)\b.*|\W*)", re.IGNORECASE)


def in_digits(text: str) -> str:
    """The text with numbers in words as digits, where it has no digits; "one" only if it cannot mean "this one"."""
    if re.search(r"\d", text):
        return re.sub(r"(?<![\w-])zero(?![\w-])", "0", text)

    def digits(number: re.Match) -> str:
        if number[0].lower() == "one" and not ONE.fullmatch(text):
            return number[0]
        whole = int(WORD_VALUES[(number["tens"] or number["unit"]).lower()])
        whole += int(WORD_VALUES[(number["ones"] or "zero").lower()])
        decimals = [WORD_VALUES[word] for word in re.findall(r"\w+", (number["decimals"] or "").lower())]
        return str(whole * (100 if number["hundred"] else 1)) + ("." + "".join(decimals) if decimals else "")

    return SPELLED.sub(digits, text)


class Number(NamedTuple):
    """A number of a text, and the words around it up to the next separator or number."""

    start: int
    end: int
    value: float  # in the field's unit
    before: str
    after: str


def numbers(text: str, field: Field, ranges: re.Pattern = RANGE) -> list[Number]:
    """Every number of the text that may be a value of the field."""
    matches = list(NUMBER.finditer(text))
    if len(matches) > 2 and is_cut(matches[-2][0], matches[-1][0]) and matches[-1].end() == len(text):
        matches.pop()  # "1.31 1.31 1.3"
    values = [value_of(match, text, field) for match in matches]
    for i, (a, b) in enumerate(pairwise(matches)):
        gap = text[a.end() : b.start()]
        between = gap.strip() == "and" and BETWEEN.search(text, max(0, a.start() - CONTEXT), a.start())
        if between or (ranges.fullmatch(gap) and values[i] != values[i + 1]):
            values[i] = values[i + 1] = None
        elif SECONDARY.fullmatch(gap):
            values[i + 1] = None
    found = [
        Number(*match.span(), value, *beside(text, matches, i))
        for i, (match, value) in enumerate(zip(matches, values, strict=True))
        if value is not None
    ]
    for part in REST.keys() & set(field.unit.split()):
        rest, own = REST[part]
        found = [n for n in found if not rest.search(nearest_words(n)) or own.search(nearest_words(n))]
    return found


def is_cut(number: str, last: str) -> bool:
    """Whether `last` is the beginning of a repetition of `number` that the end of the answer cut off."""
    return len(last) < len(number) and number.startswith(last)


def nearest_words(number: Number) -> str:
    """The words that say what a number is: those before it, or else those after it."""
    return number.before if re.search(r"[^\W\d]", number.before) else number.after


def value_of(match: re.Match, text: str, field: Field) -> float | None:
    """The number in the field's unit, or None where it is the number of something else."""
    before, after = text[max(0, match.start() - CONTEXT) : match.start()], text[match.end() : match.end() + CONTEXT]
    celsius = CELSIUS.match(after) is not None
    if OTHER_NAME.search(before) or OTHER_UNIT.match(after) or (celsius and field.unit != "°C"):
        return None
    counted = COUNTED.match(after)
    if counted and not match["percent"] and (match["digits"] or "").isdigit() and counted["things"] not in field.unit:
        return None
    digits = match["grouped"].replace(",", "") if match["grouped"] else match["digits"].replace(",", ".")
    value = float(f"{digits}e{match['exponent'] or 0}")
    if match["sign"] and match["sign"] != "+":
        value = -value
    if match["percent"] and not field.unit.startswith("%"):
        return round(value / 100, 10) if field.high <= 1 else None
    return value + 0.0  # no -0.0


def beside(text: str, matches: list[re.Match], i: int) -> tuple[str, str]:
    """The text just before and just after number i, up to the next separator or number."""
    start, end = matches[i].span()
    before = text[max(matches[i - 1].end() if i else 0, start - CONTEXT) : start]
    after = text[end : min(matches[i + 1].start() if i + 1 < len(matches) else len(text), end + CONTEXT)]
    return SEPARATOR.split(before)[-1], SEPARATOR.split(after, maxsplit=1)[0]
