"""Facts about sequences, beside values worked out by hand and by other means."""

import random
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from dataset_builder.reasoning.evidence import KINDS, facts, sequences_of
from dataset_builder.reasoning.evidence.kind import find, reverse_complement
from dataset_builder.tasks import TASKS


BY_HAND = [  # kind, sequence, what it measures
    ("length_nt", "ACGTN", 5),
    ("gc_percent", "GGCA", 75.0),
    ("gc_percent", "GCAN", pytest.approx(66.667, abs=0.001)),  # N is no letter of it
    ("gc_percent", "NNN", None),
    ("gc_skew", "GGGC", 0.5),
    ("gc_skew", "AT", None),
    ("cpg_count", "CGCGG", 2),
    ("cpg_observed_expected", "CGCGG", 2 * 5 / (2 * 3)),
    ("cpg_observed_expected", "CCA", None),
    ("percent_of_L", "LLAK", 50.0),
    ("middle_letter", "AACTT", "C"),
    ("middle_letter", "AATT", None),
]


@pytest.mark.parametrize(("kind", "sequence", "expected"), BY_HAND)
def test_a_kind_measures_what_is_worked_out_by_hand(kind: str, sequence: str, expected: object) -> None:
    assert KINDS[kind].measure(sequence) == expected


@pytest.mark.parametrize("pattern", ["TATAWAWR", "CCAAT", "RGWYV", "CANNTG"])
def test_sites_are_found_again_by_slicing_and_mirror_on_the_other_strand(pattern: str) -> None:
    rng = random.Random(0)
    for _ in range(200):
        sequence = "".join(rng.choices("ACGTN", k=rng.randint(0, 80)))
        sites = find(sequence, pattern, both_strands=True)
        assert all(sequence[site.start - 1 : site.end] == site.letters for site in sites)
        length = len(sequence)
        mirrored = find(reverse_complement(sequence), pattern, both_strands=True)
        places = {(length - site.end + 1, length - site.start + 1): site.strand for site in mirrored}
        assert {(site.start, site.end) for site in sites} == set(places)
        for site in sites:  # one that both strands match is a site of the given strand, whichever that is
            both = find(site.letters, pattern) and find(reverse_complement(site.letters), pattern)
            assert both or site.strand != places[site.start, site.end]


@pytest.mark.parametrize("task_id", TASKS)
def test_every_fact_of_a_row_is_measured_again_by_its_kind(task_id: str, dataset: Path) -> None:
    rows = pq.read_table(dataset / "data" / task_id / "test-00000-of-00001.parquet").slice(0, 20).to_pylist()
    for row in rows:
        sequences, found = sequences_of(row), facts(row)
        assert found
        for fact in found:
            kind = KINDS[fact.kind]
            letters = sequences[fact.sequence][1]
            if fact.start is not None:
                assert letters[fact.start - 1 : fact.end] == fact.value
                assert (fact.start, fact.end, fact.value, fact.strand) in kind.measure(letters)
            elif "pair" not in kind.molecules and not isinstance(fact.value, str):
                assert abs(kind.measure(letters) - fact.value) <= 0.5 * 10**-kind.decimals + 1e-9
