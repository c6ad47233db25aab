"""Two pieces of DNA beside each other: what an enhancer and a promoter have in common."""

from dataset_builder.reasoning.evidence.kind import Kind, reverse_complement


WORD_NT = 12  # so long that two random regions of 2,000 and 3,000 letters share one at most


def words(sequence: str) -> set[str]:
    """The distinct 12-mers of A, C, G and T, each as the smaller of itself and its reverse complement."""
    found = {sequence[i : i + WORD_NT] for i in range(len(sequence) - WORD_NT + 1)}
    return {min(word, reverse_complement(word)) for word in found if not set(word) - set("ACGT")}


def shared_words(first: str, second: str) -> int:
    """Distinct 12-mers, on either strand, that both have."""
    return len(words(first) & words(second))


KINDS = (
    Kind(
        "shared_12mers",
        ("pair",),
        "count",
        0,
        0,
        "Whalen et al. 2016, Nat. Genet. 48:488 (paired features)",
        shared_words,
    ),
)
