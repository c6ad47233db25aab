"""What is said of things in general, or of other molecules: no claim about the ones at hand."""

import re

from metrics.answers.general import generalizes
from metrics.reasoning.counts import NUMBER


# "In 5' UTRs, …", "In random DNA, …"
FIELD = re.compile(
    r"\W*in (?!(?:the|this|these|those|both|its|their|all|total|terms|other words)\b)"
    r"(?:[\w'-]+ ){0,3}(?:[\w'-]+[^\Wsu\d]s|dna|rna|vivo|vitro|nature|yeast), ",
    re.IGNORECASE,
)
# "A Kozak context GCCRCCAUGG assists initiation", "An AAUAAA signal lies 10-30 nt upstream of the cleavage site"
INDEFINITE = re.compile(
    r"\W*(?:(?:and|but|while|although|whereas|as|since|because) )?an? [^,;:]{2,60}? (?:\w+ly )?"
    r"(?:assists?|helps?|binds?|wraps?|needs?|requires?|covers?|recruits?|promotes?|lowers?|raises?|favou?rs?|"
    r"stabili[sz]es?|reduces?|increases?|prevents?|blocks?|directs?|marks?|consists?|comprises?|begins? with|"
    r"starts? with|ends? (?:with|in)|possesses|measures?|"
    r"has (?:two|three|four|\d)|(?:lies|sits|is (?:located|found|placed)) [^,;]*\b(?:up|down)stream of)\b",
    re.IGNORECASE,
)
# "TBP binds TATAAA", "the consensus for YY1 is AAGATGGCGGC", "Y66H gives blue", "elsewhere in the genome"
KNOWLEDGE = re.compile(
    r"\W*(?:and |but |while )?(?:the )?(?!ViennaRNA|RNAfold|ProtParam|"
    r"Biopython)(?:(?-i:[A-Z])[\w/-]* and )?(?-i:[A-Z])[\w/-]* (?:\w+ly )?"
    r"(?:binds?|recogni[sz]es?|likes?|prefers?|favou?rs?|uses?|needs?|requires?|terminates?|methylat\w+|cleaves?|cuts|"
    r"shifts?|gives|turns|stacks?|contacts?|catalys\w+|red-?shifts?|blue-?shifts?|is an? (?:well[- ])?known)\b|"
    r".*\bconsensus (?:sequence |motif )?(?:(?:for|of) [^.;]{1,30}? )?(?:is|reads) (?-i:[A-Z\"])|"
    r".*\b(?:elsewhere|for comparison|by way of illustration|textbook|E\. coli|adenovir\w+|SV40|phage|et al|"
    r"(?:of|has) the form)\b|"
    r"\W*(?:the (?:average|typical) (?:residue|protein|amino acid|gene|enzyme|(?:human )?promoter)|"
    r"(?:the )?(?:budding |baker's )?(?:yeast|human|mouse|mammal\w*|bacteria\w*)s? (?:genomes? )?(?:has|have|"
    r"averages?))\b|"
    r"\W*(?:typical|common|well-known|classic(?:al)?|examples?)\b[^.;:]{0,30}:",
    re.IGNORECASE,
)
# "A GC content above 70% is unfavourable"
THRESHOLD = re.compile(
    r"\W*an? [\w /-]{2,30} (?:above|below|over|under|between|beyond|exceeding) [^,;]* (?:is|are|would|makes?)\b",
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
    rf"^\W*(?:(?:the|by|and|but|while|whereas) )*(?:[\w-]+ )?{OTHER_MOLECULE}\b|"
    rf"(?<!as )(?<!like )\b(?:of|in) (?:the )?{OTHER_MOLECULE}\b|\({OTHER_MOLECULE}\)|\b(?:in|by) its own numbering\b|"
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
NUMBERED = re.compile(rf"\W*{NUMBER}\b", re.IGNORECASE)  # "Nine prolines …"
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


def is_background(text: str) -> bool:
    """Whether a clause that does not point at the molecules at hand says nothing of them."""
    if FIELD.match(text) or is_of_another(text) or LEFT_OUT.search(text):
        return True
    if (INDEFINITE.match(text) or KNOWLEDGE.match(text) or THRESHOLD.match(text)) and not AT_HAND.search(text):
        return True
    return not MEASURED.search(text) and not NUMBERED.match(text) and generalizes(text.strip().lower())


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
