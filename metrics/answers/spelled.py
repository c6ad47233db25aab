"""Numbers in words: "fifty-four point two" is 54.2, and "half of the transcripts" are 50%."""

import re


DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
TEENS = ("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
VALUES = {word: i for i, word in enumerate(DIGITS + TEENS)} | {word: 10 * i for i, word in enumerate(TENS, 2)}
DIGIT, BELOW_20 = "|".join(DIGITS), "|".join(DIGITS + TEENS)
SPELLED = re.compile(
    rf"\b(?:(?P<tens>{'|'.join(TENS)})(?:[ -](?P<ones>{DIGIT}))?|(?P<unit>{BELOW_20}))"
    rf"(?P<hundred> hundred)?(?P<half> and a half)?(?: point (?P<decimals>(?:{DIGIT})(?:[ -](?:{DIGIT}))*))?\b",
    re.IGNORECASE,
)
# "One" is a number where it is all of the answer, or goes on as one; elsewhere it may be "this one".
ONE = re.compile(r"\W*(?:(?:minus|negative|about) )?one\W*", re.IGNORECASE)
# "half of the transcripts", "two thirds of the mRNA", but not "the first half of the UTR"
PARTS = {"half": 50, "third": 100 / 3, "quarter": 25, "fifth": 20, "tenth": 10}
PART = re.compile(
    rf"\b(?<!first )(?<!second )(?:(?:(?P<times>{DIGIT})|an?)[ -](?P<share>third|quarter|fifth|tenth)s?|"
    r"(?<!and a )(?P<half>half))"
    r"(?=\W*$|.{0,30}\b(?:transcript|m?rna|isoform|molecule|message|remain|left))",
    re.IGNORECASE,
)
DECIMAL_DIGIT = re.compile(r"\d")


def in_digits(text: str) -> str:
    """The text with its numbers in words as digits; beside digits, words are no numbers."""
    if DECIMAL_DIGIT.search(text):
        return text

    def digits(number: re.Match) -> str:
        if number[0].lower() == "one" and not ONE.fullmatch(text):
            return number[0]
        value = sum(VALUES[(number[part] or "zero").lower()] for part in ("tens", "ones", "unit"))
        if number["half"]:
            return f"{value}.5"
        decimals = "".join(str(VALUES[word]) for word in re.findall(r"\w+", (number["decimals"] or "").lower()))
        return f"{value * 100 if number['hundred'] else value}{'.' if decimals else ''}{decimals}"

    return SPELLED.sub(digits, PART.sub(percent, text))


def percent(part: re.Match) -> str:
    """A part of a whole as its percentage."""
    times = VALUES[(part["times"] or "one").lower()]
    return f"{times * PARTS[(part['share'] or part['half']).lower()]:.0f}%"
