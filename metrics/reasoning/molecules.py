"""The row's sequences, and which of them a clause speaks of."""

import re
from dataclasses import dataclass

from dataset_builder.reasoning.evidence import inputs, sequences_of
from dataset_builder.reasoning.evidence.kind import reverse_complement
from dataset_builder.tags import TAGGED
from metrics.reasoning.text import Clause


# What a molecule of a pair is called, by task and in the order of the task's molecules.
NAMES = {
    "antibody_antigen": (
        r"antibod\w+|\bab\b|heavy[- ]chain|light[- ]chain|\bcdrs?\b|\bscfv\b|\bfab\b",
        r"antigen\w*|\bag\b|envelope|\benv\b|gp\d+|virus|viral",
    ),
    "rna_protein": (r"\bn?c?rnas?\b|transcript|nucleotide", r"protein|polypeptide|chain\b|residue|amino"),
    "enhancer_promoter": (r"promoters?\b", r"enhancers?\b"),
    "sirna_efficiency": (r"sirnas?|guide|antisense strand|\brnai\b|\brna\b", r"target|m-?rna|\bdna\b"),
}
NO_INITIATOR = frozenset(("fluorescence",))  # numbered with the methionine that the sequences lack
ORDINALS = (
    r"\bfirst (?:sequence|molecule|strand|protein|dna)|sequence (?:1|a|one)\b",
    r"\bsecond (?:sequence|molecule|protein|dna)|sequence (?:2|b|two)\b",
)


@dataclass(frozen=True)
class Molecule:
    """One sequence of the row.

    Attributes:
        index: its place in the question, from 0.
        tag: dna, rna or protein.
        letters: as given; RNA is written with T.
        names: pattern of what a text calls it.
        shifts: what a position may be ahead of that in `letters`: 0, or 1 of a numbering that counts a methionine too.
    """

    index: int
    tag: str
    letters: str
    names: re.Pattern
    shifts: tuple[int, ...] = (0,)

    @property
    def is_protein(self) -> bool:
        """Whether the letters are amino acids."""
        return self.tag == "protein"

    @property
    def reverse(self) -> str:
        """The other strand, 5' to 3'."""
        return reverse_complement(self.letters)


def molecules_of(row: dict) -> list[Molecule]:
    """The row's molecules, in the order of the question."""
    sequences = sequences_of(row)
    patterns = NAMES.get(row["task"], ("",) * len(sequences))
    order = order_of(row, patterns) if len(patterns) == len(sequences) else list(range(len(sequences)))
    found, shifts = [], (0, 1) if row["task"] in NO_INITIATOR else (0,)
    for index, (tag, letters) in enumerate(sequences):
        own = patterns[order.index(index)] if index in order[: len(patterns)] else ""
        called = "|".join(filter(None, (own, ORDINALS[min(index, 1)])))
        found.append(Molecule(index, tag, letters, re.compile(called, re.IGNORECASE), shifts))
    return found


def order_of(row: dict, patterns: tuple[str, ...]) -> list[int]:
    """For each molecule of the task the index of its sequence: as the evidence has it, or, where tags are alike and
    the row does not know its template, as the question's names stand closest to the tags."""
    alike = len({tag for tag, _ in sequences_of(row)}) < len(patterns)
    if not alike or row.get("question_id") is not None:
        return inputs(row)
    question = row["prompt"][-1]["content"]
    tags = [match.span() for match in TAGGED.finditer(question)]
    names = [[name.span() for name in re.finditer(pattern, question, re.IGNORECASE)] for pattern in patterns]
    if not all(names):
        return inputs(row)
    return min(([0, 1], [1, 0]), key=lambda order: sum(gap(names[place], tags[order[place]]) for place in (0, 1)))


def gap(names: list[tuple[int, int]], tag: tuple[int, int]) -> int:
    """Characters between a tag and the closest name outside it."""
    return min(tag[0] - end if end <= tag[0] else max(0, start - tag[1]) for start, end in names)


def spoken_of(clause: Clause, place: int, molecules: list[Molecule]) -> list[Molecule]:
    """The molecules that what stands at `place` of the clause may be about: those named last before it, or else first
    after it in the clause, or else before it in the sentence; all of them where none is named."""
    if len(molecules) < 2:
        return molecules
    for text, side in ((clause.text[:place], -1), (clause.text[place:], 0), (clause.before, -1)):
        mentions = [(m.start(), molecule) for molecule in molecules for m in molecule.names.finditer(text)]
        if mentions:
            at = sorted(mentions, key=lambda mention: mention[0])[side][0]
            return [molecule for start, molecule in mentions if start == at]
    return molecules
