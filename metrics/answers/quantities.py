"""The numbers that an answer gives: which of several is the value, and which belongs to which field."""

import re
from functools import cache
from itertools import pairwise

from dataset_builder.tasks import Field
from metrics.answers.lexicon import words
from metrics.answers.numbers import SEPARATOR, WORD, Number, numbers
from metrics.answers.text import CONCLUSION, Sentence


# A quantity of something else than the molecule asked about, or of another kind.
FOREIGN = re.compile(
    r"\b(?:wild[- ]?type|wt|parent\w*|referenc\w+|homolog\w*|ortholog\w*|thermophil\w*|mesophil\w*|others?|most|"
    r"average|typical\w*|median|baseline|max(?:im\w*)?|min(?:im\w*)?|range|optim\w+|topt|energy|dd?g|grow\w*|living|excit\w+|rosetta|foldx|"
    r"emi(?:ts|ssion)|without|than|first|initial\w*|originally)\b|Δ?ΔG",
    re.IGNORECASE,
)
# A quantity that is no answer even where it is the only number.
OTHER_WORDS = words("grow grows growing growth live lives living excited excitation")
OTHER_QUANTITY = re.compile(rf"\b(?:{'|'.join(OTHER_WORDS)})\b", re.IGNORECASE)
FOREIGN_UNIT = re.compile(r"\s?k(?:cal|j)\b", re.IGNORECASE)
INTRODUCED = re.compile(
    r"(?:[=:≈~]|\b(?:is|be|are|was|equals?|of|at|to|about|around|approximately|roughly|say|predict|estimate|get|give|"
    r"expect|yields?|score|value|with))\s*$",
    re.IGNORECASE,
)
RESTATED = re.compile(r"\b(?:i\.e\.|that is|in other words|correspond\w* to|equivalent)", re.IGNORECASE)
ANY_NAME = r"score|value|predict|answer|estimat|\bmrl\b|\btm\b|melt"
FIELD_NAMES = {
    "hk": r"(?i:house-?keeping|(?<![a-z])hk(?![a-z]))",
    "dev": r"(?i:development(?:al)?|(?<![a-z])dev(?![a-z]))",
    "ON_OFF": r"(?i:difference between (?:the )?on and (?:the )?off\b|\bon ?[-_/] ?off\b|\b(?:difference|ratio)\b|"
    r"\bdynamic range\b)",
    "ON": r"\bON\b|\b[Oo]n\b(?= ?[:=]| (?:state|value|level|signal))",
    "OFF": r"\bOFF\b|\b[Oo]ff\b(?= ?[:=]| (?:state|value|level|signal))",
}
ALIKE = re.compile(r"\b(?:both|each)\b", re.IGNORECASE)  # "both activities are 0.5"
RANGE_OF_FIELD = re.compile(r"\s*(?:-|to)\s*")  # "0.45/1.23" are two fields
SENTENCE = re.compile(r"\.\s|\n")


def read_number(sentence: Sentence, field: Field) -> set[Number]:
    """The numbers of a sentence that may be the value of a field."""
    found = set(numbers(sentence.text, field))
    if OTHER_WORDS.isdisjoint(sentence.words):
        return found
    return {number for number in found if not OTHER_QUANTITY.search(number.before)}


def best(found: set[Number], field: Field) -> set[float]:
    """The values that the most speaks for, the weightiest reason first; several where nothing tells them apart."""
    reasons = (
        lambda number: not FOREIGN.search(number.before) and not FOREIGN_UNIT.match(number.after),
        lambda number: field.low <= number.value <= field.high,
        lambda number: field.unit[0] == "%" and number.text.endswith(("%", "percent"), 0, number.end),
        lambda number: len(number.text) < 40 and len(WORD.findall(number.text)) < 2,
        lambda number: own_name(field.unit).search(number.name),
        lambda number: number.text.rfind("(", 0, number.start) <= number.text.rfind(")", 0, number.start),
        lambda number: INTRODUCED.search(number.before),
        lambda number: RESTATED.search(number.before),
    )
    for reason in reasons:
        if len({number.value for number in found}) < 2:
            break
        found = set(filter(reason, found)) or found
    return {number.value for number in found}


