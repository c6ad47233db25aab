"""An siRNA and its target: where it pairs, how stable its two ends are, and published rules of design.

The siRNA is given as its antisense strand (guide), 5' to 3'. Rules count positions in the sense strand of the 19-nt
core, which is the reverse complement of the guide's first 19 letters.
"""

from dataset_builder.reasoning.evidence.composition import gc_percent
from dataset_builder.reasoning.evidence.kind import Kind, Site, find, reverse_complement


RNA, PAIR = ("rna",), ("pair",)
CORE_NT, END_BP = 19, 4
SEED = slice(1, 8)  # guide positions 2 to 8


def target_sites(guide: str, target: str) -> list[Site]:
    """Every place of the target that pairs with the whole guide, or with its core: an overhang need not pair."""
    if not guide:
        return []
    return find(target, reverse_complement(guide)) or find(target, reverse_complement(guide[:CORE_NT]))


def paired_letters(guide: str, target: str) -> int:
    """The most letters of the guide that pair with the target in one placement without gaps, G-U not counted."""
    import numpy as np

    if not guide or len(target) < len(guide):
        return 0
    sense, letters = (np.frombuffer(s.encode(), np.uint8) for s in (reverse_complement(guide), target))
    windows = np.lib.stride_tricks.sliding_window_view(letters, len(sense))
    return int(((windows == sense) & (sense != ord("N"))).sum(axis=1).max())


def seed_sites(guide: str, target: str) -> list[Site]:
    """Every place of the target that pairs with guide positions 2 to 8."""
    return find(target, reverse_complement(guide[SEED])) if len(guide) >= SEED.stop else []


def end_asymmetry_kcal_per_mol(guide: str) -> float | None:
    """Energy of the first four base pairs at the guide's 5' end less that at its 3' end; above 0 favours the guide.

    Pairs are those of the guide with its complement, without overhangs, in the 19-nt core.
    """
    core = guide[:CORE_NT]
    if len(core) < 2 * END_BP or set(core) - set("ACGT"):
        return None
    return round(duplex_energy(core[:END_BP]) - duplex_energy(core[-END_BP:]), 2)


def duplex_energy(strand: str) -> float:
    """Free energy in kcal/mol of a strand with its complement, every base paired."""
    import RNA

    pairs = len(strand)
    return RNA.eval_structure_simple(f"{strand}&{reverse_complement(strand)}", f"{'(' * pairs}&{')' * pairs}")


def seed_gc_percent(guide: str) -> float | None:
    """GC of guide positions 2 to 8."""
    return gc_percent(guide[SEED]) if len(guide) >= SEED.stop else None


def ui_tei_rules_met(guide: str) -> int | None:
    """How many of Ui-Tei's four rules hold: guide begins with A/U, sense with G/C, A/U-rich first third of the guide
    (five or more of seven), no run of more than nine G/C."""
    if len(guide) < CORE_NT:
        return None
    core = guide[:CORE_NT]
    longest = max(map(len, core.replace("A", " ").replace("T", " ").split()), default=0)
    return sum((core[0] in "AT", core[-1] in "GC", sum(letter in "AT" for letter in core[:7]) >= 5, longest <= 9))


def reynolds_points(guide: str) -> int | None:
    """Reynolds' score without its criterion on hairpins (melting temperature): from -2 to 9.

    One point for 30 to 52% GC, one for each A/U at sense 15 to 19, for A at 19 and at 3, and for U at 10; one less for
    G/C at 19 and for G at 13.
    """
    if len(guide) < CORE_NT:
        return None
    sense = reverse_complement(guide[:CORE_NT])
    points = 30 <= 100 * sum(letter in "GC" for letter in sense) / CORE_NT <= 52
    points += sum(letter in "AT" for letter in sense[14:19])
    points += (sense[18] == "A") + (sense[2] == "A") + (sense[9] == "T")
    return int(points - (sense[18] in "GC") - (sense[12] == "G"))


KHVOROVA = "Khvorova et al. 2003, Cell 115:209; energies by ViennaRNA RNA.eval_structure_simple"
ELBASHIR = "Elbashir et al. 2001, Nature 411:494"
BARTEL = "Bartel 2009, Cell 136:215"
SEED_PAIRING = "Ui-Tei et al. 2008, Nucleic Acids Res. 36:7100"
KINDS = (
    Kind("target_site", PAIR, "sites", 0, 0, ELBASHIR, target_sites),
    Kind("target_paired_nt", PAIR, "nt", 0, 0, ELBASHIR, paired_letters),
    Kind("target_seed_site", PAIR, "sites", 0, 0, BARTEL, seed_sites),
    Kind("end_asymmetry_kcal_per_mol", RNA, "kcal/mol", 1, 0.05, KHVOROVA, end_asymmetry_kcal_per_mol),
    Kind("sirna_seed_gc_percent", RNA, "%", 1, 0.05, SEED_PAIRING, seed_gc_percent),
    Kind("ui_tei_rules_met", RNA, "count", 0, 0, "Ui-Tei et al. 2004, Nucleic Acids Res. 32:936", ui_tei_rules_met),
    Kind("reynolds_points", RNA, "points", 0, 0, "Reynolds et al. 2004, Nat. Biotechnol. 22:326", reynolds_points),
)
