"""A reasoning text as clauses: what is asserted of the molecules at hand, and what is background or only possible.

"Promoters often have a TATA box, but this sequence has none" are two clauses; the first says nothing about the row.
"""

import re
import unicodedata
from dataclasses import dataclass

from metrics.answers.text import SENTENCE_END
from metrics.reasoning.background import HABIT, HYPOTHESIS, asserts


BOUND = 10_000  # characters of the beginning and of the end that are read: longer answers are endless
LONGEST = re.compile(r"\S{1,3000}(?:\s+\S{1,3000}){0,99}")  # of a sentence, which endless answers do not end
PLAIN_SIGNS = str.maketrans(
    dict.fromkeys("’‘′`´", "'")
    | dict.fromkeys("“”", '"')
    | dict.fromkeys("‐‑‒–−", "-")
    | {"×": "x", "≃": "≈", "∼": "~"}
)
QUOTED_CODE = re.compile(r"`{1,3}([^`\n]{1,2000})`{1,3}")
TAGS = re.compile(r"</?(?:dna|rna|protein)>", re.IGNORECASE)
MARKUP = re.compile(
    r"</?[A-Za-z][\w-]{0,15} ?/?>|\*+|~~|\\(?:text(?:bf|rm|it)?|mathrm|mathbf)\b|[{}$\\]|(?<!\w)_{1,2}|_{1,2}(?!\w)"
)
# "(Met as residue 1)", "M = 1", "Met1 omitted": how positions are numbered.
NUMBERING = re.compile(
    r"\b(?:the )?(?:initiat\w+ |first |leading )?(?:Met(?:hionine)?|M|Ser(?:ine)?|S)"
    r"(?: ?(?:=|:|is|as|being|counted as|numbered|at) ?(?:residue |position |number |no\. |#)?[01]\b|"
    r"-?1 (?:is |was |being )?(?:omitted|removed|missing|absent|not included|lacking|cleaved))",
)
# "N-X-S/T, X not P": how a motif is written
ANY_BUT = re.compile(
    r",? ?\(?(?:with |where )?\bX (?:is )?(?:not|any(?:thing)? but|other than|≠|!=) P(?:ro(?:line)?)?\b\)?"
)
# "(T stands for U)", "(T in the listing)", "if U is written for T": how letters are written.
WRITTEN = r"(?:writ\w+|listing|stands?|shown|given|well|string|instead|replac\w+|read|here|input|transcrib\w+)"
NOTATION = re.compile(
    rf"\s?\((?:[^()\d]{{0,25}}\b)?(?:{WRITTEN}[^()\d]{{0,20}}\b[TU]|"
    rf"[TU]\b[^()\d]{{0,20}}\b{WRITTEN})\b[^()\d]{{0,25}}\)|"
    r",? (?:if|when|with|where) (?:every |each |all )?[TU] (?:is |are |being )?(?:written|read|shown|replaced|used|"
    r"substituted)[^,.;()\n]{0,30}"
)
CELLS = re.compile(r"(?m)^[ \t]*\|(.*)\|[ \t]*$")
RULE = re.compile(r"(?m)^[ \t]*[-=_:| ]{3,}[ \t]*$")
ITEM = re.compile(r"[ \t]*(?:[-•·+>]|\(?\d{1,2}[.)]|\(?[a-z][.)])[ \t]+")
QUOTES = re.compile(r"\"(?:\s*\")+")
AFTER_LETTER = re.compile(r"(?<=\b[A-Z])\.\s+(?=[A-Z][a-z]|A [a-z])")  # "… are G or C. The …", which is no initial
HEADING = re.compile(r"[ \t]*#+[ \t]*")

