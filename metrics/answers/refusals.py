"""Refusals, hedges and reasons: what a model says about its answer instead of answering.

All patterns are over text in lower case: ignoring the case is what makes a pattern of many words slow.
"""

import re

from metrics.answers.lexicon import Cued, words, words_of


# A verb that a model uses for answering.
ANSWERING = (
    r"(?:determin|help|predict|say|said|tell|told|answer|assess|provid|conclud|confirm|establish|infer|judg|estimat|"
    r"decid|giv|specif|assign|classif|analy[sz]|comput|assist|do (?:that|this)|read (?:directly )?(?:off|from))\w*"
)
UNABLE = (
    r"can(?:no|')t|can not|could(?:n't| not)|(?:un|not )able to|(?:do not|don't) have the \w+ to|i lack the \w+ to"
)
NOT_AS = r"(?!(?:\w+ )?be classified as)"  # "cannot be classified as a promoter" is an answer
# Nothing is answered in a clause that says one of these.
REFUSAL = re.compile(
    rf"\b(?:(?:{UNABLE}|(?:impossible|not possible|difficult|hard) to) {NOT_AS}(?:\w+ ){{0,2}}?"
    rf"(?:(?:be )?{ANSWERING}|know|be (?:ruled out|excluded|(?:\S+ )?(?:sure|certain)))|"
    r"(?:impossible|not possible) to identify (?:it|them|this|these|which|whether)|"
    r"(?:not|\w+n't) directly (?:encode|reveal|indicate|determine|specify|tell)|"
    r"can be (?:\w+ed) (?:with|by|using) (?:\w+ ){0,2}?(?:tools?|software|programs?|servers?|methods?)\b[^.;]*|"
    r"(?:will not|won't|not going to) (?:guess|speculate)|"
    rf"(?:{UNABLE}) (?:see|find) (?:an?|any|the|your) (?:\w+ )?sequence|"
    r"recommend (?:submitting|using|running|trying|consulting|performing) [^.;]*|"
    r"(?:do not|don't) (?:really )?know|no (?:idea|way (?:to|of)|basis (?:for|to|on))|"
    r"not (?:at all |really |entirely |quite |so )?(?:sure|clear)|as an ai|"
    r"a language model|not applicable|n/a|null|unknown|unclear|uncertain|undetermined|inconclusive|"
    r"both (?:[^\s,]+ ){0,5}(?:possible|plausible)|"
    r"(?:not|cannot|\w+n't) (?:\w+ ){0,2}?(?:ruled? (?:\w+ )?out|excluded?)|"
    r"(?:need|requires?) (?:more|further|additional) \w+|"
    r"please (?:consult|use|try|refer|check|see|visit)\b(?:(?! but | however )[^.;])*|"
    r"(?:you|one|we|researchers) (?:can|could|may|might|should|must|(?:would )?need to) "
    r"(?:use|run|try|perform|consult|apply|employ|conduct) (?!the )(?:(?! but | however )[^.;])*|"
    r"(?:insufficient|not enough|no|any) (?:\w+ )?(?:information|data|context)"
    r"(?!.{0,40}\b(?:suggest|support|indicat)))\b"
)
REFUSAL_WORDS = words(
    "please can cannot could unable able impossible possible difficult hard know have lack idea way sure clear ai "
    "language applicable n null unknown unclear uncertain undetermined inconclusive need require requires information "
    "data context basis plausible rule ruled exclude excluded directly tool tools software program programs server "
    "servers method methods recommend will won going"
)
# The question itself is refused, so that statements beside it are background; doubts about certainty refuse nothing.
REFUSES = Cued(
    re.compile(
        rf"\b(?:{UNABLE}|(?:impossible|not possible|no way) to) {NOT_AS}(?:\w+ ){{0,2}}?(?:be )?{ANSWERING}"
        r"(?!.*\b(?:certain|sure|definit|confiden|guarante))|"
        r"(?:impossible|not possible) to identify (?:it|them|this|these)\b|"
        rf"\b(?:{UNABLE}) [^.;]{{1,60}} without (?:running|using|access|an?|the|any|more|further)\b"
    ),
    REFUSAL_WORDS,
)
GUESS = re.compile(r"\b(?:guess|bet|probably|likely|(?<!be )predicted|perhaps|would|i'd|lean)")
# It is hard to tell, or more is needed than the model has: what it holds possible beside that is no answer.
NEEDS = Cued(
    re.compile(
        r"\b(?:hard|difficult) to (?:tell|say|know|judge|predict|determine)\b|"
        r"\b(?:need|requir)\w* .{0,40}\b(?:experiment|data|information|analys|valid|confirm|assay|chip)|"
        r"\b(?:experiment|data|information|analys|valid|confirm|assay)\w* .{0,40}\b(?:need|requir|necessary)"
    ),
    words("need needs needed require requires required requiring necessary hard difficult"),
)
HEDGE = Cued(
    re.compile(r"\b(?:could|may|might|possibly|perhaps|at (?:high|low|elevated)|over time|under|when)\b"),
    words("could may might possibly perhaps at over under when"),
)
# What takes back all that was said before it.
UNSETTLED = Cued(
    re.compile(
        r"\b(?:(?:can(?:no|')t|can not|unable to|hard to) (?:settle|choose|pick|decide|commit)|"
        r"(?:would not|wouldn't|will not|won't) commit|coin (?:toss|flip)|"
        r"too close to call|on the fence|could be (?:any|either|both)\w*|ambiguous|on either side|"
        r"(?:go|goes|cuts?) (?:either|both) ways?|equally (?:likely|plausible|possible)|"
        r"(?:may|might|could) or (?:may|might|could) not)\b"
    ),
    words(
        "settle choose pick decide commit toss flip close fence anything either both ambiguous side way ways equally "
        "or"
    ),
)
# A guess, or a choice, that the model goes on to take back, confirm or narrow.
FIRST_THOUGHT = re.compile(
    r"\b(?:(?:first|initial) (?:thought|guess|impression|read(?:ing)?|sight|glance|reaction)|at first|initially|"
    r"originally|candidates?|(?:i )?thought of|"
    r"(?:possible|plausible) (?:\w+ )?(?:classes|families|labels|types|options|choices|answers))\b"
)
# What follows such a heading gives reasons for what was said, and does not say it again.
REASONS = re.compile(
    r"\W*(?:(?:explanation|reason(?:s|ing)?|rationale|justification|evidence|notes?|comments?|disclaimer|caveats?|"
    r"counter-?(?:argument|point)s?|alternatives?|other possibilit(?:y|ies)|confidence)\W*(?::|$)|"
    r"p\.s\. |"
    r"(?:(?:having )?said that|that said|(?:please )?note that)\b|"
    r"(?:alternatives?|other (?:possibilit(?:y|ies)|candidates?|options?)) (?:included?|are|were|is|was|would)\b)"
)


def refuses(text: str) -> bool:
    """Whether some clause of the text refuses to answer."""
    return not REFUSAL_WORDS.isdisjoint(words_of(text)) and REFUSAL.search(text.lower()) is not None
