"""The conclusion of a text against the row's label, and against what the text decided before.

A sentence decides what the task asks if it says so: "therefore", "the answer is", "I predict", or a heading before it.
The last that does is the conclusion; without one it is what the strict parser reads in the whole text.
"""

import json
import re
from collections.abc import Iterator
from functools import cache

from dataset_builder.tasks import Task
from metrics.answers.claims import lexicon
from metrics.answers.names import class_names
from metrics.answers.own_words import without_thoughts
from metrics.answers.plain import QUESTION_AND_ANSWER
from metrics.answers.text import SENTENCE_END
from metrics.parsing import Parsed, Value, parse
from metrics.reasoning.background import ANCHOR
from metrics.reasoning.findings import FAITHFUL, UNSUPPORTED, WRONG, Finding
from metrics.reasoning.leaks import leak_findings
from metrics.reasoning.text import clauses_of, plain


NOUN = (
    r"(?:conclusions?|outcome|answer|call|verdict|output|prediction|decision|judge?ment|result|estimate|assignment|"
    r"classification|class|family|score|value|number|status|bottom line)"
)
# "## Conclusion", "3. Final answer:": what the next line says is decided.
HEADING = re.compile(rf"[\W\d]{{0,9}}(?:(?:final|overall|my|the|in) ){{0,2}}{NOUN}(?: \w+)?\W{{0,9}}", re.IGNORECASE)
# Said to be settled: what a later decision takes back.
SETTLED = (
    r"therefore|thus|hence|consequently|accordingly|it follows|conclude[sd]?|conclusion|answer|verdict|intermediate|"
    r"clearly|certainly|definitely|undoubtedly|evidently|no doubt|beyond doubt|must be|has to be|cannot be"
)
SETTLES = re.compile(rf"\b(?:{SETTLED})\b", re.IGNORECASE)
EXPECTED = (
    r"ultimately|overall|taken together|all in all|summary|in the end|classified|assigned|estimated?|"
    rf"predict(?:ed|ion)?|decision|decided|mine is|expected(?=:)|"
    rf"(?:final|predicted|expected|estimated|assigned|likely|my|mine|the) {NOUN}|"
    r"(?:i|we)(?:'d|'ll)? (?:(?:would|will|rather|firmly|now) )*(?:say|bet|go|lean|predict|expect|estimate|choose|"
    r"pick|put|judge|vote|consider|settle)"
)
HEADED = rf"^\W{{0,9}}{NOUN}\b[^:=]{{0,40}}[:=]"  # "Predicted class: …"
DECIDES = re.compile(rf"\b(?:{SETTLED}|{EXPECTED})\b|{HEADED}", re.IGNORECASE)
# Of what the task asks, whether it is named or not.
FINAL = re.compile(
    rf"\b(?:answer|conclu\w+|(?:expected|overall)(?=:)|(?:in|to) sum\w*|all in all|taken together|verdict)\b|{HEADED}",
    re.IGNORECASE,
)
# Beside a number that is none of what the task asks for.
MARGIN = re.compile(r"\b(?:uncertain\w*|error|confidence|accuracy|margin)\b|±", re.IGNORECASE)
# What argues for something, or is gone along with, takes nothing back.
WEIGHING = re.compile(
    r"\b(?:favou?r\w*|argu\w+|against|speaks?|points?|suggest\w*|former|latter|doubt|if|although|would|could|may|"
    r"might|"
    r"consistent|evidence|alone|itself|than|however|but|case for|suits?|fits?|resembl\w*|match\w*|agrees?|rests? on|"
    r"depends?)\b",
    re.IGNORECASE,
)
# "If asked for yes or no, I say no", "Mark status, given the lack of data: negative", "Core promoter: no", "It does."
PRESSED = re.compile(
    r"\W{0,9}if (?:(?:i|we) (?:had|have|were|must)|asked|pressed|forced|you ask)\b[^,:]{0,40}?(?:[,:]|(?= i\b))", re.I
)
INSERTED = re.compile(r"(?<=\w), [^:,]{3,60}(?=: ?[\w.-]+\W{0,9}$)")
LABELLED = re.compile(r"[^:=.]{2,60}[:=]\s?[\w .,-]{1,40}")
ELLIPSIS = re.compile(r"(?:they|it|this|these) (?:do|does|is|are)(?P<no>n't| not)?[.!]", re.IGNORECASE)


