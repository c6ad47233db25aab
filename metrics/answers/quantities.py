"""Numbers that are values, told from digits in names (5', H3K4, log2), lengths, limits, ranges and counts."""

import re
from itertools import pairwise

from dataset_builder.tasks import Field
from metrics.answers.text import CONCLUSION, Sentence


CONTEXT = 60  # characters around a number that can say what it is
NUMBER = re.compile(
    r"(?<![\w.])(?<![A-Za-z]-)(?P<sign>[-+]|\b(?:minus|negative) )?"
    r"(?:(?P<grouped>[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?)|(?P<digits>0,\d+|\d+,\d\d(?!,)|\d+(?:\.\d+)?|\.\d+))"
    r"(?:(?:e| ?[x×] ?10\^?)(?P<exponent>[-+]?\d+))?"
    r"(?P<percent> ?%| ?percent\b)?(?!\w|'|\.\d|-(?!ish)[A-Za-z])",
    re.IGNORECASE,
)
# Between two numbers: neither is the value ("0.4 to 0.6"), or only the first is ("0.53 ± 0.05").
RANGE = re.compile(r"\s*(?:-|to|/)\s*")
BETWEEN = re.compile(r"\bbetween\s*$", re.IGNORECASE)
SECONDARY = re.compile(r"\s*(?:±|\+/-|\+-|out of)\s*")
# What makes a number something else than the value: a name or a comparison before it, or a unit after it.
OTHER_NAME = re.compile(
    r"(?:\b(?:ph|p|n|r2|r|auc|sd|se|ci|gc|gc content|length|confidence(?: \w+)?|probability|p-value|rank|threshold|"
    r"cut-?off|error|moment|charge)\s*(?:of|is|was|:|=|at|about|~)?"
    r"|\b(?:position|step|exon|intron|chromosome|top|figure|table|group|domain|residue|version|option)|[<>≤≥]=?"
    r"|\b(?:above|below|under|over|than|least|at most|exceed\w*|up to|within|as (?:high|low) as)(?: [a-z]+){0,3})\s*$",
    re.IGNORECASE,
)
OTHER_UNIT = re.compile(
    r"\s?-?(?:nts?|bp|kb|mers?|bases?|base pairs?|nucleotides?|residues?|amino acids?|aa|k?da|h|hours?|min(?:utes)?|s|"
    r"seconds?|[mµun]?m|[mµunp]g|m?l|fold|times|years?|steps?|decimals?|classes|sequences?|codons?|hairpins?|pairs?|"
    r"mutations?|substitutions?|positions?|gc|confiden\w*|probab\w*|certain\w*|identity|similar\w*|sure|likely|of \d|"
    r"kelvin|k|°?f|fahrenheit|being)\b",
    re.IGNORECASE,
)
# "3 helices", "2 GC pairs": a whole number before a plural counts things.
COUNTED = re.compile(
    r" (?!(?:this|units?|plus|minus|times|degrees)\b)(?:[a-z]+ )?(?P<things>[a-z]{3,}s)\b", re.IGNORECASE
)
CELSIUS = re.compile(r"\s?(?:°|degrees|celsius|c\b)", re.IGNORECASE)
INTRODUCED = re.compile(
    r"(?:[=:≈~]|\b(?:is|be|are|was|equals?|of|at|to|about|around|approximately|roughly|say|predict|estimate|get|give|"
    r"expect|yields?|score|value|with))\s*$",
    re.IGNORECASE,
)
FIELD_NAMES = {
    "hk": r"(?i:house-?keeping|\bhk\b)",
    "dev": r"(?i:developmental|\bdev\b)",
    "ON_OFF": r"(?i:difference between (?:the )?on and (?:the )?off\b|\bon ?[-_/] ?off\b|\b(?:difference|ratio)\b|"
    r"\bdynamic range\b)",
    "ON": r"\bON\b|\bon\b(?= ?[:=])",
    "OFF": r"\bOFF\b|\boff\b(?= ?[:=])",
}


def read_number(sentence: str, field: Field) -> set[float]:
    """The values that a sentence may give for a field.

    Where there are several, those outside parentheses, and of these the ones that a verb or sign leads to.
    """
    values = numbers(sentence, field)
    for chosen in (outside_parentheses, introduced):
        if len({value for _, value in values}) > 1:
            values = [(start, value) for start, value in values if chosen(sentence, start)] or values
    return {value for _, value in values}


