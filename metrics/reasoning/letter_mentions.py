"""Amino acids, bases and groups of them, where a clause names them."""

import re
from collections.abc import Iterator

from metrics.reasoning.letters import AMINO_ACID, AMINO_ACIDS, BASE, BASES, GROUPS, code_of, named
from metrics.reasoning.mention import LETTER, Mention


def bases(text: str) -> Iterator[Mention]:
    """Bases by name, and by letter where a number stands beside it ("10 G's", "C (12)")."""
    for match in BASE.finditer(text):
        code = code_of(match["name"])
        yield Mention(*match.span(), LETTER, match[0], code, code, False, bool(match["plural"]))
    symbol = r"(?<![A-Za-z'\d.-])(?P<code>[ACGTU])(?P<plural>'?s)?(?![A-Za-z'\d/-]|\.\w)"
    for match in SHARE_OF.finditer(text):
        group = "code" if match["code"] else "first"
        code = match[group].replace("U", "T")
        yield Mention(*match.span(group), LETTER, match[group], code, code, False, True)
    before = rf"(?<=\d )(?:are |is )?{symbol}|(?<=\d% ){symbol.replace('code', 'share').replace('plural', 'many')}"
    after = rf"{symbol.replace('code', 'before').replace('plural', 'more')}(?=\s?[:=(]\s?\d)"
    found = r"(?<![\w-])(?P<found>[ACGTU])(?= (?:is (?:found|seen|present)|occurs|appears) )"
    for match in re.finditer(f"{before}|{after}|{found}", text):
        group = next(name for name in ("code", "found", "share", "before") if match[name])
        code = match[group].replace("U", "T")
        yield Mention(match.start(group), match.end(), LETTER, match[group], code, code, False, True)


def amino_acids(text: str) -> Iterator[Mention]:
    """Amino acids by name, not those with a position attached."""
    for match in AMINO_ACID.finditer(text):
        if re.match(r"-?\d", text[match.end() : match.end() + 2]) or re.match(
            r"-[A-Z][a-z]{2}\b", text[match.end() : match.end() + 5]
        ):
            continue
        code = code_of(match["name"])
        yield Mention(*match.span(), LETTER, match[0], code, code, True, bool(match["plural"]))
    for match in re.finditer(r"(?<=\d )(?P<code>[ACDEFGHIKLMNPQRSTVWY])(?P<plural>'?s)?(?![A-Za-z'\d.-])", text):
        yield Mention(*match.span(), LETTER, match[0], match["code"], match["code"], True, True)


# "18.8% of the letters are U", "the share of U (written T) is 15.0%"
SHARE_OF = re.compile(
    r"(?:% of [^\d.;]{3,50} (?:is|are)|\b(?:share|proportion|percentage|fraction|"
    r"number) of) (?P<code>[ACGTU])\b(?! or| and)|"
    r"(?<![\w-])(?<!and )(?<!or )(?P<first>[ACGTU])(?=-(?:richness|content)\b| (?:\(written T\) )?(?:makes? up|"
    r"accounts? for)\b)"
)
# "Hydrophobic residues (A, F, I, L, M, V, W)": the set that the text itself names.
LISTED = re.compile(r"\b[A-Za-z-]+(?: residues| amino acids)? \((?P<codes>[A-Z](?:(?:, ?| and |, and |/)[A-Z])+)\)")


# "Lys+Arg", "F + W + Y", "aspartate plus glutamate", "D and E together"
ONE = rf"(?:(?i:{named(AMINO_ACIDS)}|{named(BASES)})|[A-Z])(?![A-Za-z])"
SUM = re.compile(
    rf"(?<![\w+-]){ONE}(?:(?:\s?[+/]\s?|\splus\s){ONE})+(?![+-])|"
    rf"(?<![\w+-]){ONE}(?:, {ONE})*,? and {ONE}(?: (?:together|combined|taken together)\b|"
    rf"(?= (?:add|sum|total|make|account|come|number)\b))|"
    rf"(?<=are ){ONE}(?:, {ONE})*,? or {ONE}"
)


def groups(text: str, nucleic: bool, protein: bool) -> Iterator[Mention]:
    """Groups of letters, those that the text lists and those that are known by name."""
    for match in LISTED.finditer(text) if protein else ():
        codes = re.sub("[^A-Z]", "", match["codes"].replace("and", ""))
        yield Mention(*match.span(), LETTER, match[0], f"[{codes}]", f"[{codes}]", True, True)
    for match in SUM.finditer(text):
        codes = "".join(code_of(word) if len(word) > 1 else word for word in re.findall(ONE, match[0]))
        codes = codes if protein else codes.replace("U", "T")
        if set(codes) <= set("ACGT") and nucleic or protein:
            amino = protein and not (nucleic and set(codes) <= set("ACGT"))
            yield Mention(*match.span(), LETTER, match[0], f"[{codes}]", f"[{codes}]", amino, True)
    for called, letters in GROUPS.values():
        if (set(letters) <= set("ACGT") and nucleic) or (not set(letters) <= set("ACGT") and protein):
            for match in re.finditer(called, text, re.IGNORECASE if called[0] in "(a" else 0):
                yield Mention(
                    *match.span(),
                    LETTER,
                    match[0],
                    f"[{letters}]",
                    f"[{letters}]",
                    not set(letters) <= set("ACGT"),
                    True,
                )
