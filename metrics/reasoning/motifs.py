"""Named elements of sequences, as motifs.yaml defines them, and where patterns match."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from dataset_builder.reasoning.evidence import KINDS
from dataset_builder.reasoning.evidence.kind import Site, find, reverse_complement


@dataclass(frozen=True)
class Motif:
    """A named element; the fields are those of motifs.yaml."""

    name: str
    tags: tuple[str, ...]
    called: re.Pattern
    kind: str | None = None
    loose: str | None = None
    strict: str | None = None
    weak: bool = False


@cache
def motifs() -> list[Motif]:
    """Every element of motifs.yaml."""
    listed = yaml.load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return [
        Motif(**entry | {"tags": tuple(entry["tags"]), "called": re.compile(entry["called"], re.IGNORECASE)})
        for entry in listed
    ]


def matches(letters: str, pattern: str, protein: bool) -> list[Site]:
    """Every match of a pattern on the letters as given, overlapping ones included."""
    if not protein:
        return find(letters, pattern.replace("U", "T"))
    overlapping = re.finditer(f"(?=({pattern}))", letters)
    return [Site(match.start() + 1, match.end(1), match[1]) for match in overlapping if match[1]]


def on_strands(letters: str, pattern: str, strands: str) -> list[Site]:
    """Every match of a pattern of nucleotides on the strands `+`, `-` or `+-`, with its place on the letters given."""
    found = matches(letters, pattern, False) if "+" in strands else []
    if "-" in strands:
        length, taken = len(letters), {(site.start, site.end) for site in found}
        for site in matches(reverse_complement(letters), pattern, False):
            start, end = length - site.end + 1, length - site.start + 1
            if (start, end) not in taken:
                found.append(Site(start, end, site.letters, "-"))
    return sorted(found)


def of_kind(letters: str, kind: str, strands: str) -> list[Site]:
    """The sites of a kind of the evidence on these strands."""
    return [site for site in KINDS[kind].measure(letters) or () if site.strand in strands]
