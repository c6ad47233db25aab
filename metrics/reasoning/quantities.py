"""Claims with numbers: GC content, pI, GRAVY, charge, weight, energy, skew, shares of letters, and lengths."""

import re
from collections.abc import Iterator

from metrics.reasoning.binding import carried
from metrics.reasoning.findings import Finding, checked
from metrics.reasoning.letters import AMINO_ACIDS, BASES, named
from metrics.reasoning.limits import ABOUT, ABOVE, BELOW, limit_before
from metrics.reasoning.mention import LETTER
from metrics.reasoning.mentions import mentions
from metrics.reasoning.molecules import Molecule, spoken_of
from metrics.reasoning.places import positions, regions
from metrics.reasoning.properties import NAMED, Property, right, values_of
from metrics.reasoning.text import Clause


FIGURE = r"(?P<sign>[-+]|minus )?(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
RANGE = re.compile(r"\s?%?\s?(?:-|to|and)\s?(?P<high>\d+(?:\.\d+)?)")
AFTER_NAME = re.compile(
    r"(?P<gap>(?:(?!\d|[;!?]|\.\s).|(?:at )?pH (?:of )?7(?:\.\d)?|[53]'|\d+[- ](?:nt|bp|aa|mer|bases|"
    r"letters|nucleotides|residues)\b|\(\d+ \+ \d+\) ?/ ?\d+ ?=|\d+ ?°|"
    rf"(?:nt|bases?|positions?|residues?) \d+ ?(?:-|to) ?\d+\b|\([A-Za-z ]+\)){{0,60}}?)"
    rf"(?<!\bnt )(?<!bases )(?<!positions )(?<!residues )(?<!pH )(?<!pH of )(?<!pH = ){FIGURE}(?![- ](?:nt|bp|aa|"
    r"letters|bases|nucleotides|residues|positions)\b)(?!\s?[+*] ?\d|\) ?/ ?\d+ ?=|\s?=|\s?°)(?![\d%]*[-'][A-Za-z]|"
    r"\w|')"
)
# What the number would then be of: a part, another thing, or a rule of thumb.
PARTS = re.compile(
    r"\b(?:window|local|middle|central|region|stem|arm|loop|core|domain|half|third|quarter|seed|spacer|"
    r"segment|stretch|rest|remainder|columns?|flank\w*|tail|motif|helix|"
    r"(?:first|last|initial|final) \w+|\d+ (?:nt|bp|bases|letters|residues) (?:at|from|next)|nt \d+|bases? \d+|"
    r"positions?|codon|GC3|third position)\b",
    re.IGNORECASE,
)
WHOLE = re.compile(
    r"\b(?:this|the|whole|entire|full) (?:[\w-]+ ){0,3}(?:region|segment|stretch|core|window)\b", re.IGNORECASE
)
CITED = re.compile(r"[A-Z][\w-]+(?: et al\.?,?| and [A-Z][\w-]+)? \(?$")  # "(Ikai 1980)"
NEXT_TO_PAM = re.compile(
    r"\b(?P<n>\d{1,2}) (?:nt|bases|letters|nucleotides) (?:next|adjacent|closest|"
    r"proximal) to the PAM",
    re.IGNORECASE,
)
PROTOSPACER = re.compile(r"\b(?:proto)?spacer\b|\bguide (?:itself|alone)\b|without the PAM", re.IGNORECASE)
OTHER_SUBJECT = re.compile(
    r"\b(?:genome|genomic average|average (?:human|gene)|typical|threshold|cut-?off|"
    r"criteri\w+|wild[- ]type|parent|other|(?:mean|average) mass|per (?:residue|amino acid)|"
    r"an? (?:single )?(?:residue|amino acid))\b",
    re.IGNORECASE,
)
PROTOSPACER_NT = 20


# "GC: 24 G + 14 C", "net charge: 9 Glu and 11 Lys": counts that it is made of
OF_LETTERS = re.compile(
    rf"\s?(?:(?-i:[A-Z])\b|(?:{named(AMINO_ACIDS)}|{named(BASES)})\b|basic|acidic|positive|negative|charged)",
    re.IGNORECASE,
)


