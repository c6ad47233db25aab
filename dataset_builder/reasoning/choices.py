"""Draws of one row, one after the other: a function of its id and the seed alone."""

from collections.abc import Sequence
from typing import TypeVar

from dataset_builder.hashing import hash64


T = TypeVar("T")
MASK = 2**64 - 1


class Choices:
    """A splitmix64 sequence that begins at the hash of a row's id."""

    def __init__(self, row_id: str, seed: int) -> None:
        self.state = int(hash64([row_id], f"wording/{seed}")[0])

    def below(self, limit: int) -> int:
        """A number from 0 to limit - 1."""
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return (z ^ (z >> 31)) % limit

    def one(self, options: Sequence[T]) -> T:
        """One of the options."""
        return options[self.below(len(options))]

    def some(self, options: Sequence[T], count: int) -> list[T]:
        """At most `count` of the options, in their order."""
        kept = list(options)
        while len(kept) > count:
            del kept[self.below(len(kept))]
        return kept
