"""Numbers of things, in digits and words, before and after what is counted."""

import operator
import re
from dataclasses import dataclass

from metrics.answers.spelled import VALUES


WORDS = VALUES | {"zero": 0, "single": 1, "dozen": 12, "pair": 2}
WORD = "|".join(sorted((word for word in WORDS if word not in ("pair",)), key=len, reverse=True))
NUMBER = (
    rf"(?:\d{{1,3}}(?:,\d{{3}})+|\d{{1,5}}|"
    rf"(?:{'|'.join(w for w, v in VALUES.items() if v >= 20)})[- ](?:one|two|three|four|five|"
    rf"six|seven|eight|nine)|{WORD})"
)
LIMIT = (
    r"(?:(?P<least>at least|no fewer than|no less than|a minimum of|≥)|(?P<more>more than|over|above|>|exceeding)|"
    r"(?P<most>at most|up to|no more than|≤)|(?P<less>fewer than|less than|under|below|<)|"
    r"(?P<about>about|around|approximately|approx\.?|roughly|nearly|almost|some|circa|ca\.|~|≈))\s?"
)
# Between a number and what it counts: adjectives, and "copies of".
ADJECTIVES = (
    r"(?:(?!(?:of|at|in|to|on|for|and|or|the|position|positions|nt|bp|aa|base|bases|"
    r"nucleotides?|residues?|from|with|by|is|are|"
    r"upstream from|percent|steps?|times|kcal|helix)\b)[a-z][a-z'/+()-]*\s){0,3}?"
    r"(?:(?:copies|occurrences|instances|repeats|matches|examples|cases|consecutive|"
    r"exact copies) (?:of|to|for) (?:(?:the|an?) )?(?:(?:sequence|motif|hexamer|"
    r"codon) )?)?[\"'(]*"
)
BEFORE = re.compile(
    rf"(?<![\w.,'/+-])(?<!\d )(?<![^\W\d]-)(?:{LIMIT})?(?P<exact>exactly |only |just |"
    rf"a total of |a )?(?P<n>{NUMBER})(?:\s|\s?x\s)(?P<adjectives>{ADJECTIVES})$",
    re.IGNORECASE,
)
OF_ALL = re.compile(
    rf"(?<![\w.,/-])(?P<n>{NUMBER})\s(?:out )?of (?:(?:its|the|all|these|"
    rf"those|which|them)\s)*(?P<all>\d{{1,5}})?\s?(?:bases|residues|nucleotides|letters|amino acids|"
    r"positions|bp|nt)?\s?(?:(?:are|is|being|were)\s)?(?:either\s)?(?:an?\s)?$",
    re.IGNORECASE,
)
THEY_ARE = re.compile(
    rf"(?<![\w.,/-])(?:{LIMIT})?(?:only |just |exactly )?(?P<n>{NUMBER}) (?:of (?:them|which|"
    r"these) )?(?:are|were) (?:either )?$",
    re.IGNORECASE,
)
PLACED = re.compile(
    r"\b(?:(?<!\d )(?:positions?|residues?|nucleotides?|nt|base)|step|exon|at|figure|table|pH|from|to|"
    r"between|within|first|last|top|next|-)\s?$",
    re.IGNORECASE,
)
TIMES = {"once": 1, "twice": 2, "thrice": 3}
AFTER = re.compile(
    rf"[\"')]*\s?(?:\([^()\d]{{0,40}}\)\s?)?(?:(?:motif|site|element|dinucleotide|residue|"
    r"triplet|codon|hexamer|sequence|step)s?(?:\s|(?=:)))?(?:"
    rf"(?:(?:[^\d.;:()]|\([^()\d]{{0,20}}\)){{0,40}}?\b)(?:{LIMIT})?(?:(?P<often>(?<!at )once|twice|thrice)|"
    rf"(?P<times>{NUMBER})(?: |-)(?:times|occurrences|copies|instances|matches))\b(?! of\b)|"
    r"(?:count|number|total|frequency|counts)?\s?(?:(?:in|of) (?:the |this |its )?[\w'-]{1,20}(?: \w{1,12})? )?"
    r"(?:is|are|was|of|=|:|equals|numbers?|adds? up to|sums? to|comes? to|"
    rf"totals?)\s?(?:{LIMIT.replace('P<', 'P<l_')})?(?P<value>{NUMBER})(?=\s?(?:[,.;)]|$|"
    r"\band\b|\((?!\d+-)|in total|sites?\b|overall))(?!\.\d)|"
    r"\(n ?= ?(?P<n>\d+)\)|"
    rf"(?P<paren>[^\d.;:,()]{{0,30}}\((?:only |just |exactly |"
    rf"in total )?(?P<inside>{NUMBER})(?: (?:residues?|times|in total|"
    r"copies|occurrences|sites?|each|of \d+(?: \w+)?))?[,)])|"
    r"\s?x\s?(?P<by>\d{1,4})\b|"
    rf"[\s(,:]{{0,3}}(?P<part>\d{{1,5}}) (?:out )?of (?:the |its )?\d{{1,5}}\b)",
    re.IGNORECASE,
)
CLOSED = re.compile(r"^[^()\d;.]{0,60}\)(?=\s[a-z])")  # the rest of a parenthesis that the mention began
SEVERAL = re.compile(
    r"\b(?:multiple|several|numerous|many|repeated|various|a number of|"
    r"a few)\s(?:[a-z-]+\s){0,2}(?:(?:copies|occurrences|instances) of (?:the )?)?[\"'(]*$",
    re.IGNORECASE,
)
NUMBER_OF = re.compile(r"\b(?:number|count|total|tally) of (?:[a-z-]+\s){0,3}$", re.IGNORECASE)
OPERATORS = {"least": operator.ge, "more": operator.gt, "most": operator.le, "less": operator.lt}
ABOUT_SHARE = 0.15  # "about 20" of 17 to 23


