"""Hashes are stable, and splits drawn by them are exact, independent of order, and never divide equal keys."""

from collections import Counter

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from dataset_builder.hashing import hash64, split_by_hash


def test_hashes_are_the_same_on_every_machine_and_release():
    """These values decide templates and splits: should one change, every published dataset would."""
    expected = [4527802327149974667, 9171818530292802544]
    assert hash64(["a", "b"], "x").tolist() == expected
    assert hash64(pa.chunked_array([["a"], ["b"]]), "x").tolist() == expected
    assert hash64(pa.array(["a"]), "y")[0] != expected[0]


def test_distinct_keys_are_split_exactly():
    keys = [f"guide{i}" for i in range(2076)]
    assert Counter(split_by_hash(keys, (1453, 207, 416), "s")) == {"train": 1453, "validation": 207, "test": 416}
    assert Counter(split_by_hash(keys[:100], (1453, 207, 416), "s")) == {"train": 70, "validation": 10, "test": 20}


def test_pairs_that_straddle_a_cut_stay_together_and_sizes_stay_exact():
    keys = [f"pair{i // 2}" for i in range(200)] + [f"single{i}" for i in range(50)]
    split = split_by_hash(keys, (151, 33, 66), "s")
    assert Counter(split) == {"train": 151, "validation": 33, "test": 66}
    assert (split[:200:2] == split[1:200:2]).all()


@given(st.lists(st.text(max_size=2), max_size=60), st.randoms(use_true_random=False))
def test_a_key_has_one_split_whatever_the_order(keys, random):
    split_of = dict(zip(keys, split_by_hash(keys, (3, 1, 1), "s"), strict=True))
    shuffled = random.sample(keys, len(keys))
    assert [split_of[key] for key in shuffled] == list(split_by_hash(shuffled, (3, 1, 1), "s"))


def test_no_keys_give_no_splits():
    assert split_by_hash(pa.array([], pa.string()), (8, 1, 1), "s").tolist() == []
    assert hash64([], "s").dtype == np.uint64
