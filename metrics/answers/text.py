"""An answer as a list of sentences: conclusions weighed above the rest."""

import re
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from metrics.answers.lexicon import WORD, words
from metrics.answers.refusals import FIRST_THOUGHT, GUESS, HEDGE, NEED_WORDS, NEEDS, REASONS, REFUSAL_WORDS, REFUSES


Value = TypeVar("Value")
CONCLUSION, DIRECT, CONTRAST, STATEMENT = 3, 2, 1, 0
# What a model concludes, or takes back for something better, outweighs what it said before.
MARKER = re.compile(
    r"\b(?:(?P<conclusion>(?:therefore|thus|hence|consequently|accordingly|overall|ultimately|on balance|"
    r"taken together|all in all|in short|(?:in|to) (?:conclusion|conclude|summary|summari[sz]e|sum up)|"
    r"(?:i|we|i'd|i would) (?:conclude|predict|choose|pick|answer|say|go (?:with|for))|it is concluded|actually|"
    r"correction|wait|oops|i meant|my apologies|hmm+|scratch that|make that|should read|mis(?:read|counted|took)|"
    r"my mistake|chang(?:es?|ed) my mind|let me (?:revise|correct)|on (?:second thought|reflection|closer \w+)|"
    r"(?<![^,;] )so(?! far))\b|(?<!long )(?:answer|verdict|conclusion)\b[^.,;:=\n]{0,80}?(?:\b(?:is|remains)\b|[:=])|"
    r"predicted [\w -]{1,40}[:=]|(?:prediction|result|classification|class|label|value) ?[:=])|"
    r"(?:however|nevertheless|nonetheless|(?<!anything )but(?! also)|(?<![^,;] )yet)\b)"
)
MARKER_WORDS = words(
    "therefore thus hence consequently accordingly overall ultimately balance taken all short conclusion conclude "
    "summary summarize summarise sum i we concluded actually correction wait oops meant apologies hmm hmmm scratch "
    "make should misread miscounted mistook mistake mind let second reflection closer so answer verdict predicted "
    "prediction result classification class label value however nevertheless nonetheless but yet"
)
CLAUSE_START = re.compile(r".*(?:[,;:]|\band\b)", re.DOTALL)
PLAIN_YES_OR_NO = re.compile(r"(?:yes|yep|yeah|yup|no|nope|nah|positive|negative|true|false) ?(?:[,.:;!-]|$)")
LABEL = re.compile(r"[^:=]{1,40}[:=]")
# A dot after an abbreviation or an initial ("E. coli") ends no sentence.
SENTENCE_END = re.compile(
    r"([.!?])(?=[\"')]*\s)(?<!\b[A-Z]\.)(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bca\.)(?<!\bvs\.)(?<!\bcf\.)(?<!approx\.)[\"')]*\s+"
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
        words = frozenset(WORD.findall(small))
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
    elif weight == CONTRAST and HEDGE.search(small):
        weight = STATEMENT
    return Sentence(text, weight, words)


def stated(
    answer: list[Sentence], read: Callable[[Sentence], set[Value]], best: Callable[[set[Value]], set] = set
) -> set:
    """What an answer says in the end: several values where it contradicts itself, none where it says nothing.

    The last conclusion counts, with what follows it; without one, a plain yes or no and what follows; then what
    follows the last "but"; then everything, or, where that disagrees, the end of a reasoning text. `best` chooses
    among what was read in all that counts.
    """
    if len(answer) == 1 and not REFUSAL_WORDS & answer[0].words and not NEED_WORDS & answer[0].words:
        return best(read(answer[0]))
    readings = {sentence: read(sentence) for sentence in answer}  # an endless answer repeats itself
    said = told(answer, [readings[sentence] for sentence in answer])
    telling = [i for i, values in enumerate(said) if values]
    if not telling:
        return set()
    weight = max(answer[i].weight for i in telling)
    heaviest = [i for i in telling if answer[i].weight == weight]
    last = heaviest[-1]
    if weight == CONCLUSION:  # "Answer: 1", "Answer: 2": neither takes the other back
        label, concluding = LABEL.match(answer[last].text), set(heaviest)
        while label and last - 1 in concluding and answer[last - 1].text.startswith(label[0]):
            last -= 1
    start = {CONCLUSION: last, DIRECT: heaviest[0], CONTRAST: last, STATEMENT: 0}[weight]
    values = best(set().union(*said[start:]))
    if len(values) > 1 and weight == STATEMENT and len(answer) > 2 and answer[-1].words:
        return best(said[-1]) or values
    return values


def told(answer: list[Sentence], said: list[set[Value]]) -> list[set[Value]]:
    """What each sentence says, nothing where it is a reason, background beside a refusal, or a first thought."""
    refused = any(REFUSES.search(text.lower()) for text, _, words in answer if not REFUSAL_WORDS.isdisjoint(words))
    needing = any(NEEDS.search(text.lower()) for text, _, words in answer if not NEED_WORDS.isdisjoint(words))
    told, telling, reasons, last = [], False, False, max((i for i, values in enumerate(said) if values), default=0)
    for i, ((text, weight, _), values) in enumerate(zip(answer, said, strict=True)):
        small = text.lower()
        reasons = reasons or (telling and REASONS.match(small) is not None)
        # "No, ... . Yes, it is AT-rich, but that does not imply a promoter.": the yes concedes something else
        conceded = telling and weight == DIRECT and i < last and said[i + 1] and answer[i + 1].weight == CONTRAST
        idle = conceded or (reasons and weight < CONCLUSION)
        if values and weight == STATEMENT:
            idle = (
                idle
                or (refused and not GUESS.search(small))
                or (needing and HEDGE.search(small) is not None)
                or (i < last and FIRST_THOUGHT.search(small) is not None)
            )
        told.append(set() if idle else values)
        telling = telling or bool(told[-1])
    return told