def quantity_claims(clause: Clause, molecules: list[Molecule]) -> Iterator[Finding]:
    """The numbers that a clause gives for properties, checked."""
    if not clause.asserted:
        return
    tags, text, used = {m.tag for m in molecules}, clause.text, set()
    for prop, pattern in NAMED:
        if tags.isdisjoint(prop.tags):
            continue
        for name in pattern.finditer(text):
            number = number_of(text, name, prop)
            if number and number.start("digits") not in used:
                used.add(number.start("digits"))
                yield from quantity_claim(clause, prop, name, number, molecules)
    yield from share_claims(clause, molecules, used)


def number_of(text: str, name: re.Match, prop: Property) -> re.Match | None:
    """The number of a property: just before its name ("43% GC"), or else the first one after it."""
    before = re.compile(
        rf"{FIGURE}(?P<unit>{prop.unit or r'(?!)'})\s?(?:of (?:the |its |"
        r"all )?(?:\w+ )?(?:them )?(?:(?:are|is|being) )?|(?:are|is) |"
        r"of (?:[53]'|(?! and )[^\d,;.()]){1,60}? (?:(?:are|is|stays?|remains?) )?|in |\(|,? (?:the|its) )?\s?$",
        re.IGNORECASE,
    ).search(text[: name.start()])
    if before and prop.unit:
        return before
    after = AFTER_NAME.match(text, name.end())
    if not after or OF_LETTERS.match(text, after.end()):
        return None
    if prop.needs_unit and re.search(prop.unit, after["gap"], re.IGNORECASE):
        return after  # "MW (kDa): 35.9"
    if prop.needs_unit and not re.match(prop.unit, text[after.end() :], re.IGNORECASE):
        return None
    if not prop.unit.startswith(r"\s?(?:%") and re.match(r"\s?%", text[after.end() :]):
        return None
    if text[: name.start()].endswith("/"):
        return None  # "pI/GRAVY: 5.7/-0.4"
    if (
        prop.signed
        and not after["sign"]
        and "." not in after["digits"]
        and not re.match(prop.unit, text[after.end() :])
    ):
        return None  # "pairs in the MFE fold: 41"
    if any(other.name != prop.name and pattern.search(after["gap"]) for other, pattern in NAMED):
        return None
    if (
        prop.unit
        and not OF_ALL.match(text, after.end())
        and not NAMES_NUMBER.search(name[0] + after["gap"][:3])
        and not re.match(prop.unit, text[after.end() :], re.IGNORECASE)
    ):
        return None
    if not prop.unit and re.match(r"\s?(?:%|nt|bp|residues|aa|kDa)", text[after.end() :]):
        return None
    if (
        prop.unit
        and not re.match(prop.unit, text[after.end() :], re.IGNORECASE)
        and not OF_ALL.match(text, after.end())
        and re.match(r"\s?(?:[a-zA-Z]{2,})", text[after.end() :])
        and not re.match(r"\s(?:and|with|in|which|over|for|indicat|suggest|on|at)", text[after.end() :])
    ):
        return None
    return after


