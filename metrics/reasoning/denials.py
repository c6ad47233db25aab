"""Which of the things that a clause names it denies: "lacks a TATA box and has one GC box"."""

import re

from metrics.reasoning.counts import count_before
from metrics.reasoning.mention import Mention


DENIAL = re.compile(
    r"\b(?:(?:(?<!\bis )(?<!\bare )(?<!\bwas )|(?<=there is )|(?<=there are )|"
    r"(?<=there was ))no(?! (?:more|less|fewer) than|t only|t just)|not(?! only| just)|none|"
    r"n't|cannot|"
    r"lack(?:s|ing|ed)?(?: of)?|without|absence of|absent|devoid of|missing|free of|"
    r"neither|nor|never|nowhere|fails? to|zero|instead of|misses)\b|n't\b|\bfree of\b",
    re.IGNORECASE,
)
# A verb between a denial and what follows begins a statement of its own: "lacks cysteine and has one tryptophan".
OWN_STATEMENT = re.compile(
    r"[:;]|\b(?:what|has|is|are|and contains?|carries|shows|starts|ends|measures?|spells?|reads?|spans?|occurs?|"
    r"covers|with|where|at|from|only|just|"
    r"measures|spells|reads|spans|covers|runs|extends|but|against|hence|so)\b|"
    r"\band (?:an?|the) |, (?:an?|the|this|it|there|its|we|i)\b",
    re.IGNORECASE,
)
DENIED_AFTER = re.compile(
    r"[\"')]*,?\s?(?:\([^()]{0,40}\)\s?)?(?:(?:[\w-]+ ){0,4}?(?:is|are|was|were|seems?|"
    r"appears?) (?:[\w-]+ )?(?:nowhere|absent|missing|lacking|not (?:\w+ )?(?:present|found|seen|"
    r"there|observed|detect\w*|visible|identif\w+|evident|apparent)\b)|"
    r"(?:[\w-]+ ){0,4}?(?:cannot|"
    r"could not|can't|couldn't) be|"
    r"(?:[\w-]+ ){0,2}?(?::|=|-)\s?(?:absent|none|no\b|not |missing|0\b|negative)|(?:does|"
    r"do) not (?:occur|appear)|,? ?(?:but )?(?:without (?:success|result|finding)|in vain|to no avail|"
    r"with no (?:success|result))|(?:comes?|came|turns?|turned) up (?:empty|nothing)|(?:finds?|found|returns?|"
    r"returned|gives?|gave) (?:nothing|none|no\b)|\s?(?:absent|missing)\b)",
    re.IGNORECASE,
)
COORDINATED = re.compile(r"[\s,()\"']*(?:and|or|nor|,|/)[\s\"']*(?:an?|the)?[\s\"']*", re.IGNORECASE)
NOT_ONE = re.compile(r"\s*(?:even )?(?:an? )?(?:single|one) (?:[\w-]+ )?[\"']*", re.IGNORECASE)  # "not a single AUG"


def denials(text: str, found: list[Mention]) -> list[bool]:
    """For each mention whether the clause denies it."""
    denied = []
    for i, mention in enumerate(found):
        before = text[: mention.start]
        last = max(DENIAL.finditer(before), key=re.Match.start, default=None)
        between = before[last.end() :] if last else ""
        own_count = count_before(text[found[i - 1].end if i else 0 : mention.start])
        counted = own_count and own_count.n and not NOT_ONE.fullmatch(between)
        denied.append(last is not None and not OWN_STATEMENT.search(between) and not counted)
    for i in reversed(range(len(found))):
        until = found[i + 1].start if i + 1 < len(found) else len(text)
        gap = text[found[i].end : until]
        listed = i + 1 < len(found) and COORDINATED.fullmatch(gap) and denied[i + 1]
        if DENIED_AFTER.match(gap) or (listed and DENIED_AFTER.match(text[found[i + 1].end :])):
            denied[i] = True
    return denied
