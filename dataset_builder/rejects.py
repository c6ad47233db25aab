"""What is not in the dataset, and how much of a file may be missing before it counts as another file."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter


MAX_REJECTED = 0.01
SHOWN_CHARACTERS = 80  # of a value


class SourceError(ValueError):
    """An upstream file that cannot be used as it is: the message says what to do."""


@dataclass(frozen=True)
class Rejected:
    """A row that is not in the dataset, and why.

    Attributes:
        split: empty where it is drawn, and was not for this row.
        file: below the sources folder; a member of an archive as <archive>/<member>.
        line: from 1; of a file without lines the number of the row or record.
        malformed: the row is damaged; otherwise a stated rule leaves it out.
    """

    task: str
    split: str
    file: str
    line: int
    value: str
    reason: str
    malformed: bool = True

    def __str__(self) -> str:
        return f"{self.file}: line {self.line}: {self.value!r}: {self.reason}"


def require_few_rejected(task_id: str, split: str, rejected: Sequence[Rejected], rows_read: int) -> None:
    """Raise a SourceError with the first malformed row and the counts if more than 1% of the rows are malformed."""
    malformed = [row for row in rejected if row.malformed]
    if len(malformed) > MAX_REJECTED * rows_read:
        rows = f"{task_id}/{split}" if split else task_id
        raise SourceError(
            f"{malformed[0]}\n{len(malformed):,} of {rows_read:,} {rows} rows are unusable, more than "
            f"{MAX_REJECTED:.0%}: is this the upstream file? Nothing was written"
        )


def require_usable_files(task_id: str, rejected: Iterable[Rejected], rows_read: Mapping[str, int]) -> None:
    """`require_few_rejected` for each file: what share of it is malformed does not hang on how a split was drawn."""
    for file, rows in groupby(sorted(rejected, key=attrgetter("file")), key=attrgetter("file")):
        require_few_rejected(task_id, "", list(rows), rows_read[file])
