"""Where in a sequence a clause says that something is: positions, regions and strands."""

import re
from dataclasses import dataclass


EXACT, WITHIN, NEAR, ENDING = "exact", "within", "near", "ending"
NEAR_NT = 5  # "around position 30"
NUMBERS = (
    r"\d{1,5}(?:\s?(?:-|to|through|until|\.\.+|,\s?and|,|and|or|&|,\s?or)\s?(?:at "
    r")?\d{1,5}(?![\d.]*\s?%))*"
)
UNIT = (
    r"(?:nucleotides?|nts?\.?|bases?|letters|bp|residues?|amino acids?|aa|positions?|pos\.?|"
    r"coordinates?|indices|index|base pairs?)"
)
POSITION = re.compile(
    r"(?P<cue>\b(?:within|between|inside|in|from|around|near|about|approximately|close to|"
    r"roughly|ending at|ends at|start\w* at|begin\w* at|begin\w* with|at|spann?\w*|cover\w*|"
    r"occup\w*|over)\s+|[~≈(:@,]\s*)?"
    rf"(?:the\s)?(?<![A-Za-z])(?<!\d )(?P<about>(?:around|about|approximately|roughly|~|≈|near)\s?)?"
    rf"(?P<unit>{UNIT})\s?(?:#|no\.|numbers?|=|:)?\s?(?P<fuzzy>(?:around|about|approximately|"
    rf"roughly|~|≈)\s?)?(?P<numbers>{NUMBERS})(?![\d%]|\.\d|\s?(?:%|kcal|kda|°))|"
    r"(?P<cue2>\b(?:at|from|between|spanning|spans|covering|covers|occupying|occupies|over|"
    r"start\w* at|begin\w* at|ending at)\s+|[(@]|:\s|"
    r"\b(?:segment|stretch|piece|part|region|section|interval)\s(?=\d+\s?(?:-|to)\s?\d+)|"
    r"(?:^|,\s)(?=\d+\s?-\s?\d+ (?:reads?|spells?|continues)\b))(?P<fuzzy2>(?:around|about|approximately|"
    rf"~|≈)\s?)?(?P<numbers2>{NUMBERS})"
    r"(?=\s?(?:[),;]|\.(?!\d)|$|(?:and|on|in|of the|is|are|reads?|spells?|continues|one|we|i|it|the|its|there|lies|"
    r"stands|sits|where|"
    r"which|that|with|within|near|"
    r"but|or|as|has|for)\b(?!\s(?:the\s)?\d*\s?residues)))",
    re.IGNORECASE,
)
ITEM = re.compile(r"(\d+)(?:\s?(?:-|to|through|until|\.\.+)\s?(?:positions? )?(\d+))?")
FROM_ELSEWHERE = re.compile(
    r"\s*(?:bp|nt|nucleotides|bases?|base pairs)?\s*(?:upstream|downstream|from the (?:TSS|"
    r"start)|relative to|of the TSS|on(?:wards?)?(?= (?:it|there|the (?:text|letters|chain))\b|,))",
    re.IGNORECASE,
)
BEYOND = re.compile(r"\b(?:after|before|behind|beyond|past|until)\s(?:the )?$", re.IGNORECASE)
COUNTING = re.compile(r"\b(?:count\w*|number\w*) ?$", re.IGNORECASE)  # "counting from 1"
OF_ALL = re.compile(r"\s?(?:out )?of \d")  # "the commonest base: 37 of 101"
CELL_BEFORE = re.compile(r"\d\s?$")  # of a row of a table
ZERO_BASED = re.compile(r"\b(?:0|zero)-(?:based|indexed)\b|\bzero-based\b", re.IGNORECASE)
REVERSE = re.compile(
    r"\b(?:reverse|minus|complementary|antisense|bottom|opposite|negative|\(-\)|"
    r"lower)[- ](?:complement\w*(?! of)|strand|orientation|direction)|\bin antisense\b|"
    r"\bon the reverse\b",
    re.IGNORECASE,
)
FORWARD = re.compile(r"\b(?:forward|plus|given|sense|top|positive|provided|upper|same)[- ]strand\b", re.IGNORECASE)
EITHER = re.compile(r"\b(?:either|both|any|neither|two) strands?\b", re.IGNORECASE)
SPELLED = {
    "ten": 10,
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "five": 5,
    "six": 6,
    "three": 3,
    "four": 4,
    "eight": 8,
    "two": 2,
    "seven": 7,
    "nine": 9,
    "hundred": 100,
}
COUNTED = (
    rf"(?P<n>\d{{1,4}}|{'|'.join(SPELLED)})[- ]?(?:nucleotides?|nts?|bases?|bp|base pairs?|"
    r"residues?|amino acids?|aa|positions|letters)\b"
)
FIRST = re.compile(rf"\b(?:first|initial|leading|5'[- ]?(?:most|terminal)|N-terminal) {COUNTED}", re.IGNORECASE)
LAST = re.compile(rf"\b(?:last|final|trailing|terminal|3'[- ]?(?:most|terminal)|C-terminal) {COUNTED}", re.IGNORECASE)
SPACER, SPACER_NT = (
    re.compile(r"\b(?:in|of) the (?:20-nt )?(?:proto)?spacer\b|\bspacer (?:has|contains|holds)\b", re.IGNORECASE),
    20,
)  # of a target of 23 with its PAM
SHARES = (  # share of the sequence, with slack for how a region is drawn
    (re.compile(r"\b(?:first|5'|upstream|N-terminal) (?:half|portion)\b", re.I), (0.0, 0.55)),
    (re.compile(r"\b(?:second|last|3'|latter|downstream|C-terminal) (?:half|portion)\b", re.I), (0.45, 1.0)),
    (re.compile(r"\b(?:first|5'|N-terminal) (?:third|quarter)\b", re.I), (0.0, 0.37)),
    (re.compile(r"\b(?:last|final|3'|C-terminal) (?:third|quarter)\b", re.I), (0.63, 1.0)),
    (
        re.compile(
            r"\b(?:in|at|near|around|towards?|close to|through)(?: or near)? (?:the |its )?(?:very |"
            r"exact )?(?:middle|cent(?:er|re)|midpoint)\b|\bcentrally\b|\bcentral (?:part|region|"
            r"portion|third|half|segment)\b|"
            r"\b(?:midway|halfway)\b",
            re.I,
        ),
        (0.25, 0.75),
    ),
    (
        re.compile(
            r"(?<![A-Za-z])(?:near|at|toward\w*|close to|in|around|by|next to)(?: \w+)? (?:its |the |"
            r"very )*(?:5'|N-?)[- ]?(?:ends?|termin\w+|region|side)\b|\b(?:near|at|toward\w*|"
            r"close to)(?: the| its)? (?:very )?(?:start|beginning)(?! (?:codon|site))\b|"
            r"\bN-terminal(?:ly)?\b|\b(?:5' end|N-?terminus) (?:carries|has|bears|holds|contains)\b",
            re.I,
        ),
        (0.0, 0.4),
    ),
    (
        re.compile(
            r"(?<![A-Za-z])(?:near|at|toward\w*|close to|in|around|by|next to)(?: \w+)? (?:its |the |"
            r"very )*(?:3'|C-?)[- ]?(?:ends?|termin\w+|region|side)\b|\b(?:near|at|toward\w*|"
            r"close to)(?: the| its)? (?:very )?end\b|\bC-terminal(?:ly)?\b|\b(?:3' end|"
            r"C-?terminus) (?:carries|has|bears|holds|contains)\b",
            re.I,
        ),
        (0.6, 1.0),
    ),
)


