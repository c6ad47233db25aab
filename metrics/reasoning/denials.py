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
    r"covers|runs|extends|exceeds?|reach(?:es)?|with|where|at|from|only|just|but|against|hence|so|excess|surplus|"
    r"majority|bias|shortage|enrichment|preference|cluster\w*)\b|"
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
    r"\s*|[\s,()\"']*(?:and|or|nor|,|/)[\s\"']*(?:an?|the|its)?(?: (?:reverse )?complement)?[\s\"']*", re.IGNORECASE
)
# "no sites for E-box factors (CACGTG)", "no TATAAA-type TATA box"
APPOSED = re.compile(r"[\w\s-]{0,20}\([\s\"]*|[\"']?-(?:type|like)\s", re.IGNORECASE)
VERBAL = re.compile(r"not|n't|cannot|never|fails? to", re.IGNORECASE)
HAVING = re.compile(
    r"an?|any|the|one|single|even|also|\w+ly|be|been|have|has|contain|carry|include|show|possess|feature|harbou?r|hold|"
    r"display|exhibit|bear|reveal|find|found|see|seen|detect|observe|identify|spot|present|start|begin|end|occur|there",
    re.IGNORECASE,
)
WORDS_BETWEEN = 5
NOT_ONE = re.compile(
    r"\s*of (?:the|these) .*|\s*(?:even )?(?:an? )?(?:single|one) (?:[\w-]+ )?[\"']*", re.IGNORECASE
)  # "not a single AUG"


def governs(denial: str, between: str) -> bool:
    """Whether a word of denial is said of what follows these words: "doesn't contain a X", but not "doesn't use X"."""
    if OWN_STATEMENT.search(between) or re.search(r"\(\s*\w", between):
        return False
    words = re.findall(r"[\w'-]+", between)
    if VERBAL.fullmatch(denial) and words and not HAVING.fullmatch(words[0]):
        return False
    return len(words) <= WORDS_BETWEEN


def denials(text: str, found: list[Mention]) -> list[bool]:
    """For each mention whether the clause denies it: by a word before it, as one of a list, or by words after."""
    denied: list[bool] = []
    for i, mention in enumerate(found):
        gap = text[found[i - 1].end if i else 0 : mention.start]
        last = max(DENIAL.finditer(gap), key=re.Match.start, default=None)
        between = gap[last.end() :] if last else ""
        counted = (count := count_before(gap)) and count.n and not NOT_ONE.fullmatch(between)
        listed = i and denied[-1] and (COORDINATED.fullmatch(gap) or APPOSED.fullmatch(gap))
        denied.append(bool(listed or (last and governs(last[0], between) and not counted)))
    after = False
    for i in reversed(range(len(found))):
        gap = text[found[i].end : found[i + 1].start if i + 1 < len(found) else len(text)]
        after = DENIED_AFTER.match(gap) is not None or (after and COORDINATED.fullmatch(gap) is not None)
        denied[i] = denied[i] or after
    return denied
