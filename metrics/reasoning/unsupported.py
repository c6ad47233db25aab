"""Concrete claims about this molecule that no sequence can confirm: experiments, databases, homology, citations."""

import re
from collections.abc import Iterator

from metrics.reasoning.background import ANCHOR, HYPOTHESIS
from metrics.reasoning.findings import UNSUPPORTED, Finding
from metrics.reasoning.text import Clause


METHOD = (
    r"(?:[\w-]*(?:seq|metry|graph(?:y|ic)|scop(?:y|ic)|phoresis|genesis|printing|profiling|sequencing|titrations?|"
    r"precipitation|fluorometer|blots?|blotting)|(?:ChIP|e?CLIP)(?:-\w+)?|CAGE|MPRA|q?(?:RT-?)?PCR|EMSA|gel[- ]shift|"
    r"luciferase|reporter|crystal structures?|cryo-?EM|X-ray|NMR|circular dichroism|DSC|SPR|ITC|SHAPE|Hi-?C|ELISA|"
    r"SDS-?PAGE|plasmon resonance|knock-?(?:out|down)s?|pull-?downs?|assays?|experiments?|experimental(?:ly)?|"
    r"measurements?|screens?|probing|in vivo|in vitro|proteomics|purified protein|mutating)"
)
# What was done is told in the past; what it shows, in the present as well.
REPORTED = (
    r"(?:[a-z]{2,}ed|gave|drove|found|shown|saw|led|rose|fell|bound|ran|was|were|shows?|confirms?|reveals?|has|"
    r"demonstrates?|establish\w*|prov(?:es|en)|detects?|detection|reports?|lists?|places?|overlaps?|covers?|marks?|"
    r"supports?|indicates?|lies?|sits?|falls?|names?|calls?|assigns?|annotat\w+|returns?|hits?|describes?|classifies|"
    r"finds?|identif\w+|match\w*)"
)
SOURCE = (
    r"(?:JASPAR|UniProt(?:KB)?|ENCODE|Ensembl|RefSeq|GenBank|Pfam|InterPro|PROSITE|Rfam|PDB|BRENDA|KEGG|NCBI|"
    r"BLAST[pnx]?|FANTOM\d?|Roadmap|HOMER|TRANSFAC|miRBase|CATH|SCOP|dbSNP|ClinVar|GTEx|UCSC|EPD|Swiss-?Prot|"
    r"[\w-]*(?:database|atlas|repository|catalogue|compendium))"
)
AUTHORS = r"[A-Z][\w-]+(?: et al\.?,?| (?:and|&) [A-Z][\w-]+,?)"
YEAR = r"(?:19|20)\d\d[a-z]?"
SPECIES = r"(?:human|mouse|yeast|viral|bacterial)"
GENE = r"(?-i:(?!(?:TSS|UTR|DNA|RNA|AUG|ATG|ORF|CDS|PAM|CAP|RBS|[ACGTUN]+)\b)[A-Z][A-Z0-9-]{2,9})"
CELLS = r"(?:liver|brain|heart|kidney|muscle|blood|lung|HeLa|K562|HEK\w*|neurons?|stem cells|[\w-]+ (?:cells|tissue))"
RELATED = r"(?:identi(?:ty|cal)|similar(?:ity)?|homolog\w+)"
# By kind; each is a list of alternatives.
CLAIMS = {
    "experiment": (
        rf"\b{METHOD}\b[^.;]{{0,70}}?\b{REPORTED}\b",
        rf"\b{REPORTED}\b[^.;]{{0,45}}?\b(?:by|in|using|through|with|from) (?:[\w-]+ ){{0,3}}?{METHOD}\b",
        rf"\b(?:in|by) our (?:own )?(?:[\w-]+ ){{0,2}}?(?:{METHOD}|lab\w*|hands|group)\b",
        r"\b(?:was|were|has been|have been) (?:purified|crystalli[sz]ed|overexpressed|assayed|cloned)\b",
        r"\bwe (?:have )?(?:tested|assayed|probed|measured)\b",
        r"\bassays?\b[^.;]{0,40}\bthis (?:very|exact|same) ",
    ),
    "database": (
        rf"\b(?:according to|from|in) (?:the )?(?:[\w-]+ )?{SOURCE}\b",
        r"\b(?:listed|annotated|found|deposited|recorded|entry|search\w*|hits?)(?: (?:in|by|as|of|against|to))? "
        rf"(?:the )?(?:[\w-]+ )?{SOURCE}\b",
        rf"\b{SOURCE}\b(?: [\w-]+){{0,3}}? {REPORTED}\b",
    ),
    "homology": (
        rf"\b\d{{1,3}}(?:\.\d+)? ?% (?:sequence )?{RELATED}",
        rf"\b(?:share|show|has|have|exhibit|display|bear)\w* (?:an? )?(?:[\w-]+ ){{0,3}}?{RELATED} (?:to|with)\b",
        r"\bhomolog(?:ous|ues?|s)? (?:to|of|with) (?:the )?(?:human|mouse|yeast|bacterial|(?-i:[A-Z]))",
        r"\bortholog\w* (?:to|of)\b",
        r"\bconserved from [\w. ]+ to [\w. ]+",
        r"\bhighly conserved (?:across|among|in|between) (?:[\w-]+ ){0,3}(?:species|vertebrates|mammals|primates|"
        r"eukaryotes|bacteria|yeasts?|animals)",
    ),
    "citation": (
        rf"(?-i:\({AUTHORS}? ?{YEAR}(?:; [^()]*)?\))",
        rf"(?-i:\b{AUTHORS},? (?:\([^()]{{0,60}}{YEAR}[^()]{{0,40}}\)|{YEAR}))",
        r"\[\d{1,2}\]",
        r"\bdoi:",
        r"\bPMID",
    ),
    "locus": (
        rf"\b(?:upstream|downstream|promoter|intron|exon|part|start site|region|\d'? ?UTR) of (?:the )?(?:{SPECIES} )?"
        rf"{GENE}(?: gene| locus| transcript)?\b",
        rf"\b(?:the|{SPECIES}) {GENE} (?:gene|locus|promoter)\b",
        r"\b(?:on|of|from|to) (?:human |mouse )?chromosome (?:\d+|X|Y)\b",
        rf"\b(?:is|are|was) (?:\w+ly )?expressed in (?:the )?{CELLS}",
    ),
}
PATTERNS = {kind: re.compile("|".join(said), re.IGNORECASE) for kind, said in CLAIMS.items()}
# No statement about this molecule, or none that is made.
IDLE = re.compile(
    r"\b(?:would|could|should|may|might|must|need\w*|require\w*|recommend\w*|without|in the absence of|lack of|if|"
    r"no (?:experiment\w*|data|direct|assay|measurement|database|hits?)|not (?:\w+ )?(?:available|provided|known|"
    r"supported|indicated|expected|predicted|anticipated|detected|observed|examined|done|run)|cannot|can't|future|"
    r"further|expected|necessary|to (?:confirm|validate|verify|establish|test|prove)|impossible|unavailable|"
    r"predicted|inferred|anticipated|estimated|forecast|presumed|queried)\b|n't\b|'d\b",
    re.IGNORECASE,
)
THIS = re.compile(
    r"\b(?:this(?! (?:kind|type|sort|class))|it|its|these|the (?:sequence|protein|rna|dna|sirna|guide|fragment|"
    r"antibody|locus|region|transcript|enzyme|pair|promoter|enhancer|switch|variant|site|utr|leader)|"
    r"(?:exact|precise|very)(?:ly)? \w+)\b",
    re.IGNORECASE,
)
# Said of no molecule by name, and yet of the one at hand.
FOUND_OF_IT = re.compile(
    r"\b(?:BLAST|alignment|search|database)\w*\b[^.;]{0,40}?\b\d{1,3}(?:\.\d+)? ?%|\b(?:in|by) our\b|"
    r"\bwe (?:have )?(?:measured|tested|assayed|probed)\b|\bmutating\b",
    re.IGNORECASE,
)
# In a publication; indices and rules are only described there.
STUDIED = re.compile(
    r"\b(?:show\w*|found|finds|measured|reported|demonstrat\w+|tested|probed|observed|determined|solved|verified|"
    r"confirm(?:s|ed)|establish\w+|identif\w+|examined|studied|characteri[sz]ed)\b",
    re.IGNORECASE,
)
RULE_OF_THUMB = re.compile(
    r"\b(?:typical(?:ly)?|usual(?:ly)?|often|commonly|generally|in general|studies|many|most|several|such|previous|"
    r"various|each|every|families|class|known to)\b",
    re.IGNORECASE,
)


def unsupported_findings(clause: Clause) -> Iterator[Finding]:
    """The claims of a clause that a sequence cannot confirm."""
    text = clause.text
    if HYPOTHESIS.search(clause.sentence) or IDLE.search(text):
        return
    if not (THIS.search(clause.sentence) or ANCHOR.search(clause.sentence) or FOUND_OF_IT.search(text)):
        return
    for kind, pattern in PATTERNS.items():
        match = pattern.search(text)
        if not match or (kind != "locus" and RULE_OF_THUMB.search(text) and not ANCHOR.search(text)):
            continue
        if kind == "citation" and not (THIS.search(clause.sentence) and STUDIED.search(text)):
            continue
        if kind in ("homology", "citation") and not clause.asserted:
            continue
        said, words = " ".join(match[0].split()), " ".join(text.split())
        yield Finding(kind, said, words, "", UNSUPPORTED, "nothing in the sequence can confirm it")
