"""Yes or no: what the clauses of a sentence assert or deny about a topic."""

import re

from metrics.answers.text import REFUSAL


NEGATOR = (
    r"(?:\w+n't|not|no|cannot|never|neither|nor|none|nothing|hardly|barely|scarcely|unlike|doubt(?:ful)?|nope|nah|"
    r"fail(?:s|ed|ing|ure)?|unable|incapable|without|rather than|instead of|less likely|anything but|"
    r"(?:evidence|argu\w+|speaks?|points?) against)"
)
NEGATIVE_STATE = (
    r"(?:absen(?:t|ce)|lack(?:s|ed|ing)?|missing|devoid|negative|false|wrong|incorrect|insoluble|insolubility|"
    r"unlikely|improbable|implausible|aggregat\w+|precipitat\w+|inclusion bod(?:y|ies)|background|depleted|inactive|"
    r"independent|unrelated|escap\w+|evad\w+|resist(?:s|ant)|infectious|free (?:of|from)|rul(?:es?|ed|ing) out|"
    r"exclud(?:es?|ed|ing)|little|scant|negligible|insufficient evidence|poor(?:ly)?|sparingly|(?:low|small|slim) "
    r"(?:probability|likelihood|chance|affinity|solubility|\w*activity)|(?:(?:is|be|are)|^)(?: \w+)? ?low|"
    r"un(?:bound|marked|modified|occupied|methylated|acetylated|connected|associated)|"
    r"non[- ]?(?:promoters?|bind\w+|bound|interact\w+|neutrali\w+|soluble|functional|targets?|enzym\w+|contact\w*))"
)
NEGATION = re.compile(rf"\b(?:{NEGATOR}|{NEGATIVE_STATE})\b")
DOUBLE_NEGATION = re.compile(rf"\b(?:{NEGATOR}|unlikely)(?: [\w'-]+){{0,3}}? {NEGATIVE_STATE}\b")

# Words that negate nothing, and clauses that assert nothing.
IDLE = re.compile(
    r"\bnot only\b|\b(?:no|without(?: a| any)?) doubt\b|\bin (?:the|its|their) absence\b|\bwith or without\b|"
    r"\bfalse[ -](?:positive|negative)s?\b|\b(?:positive|negative)(?:ly)?[ -](?:charge[ds]?|control|residue)s?\b|"
    r"\bgram[ -](?:positive|negative)\b|\b(?:yes|true|positive) ?/ ?(?:no|false|negative)\b"
)
HYPOTHESIS = re.compile(
    r"\b(?:whether|if|than)\b.*|^\s*(?:(?:and |even )?(?:al)?though|while|despite|unless|assuming)\b.*|"
    r"^\s*(?:is|are|does|do|can|could|will|would|has) (?:it|this|the|that|these|they|there|any)\b.*"
)
UNDECIDED = re.compile(
    r"\b(?:typically|usually|generally|often|commonly|sometimes|in general|depend(?:s|ing)?|weak(?:ly)?|"
    r"marginal(?:ly)?|borderline|(?:probability|likelihood|chance|score)\b.*\d)|"
    rf"\b(?:or|versus|vs\.?) (?:[\w'-]+ ){{0,2}}?(?:{NEGATOR}|{NEGATIVE_STATE})\b"
)
INTRODUCTION = re.compile(
    r"\b(?:asked|asking|question|want(?:ed)?|wonder(?:ed|ing)?|check(?:ed|ing)?|look(?:ed|ing)? (?:for|at)|search\w*|"
    r"tested|scan\w*|screened|examin(?:e|ed|ing)|analy[sz](?:e|ed|ing)|assess(?:ed|ing)?|evaluat(?:e|ed|ing)|"
    r"consider(?:ed|ing)?|determine|regarding|concerning|as for|required?|would need)\b"
)

