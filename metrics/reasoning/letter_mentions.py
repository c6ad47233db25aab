"""Amino acids, bases and groups of them, where a clause names them."""

import re
from collections.abc import Iterator

from metrics.reasoning.letters import AMINO_ACID, AMINO_ACIDS, AMINO_GROUPS, BASE, BASE_GROUPS, BASES, code_of, named
from metrics.reasoning.mention import LETTER, Mention


NUCLEOTIDES, RESIDUES = "ACGTU", "ACDEFGHIKLMNPQRSTVWY"
ALONE, ENDS = r"(?<![\w'/.+°-])(?<!° )", r"(?![\w'/+]|-(?!richness|content)|\. ?[a-z])"
SYMBOL = re.compile(rf"{ALONE}(?P<code>[A-Z])(?P<plural>'?s)?{ENDS}")
# "A" and "I" are words too, where what follows is none that a letter has.
WORD = re.compile(r"(?:^|[.:;\"*-] ?|\b(?:and|or|but|as) )A$|I$")
HAS_AMOUNT = re.compile(
    r"\s?(?:[:=(]\s?\d|x?\s?\d|(?:is|was|has|occurs?|appears?|makes?|accounts?|turns|comes|amounts?|contributes?|"
    r"reaches|stands|numbers)\b)"
)
PATTERN = re.compile(r"(?<![A-Za-z])[XxN]\b[^();,.]*$")  # "X is not P", which explains letters
LENGTH = re.compile(r"[LN]\s?=")  # "L = 241"
# Other things are called by letters: "vitamin C", "box D", "chain A".
CALLED = re.compile(
    r"\b(?:vitamin|coenzyme|box|chain|domain|class|type|subtype|group|clade|hepatitis|protein|factor|cytochrome|step|"
    r"option|site|loop|stem|phase|motif|helix|figure|table|RNase|polymerase|influenza|strand|state|sample|element|"
    r"sequence|molecule|family|histone|subunit|immunoglobulin|[Cc]athepsin|lipase)s?\s$"
)
# "… residues (A, F, I, L, M, V, W)": the set that the text itself names
LISTED = re.compile(
    r"\b[A-Za-z-]+(?: residues| amino acids)? \((?P<codes>[A-Z](?:(?:, ?| and |, and |/)[A-Z])+)\)|"
    r"\b[A-Za-z-]+ (?:residues|amino acids) \((?P<run>[A-Z]{3,})\)"
)
ONE = rf"(?:(?i:{named(AMINO_ACIDS)}|{named(BASES)})s?|[A-Z](?:'?s)?)(?![A-Za-z])"
# "Lys+Arg", "F + W + Y", "aspartate plus glutamate", "D and E together", "alanine, leucine and glutamate account for"
SUM = re.compile(
    rf"(?<![\w+-]){ONE}(?:(?:\s?[+/]\s?|\splus\s){ONE})+(?![+-])|"
    rf"(?<![\w+-]){ONE}(?:, {ONE})*,? and {ONE}(?: (?:together|combined|taken together)\b|"
    rf"(?= (?:(?:add|sum|total|make|account|come|number|amount)\b|(?:are |to )\d)))|"
    rf"(?<=residues ){ONE}(?:, {ONE})*,? and {ONE}|"
    rf"(?<=are ){ONE}(?:, {ONE})*,? or {ONE}|"
    rf"(?<![\w+-]){ONE}(?:, {ONE}){{2,}}(?:,? (?:and|or) {ONE})?"
)
SEVERAL_NUMBERS = re.compile(r"\d\s?/\s?\d+ ?(?:%|percent)? $")  # "20/33/19/28 percent A/C/G/T"
BASE_NAME = rf"(?:[ACGTU](?:'?s)?|(?i:{named(BASES)})s?)(?![A-Za-z])"
TWO_BASES = re.compile(rf"(?<![\w+/-]){BASE_NAME} (?:or|and|plus) {BASE_NAME}(?! content)")
NOUN = (
    r"(?:s\b| (?:amino acids|residues|side chains|ones)\b|(?= (?:content|fraction|share|percentage|proportion)\b)|"
    r"(?= and \d+ (?:acidic|basic|positive|negative)))"
)


def bases(text: str) -> Iterator[Mention]:
    """Bases by their names."""
    for match in BASE.finditer(text):
        code = code_of(match["name"])
        yield Mention(*match.span(), LETTER, match[0], code, code, False, bool(match["plural"]))


def amino_acids(text: str) -> Iterator[Mention]:
    """Amino acids by their names, not those with a position attached."""
    for match in AMINO_ACID.finditer(text):
        if not re.compile(r"-?\d|-[A-Z][a-z]{2}\b").match(text, match.end()):
            code = code_of(match["name"])
            yield Mention(*match.span(), LETTER, match[0], code, code, True, bool(match["plural"]))


def symbols(text: str, protein: bool) -> Iterator[Mention]:
    """Amino acids or bases by their letters, which say nothing where no number is bound to them."""
    for match in SYMBOL.finditer(text):
        code, before = match["code"], text[: match.start()]
        if code not in (RESIDUES if protein else NUCLEOTIDES) or CALLED.search(before) or PATTERN.search(before):
            continue
        if WORD.search(before + code) and not HAS_AMOUNT.match(text, match.end()):
            continue
        if protein and LENGTH.match(text, match.start()):
            continue
        code = code if protein else code.replace("U", "T")
        yield Mention(*match.span(), LETTER, match[0], code, code, protein, bool(match["plural"]), weak=True)


def groups(text: str, nucleic: bool, protein: bool) -> Iterator[Mention]:
    """Groups of letters, those that the text lists and those that are known by name."""
    if protein:
        for match in LISTED.finditer(text):
            yield group(match, re.sub("[^A-Z]", "", match["codes"] or match["run"]), True)
        for adjective, codes in AMINO_GROUPS.items():
            for match in re.finditer(rf"(?:{adjective}){NOUN}|(?<=are )(?:{adjective})\b", text, re.IGNORECASE):
                yield group(match, codes, True)
    if nucleic:
        for called, codes in BASE_GROUPS.items():
            for match in re.finditer(called, text):
                yield group(match, codes, False)
    for match in (*SUM.finditer(text), *(TWO_BASES.finditer(text) if nucleic else ())):
        if SEVERAL_NUMBERS.search(text[: match.start()]):
            continue
        codes = "".join(letter_of(word) for word in re.findall(ONE, match[0]))
        of_bases = nucleic and set(codes) <= set(NUCLEOTIDES)
        if of_bases or protein:
            yield group(match, codes.replace("U", "T") if of_bases else codes, not of_bases)


def group(match: re.Match, codes: str, protein: bool) -> Mention:
    """The mention of a group of letters."""
    pattern = f"[{''.join(dict.fromkeys(codes))}]"
    return Mention(*match.span(), LETTER, match[0], pattern, pattern, protein, True)


def letter_of(word: str) -> str:
    """The letter that a symbol or a name stands for."""
    symbol = re.fullmatch(r"([A-Z])(?:'?s)?", word)
    return symbol[1] if symbol else code_of(word)
