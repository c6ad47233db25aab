"""Conserved boxes of non-coding RNA families, as short patterns of published consensus sequences.

Each is the best conserved stretch of its family, not a covariance model: some members lack it, and a box of four
letters occurs by chance in most RNAs.
"""

from functools import partial

from dataset_builder.reasoning.evidence.kind import Kind, Site, motif
from dataset_builder.reasoning.evidence.tracts import runs


RNA = ("rna",)
TAIL_NT, RUN_NT = 15, 4  # of the 3' end; of a terminator's run of U in it


def before_the_end(sequence: str) -> list[Site]:
    """ACA three letters before the 3' end, where H/ACA RNAs have it."""
    length = len(sequence)
    return [Site(length - 5, length - 3, "ACA")] if sequence[-6:-3] == "ACA" else []


def cca_end(sequence: str) -> list[Site]:
    """CCA as the last three letters."""
    length = len(sequence)
    return [Site(length - 2, length, "CCA")] if sequence.endswith("CCA") else []


def terminal_t_run(sequence: str) -> list[Site]:
    """Runs of which four or more T (U) lie in the last 15 letters."""
    return [site for site in runs(sequence, "T", RUN_NT) if site.end >= len(sequence) - TAIL_NT + RUN_NT]


rna_motif = partial(motif, molecules=RNA)
GANOT = "Ganot et al. 1997, Genes Dev. 11:941"
GALLI = "Galli et al. 1981, Nature 294:626"
KINDS = (
    rna_motif("c_box", "RTGATGA", "Kiss 2002, Cell 109:145"),
    rna_motif("d_box", "CTGA", "Kiss 2002, Cell 109:145"),
    rna_motif("h_box", "ANANNA", GANOT),
    Kind("aca_box", RNA, "sites", 0, 0, GANOT, before_the_end),
    rna_motif("cab_box", "TGAG", "Richard et al. 2003, EMBO J. 22:4283"),
    rna_motif("trna_a_box", "TRGYNNARNNG", GALLI),
    rna_motif("trna_b_box", "GTTCRANNC", GALLI),
    Kind("cca_end", RNA, "sites", 0, 0, "Xiong and Steitz 2006, Curr. Opin. Struct. Biol. 16:12", cca_end),
    rna_motif("control_region_5s", "GCTAAG|AGTACTTGG", "Pieler et al. 1987, Cell 48:91"),
    rna_motif("conserved_5_8s", "CGATGAAG", "Rfam RF00002"),
    rna_motif("rnase_p_core", "GGAAAGTCC|GTAAGAGC", "Rfam RF00010; Brown 1999, Nucleic Acids Res. 27:314"),
    rna_motif("hammerhead_core", "CTGATGA", "Forster and Symons 1987, Cell 49:211"),
    rna_motif("group_1_core", "CAGAGACTA|GATATAGTC", "Cech 1988, Gene 73:259"),
    rna_motif("group_2_domain_5", "GAGCCGTATG|GTACGGTTC", "Michel and Ferat 1995, Annu. Rev. Biochem. 64:435"),
    rna_motif("thi_box", "CTGAGA", "Miranda-Rios et al. 2001, PNAS 98:9736"),
    rna_motif("b12_box", "GCCACTG", "Vitreschak et al. 2003, RNA 9:1084"),
    Kind("terminal_t_run", RNA, "sites", 0, 0, "Merino and Yanofsky 2005, Trends Genet. 21:260", terminal_t_run),
)
