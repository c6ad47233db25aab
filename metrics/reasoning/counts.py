"""Numbers of things, in digits and words, before and after what is counted."""

import re
from dataclasses import dataclass

from metrics.answers.spelled import VALUES
from metrics.reasoning.limits import ABOUT, ABOVE, BELOW, LIMIT, limit_before


WORDS = VALUES | {"single": 1, "dozen": 12}
TENS = "|".join(word for word, number in VALUES.items() if number >= 20)
ONES = "|".join(word for word, number in VALUES.items() if 0 < number < 10)
WORD = "|".join(sorted(WORDS, key=len, reverse=True))
NUMBER = rf"(?:\d{{1,3}}(?:,\d{{3}})+|\d{{1,5}}|(?:{TENS})[- ](?:{ONES})|{WORD})"
EXACTLY = r"(?:(?:exactly|only|just|merely|a total of|in total|all of|a) )?"
ALONE = r"(?<![\w.,'/+-])(?<!\d )"  # no part of another number or name

# Adjectives between a number and what it counts, and "copies of"; no other noun, which it would count instead.
NO_ADJECTIVE = (
    r"(?!(?:of|at|in|to|on|for|and|or|the|nt|bp|aa|positions?|bases?|nucleotides?|residues?|letters?|from|with|by|is|"
    r"are|has|have|holds?|shows?|contains?|carr(?:y|ies)|percent|steps?|times?|time\(s\)|kcal|helix)(?!\w))"
)
ADJECTIVES = (
    rf"(?:{NO_ADJECTIVE}[a-z][a-z'/+()-]*\s){{0,3}}?"
    r"(?:(?:copies|occurrences|instances|repeats|matches|examples|cases|consecutive|exact copies) (?:of|to|for) "
    r"(?:(?:the|an?) )?(?:(?:sequence|motif|hexamer|codon|letter|base|residue) )?)?[\"'(]*"
)
BEFORE = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # "12 of the 70 letters are …"
        rf"{ALONE}(?P<n>{NUMBER})\s(?:out )?of (?:(?:its|the|all|these|those|which|them)\s)*(?:\d{{1,5}}\s?)?"
        r"(?:(?:bases|residues|nucleotides|letters|amino acids|positions|bp|nt)\s)?(?:(?:are|is|being|were)\s)?"
        r"(?:either\s)?(?:an?\s)?$",
        # "three of them are …"
        rf"{ALONE}{EXACTLY}(?P<n>{NUMBER}) (?:of (?:them|which|these) )?(?:are|were) (?:either )?$",
        # "three conserved …", "3 x …"
        rf"{ALONE}(?<![^\W\d]-){EXACTLY}(?P<n>{NUMBER})(?:\s|\s?x\s)(?P<adjectives>{ADJECTIVES})$",
    )
)
PLACED = re.compile(
    r"\b(?:(?<!\d )(?:positions?|residues?|nucleotides?|nt|base)|step|exon|at|figure|table|pH|from|to|between|within|"
    r"first|last|top|next|-)\s?$",
    re.IGNORECASE,
)

