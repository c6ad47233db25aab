"""Signals of messenger RNA: polyadenylation, start codons and their context, upstream reading frames.

In a 5' UTR (mean_ribosome_loading) the main start codon follows the last letter, so its frame is counted from there.
"""

from functools import partial

from dataset_builder.reasoning.evidence.composition import share
from dataset_builder.reasoning.evidence.kind import Kind, Site, find, motif
from dataset_builder.reasoning.evidence.tracts import STOPS


RNA = ("rna",)
VARIANTS = "AGTAAA|TATAAA|CATAAA|GATAAA|AATATA|AATACA|AATAGA|AAAAAG|ACTAAA"  # of AAUAAA beside AUUAAA
DOWNSTREAM_NT = 40  # in which GU-rich elements follow the cleavage site


def upstream_frames(sequence: str) -> list[Site]:
    """Every ATG whose frame has a stop codon before the sequence ends, each to the end of that stop."""
    found = []
    for start in find(sequence, "ATG"):
        stops = range(start.start + 2, len(sequence) - 2, 3)
        end = next((i + 3 for i in stops if sequence[i : i + 3] in STOPS), None)
        if end:
            found.append(Site(start.start, end, sequence[start.start - 1 : end]))
    return found


def out_of_frame_starts(sequence: str) -> list[Site]:
    """Every ATG whose frame runs past the main start codon: without a stop up to the A or AT of that codon."""
    stopped = {site.start for site in upstream_frames(sequence + "ATG")}
    starts = (site for site in find(sequence, "ATG") if site.start not in stopped)
    return [site for site in starts if (len(sequence) - site.start + 1) % 3]


def downstream_gt_percent(sequence: str) -> float | None:
    """Percent of G and T (U) in up to 40 nt behind the first polyadenylation hexamer."""
    signals = find(sequence, "AWTAAA")
    behind = sequence[signals[0].end : signals[0].end + DOWNSTREAM_NT] if signals else ""
    return share(behind, "GT")


rna_motif = partial(motif, molecules=RNA)
PROUDFOOT = "Proudfoot 2011, Genes Dev. 25:1770"
KOZAK = "Kozak 1987, Nucleic Acids Res. 15:8125"
SAMPLE = "Sample et al. 2019, Nat. Biotechnol. 37:803"
KINDS = (
    rna_motif("polya_signal", "AWTAAA", PROUDFOOT),
    rna_motif("polya_signal_variant", VARIANTS, "Beaudoing et al. 2000, Genome Res. 10:1001"),
    rna_motif("ugua_element", "TGTA", "Brown and Gilmartin 2003, Mol. Cell 12:1467"),
    rna_motif("gu_rich_element", "GTGT|TTTTT|TGTTT", "Gil and Proudfoot 1987, Cell 49:399"),
    Kind("downstream_gu_percent", RNA, "%", 1, 0.05, PROUDFOOT, downstream_gt_percent),
    rna_motif("au_rich_element", "ATTTA", "Chen and Shyu 1995, Trends Biochem. Sci. 20:465"),
    rna_motif("start_codon", "ATG", KOZAK),
    rna_motif("strong_kozak_start", "RNNATGG", KOZAK),
    Kind("upstream_reading_frame", RNA, "sites", 0, 0, SAMPLE, upstream_frames),
    Kind("out_of_frame_start", RNA, "sites", 0, 0, SAMPLE, out_of_frame_starts),
)
