"""Properties of a protein chain by Biopython's ProtParam, and stretches that its sequence shows.

Letters other than the 20 amino acids are left out where tables do not have them; shares are of all letters.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

from dataset_builder.reasoning.evidence.composition import share
from dataset_builder.reasoning.evidence.kind import Kind, Site


if TYPE_CHECKING:
    from Bio.SeqUtils.ProtParam import ProteinAnalysis

PROTEIN = ("protein",)
AMINO_ACIDS = "ACDEFGHIKLMNPQRSTVWY"
WINDOW_AA, HYDROPATHY = 19, 1.6  # of a membrane-spanning segment


@lru_cache(maxsize=16)
def analysis(sequence: str) -> "ProteinAnalysis | None":
    """ProtParam's view of the 20 amino acids of the chain; None without any."""
    from Bio.SeqUtils.ProtParam import ProteinAnalysis

    standard = re.sub(f"[^{AMINO_ACIDS}]", "", sequence)
    return ProteinAnalysis(standard) if standard else None


def by(method: Callable[["ProteinAnalysis"], float]) -> Callable[[str], float | None]:
    """A measure that calls a method of ProtParam."""
    return lambda sequence: method(protein) if (protein := analysis(sequence)) else None


def instability_index(sequence: str) -> float | None:
    """Guruprasad's index; not defined for fewer than two residues."""
    protein = analysis(sequence)
    return protein.instability_index() if protein and protein.length > 1 else None


def aliphatic_index(sequence: str) -> float | None:
    """Ikai's relative volume of the side chains of A, V, I and L, from their percentages."""
    protein = analysis(sequence)
    if not protein:
        return None
    counts = protein.count_amino_acids()
    volume = counts["A"] + 2.9 * counts["V"] + 3.9 * (counts["I"] + counts["L"])
    return 100 * volume / protein.length


def isoelectric_point(sequence: str) -> float | None:
    """The pH of no net charge, sought between 0 and 14: ProtParam stops at 4.05 and at 12."""
    from Bio.SeqUtils.IsoelectricPoint import IsoelectricPoint

    protein = analysis(sequence)
    return IsoelectricPoint(protein.sequence, protein.count_amino_acids()).pi(7.0, 0.0, 14.0) if protein else None


def charge_ratio(sequence: str) -> float | None:
    """(E + K) / (Q + H), which is higher in proteins of thermophiles; not defined without Q and H."""
    fewer = sequence.count("Q") + sequence.count("H")
    return (sequence.count("E") + sequence.count("K")) / fewer if fewer else None


def hydrophobic_segments(sequence: str) -> list[Site]:
    """Stretches covered by windows of 19 residues whose mean Kyte-Doolittle hydropathy is 1.6 or more."""
    import numpy as np
    from Bio.SeqUtils.ProtParamData import kd

    if len(sequence) < WINDOW_AA:
        return []
    summed = np.cumsum([0.0, *(kd.get(letter, 0.0) for letter in sequence)])
    starts = np.flatnonzero((summed[WINDOW_AA:] - summed[:-WINDOW_AA]) / WINDOW_AA >= HYDROPATHY - 1e-9)
    found: list[Site] = []
    for group in np.split(starts, np.flatnonzero(np.diff(starts) > WINDOW_AA) + 1):
        if len(group):
            start, end = int(group[0]), int(group[-1]) + WINDOW_AA
            found.append(Site(start + 1, end, sequence[start:end]))
    return found


def heavy_chain_cdr3(sequence: str) -> list[Site]:
    """From the third residue behind the first cysteine that a WGxG follows up to it, cysteines between included."""
    match = re.search("C[A-Z]{2}([A-Z]{3,35}?)WG[A-Z]G", sequence)
    return [Site(match.start(1) + 1, match.end(1), match[1])] if match else []


def matches(pattern: str) -> Callable[[str], list[Site]]:
    """A measure that finds every match of a regular expression, overlapping ones too."""
    compiled = re.compile(f"(?=({pattern}))")
    return lambda sequence: [Site(m.start() + 1, m.end(1), m[1]) for m in compiled.finditer(sequence)]


KYTE = "Kyte and Doolittle 1982, J. Mol. Biol. 157:105"
RNP_1 = "[RK]G[^EDRKHPCG][AGSCI][FY][LIVA][A-Z][FYLM]"
PROTPARAM = "Bio.SeqUtils.ProtParam.ProteinAnalysis"
KINDS = (
    Kind("gravy", PROTEIN, "", 2, 0.005, f"{PROTPARAM}.gravy; {KYTE}", by(lambda p: p.gravy())),
    Kind("charge_at_ph_7", PROTEIN, "e", 1, 0.2, f"{PROTPARAM}.charge_at_pH", by(lambda p: p.charge_at_pH(7.0))),
    Kind(
        "isoelectric_point",
        PROTEIN,
        "pH",
        2,
        0.1,
        "Bio.SeqUtils.IsoelectricPoint.IsoelectricPoint.pi",
        isoelectric_point,
    ),
    Kind(
        "molecular_weight_kda",
        PROTEIN,
        "kDa",
        1,
        0.1,
        f"{PROTPARAM}.molecular_weight",
        by(lambda p: p.molecular_weight() / 1000),
    ),
    Kind("aromatic_percent", PROTEIN, "%", 1, 0.05, "share of F, W, Y", lambda s: share(s, "FWY")),
    Kind("instability_index", PROTEIN, "", 1, 0.1, "Guruprasad et al. 1990, Protein Eng. 4:155", instability_index),
    Kind("aliphatic_index", PROTEIN, "", 1, 0.1, "Ikai 1980, J. Biochem. 88:1895", aliphatic_index),
    Kind("charged_percent", PROTEIN, "%", 1, 0.05, "share of D, E, K, R", lambda s: share(s, "DEKR")),
    Kind("basic_percent", PROTEIN, "%", 1, 0.05, "share of K and R", lambda s: share(s, "KR")),
    Kind("hydrophobic_percent", PROTEIN, "%", 1, 0.05, "share of A, F, I, L, M, V, W", lambda s: share(s, "AFILMVW")),
    Kind(
        "charge_ratio_ek_qh",
        PROTEIN,
        "ratio",
        2,
        0.005,
        "Farias and Bonato 2003, Genet. Mol. Res. 2:383",
        charge_ratio,
    ),
    Kind("hydrophobic_segment", PROTEIN, "sites", 0, 0, KYTE, hydrophobic_segments),
    Kind("glycosylation_site", PROTEIN, "sites", 0, 0, "PROSITE PS00001", matches("N[^P][ST][^P]")),
    Kind(
        "heavy_chain_cdr3",
        PROTEIN,
        "sites",
        0,
        0,
        "Kabat et al. 1991, Sequences of Proteins of Immunological Interest",
        heavy_chain_cdr3,
    ),
    Kind("rgg_box", PROTEIN, "sites", 0, 0, "Thandapani et al. 2013, Mol. Cell 50:613", matches("RGG")),
    Kind("rnp1_motif", PROTEIN, "sites", 0, 0, "PROSITE PS00030", matches(RNP_1)),
)
