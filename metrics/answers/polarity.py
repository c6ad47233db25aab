"""Yes or no: what the clauses of a sentence assert or deny about a topic."""

import re
from functools import lru_cache

from metrics.answers.chances import CHANCE_WORDS, in_words
from metrics.answers.general import MANY_WORDS, OF_MANY, generalizes
from metrics.answers.lexicon import Lexicon
from metrics.answers.refusals import REFUSAL, REFUSAL_WORDS
from metrics.answers.text import CONCLUDING, DIRECT, Sentence


# A clause ends at a comma and its like, before "rather than", and at an "and" that begins a statement of its own.
CLAUSE_END = re.compile(r",|(?=[mM])|c(?=[~f]?[rvaonxsb]|[~f]?[A-Z]a)")
LONGEST = 200  # words of a clause; a longer one is a list, or nothing that a rule could tell
# "an answer to whether it is a promoter is no": what a hypothesis says is not asserted, what follows it may be.
HYPOTHESIS = re.compile(r"h.*[aqz](?=[yxo]$)|h.*|^[cfe]{0,2}j.*|^a[~rt].*")
UNDECIDED = re.compile(r"g|!|nyn|d.*#|[k/].{0,2}[nomsSx]|Wc[~f]?S|[nN][^nsS]{1,4}[nN].?[sS]")
# "not unlikely", "no aggregation"; "unlikely to be insoluble", "lack of aggregation"; "insolubility is unlikely".
DOUBLE = re.compile(
    r"[nom][^nosSxlcm,.]{0,7}[sx]|[nom][^nosSxlcm,.A-Z]{0,3}l|[nomN][^nosSxlcm,.]{0,5}S|Nan|o[^nosSxlcm,.]{0,9}[t?][ra]{0,2}[^nosSxlcm,.]{0,4}S|"
    r"[no].{0,5}\?[^nosSxlcm,.]{0,5}n|[sl][^nosSxlcm,.]{0,6}S|[sx]t[^nosSxlcm,.]{0,5}[no]|s[nN](?=t|$)|"
    r"S[^nosSxlcmt,.]{0,4}[nosx](?!.{0,3}[A-Z])"
)
DIGIT = re.compile(r"^[01]$|z.*a[01]$")
ANSWER_NO = re.compile(r"^n(?=t|ev)|(?<=[zqfe])o(?=e|$)|(?<=:)o|^o(?=$|[erhtjc])|o$")
# "the lack of a TATA box suggests that this is ...": a state of what the clause does not ask about.
OTHER_STATE = re.compile(r"le?[^A-Znosx]{0,12}[ba](?=.*[A-Z@])|(?<=[A-Zw])l[~fr]{0,2}w[^A-Z@nosx]*$")
SMALL = re.compile(r"(d.*[af]f?)-(?=$|t)")  # "the chance is small", but not "the protein is small"
LOW = re.compile(r"u(?=[wfe~]?[dA-Z])|(?<=[af])f?u(?=$|t)|^u$")
NEGATIVE = re.compile(r"[nomxslNSXL]")
ABOUT = re.compile(r"[A-Zyx]|v.{0,4}q|nq|^(?!c?ow).*[rt]$")
BARE = re.compile(r"[^A-Zwgi#@]*")
AFFIRMED = re.compile(r"p|rf*ar?$|qf?r$")
INTRODUCED = re.compile(r"[iI][^t]*[A-Z]|[A-Z][^t]*i|I|^ee")
SOUGHT, ITEM = re.compile(r"v.*i|wai"), re.compile(r"[~fewWc]*")  # "we look for TATA boxes, initiator elements"
OR_NOT = re.compile(r"k[rafe]{0,4}n")  # "it may bind, or it may not"
TOPIC = re.compile("[A-Z]")
INTRODUCTION = re.compile(rf"^\W*(?:{CONCLUDING}):\s", re.IGNORECASE)  # "In summary: a negative outcome"
WORDS = re.compile("[A-Za-z]")
OF_ANSWER = re.compile(r"[A-Zzvayxo]|^[^w]*$")
# "that the protein, which is an enzyme, binds": the clause goes on after the insertion.
INSERTED = re.compile(r"(\bthat (?:the|this|these|an?) \w+(?: \w+)?), [^,;.]{1,60}, |, (?:which|who)\b[^,;.]{1,60}, ")
# "more likely an enhancer than a promoter": the one rather than the other
MORE_THAN = re.compile(
    r"\b(more (?:likely|prob|plausib|like\b|typical|characteristic|consistent|reminiscent|similar|suggestive|"
    r"indicative|compatib)[^.,;]{0,80}?) than (?!not\b)"
)
# What stands in brackets within a clause does not end it; not "(1)", which may be the answer.
ASIDE = re.compile(r" \((?:\d[\d.,]*[\d%]\)|(?!(?:yes|no|not|un|absent|present)\b)[\w .,/-]{2,40}\)(?= [a-z]))")
DENIALS = ("o", "x", "n", "s")  # "It is soluble? No": what is denied is not said
NEGATIVE_LABEL = re.compile(r"[~fwzar]{0,4}S[~fwz]{0,2}")


