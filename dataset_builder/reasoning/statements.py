"""A measured fact as a sentence, in one of the wordings of statements.yaml."""

from functools import cache
from pathlib import Path

import yaml

from dataset_builder.reasoning.choices import Choices
from dataset_builder.reasoning.evidence import KINDS, Fact
from dataset_builder.reasoning.evidence.kind import reverse_complement
from dataset_builder.reasoning.evidence.signatures import signatures
from dataset_builder.reasoning.findings import Finding


SHOWN = 3  # places of one kind that are named
LONGEST = 24  # letters of a site that are quoted


@cache
def words() -> dict:
    """statements.yaml."""
    text = Path(__file__).with_name("statements.yaml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=yaml.CSafeLoader)


@cache
def said_of_signatures() -> dict[str, str]:
    """What each motif of signatures.yaml is known for."""
    return {entry["name"]: entry["says"] for entry in signatures()}


def state(finding: Finding, molecules: list[str], choices: Choices, first: bool) -> str:
    """The sentence of a finding; empty where nothing is said of sites that are not there.

    Args:
        molecules: what the molecules of the task are called, without an article.
        first: nothing was said of them before, so "its" is not clear.
    """
    the = f"the {molecules[finding.molecule]}"
    its = f"{the}'s" if first or len(molecules) > 1 else "its"
    if finding.kind in said_of_signatures():
        text = said_signature(finding, choices)
    elif KINDS[finding.kind].is_site:
        text = said_sites(finding, the, choices)
    else:
        options = words()["zero"].get(finding.kind) if finding.facts[0].value == 0 else None
        options = options or [*words()["numbers"][finding.kind], *(words()["frames"] if phrased(finding) else ())]
        text = choices.one(options).format(the=the, its=its, list=phrased(finding), **number(finding))
    return capital(text)


def summary(figures: list[Finding], molecules: list[str], choices: Choices) -> str:
    """Several numbers of one molecule in a sentence."""
    the = f"the {molecules[figures[0].molecule]}"
    listed = join([phrased(finding) for finding in figures])
    return capital(choices.one(words()["frames"]).format(the=the, list=listed))


def phrased(finding: Finding) -> str:
    """A number as what the molecule has, "a GC content of 41.3%"; empty for other findings."""
    phrase = words()["phrases"].get(finding.kind)
    if not phrase or not finding.facts or words()["zero"].get(finding.kind) and finding.facts[0].value == 0:
        return ""
    return phrase.format(**number(finding))


def number(finding: Finding) -> dict[str, str]:
    """The value with the decimals of its kind, and the s of what it counts."""
    value = finding.facts[0].value
    shown = value if isinstance(value, str) else f"{value:.{KINDS[finding.kind].decimals}f}"
    return {"value": shown, "s": "" if value == 1 else "s"}


def said_signature(finding: Finding, choices: Choices) -> str:
    """The first match of an enzyme's motif; nothing without one."""
    if not finding.facts:
        return ""
    first, says = finding.facts[0], said_of_signatures()[finding.kind]
    return choices.one(words()["signature"]).format(start=first.start, end=first.end, letters=first.value, says=says)


def said_sites(finding: Finding, the: str, choices: Choices) -> str:
    """Where sites are, the first three of them, or that there are none."""
    found = finding.facts
    size = ("none", "one")[len(found)] if len(found) < 2 else "few" if len(found) <= SHOWN else "many"
    options = words()["own"].get(finding.kind, words()["places"])[size]
    if size == "one" and len(found[0].value) > LONGEST:
        options = [option for option in options if "{letters}" not in option] or words()["places"]["long"]
    if not options:
        return ""
    one, several = words()["sites"].get(finding.kind, ("", ""))
    return choices.one(options).format(
        the=the,
        a=one,
        bare=one.partition(" ")[2],
        many=several,
        count=len(found),
        place=place(found[0]) if found else "",
        strand=" on the reverse strand" if found and found[0].strand == "-" else "",
        letters=quoted(found[0]) if found else "",
        list=listed(found[:SHOWN]),
        names=join([fact.value for fact in found]),
    )


def listed(found: tuple[Fact, ...]) -> str:
    """Sites in a list, parted by semicolons where one is on the other strand or too long to quote."""
    parts = [shown(fact) for fact in found]
    return "; ".join(parts) if any(fact.strand == "-" or len(fact.value) > LONGEST for fact in found) else join(parts)


def shown(fact: Fact) -> str:
    """A site in a list: its letters and place, of long ones the place alone."""
    return place(fact) if len(fact.value) > LONGEST else f"{fact.value} at {place(fact)}{reading(fact)}"


def quoted(fact: Fact) -> str:
    """The letters of a site, and what they read on the other strand where that is the one that counts."""
    return fact.value + reading(fact)


def reading(fact: Fact) -> str:
    """What a site on the other strand reads there; nothing for the given strand."""
    return f" ({reverse_complement(fact.value)} on the reverse strand)" if fact.strand == "-" else ""


def place(fact: Fact) -> str:
    """Positions on the letters as given."""
    return f"position {fact.start}" if fact.start == fact.end else f"positions {fact.start}-{fact.end}"


def join(parts: list[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))


def capital(text: str) -> str:
    """With a capital at the beginning."""
    return text[:1].upper() + text[1:]
