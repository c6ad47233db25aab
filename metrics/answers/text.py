"""An answer as a list of sentences: conclusions weighed above the rest."""

import re
from collections.abc import Callable
from typing import NamedTuple, TypeVar


Value = TypeVar("Value")

CONCLUSION, DIRECT, CONTRAST, STATEMENT = 3, 2, 1, 0
# What a model concludes, or takes back for something better, outweighs what it said before.
MARKER = re.compile(
    r"\b(?:(?P<conclusion>(?:therefore|thus|hence|consequently|accordingly|overall|ultimately|on balance|"
    r"taken together|all in all|in short|(?:in|to) (?:conclusion|conclude|summary|summari[sz]e|sum up)|"
    r"(?:i|we|i'd|i would) (?:conclude|predict|choose|pick|answer|say|go (?:with|for))|it is concluded|"
    r"actually|correction|wait|hmm+|scratch that|make that|should read|(?:i )?mis(?:read|counted|took)|my mistake|"
    r"chang(?:es?|ed) my mind|let me (?:revise|correct)|on (?:second thought|reflection|closer \w+)|(?<![^,;] )so"
    r"(?! far))\b|(?:answer|verdict|conclusion)\b[^.,;:=\n]{0,80}?(?:\b(?:is|remains)\b|[:=])|"
    r"predicted [\w -]{1,40}[:=]|"
    r"(?:prediction|result|classification|class|label|value) ?[:=])|"
    r"(?:however|nevertheless|nonetheless|(?<!anything )but(?! also)|(?<![^,;] )yet)\b)",
    re.IGNORECASE,
)
MARKER_WORDS = frozenset(
    [
        "therefore",
        "thus",
        "hence",
        "consequently",
        "accordingly",
        "overall",
        "ultimately",
        "balance",
        "together",
        "all",
        "short",
        "conclusion",
        "conclude",
        "summary",
        "summarize",
        "summarise",
        "sum",
        "i",
        "we",
        "concluded",
        "actually",
        "correction",
        "wait",
        "hmm",
        "hmmm",
        "scratch",
        "make",
        "should",
        "misread",
        "miscounted",
        "mistook",
        "mistake",
        "mind",
        "let",
        "second",
        "reflection",
        "closer",
        "so",
        "answer",
        "verdict",
        "predicted",
        "prediction",
        "result",
        "classification",
        "class",
        "label",
        "value",
        "however",
        "nevertheless",
        "nonetheless",
        "but",
        "yet",
    ]
)
CLAUSE_START = re.compile(r".*(?:[,;:]|\band\b)", re.DOTALL)
HEDGE = re.compile(
    r"\b(?:could|may|might|possibly|perhaps|at (?:high|low|elevated)|over time|under|"
    r"when)\b",
    re.IGNORECASE,
)
PLAIN_YES_OR_NO = re.compile(r"(?:yes|yep|yeah|yup|no|nope|nah|positive|negative|true|false)\s*(?:[,.:;!-]|$)", re.I)
LABEL = re.compile(r"[^:=]{1,40}[:=]")
# What follows such a heading gives reasons for what was said, and does not say it again.
REASONS = re.compile(r"\W*(?:explanation|reason(?:ing)?|rationale|justification|note|notes|disclaimer)\W*:", re.I)
REFUSAL_HEAD = re.compile(
    r"\b(?:can|could|unable|not able|impossible|not possible|difficult|hard|know|no (?:idea|way|basis|means|"
    r"grounds)|not|as an ai|n/a|null|"
    r"un(?:known|clear|certain|determined)|inconclusive|more|further|additional|enough|insufficient|no)",
    re.IGNORECASE,
)
REFUSAL = re.compile(
    r"\b(?:(?:can(?:no|')t|can not|could(?:n't| not)|(?:un|not )able to|(?:impossible|not possible|difficult|hard) to)"
    r" (?:\w+ ){0,2}?(?:(?:be )?(?:determin|help|predict|say|tell|told|answer|assess|provid|conclud|confirm|establish|"
    r"infer|judg|estimat|decid|classif|analy[sz]|comput|assist|do that|do this)\w*|know|be (?:said|ruled out|excluded|"
    r"sure|certain))"
    r"|(?:do not|don't) (?:really )?know|no (?:idea|way (?:to|of)|(?:basis|means|grounds) (?:for|of|on|to))|"
    r"not (?:sure|clear)|as an ai|not applicable|n/a|null"
    r"|unknown|unclear|uncertain|undetermined|inconclusive|(?:need|requires?) (?:more|further|additional) \w+"
    r"|(?:insufficient|not enough|no) (?:\w+ )?(?:information|data|context))\b",
    re.IGNORECASE,
)
REFUSES = re.compile(
    r"\b(?:can(?:no|')t|can not|could(?:n't| not)|(?:un|not )able to|(?:impossible|not possible|no way) to)"
    r" (?:\w+ ){0,2}?(?:be )?(?:determin|help|predict|say|said|tell|told|answer|assess|provid|decid|judg|classif|"
    r"analy[sz]|assist|do (?:that|this|so))\w*(?!.*\b(?:certain|sure|definit|confiden|guarante))",
    re.IGNORECASE,
)
GUESS = re.compile(r"\b(?:guess|probably|likely|perhaps|would|lean)", re.IGNORECASE)
# A dot after an abbreviation or an initial ("E. coli") ends no sentence.
SENTENCE_END = re.compile(
    r"([.!?])(?<!\b[A-Z]\.)(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bca\.)(?<!\bvs\.)(?<!\bcf\.)(?<!approx\.)[\"')]*\s+"
)
WORD = re.compile(r"[a-z]+")