# A clause ends here; what follows a comma may be an aside about the thing in general ("…, which usually binds TBP").
CLAUSE_END = re.compile(
    r"[;\n]|\s-\s(?=\w{2})|\s?—\s?|"
    r",?\s(?=(?:but|whereas|while|although|though|however|yet|because|so that|since)\s)|"
    r",\s(?=(?:which|who|where|so|thus|hence|as|typically|usually|often|commonly|generally|known|characteristic|"
    r"suggest\w*|indicat\w*|reminiscent|consistent|in line|in agreement|making|giving|meaning|implying|far|i\.e\.|"
    r"the (?:hallmark|signature|reverse|usual)|a (?:hallmark|signature|common|typical|characteristic|feature|sign)|"
    r"(?:and )?(?:it|this|there|we|i|they|these) )\b)|"
    r",?\s(?=and\s(?:it|its|this|there|the|we|i|has|have|is|are|was|contains?|carr(?:y|ies)|holds?|includes?|lacks?|"
    r"shows?|starts?|begins?|ends?|thus|therefore|hence|so|would|could|may|might|can)\b)",
    re.IGNORECASE,
)
# "CCGCCC, the reverse complement of the SP1 site, occurs nine times": what is inserted is left out.
APPOSITION = re.compile(
    r", (?:the|an?|or|i\.e\.,?|also) (?![^,]{0,60}(?:\d-|position|"
    r"residue))[^,;.]{3,70}, (?=(?:is|are|was|were|occurs?|appears?|lies|sits|starts?|spans?|"
    r"can|begins?|ends?|at|makes?|accounts?|adds?|totals?|amounts?|comes?|numbers?)\b)"
)
# "… and the M153T/V163A folding mutations": more of the same, without a verb of its own.
GOES_ON = re.compile(
    r"\s*(?:and|or|as well as)\b(?!.*\b(?:is|are|was|were|has|have|contains?|shows?|carr(?:y|ies)|lacks?|holds?|"
    r"starts?|"
    r"begins?|ends?|occurs?|lies|sits|includes?|we|i|it|there|spans?|reads?|measures?|numbers?|at \d)\b).*",
    re.IGNORECASE | re.DOTALL,
)
RELATIVE = re.compile(r"\s*(?:which|who|where)\s", re.IGNORECASE)


@dataclass(frozen=True)
class Clause:
    """A part of a sentence that says one thing.

    Attributes:
        text: as written, in plain text.
        sentence: the whole sentence, which says what "it" and "that" mean.
        before: the sentence up to this clause.
        asserted: it is about the molecules of the row, and neither conditional nor what usually holds.
    """

    text: str
    sentence: str
    before: str
    asserted: bool


def plain(answer: str) -> str:
    """The answer without markup, letters in code as letters in quotes, lines kept."""
    if len(answer) > 2 * BOUND:
        answer = answer[:BOUND] + "\n" + answer[-BOUND:]
    text = QUOTED_CODE.sub(r'"\1"', unicodedata.normalize("NFKC", answer)).translate(PLAIN_SIGNS)
    text = NOTATION.sub("", ANY_BUT.sub("", NUMBERING.sub(" ", TAGS.sub('"', text))))
    text = CELLS.sub(lambda row: " : ".join(cell.strip() for cell in row[1].split("|")), text)
    return QUOTES.sub('"', MARKUP.sub("", RULE.sub("", text)))


def clauses(text: str) -> list[Clause]:
    """The clauses of a plain text, in order. Items of a list inherit that their introduction asserts nothing; what is
    said again is read once."""
    found, introduced, idle = [], False, False
    for line in text.split("\n"):
        if not line.strip():
            continue
        item = ITEM.match(line)
        body = HEADING.sub("", line[item.end() :] if item else line).strip()
        if not item:
            idle = introduced = False
        for sentence in SENTENCE_END.sub(r"\1\n", AFTER_LETTER.sub(".\n", body)).split("\n"):
            for piece in LONGEST.findall(sentence):
                found += clauses_of(piece, idle and item is not None)
        if not item and body.endswith(":"):
            introduced = True
            idle = (MIGHT.search(body) or HABIT.search(body)) is not None
        elif not introduced:
            idle = False
    return list(dict.fromkeys(found))


MIGHT = re.compile(
    r"\b(?:may|might|could|can|possible|potential(?:ly)?|typical(?:ly)?|consider\w*|would|should)\b", re.I
)


def clauses_of(sentence: str, idle: bool) -> list[Clause]:
    """The clauses of one sentence."""
    if sentence.rstrip().endswith("?"):
        return []
    sentence, found, start = APPOSITION.sub(" ", sentence), [], 0
    ends = [*((m.start(), m.end()) for m in CLAUSE_END.finditer(sentence)), (len(sentence), len(sentence))]
    hypothesis = HYPOTHESIS.match(sentence.lstrip()) is not None
    for end, following in ends:
        text = sentence[start:end]
        if text.strip():
            relative = RELATIVE.match(text)
            whole = f"{found[-1].text} {text[relative.end() :]}" if relative and found else text
            goes_on = found and not found[-1].asserted and GOES_ON.fullmatch(text)
            live = not (idle or hypothesis or goes_on) and asserts(whole)
            found.append(Clause(text, sentence, sentence[:start], live))
        start = following
    return found
