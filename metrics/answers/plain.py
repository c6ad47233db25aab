"""The model's own words: no reasoning blocks, invented next turns, sequences or markup; digits and dashes plain."""

import re
import unicodedata


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
RESTATED = re.compile(r"this is an? [\w -]{1,60} task\.?|do not explain or repeat\.?", re.IGNORECASE)
# The value of the key that Table 9 asks for; explanations under other keys are no answers.
KEYED = re.compile(
    r"""["'](?:final[ _]?)?answer["'] ?: ?(?:"((?:[^"\\]|\\.)*)|'((?:[^'\\]|\\.)*)|(\[[^\]]*|\{[^}]*|[^,}\n]*))""",
    re.I,
)
CODE = re.compile(r"```\w*\n(?:(?!```).)*?\b(?:import |def |print\()(?:(?!```).)*(?:```|\Z)", re.DOTALL)
# "Answer: B", and which of the options that is.
CHOSEN = re.compile(r"\b[Aa]nswer(?: is)?[:=]? ?\(?([A-D])\)?\.?(?:\n|\Z)")
OPTION = r"^\(?{}[).:] ?([^\n]+)$"
ARROW = re.compile(r"[-=]+>")
# A table of one row: each cell under its heading.
TABLE = re.compile(
    r"^\|?([^\n|]+(?:\|[^\n|]+)+)\|?\n\|?[ \t:|-]*-[ \t:|-]*\n\|?([^\n|]+(?:\|[^\n|]+)+)\|?(?=\n[^|\n]*(?:\n|\Z)|\Z)",
    re.MULTILINE,
)
ANSWER_TAG = re.compile(r"<(?:answer|ans|result)>|\\boxed\s?(?=\{)", re.IGNORECASE)
SEQUENCE = re.compile(r"<(dna|rna|protein)>.*?</?\1>", re.DOTALL | re.IGNORECASE)
INLINE_TAG = re.compile(r"</?(?:su[bp]|b|i|em|strong)>")
TAG = re.compile(r"</?[A-Za-z][\w-]{0,20} ?/?>")
MARKUP = re.compile(r"\\(?:text(?:bf|rm|it)?|mathrm|mathbf)(?![A-Za-z])|\\[,;!()\[\]]|~~[^~\n]*~~|[*`$#{}\\\"]")
QUOTE = re.compile(r"'(?:(?<!\w')|(?<![\s(,-][2-5]')(?<!^[2-5]')(?!\w))")  # not the prime of 5' or of 2'-O
BULLET = re.compile(r"(?:^|\n)(?:[-•·]|\(?\d{1,2}[.)]|\(?[a-z]\)) ")
# "1. riboswitch 2. ribozyme" or "(1) it is short, (2) it is AT-rich" within a line
INLINE_LIST = re.compile(r"(?<![\w.])\(?1[.)] [A-Za-z][^\n]{1,200}? \(?2[.)] [A-Za-z]")
INLINE_ITEM = re.compile(r"(?<![\w.])\(?\d[.)] (?=[A-Za-z])")
QUESTION_AND_ANSWER = re.compile(
    r"\?\s(?=(?:(?:very|highly|most|quite|not) )?"
    r"(?:yes|no|(?:un)?likely|probably|definitely|absent|present|doubtful)\b)",
    re.IGNORECASE,
)
SIGN = re.compile(r"[:=] ?([+-])$")
# A script without blanks between words: its letters end where a number begins.
BESIDE_LETTERS = re.compile(r"(?<=[\u3040-\u9fff\uac00-\ud7a3])(?=[-+]?\d)|(?<=\d)(?=[\u3040-\u9fff\uac00-\ud7a3])")
FOREIGN_DIGIT = re.compile(r"[^\x00-\x7f\D]")
DASH_OF_NUMBER = re.compile(r"[–—](?=[\d.])|(?:(?<=\.\d)|(?<=\.\d\d)) – (?=\d*\.\d)")
DASH = re.compile(r" ?[–—] ?")
# Longer answers are endless; what they say stands at their beginning, or concludes them.
BOUND = 10_000
CUT_WORD_AT_END, CUT_WORD_AT_START = re.compile(r"\s\S{0,60}\Z"), re.compile(r"\A\S{0,60}\s")
BLANK = re.compile(r"[^\S\n]+")
BLANK_LINES = re.compile(r" ?\n\s*")
LATEX = {r"\times": "x", r"\pm": "±", r"\approx": "about", r"\sim": "about", r"\circ": "°", r"\n": "\n"}
LATEX_SIGN = re.compile("|".join(re.escape(command) + r"(?![a-zA-Z])" for command in LATEX))

