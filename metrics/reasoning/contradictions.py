"""Steps of one text that cannot both be true."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from metrics.reasoning.findings import WRONG, Finding


OPPOSITES = {
    "gc_percent high": "gc_percent low",
    "charge_ph7 high": "charge_ph7 low",
    "gravy high": "gravy low",
    "isoelectric_point high": "isoelectric_point low",
    "instability_index high": "instability_index low",
}
NUMBERS = (
    "length",
    "gc_percent",
    "isoelectric_point",
    "gravy",
    "instability_index",
    "molecular_weight",
    "mfe_kcal_per_mol",
)
SLACK = {
    "gc_percent": 2.0,
    "isoelectric_point": 0.3,
    "gravy": 0.1,
    "instability_index": 1.0,
    "molecular_weight": 0.6,
    "mfe_kcal_per_mol": 1.0,
}


def contradictions(found: Sequence[Finding]) -> Iterator[Finding]:
    """Pairs of claims of which at most one is true: present and absent, high and low, one number and another."""
    qualities = {finding.value: finding for finding in found if finding.kind == "quality" and finding.value}
    for high, low in OPPOSITES.items():
        if high in qualities and low in qualities and qualities[high].about == qualities[low].about:
            yield between(qualities[high], qualities[low])
    numbers: dict[tuple, list[Finding]] = defaultdict(list)
    for finding in found:
        if finding.kind in NUMBERS and finding.value is not None and not finding.stated.startswith(("above", "below")):
            numbers[finding.kind, finding.about].append(finding)
    for (kind, about), same in numbers.items():
        low, high = min(same, key=lambda one: one.value), max(same, key=lambda one: one.value)
        if about is not None and high.value - low.value > SLACK.get(kind, 0):
            yield between(low, high)
    denied = {
        name_of(finding): finding
        for finding in found
        if finding.kind == "absence" and "," not in finding.stated and "within" not in finding.stated
    }
    for finding in found:
        if (
            finding.kind in ("motif", "position", "count")
            and (other := denied.get(name_of(finding)))
            and finding.value
        ):
            yield between(other, finding)


def between(first: Finding, second: Finding) -> Finding:
    """The finding that two claims contradict each other."""
    stated = f"{first.stated} / {second.stated}"
    return Finding(
        "contradiction", f"{first.claim} … {second.claim}", stated, first.measured, WRONG, f"it says both: {stated}"
    )


def name_of(finding: Finding) -> str:
    """What a finding about a site is about, in one spelling."""
    stated = finding.stated.split(",")[0].split(" within ")[0].removeprefix("no ").lower().replace("u", "t")
    words = [word for word in stated.replace("-", " ").split() if not word.isdigit()]
    return " ".join(word.removesuffix("es") if word.endswith("xes") else word.removesuffix("s") for word in words)
