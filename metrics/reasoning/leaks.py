"""Words of a text that was given the answer: it explains a label instead of reaching it."""

import re
from collections.abc import Iterator

from metrics.reasoning.findings import LEAK, Finding


ANSWER = r"(?:answer|label|solution|verdict|classification|annotation|conclusion|response|reply)s?"
OUTCOME = (
    r"(?:answer|label|solution|verdict|classification|annotation|conclusion|response|reply|outcome|result|value|score|"
    r"prediction|figure|number|class|category|family|output|target)s?"
)
QUANTITY = (
    r"(?:outcome|output|result|value|score|figure|number|class|category|family|Tm|melting (?:point|temperature)|"
    r"activity|efficiency|efficacy|fluorescence|MRL|EC number|modification|stability)"
)
# Before one of these: it was settled by someone else.
SETTLED = (
    r"(?:given|provided|supplied|stated|known|reported|expected|correct|true|right|gold(?:en)?|reference|standard|"
    r"official|model|actual|annotated|assigned|original|existing|desired|intended|required|labell?ed|"
    r"pre-?determined|specified|ground[- ]truth|target|disclosed)"
)
HANDED = (
    r"(?:given|provided|supplied|handed|told|disclosed|revealed|leaked|passed|attached|included|shipped|sent|shown)"
)
WITH = r"(?:alongside|together with|along with|next to|with|in|by)"
TASK = r"(?:prompt|question|task|exercise|problem|instruction|input|user)s?"
SOURCE = (
    r"(?:data ?set|benchmark|record|entry|row|file|metadata|annotation|key|header|hint|answer|label|source|prompt|"
    r"question|task|exercise|problem|instruction|input|user)s?"
)
SAYS = (
    r"(?:says?|states?|lists?|gives?|names?|tells?|told|records?|marks?|labels?|specif(?:y|ies)|indicates?|"
    r"mentions?|notes?|informs?|discloses?|disclosed|reveals?|revealed|contain(?:s|ed)|reads?)"
)
EARLY = r"(?:in advance|beforehand|up ?front|ahead of time|from the (?:outset|start|beginning)|already)"
I_WAS = r"(?:i|we)(?:'ve| have| had| am| are| was| were)?(?: been)?(?: already)?"
JUSTIFY = r"(?:justify|defend|argue for|explain|support|reproduce|match|reach|arrive at|agree with)"
AGREES = (
    r"(?:according to|based on|consistent with|in (?:agreement|line) with|match(?:es|ing)?|per|supports?|"
    r"confirm(?:s|ed by)|agrees? with|aligns? with|hits?|reach(?:es)?|given)"
)
# By what is told; each is a list of alternatives, from word to word.
LEAKS = {
    "it has an answer key": (
        r"(?:answer|solution|marking|scoring) (?:key|sheet|list|book)",
        r"(?<!no )ground[- ]?truth",
        rf"(?:the|your|this|its|my|an?) (?:already )?(?:{SETTLED} )+(?:final )?{ANSWER}",
        r"(?:standard|reference|expected|model|official|gold(?:en)?) (?:answer|label|solution)s?",
        r"the label (?:is|was|being|says|states|indicates|given|provided|tells|shows|reads|assigned|marks|confirms)",
        rf"(?:the|a) (?:given|supplied|provided|disclosed|target) (?:\w+ )?{QUANTITY}"
        r"(?! of the sequence| list| names| options)",
        r"the known (?:EC number|class|family|MRL|Tm|outcome|result|value|score|activity|efficiency)",
        r"the key (?:that|which) (?:came|comes|was|is)",
    ),
    "it agrees with a given answer": (
        rf"{AGREES} (?:the|your|its) (?:{SETTLED} )*(?:answer|label|solution|hint|response)s?(?! (?:is|of the)\b)",
        rf"{AGREES} the (?:desired|intended|target|required|supplied|true) {OUTCOME}",
    ),
    "the answer was handed over": (
        rf"(?:{OUTCOME}|key|note|metadata)\b[^.;,]{{0,30}}? {HANDED} to (?:me|us)",
        rf"(?:{OUTCOME}|key|note|metadata)\b[^.;,]{{0,30}}? {HANDED} {WITH} (?:the|this|my|your) {SOURCE}",
        rf"{HANDED} (?:as|in|by|with) the (?:{SETTLED} )?(?:answer|label|metadata|hint|solution)",
        r"(?:answer|label)s? (?:that )?(?:(?:was|is|has been|you|i was|we were) )?(?:provided|given|supplied|gave)"
        r"(?! (?:below|here|by the (?:model|parser)))",
        rf"{I_WAS} (?:{HANDED}|informed|given to understand|received)\b[^.;]{{0,25}}\b(?:{ANSWER}|outcome|that)",
        r"(?:output|answer|label|solution|target) (?:that )?(?:i|we) (?:(?:was|have|had) )?(?:received|got|given)",
        rf"{HANDED} (?:the|a) (?:\w+ )?(?:label|answer|solution)",
        r"(?:revealed|disclosed|leaked) to (?:me|us)",
        rf"{OUTCOME} (?:that is |which is )?(?:stored|recorded|listed|attached|kept|given|supplied) "
        rf"(?:with|for|in|beside) (?:this|the) (?:item|example|pair|{SOURCE})",
        rf"(?:{OUTCOME}) (?:column|field) (?:of|in|for) (?:this|the) (?:item|example|{SOURCE})",
    ),
    "the answer was known before": (
        rf"{I_WAS} (?:know|knew|known|told|informed|seen|shown|learned)\b[^.;,]{{0,30}}\b(?:{ANSWER}|{EARLY})",
        r"(?:i|we) (?:are|were|am|was) (?:already )?(?:told|informed) that(?! the (?:sequence|RNA|DNA|protein)\b)",
        rf"knowing (?:{EARLY} )+(?:that|the|what|how)",
        rf"(?:knowing|given that|since) (?:that )?the (?:{SETTLED} )+{OUTCOME}",
        rf"(?:{EARLY}|having) (?:know|knew|known|seen|been {HANDED})\b[^.;]{{0,50}}?\b{OUTCOME}",
        rf"{OUTCOME} (?:is|was) (?:already )?(?:known|fixed|settled|decided) (?:to (?:me|us)|{EARLY})",
        rf"{OUTCOME} (?:is|was) (?:already )?known to be (?:\d|positive|negative|yes|no)",
        rf"{OUTCOME} (?:is|was) (?:already )?known from the (?:data|train|test|record|entry|annotation|source)",
        r"given the (?:known|true|correct|reported|actual) \w+",
        rf"(?:i|we) (?:(?:can|could|did) )?(?:see|peek|look)(?: at)? (?:the|your) (?:{SETTLED} )?{ANSWER}",
    ),
    "its source says so": (
        rf"(?:the|this|my|your|its|task|provided) (?:(?!the\b)[\w-]+ )?{SOURCE}(?: (?:statement|entry|row|file))?"
        rf"(?: (?:that|which) [^.;,]{{3,40}}?)? (?:already )?{SAYS}\b[^.;]{{0,40}}?"
        rf"\b(?:{OUTCOME}|as (?:positive|negative)|it is (?:positive|negative)|which form)",
        rf"(?:the|this) {TASK}(?: statement)? (?:already )?{SAYS} (?:us )?that "
        r"(?!.{0,40}\b(?:sequence|RNA|DNA|protein) (?:is|comes|was) (?:from|human|given|an?)\b)"
        r"[\w' -]{0,60}?\b(?:is|are|was|has|does|should be|equals|shows|belongs|remain\w*)",
        r"as (?:already )?(?:annotated|recorded|listed|labell?ed|stated|given|noted|specified|indicated|mentioned) "
        rf"(?:in|by) (?:the|its|this|your) (?:[\w-]+ )?{SOURCE}",
        rf"(?:{TASK}|someone|somebody|you|they) (?:(?:has|have|had) )?(?:already )?"
        r"(?:told (?:me|us)|disclos\w+|reveal\w*|g[ai]ves? away|let slip)",
        r"(?:task|provided|given|the) hint(?! of\b)",
        r"as (?:the )?hint(?:s|ed)?",
        rf"metadata {SAYS}",
        r"in (?:the )?(?:dataset|training data|benchmark),? (?:this|the) (?:\w+ )?"
        r"(?:sequence|example|entry|row|pair) is (?:labell?ed|annotated|marked)",
        r"(?:is|was|are) labell?ed (?:as )?\"?(?:positive|negative|true|false|1|0)",
        r"labell?ed (?:as )?[^.;]{0,40} in the (?:dataset|benchmark|training (?:data|set)|database)",
    ),
    "its reasons are made for the answer": (
        r"(?:work|reason|argu)\w* back(?:wards?)?",
        r"reverse[- ]engineer\w*",
        rf"rationali[sz]\w* (?:it|this|that|the (?:{SETTLED} )*{OUTCOME})",
        r"reason\w* (?:towards?|back to|up to) (?:it|that|this|the)",
        rf"(?:(?:asked|told|instructed|required|here|meant) to|must|have to|am to|should) {JUSTIFY} "
        rf"(?:the|this|that|an?|its) (?:{SETTLED} )*{ANSWER}",
        rf"{OUTCOME} (?:that |which )?(?:(?:i|we) (?:must|have to|am to|are to|should)|(?:is )?the one to) {JUSTIFY}",
        rf"(?:to|must|should) {JUSTIFY} the (?:given|provided|known|expected|correct|standard|required|label)\w*"
        r"(?! (?:sequence|context|fold))",
        r"(?:reasoning|explanation|analysis|argument|justification|features above)s? (?:only )?"
        r"(?:must|should|ha(?:s|ve) to|only have to|needs? to) (?:justify|explain|match|support|lead to|arrive)",
        r"(?:refin|rewrit|enhanc|polish|rephras|improv)\w*\b[^.;]{0,30}?"
        r"\b(?:given|provided|original|standard|existing|the|your|this) answer",
        r"answer to be refined",
        r"your refinement",
    ),
}
PATTERNS = {what: re.compile(rf"\b(?:{'|'.join(said)})\b", re.IGNORECASE) for what, said in LEAKS.items()}
# Said of the text's own answer: "the correct answer is no" alone gives nothing away.
OWN = re.compile(
    r"(?:the )?(?:correct|final|right|true|actual) (?:answer|label|classification|conclusion|response)s?"
    r"(?: (?:would|should|must|will) be| is| here is)?[\s:]*(?:therefore|thus|hence|:|is|would|should|be)",
    re.IGNORECASE,
)


def leak_findings(text: str) -> Iterator[Finding]:
    """Every place of a plain text that gives away that the answer was known."""
    for what, pattern in PATTERNS.items():
        for match in pattern.finditer(text):
            if not OWN.match(text, match.start()):
                words = " ".join(text[max(0, match.start() - 30) : match.end() + 40].split())
                yield Finding("leak", words, " ".join(match[0].split()), "", LEAK, f"it gives away that {what}")
