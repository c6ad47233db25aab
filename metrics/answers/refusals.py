"""Refusals, hedges and reasons: what a model says about its answer instead of answering.

All patterns are over text in lower case: ignoring the case is what makes a pattern of many words slow.
"""

import re

from metrics.answers.lexicon import WORD, words


# A verb that a model uses for answering.
ANSWERING = (
    r"(?:determin|help|predict|say|said|tell|told|answer|assess|provid|conclud|confirm|establish|infer|judg|estimat|"
    r"decid|giv|specif|assign|classif|analy[sz]|comput|assist|do (?:that|this)|read (?:off|from))\w*"
)
UNABLE = (
    r"can(?:no|')t|can not|could(?:n't| not)|(?:un|not )able to|(?:do not|don't) have the \w+ to|i lack the \w+ to"
)
NOT_AS = r"(?!(?:\w+ )?be classified as)"  # "cannot be classified as a promoter" is an answer
# Nothing is answered in a clause that says one of these.
REFUSAL = re.compile(
    rf"\b(?:(?:{UNABLE}|(?:impossible|not possible|difficult|hard) to) {NOT_AS}(?:\w+ ){{0,2}}?"
    rf"(?:(?:be )?{ANSWERING}|know|be (?:ruled out|excluded|(?:\S+ )?(?:sure|certain)))|"
    r"(?:do not|don't) (?:really )?know|no (?:idea|way (?:to|of)|basis (?:for|to|on))|not (?:sure|clear)|as an ai|"
    r"a language model|not applicable|n/a|null|unknown|unclear|uncertain|undetermined|inconclusive|"
    r"both (?:[^\s,]+ ){0,5}(?:possible|plausible)|"
    r"(?:not|cannot|\w+n't) (?:\w+ ){0,2}?(?:ruled? (?:\w+ )?out|excluded?)|"
    r"(?:need|requires?) (?:more|further|additional) \w+|"
    r"(?:you|one|we|researchers) (?:can|could|may|might|should|must|(?:would )?need to) "
    r"(?:use|run|try|perform|consult|apply|employ|conduct) (?!the )(?:(?! but | however )[^.;])*|"
    r"(?:insufficient|not enough|no|any) (?:\w+ )?(?:information|data|context)"
    r"(?!.{0,40}\b(?:suggest|support|indicat)))\b"
)
REFUSAL_WORDS = words(
    "can cannot could unable able impossible possible difficult hard know have lack idea way sure clear ai language "
    "applicable n null unknown unclear uncertain undetermined inconclusive need require requires information data "
    "context basis plausible rule ruled exclude excluded"
)
# The question itself is refused, so that statements beside it are background; doubts about certainty refuse nothing.
REFUSES = re.compile(
    rf"\b(?:{UNABLE}|(?:impossible|not possible|no way) to) {NOT_AS}(?:\w+ ){{0,2}}?(?:be )?{ANSWERING}"
    r"(?!.*\b(?:certain|sure|definit|confiden|guarante))"
)
GUESS = re.compile(r"\b(?:guess|probably|likely|perhaps|would|lean)")
# It is hard to tell, or more is needed than the model has: what it holds possible beside that is no answer.
NEEDS = re.compile(
    r"\b(?:hard|difficult) to (?:tell|say|know|judge|predict|determine)\b|"
    r"\b(?:need|requir)\w* .{0,40}\b(?:experiment|data|information|analys|valid|confirm|assay|chip)|"
    r"\b(?:experiment|data|information|analys|valid|confirm|assay)\w* .{0,40}\b(?:need|requir|necessary)"
)
NEED_WORDS = words("need needs needed require requires required requiring necessary hard difficult")
HEDGE = re.compile(r"\b(?:could|may|might|possibly|perhaps|at (?:high|low|elevated)|over time|under|when)\b")
# A guess, or a choice, that the model goes on to take back, confirm or narrow.
FIRST_THOUGHT = re.compile(
    r"\b(?:first (?:thought|guess|impression)|at first|initially|originally|candidates?|"
    r"(?:possible|plausible) (?:\w+ )?(?:classes|families|labels|types|options|choices|answers))\b"
)
# What follows such a heading gives reasons for what was said, and does not say it again.
REASONS = re.compile(
    r"\W*(?:(?:explanation|reason(?:ing)?|rationale|justification|notes?|disclaimer|alternatives?|"
    r"other possibilit(?:y|ies)|confidence)\W*:|(?:please )?note that|"
    r"(?:alternatives?|other (?:possibilit(?:y|ies)|candidates?|options?)) (?:included?|are|were|is|was|would)\b)"
)

