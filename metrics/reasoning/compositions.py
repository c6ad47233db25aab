"""Lists of letters with their numbers: "A 149, C 85, G 92, T 174", "Lys 24, Arg 2 and Asp 11", also in percent."""

import re
from collections.abc import Iterator

from metrics.reasoning.findings import Finding, checked
from metrics.reasoning.letters import AMINO_ACIDS, BASES, code_of, named
from metrics.reasoning.molecules import Molecule, spoken_of
from metrics.reasoning.text import Clause


LETTER = rf"(?:(?P<name>(?i:{named(AMINO_ACIDS)}|{named(BASES)})s?)|(?P<code>[A-Z]))"
PAIR = re.compile(rf"(?<![\w-]){LETTER}(?:\s?[:=]\s?\(?|\s\(?)(?P<n>\d+(?:\.\d+)?)(?P<percent>\s?%)?(?![\w-]|\.\d)")
BETWEEN = re.compile(r"\s?\(?[\d.]*\s?%?\)?[\s,;/|]*(?:and\s|to\s|but\s|only\s)*")
LEAST = 3  # pairs; fewer may be positions
PERCENT_POINTS = 0.6


def composition_claims(clause: Clause, molecules: list[Molecule]) -> Iterator[Finding]:
    """Every number of a list of at least LEAST letters, checked; a list is of one molecule."""
    run: list[re.Match] = []
    for match in [*PAIR.finditer(clause.text), None]:
        if match and (not run or BETWEEN.fullmatch(clause.text[run[-1].end() : match.start()])):
            run.append(match)
            continue
        if len(run) >= LEAST and clause.asserted:
            yield from listed(clause, run, molecules)
        run = [match] if match else []


def listed(clause: Clause, run: list[re.Match], molecules: list[Molecule]) -> Iterator[Finding]:
    """The numbers of one list; letters that a molecule of the row cannot have speak against it."""
    codes = [match["code"] or code_of(match["name"]) for match in run]
    about = [m for m in spoken_of(clause, run[0].start(), molecules) if m.is_protein or set(codes) <= set("ACGTU")]
    if not about:
        return
    if any(
        all(m.letters[int(float(match["n"])) - 1 :][:1] == code for match, code in zip(run, codes, strict=True))
        for m in about
    ):
        return  # "W (64), C (86) and H (92)", which are places
    for match, code in zip(run, codes, strict=True):
        counts = [m.letters.count(code if m.is_protein else code.replace("U", "T")) for m in about]
        n = float(match["n"])
        if match["percent"]:
            shares = [100 * count / len(m.letters) for count, m in zip(counts, about, strict=True)]
            holds, measured = any(abs(share - n) <= PERCENT_POINTS for share in shares), shares
        else:
            holds, measured = n in counts, counts
        shown = " or ".join(f"{value:g}" for value in measured)
        yield checked("count", match[0], f"{match['n']}{match['percent'] or ''} {code}", shown, holds)
