"""Named labels: RNA classes, RNA modifications and EC numbers, with the names that biologists use for them."""

import re
from collections.abc import Callable
from functools import cache

from metrics.answers.lexicon import Lexicon
from metrics.answers.polarity import assertion, clauses, is_general, negated, polarity
from metrics.answers.text import Sentence


NONE, UNDECIDED = "none", "or"

# Names beside the label itself; two-letter names keep their case ("Am" is a nucleotide, "am" is a verb).
SYNONYMS = {
    "5S_rRNA": r"(?i:5s(?:[ _-]?(?:rrna|ribosomal rna)s?)?)",
    "5_8S_rRNA": r"(?i:5[._]8s(?:[ _-]?(?:rrna|ribosomal rna)s?)?)",
    "tRNA": r"(?i:t-?rnas?|transfer[ -]rnas?)",
    "ribozyme": r"(?i:ribozymes?|catalytic rnas?)",
    "CD-box": r"(?i:c/?d[ _-]?box|box[ -]c/?d|snord\d*)",
    "HACA-box": r"(?i:h/?aca(?:[ _-]?box)?|box[ -]h/?aca|snora\d*)",
    "miRNA": r"(?i:mi(?:cro)?[ -]?rnas?|(?:[a-z]{3}-)?(?:mir|let)-\d+\w*)",
    "Intron_gpI": r"(?i:(?:group|gp)[ _-]?(?:i|1)[ _-](?:[a-z-]+ )?introns?|"
    r"introns?(?:[ _-]|, )\(?(?:group|gp)[ _-]?(?:i|1)\)?|group[ _-]i)",
    "Intron_gpII": r"(?i:(?:group|gp)[ _-]?(?:ii|2)[ _-](?:[a-z-]+ )?introns?|"
    r"introns?(?:[ _-]|, )\(?(?:group|gp)[ _-]?(?:ii|2)\)?|group[ _-]ii)",
    "riboswitch": r"(?i:ribo-?switch(?:es)?)",
    "IRES": r"(?i:ires(?:es)?|internal ribosom\w+ entry (?:site|segment)s?)",
    "leader": r"(?i:leaders?)",
    "scaRNA": r"(?i:scarna(?:s|\d*)|(?:small )?cajal[ -]body(?:[ -](?:specific|associated))? rnas?)",
    "Am": r"Am|(?i:2'-?o-?(?:methyl[ -]?adenosine|methylation of adenosine|methylated adenosine))",
    "Cm": r"Cm|(?i:2'-?o-?(?:methyl[ -]?cytidine|methylation of cytidine|methylated cytidine))",
    "Gm": r"Gm|(?i:2'-?o-?(?:methyl[ -]?guanosine|methylation of guanosine|methylated guanosine))",
    "Um": r"Um|(?i:2'-?o-?(?:methyl[ -]?uridine|methylation of uridine|methylated uridine))",
    "m1A": r"(?i:(?:m\^?1|1-?m)a|(?:n-?)?\(?1\)?-?methyl[ -]?adenosine)",
    "m5C": r"(?i:(?:m\^?5|5-?m)c|(?:c-?)?\(?5\)?-?methyl[ -]?cyt(?:idine|osine))",
    "m5U": r"(?i:(?:m\^?5|5-?m)u|(?:c-?)?\(?5\)?-?methyl[ -]?uridine|ribothymidine)",
    "m6A": r"(?i:(?:m\^?6|6-?m)a|n-?\(?6\)?-?methyl[ -]?adenosine)",
    "m6Am": r"(?i:m\^?6am|n-?6, ?2'-?o-?dimethyl[ -]?adenosine)",
    "m7G": r"(?i:(?:m\^?7|7-?m)g|(?:n-?)?\(?7\)?-?methyl[ -]?guanosine)",
    "Psi": r"(?i:psi|ψ|pseudo-?urid(?:ines?|ylat(?:ed|ion(?= (?:at|of|is|site)|\W*$))))",
    "AtoI": r"A-?to-?I|A to I|A ?[>=] ?I|(?i:atoi|inosine)",
}
LEVEL, LAST_LEVEL = r"\.(?:\d{1,3}|[-xX?])", r"\.(?:n?\d{1,3}|[-xX?])"
EC_NUMBER = re.compile(
    rf"(?<![\w.])(?:(?i:ec(?: class| number| no\.)?)[ :-]*(?P<prefixed>[1-7](?:{LEVEL}){{0,2}}(?:{LAST_LEVEL})?)|"
    rf"(?<!ersion )(?<!elease )(?P<plain>[1-7](?:{LEVEL}){{2}}(?:{LAST_LEVEL})?))(?!\w|\.\w)"
)
MODIFIED = Lexicon(r"(?:un)?modif|none\b|nothing\b")
ENZYME = Lexicon(r"enzym|cataly|ec\b|none\b")
ANY_CLASS = Lexicon("§")
LIST = re.compile(r"[@ck~f/:,]*")  # a mere list goes on as the clause before it
CARRIED = re.compile(r"[@A-Z]")  # a denial of names goes on in a list of names; "no, m6A" denies none
LAST = re.compile(r"[~f]*@?k[~f]*@|@?krw?[A-Z]")  # "..., m5C or Psi were found"
ANY_OTHER = re.compile(r"krw?[A-Z]")  # "no m6A, m5C or any other modification"
VERDICT = re.compile(r"§ ?[(|] ?(yes|no|absent|present|(?:un|not )?likely|not \w+) ?[)|]")  # "m6A (no)"
APPOSED = re.compile(r"(?<=\w) ?\(§\)")  # "a kinase (EC 2.7.11.1)"
SECOND_NAME = re.compile(r"§ ?\((?!(?:and|or|also)\b)[^()§]*§[^()§]*\)")  # "a riboswitch (S-box leader)"
ASIDE = re.compile(r"\([^()§]*\)")
CHOICE = re.compile(r"@[c/]?k|^k[~f]?[@nN]|k[~w]{0,3}@")
LABEL_END = re.compile(r":(?=[^oynx].{3})")  # "m6A: not present" is one clause
REMAINING = re.compile(r"(?<!\bor any )\b(?:others?|else|rest|remaining|further|additional)\b")
# "EC 1.1.1.-, more precisely EC 1.1.1.37"
NARROWED = re.compile(
    r"\b(?:most likely|(?:more|most) (?:specific|precise)(?:ally|ly)|specifically|precisely)\b", re.IGNORECASE
)
EXAMPLE = re.compile(r"\be\.g\.,? ?$", re.IGNORECASE)
POSSIBLE = re.compile(r"\b(?:possibl[ey]|perhaps|maybe|alternative(?:ly)?)\b", re.IGNORECASE)
# "m6A: 0.91, m5C: 0.03": a score beside a name.
SCORE = re.compile(
    r"§ ?[:=(]+ ?(?P<after>\d+(?:\.\d+)?)(?P<unit> ?%)?(?![\w.])|(?<![\d.])(?P<before>\d+(?:\.\d+)?) ?% ?§"
)
GENERAL = re.compile(
    r"(?:^|[.;,] )(?:(?:but|however),? )?"
    r"(?:§(?:s|es)?(?: \w*rnas)? (?:are|have|contain|can|may|often|usually|typically)|"
    r"(?:an? )?§ (?:would|should|must|will) (?:be (?:about|around|[~≈]|longer|shorter|larger|smaller|expected|\d)|"
    r"have|show|need|contain|carry|lack|require)|§ (?:is|are) (?:an )?examples?)\b",
    re.IGNORECASE,
)
# "formerly EC 1.1.1.1"; "a riboswitch, which is found in the leader of mRNAs"
OF_OTHERS = re.compile(
    r"\b(?:formerly|previously)\b[^§.;,]{0,20}§|"
    r"\b(?:i|we) (?:also |did |had )?consider(?:ed)? [^§.;,]{0,20}§|"
    r"\b(?:confused with|in contrast to|compared (?:to|with))\b[^§.;]{0,60}§|"
    r"§[^§,]{0,60}, which (?!suggest|indicat|point|impl|mean|is (?:characteristic|typical|indicative|diagnostic))\w+ "
    r"[^§,;.]{0,80}§(?=[^§,;.]*\.?$)|"
    r"§(?:(?! (?:and|or|but|not|than) )[^§,;.]){0,30} (?:in|within|upstream of|downstream of|of) "
    r"(?:an?|the|its) (?:(?!(?:and|or|but|not|than) )[^§,;.]){0,20}§",
    re.IGNORECASE,
)
# "miRNA would be my second choice", "next best: miRNA"
SECOND = re.compile(
    r"§ (?:is|was|would be|comes) (?:(?:a|the|my) )?(?:close |distant )?(?:second|next|runner-?up)\b|"
    r"\b(?:(?:next|second)[ -]best(?: (?:hit|match|class|guess))?|runner-?up) ?(?:[:=]|is|was|would be) "
    r"(?:an? |the )?§"
)
# "no modification other than m6A"
EXCEPTION = re.compile(r"\b(?:apart from|except(?: for)?|besides|other than|aside from)\b[^§.;]{0,20}§", re.IGNORECASE)


