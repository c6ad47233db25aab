"""What is no claim on the molecules at hand: it holds in general, is only possible, or is said of other molecules."""

import re

from metrics.answers.general import generalizes
from metrics.reasoning.counts import NUMBER
from metrics.reasoning.letters import AMINO_ACIDS, BASES, named


# The molecules at hand.
ANCHOR = re.compile(
    r"\b(?:this|the|our|your|its|these|both|either|each) (?:(?:provided|given|present|submitted|query|input|whole|"
    r"entire|full|human|yeast|short|particular|exact|very|same|"
    r"\d+[- ]?(?:bp|nt|aa|nucleotide|residue)s?(?:[- ]long)?|[a-z]+-rich) ){0,3}"
    r"(?:sequences?|dna|rna|fragment|stretch|molecule|transcript|utr|leader|protein|chain|peptide|region|locus|guide|"
    r"sirna|target|switch|domain|antibody|antigen|promoter|enhancer|strand|5'|3'|variant|construct|segment)\b|"
    r"\bhere\b|\bthis one\b|\b(?:i|we) (?:see|find|found|observe|note|count|identif\w+|detect\w*)\b",
    re.IGNORECASE,
)
HYPOTHESIS = re.compile(
    r"^\W{0,9}(?:had|were|should) (?:it|there|they|one|this|an?|the)\b|"
    r"^\W{0,9}without an? (?=[^,]* (?:it|they|the \w+|one) (?:do|does|is|are|can|could|will|would)\b)|"
    r"\b(?:if(?! (?:\w+ (?:is|are) )?(?:written|read|counted)\b)|suppose|assuming|unless|hypothetical\w*|in case|"
    r"had (?:there|it|the \w+) been|were there|whether|by chance|a chance|"
    r"would (?:be(?! expected to (?!be|occur|lie))|have|need|require|look|read|show|occur|lie|sit|match|contain|"
    r"carry|count|qualify|pass|"
    r"start|end|begin|take|make)|"
    r"(?:might|may|could|can|would|should|to) (?:\w+ly )?be (?:expected|anticipated)(?! to (?!be|occur|lie)))\b",
    re.IGNORECASE,
)
HABIT = re.compile(
    r"\b(?:typically|usual(?:ly)?|often|commonly|generally|in general|normally|frequently|sometimes|tends? to|"
    r"(?:is|are) (?:well )?known to|studies|literature|for (?:instance|example)|by definition|refers? to|defined as|"
    r"in such cases|as a rule|rule of thumb|by itself|(?:is|are) (?:dis)?(?:favou?red|preferred|avoided)|recommended|"
    r"ideal(?:ly)?|optimal(?:ly)?|in (?:eukaryot|bacteri|prokaryot|human|yeast|mammal|vertebrat|many|most)\w*)\b",
    re.IGNORECASE,
)
LEAD = (
    r"\W{0,9}(?:(?:as|since|because|and|but|while|whereas|although|though|so|yet|or|that|when|where) )?"
    r"(?:(?:for example|for instance|also|thus),? )?"
)
# What a sequence has, as opposed to kinds of things: "lysines make up 12%".
PARTS = (
    rf"(?:(?:{named(AMINO_ACIDS)}|{named(BASES)})s?|residues?|amino acids|bases|nucleotides|letters|cpgs|purines|"
    r"pyrimidines|dinucleotides|(?:tri|tetra|hexa)mers|triplets|codons|a[ut]gs|copies|matches|occurrences|mutations|"
    r"substitutions|sequons|charges|runs|positions|counts)(?! (?:proteases?|kinases?|"
    r"hydrolases?|synthetases?)\b)"
)
NO_KIND = (
    r"(?!(?:this|the|these|its|both|there|no|none|multiple|several|it|as|his|plus|and|but|while|since|because|that|"
    r"when|"
    rf"where|among|in|at|of|on|from|with|within|by|to|a total|is|has|was|{PARTS}|{NUMBER}(?!')|"
    # no plurals
    r"contains|includes|occurs|appears|shows|reveals|returns|gives|makes|carries|bears|holds|lacks|sits|lies|starts|"
    r"begins|opens|ends|closes|reads|spells|spans|measures|numbers|totals|counts|equals|amounts|accounts|reaches|"
    r"comes|"
    r"looks|seems|works|turns|goes|runs|falls|adds|sums|suggests|indicates|means|implies|supports|points|leads|"
    r"yields|forms|folds|follows|stands|remains)\b)"
)
# After a plural or the name of a substance, any other word is a verb: "promoters contain".
NO_VERB = (
    r"(?!(?:and|or|but|of|in|at|on|to|for|from|with|within|by|near|not|as|than|per|via|between|across|along|around|"
    r"after|before|only|both|all|each|an?|the|this|its|here|about|almost|nearly|just|roughly|total|like|such|which|"
    r"that|is|was|were|has|lies|sits|occurs|starts|ends|[a-z]+(?:ed|ing)|seen|found|present|absent|number|make up|"
    rf"add up|account|dominate|outnumber|prevail|{NUMBER})\b)"
)
IS_THERE = (
    r"(?! (?:\w+ly |also )?(?:present|absent|missing|seen|observed|detected|visible|evident|located at|found|"
    r"identified|(?:up )?to \d|once|twice|\w+ times|(?:at|from) (?:nt |positions? |residues? )?\d|in the window))"
)
# "Promoters contain …", "Many promoters are …", "Proteins of this class bind …"
KIND = re.compile(
    LEAD
    + rf"(?:(?:many|most|some|all|such|certain|other|several types of) [^\d,.;:]{{2,60}}?|some|many|most|others|few|"
    r"(?:no single|not every|not all) \w+|(?:(?:about|roughly|nearly|over|almost) )?(?:an?|one|two|three|\d+ ?%)"
    r"(?: (?:small |large )?(?:half|third|thirds|quarter|quarters|fifth|tenth|minority|majority|fraction))? of "
    rf"(?!(?:[\w-]+ ){{0,2}}{PARTS}\b)(?:all |the )?(?:[\w-]+ ){{0,2}}?[\w-]+[^\Wsu\d]s|"
    rf"(?:{NO_KIND}[\w'/()-]{{1,40}} ){{0,4}}?{NO_KIND}(?:[\w'/-]{{2,}}[^\Wsu\d]s|dna|rna|chromatin))"
    r"(?: \([^()]{1,40}\))?"
    r" (?:(?:that|which|such as|of|with|in|from|near|at|close to|above|below|over|under) (?:[^\s;]+ ){1,6}?)?"
    rf"(?:\w+ly )?{NO_VERB}[a-z]+\b{IS_THERE}",
    re.IGNORECASE,
)
# "A TATA box is a sequence …", "the P-loop is one of …"
DEFINITION = re.compile(
    r"\W{0,9}(?!(?:there|this|it|these|they|here|that|we|i)\b)(?:an?|the)? ?[\w' /()-]{2,60}? (?:is|are) "
    r"(?:(?-i:an? [a-z])|one of|the (?:site|part|region))\b(?! (?:[\w-]+ )?(?:present|absent))",
    re.IGNORECASE,
)
# "In 5' UTRs, …", "In random DNA, …"
FIELD = re.compile(
    r"\W{0,9}in (?!(?:the|this|these|those|both|its|their|all|total|terms|other words)\b)"
    r"(?:[\w'-]+ ){0,3}(?:[\w'-]+[^\Wsu\d]s|dna|rna|vivo|vitro|nature|yeast), ",
    re.IGNORECASE,
)
# "A Kozak context GCCRCCAUGG assists initiation", "An AAUAAA signal lies 10-30 nt upstream of the cleavage site"
INDEFINITE = re.compile(
    LEAD + r"an? [^,;:]{2,60}? (?:\w+ly )?"
    r"(?:assists?|helps?|binds?|wraps?|needs?|requires?|covers?|recruits?|promotes?|lowers?|raises?|favou?rs?|"
    r"stabili[sz]es?|reduces?|increases?|prevents?|blocks?|directs?|marks?|consists?|comprises?|begins? with|"
    r"starts? with|ends? (?:with|in)|possesses|measures?|protects?|reach(?:es)?|weighs?|invades?|"
    r"has (?:about |some |around )?(?:two|three|four|\d)|is (?-i:[A-Z]{4})|"
    r"(?:lies|sits|is (?:located|found|placed)) [^,;]*\b(?:up|down)stream of)\b",
    re.IGNORECASE,
)
# "TBP binds TATAAA", "the consensus for YY1 is AAGATGGCGGC", "Y66H gives blue", "elsewhere in the genome"
KNOWLEDGE = re.compile(
    r"\W{0,9}(?:and |but |while )?(?:the )?(?!ViennaRNA|RNAfold|ProtParam|Biopython)"
    r"(?:(?-i:[A-Z])[\w/-]* and )?(?-i:[A-Z])[\w/-]* (?:\w+ly )?"
    r"(?:binds?|recogni[sz]es?|likes?|prefers?|favou?rs?|uses?|needs?|requires?|terminates?|methylat\w+|cleaves?|cuts|"
    r"shifts?|gives|turns|stacks?|contacts?|catalys\w+|red-?shifts?|blue-?shifts?|is an? (?:well[- ])?known)\b|"
    r".*\bconsensus (?:sequence |motif )?(?:(?:for|of) [^.;]{1,30}? )?(?:is|reads) (?-i:[A-Z\"])|"
    r".*\b(?:residue|amino acid|base|letter)s? (?:of|in) (?:[a-z]+ )?(?:proteins|enzymes|genomes|genes|nature)\b|"
    r".*\b(?:elsewhere|a random|(?:for|in|as a|by way of) (?:comparison|orientation|reference|context|illustration)|"
    r"textbook|E\. coli|adenovir\w+|SV40|phage|et al|(?:of|has) the form)\b|"
    r".*\b(?:average|mean|typical|ordinary) [^,;]{2,50}? (?:of an?|in [a-z]+s|has|have|weighs?|spans?|is about)\b|"
    r"\W{0,9}(?:the )?(?:(?:budding |baker's )?(?:yeast|human|mouse|mammal\w*|bacteria\w*)s? (?:genomes? )?"
    r"(?:has|have|averages?))\b|"
    r"\W{0,9}(?:typical|common|well-known|classic(?:al)?|examples?)\b[^.;:]{0,30}:",
    re.IGNORECASE,
)
# "A GC content above 70% is unfavourable"
THRESHOLD = re.compile(
    r"\W{0,9}an? [\w /-]{2,30} (?:above|below|over|under|between|beyond|exceeding) [^,;]* (?:is|are|would|makes?)\b",
    re.IGNORECASE,
)
AT_HAND = re.compile(
    r"\b(?:at|from) (?:nt |position |residue )?\d|\bpositions? \d|\bresidues? \d|\(\d{1,3}(?:-\d+)?\)", re.IGNORECASE
)
OTHER_MOLECULE = (
    r"(?:E[GYCB]FP|YFP|CFP|BFP|sfGFP|superfolder(?: GFP)?|roGFPs?|Venus|Cerulean|mCherry|DsRed|T?p53|"
    r"(?:chymo)?trypsin|papain|subtilisin|pepsin|lysozyme|barnase|ribonuclease A|ubiquitin|"
    r"ha?emoglobin|myoglobin|insulin|EGFR|K?RAS|BRAF|CFTR|HXB2)"
)
# "chymotrypsin has S195", "S195 of chymotrypsin", "F64L (EGFP)", "in its own numbering"; not "like EGFP".
OF_ANOTHER = re.compile(
    rf"^\W{{0,9}}(?:(?:the|by|and|but|while|whereas) )*(?:[\w-]+ )?{OTHER_MOLECULE}\b|"
    rf"(?<!as )(?<!like )\b(?:of|in) (?:the )?{OTHER_MOLECULE}\b|\({OTHER_MOLECULE}\)|{OTHER_MOLECULE} \([A-Z]\w*\d|"
    rf"\b(?:in|by) its own numbering\b|"
    r"\b(?:HXB2|Kabat|Chothia|IMGT)\b",
    re.IGNORECASE,
)
LEFT_OUT = re.compile(
    r"\b(?:is|are|was|were|been) (?:not (?:included|counted|considered|part)|excluded|left out|ignored|disregarded|"
    r"mentioned (?:\w+ )?for)\b",
    re.IGNORECASE,
)
# Letters and numbers are of one molecule, whatever the subject.
MEASURED = re.compile(r"\d|\b[A-Z]{3,}\b|\b(?:once|twice|times)\b")
OF_PARTS = re.compile(rf"\W{{0,9}}(?:[\w-]+ )?{PARTS}\b", re.IGNORECASE)
NUMBERED = re.compile(rf"\W{{0,9}}{NUMBER}\b", re.IGNORECASE)  # "Nine prolines …"
# A consensus is quoted to explain it, unless it is said to be here or not to be here.
CONSENSUS = re.compile(r"(?=[ACGTU]*[RYSWKMBDHVN])[ACGTURYSWKMBDHVN]{3,}")
ANY_RESIDUE = re.compile(r"(?=[^Xx]*[Xx])[A-Zx()\d,\[\]/-]+")
HERE_BEFORE = re.compile(
    r"\b(?:contain|ha(?:s|ve)\b|includ|presence|absence|carr(?:y|ies)|there (?:is|are)|find|found|no\b|not\b|lacks?|"
    r"without|nor\b|neither)\w*[^,;:]{0,30}$",
    re.IGNORECASE,
)
HERE_AFTER = re.compile(
    r"[\"'),]*\s?(?:[\w-]+ ){0,3}?(?:(?:is|are|was|were) (?:\w+ )?(?:present|found|absent|missing|seen|detected|"
    r"there)|"
    r"occurs?|does not|matches|at (?:nt |position )?\d|positions?|\(?\d|x ?\d)\b",
    re.IGNORECASE,
)


