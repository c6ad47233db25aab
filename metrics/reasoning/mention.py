"""A thing of a sequence that a text names."""

from dataclasses import dataclass


QUOTED, NAMED, LETTER = "quoted", "named", "letter"


@dataclass(frozen=True)
class Mention:
    """Something of a sequence that a clause names.

    Attributes:
        start, end: in the clause.
        form: QUOTED letters, a NAMED element, or a LETTER (amino acid, base or group of them).
        text: as written.
        loose, strict: patterns as of motifs.Motif; equal for letters.
        protein: a pattern of amino acids.
        plural: said of several.
        kind, weak: as of motifs.Motif.
        elsewhere: compared with, or known of other molecules; not said to be in this one.
    """

    start: int
    end: int
    form: str
    text: str
    loose: str | None
    strict: str | None
    protein: bool
    plural: bool = False
    kind: str | None = None
    weak: bool = False
    elsewhere: bool = False

    @property
    def pieces(self) -> list[str]:
        """The letters before and after an ellipsis; empty without one."""
        return self.loose.split("…") if self.loose and "…" in self.loose else []

    @property
    def is_group(self) -> bool:
        """Whether it is several letters taken together."""
        return self.form == LETTER and self.loose.startswith("[")
