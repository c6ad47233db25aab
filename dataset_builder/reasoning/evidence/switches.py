"""Parts of a toehold switch: toehold at the 5' end, ribosome-binding site in the loop, AUG in the stem."""

from dataset_builder.reasoning.evidence.kind import Kind, Site, find, motif
from dataset_builder.reasoning.evidence.structure import VIENNA, open_letters


RNA = ("rna",)
RIBOSOME_SITE = "AGAGGAGA"
TOEHOLD_NT = 12  # at the 5' end, which the trigger binds first


def first_start(sequence: str) -> tuple[Site, Site] | None:
    """The first ribosome-binding site and the first ATG behind it; an earlier one lies where the trigger binds."""
    site = next(iter(find(sequence, RIBOSOME_SITE)), None)
    start = next((atg for atg in find(sequence, "ATG") if site and atg.start > site.end), None)
    return (site, start) if site and start else None


def start_after_ribosome_site(sequence: str) -> int | None:
    """Letters between the ribosome-binding site and its ATG."""
    found = first_start(sequence)
    return found[1].start - found[0].end - 1 if found else None


def start_unpaired(sequence: str) -> int | None:
    """Unpaired letters of the ATG behind the ribosome-binding site."""
    found = first_start(sequence)
    return open_letters(sequence, found[1].start, found[1].end) if found else None


def ribosome_site_unpaired(sequence: str) -> int | None:
    """Unpaired letters of the first ribosome-binding site."""
    sites = find(sequence, RIBOSOME_SITE)
    return open_letters(sequence, sites[0].start, sites[0].end) if sites else None


def toehold_unpaired(sequence: str) -> int | None:
    """Unpaired letters of the first twelve."""
    return open_letters(sequence, 1, TOEHOLD_NT) if len(sequence) >= TOEHOLD_NT else None


GREEN = "Green et al. 2014, Cell 159:925"
FOLDED = f"{GREEN}; {VIENNA}"
KINDS = (
    Kind("toehold_unpaired_nt", RNA, "nt", 0, 0, FOLDED, toehold_unpaired),
    motif("ribosome_site", RIBOSOME_SITE, GREEN, RNA),
    Kind("ribosome_site_unpaired_nt", RNA, "nt", 0, 0, FOLDED, ribosome_site_unpaired),
    Kind("start_after_ribosome_site_nt", RNA, "nt", 0, 0, GREEN, start_after_ribosome_site),
    Kind("start_codon_unpaired_nt", RNA, "nt", 0, 0, FOLDED, start_unpaired),
)
