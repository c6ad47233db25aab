"""Chances in numbers as words: a 90% chance is likely, P(promoter) = 0.2 is unlikely."""

import re


ODDS = r"chance|probability|likelihood"
CHANCE_WORDS = frozenset((*ODDS.split("|"), "confidence", "prob", "p"))
CHANCE = re.compile(
    r"(?:\bnot )?(?<![\d.])\d+(?:\.\d+)? ?% (?P<sure>sure|certain|confident)|"
    rf"(?<![\d.])(?P<before>\d+(?:\.\d+)?) ?% (?:{ODDS}|possibility|likely)|"
    rf"with an? (?:\w+ )?(?:{ODDS}|confidence) of (?P<with>\d*\.?\d+)(?P<unit> ?%)?|"
    rf"(?P<noun>\b(?:{ODDS})\b[^.;,%]{{0,60}}?)(?: is| of| at| exceeds| ?[:=]) (?:(?! is | of | at )[^\d.]){{0,15}}"
    rf"(?:(?P<after>\d+(?:\.\d+)?) ?%|(?<![:=] )(?P<share>[01]?\.\d+)(?![\d%]))"
)
# "P(promoter) = 0.2", "promoter probability: 0.2"; a bare "probability: 0.2" is how sure the model feels.
EVENT = re.compile(
    rf"(?:\b(?:p|prob|{ODDS})(?: ?\(| of )(?P<event>[^()\n:=]{{2,40}}?)\)?|(?<!\w)(?P<kind>[\w/-]+)[ _](?:{ODDS}))"
    r" ?[:=≈~] ?(?:(?P<share>[01]?\.\d+)(?![\d%])|(?P<percent>\d+(?:\.\d+)?) ?%)"
)
# Two chances that make one, of which only the greater is an answer.
SHARE = r"(?:[01]?\.\d+|\d+(?:\.\d+)?(?= ?%))"
EITHER = re.compile(
    rf"\b(?P<one>[a-z][\w/ -]{{0,40}}?) ?[:=(~≈]{{0,2}} ?(?P<a>{SHARE})(?: ?%)?\)?[\s,;/|]{{1,3}}(?:and |vs\.? )?"
    rf"(?P<other>[a-z][\w/ -]{{0,40}}?) ?[:=(~≈]{{0,2}} ?(?P<b>{SHARE})(?: ?%)?\)?(?![\d.]*\d)",
    re.IGNORECASE,
)
LIKELY, UNLIKELY, EVEN = "likely", "unlikely", "borderline"


def odds(percent: str | None, share: str | None = None) -> str:
    """A chance in percent, or as a share of one, as a word."""
    value = float(percent or 0) or 100 * float(share or 0)
    return EVEN if value == 50 else LIKELY if value > 50 else UNLIKELY


def in_words(text: str, topic: re.Pattern) -> str:
    """A sentence in lower case with its chances as words; an event is one of the topic's."""

    def event(match: re.Match) -> str:
        named = (match["event"] or match["kind"]).replace("_", " ")
        return f"{named} is {odds(match['percent'], match['share'])}" if topic.search(named) else match[0]

    return CHANCE.sub(chance, EVENT.sub(event, text))


def chance(match: re.Match) -> str:
    """A chance as a word; how sure the model feels is no chance."""
    if match["sure"]:
        return ""
    if match["with"]:
        value = odds(match["with"]) if match["unit"] else odds(None, match["with"])
        return "" if value == LIKELY else EVEN
    if match["noun"]:
        return f"{match['noun']} is {odds(match['after'], match['share'])}"
    return odds(match["before"])


def likelier(text: str) -> str:
    """The text with the greater alone of two chances that make one."""

    def greater(match: re.Match) -> str:
        a, b = float(match["a"]), float(match["b"])
        if not any(abs(a + b - whole) < whole / 50 for whole in (1, 100)):
            return match[0]
        return match["one"] if a > b else match["other"] if b > a else EVEN

    return EITHER.sub(greater, text)
