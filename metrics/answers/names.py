"""Named labels: RNA classes, RNA modifications and EC numbers, with the names that biologists use for them."""

import re
from collections.abc import Callable
from functools import cache

from metrics.answers.polarity import assertion, clauses, negated, polarity


NONE, UNDECIDED = "none", "or"

# Names beside the label itself; two-letter names keep their case ("Am" is a nucleotide, "am" is a verb).
SYNONYMS = {
    "5S_rRNA": r"(?i:5s[ _-]?(?:rrna|ribosomal rna)s?)",
    "5_8S_rRNA": r"(?i:5[._]8s[ _-]?(?:rrna|ribosomal rna)s?)",
    "tRNA": r"(?i:trnas?|transfer[ -]rnas?)",
    "ribozyme": r"(?i:ribozymes?|catalytic rnas?)",
    "CD-box": r"(?i:c/?d[ _-]?box|box[ -]c/?d|snord\d*)",
    "HACA-box": r"(?i:h/?aca[ _-]?box|box[ -]h/?aca|snora\d*)",
    "miRNA": r"(?i:mi(?:cro)?-?rnas?)",
    "Intron_gpI": r"(?i:(?:group|gp)[ _-]?(?:i|1)[ _-]introns?|introns?[ _-](?:group|gp)[ _-]?(?:i|1))",
    "Intron_gpII": r"(?i:(?:group|gp)[ _-]?(?:ii|2)[ _-]introns?|introns?[ _-](?:group|gp)[ _-]?(?:ii|2))",
    "riboswitch": r"(?i:riboswitch(?:es)?)",
    "IRES": r"(?i:ires(?:es)?|internal ribosom\w+ entry (?:site|segment)s?)",
    "leader": r"(?i:leaders?)",
    "scaRNA": r"(?i:scarnas?|small cajal[ -]body(?:[ -]specific)? rnas?)",
    "Am": r"Am|(?i:2'-?o-?methyl[ -]?adenosine)",
    "Cm": r"Cm|(?i:2'-?o-?methyl[ -]?cytidine)",
    "Gm": r"Gm|(?i:2'-?o-?methyl[ -]?guanosine)",
    "Um": r"Um|(?i:2'-?o-?methyl[ -]?uridine)",
    "m1A": r"(?i:m\^?1a|(?:n-?)?1-methyl[ -]?adenosine)",
    "m5C": r"(?i:m\^?5c|5-methyl[ -]?cyt(?:idine|osine))",
    "m5U": r"(?i:m\^?5u|5-methyl[ -]?uridine|ribothymidine)",
    "m6A": r"(?i:m\^?6a|n-?6-methyl[ -]?adenosine)",
    "m6Am": r"(?i:m\^?6am|n-?6, ?2'-?o-?dimethyl[ -]?adenosine)",
    "m7G": r"(?i:m\^?7g|(?:n-?)?7-methyl[ -]?guanosine)",
    "Psi": r"(?i:psi|ψ|pseudo-?uridines?)",
    "AtoI": r"A-?to-?I|A to I|(?i:atoi|inosine)",
}
EC_NUMBER = re.compile(
    r"(?<![\w.])(?:(?i:ec(?: class)?)[ :]*(?P<prefixed>[1-7](?:\.(?:\d{1,3}|-)){0,2}(?:\.(?:n?\d{1,3}|-))?)"
    r"|(?P<plain>[1-7](?:\.(?:\d{1,3}|-)){2}(?:\.(?:n?\d{1,3}|-))?))(?!\w|\.\w)"
)
MODIFIED = re.compile(r"modif|\bnone\b|\bnothing\b")
ENZYME = re.compile(r"enzym|cataly|\bec\b|\bnone\b")
MASK = re.compile(r"<(\d+)>")
LIST = re.compile(r"(?:<\d+>|\b(?:and|or|nor|an?|the|such as|including|like)\b|\W)*")
CHOICE = re.compile(r">\s+(?:and/)?or\s+<|\b(?:any|either|one) of\b")
LABEL_END = re.compile(r":(?=(?:\s*\S+){4})")  # "m6A: not present" is one clause
REMAINING = re.compile(r"\b(?:others?|else|rest|remaining|further|additional)\b")


def read_classes(sentence: str, classes: tuple[str, ...]) -> set[str]:
    """The classes that a sentence asserts, by their own names or synonyms."""
    return asserted(sentence, class_names(classes), lambda match: classes[match.lastindex - 1], None)


def read_modifications(sentence: str, classes: tuple[str, ...]) -> set[str]:
    """The modifications that a sentence asserts; NONE where it says that there is none."""
    return asserted(sentence, class_names(classes), lambda match: classes[match.lastindex - 1], MODIFIED)


def read_ec_numbers(sentence: str) -> set[str]:
    """The EC numbers that a sentence asserts, "3.4.21" as 3.4.21.-; NONE where it says that this is no enzyme."""
    return asserted(sentence, EC_NUMBER, complete_ec_number, ENZYME)


@cache
def class_names(classes: tuple[str, ...]) -> re.Pattern:
    """A pattern with one group per class: group i + 1 matches a name of classes[i]."""
    names = "|".join(f"({SYNONYMS.get(name, re.escape(name))})" for name in classes)
    return re.compile(rf"(?<![\w.])(?:{names})(?!\w)")


def complete_ec_number(match: re.Match) -> str:
    """Four levels: the ones that are not there become "-"."""
    number = match["prefixed"] or match["plain"]
    return number + ".-" * (3 - number.count("."))


def asserted(
    sentence: str, names: re.Pattern, label_of: Callable[[re.Match], str], topic: re.Pattern | None
) -> set[str]:
    """The labels whose names stand in clauses that do not deny them.

    With them NONE if a clause denies the topic itself, and UNDECIDED if labels are offered as a choice ("X or Y").
    """
    if sentence.endswith("?"):
        return set()
    labels = []

    def mask(match: re.Match) -> str:
        labels.append(label_of(match))
        return f" <{len(labels) - 1}> "

    found, denied = set(), False
    parts = [part for clause in clauses(names.sub(mask, sentence)) for part in LABEL_END.split(clause)]
    for part in map(assertion, parts):
        named = {labels[int(i)] for i in MASK.findall(part)}
        if not LIST.fullmatch(part):  # a mere list goes on as the clause before it
            denied = negated(part)
        if named and not denied:
            found |= named | ({UNDECIDED} if CHOICE.search(part) else set())
        elif topic and not named and not REMAINING.search(part) and polarity(part, topic) == (False, True):
            found.add(NONE)
    return found