def read_classes(sentence: Sentence, classes: tuple[str, ...]) -> set[str]:
    """The classes that a sentence asserts, by their own names or synonyms."""
    return asserted(sentence, class_names(classes), lambda match: classes[match.lastindex - 1], ANY_CLASS)


def read_modifications(sentence: Sentence, classes: tuple[str, ...]) -> set[str]:
    """The modifications that a sentence asserts; NONE where it says that there is none."""
    return asserted(sentence, class_names(classes), lambda match: classes[match.lastindex - 1], MODIFIED)


def read_ec_numbers(sentence: Sentence) -> set[str]:
    """The EC numbers that a sentence asserts, as they stand; NONE where it says that this is no enzyme."""
    found = asserted(sentence, EC_NUMBER, lambda match: match["prefixed"] or match["plain"], ENZYME)
    if len(found) > 1 and NARROWED.search(sentence.text):
        return most_specific({number.rstrip(".-") if number.endswith("-") else number for number in found})
    return found


@cache
def class_names(classes: tuple[str, ...]) -> re.Pattern:
    """A pattern with one group per class: group i + 1 matches a name of classes[i]."""
    names = "|".join(f"({SYNONYMS.get(name, re.escape(name))})" for name in classes)
    return re.compile(rf"(?<![\w.])(?:{names})(?!\w|-like)")


