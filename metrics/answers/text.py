"""An answer as a list of sentences: conclusions weighed above the rest."""

import re
from typing import NamedTuple

from metrics.answers.lexicon import words, words_of
from metrics.answers.refusals import HEDGE


CONCLUSION, DIRECT, CONTRAST, STATEMENT = 3, 2, 1, 0
# What a model concludes, or takes back for something better, outweighs what it said before.
CONCLUDING = (
    r"therefore|thus|hence|consequently|accordingly|overall|ultimately|on balance|taken together|all in all|in short|"
    r"(?:in|to) (?:conclusion|conclude|summary|summari[sz]e|sum up)|it is concluded|(?<![^,;] )so(?! far)|"
    r"(?:i|we)(?:'d|'ll| would| will)? (?:conclude|predict|choose|select|pick|answer|say|get|arrive|"
    r"(?:go|settle|stick) (?:with|for|on))|(?:i|we)(?:'d| would) (?:give|rate)"
)
CORRECTING = (
    r"actually|correction|wait|oops|i meant|my apologies|hmm+|scratch that|make that|should read|my mistake|"
    r"mis(?:read|counted|took)|(?:correct|revis|updat|chang)ed to|chang(?:es?|ed) my mind|"
    r"let me (?:revise|correct)|on (?:second thought|reflection|closer \w+)"
)
ANNOUNCING = (
    r"(?<!long )(?:answer|verdict|conclusion)\b[^.,;:=\n]{0,80}?(?:\b(?:is|remains)\b|[:=])|"
    r"predicted [\w -]{1,40}[:=]|(?:prediction|result|final|classification|class|label|value) ?[:=]"
)
CONTRASTING = r"however|nevertheless|nonetheless|(?<!anything )but(?! also)|(?<![^,;] )yet"
MARKER = re.compile(rf"\b(?:(?P<conclusion>(?:{CONCLUDING}|{CORRECTING})\b|{ANNOUNCING})|(?:{CONTRASTING})\b)")
MARKER_WORDS = words(
    "therefore thus hence consequently accordingly overall ultimately balance taken all short conclusion conclude "
    "summary summarize summarise sum i we concluded actually correction wait oops meant apologies hmm hmmm scratch "
    "make should misread miscounted mistook mistake corrected revised updated changed mind let second reflection "
    "closer so answer verdict predicted prediction result final classification class label value however "
    "nevertheless nonetheless but yet"
)
CLAUSE_START = re.compile(r".*(?:[,;:]|\band\b)", re.DOTALL)
PLAIN_YES_OR_NO = re.compile(r"(?:yes|yep|yeah|yup|no|nope|nah|positive|negative|true|false) ?(?:[,.:;!-]|$)")
# A dot after an abbreviation or an initial ("E. coli") ends no sentence.
SENTENCE_END = re.compile(
    r"([.!?])(?=[\"')]*\s)(?<!\b[A-Z]\.)(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bca\.)(?<!\bvs\.)(?<!\bcf\.)(?<!approx\.)"
    r"(?<!EC [Nn]o\.)[\"')]*\s+"
)
LETTER = re.compile(r"\w")


class Sentence(NamedTuple):
    """A sentence, or what follows a marker such as "therefore" in one; `weight` is how final it is."""

    text: str
    weight: int
    words: frozenset[str]  # in lower case: tells what is not worth looking for


def sentences(answer: str) -> list[Sentence]:
    """The sentences of a plain answer, in order; questions are left in."""
    pieces, weight = [], STATEMENT
    for sentence in SENTENCE_END.sub(r"\1\n", answer).split("\n"):
        small = in_lower_case(sentence)
        words = words_of(sentence)
        start = seen = 0
        for marker in () if MARKER_WORDS.isdisjoint(words) else MARKER.finditer(small):
            begin = marker.start()
            if marker["conclusion"]:  # "..., and it is therefore soluble": the whole clause concludes
                clause = CLAUSE_START.match(sentence, seen, begin)
                begin = clause.end() if clause else start
            pieces.append(weighed(sentence[start:begin], weight, words))
            start, seen, weight = begin, marker.end(), CONCLUSION if marker["conclusion"] else CONTRAST
        pieces.append(weighed(sentence[start:], weight, words))
        if not seen or not MARKER.fullmatch(small[start:].strip(" ,.!:")):  # "Wait." goes with what follows
            weight = STATEMENT
    return [piece for piece in pieces if LETTER.search(piece.text)]


def in_lower_case(text: str) -> str:
    """The text in lower case, character by character: "İ" would become two."""
    small = text.lower()
    return small if len(small) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


def weighed(text: str, weight: int, words: frozenset[str]) -> Sentence:
    """A plain yes or no outweighs a contrast; what merely might be does not outweigh what was said before."""
    text = text.strip()
    small = text.lower()
    if PLAIN_YES_OR_NO.match(small):
        weight = max(weight, DIRECT)
    elif weight == CONTRAST and HEDGE.found(small, words):
        weight = STATEMENT
    return Sentence(text, weight, words)