GAP = r"(?:[^\d.;:()]|\([^()\d]{0,40}\)|\d'){0,60}?"
OFTEN = r"(?:times?\b|time\(s\)|occurrences?\b|copies\b|instances?\b|matches\b|hits\b)"
LINK = (
    r"(?:\b(?:(?P<is>is|are|was|were)|numbers?|counts?|totals?|equals?|(?:adds?|sums?|comes?|amounts?) (?:up )?to|"
    r"accounts? for)\b|"
    r"[:=])\s?"
)
NO_MORE = (
    r"(?!\.\d)(?=\s?(?:[,.;)]|$|\((?!\d+-)|"
    r"\bof (?:the |its |all )?\d|\b(?:and|but|while|against|all|in (?:total|all|number)|overall|altogether|sites?|"
    r"letters|bases)\b))"
)
UNITS = r"(?:residues?|times|in total|in all|copies|occurrences|sites?|each|of \d+(?: \w+)?)"
AFTER = re.compile(
    r"[\"')]*\s?(?:"
    # "… occurs 3 times"
    rf"{GAP}(?:(?<!at )(?P<often>once|twice|thrice)\b|(?<![-.\d])(?P<times>{NUMBER})[ -]{OFTEN})(?! of\b)|"
    # "number of … is 3", "…: 3"
    rf"{GAP}{LINK}{LIMIT}?(?P<value>{NUMBER}){NO_MORE}|"
    # "… (3)", "… (n = 3)"
    rf"[^\d.;:,()]{{0,60}}\({EXACTLY}(?:n ?= ?)?(?P<inside>{NUMBER})(?: {UNITS})?[,)]|"
    # "… x 3"
    r"\s?x\s?(?P<by>\d{1,4})\b|"
    # "… 3 of 70"
    r"[\s(,:]{0,3}(?P<part>\d{1,5}) (?:out )?of (?:the |its )?\d{1,5}\b)",
    re.IGNORECASE,
)
COUNTING = re.compile(r"\b(?:count|number|total|frequency|tally)", re.IGNORECASE)
CLOSED = re.compile(r"^[^()\d;.]{0,60}\)(?=\s[a-z])")  # the rest of a parenthesis that the mention began
SEVERAL = re.compile(
    r"\b(?:multiple|several|numerous|many|repeated|various|a number of|a few)\s(?:[a-z-]+\s){0,2}"
    r"(?:(?:copies|occurrences|instances) of (?:the )?)?[\"'(]*$",
    re.IGNORECASE,
)
NUMBER_OF = re.compile(r"\b(?:number|count|total|tally) of (?:[a-z-]+\s){0,3}$", re.IGNORECASE)
TIMES = {"once": 1, "twice": 2, "thrice": 3}
ABOUT_SHARE = 0.15  # "about 20" of 17 to 23


@dataclass(frozen=True)
class Count:
    """How many; `limit` is ABOUT, ABOVE, BELOW, or "" for exactly so many."""

    n: int
    limit: str
    text: str

    def allows(self, measured: int) -> bool:
        """Whether a measured number is what was stated."""
        if self.limit == ABOUT:
            return abs(measured - self.n) <= max(1, ABOUT_SHARE * self.n)
        return {ABOVE: measured >= self.n, BELOW: measured <= self.n}.get(self.limit, measured == self.n)


def value(word: str) -> int:
    """The number in digits or words: "twenty-one"."""
    word = word.lower().replace(",", "")
    return int(word) if word.isdigit() else sum(WORDS[part] for part in re.split(r"[- ]", word))


def count_before(text: str) -> Count | None:
    """The number that ends a text and counts what follows: "contains at least three conserved "."""
    match = next(filter(None, (pattern.search(text) for pattern in BEFORE)), None)
    if not match or PLACED.search(text[: match.start()]):
        return None
    return Count(value(match["n"]), limit_before(text[: match.start()]), match[0].strip())


def count_after(text: str, before: str, plural: bool) -> Count | None:
    """The number that follows what is counted: " occurs 3 times", ": 3", " (3 of 70)", "number of … is 3".

    Args:
        text, before: the clause after and before what is counted.
        plural: it is named in the plural, so that "are 3" counts it.
    """
    text = CLOSED.sub("", text)
    match = AFTER.match(text)
    if not match:
        return None
    if match["is"] and not (
        COUNTING.search(match[0]) or NUMBER_OF.search(before) or (plural and match["is"] == "are")
    ):
        return None
    name = next(name for name in ("often", "times", "value", "inside", "by", "part") if match[name])
    n = TIMES[match["often"].lower()] if name == "often" else value(match[name])
    return Count(n, limit_before(text[: match.start(name)]), match[0].strip())
