"""Sequence elements of promoters and enhancers, as IUPAC patterns of their consensus.

Short patterns match by chance: one of six specified letters once in 4,096 positions of each strand. The elements of
the core promoter are read on the strand given, as its sequences run in the direction of transcription; upstream
elements and factor sites on both.
"""

from functools import partial

from dataset_builder.reasoning.evidence.kind import motif


either = partial(motif, both_strands=True)
DE_ALMEIDA = "de Almeida et al. 2022, Nat. Genet. 54:613"
OHLER = "Ohler et al. 2002, Genome Biol. 3:research0087"

KINDS = (
    motif("tata_box", "TATAWAWR", "Basehoar et al. 2004, Cell 116:699"),
    motif("initiator", "BBCABW", "Vo ngoc et al. 2017, Genes Dev. 31:6"),
    motif("dpe", "RGWYVT", "Kutach and Kadonaga 2000, Mol. Cell. Biol. 20:4754"),
    motif("bre", "SSRCGCC", "Lagrange et al. 1998, Genes Dev. 12:34"),
    either("gc_box", "GGGCGG", "Kadonaga et al. 1986, Trends Biochem. Sci. 11:20"),
    either("caat_box", "CCAAT", "Mantovani 1998, Nucleic Acids Res. 26:1135"),
    either("e_box", "CANNTG", "Massari and Murre 2000, Mol. Cell. Biol. 20:429"),
    either("cacgtg_e_box", "CACGTG", "Blackwell et al. 1990, Science 250:1149"),
    either("ap1_site", "TGASTCA", "Lee et al. 1987, Cell 49:741"),
    either("cre_site", "TGACGTCA", "Montminy et al. 1986, PNAS 83:6682"),
    either("ets_site", "CCGGAAR", "Wei et al. 2010, EMBO J. 29:2147"),
    either("nrf1_site", "GCGCATGCGC", "Virbasius et al. 1993, Genes Dev. 7:2431"),
    either("yy1_site", "AAGATGGCGGC", "Xi et al. 2007, Genome Res. 17:798"),
    either("ctcf_core", "CCNSYAGRKGGCR", "Kim et al. 2007, Cell 128:1231"),
    either("gata_site", "WGATAR", "Ko and Engel 1993, Mol. Cell. Biol. 13:4011"),
    either("dre_site", "TATCGATA", "Hirose et al. 1993, J. Biol. Chem. 268:2092"),
    either("ohler_motif_1", "YGGTCACACTR", OHLER),
    either("gaga_site", "GAGAG", "Biggin and Tjian 1988, Cell 53:699"),
    either("twist_site", "CATATG", DE_ALMEIDA),
)