@dataclass(frozen=True)
class Place:
    """Where something is said to be.

    Attributes:
        mode: EXACT (starts at `start`, and ends at `end` where that is given), WITHIN, NEAR, or ENDING at `start`.
        start, end: 1-based, both included; end None for a single position.
        stop: where it ends in the text.
    """

    mode: str
    start: int
    end: int | None
    text: str
    stop: int = 0


def positions(text: str, zero_based: bool, until: int | None = None) -> list[Place]:
    """The positions that a text gives in numbers, those that begin before `until`."""
    found = []
    for match in POSITION.finditer(text):
        numbers = match["numbers"] or match["numbers2"]
        if until is not None and match.start() >= until:
            break
        if (
            FROM_ELSEWHERE.match(text, match.end())
            or BEYOND.search(text[: match.start()])
            or re.search(r"[-+]$", text[: match.start("numbers" if match["numbers"] else "numbers2")])
            or COUNTING.search(text[: match.start()])
            or (":" in match[0] and (OF_ALL.match(text, match.end()) or CELL_BEFORE.search(text[: match.start()])))
        ):
            continue
        cue = "".join(match[name] or "" for name in ("cue", "cue2", "about", "fuzzy", "fuzzy2")).lower()
        mode = (
            NEAR
            if re.search(r"around|near|about|approximately|roughly|close|~|≈", cue)
            else WITHIN
            if re.search(r"within|between|inside|\bin\b", cue)
            else ENDING
            if "end" in cue
            else EXACT
        )
        shift = 1 if zero_based else 0
        items = [(int(a) + shift, int(b) + shift if b else None) for a, b in ITEM.findall(numbers)]
        if mode == WITHIN and len(items) == 2 and "between" in cue and items[0][1] is None:
            items = [(items[0][0], items[1][0])]
        found += [
            Place(EXACT if mode == WITHIN and end is None else mode, start, end, match[0].strip(" (:,"), match.end())
            for start, end in items
        ]
    return found


def region(text: str, length: int, tight: bool = False) -> tuple[int, int] | None:
    """The 1-based ends of the part of a sequence of this length that a text names without positions; None without.

    Args:
        tight: no more than what the words must include: what is denied for it is denied for that.
    """
    if SPACER.search(text) and length == SPACER_NT + 3:
        return 1, SPACER_NT
    if counted := regions(text, length):
        return counted[0]
    for pattern, (low, high) in SHARES:
        if pattern.search(text):
            if tight:
                low, high = (low, min(high, 0.1)) if low == 0 else (0.9, 1.0) if high == 1 else (0.45, 0.55)
            return int(low * length) + (low == 0), max(1, round(high * length))
    return None


def regions(text: str, length: int) -> list[tuple[int, int]]:
    """The 1-based ends of every first or last so many letters that a text names, in a sequence of this length."""
    found = []
    for pattern, at_end in ((FIRST, False), (LAST, True)):
        for match in pattern.finditer(text):
            n = min(length, int(match["n"]) if match["n"].isdigit() else SPELLED[match["n"].lower()])
            found.append((length - n + 1, length) if at_end else (1, n))
    return found


def strand(text: str) -> str:
    """`-`, `+` or, where it is not said or both are, an empty string."""
    if EITHER.search(text):
        return ""
    if REVERSE.search(text):
        return "-"
    return "+" if FORWARD.search(text) else ""