@dataclass(frozen=True)
class Count:
    """How many; `limit` is "" for exactly so many, or a key of OPERATORS, or "about"."""

    n: int
    limit: str
    text: str

    def allows(self, measured: int) -> bool:
        """Whether a measured number is what was stated."""
        if self.limit == "about":
            return abs(measured - self.n) <= max(1, ABOUT_SHARE * self.n)
        return OPERATORS.get(self.limit, operator.eq)(measured, self.n)


def value(word: str) -> int:
    """The number in digits or words: "twenty-one"."""
    word = word.lower().replace(",", "")
    return int(word) if word.isdigit() else sum(WORDS[part] for part in re.split(r"[- ]", word))


def limit_of(match: re.Match, prefix: str = "") -> str:
    """The name of the limit that a match has."""
    return next((name for name in (*OPERATORS, "about") if match.groupdict().get(prefix + name)), "")


def count_before(text: str) -> Count | None:
    """The number that ends a text and counts what follows: "contains at least three conserved "."""
    if match := OF_ALL.search(text):
        return Count(value(match["n"]), "", match[0].strip())
    match = THEY_ARE.search(text) or BEFORE.search(text)
    if not match or PLACED.search(text[: match.start()]):
        return None
    return Count(value(match["n"]), limit_of(match), match[0].strip())


def count_after(text: str, before: str) -> Count | None:
    """The number that follows what is counted: " occurs 3 times", ": 3", " (3 of 70)", "number of … is 3"."""
    match = AFTER.match(CLOSED.sub("", text))
    if not match:
        return None
    word = (
        match["often"]
        or match["times"]
        or match["value"]
        or match["n"]
        or match["inside"]
        or match["by"]
        or match["part"]
    )
    if match["value"] and not (
        re.search(r"count|number|total|frequency|add|sum|come|[:=]", match[0], re.I) or NUMBER_OF.search(before)
    ):
        return None
    n = TIMES.get(word.lower()) if match["often"] else value(word)
    return Count(n, limit_of(match) or limit_of(match, "l_"), match[0].strip())
