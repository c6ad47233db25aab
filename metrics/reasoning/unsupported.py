"""Concrete claims about this molecule that no sequence can confirm: experiments, databases, homology, citations."""

import re
from collections.abc import Iterator

from metrics.reasoning.findings import UNSUPPORTED, Finding
from metrics.reasoning.text import ANCHOR, HYPOTHESIS, Clause


METHOD = (
    r"(?:ChIP(?:-?seq|-?exo|-?qPCR)?|CLIP(?:-?seq)?|eCLIP|RIP-?seq|CAGE|ATAC-?seq|DNase-?seq|"
    r"RNA-?seq|Ribo-?seq|MPRA|STARR-?seq|q?RT-?PCR|qPCR|PCR|western blots?(?:ting)?|"
    r"northern blots?|"
    r"EMSA|gel[- ]shift|luciferase|reporter|crystal structures?|crystallograph\w+|cryo-?EM|"
    r"X-ray|NMR|mass spectrometry|circular dichroism|CD spectroscopy|calorimetry|DSC|SPR|ITC|"
    r"mutagenesis|knock-?(?:out|down)s?|assays?|experiments?|experimental(?:ly)?|"
    r"measurements?|in vivo|in vitro|Hi-?C|ELISA|flow cytometry|neutrali[sz]ation assays?|"
    r"SHAPE|(?:ribosome|polysome) profiling|sequencing|microscopy|proteomics|screens?|SDS-?PAGE|chromatograph\w+|"
    r"surface plasmon resonance|isothermal titration\w*|probing|foot-?printing|pull-?downs?|co-?immunoprecipitation)"
)
RESULT = (
    r"(?:show\w*|confirm\w*|reveal\w*|demonstrat\w*|establish\w*|validat\w*|verif\w+|prov(?:e|"
    r"es|ed|en)|detect(?:s|ed|ing|ion)?|measured|"
    r"determined|found|indicat\w+|report\w*|reduced|yielded|gave|returned|solved|tested|probed|examined|observed|"
    r"support(?:s|ed)?)"
)
DATABASES = (
    r"(?:JASPAR|UniProt(?:KB)?|ENCODE|Ensembl|RefSeq|GenBank|Pfam|InterPro|PROSITE|Rfam|PDB|"
    r"BRENDA|KEGG|NCBI|BLAST[pnx]?|FANTOM\d?|Roadmap|HOMER|TRANSFAC|miRBase|CATH|SCOP|dbSNP|ClinVar|"
    r"GTEx|UCSC|EPD|Swiss-?Prot)"
)
CITATION = (
    r"\((?:[A-Z][\w-]+(?: (?:et al\.?|and|&) ?[A-Z]?[\w-]*)?,? (?:19|20)\d\d[a-z]?(?:; )?)+\)|"
    r"\b[A-Z][a-z]+ et al\.,? \(?(?:19|20)\d\d\)?|\b[A-Z][a-z]+ and [A-Z][a-z]+,? \((?:19|20)\d\d\)|"
    r"\b[A-Z][a-z]+ et al\.? ?\([^()]{0,60}(?:19|20)\d\d[^()]{0,40}\)|"
    r"\[\d{1,2}\]|\bdoi:|\bPMID"
)
PATTERNS = (
    (
        "experiment",
        re.compile(
            rf"\b{METHOD}\b(?:(?! may| might| could| would| can )[^.;]){{0,70}}?\b{RESULT}\b|"
            rf"\b(?:in|by) our (?:own )?(?:[\w-]+ ){{0,2}}?{METHOD}\b|\bwe (?:have )?(?:tested|assayed|probed)\b|"
            rf"\b{METHOD} (?:peaks?|signals?|reads|tags|data|footprints?) (?:\w+ly )?(?:overlap|cover|mark|fall|"
            rf"lie|sit|show|support)\w*\b|"
            r"\b(?:was|were|has been|have been) (?:purified|crystalli[sz]ed|overexpressed|assayed|cloned)\b|"
            rf"\b{RESULT}\b[^.;]{{0,45}}\b(?:by|in|using|through|with) (?:[\w-]+ ){{0,3}}?{METHOD}\b",
            re.IGNORECASE,
        ),
    ),
    (
        "database",
        re.compile(
            r"\b(?:according to|listed in|annotated (?:in|by|as)|found in|deposited in|recorded in|"
            r"entry in|from|in|search\w* (?:of|in|against)|hits? (?:in|against|"
            rf"to))\s(?:the )?(?:[\w-]+ )?{DATABASES}\b|\b{DATABASES} (?:database|search(?:es)?|entry|hits?|"
            rf"analysis|annotation|alignment)s?\b[^.;]{{0,40}}\b(?:{RESULT}|lists?|plac\w+|match\w*|"
            r"identif\w+|assigns?|"
            rf"annotates?)\b|\b{DATABASES} (?:lists?|names?|calls?|describes?|annotates?|classifies|has|returns?|"
            rf"finds?|"
            r"hits?|reports?) (?:it|this|that|the)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "homology",
        re.compile(
            r"\b\d{1,3}(?:\.\d+)? ?% (?:sequence )?(?:identi(?:ty|cal)|similar(?:ity)?|homolog\w+)|"
            r"\b(?:share|show|has|have|exhibit|display|bear)\w* (?:a |"
            r"an )?(?:[\w-]+ ){0,3}?(?:identity|homology|sequence similarity|similarity) (?:to|"
            r"with)\b|\bhomolog(?:ous|ue|ues|s)? (?:to|of|with) (?:the )?(?:human|mouse|yeast|"
            r"bacterial|E\. coli|[A-Z])|\bortholog\w* (?:to|of)\b|\bconserved from [\w. ]+ to [\w. ]+|"
            r"\bhighly conserved (?:across|among|"
            r"in|between) (?:[\w-]+ ){0,3}(?:species|vertebrates|mammals|primates|eukaryotes|bacteria|"
            r"yeasts?|animals)",
            re.IGNORECASE,
        ),
    ),
    ("citation", re.compile(CITATION)),
    (
        "locus",
        re.compile(
            r"(?:\b(?:upstream|downstream|promoter|intron|exon|part|start site|first exon|region|"
            r"\d'? ?UTR) of (?:the )?(?:(?:human|mouse|yeast|viral|"
            r"bacterial) )?(?-i:(?!(?:TSS|UTR|DNA|RNA|AUG|ATG|ORF|CDS|PAM|CAP|"
            r"[ACGTUN]+)\b)[A-Z][A-Z0-9-]{2,9})(?: gene| locus| transcript)?\b|\b(?:the|human|"
            r"mouse|yeast) (?-i:[A-Z][A-Z0-9-]{2,9}) (?:gene|locus|promoter)\b)(?=.{0,80})|\b(?:on|of|"
            r"from|to) (?:human |mouse )?chromosome (?:\d+|X|Y)\b|\b(?:is|are|was) (?:highly |strongly |"
            r"specifically |mainly )?expressed in (?:the )?(?:liver|brain|heart|kidney|muscle|blood|"
            r"lung|HeLa|K562|HEK|neurons?|stem cells|[\w-]+ (?:cells|tissue))",
            re.IGNORECASE,
        ),
    ),
)
# No statement about this molecule, or none that is made.
IDLE = re.compile(
    r"\b(?:would|could|should|may|might|must|need\w*|require\w*|recommend\w*|without|"
    r"in the absence of|lack of|no (?:experiment|data|direct)|not (?:\w+ )?(?:available|"
    r"provided|known|supported|indicated|expected|predicted|anticipated|detected|observed)|"
    r"cannot|can't|future|further|expected|if|necessary|to (?:confirm|validate|verify|"
    r"establish|test)|impossible|unavailable)\b|n't\b",
    re.IGNORECASE,
)
THIS = re.compile(
    r"\b(?:this|it|its|the (?:sequence|protein|rna|dna|sirna|guide|fragment|antibody|locus|"
    r"region|transcript|enzyme|pair|promoter|enhancer|switch|variant|site|utr|leader)|these)\b",
    re.IGNORECASE,
)
# Said of no molecule by name, and yet of the one at hand.
FOUND_OF_IT = re.compile(
    r"\b(?:BLAST|alignment|search|database)\w*\b[^.;]{0,40}?\b\d{1,3}(?:\.\d+)? ?%|\b(?:in|by) our\b|"
    r"\bwe (?:have )?(?:measured|tested|assayed|probed)\b",
    re.IGNORECASE,
)
STUDIED = re.compile(
    r"\b(?:show\w*|measur\w*|structures?|report\w*|f(?:ound|inds)|characteri[sz]\w*|"
    r"identif\w*|determin\w*|demonstrat\w*|observ\w*|solved|stud\w*|describ\w*|test(?:s|ed)|prob(?:ed|ing)|"
    r"examin\w*|publish\w*|"
    r"confirm\w*|previously|known)\b",
    re.IGNORECASE,
)
RULE_OF_THUMB = re.compile(
    r"\b(?:typical(?:ly)?|usual(?:ly)?|often|commonly|generally|in general|studies|many|most|"
    r"several|such|previous|various|each|every|families|class|known to)\b",
    re.IGNORECASE,
)


def unsupported_findings(clause: Clause) -> Iterator[Finding]:
    """The claims of a clause that a sequence cannot confirm."""
    text = clause.text
    if HYPOTHESIS.search(clause.sentence) or IDLE.search(text):
        return
    concrete = THIS.search(clause.sentence) or ANCHOR.search(clause.sentence) or FOUND_OF_IT.search(text)
    for kind, pattern in PATTERNS:
        match = pattern.search(text)
        if not match or not concrete:
            continue
        if kind != "locus" and RULE_OF_THUMB.search(text) and not ANCHOR.search(text):
            continue
        if kind in ("homology", "citation") and not clause.asserted:
            continue
        if kind == "citation" and not (THIS.search(text) and STUDIED.search(text)):
            continue
        yield Finding(
            kind,
            " ".join(match[0].split()),
            " ".join(text.split()),
            "",
            UNSUPPORTED,
            "nothing in the sequence can confirm it",
        )
