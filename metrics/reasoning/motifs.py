"""Named elements: what a text may mean by them, and what it must not deny.

`loose` is the widest pattern that a biologist would accept behind the name: a text that claims the element is right
where it matches. `kind` or `strict` is the narrowest: a text that denies the element is wrong where it matches. Both
are None for elements so degenerate that neither claim can be refuted.
"""

import re
from dataclasses import dataclass

from dataset_builder.reasoning.evidence.kind import Site, find


@dataclass(frozen=True)
class Motif:
    """A named element.

    Attributes:
        name: shown in findings.
        called: pattern of its names.
        tags: molecules that it occurs in.
        loose, strict: IUPAC patterns, alternatives by `|`; regular expressions for proteins; None: cannot be refuted.
    """

    name: str
    called: str
    tags: tuple[str, ...]
    loose: str | None
    strict: str | None


DNA, RNA, PROTEIN = "dna", "rna", "protein"
SITE = (
    r"(?:[- ](?:boxes|box|elements?|motifs?|sites?|sequences?|consensus|binding sites?|"
    r"hexamers?|signals?|codons?|triplets?))"
)
MOTIFS = (
    Motif(
        "TATA box",
        rf"TATA[- ]?box(?:es)?|TATA{SITE}s?|Goldberg-Hogness box",
        (DNA,),
        "TATAA|TATAT|TATAG",
        "TATAAA|TATAWAWR",
    ),
    Motif(
        "TATA-like element",
        r"TATA-like (?:elements?|motifs?|sequences?|boxe?s?)",
        (DNA,),
        "TATA|TTATAA|TATTAA|TAAATA",
        "TATAA|TATAT",
    ),
    Motif(
        "initiator",
        r"\bInr\b(?: motifs?| elements?| sequences?)?|initiator(?: \(Inr\))?(?: (?:element|motif|"
        r"sequence)s?)?",
        (DNA,),
        None,
        None,
    ),
    Motif("DPE", r"\bDPE\b|downstream (?:core )?promoter elements?", (DNA,), None, None),
    Motif("BRE", r"\bBREu?d?\b|TFIIB recognition elements?", (DNA,), None, None),
    Motif(
        "GC box",
        r"GC[- ]box(?:es)?|Sp1(?:[- ]binding)?(?:[- ](?:sites?|motifs?|boxes|box|elements?))",
        (DNA,),
        "GGGCGG|GGGCGK|GGCGG",
        "GGGCGG",
    ),
    Motif("CCAAT box", rf"C?CAAT[- ]box(?:es)?|C?CAAT{SITE}|NF-Y{SITE}", (DNA,), "CCAAT|CAAT", "CCAAT"),
    Motif("E-box", r"E-box(?:es)?(?: motifs?| elements?)?", (DNA,), "CANNTG", "CACGTG"),
    Motif("AP-1 site", rf"AP-?1{SITE}|TRE{SITE}", (DNA,), "TGASTCA|TGANTCA", "TGASTCA"),
    Motif(
        "CRE",
        r"cAMP[- ]response elements?|\bCRE\b(?: sites?| motifs?)?|CREB{SITE}".replace("{SITE}", SITE),
        (DNA,),
        "TGACGTCA|TGACG|CGTCA",
        "TGACGTCA",
    ),
    Motif("ETS site", rf"ETS{SITE}", (DNA,), "GGAA|GGAT", "CCGGAAR"),
    Motif("GATA site", rf"GATA(?:-?\d)?{SITE}", (DNA,), "GATA", "WGATAR"),
    Motif("NF-kB site", rf"NF-?(?:κ|k|kappa)-?B{SITE}", (DNA,), "GGGRNWYYCC|GGGRNNYYCC", "GGGRNWYYCC"),
    Motif("YY1 site", rf"YY1{SITE}", (DNA,), "CCAT", "AAGATGGCGGC"),
    Motif("CTCF site", rf"CTCF{SITE}", (DNA,), "CCNNNAGRGGGCR|CCCTC|AGGGGGC|AGRKGGC", "CCNNNAGRGGGCR"),
    Motif(
        "CpG",
        r"CpGs?(?:[- ](?:dinucleotides?|sites?|motifs?|pairs?|steps?))?(?! ?-?(?:islands?|ratio|"
        r"density|content|o/e|obs|-rich|-dense|-poor|methylation|depletion))|CG dinucleotides?",
        (DNA, RNA),
        "CG",
        "CG",
    ),
    Motif(
        "start codon",
        r"(?:\bu|upstream )?(?:AUG|ATG)s?\b(?: (?:start |initiation )?(?:codons?|triplets?))|"
        r"\buAUGs?\b|(?:upstream )?(?:start|initiation) codons?(?: \(?(?:AUG|ATG)\)?)?",
        (DNA, RNA),
        "ATG",
        "ATG",
    ),
    Motif("stop codon", r"stop codons?|termination codons?", (DNA, RNA), "TAA|TAG|TGA", "TAA|TAG|TGA"),
    Motif(
        "polyadenylation signal",
        r"poly\(?-?A\)?[- ]?(?:denylation)? ?(?:signals?|hexamers?)(?!-like)|"
        r"polyadenylation (?:signals?|hexamers?)(?!-like)|(?-i:\bPAS\b)(?: hexamers?)?",
        (DNA, RNA),
        "AWTAAA|NNTAAA|AATANA",
        "AATAAA",
    ),
    Motif(
        "Shine-Dalgarno sequence",
        r"Shine-?[- ]?Dalgarno(?: sequences?| motifs?)?|ribosom(?:e|al)[- ]binding sites?|\bRBS\b",
        (DNA, RNA),
        "GGAG|GAGG|AGGA",
        "AGGAGG",
    ),
    Motif("Kozak context", r"Kozak(?: (?:consensus|sequences?|context))*", (DNA, RNA), None, None),
    Motif("DRACH site", r"(?:D|R)RACH(?:[- ](?:motifs?|sites?|sequences?|consensus))?", (DNA, RNA), "DRACH", "DRACH"),
    Motif("AU-rich element", r"AU-rich elements?|(?-i:\bAREs?\b)", (RNA,), "ATTTA|TTATTT", "ATTTA"),
    Motif("G-quadruplex", r"G-?quadruplex(?:es)?(?: motifs?)?", (DNA, RNA), None, None),
    Motif("PAM", r"(?:canonical )?\bNGG PAM\b|\bPAM\b(?: sequence| site| motif)?", (DNA, RNA), None, None),
    Motif(
        "His tag",
        r"(?:hexa|poly)-?(?:histidine|his)[- ]tag|His-?(?:6|tag|6-tag)(?!\d)(?:[- ]tag)?|"
        r"6x ?-?His(?:[- ]tag)?",
        (PROTEIN,),
        "H{6}|H{5}|H{4}",
        "H{6}",
    ),
    Motif("FLAG tag", r"FLAG(?:-?tag| tag| epitope)", (PROTEIN,), "DYKDDDDK", "DYKDDDDK"),
    Motif(
        "N-glycosylation sequon",
        r"(?:N-(?:linked )?glycosylation|N-X-S/T|NX[ST]/?[ST]?) ?(?:sites?|motifs?|sequons?)|"
        r"\bsequons?\b",
        (PROTEIN,),
        "N[^P][ST]",
        "N[^P][ST][^P]",
    ),
    Motif(
        "Walker A motif",
        r"Walker[- ]?A(?: (?:motif|sequence|box))?|P-?loop(?: motif)?",
        (PROTEIN,),
        "[AG].{4}GK[ST]|G.{2,5}GK",
        "[AG].{4}GK[ST]",
    ),
    Motif("RGD motif", r"RGD(?: motif| sequence)", (PROTEIN,), "RGD", "RGD"),
    Motif("nucleophile elbow", r"nucleophile elbow", (PROTEIN,), "G.S.G", "G.S.G"),
)
CALLED = [
    (motif, re.compile(motif.called, re.IGNORECASE if motif.name not in ("CRE", "BRE", "DPE") else 0))
    for motif in MOTIFS
]


def sites(letters: str, pattern: str, protein: bool) -> list[Site]:
    """Every match of a pattern on the letters as given, overlapping ones included."""
    if not protein:
        return find(letters, pattern.replace("U", "T"))
    overlapping = re.finditer(f"(?=({pattern}))", letters)
    return [Site(match.start() + 1, match.end(1), match[1]) for match in overlapping if match[1]]