def quantity_claim(
    clause: Clause, prop: Property, name: re.Match, number: re.Match, molecules: list[Molecule]
) -> Iterator[Finding]:
    """One number, checked on the molecules or on the part of them that the clause names."""
    text = clause.text
    span = (min(name.start(), number.start()), max(name.end(), number.end()))
    around = surroundings(text, *span)
    between = text[name.end() : number.start("digits")] if number.start() >= name.end() else ""
    if OTHER_SUBJECT.search(text[: span[0]]) or OTHER_SUBJECT.search(between):
        return
    stated, digits = figure(number)
    if CITED.search(text[: number.start("digits")]) and number["digits"].startswith(("19", "20")) and not digits:
        return
    after = text[number.end() :]
    if (
        re.match(r"\s?kcal", after)
        and prop.name == "mfe_kcal_per_mol"
        and stated > 0
        and re.search(r"\b(?:-|minus|negative)\s?$", between)
    ):
        stated = -stated
    about = [m for m in spoken_of(clause, span[0], molecules) if m.tag in prop.tags] or [
        m for m in molecules if m.tag in prop.tags
    ]
    if prop.name == "molecular_weight":
        stated = stated / 1000 if re.match(r"\s?Da|\s?dalton", after) else stated
        digits = digits + 3 if re.match(r"\s?Da|\s?dalton", after) else digits
    if prop.name == "gc_percent" and not re.match(prop.unit, after) and number.start() >= name.end() and stated <= 1:
        stated, digits = 100 * stated, digits - 2
    if (whole := OF_ALL.match(after)) and prop.unit and float(whole["all"]) >= stated:
        stated, digits = 100 * stated / float(whole["all"]), 0
    parts = [parts_of(m, around, between + re.split(r"[,;(]", after[:40])[0]) for m in about]
    if [] in parts:
        return
    measured = [
        value for m, some in zip(about, parts, strict=True) for part in some for value in values_of(prop, m, part)
    ]
    if not measured:
        return
    lead = text[: number.start("sign") if number["sign"] else number.start("digits")]
    holds, said = compared(prop, lead, after, stated, digits, measured)
    claim = text[max(0, span[0] - 10) : span[1] + 8]
    only = about[0].index if len(about) == 1 else None
    shown = " or ".join(f"{value:.2f}" for value in measured)
    scoped = parts[0][0] != about[0].letters
    yield checked(
        prop.name, claim, said, shown, holds, about=None if scoped else only, value=None if scoped else stated
    )


OF_ALL = re.compile(r"\s?(?:of|out of|/)\s?(?P<all>\d{1,5})\b")  # "GC content: 21 of 45"
NAMES_NUMBER = re.compile(r"content|percentage|fraction|proportion|level|energy|MFE|weight|mass|[:=]", re.IGNORECASE)
OF_WHAT = re.compile(r"\s?%?\s?(?:of|in|for|within|across|over)\b[^,;()]{0,45}", re.IGNORECASE)


def surroundings(text: str, start: int, end: int) -> str:
    """What may say of which part a number is: the words before it, itself, and "of …" after it."""
    after = OF_WHAT.match(text, end)
    return text[max(0, start - 60) : after.end() if after else end]


def figure(number: re.Match) -> tuple[float, int]:
    """The number and how many decimals it is stated with."""
    digits = number["digits"].replace(",", "")
    stated = -float(digits) if (number["sign"] or "").strip() in ("-", "minus") else float(digits)
    return stated, len(digits.partition(".")[2])


def compared(
    prop: Property, lead: str, after: str, stated: float, digits: int, measured: list[float]
) -> tuple[bool, str]:
    """Whether the measured value is the stated one, beyond the limit, or within the range; and what was stated."""
    limit = limit_before(lead)
    if limit == ABOVE:
        return any(value >= stated - prop.tolerance for value in measured), f"above {stated:g}"
    if limit == BELOW:
        return any(value <= stated + prop.tolerance for value in measured), f"below {stated:g}"
    interval = RANGE.match(after)
    if interval and float(interval["high"]) > stated:
        high = float(interval["high"])
        return any(stated - prop.about <= value <= high + prop.about for value in measured), f"{stated:g} to {high:g}"
    about = limit == ABOUT
    return any(right(prop, stated, digits, about, value) for value in measured), f"{'about ' * about}{stated:g}"


def parts_of(molecule: Molecule, around: str, near: str) -> list[str]:
    """The letters that a number may be of: those of a part named beside it, or of a part named before a comma, or all
    of them; none where the part has no ends that the text tells."""
    beside = re.split(r"[,;]\s", around)[-1]
    own = PARTS.search(beside) is not None
    text = beside if own else around
    named = named_parts(molecule, text, near)
    unknown = PARTS.search(text) and not WHOLE.search(text) and not named
    return [] if unknown else named if own and named else [*named, molecule.letters]


