"""Words before a number that make it a limit or an estimate: "at least", "fewer than", "about"."""

import re


ABOUT, ABOVE, BELOW = "about", "above", "below"
LIMITS = {
    BELOW: r"at most|(?<!add )(?<!adds )(?<!sum )(?<!sums )(?<!come )(?<!comes )up to|"
    r"(?<!just )(?<!slightly )\b(?:below|under)|(?:fewer|less|lower|no more) than|[<≤]",
    ABOVE: r"at least|a minimum of|(?<!just )(?<!slightly )\b(?:above|over)|exceed\w*|"
    r"(?:more|greater|higher|no fewer|no less) than|[>≥]",
    ABOUT: r"about|around|approximately|approx\.?|roughly|nearly|almost|close to|near|some|circa|ca\.?|"
    r"(?:just|slightly) (?:over|under|above|below)|[~≈]",
}
ENDS = {
    name: re.compile(rf"(?:(?<!\w)(?:{words}))\W{{0,2}}(?:an? |to )?$", re.IGNORECASE)
    for name, words in LIMITS.items()
}
# Before a number as a part of another pattern.
LIMIT = rf"(?:(?<!\w)(?:{'|'.join(LIMITS.values())})\s?)"
INCLUSIVE = re.compile(r"(?:at (?:most|least)|up to|no \w+ than|a minimum of|[≤≥])\W{0,2}$", re.IGNORECASE)


def limit_before(text: str) -> str:
    """ABOUT, ABOVE or BELOW where the end of a text says that of the number that follows; else an empty string."""
    return next((name for name, pattern in ENDS.items() if pattern.search(text)), "")
