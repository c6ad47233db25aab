"""Sequences inside text, between their tags: found, and cut where a text is too long."""

import re


TAGGED = re.compile(r"<(dna|rna|protein)>([A-Z]+)</\1>")


def longest_sequence(user: str) -> re.Match | None:
    """The match of TAGGED with the longest sequence; None where there is no sequence."""
    return max(TAGGED.finditer(user), key=lambda match: len(match[2]), default=None)


def shorten(user: str, letters: int) -> str:
    """The question with `letters` letters less of its longest sequence, cut from that sequence's end; one stays."""
    longest = longest_sequence(user)
    if longest is None or len(longest[2]) == 1:
        return user
    end = max(longest.end(2) - letters, longest.start(2) + 1)
    return user[:end] + user[longest.end(2) :]
