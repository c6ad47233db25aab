"""What an answer says in the end, of all that its sentences say."""

import re
from collections.abc import Callable
from typing import TypeVar

from metrics.answers.refusals import FIRST_THOUGHT, GUESS, HEDGE, NEEDS, REASONS, REFUSES, UNSETTLED
from metrics.answers.text import CONCLUSION, CONTRAST, DIRECT, STATEMENT, Sentence


Value = TypeVar("Value")
LABEL = re.compile(r"[^:=]{1,40}[:=]")
# What explains a plain yes or no speaks of other things first; what takes it back speaks of the case.
OF_THE_CASE = re.compile(r"\W*(?:the|this|that|these|it|its|both|they|i|we|yes|no)\b")
# "Yes, I think... wait. Neither has a motif. No.": what is said after it counts, if anything is
TAKEN_BACK = re.compile(r"\W*(?:wait|oops|scratch that|correction|on second thought)\b")
IDLE_WORDS = REFUSES.cues | NEEDS.cues | UNSETTLED.cues


def stated(
    answer: list[Sentence],
    read: Callable[[Sentence], set[Value]],
    best: Callable[[set[Value]], set] = set,
    together: bool = False,
) -> set:
    """What an answer says in the end: several values where it contradicts itself, none where it says nothing.

    The last conclusion counts, with what follows it; without one, a plain yes or no and what follows; then what
    follows the last "but"; then everything, or, where that disagrees, the end of a reasoning text. `best` chooses
    among what was read in all that counts. `together`: several values do not contradict each other.
    """
    if len(answer) == 1 and answer[0].words.isdisjoint(IDLE_WORDS):
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
    if len(values) > 1 and not together and weight == STATEMENT and len(answer) > 2 and answer[-1].words:
        return best(said[-1]) or values
    return values


def told(answer: list[Sentence], said: list[set[Value]]) -> list[set[Value]]:
    """What each sentence says; nothing where it gives a reason, is background, a first thought, or taken back."""
    refused = any(REFUSES.found(text, words) for text, _, words in answer)
    needing = any(NEEDS.found(text, words) for text, _, words in answer)
    last = max((i for i, values in enumerate(said) if values), default=0)
    told, telling, direct, reasons = [], False, False, False
    for i, ((text, weight, words), values) in enumerate(zip(answer, said, strict=True)):
        small = text.lower()
        unsettled = UNSETTLED.found(small, words)
        if unsettled or (TAKEN_BACK.match(small) and any(said[i:])):
            told, telling, direct = [set() for _ in told], False, False
            values = set() if unsettled else values
        reasons = reasons or (telling and REASONS.match(small) is not None)
        # "No, ... . Yes, it is AT-rich, but that does not imply a promoter.": the yes concedes something else
        conceded = telling and weight == DIRECT and i < last and said[i + 1] and answer[i + 1].weight == CONTRAST
        explained = direct and weight == STATEMENT and not OF_THE_CASE.match(small)
        withdrawn = values and weight == STATEMENT and i < last and FIRST_THOUGHT.search(small)
        idle = conceded or explained or withdrawn or (reasons and weight < CONCLUSION)
        background = values and is_background(answer[i], refused, needing)
        told.append(set() if idle or background else values)
        telling = telling or bool(told[-1])
        direct = direct or (weight == DIRECT and telling)
    return told


def is_background(sentence: Sentence, refused: bool, needing: bool) -> bool:
    """Whether a sentence is no answer, beside a refusal or beside what the model would need."""
    text, weight, words = sentence
    if refused and not GUESS.search(text.lower()):
        return weight == STATEMENT or REFUSES.found(text, words)
    return needing and weight == STATEMENT and HEDGE.found(text, words)