def decisions(text: str, task: Task) -> list[tuple[str, Parsed]]:
    """Every sentence of a plain text that decides what the task asks, with what it says, in order; where none does,
    those that only label it ("Core promoter: no"), or give a number for it."""
    decided, labelled, headed = [], [], False
    for line in QUESTION_AND_ANSWER.sub(": ", text).split("\n"):
        for sentence in filter(str.strip, SENTENCE_END.sub(r"\1\n", line).split("\n")):
            pressed = PRESSED.match(sentence)
            said = INSERTED.sub("", sentence[pressed.end() if pressed else 0 :]).strip()
            cue = headed or pressed or DECIDES.search(said)
            if (cue or LABELLED.fullmatch(said) or task.kind == "regression") and is_of_the_case(said, task):
                read = parse(said, task)
                if read.status == "ok":
                    (decided if cue else labelled).append((said, read))
        headed = HEADING.fullmatch(line) is not None
    return decided or labelled


def is_of_the_case(sentence: str, task: Task) -> bool:
    """Whether a sentence speaks of what the task asks, and of the molecules at hand."""
    if sentence.endswith(("?", ",")) or next(leak_findings(sentence), None):
        return False
    if task.kind == "regression":
        topic = not MARGIN.search(sentence) and quantity(task).search(sentence)
    elif task.kind == "binary":
        topic = lexicon(task.title, task.short).topic.search(sentence.lower())
    else:
        topic = not task.classes or class_names(task.classes).search(sentence)
    final = FINAL.search(sentence) is not None
    return final or (bool(topic) and (ANCHOR.search(sentence) is not None or says_something(sentence)))


def says_something(sentence: str) -> bool:
    """Whether a sentence asserts anything of the molecules at hand."""
    return any(clause.asserted for clause in clauses_of(sentence, False))


@cache
def quantity(task: Task) -> re.Pattern:
    """What a word contains that names the number that a task asks for: the beginnings of the words of its title and
    units, and how they are abbreviated."""
    words = re.findall(r"[a-z]{4,}", " ".join((task.title, *(field.unit for field in task.fields))).lower())
    stems = {word[:6] for word in words if word not in ("prediction", "difference", "mean")}
    return re.compile("|".join((*sorted(stems), r"\bMRL\b|\bTm\b|\bON\b|melt|bright|\bscores?\b")), re.IGNORECASE)


def concluded(answer: str, text: str, task: Task) -> Parsed:
    """What an answer that decides nothing concludes: what the parser reads in what it says of the case, in all of it,
    or in one of its sentences, the last first."""
    said = SENTENCE_END.sub(r"\1\n", text).split("\n")
    if task.kind == "multilabel" or len(task.fields) > 1:  # which may be told in several sentences
        read = parse("\n".join(one for one in said if FINAL.search(one) or says_something(one)), task)
        if read.status == "ok":
            return read
    whole = parse(answer, task)
    if whole.status == "ok" or task.kind == "regression":
        return whole
    if task.kind == "binary":  # "You asked whether it binds. It does."
        said = [("no" if short["no"] else "yes") if (short := ELLIPSIS.fullmatch(one)) else one for one in said]
    return next((read for one in reversed(said) if (read := parse(one, task)).status == "ok"), whole)


def conclusion_findings(answer: str, label: Value, task: Task) -> Iterator[Finding]:
    """What the text decides against its end (yes-or-no tasks and classes), and whether that is the label, a number to
    the label's decimals; what cannot be read is no wrong fact, but supports nothing. Thoughts may decide anything."""
    text = plain(without_thoughts(answer))
    decided = decisions(text, task)
    read = decided[-1][1] if decided else concluded(answer, text, task)
    for sentence, earlier in decided if task.kind in ("binary", "multiclass") else ():
        if earlier.value != read.value and SETTLES.search(sentence) and not WEIGHING.search(sentence):
            reason = "it concludes something else in the end"
            yield Finding("contradiction", sentence, sentence, "", WRONG, reason)
    holds = read.status == "ok" and agrees(read.value, label, task)
    said = json.dumps(read.value) if read.status == "ok" else f"nothing usable ({read.status})"
    reason = "" if holds else f"the parser reads {said}, the label is {json.dumps(label)}"
    status = FAITHFUL if holds else WRONG if read.status == "ok" else UNSUPPORTED
    end = " ".join(answer[-160:].split())
    yield Finding("conclusion", end, said, json.dumps(label), status, reason)


def agrees(said: Value, label: Value, task: Task) -> bool:
    """Whether two labels are the same; numbers as the label's decimals write them."""
    if task.kind == "regression":
        names = [field.name for field in task.fields]
        pairs = [(said[name], label[name]) for name in names] if len(names) > 1 else [(said, label)]
        return all(
            f"{a:.{field.decimals}f}" == f"{b:.{field.decimals}f}"
            for (a, b), field in zip(pairs, task.fields, strict=True)
        )
    return sorted(said) == sorted(label) if isinstance(label, list) else said == label
