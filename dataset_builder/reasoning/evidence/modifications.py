"""What the writers of RNA modifications read around the nucleotide in the middle of the sequence.

Most places that have a writer's motif are not modified, so each is a condition rather than a sign.
"""

from dataset_builder.reasoning.evidence.kind import Kind, Site, find, motif


RNA = ("rna",)


def middle(sequence: str) -> int:
    """The 1-based position of the middle; of an even length the left one of two."""
    return (len(sequence) + 1) // 2


def drach_to_middle(sequence: str) -> int | None:
    """Letters from the middle to the nearest A of a DRACH site; 0 if the middle is one, None without a site."""
    adenines = (site.start + 2 for site in find(sequence, "DRACH"))
    return min((abs(position - middle(sequence)) for position in adenines), default=None)


def on_middle(name: str, pattern: str, letters: tuple[int, ...], source: str) -> Kind:
    """The Kind of matches of which one of these letters, counted from 1, is the middle of the sequence."""

    def measure(sequence: str) -> list[Site]:
        return [site for site in find(sequence, pattern) if middle(sequence) - site.start + 1 in letters]

    return Kind(name, RNA, "sites", 0, 0, source, measure)


DOMINISSINI = "Dominissini et al. 2012, Nature 485:201"
KINDS = (
    motif("drach_site", "DRACH", DOMINISSINI, RNA),
    Kind("drach_to_middle_nt", RNA, "nt", 0, 0, DOMINISSINI, drach_to_middle),
    # m5U54, pseudouridine 55 and m1A58 of tRNA; in mRNA as well, by TRUB1 and TRMT6/61A.
    on_middle("t_loop_on_middle", "GTTCRANNC", (2, 3, 6), "Safra et al. 2017, Genome Res. 27:393; Nature 551:251"),
    on_middle("pus7_site_on_middle", "TNTAR", (3,), "Carlile et al. 2014, Nature 515:143"),
    on_middle("nsun2_site_on_middle", "CNGGG", (1,), "Huang et al. 2019, Nat. Struct. Mol. Biol. 26:380"),
    on_middle("adar_triplet_on_middle", "TAG", (2,), "Eggington et al. 2011, Nat. Commun. 2:319"),
)
