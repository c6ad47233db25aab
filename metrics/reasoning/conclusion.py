"""The conclusion of a text against the row's label, as the strict parser reads it, and against its own steps."""

import json
import re
from collections.abc import Iterator

from dataset_builder.tasks import Task
from metrics.answers.claims import lexicon
from metrics.answers.names import class_names
from metrics.answers.text import CONCLUSION, SENTENCE_END, sentences
from metrics.parsing import Parsed, Value, parse
from metrics.reasoning.findings import FAITHFUL, UNSUPPORTED, WRONG, Finding
from metrics.reasoning.text import plain


# What argues for something, or is gone along with, is not concluded.
WEIGHING = re.compile(
    r"\b(?:favou?r\w*|argu\w+|against|speaks?|points?|suggest\w*|former|latter|doubt|if|"
    r"although|would|could|may|might|"
    r"consistent|evidence|alone|itself|than|however|but|case for|suits?|fits?|resembl\w*|"
    r"match\w*|agrees?|rests? on|depends?)\b",
    re.IGNORECASE,
)


CONCLUDES = re.compile(
    r"\b(?:therefore|thus|hence|consequently|accordingly|ultimately|answer|verdict|prediction|"
    r"conclu\w+|summary|summari\w+|predict\w*|"
    r"classif\w+)\b",
    re.IGNORECASE,
)
# "So far, then, a promoter is clearly absent": concluded, whatever the sentence begins with.
CERTAIN = re.compile(
    r"(?=.*\b(?:so|then|thus|therefore|hence)\b).*\b(?:clearly|certainly|definitely|undoubtedly|evidently|no doubt|"
    r"beyond doubt|must be|cannot be|no room for)\b",
    re.IGNORECASE | re.DOTALL,
)
# The head of a line, a section or a sentence that concludes.
HEAD = (
    r"[^\w\n]{0,12}(?:(?:final|overall|my|the|short|in) ){0,3}(?:conclusions?|outcome|answer|call|verdict|output|"
    r"prediction|predicted|decision|judge?ment|result|estimate|assigned|classification|class|family|final|score|value|"
    r"bottom line)\b"
)
HEADED_LINE = re.compile(rf"(?m)^{HEAD}[^:=\n]{{0,40}}[:=][^\n]*\w[^\n]*$", re.IGNORECASE)
HEADED_PART = re.compile(
    rf"(?:^|\n){HEAD}[ \t\w]{{0,20}}[.:]?[ \t]*(?:\n+|(?<=\.)[ \t])(?P<part>[^\n]+)", re.IGNORECASE
)
NEAR_THE_END = 3  # sentences


def concluded(answer: str, task: Task) -> Parsed:
    """What a text concludes: of a last line that is headed as the conclusion, or else of the whole text; where that is
    unusable, of the part headed so, of the last sentences, and of the first one."""
    text = plain(answer).strip()
    last = text[text.rfind("\n") + 1 :]
    headed = HEADED_LINE.match(last) and parse(last, task)
    whole = headed if headed and headed.status == "ok" else parse(answer, task)
    if whole.status != "ok":
        said = [
            piece
            for line in text.split("\n")
            for piece in SENTENCE_END.sub(r"\1\n", line).split("\n")
            if piece.strip()
        ]
        parts = [match["part"] for match in HEADED_PART.finditer(text)][::-1]
        parts += [line[0] for line in HEADED_LINE.finditer(text)][::-1]
        if task.kind != "regression":
            parts += [*said[: -NEAR_THE_END - 1 : -1], *said[:1]]
        return next((read for part in parts if (read := parse(part, task)).status == "ok"), whole)
    return whole


def speaks(text: str, task: Task) -> bool:
    """Whether a sentence names what the task asks about, or calls itself the answer."""
    topic = lexicon(task.title, task.short).topic if task.kind == "binary" else class_names(task.classes)
    return topic.search(text.lower() if task.kind == "binary" else text) is not None or "answer" in text.lower()


def conclusion_findings(answer: str, label: Value, task: Task) -> Iterator[Finding]:
    """One finding: whether the parser reads the label, a number to the label's decimals; what it cannot read is no
    wrong fact, but supports nothing."""
    read = concluded(answer, task)
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


def earlier_conclusions(answer: str, task: Task) -> Iterator[str]:
    """The sentences that conclude something else than the last conclusion; yes-or-no tasks and classes."""
    last = concluded(answer, task)
    if task.kind not in ("binary", "multiclass") or last.status != "ok":
        return
    for sentence in sentences(plain(answer)):
        if (
            ((sentence.weight == CONCLUSION and CONCLUDES.search(sentence.text)) or CERTAIN.match(sentence.text))
            and not sentence.text.endswith(",")
            and not WEIGHING.search(sentence.text)
            and speaks(sentence.text, task)
        ):
            read = parse(sentence.text, task)
            if read.status == "ok" and read.value != last.value:
                yield sentence.text
