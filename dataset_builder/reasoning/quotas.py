"""Which row is asked about next, so that every task gives its share and a rejected row is replaced by the next."""

from collections import Counter
from dataclasses import dataclass, field


def shares(room: dict[str, int], total: int) -> dict[str, int]:
    """How many rows each task gives when tasks are drawn from in turn, each while it has any (`room`).

    A row less of one task is a row more of another: no share falls when another task has less room.
    """
    given, left = dict.fromkeys(room, 0), total
    while turn := [task for task in room if given[task] < room[task]][:left]:
        rounds = min(min(room[task] - given[task] for task in turn), max(left // len(turn), 1))
        for task in turn:
            given[task] += rounds
        left -= rounds * len(turn)
    return given


@dataclass
class Queue:
    """Rows by task, each in the order in which they are asked about, until `total` are accepted.

    A row is taken only when it is needed even if all before it are accepted, so which rows are asked about does not
    depend on how many are asked about at once.
    """

    rows: dict[str, list[int]]
    total: int
    taken: Counter = field(default_factory=Counter)
    rejected: Counter = field(default_factory=Counter)

    def next(self) -> int | None:
        """The next row, of the task that has the fewest; None where those under way may be enough."""
        room = {task: len(rows) - self.rejected[task] for task, rows in self.rows.items()}
        wanted = shares(room, self.total)
        counted = {task: self.taken[task] - self.rejected[task] for task in self.rows}
        lacking = [task for task in self.rows if counted[task] < wanted[task]]
        if not lacking:
            return None
        task = min(lacking, key=counted.get)
        self.taken[task] += 1
        return self.rows[task][self.taken[task] - 1]
