"""Whether an answer affirms or denies what a yes-or-no task claims of its molecules."""

import re
from functools import cache

from dataset_builder.tasks import Task
from metrics.answers.chances import likelier
from metrics.answers.lexicon import Lexicon
from metrics.answers.polarity import read_polarity
from metrics.answers.refusals import HEDGE
from metrics.answers.stated import stated
from metrics.answers.text import Sentence, sentences


# What a binary task claims, by the last of these words in its title, and how words begin that speak of it.
BINDING = r"(?:un)?b(?:ind|ound)|recogni|affinity|dock"
CLAIMS = {
    "marks": r"(?:un)?mark(?:s|ed)?\b|histone|epigenetic|(?:de|hypo|un)?(?:acetyl|methyl)|(?:un)?modif|enrich|"
    r"chromatin|(?:un)?occup|peak|h[34](?:k\d|(?:ac)?\b)|(?:above |genomic )?background",
    "promoter": r"promot|transcription\b(?! factor)|initiat(?!or)|tss\b|pol(?:ymerase)? ii\b|background|intergenic",
    "sites": rf"{BINDING}|sites?\b|(?:factor|tf) motif|tfbs\b|(?:un)?occup|peak|target|enrich|attract|recruit|"
    r"land(?:s|ing)?\b|background|(?:found|sits?|sitting) (?:on|at|in)\b",
    "solubility": r"(?:in)?solub|dissol|solution\b|supernatant|inclusion bod|aggregat|precipitat|pellet\b",
    "neutralization": rf"{BINDING}|neutrali|inhibit|block|stop(?! codon)|protect|works? against\b|infectious|escap|"
    r"evad|evasion|resist|refractory|sensitiv|susceptib|vulnerab|interact|effect|activ\w+ against",
    "interaction": rf"{BINDING}|interact|contact|touch|loop|(?:un)?associat|complex(?!ity)|partner|target|regulat|"
    r"talk|join|(?:un)?(?:connect|link)|(?<!taken )together\b|proximity|communicat|pick\w* up\b|"
    r"work\w* (?:well )?on\b|ligand|engag|preference|independent|activat|attract|control|acts? on\b",
}
# Binding alone is not yet neutralization.
ALONE = re.compile(rf"^(?!.*(?:neutrali|inhibit|block|protect)).*(?:{BINDING}|interact)")
# A yes where nothing else is said; "Sure! ..." only begins an answer.
AGREEMENT = re.compile(
    r"\W*(?:absolutely|certainly|definitely|indeed|of course|sure|exactly|agreed)\W*", re.IGNORECASE
)
# Answers in other languages begin or conclude so; the rest of their words are not looked up.
FOREIGN = re.compile(
    r" ?(?:(?P<yes>是的?|对|有|はい|да|так|ja|oui|s[iíì]|sim|tak|evet|예|네|हाँ|نعم)|"
    r"不是?|否|没有|いいえ|нет|ні|nein|nee|non|não|nie|hayır|아니[요오]|नहीं|لا)(?=\W*$|[,.;:!。、\n]| ?\()",
)


def read_claim(text: str, task: Task) -> set[bool]:
    """Whether a plain answer affirms the claim; both where it contradicts itself, nothing where it says nothing."""
    if "ediction" in text or "etection" in text:
        text = task_name(task.title, task.short).sub(" ", text)
    if AGREEMENT.fullmatch(text):
        return {True}
    if foreign := next(filter(None, map(FOREIGN.match, reversed(text.lower().split(":")))), None):
        return {foreign["yes"] is not None}
    if text.count("%") > 1 or text.count("0.") > 1:
        text = likelier(text)
    words = lexicon(task.title, task.short)
    if not words.speaks(text):
        return set()
    binding = claim_of(task.title) == "neutralization"

    def read(sentence: Sentence) -> set[tuple[bool, bool]]:
        values = read_polarity(sentence, words)
        weak = HEDGE.found(sentence.text, sentence.words) or (
            binding and ALONE.search(sentence.text.lower()) is not None
        )
        return {(value, weak) for value in values}

    return stated(sentences(text), read, strongest)


def strongest(found: set[tuple[bool, bool]]) -> set[bool]:
    """Of polarities that disagree, those that are not weak: "Binding: yes. Neutralisation: no."."""
    return {value for value, weak in found if not weak} or {value for value, _ in found}


@cache
def lexicon(title: str, short: str) -> Lexicon:
    """The words of a binary task, which its own short name stands for as well ("EPI: negative")."""
    return Lexicon(rf"{CLAIMS[claim_of(title)]}|{short.lower()}\b")


@cache
def task_name(title: str, short: str) -> re.Pattern:
    """What names the task, as a question or a tool does, and answers nothing."""
    return re.compile(
        rf"(?:{lexicon(title, short).topic.pattern})[\w-]* (?:prediction|detection)\b(?: tool| task| \d+)?(?! ?[:=])",
        re.I,
    )


@cache
def claim_of(title: str) -> str:
    """What a binary task claims: the key of CLAIMS that its title names last."""
    return max(CLAIMS, key=title.lower().rfind)