# What holds of no case, by its subject: "Transcription factors bind motifs", "A promoter is the region".
UNSPECIFIED = (
    r"(?!(?:the|this|these|those|that|such|both|two|its|their|our|my|your|you|one|i|we|no|nothing|none|neither|it|they|"
    r"there|does|is|yes|which|although|though|while|since|because|given|as|if|multiple|several|numerous|conserved|"
    r"canonical|putative|potential|strong|clear|looks|lacks|contains|seems|appears|shows|carries|binds|interacts|"
    r"fails)\b)"
)
NO_VERB = (
    r"(?!(?:and|or|of|in|at|on|to|for|from|with|within|without|by|like|near|not|as|than|versus|via|between|across|per|"
    r"the|an?|any|this|no|is|was|has|suggest|support|indicate|imply|point|argue|favou?r|speak|make|match|agree|hint|"
    r"confirm|show|seem|appear|[a-z]+(?:ed|ing|[ai]ble|ent|ive|al|ic|ful|ly))\b)"
)
THINGS = rf"(?:{UNSPECIFIED}[\w/-]+,? ){{0,4}}?{UNSPECIFIED}[a-z][\w/-]*[^\Wsu]s(?: such as [^.;]{{1,40}}?)?"
THE_CASE = (
    r"(?:the|both|two|your) (?:\w+ )?(?:sequences?|proteins?|region|pair|molecules|rna|dna|antibody|antigen|virus|"
    r"strain|fragment|enhancer|promoter)(?! (?:elements|motifs))"
)
GENERAL = re.compile(
    rf"(?:(?:in general|but|however),? )?(?:(?=(?:\S+ ){{3}}){THINGS} {NO_VERB}[a-z]+|"
    rf"(?=(?:\S+ ){{3}}){UNSPECIFIED}[\w/-]+ (?:(?:can|may)(?! be)|marks|correlates|requires|depends|refers|involves|"
    r"occurs|varies|plays)\b|there are (?:many|various|different) |"
    r".{1,60} and [\w/-]+ are (?:the|all|examples|types) |"
    r"an? (?:[\w/-]+ ){1,4}?(?:is (?:the|an?)|refers to|consists of) )"
)
OF_THE_CASE = re.compile(
    r"\b(?:this|these|here|it|its|given|provided|above|present|absent|missing|lacking|lack|detect\w*|found|identif\w+|"
    r"predicted|expected|(?:un)?likely|probab\w+|evident|seen|observed|abundant|frequent|best|most|only|(?:suggest|"
    rf"indicat|favou?r|imply)ing|which (?:suggest|indicate|favou?r|implie|mean|make)s?|{THE_CASE})\b"
)
DEFINITION = re.compile(
    rf"(?!{THE_CASE} (?:is|means|refers))(?:the )?(?:[\w/-]+ ){{0,3}}?[\w/-]+(?: of an? [\w-]+)? "
    r"(?:is|refers to|means) (?:the|an?) (?:study|process|ability|capacity|property|measure|concentration|fraction|"
    r"amount|tendency|mechanism|degree|extent)\b"
)


def generalizes(text: str) -> bool:
    """Whether a sentence in lower case tells what holds in general, or defines a word."""
    return (GENERAL.match(text) is not None and not OF_THE_CASE.search(text)) or DEFINITION.match(text) is not None


def refuses(text: str) -> bool:
    """Whether some clause of the text refuses to answer."""
    text = text.lower()
    return not REFUSAL_WORDS.isdisjoint(WORD.findall(text)) and REFUSAL.search(text) is not None
