"""An answer as a list of sentences: markup gone, digits and dashes plain, conclusions weighed above the rest."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar


Value = TypeVar("Value")

CONCLUSION, DIRECT, CONTRAST, STATEMENT = 3, 2, 1, 0
MARKER = re.compile(
    r"\b(?:(?P<conclusion>(?:therefore|thus|hence|consequently|accordingly|overall|ultimately|on balance|"
    r"taken together|all in all|in short|(?:in|to) (?:conclusion|conclude|summary|summari[sz]e|sum up)|"
    r"(?:i|we|i'd|i would) (?:conclude|predict|choose|pick|answer|say|go (?:with|for))|it is concluded|"
    r"actually|correction|wait|on (?:second thought|reflection)|(?<![^,;] )so(?! far))\b|"
    r"(?:answer|verdict|conclusion)\b[^.,;:=\n]{0,40}?(?:\b(?:is|remains)\b|[:=])|predicted [\w -]{1,40}[:=]|"
    r"(?:prediction|result|classification|class|label|value) ?[:=])|"
    r"(?:however|nevertheless|nonetheless|(?<!anything )but(?! also)|(?<![^,;] )yet)\b)",
    re.IGNORECASE,
)
CLAUSE_START = re.compile(r".*(?:[,;:]|\band\b)", re.DOTALL)
HEDGE = re.compile(r"\b(?:could|may|might|possibly|perhaps)\b", re.IGNORECASE)
PLAIN_YES_OR_NO = re.compile(r"(?:yes|yep|yeah|yup|no|nope|nah|positive|negative|true|false)\s*(?:[,.:;!-]|$)", re.I)
REFUSAL = re.compile(
    r"\b(?:(?:can(?:no|')t|can not|could(?:n't| not)|(?:un|not )able to|(?:impossible|not possible|difficult|hard) to)"
    r" (?:\w+ ){0,2}?(?:(?:be )?(?:determin|help|predict|say|tell|answer|assess|provid|conclud|confirm|establish|"
    r"infer|judg|estimat|decid|classif|analy[sz]|comput)\w*|know|be (?:said|ruled out|excluded|sure|certain))"
    r"|(?:do not|don't) (?:really )?know|no (?:idea|way (?:to|of))|not (?:sure|clear)|as an ai|not applicable|n/a|null"
    r"|unknown|unclear|uncertain|undetermined|inconclusive|(?:need|requires?) (?:more|further|additional) \w+"
    r"|(?:insufficient|not enough|no) (?:\w+ )?(?:information|data|context))\b",
    re.IGNORECASE,
)
# A dot after an abbreviation or an initial ("E. coli") ends no sentence.
SENTENCE_END = re.compile(
    r"([.!?])(?<!\b[A-Z]\.)(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bca\.)(?<!\bvs\.)(?<!\bcf\.)(?<!approx\.)[\"')]*\s+"
)
NEXT_TURN = re.compile(r"\n[ \t]*(?:question|q|user|human|instruction)[ \t]*\d*:.*", re.DOTALL | re.IGNORECASE)
SEQUENCE = re.compile(r"<(dna|rna|protein)>.*?</?\1>", re.DOTALL | re.IGNORECASE)
ANSWER_TAG = re.compile(r"<(?:answer|ans|result)>|\\boxed\s*(?=\{)", re.IGNORECASE)
MARKUP = re.compile(r"</?[A-Za-z][\w-]*>|<\|.*?\|>|\\(?:text|mathrm|mathbf)\b|[*`$#{}\\\"]")
QUOTE = re.compile(r"'(?:(?<!\w')|(?<![\s(-][2-5]')(?<!^[2-5]')(?!\w))")  # not the prime of 5' or of 2'-O
QUESTION_AND_ANSWER = re.compile(r"\?\s+(?=(?:yes|no)\b)", re.IGNORECASE)
BULLET = re.compile(r"(?:^|\n)\s*(?:[-•·]|\(?\d{1,2}[.)]|\(?[a-z]\))\s+")
PLAIN_SIGNS = str.maketrans(
    {"’": "'", "‘": "'", "′": "'", "“": '"', "”": '"', "‐": "-", "‑": "-", "−": "-"}
    | dict.fromkeys("✓✔✅", "yes")
    | dict.fromkeys("✗✘❌", "no")
)


@dataclass(frozen=True)
class Sentence:
    """A sentence, or what follows a marker such as "therefore" in one; `weight` is how final it is."""

    text: str
    weight: int


def sentences(answer: str) -> list[Sentence]:
    """The sentences of an answer, in order; questions are left in."""
    pieces, weight = [], STATEMENT
    for sentence in SENTENCE_END.sub(r"\1\n", plain(answer)).split("\n"):
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
    return [Sentence(text.strip(), weigh(text.strip(), weight)) for text, weight in pieces if re.search(r"\w", text)]


def weigh(text: str, weight: int) -> int:
    """A plain yes or no outweighs a contrast; what merely might be does not outweigh what was said before."""
    if PLAIN_YES_OR_NO.match(text):
        return max(weight, DIRECT)
    return STATEMENT if weight == CONTRAST and HEDGE.search(text) else weight


def plain(answer: str) -> str:
    """The answer without reasoning blocks, invented next turns, sequences and markup, and with ASCII digits.

    JSON needs no parser: without braces and quotes its keys stand before their values as in prose.
    """
    text = answer.rpartition("</think>")[2].partition("<think>")[0]
    text = NEXT_TURN.sub("", text.strip())
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
        text = re.sub(r"[^\W\D0-9]", lambda digit: str(unicodedata.digit(digit[0])), text)
        text = re.sub(r"\s*[–—]\s*", ", ", re.sub(r"[–—](?=[\d.])", "-", text.translate(PLAIN_SIGNS)))
    text = SEQUENCE.sub(" ", text).replace("[]", "none").replace("\\n", "\n")
    text = QUOTE.sub("", MARKUP.sub("", ANSWER_TAG.sub("\nAnswer: ", text)))
    text = QUESTION_AND_ANSWER.sub(": ", re.sub(r":\s*\n\s*", ": ", text))
    return BULLET.sub(", ", text).strip()


def stated(answer: list[Sentence], read: Callable[[str], set[Value]]) -> set[Value]:
    """What an answer says in the end: several values where it contradicts itself, none where it says nothing.

    The last conclusion counts, with what follows it; without one, a plain yes or no and what follows; then what
    follows the last "but"; then everything, or, where that disagrees, the end of a reasoning text.
    """
    said = [read(sentence.text) for sentence in answer]
    telling = [i for i, values in enumerate(said) if values]
    if not telling:
        return set()
    weight = max(answer[i].weight for i in telling)
    heaviest = [i for i in telling if answer[i].weight == weight]
    start = {CONCLUSION: heaviest[-1], DIRECT: heaviest[0], CONTRAST: heaviest[-1], STATEMENT: 0}[weight]
    values = set().union(*said[start:])
    if len(values) > 1 and weight == STATEMENT and len(answer) > 2:
        return said[-1] or values
    return values
