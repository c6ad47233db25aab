"""What a check of one claim found."""

from dataclasses import dataclass
from typing import Literal


FAITHFUL, WRONG, UNSUPPORTED, LEAK = "faithful", "wrong fact", "unsupported", "leak"
STATUSES = (FAITHFUL, UNSUPPORTED, LEAK, WRONG)  # the worst last
Status = Literal["faithful", "wrong fact", "unsupported", "leak"]


@dataclass(frozen=True)
class Finding:
    """One claim, checked.

    Attributes:
        kind: what was claimed: "motif", "count", "position", "length", "gc_percent", …, "conclusion", "leak".
        claim: the words of the text that claim it.
        stated: what it says, in a canonical form.
        measured: what the sequence has; empty where nothing can be measured.
        status: FAITHFUL where the claim holds.
        reason: why it is not, in words; empty where it is.
        about: index of the molecule that it is about, from 0; None where it may be any, or for no molecule.
        value: the number stated, or whether something is there: what two claims are compared by.
    """

    kind: str
    claim: str
    stated: str
    measured: str
    status: Status
    reason: str = ""
    about: int | None = None
    value: float | bool | str | None = None


def checked(kind: str, claim: str, stated: str, measured: str, holds: bool, **more: object) -> Finding:
    """The finding of a claim that can be measured."""
    claim = " ".join(claim.split())
    reason = "" if holds else f"stated {stated}, measured {measured}"
    return Finding(kind, claim, stated, measured, FAITHFUL if holds else WRONG, reason, **more)
