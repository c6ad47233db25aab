"""Yes or no: what the clauses of a sentence assert or deny about a topic."""

import re

from metrics.answers.lexicon import Lexicon
from metrics.answers.text import REFUSAL, REFUSAL_HEAD


# A clause ends at a comma and its like, before "rather than", and at an "and" that begins a statement of its own.
CLAUSE_END = re.compile(r",|(?=[mM])|c(?=[~f]?[rvaonxsb]|[~f]?[A-Z]a)")
# "an answer to whether it is a promoter is no": what a hypothesis says is not asserted, what follows it may be.
HYPOTHESIS = re.compile(r"h.*a(?=[yxo]$)|h.*|^[cfe]{0,2}j.*|^a[~rt].*")
UNDECIDED = re.compile(r"g|!|d.*#|[k/].{0,2}[nomsSx]|Wc[~f]?S|[nN][^nsS]{1,4}[nN].?[sS]")
# "not unlikely", "no aggregation"; "unlikely to be insoluble", "lack of aggregation"; "insolubility is unlikely".
DOUBLE = re.compile(
    # "no stretches that would make it aggregate"
    r"[no][^nosSxlcm,]{0,4}t[^nosSxlcm,]{0,4}S|"
    r"[nom][^nosSxlcm,]{0,3}[sSxl]|[nN]S|[nN]an|[no].{0,2}\?.{0,3}n|[sl][^nosSxlcm,]{0,3}S|"
    r"S[^nosSxlcmt,]{0,4}[nosx](?!.{0,3}[A-Z])"
)
ANSWER_NO = re.compile(r"(?<=[zqf])o(?=e|$)|^o(?=$|[erhtjc])|o$")
# "the lack of a TATA box suggests that this is ...": a state of what the clause does not ask about.
OTHER_STATE = re.compile(r"le?[^A-Znosx]*[ba](?=.*[A-Z@])")
LOW = re.compile(r"u(?=[wfe~]?[dA-Z])|(?<=[af])f?u$|^u$")
NEGATIVE = re.compile(r"[nomxslNSXL]")
ABOUT = re.compile(r"[A-Zyx]|v.{0,4}q|nq|[rt]$")
BARE = re.compile(r"[^A-Zwdgi#@]*")
AFFIRMED = re.compile(r"p|ra$|qr$")
THAT_IT_IS = re.compile(r"trar?$")
INTRODUCED = re.compile(r"[iI][^t]*[A-Z]|[A-Z][^t]*i|I")
OF_ANSWER = re.compile(r"[A-Zzvayxo]|^[^w]*$")
CHANCE = re.compile(
    r"(?P<before>\d+(?:\.\d+)?) ?% (?:(?P<sure>sure|certain|confident)|chance|probability|likelihood|"
    r"possibility|likely)|"
    r"(?P<noun>\b(?:chance|probability|likelihood)\b[^.;,%]{0,60}) (?:is|of|at) \D{0,15}(?P<after>\d+(?:\.\d+)?) ?%"
)
NEGATIVE_LABEL = re.compile(r"[~fwzar]{0,4}S[~fwz]{0,2}")


def read_polarity(sentence: str, lexicon: Lexicon) -> set[bool]:
    """The polarities asserted by a sentence: one, none, or both where its clauses contradict each other.

    A topic that merely stands there ("Solubility: negative") asserts itself only where nothing else is said.
    """
    if sentence.endswith("?"):
        return set()
    found = []
    for clause in clauses(sentence, lexicon):
        label, _, rest = clause.rpartition(":")
        if not label:
            found.append(polarity(assertion(rest)))
            continue
        value = polarity(assertion(rest))
        if value and len(rest) == 1 and NEGATIVE_LABEL.fullmatch(label):  # "Insoluble: no"
            found.append((not value[0], True))
            continue
        if re.search("[a-zA-Z]", rest):  # "Solubility: 0.12" is no answer
            found.append(polarity(assertion(label)))
        if OF_ANSWER.search(label) or re.search("[A-Z]", rest):  # "TATA box: no" answers another question
            found.append(value)
    found = list(filter(None, found))
    return {value for value, explicit in found if explicit} or {value for value, _ in found}


def clauses(sentence: str, lexicon: Lexicon) -> list[str]:
    """The clauses of a sentence, as letters."""
    text = sentence.lower()
    if "%" in text:
        text = CHANCE.sub(chance, text)
    if REFUSAL_HEAD.search(text):
        text = REFUSAL.sub(" refusal ", text)
    return [clause for clause in CLAUSE_END.split(lexicon.letters(text)) if clause]


def chance(match: re.Match) -> str:
    """A chance in percent as a word; how sure the model feels is no chance."""
    if match["sure"]:
        return ""
    percent = float(match["before"] or match["after"])
    odds = "borderline" if percent == 50 else "likely" if percent > 50 else "unlikely"
    return f"{match['noun']} is {odds}" if match["noun"] else odds


def assertion(clause: str) -> str:
    """What a clause asserts: without hypotheses, empty where it is general, refuses or leaves a choice."""
    clause = HYPOTHESIS.sub("", clause)
    return "" if UNDECIDED.search(clause) else clause


def negated(clause: str) -> bool:
    """Whether the clause denies what it names."""
    return NEGATIVE.search(resolved(clause)) is not None


def resolved(clause: str) -> str:
    """The clause with two negations that make an affirmation as one, and without the state of something else."""
    return DOUBLE.sub("y", OTHER_STATE.sub("", ANSWER_NO.sub("x", LOW.sub("s", clause))))


def polarity(clause: str) -> tuple[bool, bool] | None:
    """(asserted?, explicitly?) for a clause that is about the topic or is an answer by itself, otherwise None."""
    if clause in ("0", "1"):
        return clause == "1", True
    clause = resolved(clause)
    bare = BARE.fullmatch(clause)
    if NEGATIVE.search(clause):
        return (False, True) if bare or ABOUT.search(clause) else None
    if "y" in clause or "Y" in clause or (bare and AFFIRMED.search(clause)) or THAT_IT_IS.search(clause):
        return True, True
    if re.search("[A-Z]", clause) and not INTRODUCED.search(clause):
        return True, "a" in clause
    return None