def named_parts(molecule: Molecule, text: str, near: str) -> list[str]:
    """The letters of every part that a text names by its ends or its size."""
    letters = molecule.letters
    if len(letters) > PROTOSPACER_NT:
        if PROTOSPACER.search(f"{text} {near}"):
            return [letters[:PROTOSPACER_NT]]
        if seed := NEXT_TO_PAM.search(text):
            return [letters[PROTOSPACER_NT - int(seed["n"]) : PROTOSPACER_NT]]
    ends = regions(text, len(letters)) + [(place.start, place.end) for place in positions(text, False) if place.end]
    return [letters[low - 1 : high] for low, high in ends if letters[low - 1 : high]]


SHARE_AFTER = re.compile(
    rf"[\"')]*\s?(?:(?:residues?|content|bases?|nucleotides?)(?:\s|(?=[:=])))?(?:[^\d.;:]{{0,45}}?\b(?:for|"
    r"up|is|are|at|of|constitut\w+|compris\w+|represents?|contributes?|makes?|comes? to|amounts? to|totals?|"
    r"reach\w*)\s|[(:=,]\s?|"
    r"\s?\(\d+(?: of \d+(?: \w+)?)?[,;:]\s|\s?\(\d+\s?[,;/]\s?|(?<=[a-zA-Z]\s))(?P<about>(?:about|around|"
    rf"approximately|roughly|nearly|almost|only|just|some|~|≈)\s?)*{FIGURE}\s?(?:%|percent)"
)
SHARE_BEFORE = re.compile(
    rf"{FIGURE}\s?(?:%|percent)\s(?:of (?:the |its |all )?(?:\d+ )?[^\d.;,()%]{{0,45}}?|is |are )?(?:an? )?$",
    re.IGNORECASE,
)
SHARE = Property("share", "", ("dna", "rna", "protein"), "%", 0.1, 2.0, lambda letters: [])


def share_claims(clause: Clause, molecules: list[Molecule], used: set[int]) -> Iterator[Finding]:
    """Percentages of letters: "lysine (19.7%)", "45% adenine", "cytosine makes up half", checked."""
    text = clause.text
    found = [one for one in mentions(text, molecules) or carried(clause, molecules) if one.form == LETTER]
    for i, mention in enumerate(found):
        until = found[i + 1].start if i + 1 < len(found) else len(text)
        since = found[i - 1].end if i else 0
        numbers = (SHARE_BEFORE.search(text[since : mention.start]), SHARE_AFTER.match(text[:until], mention.end))
        offsets = (since, 0)
        number, offset = next(
            (
                (one, offset)
                for one, offset in zip(numbers, offsets, strict=True)
                if one and one.start("digits") + offset not in used
            ),
            (None, 0),
        )
        if not number:
            continue
        used.add(number.start("digits") + offset)
        stated, digits = figure(number)
        about = [m for m in spoken_of(clause, mention.start, molecules) if m.is_protein == mention.protein] or [
            m for m in molecules if m.is_protein == mention.protein
        ]
        codes = set(mention.loose) - set("[]")
        end = number.end() + offset
        around = surroundings(text, min(mention.start, number.start() + offset), max(mention.end, end))
        parts = [parts_of(m, around, re.split(r"[,;(]", text[end : end + 40])[0]) for m in about]
        if [] in parts:
            continue
        measured = [
            value
            for m, some in zip(about, parts, strict=True)
            for part in some
            for value in shares(part, codes, m.is_protein)
        ]
        lead = text[: number.start("digits") + offset]
        holds, said = compared(SHARE, lead, text[number.end() + offset :], stated, digits, measured)
        yield checked(
            "share",
            text[mention.start - 12 if mention.start > 12 else 0 : max(mention.end, number.end() + offset) + 2],
            f"{said}% {mention.text}",
            " or ".join(f"{value:.1f}" for value in measured),
            holds,
            about=about[0].index if len(about) == 1 else None,
        )


def shares(letters: str, codes: set[str], protein: bool) -> list[float]:
    """Percent of these letters among all, and among the known bases."""
    known = 0 if protein else sum(map(letters.count, "ACGT"))
    return [100 * sum(map(letters.count, codes)) / total for total in {len(letters), known or len(letters)} if total]