def asserts(text: str) -> bool:
    """Whether a clause speaks of the molecules at hand, and of what is."""
    if HYPOTHESIS.search(text) or HABIT.search(text):
        return False
    return ANCHOR.search(text) is not None or not is_background(text)


def is_background(text: str) -> bool:
    """Whether a clause that does not point at the molecules at hand says nothing of them."""
    if FIELD.match(text) or KIND.match(text) or DEFINITION.match(text) or is_of_another(text) or LEFT_OUT.search(text):
        return True
    if (INDEFINITE.match(text) or KNOWLEDGE.match(text) or THRESHOLD.match(text)) and not AT_HAND.search(text):
        return True
    if MEASURED.search(text) or NUMBERED.match(text) or OF_PARTS.match(text):
        return False
    return generalizes(text.strip().lower())


def is_of_another(text: str) -> bool:
    """Whether a clause speaks of another molecule, or in its numbering."""
    return OF_ANOTHER.search(text) is not None


def explains(text: str, start: int, end: int, protein: bool) -> bool:
    """Whether letters with ambiguous ones at text[start:end] are quoted as what is known, not as found."""
    return (
        (ANY_RESIDUE if protein else CONSENSUS).fullmatch(text, start, end) is not None
        and not HERE_BEFORE.search(text[:start])
        and not HERE_AFTER.match(text, end)
    )
