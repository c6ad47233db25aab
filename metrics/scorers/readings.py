"""What an answer says under the rules of a published evaluator: no label is seen here.

Where keywords decide nothing the authors ask a sentiment model (cardiffnlp/twitter-roberta-base-sentiment-latest: is
"positive" or "negative" the likelier?) and OpenCompass a zero-shot classifier (facebook/bart-large-mnli). Neither
comes with this project: give one as a callable, or such answers are unusable, which lowers the score.
"""

import math
import re
from collections.abc import Callable, Sequence
from functools import cache

from dataset_builder.tasks import Task
from metrics.scorers.ec_labels import EC_LABELS
from metrics.scorers.rules import Rules
from metrics.scoring import Reading


Fallback = Callable[[Sequence[str]], Sequence[bool]]  # n texts -> n times whether it means yes

NONE = "none"
EC_NUMBER = re.compile(r"\d+\.\d+\.\d+\.-?\d*")
HYPHEN = "\u2011"  # non-breaking: a minus sign for OpenCompass
WORD_REACH, SHOWN = 20, 10  # of the evidence: characters of the word around a keyword, and numbers

# Names of rules.
YES, NO, UNKNOWN = "positive keyword", "negative keyword", "don't-know keyword"
OPEN, FALLBACK, BLANK = "no keyword, no fallback classifier", "fallback classifier", "blank answer"
NAMES, NO_NAME = "names", "no name"
NONE_BY_KEYWORD, NONE_BY_FALLBACK = "no name, negative keyword", "no name, negative by fallback classifier"
NUMBER, FIRST_NUMBER, MISCOUNT, NO_NUMBER = "number", "first number", "wrong count of numbers", "no number"
TOO_LARGE, UNFINISHED = "number too large", "unfinished <think>"


def read_all(rules: Rules, task: Task, answers: Sequence[str], fallback: Fallback | None) -> list[Reading]:
    """What each answer says; equal answers are read once, and the fallback is called at most once."""
    readings = {answer: read(rules, task, answer) for answer in dict.fromkeys(answers)}
    undecided = [answer for answer, reading in readings.items() if reading.rule == OPEN]
    if fallback and undecided:
        means_yes = fallback([final_part(rules, task, answer) for answer in undecided])
        readings |= {answer: by_fallback(task, yes) for answer, yes in zip(undecided, means_yes, strict=True)}
    return [readings[answer] for answer in answers]


def read(rules: Rules, task: Task, answer: str) -> Reading:
    """What an answer says by itself."""
    text = final_part(rules, task, answer)
    if task.kind == "binary":
        return read_polarity(rules, text)
    if task.kind == "multiclass":
        found = next((name for name in sorted(task.classes, key=len, reverse=True) if name in text), None)
        return Reading(found, NAMES if found else NO_NAME)
    if task.kind == "multilabel":
        return read_modifications(rules, task, text) if task.classes else read_ec_numbers(text)
    if len(task.fields) > 1:
        return read_fields(rules, task, text)
    after_summary = answer.rpartition("<summary>")[2]
    if rules.final_part and "<think>" in after_summary and "</think>" not in after_summary:
        return Reading(None, UNFINISHED)
    return read_number(rules, task, text)


def final_part(rules: Rules, task: Task, answer: str) -> str:
    """The part of the answer that is read."""
    if not rules.final_part:
        return answer
    if task.kind != "multiclass" and len(task.fields) < 2:  # OpenCompass strips the summary's tag for these alone
        answer = answer.rpartition("<summary>")[2]
    return answer.rpartition("</think>")[2]


def read_polarity(rules: Rules, text: str) -> Reading:
    """Yes or no by keywords; unusable where none or one of "I don't know" is found first."""
    searches = [("negative", NO, rules.negative), ("positive", YES, rules.positive)]
    if not rules.negative_first:
        searches.reverse()
    lower = text.lower()
    for value, rule, words in (*searches, (None, UNKNOWN, rules.unknown)):
        if found := keywords(words, rules.whole_words).search(lower):
            return Reading(value, rule, in_its_word(lower, found))
    return Reading(None, BLANK if rules.blank_unusable and not text.strip() else OPEN)


@cache
def keywords(words: tuple[str, ...], whole: bool) -> re.Pattern:
    """A pattern of any of the words."""
    pattern = "|".join(map(re.escape, words))
    return re.compile(rf"\b(?:{pattern})\b" if whole else pattern)


def in_its_word(text: str, found: re.Match) -> str:
    """`'no' in 'genomic'`, or `'no'` where it is a word."""
    before = re.search(r"\w*$", text[max(0, found.start() - WORD_REACH) : found.start()])[0]
    after = re.match(r"\w*", text[found.end() : found.end() + WORD_REACH])[0]
    return repr(found[0]) + (f" in {before + found[0] + after!r}" if before or after else "")


def read_modifications(rules: Rules, task: Task, text: str) -> Reading:
    """The modifications by their exact names, `none` among them; without a name, none where negative words are."""
    names = [name for name in (*task.classes, NONE) if re.search(rf"\b{name}\b", text)]
    if names:
        return Reading(sorted(names), NAMES)
    reading = read_polarity(rules, text)
    if reading.value == "negative":
        return Reading([NONE], NONE_BY_KEYWORD, reading.evidence)
    return Reading(None, reading.rule, reading.evidence)


def by_fallback(task: Task, yes: bool) -> Reading:
    """What the fallback classifier's decision says."""
    if task.kind == "binary":
        return Reading("positive" if yes else "negative", FALLBACK)
    return Reading(None, FALLBACK) if yes else Reading([NONE], NONE_BY_FALLBACK)


def read_ec_numbers(text: str) -> Reading:
    """The EC numbers of four levels that DeepFRI's list has."""
    written = EC_NUMBER.findall(text)
    known = sorted(set(written).intersection(EC_LABELS))
    return Reading(known or None, NAMES if known else NO_NAME, shown(written))


def read_fields(rules: Rules, task: Task, text: str) -> Reading:
    """A number for each field, in their order."""
    found = numbers(rules, text)
    if len(found) != len(task.fields):
        return Reading(None, MISCOUNT if found else NO_NUMBER, shown(found))
    return Reading(
        {field.name: number for field, number in zip(task.fields, found, strict=True)}, NUMBER, shown(found)
    )


def read_number(rules: Rules, task: Task, text: str) -> Reading:
    """The number, or the first one."""
    found = numbers(rules, text)
    if not found or (len(found) > 1 and not rules.first_number):
        return Reading(None, MISCOUNT if found else NO_NUMBER, shown(found))
    number = found[0]
    beyond = {
        "apa_isoform": number > rules.highest_isoform,
        "sirna_efficiency": abs(number) > rules.largest_percent,
    }
    if beyond.get(task.id) or math.isinf(number):
        return Reading(None, TOO_LARGE, shown(found))
    return Reading(number, NUMBER if len(found) == 1 else FIRST_NUMBER, shown(found))


def numbers(rules: Rules, text: str) -> list[float]:
    """Every number of a text, with six significant digits."""
    if rules.ends_spelled_out:
        text = text.replace("5'", "five'").replace("3'", "three")
    written = re.findall(rules.number, text)
    return [float(f"{float(number.replace(HYPHEN, '-')):.6g}") for number in written]


def shown(found: Sequence[str | float]) -> str:
    """The first few of the numbers that were found, as evidence."""
    return ", ".join(map(str, found[:SHOWN])) + (", …" if len(found) > SHOWN else "")