@cache
def own_name(unit: str) -> re.Pattern:
    """What a word contains that names the quantity of this unit."""
    return re.compile("|".join([ANY_NAME, *(word[:6] for word in re.findall(r"[a-z]{4,}", unit))]), re.IGNORECASE)


def read_fields(answer: list[Sentence], fields: tuple[Field, ...]) -> set[tuple[float, ...]]:
    """The values of several fields, in their order, from the last conclusion that names all, or else from all text.

    Where sentences name fields, the numbers of the others are of something else.
    """
    names = name_pattern(tuple(name for name in FIELD_NAMES if name in {field.name for field in fields}))
    conclusions = [i for i, sentence in enumerate(answer) if sentence.weight == CONCLUSION]
    for start in [*reversed(conclusions), 0]:
        said = [sentence.text for sentence in answer[start:]]
        named = [text for text in said if names.search(text)]
        for texts in (named, said) if 0 < len(named) < len(said) else (said,):
            if values := assignments("\n".join(texts), fields, names):
                return values
    return set()


def assignments(text: str, fields: tuple[Field, ...], names: re.Pattern) -> set[tuple[float, ...]]:
    """Every way to give each field one number of the text, using all its numbers.

    A number belongs to the only name in its part of a sentence; or to the name before it, or each to the name after
    it, or all to names listed apart in the same order; without names, to the fields in their own order.
    """
    places = [(match.start(), match.end(), match.lastgroup) for match in names.finditer(text)]
    places += [
        (number.start, number.end, number.value)
        for number in numbers(text, fields[0], RANGE_OF_FIELD)
        if not FOREIGN_UNIT.match(text, number.end)
    ]
    places.sort(key=lambda place: place[:2])
    for separator in (SEPARATOR, SENTENCE):
        way = by_parts(split(text, places, separator), [field.name for field in fields])
        if way and len(way) == len(fields):
            return {tuple(way[field.name] for field in fields)}
    tokens = once([token for _, _, token in places], len(fields))
    values = [token for token in tokens if isinstance(token, float)]
    mentioned = list(dict.fromkeys(token for token in tokens if isinstance(token, str)))
    turns = sum(isinstance(a, float) != isinstance(b, float) for a, b in pairwise(tokens))

    found = [attached(tokens), attached(tokens[::-1])]
    if turns <= 1 and len(values) == len(fields) and len(mentioned) in (0, len(fields)):
        found.append(dict(zip(mentioned or [field.name for field in fields], values, strict=True)))
    if len(values) == 1 and len(mentioned) in (0, len(fields)) and ALIKE.search(text):
        found.append(dict.fromkeys([field.name for field in fields], values[0]))
    return {tuple(way[field.name] for field in fields) for way in found if way and len(way) == len(fields)}


@cache
def name_pattern(names: tuple[str, ...]) -> re.Pattern:
    """A pattern with one group per field name."""
    return re.compile("|".join(f"(?P<{name}>{FIELD_NAMES[name]})" for name in names))


def split(text: str, places: list[tuple[int, int, str | float]], separator: re.Pattern) -> list[list[str | float]]:
    """The names and numbers at their places, in parts as separators cut the text between them."""
    parts, seen = [[]], 0
    for start, end, token in places:
        if parts[-1] and separator.search(text, seen, start):
            parts.append([])
        parts[-1].append(token)
        seen = end
    return parts


def by_parts(parts: list[list[str | float]], fields: list[str]) -> dict[str, float] | None:
    """Each number with the only name of its part, and one without a name with the only field that has no number.

    None where a part has more of either, or a name has two numbers.
    """
    given = {}
    for part in parts:
        values = {token for token in part if isinstance(token, float)}
        names = {token for token in part if isinstance(token, str)}
        if not values:
            continue
        if (
            len(values) > 1
            or len(names) > 1
            or given.setdefault(names.pop() if names else "", min(values)) not in values
        ):
            return None
    unnamed = set(fields).difference(*parts)
    if "" in given and len(unnamed) == 1:
        given[unnamed.pop()] = given.pop("")
    return None if "" in given else given


def once(tokens: list[str | float], fields: int) -> list[str | float]:
    """The tokens without the endless repetition of a whole set of fields."""
    named = any(isinstance(token, str) for token in tokens)
    for period in range(fields * (2 if named else 1), len(tokens) // 2 + 1):
        if tokens[period:] == tokens[:-period]:
            return tokens[:period]
    return tokens


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