class Sentence(NamedTuple):
    """A sentence, or what follows a marker such as "therefore" in one; `weight` is how final it is."""

    text: str
    weight: int


def sentences(answer: str) -> list[Sentence]:
    """The sentences of a plain answer, in order; questions are left in."""
    pieces, weight = [], STATEMENT
    for sentence in SENTENCE_END.sub(r"\1\n", answer).split("\n"):
        if MARKER_WORDS.isdisjoint(WORD.findall(sentence.lower())):
            pieces.append((sentence, weight))
            weight = STATEMENT
            continue
        start = seen = 0
        for marker in MARKER.finditer(sentence):
            begin = marker.start()
            if marker["conclusion"]:  # "..., and it is therefore soluble": the whole clause concludes
                clause = CLAUSE_START.match(sentence, seen, begin)
                begin = clause.end() if clause else start
            pieces.append((sentence[start:begin], weight))
            start, seen, weight = begin, marker.end(), CONCLUSION if marker["conclusion"] else CONTRAST
        pieces.append((sentence[start:], weight))
        if not MARKER.fullmatch(sentence[start:].strip(" ,.!:")):  # "Wait." goes with what follows
            weight = STATEMENT
    return [weighed(text.strip(), weight) for text, weight in pieces if re.search(r"\w", text)]


def weighed(text: str, weight: int) -> Sentence:
    """A plain yes or no outweighs a contrast; what merely might be does not outweigh what was said before."""
    if PLAIN_YES_OR_NO.match(text):
        return Sentence(text, max(weight, DIRECT))
    return Sentence(text, STATEMENT if weight == CONTRAST and HEDGE.search(text) else weight)


def stated(answer: list[Sentence], read: Callable[[str], set[Value]], best: Callable[[set[Value]], set] = set) -> set:
    """What an answer says in the end: several values where it contradicts itself, none where it says nothing.

    The last conclusion counts, with what follows it; without one, a plain yes or no and what follows; then what
    follows the last "but"; then everything, or, where that disagrees, the end of a reasoning text. `best` chooses
    among what was read in all that counts.
    """
    said = [read(sentence.text) for sentence in answer]
    said = told(answer, said)
    telling = [i for i, values in enumerate(said) if values]
    if not telling:
        return set()
    weight = max(answer[i].weight for i in telling)
    heaviest = [i for i in telling if answer[i].weight == weight]
    last = heaviest[-1]
    if weight == CONCLUSION:  # "Answer: 1", "Answer: 2": neither takes the other back
        label = LABEL.match(answer[last].text)
        while label and last - 1 in heaviest and answer[last - 1].text.startswith(label[0]):
            last -= 1
    start = {CONCLUSION: last, DIRECT: heaviest[0], CONTRAST: last, STATEMENT: 0}[weight]
    values = best(set().union(*said[start:]))
    if len(values) > 1 and weight == STATEMENT and len(answer) > 2 and re.search(r"[a-z]", answer[-1].text):
        return best(said[-1]) or values
    return values


def told(answer: list[Sentence], said: list[set[Value]]) -> list[set[Value]]:
    """What each sentence says, nothing where it gives reasons for an answer, or background beside a refusal."""
    refused = any(REFUSES.search(sentence.text) for sentence in answer)
    told, reasons = [], False
    for (text, weight), values in zip(answer, said, strict=True):
        reasons = reasons or (any(told) and REASONS.match(text) is not None)
        idle = (reasons and weight < CONCLUSION) or (refused and weight == STATEMENT and not GUESS.search(text))
        told.append(set() if idle else values)
    return told