def most_specific(numbers: set[str]) -> set[str]:
    """The EC numbers without those that only name the class of another: EC 2 of EC 2.7.11.1."""
    return {number for number in numbers if not any(other.startswith(f"{number}.") for other in numbers)}


def complete_ec_number(number: str) -> str:
    """A number of four levels: "3.4.21" is 3.4.21.-, and so is 3.4.21.x."""
    return re.sub(r"[xX?]", "-", number) + ".-" * (3 - number.count("."))


def asserted(sentence: Sentence, names: re.Pattern, label_of: Callable[[re.Match], str], words: Lexicon) -> set[str]:
    """The labels whose names stand in clauses that do not deny them.

    With them NONE if a clause denies the topic itself, and UNDECIDED if labels are offered as a choice ("X or Y").
    """
    text, labels = masked(sentence.text, names, label_of)
    if sentence.text.endswith("?") or (not labels and (words is ANY_CLASS or not words.speaks(text))):
        return set()
    idle = beside_the_case(text, words is ANY_CLASS)
    text = ASIDE.sub("", text) if labels else text
    spared = {text.count("§", 0, match.end() - 1) for match in EXCEPTION.finditer(text)}
    found, nothing, denied, goes_on, at = set(), "", False, False, 0
    for part in (part for clause in clauses(sentence, words, text) for part in LABEL_END.split(clause)):
        said = assertion(part)
        named = {i for i in range(at, at + said.count("@")) if labels[i] and i not in idle}
        at += part.count("@")
        if LIST.fullmatch(said) or (denied and LAST.match(said)):
            denied = denied and goes_on
        else:
            denied, goes_on = negated(said), CARRIED.search(said) is not None
        if CHOICE.search(part) and not denied:
            found.add(UNDECIDED)
        if named:
            found |= {labels[i] for i in named if not denied or i in spared}
        if (denied and ANY_OTHER.search(said)) if named else polarity(said) == (False, True):
            nothing += said
    if len(found) > 1 and POSSIBLE.search(sentence.text):
        found.add(UNDECIDED)
    if nothing and (not found or nothing != nothing.lower()) and not spared and not REMAINING.search(text):
        found.add(NONE)
    return set() if found and is_general(sentence) else found


def masked(text: str, names: re.Pattern, label_of: Callable[[re.Match], str]) -> tuple[str, list[str]]:
    """The text with "§" for every name, and the labels that these stand for, empty for a mere example ("e.g. X")."""
    labels = []

    def mask(match: re.Match) -> str:
        labels.append("" if EXAMPLE.search(text, max(0, match.start() - 6), match.start()) else label_of(match))
        return "§"

    return APPOSED.sub(" §", VERDICT.sub(r"§: \1", names.sub(mask, text))), labels


def beside_the_case(text: str, one_class: bool) -> set[int]:
    """Which names (the §s of the text) are not said of the case: in general, of others, improbable, second.

    `one_class`: a name in brackets after another is not one more label.
    """
    idle = {text.count("§", 0, match.start()) for match in GENERAL.finditer(text)}
    idle |= {text.count("§", 0, text.index("§", match.start())) for match in SECOND.finditer(text)}
    idle |= {text.count("§", 0, match.end() - 1) for match in OF_OTHERS.finditer(text)}
    if one_class:
        idle |= {text.count("§", 0, match.start()) + 1 for match in SECOND_NAME.finditer(text)}
    return idle | improbable(text)


def improbable(text: str) -> set[int]:
    """Which names (the §s of the text) have a score below one half beside them."""
    return {
        text.count("§", 0, score.end() if score["before"] else score.start()) - bool(score["before"])
        for score in SCORE.finditer(text)
        if float(score["before"] or score["after"]) < (50 if score["before"] or score["unit"] else 0.5)
    }
