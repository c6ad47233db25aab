"""Runs of one kind of letter, as A/T tracts that keep nucleosomes off, and reading frames in DNA and RNA."""

import re

from dataset_builder.reasoning.evidence.kind import NUCLEIC, Kind, Site, reverse_complement


STOPS = ("TAA", "TAG", "TGA")


def runs(sequence: str, letters: str, least: int) -> list[Site]:
    """Every stretch of `least` or more of one letter, of each of `letters`."""
    pattern = "|".join(f"{letter}{{{least},}}" for letter in letters)
    return [Site(match.start() + 1, match.end(), match[0]) for match in re.finditer(pattern, sequence)]


def reading_frames(sequence: str) -> list[tuple[int, int]]:
    """(start, end) of every frame on this strand, 0-based and half open: first ATG to stop codon, both included."""
    frames = []
    for offset in range(3):
        start = None
        for i in range(offset, len(sequence) - 2, 3):
            codon = sequence[i : i + 3]
            if start is None and codon == "ATG":
                start = i
            elif start is not None and codon in STOPS:
                frames.append((start, i + 3))
                start = None
    return frames


def longest_frame(sequence: str) -> list[Site]:
    """The longest complete reading frame of both strands, the first of equals; an empty list without one."""
    length = len(sequence)
    frames = [(end - start, start + 1, end, "+") for start, end in reading_frames(sequence)]
    for start, end in reading_frames(reverse_complement(sequence)):
        frames.append((end - start, length - end + 1, length - start, "-"))
    if not frames:
        return []
    _, start, end, strand = max(frames, key=lambda frame: (frame[0], frame[3] == "+", -frame[1]))
    return [Site(start, end, sequence[start - 1 : end], strand)]


def longest_frame_codons(sequence: str) -> int | None:
    """Codons of the longest frame before its stop; None without a complete frame."""
    return next(((site.end - site.start + 1) // 3 - 1 for site in longest_frame(sequence)), None)


STANDARD = "ATG to the first stop codon in frame, NCBI translation table 1"
SEGAL = "Segal and Widom 2009, Curr. Opin. Struct. Biol. 19:65"
KINDS = (
    Kind("at_tract", ("dna",), "sites", 0, 0, SEGAL, lambda sequence: runs(sequence, "AT", 6)),
    Kind("longest_reading_frame", ("dna",), "sites", 0, 0, STANDARD, longest_frame),
    Kind("longest_reading_frame_codons", ("dna",), "codons", 0, 0, STANDARD, longest_frame_codons),
    Kind("poly_t", NUCLEIC, "sites", 0, 0, "Nielsen et al. 2013, Science 340:1577", lambda s: runs(s, "T", 4)),
    Kind("poly_a", NUCLEIC, "sites", 0, 0, SEGAL, lambda sequence: runs(sequence, "A", 6)),
)
