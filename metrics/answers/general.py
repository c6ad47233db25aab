"""What holds in general, and so tells nothing of the case: "Transcription factors bind to motifs".

All patterns are over sentences in lower case.
"""

import re

from metrics.answers.lexicon import words


# No subject of a general statement has or is one of these words, and none of its verbs is one of the next.
UNSPECIFIED = (
    r"(?!(?:the|this|these|those|that|such|both|two|its|their|our|my|your|you|i|we|no|nothing|none|neither|it|they|"
    r"there|does|is|yes|which|although|though|while|since|because|given|as|if|multiple|several|conserved|clear|"
    r"looks|lacks|contains|seems|appears|shows|carries|binds|interacts|fails)\b)"
)
NO_VERB = (
    r"(?!(?:and|or|of|in|at|on|to|for|from|with|within|without|by|like|near|not|as|than|versus|via|between|across|per|"
    r"the|an?|no|is|was|has|suggest|support|indicate|imply|point|argue|favou?r|speak|make|match|"
    r"[a-z]+(?:ed|ing|[ai]ble|ent|ive|al|ic|ful|ly))\b)"
)
THINGS = rf"(?:{UNSPECIFIED}[\w/-]+,? ){{0,4}}?{UNSPECIFIED}[a-z][\w/-]*[^\Wsu]s(?: such as [^.;]{{1,40}}?)?"
THE_CASE = (
    r"(?:the|both|two|your) (?:\w+ )?(?:sequences?|proteins?|region|pair|molecules|rna|dna|antibody|antigen|virus|"
    r"strain|fragment|enhancer|promoter)(?! (?:elements|motifs))"
)
GENERAL = re.compile(
    r"(?:(?:in general|but|however),? )?(?:"
    # "Transcription factors bind to motifs", "H3K4me3 is associated with promoters", "There are many marks"
    rf"(?=(?:\S+ ){{3}}){THINGS} {NO_VERB}[a-z]+|"
    rf"(?=(?:\S+ ){{3}})(?:histone )?{UNSPECIFIED}[\w/-]+ (?:(?:can|may)(?! be)|marks|correlates|requires|depends|"
    r"refers|involves|occurs|varies|plays|is (?:associated|linked|correlated|deposited|involved|known))\b|"
    r"there are (?:many|various|different) |.{1,60} and [\w/-]+ are (?:the|all|examples|types) |"
    # "A core promoter is the region", "A promoter would have a TATA box"
    r"an? (?:[\w/-]+ ){1,4}?(?:is (?:the|an?)|refers to|consists of|"
    r"(?:would|should|must) (?:show|have|contain|need|require|carry|display)) )"
)
EXAMPLES = re.compile(r" \(e\.g\.[^()]*\)")
# What speaks of the sequence asked about, or says what is found there.
OF_THE_CASE = re.compile(
    r"[,;] (?:i|we)\b|"
    r"\b(?:this|these|here|it|its|given|provided|above|present|absent|missing|lacking|lack|detect\w*|found|identif\w+|"
    r"predicted|expected|(?:un)?likely|probab\w+|evident|seen|observed|abundant|frequent|best|most|only|(?:suggest|"
    rf"indicat|favou?r|imply)ing|which (?:suggest|indicate|favou?r|implie|mean|make)s?|{THE_CASE})\b"
)
# "The solubility of a protein is the concentration at which it saturates."
DEFINITION = re.compile(
    rf"(?!{THE_CASE} (?:is|means|refers))(?:the )?(?:[\w/-]+ ){{0,3}}?[\w/-]+(?: of an? [\w-]+)? "
    r"(?:is|refers to|means) (?:the|an?) (?:study|process|ability|capacity|property|measure|concentration|fraction|"
    r"amount|tendency|mechanism|degree|extent)\b"
)
# "Epigenetic marks are modifications of histones."
PLURAL_DEFINITION = re.compile(
    rf"{THINGS} are (?:[\w-]+ ){{0,3}}?[\w-]+s (?:of|that|which|in|on)\b(?!.*\b(?:this|here|given|provided)\b)"
)
# "..., though many promoters lack one": the case is one molecule or pair, so that clauses on several are not of it.
MANY = words("many most some other such all few certain")
MANY_WORDS = MANY | words("scores values probabilities")
OF_MANY = re.compile(
    r"(?:^|[,;:(] ?|\b(?:that|because|since|although|though|while|and|but|as|not) )"
    rf"(?:{'|'.join(sorted(MANY))})(?: (?!(?:an?|the|no|not|likely|probably) )[\w-]+){{0,3}}? "
    r"(?:promoters|enhancers|sequences|proteins|antibodies|enzymes|rnas|strains|viruses|genes)\b"
    r"(?! (?:elements?|motifs?|regions?|features?))|"
    r"\b(?:scores|values|probabilities) (?:above|below|over|under|[<>≤≥])"
)


def generalizes(text: str) -> bool:
    """Whether a sentence in lower case tells what holds in general, or defines a word."""
    text = EXAMPLES.sub("", text)
    if GENERAL.match(text) and not OF_THE_CASE.search(text):
        return True
    definition = PLURAL_DEFINITION if " are " in text else DEFINITION
    return definition.match(text) is not None