def read_polarity(sentence: Sentence, lexicon: Lexicon) -> set[bool]:
    """The polarities asserted by a sentence: one, none, or both where its clauses contradict each other.

    A topic that merely stands there ("Solubility: negative") asserts itself only where nothing else is said.
    """
    if sentence.text.endswith("?"):
        return set()
    found, before = [], ""
    for clause in clauses(sentence, lexicon, INTRODUCTION.sub("", sentence.text)):
        if OR_NOT.fullmatch(clause):
            return set()
        if SOUGHT.search(before) and ITEM.fullmatch(clause):
            continue
        before = clause
        label, _, rest = clause.rpartition(":")
        if not label:
            found.append(polarity(assertion(rest)))
            continue
        value = polarity(assertion(rest))
        if value and len(rest) == 1 and NEGATIVE_LABEL.fullmatch(label):  # "Insoluble: no"
            found.append((not value[0], True))
            continue
        if WORDS.search(rest) and rest not in DENIALS:  # "Solubility: 0.12" is no answer
            found.append(polarity(assertion(label)))
        if OF_ANSWER.search(label) or TOPIC.search(rest):  # "TATA box: no" answers another question
            found.append(value)
    found = list(filter(None, found))
    if found and is_general(sentence):
        return set()
    return {value for value, explicit in found if explicit} or {value for value, _ in found}


def is_general(sentence: Sentence) -> bool:
    """Whether a sentence tells what holds of no case in particular, and concludes nothing."""
    return sentence.weight < DIRECT and generalizes(sentence.text.lower())


def clauses(sentence: Sentence, lexicon: Lexicon, text: str = "") -> list[str]:
    """The clauses of a sentence, as letters; of `text` where that stands for the sentence."""
    text = (text or sentence.text).lower()
    if not REFUSAL_WORDS.isdisjoint(sentence.words):
        text = REFUSAL.sub(" ¤! ", text)
    if not MANY_WORDS.isdisjoint(sentence.words):
        text = OF_MANY.sub(" ¤! ", text)
    if " than " in text:
        text = MORE_THAN.sub(r"\1 ¤m ", text)
    if "(" in text:
        text = ASIDE.sub("", text)
    if ", " in text:
        text = INSERTED.sub(r"\1 ", text)
    if "%" in text or not CHANCE_WORDS.isdisjoint(sentence.words):
        text = in_words(text, lexicon.topic)
    found = CLAUSE_END.split(lexicon.letters(text, sentence.words))
    return [clause[i : i + LONGEST] for clause in found for i in range(0, len(clause), LONGEST)]


@lru_cache(1 << 14)  # clauses of the same letters come again and again
def assertion(clause: str) -> str:
    """What a clause asserts: without hypotheses, empty where it is general, refuses or leaves a choice."""
    clause = HYPOTHESIS.sub("", clause)
    return "" if UNDECIDED.search(clause) else clause


@lru_cache(1 << 14)
def negated(clause: str) -> bool:
    """Whether the clause denies what it names."""
    return NEGATIVE.search(resolved(clause)) is not None


def resolved(clause: str) -> str:
    """The clause with two negations that make an affirmation as one, and without the state of something else."""
    return DOUBLE.sub(affirmation, OTHER_STATE.sub("", ANSWER_NO.sub("x", LOW.sub("s", SMALL.sub(r"\1s", clause)))))


def affirmation(double: re.Match) -> str:
    """Two negations as one word that affirms, about the topic where one of them is."""
    return "p" if double[0] == double[0].lower() else "P"


@lru_cache(1 << 14)
def polarity(clause: str) -> tuple[bool, bool] | None:
    """(asserted?, explicitly?) for a clause that is about the topic or is an answer by itself, otherwise None."""
    if DIGIT.search(clause):
        return clause[-1] == "1", True
    clause = resolved(clause)
    bare = BARE.fullmatch(clause)
    if NEGATIVE.search(clause):
        return (False, True) if bare or ABOUT.search(clause) else None
    if "y" in clause or "Y" in clause or (bare and AFFIRMED.search(clause)):
        return True, True
    if TOPIC.search(clause) and not INTRODUCED.search(clause):
        return True, "a" in clause
    return None
