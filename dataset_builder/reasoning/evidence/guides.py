"""Features of a Cas9 guide with its PAM (23 letters: 20 of the spacer, then NGG)."""

from dataset_builder.reasoning.evidence.composition import gc_percent
from dataset_builder.reasoning.evidence.kind import Kind, Site, find
from dataset_builder.reasoning.evidence.structure import VIENNA, energy_kcal_per_mol


RNA = ("rna",)
SPACER_NT, SEED_NT, PAM_NT = 20, 12, 3


def spacer(sequence: str) -> str:
    """The letters before the PAM; empty unless the sequence has 23 letters."""
    return sequence[:SPACER_NT] if len(sequence) == SPACER_NT + PAM_NT else ""


def pam(sequence: str) -> list[Site]:
    """NGG as the last three of 23 letters."""
    return [site for site in find(sequence, "NGG") if spacer(sequence) and site.start == SPACER_NT + 1]


def spacer_gc_percent(sequence: str) -> float | None:
    """GC of the 20 letters before the PAM."""
    return gc_percent(spacer(sequence))


def seed_gc_percent(sequence: str) -> float | None:
    """GC of the 12 letters nearest to the PAM."""
    return gc_percent(spacer(sequence)[-SEED_NT:])


def last_of_spacer(sequence: str) -> str | None:
    """The letter next to the PAM."""
    return spacer(sequence)[-1:] or None


def spacer_energy(sequence: str) -> float | None:
    """The least free energy of the 20 letters before the PAM, in kcal/mol."""
    return energy_kcal_per_mol(spacer(sequence))


JINEK = "Jinek et al. 2012, Science 337:816"
DOENCH = "Doench et al. 2014, Nat. Biotechnol. 32:1262"
HSU = "Hsu et al. 2013, Nat. Biotechnol. 31:827"
KINDS = (
    Kind("pam", RNA, "sites", 0, 0, JINEK, pam),
    Kind("spacer_gc_percent", RNA, "%", 1, 0.05, DOENCH, spacer_gc_percent),
    Kind("seed_gc_percent", RNA, "%", 1, 0.05, HSU, seed_gc_percent),
    Kind("last_of_spacer", RNA, "letter", 0, 0, DOENCH, last_of_spacer),
    Kind("spacer_mfe_kcal_per_mol", RNA, "kcal/mol", 1, 0.05, VIENNA, spacer_energy),
)