# Clauses that answer without naming the topic.
ANSWER = re.compile(r"\b(?:yes|yep|yeah|yup|affirmative|positive|negative|nope|nah|a no)\b|\b(?:no|true|false)\W*$")
OPINION = re.compile(r"\bi\b.{0,20}\b(?:say|think|believe|guess|doubt)\b|(?:n't|\bnot) (?:look|seem|appear)\b")
ANAPHORA = re.compile(r"\b(?:it|this|that|one|so|such|the case)\W*$")
AFFIRMATION = re.compile(
    r"\b(?:likely|probably|probable|present|detected|found|definitely|confirmed)\b|"
    r"\b(?:it|they) (?:is|are|do(?:es)?|will|would|can)\W*$|\b(?:think|believe|guess|say|seems?|appears?) so\W*$"
)
FILLER = re.compile(
    r"\b(?:i|i'd|i'll|me|my|it|it's|its|they|them|there|here|this|that|these|those|which|one|ones|the|an?|is|are|be|do|"
    r"does|will|would|must|can|say|think|believe|guess|and|but|however|yet|so|therefore|thus|hence|actually|of|to|as|at|"
    r"all|for|in|too|well|quite|very|most|more|highly|rather|clearly|absolutely|certainly|definitely|likely|probably|"
    r"probable|present|detected|found|confirmed|expected|predicted|observed|evident|case|sequence|region|pair|looks?|"
    r"like|seems?|appears?|sorry|final|answer|label|prediction|result|verdict)\b"
)
ANSWER_LABEL = re.compile(
    r"\b(?:answer|reply|response|prediction|predicted|result|outcome|output|verdict|decision|conclusion|assessment|"
    r"opinion|class|classification|label|call|value|question|final|assistant|a|i|my|is)\b"
)
AUXILIARY = re.compile(
    r"\b(?:is|are|was|were|be|ha[sd]|have|do(?:es)?|did|will|would|should|can|could|ma?y|might|must)\b"
)
DIGITS = {"1": True, "0": False}
CLAUSE_END = re.compile(
    r"[,;|()\[\]]|\s-\s|\b(?:because|since|whereas|(?<!of )which|who)\b|(?=\b(?:rather than|instead of)\b)|"
    r"\band (?=(?:it|they|there|i|we|is|are|was|were|does|do|has|have|can|will|would|should|therefore|lacks?|not|no|"
    r"expect|predict|find|found|conclude)\b)"
)


def read_polarity(sentence: str, topic: re.Pattern) -> set[bool]:
    """The polarities asserted by a sentence: one, none, or both where its clauses contradict each other.

    A topic that merely stands there ("Solubility: negative") asserts itself only where nothing else is said.
    """
    if sentence.endswith("?"):
        return set()
    said = []
    for clause in clauses(sentence):
        label, _, rest = clause.rpartition(":")
        about = topic.search(label) or ANSWER_LABEL.search(label) or ANSWER.search(label)
        if not label or re.search(r"[a-z]", rest):  # "Solubility: 0.12" is no answer
            said.append(polarity(assertion(label), topic))
        if not label or about or topic.search(rest):  # "TATA box: no" answers another question
            said.append(polarity(assertion(rest), topic))
    found = list(filter(None, said))
    return {value for value, explicit in found if explicit} or {value for value, _ in found}


def clauses(sentence: str) -> list[str]:
    """The clauses of a sentence, in lower case."""
    return [clause.strip() for clause in CLAUSE_END.split(sentence.lower()) if clause.strip()]


def assertion(clause: str) -> str:
    """What a clause asserts: without hypotheses and idle negations, empty where it is general or leaves a choice."""
    clause = HYPOTHESIS.sub("", IDLE.sub("", clause))
    return "" if UNDECIDED.search(clause) or REFUSAL.search(clause) else clause.strip()


def negated(clause: str) -> bool:
    """Whether the clause denies what it names."""
    return NEGATION.search(DOUBLE_NEGATION.sub("", clause)) is not None


def polarity(clause: str, topic: re.Pattern) -> tuple[bool, bool] | None:
    """(asserted?, explicitly?) for a clause that is about the topic or is an answer by itself, otherwise None."""
    if clause.strip(" .") in DIGITS:
        return DIGITS[clause.strip(" .")], True
    clause = DOUBLE_NEGATION.sub("positive", clause)
    bare = not re.search(r"\w", FILLER.sub("", NEGATION.sub("", clause)))
    if NEGATION.search(clause):
        about = bare or any(words.search(clause) for words in (topic, ANSWER, OPINION, ANAPHORA))
        return (False, True) if about else None
    if ANSWER.search(clause) or (bare and AFFIRMATION.search(clause)):
        return True, True
    if topic.search(clause) and not INTRODUCTION.search(clause):
        return True, AUXILIARY.search(clause) is not None
    return None
