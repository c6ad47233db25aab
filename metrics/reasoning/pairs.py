"""Claims that two sequences pair: "complementary to positions 21-41 of the target", "a perfect match"."""

import re
from collections.abc import Iterator

from dataset_builder.reasoning.evidence.kind import reverse_complement
from metrics.answers.spelled import VALUES
from metrics.reasoning.findings import Finding, checked
from metrics.reasoning.molecules import Molecule
from metrics.reasoning.places import NEAR, positions
from metrics.reasoning.text import Clause


PAIRS = re.compile(
    r"\b(?:complementar\w+|base-?pairs?|pairs?\b|pairing|hybridi[sz]\w+|anneals?|matches|"
    r"targets?|binds?|aligns?|perfect match|maps? to)\b",
    re.IGNORECASE,
)
PERFECT = re.compile(
    r"\b(?:perfect(?:ly)?|full(?:y)?|complete(?:ly)?|exact(?:ly)?|100 ?%|entire(?:ly)?|"
    r"every (?:base|nucleotide)|without (?:any )?mismatch\w*|no mismatch\w*)\b",
    re.IGNORECASE,
)
DENIED = re.compile(
    r"\b(?:not|no|lacks?|without|n't|only partial\w*|imperfect\w*|incomplete\w*|"
    r"neither)\b(?! mismatch)(?! any mismatch)",
    re.IGNORECASE,
)
POSSIBLE = re.compile(r"\b(?:may|might|could|can|would|should|if|must|needs?|to bind)\b", re.IGNORECASE)
MISMATCHES = re.compile(r"\b(?P<n>\d+|one|two|three|four|five|a single) mismatch(?:es)?\b", re.IGNORECASE)
SPELLED = VALUES | {"a single": 1}
ENDS_NT = 2  # unpaired letters at an end of the shorter sequence that leave it a match: 3' overhangs of an siRNA


def pair_claims(clause: Clause, molecules: list[Molecule]) -> Iterator[Finding]:
    """Whether the shorter of two nucleic acids pairs with the longer one, as the clause says."""
    nucleic = [m for m in molecules if not m.is_protein]
    if len(nucleic) != 2 or not clause.asserted or not PAIRS.search(clause.text) or POSSIBLE.search(clause.text):
        return
    short, long = sorted(nucleic, key=lambda m: len(m.letters))
    sites = best_sites(short.letters, long.letters)
    fewest = min((mismatches for mismatches, _ in sites), default=len(short.letters))
    placed = [start for mismatches, start in sites if mismatches == fewest]
    measured = (
        f"{fewest} mismatches at best, at "
        f"{', '.join(f'{start}-{start + len(short.letters) - 1}' for start in placed[:3])}"
    )
    if stated := MISMATCHES.search(clause.text):
        n = SPELLED.get(stated["n"].lower()) or int(stated["n"])
        yield checked("pairing", clause.text, f"{n} mismatches", measured, fewest == n)
        return
    if PERFECT.search(clause.text) and re.search(r"complement|pair|match|anneal|hybridi", clause.text, re.IGNORECASE):
        denied = DENIED.search(clause.text) is not None
        yield checked(
            "pairing", clause.text, f"{'no ' * denied}perfect pairing", measured, (fewest <= ENDS_NT) != denied
        )
    subject = re.search(
        r"(?:pairs?|pairing|complement\w+|target\w*|binds?|anneals?|matches|hybridi\w+|aligns?|maps?)\b(?P<rest>.*)",
        clause.text,
        re.IGNORECASE | re.DOTALL,
    )
    for place in positions(subject["rest"], False) if subject else []:
        if place.end is None and not re.search(r"\b(?:start|from|begin|at)", place.text, re.IGNORECASE):
            continue
        slack = 5 if place.mode == NEAR else 0
        holds = any(
            abs(start - place.start) <= slack
            and (place.end is None or abs(start + len(short.letters) - 1 - place.end) <= slack)
            for start in placed
        )
        holds = holds or (place.end is not None and pairs_there(short.letters, long.letters, place.start, place.end))
        yield checked(
            "pairing",
            clause.text,
            f"pairs at {place.text}",
            measured,
            holds and fewest <= max(ENDS_NT, len(short.letters) // 4),
        )


def best_sites(short: str, long: str) -> list[tuple[int, int]]:
    """(mismatches, 1-based start in the longer) for every place of the shorter one's reverse complement."""
    wanted, n = reverse_complement(short), len(short)
    return [
        (sum(a != b for a, b in zip(wanted, long[i : i + n], strict=True)), i + 1) for i in range(len(long) - n + 1)
    ]


def pairs_there(short: str, long: str, start: int, end: int) -> bool:
    """Whether what stands at these positions of the longer one is complementary to a part of the shorter one."""
    part = long[start - 1 : end]
    return len(part) == end - start + 1 >= 6 and part in reverse_complement(short)