PLAIN_SIGNS = str.maketrans(
    {"٫": ".", "→": "=", "×": "x"}
    | dict.fromkeys("’‘′", "'")
    | dict.fromkeys("“”", '"')
    | dict.fromkeys("‐‑−", "-")
    | dict.fromkeys("§¤", " ")  # which stand for names and phrases (lexicon.py)
    | dict.fromkeys("✓✔✅", "yes")
    | dict.fromkeys("✗✘❌", "no")
)


def plain(answer: str) -> str:
    """What the model itself answers, as plain text in lines without blanks around them.

    JSON needs no parser: without braces and quotes its keys stand before their values as in prose.
    """
    text = within_bounds(without_thoughts(answer))
    if "```" in text:
        text = CODE.sub("\n", text)
    text = own_turn(text)
    if "  " in text or not text.isprintable():
        text = BLANK.sub(" ", text)
    text = text.strip()
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text.replace("º", "°").replace("˚", "°")).translate(PLAIN_SIGNS)
        text = FOREIGN_DIGIT.sub(lambda digit: str(unicodedata.digit(digit[0])), text)
        text = BESIDE_LETTERS.sub(" ", text) if max(text) > "\u3040" else text
        if "–" in text or "—" in text:
            text = DASH.sub(", ", DASH_OF_NUMBER.sub("-", text))
    if "nswer" in text and "\n" in text and (chosen := CHOSEN.search(text)):
        option = re.search(OPTION.format(chosen[1]), text, re.MULTILINE)
        text = f"Answer: {option[1]}" if option else text
    if "|" in text and "--" in text:
        text = TABLE.sub(cells, text)
    if "->" in text or "=>" in text:
        text = ARROW.sub("=", text)
    if "{" in text and (keyed := KEYED.search(text)):
        text = keyed[keyed.lastindex]
    if "\\" in text:
        text = LATEX_SIGN.sub(lambda sign: LATEX[sign[0]], text)
    if "<" in text or "\\boxed" in text:
        text = ANSWER_TAG.sub("\nAnswer: ", SEQUENCE.sub(" ", text))
        text = TAG.sub(" ", INLINE_TAG.sub("", text))
    text = MARKUP.sub("", text.replace("[]", "none"))
    if "'" in text:
        text = QUOTE.sub("", text)
    if text.endswith(("+", "-")):
        text = SIGN.sub(lambda sign: ": positive" if sign[1] == "+" else ": negative", text)
    if "\n" in text:
        text = BLANK_LINES.sub("\n", text.strip()).replace(":\n", ": ")
    if ("1. " in text or "1) " in text) and INLINE_LIST.search(text):
        text = INLINE_ITEM.sub(", ", text)
    if "?" in text:
        text = QUESTION_AND_ANSWER.sub(": ", text)
    text = BULLET.sub(", ", text).strip() if "\n" in text or BULLET.match(text) else text.strip()
    return without_cut_repetition(text)


def cells(table: re.Match) -> str:
    """A table of one row as a list of its cells with their headings."""
    headings, values = (row.split("|") for row in table.groups())
    pairs = zip(headings, values, strict=False)
    return ", ".join(f"{heading.strip()}: {value.strip()}" for heading, value in pairs)


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
    return RESTATED.sub("\n", text) if "task" in text or "repeat" in text else text


def first_answer(text: str) -> str:
    """The text up to a question or sequence invented after a bare answer, whose label, if any, comes again."""
    bare = BARE_ANSWER.match(text)
    if not bare or not (invented := INVENTED.search(text, bare.end() - 1)):
        return text
    again = bare["label"] is None or f"\n{bare['label'].lower()}:" in text[invented.start() :].lower()
    return text[: invented.start()] if again else text