def outside_parentheses(text: str, place: int) -> bool:
    """Whether no parenthesis is open at the place."""
    return text.rfind("(", max(0, place - CONTEXT), place) <= text.rfind(")", max(0, place - CONTEXT), place)


def introduced(text: str, place: int) -> bool:
    """Whether what stands before the place leads to a value: "is", "=", "about", ..."""
    return INTRODUCED.search(text, max(0, place - CONTEXT), place) is not None


def read_fields(answer: list[Sentence], fields: tuple[Field, ...]) -> set[tuple[float, ...]]:
    """The values of several fields, in their order, from the last conclusion that names all, or else from all text."""
    conclusions = [i for i, sentence in enumerate(answer) if sentence.weight == CONCLUSION]
    for start in [*reversed(conclusions), 0]:
        text = " ".join(sentence.text for sentence in answer[start:])
        if values := assignments(text, fields):
            return values
    return set()


def assignments(text: str, fields: tuple[Field, ...]) -> set[tuple[float, ...]]:
    """Every way to give each field one number of the text, using all its numbers.

    A number belongs to the name before it, or each to the name after it, or all to names listed apart in the same
    order; without names, to the fields in their own order.
    """
    names = [name for name in FIELD_NAMES if name in {field.name for field in fields}]
    pattern = re.compile("|".join(f"(?P<{name}>{FIELD_NAMES[name]})" for name in names))
    places = [(match.start(), match.lastgroup) for match in pattern.finditer(text)] + numbers(text, fields[0])
    tokens = [token for _, token in sorted(places, key=lambda place: place[0])]
    values = [token for token in tokens if isinstance(token, float)]
    mentioned = list(dict.fromkeys(token for token in tokens if isinstance(token, str)))
    turns = sum(isinstance(a, float) != isinstance(b, float) for a, b in pairwise(tokens))

    found = [attached(tokens), attached(tokens[::-1])]
    if turns <= 1 and len(values) == len(fields) and len(mentioned) in (0, len(fields)):
        found.append(dict(zip(mentioned or [field.name for field in fields], values, strict=True)))
    return {tuple(way[field.name] for field in fields) for way in found if way and len(way) == len(fields)}


def attached(tokens: list[str | float]) -> dict[str, float] | None:
    """Each number with the name just before it, or None where a number has none or a name has two numbers."""
    given, name = {}, None
    for token in tokens:
        if isinstance(token, str):
            name = token
        elif name is None or given.setdefault(name, token) != token:
            return None
        else:
            name = None
    return given


def numbers(text: str, field: Field) -> list[tuple[int, float]]:
    """(place, value) of every number that may be a value of the field."""
    text = re.sub(r"(?<![\w-])zero(?![\w-])", "0   ", text)
    matches, other = list(NUMBER.finditer(text)), set()
    for a, b in pairwise(matches):
        gap = text[a.end() : b.start()]
        between = gap.strip() == "and" and BETWEEN.search(text, max(0, a.start() - CONTEXT), a.start())
        if between or RANGE.fullmatch(gap):
            other |= {a, b}
        if SECONDARY.fullmatch(gap):
            other.add(b)
    return [
        (match.start(), value)
        for match in matches
        if match not in other and (value := value_of(match, text, field)) is not None
    ]


def value_of(match: re.Match, text: str, field: Field) -> float | None:
    """The number in the field's unit, or None where it is the number of something else."""
    before, after = text[max(0, match.start() - CONTEXT) : match.start()], text[match.end() : match.end() + CONTEXT]
    celsius = CELSIUS.match(after) is not None
    if OTHER_NAME.search(before) or OTHER_UNIT.match(after) or (celsius and field.unit != "°C"):
        return None
    counted = COUNTED.match(after)
    if counted and (match["digits"] or "").isdigit() and counted["things"] not in field.unit:
        return None
    digits = match["grouped"].replace(",", "") if match["grouped"] else match["digits"].replace(",", ".")
    value = float(f"{digits}e{match['exponent'] or 0}")
    if match["sign"] and match["sign"] != "+":
        value = -value
    if match["percent"] and not field.unit.startswith("%"):
        return round(value / 100, 10) if field.high <= 1 else None
    return value + 0.0  # no -0.0
