"""Properties that are numbers: what they are called, how they are measured, and how exactly a text must state them.

A number is right if it is the measured one rounded or cut to the digits stated, or within the tolerance of the
property. Measures are the kinds of the evidence wherever it has one.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from dataset_builder.reasoning.evidence import KINDS
from metrics.reasoning.molecules import Molecule


@dataclass(frozen=True)
class Property:
    """A number that a sequence has.

    Attributes:
        name: shown in findings; the kind's where there is one.
        called: pattern of its names, before or after the number.
        tags: molecules that have it.
        unit: pattern of what may follow the number.
        tolerance: the largest difference that is right beyond rounding.
        about: likewise where the text says "about"; a share of the measured value where `relative`.
        measure: letters -> values, any of which is right; empty where it is not defined.
        needs_unit: without its unit the number is another one.
        signed: without a sign or its unit the number is another one.
    """

    name: str
    called: str
    tags: tuple[str, ...]
    unit: str
    tolerance: float
    about: float
    measure: Callable[[str], list[float]]
    relative: bool = False
    needs_unit: bool = False
    signed: bool = False


FOLDED_NT = 600  # in about a second
NUCLEIC, DNA, RNA, PROTEIN = ("dna", "rna"), ("dna",), ("rna",), ("protein",)


def kind(name: str) -> Callable[[str], list[float]]:
    """The measure of a kind of the evidence."""

    def measure(letters: str) -> list[float]:
        value = KINDS[name].measure(letters)
        return [] if value is None else [float(value)]

    return measure


def charges(letters: str) -> list[float]:
    """The charge at pH 7 by pK values, and the plain difference of charged residues."""
    return [*kind("charge_at_ph_7")(letters), float(sum(map(letters.count, "KR")) - sum(map(letters.count, "DE")))]


@lru_cache(maxsize=64)
def energies(letters: str) -> list[float]:
    """The least free energy, also of an RNA that is too long for the evidence to fold."""
    import RNA

    return [RNA.fold(letters.replace("T", "U"))[1]] if 0 < len(letters) <= FOLDED_NT else []


def gc_percents(letters: str) -> list[float]:
    """G and C among the known letters, and among all, N included."""
    return [*kind("gc_percent")(letters), *share(letters, "GC")]


def at_percents(letters: str) -> list[float]:
    """The same of A and T."""
    return [*(100 - value for value in kind("gc_percent")(letters)), *share(letters, "AT")]


def gu_percents(letters: str) -> list[float]:
    """G and U behind the first polyadenylation hexamer, and in all letters."""
    return [*kind("downstream_gu_percent")(letters), *share(letters, "GT")]


def share(letters: str, wanted: str) -> list[float]:
    """Percent of the letters that are wanted."""
    return [100 * sum(map(letters.count, wanted)) / len(letters)] if letters else []


def at_skew(letters: str) -> list[float]:
    """(A - T) / (A + T)."""
    a, t = letters.count("A"), letters.count("T")
    return [(a - t) / (a + t)] if a + t else []


def aromaticity(letters: str) -> list[float]:
    """Share of F, W and Y, in percent and as a fraction."""
    return [share for value in kind("aromatic_percent")(letters) for share in (value / 100, value)]


ENERGY = r"\s?kcal(?:/mol| per mole?|[ ·]mol-1)?\b"
PERCENT = r"\s?(?:%|percent\b|per cent\b)"
PROPERTIES = (
    Property(
        "gc_percent",
        r"\bG\+?/?C(?:[- ]?content|[- ]?percentage|[- ]?fraction|[- ]?proportion|"
        r"[- ]level)?\b(?![- ]?(?:skew|box|rich|poor|ratio|pairs?|clamp))|\bGC-(?:rich|"
        r"poor)(?= ?\(| at\b|, at\b)|\bguanine[- ](?:and|plus)?[- ]?cytosine content|\bG or C\b",
        NUCLEIC,
        PERCENT,
        0.1,
        2.0,
        gc_percents,
    ),
    Property(
        "at_percent",
        r"\bA\+?/?[TU](?:[- ]?content|[- ]?percentage|[- ]?fraction)?\b(?![- ]?(?:skew|box|rich|"
        r"poor|ratio|pairs?|hook))|\bA[TU]-rich(?= ?\()|\bA or [TU]\b",
        NUCLEIC,
        PERCENT,
        0.1,
        2.0,
        at_percents,
        needs_unit=True,
    ),
    Property("gc_skew", r"\bGC[- ]skew", NUCLEIC, "", 0.01, 0.05, kind("gc_skew")),
    Property("at_skew", r"\bA[TU][- ]skew", NUCLEIC, "", 0.01, 0.05, at_skew),
    Property(
        "cpg_observed_expected",
        r"(?:CpG )?(?:[Oo]bserved[-/ ]?(?:to|over|/)?[-/ ]?expected|"
        r"obs(?:erved)?/exp(?:ected)?\.?|o/e)(?: CpG)?(?:[- ](?:ratio|value))?(?: of CpG)?|"
        r"CpG ratio",
        NUCLEIC,
        "",
        0.01,
        0.06,
        kind("cpg_observed_expected"),
    ),
    Property(
        "mfe_kcal_per_mol",
        r"\bMFE\b|(?i:minimum[- ]free[- ]energy|(?:fold(?:ing)? |free )energ(?:y|ies))|\bdelta ?G\b|ΔG",
        RNA,
        ENERGY,
        0.15,
        1.0,
        energies,
        signed=True,
    ),
    Property(
        "mfe_kcal_per_mol",
        r"\b(?:RNAfold|ViennaRNA|[Ff]old(?:s|ed|ing)?|[Ss]tructure|[Ee]nergy)\b",
        RNA,
        ENERGY,
        0.15,
        1.0,
        energies,
        needs_unit=True,
        signed=True,
    ),
    Property(
        "charge_ratio_ek_qh", r"\(E \+ K\) / \(Q \+ H\)(?: ratio)?", PROTEIN, "", 0.01, 0.1, kind("charge_ratio_ek_qh")
    ),
    Property("downstream_gu_percent", r"\bG (?:and|or) U\b", RNA, PERCENT, 0.1, 2.0, gu_percents, needs_unit=True),
    Property("unpaired_percent", r"\bunpaired\b", RNA, PERCENT, 0.1, 2.0, kind("unpaired_percent"), needs_unit=True),
    Property(
        "hairpin_count",
        r"hairpin loops in the (?:predicted )?structure(?: of the [\w' -]{1,20}?)?(?= is|:)",
        RNA,
        "",
        0,
        1,
        kind("hairpin_count"),
    ),
    Property(
        "longest_stem_bp",
        r"longest (?:uninterrupted )?(?:stem|helix)",
        RNA,
        r"\s?(?:bp|base pairs)",
        0,
        1,
        kind("longest_stem_bp"),
        needs_unit=True,
    ),
    Property(
        "longest_reading_frame_codons",
        r"longest (?:complete )?(?:open )?reading frame",
        DNA,
        r"\s?codons",
        0,
        1,
        kind("longest_reading_frame_codons"),
        needs_unit=True,
    ),
    Property(
        "drach_to_middle_nt",
        r"(?:nearest|closest) (?:A of a )?DRACH (?:motif|adenosine|site)",
        RNA,
        r"\s?nt",
        0,
        1,
        kind("drach_to_middle_nt"),
        needs_unit=True,
    ),
    Property(
        "gfp_mutation_count",
        r"(?:number of )?(?:substitutions|mutations) (?:against|relative to|compared (?:with|to)|from) (?:av)?GFP|"
        r"compared with avGFP",
        PROTEIN,
        "",
        0,
        1,
        kind("gfp_mutation_count"),
    ),
    Property("isoelectric_point", r"\bpI\b|(?i:isoelectric point)", PROTEIN, "", 0.1, 0.35, kind("isoelectric_point")),
    Property(
        "gravy",
        r"\bGRAVY\b(?: score| index| value)?|(?:mean |average |grand average of )(?:hydropath\w*|"
        r"hydrophobicity)|hydropathy(?: index| score| value)?|Kyte-Doolittle (?:value|score|index|hydropathy|"
        r"average|mean)",
        PROTEIN,
        "",
        0.02,
        0.06,
        kind("gravy"),
    ),
    Property(
        "charge_ph7",
        r"(?:net|overall|total|formal) charge|\bcharge(?: of|(?:,? at)? pH (?:of )?7(?:\.\d)?|(?: at (?:neutral|"
        r"physiological) pH))",
        PROTEIN,
        "",
        0.3,
        1.1,
        charges,
    ),
    Property("instability_index", r"instability(?: index| score)?", PROTEIN, "", 0.3, 1.5, kind("instability_index")),
    Property("aliphatic_index", r"aliphatic index", PROTEIN, "", 0.5, 2.0, kind("aliphatic_index")),
    Property(
        "molecular_weight",
        r"(?i:molecular (?:weight|mass))|\bMW\b|(?i:\bmass\b|\bweigh(?:s|ing|t)?\b|\b(?:chain|protein|peptide|"
        r"polypeptide)(?= of (?:about |around |roughly |~)?[\d.,]+ k?Da\b)|(?<=kDa )(?:protein|chain|enzyme|peptide|"
        r"polypeptide)\b)|(?:^|(?<=[(,;] )|(?<=\())(?=(?:about |~|≈ ?)?\d[\d.,]*\s?kDa\b)",
        PROTEIN,
        r"\s?k?Da\b|\s?kilodaltons?|\s?daltons?",
        0.01,
        0.03,
        kind("molecular_weight_kda"),
        relative=True,
        needs_unit=True,
    ),
    Property("aromaticity", r"aromaticity", PROTEIN, "", 0.005, 0.02, aromaticity),
)
MEASURES = {prop.name: prop.measure for prop in PROPERTIES} | {"length": lambda letters: [float(len(letters))]}
NAMED = [
    (
        prop,
        re.compile(
            rf"(?i:{prop.called})"
            if prop.name
            not in (
                "gc_percent",
                "at_percent",
                "isoelectric_point",
                "mfe_kcal_per_mol",
                "gc_skew",
                "at_skew",
                "cpg_observed_expected",
                "molecular_weight",
            )
            else prop.called
        ),
    )
    for prop in PROPERTIES
]


def right(prop: Property, stated: float, digits: int, about: bool, measured: float) -> bool:
    """Whether a stated number is the measured one: rounded or cut to its digits, or within the tolerance."""
    off = abs(stated - measured)
    allowed = prop.about if about else prop.tolerance
    if prop.relative:
        allowed *= abs(measured)
    return off <= allowed + 1e-9 or off < 10.0**-digits - 1e-9


def values_of(prop: Property, molecule: Molecule, letters: str | None = None) -> list[float]:
    """The property of a molecule, or of a part of it."""
    return prop.measure(molecule.letters if letters is None else letters)
