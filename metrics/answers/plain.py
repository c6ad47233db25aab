"""Plain text in lines: no markup, quotes or sequences, digits and dashes plain, lists and tables as clauses."""

import re
import unicodedata

from metrics.answers.own_words import own_words, without_cut_repetition


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
DASH_OF_NUMBER = re.compile(r"[–—](?=[\d.])|(?<=\d) – (?=\d*\.\d)")
DASH = re.compile(r" ?[–—] ?")
BLANK = re.compile(r"[^\S\n]+")
BLANK_LINES = re.compile(r" ?\n\s*")
LATEX = {r"\times": "x", r"\pm": "±", r"\approx": "about", r"\sim": "about", r"\circ": "°", r"\n": "\n"}
DEGREE = re.compile(r"\^\{?\\circ\}?")
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
    text = own_words(answer)
    if "  " in text or not text.isprintable():
        text = BLANK.sub(" ", text)
    text = text.strip()
    if not text.isascii():
        text = with_plain_signs(text)
    return without_cut_repetition(in_clauses(without_markup(as_told(text))))


def with_plain_signs(text: str) -> str:
    """The text with one sign each for all quotes, dashes, widths and ticks, and blanks around numbers."""
    text = unicodedata.normalize("NFKC", text.replace("º", "°").replace("˚", "°")).translate(PLAIN_SIGNS)
    text = BESIDE_LETTERS.sub(" ", text) if max(text, default="") > "\u3040" else text
    return DASH.sub(", ", DASH_OF_NUMBER.sub("-", text)) if "–" in text or "—" in text else text


def as_told(text: str) -> str:
    """The text without code, with the option or the JSON value that is the answer, and tables of one row as prose."""
    if "```" in text:
        text = CODE.sub("\n", text)
    if "nswer" in text and "\n" in text and (chosen := CHOSEN.search(text)):
        option = re.search(OPTION.format(chosen[1]), text, re.MULTILINE)
        text = f"Answer: {option[1]}" if option else text
    if "|" in text and "--" in text:
        text = TABLE.sub(cells, text)
    if "{" in text and (keyed := KEYED.search(text)):
        text = keyed[keyed.lastindex]
    return text


def cells(table: re.Match) -> str:
    """A table of one row as a list of its cells with their headings."""
    headings, values = (row.split("|") for row in table.groups())
    pairs = zip(headings, values, strict=False)
    return ", ".join(f"{heading.strip()}: {value.strip()}" for heading, value in pairs)


def without_markup(text: str) -> str:
    """The text without Markdown, LaTeX, tags and quotes; "Answer:" before what is tagged or boxed as such."""
    if "->" in text or "=>" in text:
        text = ARROW.sub("=", text)
    if "\\" in text:
        text = LATEX_SIGN.sub(lambda sign: LATEX[sign[0]], DEGREE.sub("°", text))
    if "<" in text or "\\boxed" in text:
        text = ANSWER_TAG.sub("\nAnswer: ", SEQUENCE.sub(" ", text))
        text = TAG.sub(" ", INLINE_TAG.sub("", text))
    text = MARKUP.sub("", text.replace("[]", "none"))
    return QUOTE.sub("", text) if "'" in text else text


def in_clauses(text: str) -> str:
    """The text with list items and answered questions as clauses, and a heading before what stands below it."""
    if text.endswith(("+", "-")):
        text = SIGN.sub(lambda sign: ": positive" if sign[1] == "+" else ": negative", text)
    if "\n" in text:
        text = BLANK_LINES.sub("\n", text.strip()).replace(":\n", ": ")
    if ("1. " in text or "1) " in text) and INLINE_LIST.search(text):
        text = INLINE_ITEM.sub(", ", text)
    if "?" in text:
        text = QUESTION_AND_ANSWER.sub(": ", text)
    return BULLET.sub(", ", text).strip() if "\n" in text or BULLET.match(text) else text.strip()
