"""Claims about runs of one letter: "a stretch of six thymines", "poly-T tract", "the longest run is 8 G's"."""

import re
from collections.abc import Iterator

from metrics.reasoning.counts import NUMBER, value
from metrics.reasoning.findings import Finding, checked
from metrics.reasoning.letters import AMINO_ACIDS, BASES, code_of, named
from metrics.reasoning.molecules import Molecule, spoken_of
from metrics.reasoning.places import positions
from metrics.reasoning.text import Clause


LETTER = rf"(?:(?P<name>(?i:{named(BASES)}|{named(AMINO_ACIDS)})s?)|(?P<code>[A-Z])(?:'?s)?)(?![A-Za-z\d])"
RUN = (
    r"(?i:homopolymer(?:ic)?(?: (?:runs?|tracts?|stretch(?:es)?))?|runs?|stretch(?:es)?|"
    r"tracts?|blocks?|repeats?|strings?)"
)
OF_LENGTH = re.compile(
    rf"\b{RUN}(?: \(?(?:is|being|with|has|found|spans?))*(?: (?:an?|the|"
    rf"one))?(?: {RUN})? (?:of )?(?:about |up to |at least |"
    rf"exactly )?(?P<n>{NUMBER}) (?:(?:consecutive|contiguous|successive|uninterrupted|"
    rf"straight|identical) )?(?:(?i:bases|letters|nucleotides|residues) \()?{LETTER}|"
    rf"(?P<n2>{NUMBER})[- ](?:(?i:nt|nucleotide|base|"
    r"residue)[- ](?:long )?)?(?:(?i:consecutive|contiguous|successive|"
    rf"uninterrupted) )(?P<name2>(?i:{named(BASES)}|{named(AMINO_ACIDS)})s?|[A-Z](?:'?s)?)\b|"
    rf"\b(?i:longest|largest)\b[^.;\d]{{0,60}}?\b(?P<n3>{NUMBER}) (?:x )?(?:(?i:consecutive|"
    rf"contiguous) )?(?P<name3>(?i:{named(BASES)}|{named(AMINO_ACIDS)})s?|[A-Z](?:'?s)?)\b"
)
# "a C-tract (14 in a row)", "the longest run of T is six letters", "the longest A run counts 4"
OF_LETTER = re.compile(
    rf"(?:(?<![\w-])(?P<coded>[B-Z]|(?<=[a-z] )A|A(?=-))[- ]{RUN}|\b(?P<named>(?i:{named(BASES)}|"
    rf"{named(AMINO_ACIDS)}))[- ]{RUN}|"
    rf"\b(?i:poly)[- ]?\(?(?P<polyd>[A-Z])\)?[- ]{RUN}|\b{RUN} of {LETTER})"
    rf"[^.;\d]{{0,40}}?(?:\b(?:is|has|counts|measures|spans|of|with|length)\b|[:,(]) ?"
    rf"(?P<n>{NUMBER})(?: (?:letters|nt|bases|in a row|long|residues|nucleotides|in length|consecutive)\b|"
    r"(?=\s?(?:[,.;)]|$)(?!\.\d)))"
)
# "Longest homopolymer: G x 5"
TIMES_LETTER = re.compile(rf"\b(?i:longest|largest)\b[^.;\d]{{0,40}}?[\s:]{LETTER} ?x ?(?P<n>\d+)\b")
BEGINS = re.compile(r"\b(?:begin|start)s?\b", re.IGNORECASE)
POLY = re.compile(
    r"\b(?i:poly)[- ]?\(?(?P<code>[A-Z])\)?(?![A-Za-z])(?:[- ](?i:tracts?|stretch(?:es)?|"
    r"runs?|tails?|sequences?))?(?! ?(?i:polymerase|signal|adenyl|"
    rf"\+))(?: (?i:of) (?P<n>{NUMBER})"
    rf" {LETTER.replace('name', 'named').replace('code', 'coded')})?"
)
DENIAL = re.compile(r"\b(?:no|without|lacks?|lacking|not|absence of|neither|nor)\b[^,;]{0,30}$", re.IGNORECASE)
LONG, SHORT = 6, 3  # a poly-T is there with 6 letters at the latest, and never with fewer than 3


def run_claims(clause: Clause, molecules: list[Molecule]) -> Iterator[Finding]:
    """The claims of a clause about runs, checked."""
    if not clause.asserted:
        return
    seen: list[tuple[int, int]] = []
    for match in [
        *(match for pattern in (OF_LETTER, TIMES_LETTER, POLY, OF_LENGTH) for match in pattern.finditer(clause.text))
    ]:
        if any(a < match.end() and match.start() < b for a, b in seen):
            continue
        seen.append(match.span())
        groups = match.groupdict()
        number = groups.get("n") or groups.get("n2") or groups.get("n3")
        code = code_in(groups)
        if code:
            yield from run_claim(clause, match, code, value(number) if number else None, molecules)


def code_in(groups: dict[str, str | None]) -> str | None:
    """The letter that a match names."""
    word = next((groups[key] for key in ("named", "name", "name2", "name3") if groups.get(key)), None)
    if word and len(word.rstrip("s'")) > 1:
        try:
            return code_of(word)
        except KeyError:
            return None
    return (word or groups.get("coded") or groups.get("polyd") or groups.get("code") or "")[:1].replace(
        "U", "T"
    ) or None


def run_claim(
    clause: Clause, match: re.Match, code: str, n: int | None, molecules: list[Molecule]
) -> Iterator[Finding]:
    """Whether a molecule has such a run, as long, where it is said to be."""
    about = spoken_of(clause, match.start(), molecules)
    protein = code not in "ACGT"
    about = [m for m in about if m.is_protein or not protein] or molecules
    runs = [[(r.start() + 1, r.end()) for r in re.finditer(f"{code}+", m.letters)] for m in about]
    longest = max((end - start + 1 for found in runs for start, end in found), default=0)
    denied = DENIAL.search(clause.text[: match.start()]) is not None
    only = about[0].index if len(about) == 1 else None
    claim, measured = match[0], f"longest run of {code}: {longest}"
    if denied:
        yield checked("run", claim, f"no run of {code}", measured, longest < (n or LONG), about=only)
        return
    if n is None:
        yield checked("run", claim, f"run of {code}", measured, longest >= SHORT, about=only)
    elif re.search(r"\blongest\b", clause.text[: match.end()], re.IGNORECASE):
        yield checked("run", claim, f"longest run of {n} {code}", measured, longest == n, about=only, value=n)
    else:
        yield checked("run", claim, f"run of {n} {code}", measured, longest >= n, about=only, value=n)
    until = re.search(r",\s|\band\b", clause.text[match.end() + 1 :])
    after = clause.text[match.end() : match.end() + 1 + until.start()] if until else clause.text[match.end() :]
    lead = clause.text[: match.start()]
    told = [
        place
        for place in positions(lead, False)
        if re.fullmatch(r"[\s,]*(?:an?|the|there is an?)\s", lead[place.stop :])
    ]
    for place in [*told, *([] if after.lstrip().startswith(":") else positions(after, False))]:
        low, high = place.start, place.end or place.start
        inside = any(m.letters[low - 1 : high] and set(m.letters[low - 1 : high]) == {code} for m in about)
        if n and place.end is None and BEGINS.search(after):
            inside = any((low, low + n - 1) in found for found in runs)
        yield checked(
            "position",
            claim,
            f"run of {code}, {place.text}",
            measured + f"; there {about[0].letters[low - 1 : high]}",
            inside,
            about=only,
        )
