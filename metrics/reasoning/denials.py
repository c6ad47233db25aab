"""Which of the things that a clause names it denies: "lacks a TATA box and has one GC box"."""

import re

from metrics.reasoning.counts import count_before
from metrics.reasoning.mention import Mention


DENIAL = re.compile(
    r"\b(?:(?<!\bis )(?<!\bare )(?<!\bwas )no(?! (?:more|less|fewer) than|t only|t just)|(?:there (?:is|are|was)) no|"
    r"not(?! only| just)|none|cannot|lack(?:s|ing|ed)?(?: of)?|without|absence of|absent|devoid of|missing|misses|"
    r"free of|neither|nor|never|nowhere|fails? to|zero|instead of)\b|n't\b",
    re.IGNORECASE,
)
# What begins a statement of its own, or is what is denied: "lacks cysteine and has one tryptophan", "no excess of K".
OWN_STATEMENT = re.compile(
    r"[:;]|\b(?:what|has|is|are|and contains?|carries|shows|starts|ends|measures?|spells?|reads?|spans?|occurs?|"
    r"covers|runs|extends|with|where|at|from|only|just|but|against|hence|so|excess|surplus|majority|bias|shortage|"
    r"enrichment|preference|cluster\w*)\b|"
    r"\band (?:an?|the) |, (?:an?|the|this|it|there|its|we|i)\b",
    re.IGNORECASE,
)
SEEN = r"(?:present|found|seen|there|observed|detect\w*|visible|identif\w+|evident|apparent)"
DENIED_AFTER = re.compile(
    rf"""
    [\"')]*\s?(?:\([^()]{{0,40}}\)\s?)?,?\s?(?:
        (?:[\w-]+\ ){{0,4}}?(?:is|are|was|were|seems?|appears?)\ (?:[\w-]+\ )?
            (?:nowhere|absent|missing|lacking|not\ (?:\w+\ )?{SEEN}\b) |
        (?:[\w-]+\ ){{0,4}}?(?:cannot|could\ not|can't|couldn't)\ be |
        (?:[\w-]+\ ){{0,2}}?[:=-]\s?(?:absent|none|no\b|not\ |missing|0\b|negative) |
        (?:does|do)\ not\ (?:occur|appear) |
        ,?\ ?(?:but\ )?(?:without\ (?:success|result|finding)|in\ vain|to\ no\ avail|with\ no\ (?:success|result)) |
        (?:comes?|came|turns?|turned)\ up\ (?:empty|nothing) |
        (?:finds?|found|returns?|returned|gives?|gave)\ (?:nothing|none|no\b) |
        (?:absent|missing)\b
    )""",
    re.IGNORECASE | re.VERBOSE,
)
# "no tyrosine that could be sulfated", "no ATG centred on it": some may be there.
RESTRICTED = re.compile(
    r"\bcent(?:er|re)d\b|^[\"')]*\s(?:that|which|able to|close enough|near enough)\b", re.IGNORECASE
)
COORDINATED = re.compile(
    r"[\s,()\"']*(?:and|or|nor|,|/)[\s\"']*(?:an?|the|its)?(?: (?:reverse )?complement)?[\s\"']*", re.IGNORECASE
)
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
