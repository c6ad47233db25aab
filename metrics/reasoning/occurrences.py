"""Where in a molecule a mention occurs, and whether that is where a text says."""

from dataclasses import dataclass

from dataset_builder.reasoning.evidence.kind import Site
from metrics.reasoning.mention import LETTER, QUOTED, Mention
from metrics.reasoning.molecules import Molecule
from metrics.reasoning.motifs import matches, of_kind, on_strands
from metrics.reasoning.places import ENDING, NEAR, NEAR_NT, WITHIN, Place


@dataclass(frozen=True)
class Scope:
    """Where to look.

    Attributes:
        strands: `+`, `-` or `+-`; of a protein or an RNA all are as given, unless only `-` is.
        region: 1-based ends that a site must overlap.
        strict: by the narrowest definition: what a text must not deny.
    """

    strands: str
    region: tuple[int, int] | None = None
    strict: bool = False


def occurrences(molecule: Molecule, mention: Mention, scope: Scope) -> list[Site]:
    """The sites of a mention in a molecule, in order."""
    strands = "+" if molecule.tag == "rna" and "+" in scope.strands else scope.strands
    found: set[Site] = set()
    if mention.kind:
        found |= set(of_kind(molecule.letters, mention.kind, strands))
    pattern = mention.strict if scope.strict else mention.loose
    if pattern and molecule.is_protein:
        found |= set(matches(molecule.letters, pattern, True))
    elif pattern:
        found |= set(on_strands(molecule.letters, pattern, strands))
    low, high = scope.region or (1, len(molecule.letters))
    return sorted(site for site in found if site.start <= high and site.end >= low)


def ways_to_count(molecule: Molecule, mention: Mention, scope: Scope) -> set[int]:
    """How many sites there are, overlapping or not, by the widest and the narrowest definition; of DNA whose strand is
    not named, on the given one or on both. Quoted letters beside the name of the other strand may be of either."""
    sides = {scope.strands}
    if mention.form != LETTER and scope.strands == "+-":
        sides = {"+", "+-"}
    if mention.form == QUOTED and scope.strands == "-":
        sides = {"+", "-", "+-"}
    ways = set()
    for side in sides:
        for strict in (False, True):
            found = occurrences(molecule, mention, Scope(side, scope.region, strict))
            ways |= {len(found), len(apart(found))}
            if scope.region:
                low, high = scope.region
                within = [site for site in found if low <= site.start and site.end <= high]
                ways |= {len(within), len(apart(within))}
    return ways


def apart(found: list[Site]) -> list[Site]:
    """Those that do not overlap, from the left."""
    kept: list[Site] = []
    for site in found:
        if not kept or site.start > kept[-1].end:
            kept.append(site)
    return kept


def is_at(place: Place, site: Site) -> bool:
    """Whether a site is at a place. A wider range is a region that holds it, a narrower one a part."""
    ends = (place.start, place.start if place.end is None else place.end)
    low, high = min(ends), max(ends)
    if place.mode == NEAR:
        return low - NEAR_NT <= site.start <= high + NEAR_NT
    if place.mode == ENDING:
        return site.end == place.start
    if place.end is None:
        return place.start == site.start or (site.strand == "-" and place.start == site.end)
    if place.mode == WITHIN or high - low > site.end - site.start:
        return low <= site.start and site.end <= high
    return (low, high) == (site.start, site.end) or site.start <= low <= high <= site.end
