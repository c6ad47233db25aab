"""The model's own words: no reasoning blocks, no invented next turns, and of an endless answer both ends."""

import re


THOUGHT = re.compile(r"<(/?)(?:think(?:ing)?|thoughts?|reason(?:ing)?|analysis|scratchpad)>", re.IGNORECASE)
# Where the model's own turn ends: a token of a chat template, or the heading of a question that it goes on to invent.
TURN_TOKEN = re.compile(r"<\|[^|<>\n]{1,40}\|>|<｜[^｜\n]{1,40}｜>|</?s>|<(?:start|end)_of_turn>|\[/?INST\]")
ROLES = frozenset(("", "assistant", "user", "system", "model", "human"))
NEXT_TURN = re.compile(
    r"(?:\n|(?<=[.!?]) )[ \t#*>\[]*(?:next |new |another )?(?:question|q|user|human|instruction|input|problem|prompt|"
    r"query|exercise)s?[ \t]*\d*[\]* \t]*:|\n[ \t]*#+ ?(?:instruction|question|input|user|human)\b|\bmy question is\b|"
    r"(?:user|assistant)\n\n",
    re.IGNORECASE,
)
# One of these is in every such heading: without them, there is nothing to look for.
TURN_WORDS = (
    *("question", "user", "human", "instruction", "input", "problem", "prompt", "query", "exercise", "assistant"),
    *("q:", "\nq"),
)
# A base model's own answer, bare on the first line, and where it goes on to invent a question or a sequence.
BARE_ANSWER = re.compile(
    r"(?!\d+[.)] )(?:(?P<label>[\w /-]{1,40}): ?)?[*`\"']*(?:yes|no|none|positive|negative|[a-z]*rna|"
    r"(?:in)?soluble|[^\s:]*\d[^\s:]*)\b[^\n:]{0,40}\n",
    re.IGNORECASE,
)
INVENTED = re.compile(
    r"\n[ \t]*(?:(?:what|which|does|do|is|are|can|could|will|would|how)\b[^\n]{10,}\?[ \t]*\n|"
    r"(?:predict|determine|classify)\b[^\n]{10,}\n|"
    r"<(?:dna|rna|protein)>|(?:(?:\w+ ){0,2}sequence|(?:dna|rna|protein)s?)(?: \d+)?:)",
    re.IGNORECASE,
)
# Longer answers are endless; what they say stands at their beginning, or concludes them.
BOUND = 10_000
CUT_WORD_AT_END, CUT_WORD_AT_START = re.compile(r"\s\S{0,60}\Z"), re.compile(r"\A\S{0,60}\s")


def own_words(answer: str) -> str:
    """What the model itself answers."""
    return own_turn(within_bounds(without_thoughts(answer)))


def within_bounds(text: str) -> str:
    """The first and the last lines or words of an endless text."""
    if len(text) <= 2 * BOUND:
        return text
    head, tail = text[:BOUND], text[-BOUND:]
    return CUT_WORD_AT_END.sub("", head) + "\n" + CUT_WORD_AT_START.sub("", tail)


def without_cut_repetition(text: str) -> str:
    """The text without its last sentence where that only begins one said before: the answer was cut off there."""
    start = max(text.rfind(". "), text.rfind("\n")) + 1
    if not start:
        return text
    last = text[start:].strip()
    if len(last) < 12 or (said := text.find(last, 0, start)) < 0 or not text[said + len(last)].isalnum():
        return text
    return text[:start].rstrip()


def without_thoughts(answer: str) -> str:
    """What follows the last reasoning block; nothing where one was begun and not ended."""
    if "<" not in answer:
        return answer
    ends = [mark.end() for mark in THOUGHT.finditer(answer) if mark[1]]
    text = answer[ends[-1] :] if ends else answer
    begun = THOUGHT.search(text)
    return text[: begun.start()] if begun else text


def own_turn(text: str) -> str:
    """The text up to where the model goes on with a turn of somebody else."""
    if "<" in text or "[" in text:
        text = next((piece for piece in TURN_TOKEN.split(text) if piece.strip().lower() not in ROLES), "")
    small = text.lower() if ":" in text or "\n" in text or "uestion" in text else ""
    if small and any(word in small for word in TURN_WORDS):
        text = text.strip()
        for turn in NEXT_TURN.finditer(text):
            if re.search(r"\w", text[: turn.start()]):
                text = text[: turn.start()]
                break
    if "\n" in text:
        text = first_answer(text.lstrip())
    return text


def first_answer(text: str) -> str:
    """The text up to a question or sequence invented after a bare answer, whose label, if any, comes again."""
    bare = BARE_ANSWER.match(text)
    if not bare or not (invented := INVENTED.search(text, bare.end() - 1)):
        return text
    again = bare["label"] is None or f"\n{bare['label'].lower()}:" in text[invented.start() :].lower()
    return text[: invented.start()] if again else text
