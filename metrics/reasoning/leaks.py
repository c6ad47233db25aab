"""Words of a text that was given the answer: it explains a label instead of reaching it."""

import re
from collections.abc import Iterator

from metrics.reasoning.findings import LEAK, Finding


ANSWER = (
    r"(?:answers?|labels?|conclusions?|outcomes?|solution|classification|annotation|result|"
    r"verdict|target value|score|value|prediction)"
)
OUTCOME = rf"(?:{ANSWER}|figure|number|class|category|response|reply|output|target)"
GIVEN = (
    r"(?:given|provided|supplied|stated|known|reported|expected|correct|true|gold(?:en)?|"
    r"reference|standard|official|model|actual|annotated|assigned|original|desired|intended|"
    r"labell?ed|pre-?determined|specified|ground[- ]truth|target)"
)
LEAKS = re.compile(
    "|".join(
        (
            r"\bstandard (?:answer|response|label|solution)\b",
            r"\bground[- ]?truth\b",
            r"\bgold(?:en)?[- ](?:standard )?(?:answer|label|response)\b",
            rf"\b(?:the|your|this|its) (?:{GIVEN}|already known) (?:final )?(?:answer|label|conclusion|"
            r"solution|verdict|classification|annotation|response)\b",
            r"\b(?:reference|answer key|expected|model|official|correct) answers?\b",
            r"\banswer key\b",
            r"\bthe label (?:(?:is|was|being|says|states|indicates|given|provided|tells|shows|of|for|"
            r"reads|assigned|marks|confirms)\b|(?:['\"(]))",
            r"\b(?:as|was|is|were|been) (?:already )?(?:given|stated|specified|indicated|provided|"
            rf"mentioned|noted|shown|described) (?:in|by) (?:the |your )?(?:{GIVEN} )?(?:answer|label|"
            r"solution|prompt|hint|reference|instruction|metadata)s?\b",
            r"\b(?:according to|based on|consistent with|in agreement with|in line with|matching|"
            r"matches|per|confirms?|confirmed by|supports?|agrees? with|aligns? with|given) (?:the |"
            rf"your |its )?(?:{GIVEN} )?(?:answer|label|solution|hint|response)s?\b(?!s? (?:is|"
            r"of the (?:gene|pathway)))",
            rf"\bgiven that the (?:{GIVEN} )?{OUTCOME} (?:is|was|are|equals|reads)\b",
            r"\b(?:the |this )?(?:problem|question|prompt|task|user|instruction|"
            r"exercise)(?: statement)? (?:already )?(?:states?|says?|tells us|specif(?:y|ies)|"
            r"indicates?|mentions?|gives?|provides?|notes?|informs us) (?:us )?that (?:the |this |it |"
            r"its )?(?!.{0,40}\b(?:sequence (?:is|comes|was) (?:from|human|given)|RNA is|"
            r"DNA is)\b)(?:final|[\w' -]{0,60}?(?:is|are|was|has|does|should be|equals|shows|belongs|"
            r"remain))",
            r"\b(?:we|i) (?:are|were|was|am|have been) (?:already )?(?:told|informed|"
            r"given to understand) (?:that|the)\b",
            r"\b(?:task|provided|given|the) hint\b(?! of\b)|\bas (?:the )?hint(?:s|ed)?\b|\bthe hint (?:says|"
            r"states|asks|suggests|indicates|tells)\b",
            rf"\b(?:we|i) (?:already )?know (?:that )?(?:the )?(?:{GIVEN} )?(?:final )?(?:answer|label)\b",
            rf"\b(?:provided|given|supplied|stated) (?:as|in) the (?:{GIVEN} )?(?:answer|label)\b",
            r"\b(?:answer|label) (?:that )?(?:was|is|has been|you|i was|we were) (?:provided|given|"
            r"supplied|gave|given to (?:me|us))\b(?! (?:below|here|by the model))",
            r"\b(?:to|must|should) (?:match|justify|support|reach|arrive at|explain|"
            r"reproduce) the (?:given|provided|known|expected|correct|standard|required|"
            r"label)\w*\b(?! (?:sequence|context|fold))",
            r"\b(?:refin|rewrit|enhanc|polish|rephras)\w+ (?:the |of the |your |this )?(?:given |"
            r"provided |original |standard )?answer\b",
            r"\banswer to be refined\b|\byour refinement\b",
            r"\bin (?:the )?(?:dataset|training data|benchmark),? (?:this|the) (?:\w+ )?(?:sequence|"
            r"example|entry|row|pair) is (?:labell?ed|annotated|marked)\b|\b(?:is|was|"
            r"are) labell?ed (?:as )?(?:positive|negative|\"|true|false|1\b|0\b)",
            r"\blabell?ed (?:as )?[^.;]{0,40} in the (?:dataset|benchmark|training (?:data|set)|database)\b",
            r"\b(?:the|a) given (?:Tm|melting (?:point|temperature)|value|score|activity|efficiency|"
            r"efficacy|fluorescence|class|family|"
            r"MRL|EC number|modification|stability)\b(?! of the sequence length)",
            r"\b(?:reasoning|explanation|analysis|argument|justification)s? (?:must|should|has to|have to|needs? to) "
            r"(?:justify|explain|match|support|lead to|arrive)\b",
            r"\b(?:answer|label)s? (?:provided|given|supplied)\b(?! by the (?:model|parser)| below)",
            r"\bgiven the (?:known|true|correct|reported|actual) \w+|\bthe known (?:EC number|class|"
            r"label|answer|MRL|Tm)\b",
            r"\bthe known (?:outcome|result|value|score|activity|efficiency)\b",
            # the reasons come after the answer
            r"\b(?:work|reason|argu)\w* back(?:wards?)?\b|\brationali[sz]\w* (?:it|this|that|the "
            rf"(?:{GIVEN} )?(?:{ANSWER}|figure|number))\b|\breverse[- ]engineer\w*|"
            r"\breason\w* (?:towards?|back to|up to) (?:it|that|this|the)\b",
            # it was known or told before
            r"\b(?:i|we)(?:'ve| have| had| am| are| was| were)? (?:been )?(?:already )?(?:told|informed|given|know|"
            r"knew|seen|"
            r"saw|shown|learned)\b[^.;,]{0,20}?"
            r"\b(?:in advance|beforehand|upfront|up front|ahead of time)\b",
            r"\bknowing (?:already |in advance |beforehand )+(?:that|the|what|how)\b",
            rf"\b{OUTCOME} (?:is|was) (?:already )?known (?:to (?:me|us|be (?:\d|positive|negative|yes|no))|"
            rf"beforehand|"
            r"in advance|from the (?:data|train|test|record|entry|annotation|source))",
            r"\b(?:user|prompt|question|task|instructions?|someone|somebody|you|they) (?:has |have |"
            r"had )?(?:already )?"
            r"(?:told (?:me|us)|disclos\w+|reveal\w*|g[ai]ves? away|let slip)\b",
            # it is to be defended
            rf"\b(?:(?:asked|told|instructed|required|here) to|must|have to|am to) (?:justify|defend|argue for|"
            rf"explain|support|reproduce) "
            rf"(?:the|this|that|an?|its) (?:{GIVEN} )?{OUTCOME}\b|\b{OUTCOME} (?:that |which )?(?:i|we) (?:must|"
            rf"have to|am to|are to|should) "
            r"(?:defend|justify|argue for|explain|support|reach|reproduce)\b",
            r"\b(?:match(?:es|ing)?|reach(?:es|ing)?|hits?|agree\w* with|consistent with|"
            r"in line with) the (?:expected|desired|intended|target|required|supplied|correct|true) "
            r"(?:answer|label|response|output|outcome|solution|verdict|classification|prediction)\b",
            rf"\b(?:already|having) (?:know|knew|known|seen|been (?:told|given|shown))\b[^.;]{{0,50}}?\b{OUTCOME}\b",
            rf"\b(?:i|we) (?:can |could |did )?(?:see|peek\w*|look\w*) (?:at )?(?:the|your) (?:{GIVEN} )?(?:answer|"
            rf"label|solution)\b",
            # it was handed over
            rf"\b(?:{OUTCOME}|key|note)\b[^.;,]{{0,20}} (?:handed|disclosed|revealed|leaked|supplied|passed|"
            rf"given) to (?:me|us)\b|"
            r"\b(?:revealed|disclosed|leaked) to (?:me|us)\b|\bmetadata (?:says?|states?|gives?|lists?|tells?|"
            r"shows?)\b",
            r"\bas (?:annotated|recorded|listed|labell?ed|stated|given|noted) in (?:the|its|this) (?:[\w-]+ )?"
            r"(?:record|entry|data ?set|source|metadata|file|row|annotation|header|key)\b",
            r"\bthe (?:supplied|provided) (?:figure|number|target|outcome|result|value|score|class|category|family|"
            r"EC number)\b(?! (?:list|names|options))",
            rf"\b(?:{ANSWER}|figure|class|note|metadata)s? (?:that (?:is|was|came) |which (?:is|was|came) )?"
            r"(?:supplied|provided|given|attached|included|shown|listed|shipped|sent) (?:alongside|together with|"
            r"along "
            r"with|next to|in|with|by) (?:the|this|my|your) (?:prompt|question|task|input|instructions?|row|record|"
            r"entry|"
            r"data ?set)\b",
            rf"\b(?:the|this|my|your) (?:data ?set|benchmark|record|row|entry|file|metadata|annotation|key|"
            rf"header)(?: entry| row| file)? "
            rf"(?:says?|lists?|gives?|names?|states?|records?|marks?|labels?|tells)\b[^.;]{{0,25}}?\b(?:{ANSWER}|"
            rf"class|"
            r"as (?:positive|negative))\b",
        )
    ),
    re.IGNORECASE,
)
# Said of the text's own answer: "the correct answer is no" alone gives nothing away.
OWN = re.compile(
    r"\b(?:the )?(?:correct|final) (?:answer|label|classification|conclusion|"
    r"response)s?(?: (?:would|should|must|will) be| is| here is)?[\s:]*(?:therefore|thus|"
    r"hence|:|is|would|should|be)",
    re.IGNORECASE,
)


def leak_findings(text: str) -> Iterator[Finding]:
    """Every place of a plain text that gives away that the answer was known."""
    for match in LEAKS.finditer(text):
        line = text[max(0, match.start() - 30) : match.end() + 40]
        if OWN.match(text, match.start()) and not re.search(
            r"\b(?:provided|given|standard|reference|key)\b", match[0], re.IGNORECASE
        ):
            continue
        words = " ".join(line.split())
        yield Finding(
            "leak", words, " ".join(match[0].split()), "", LEAK, "it speaks of an answer that was given to it"
        )
