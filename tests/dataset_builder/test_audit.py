"""The audit finds what was planted and what is known of the real files, and names a test subset without any of it."""

import hashlib
import random
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy import sparse

from dataset_builder.audit import audit, homology, near, table
from dataset_builder.audit.kmers import kmer_hashes
from dataset_builder.audit.repeats import describe, overlap
from dataset_builder.audit.rows import batches, read_splits, shards
from dataset_builder.build import build
from dataset_builder.files import SourceError
from dataset_builder.tasks import TASKS


COMPLEMENT = str.maketrans("ACGT", "TGCA")


def sequences(count: int, seed: int = 0) -> list[str]:
    draw = random.Random(seed)
    return ["".join(draw.choices("ACGT", k=101)) for _ in range(count)]


def substituted(sequence: str, places: int) -> str:
    """The sequence with another letter at so many places, evenly spread."""
    letters = list(sequence)
    for i in range(places):
        place = (i + 1) * len(letters) // (places + 1)
        letters[place] = "ACGT"["TGCA".index(letters[place])]
    return "".join(letters)


def write_gue(sources: Path, name: str, **splits: list[tuple[str, int]]) -> None:
    """One sub-task of GUE, such as tf/0."""
    folder = sources / "GUE" / name
    folder.mkdir(parents=True)
    for split, pairs in splits.items():
        lines = [f"{sequence},{label}" for sequence, label in pairs]
        (folder / f"{split}.csv").write_text("\n".join(["sequence,label", *lines, ""]))


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """tf_binding_human of 60 train rows and 9 test rows, each of the latter with one fault or none."""
    root = tmp_path_factory.mktemp("planted")
    train = sequences(60)
    clean = sequences(3, seed=1)
    test = [
        (train[0], 1),  # in train
        (train[1][::-1].translate(COMPLEMENT), 1),  # its other strand is
        (substituted(train[2], 2), 1),  # a near copy
        (substituted(train[3], 40), 1),  # far from it
        (clean[0], 1),
        (clean[1], 1),  # the two of these contradict each other
        (clean[1], 0),
        (clean[2], 0),  # the same twice
        (clean[2], 0),
    ]
    write_gue(root / "sources", "tf/0", train=[(sequence, i % 2) for i, sequence in enumerate(train)], test=test)
    build(root / "sources", root / "dataset", ["tf_binding_human"])
    return root / "dataset"


def test_what_was_planted_is_found_and_kept_out_of_the_clean_subset(planted: Path) -> None:
    found = audit(planted, align=False, workers=1)["tasks"]["tf_binding_human"]
    test = found["splits"]["test"]
    assert (test["rows"], test["distinct"], test["repeated"]) == (9, 7, 2)
    assert test["contradictory"] == {"sequences": 1, "rows": 2}
    assert found["overlap"]["test in train"]["rows"] == 1
    assert found["overlap"]["test in train"]["reverse_complement_rows"] == 1
    assert found["near"]["test in train"]["near_rows"] == 3  # the first three
    assert found["in_train_faults"] == {"train": 0, "test": 0}
    assert found["clean_test"]["rows"] == 3
    clean = pq.read_table(planted / "clean_test.parquet").to_pylist()
    assert [row["id"].rsplit("/", 1)[1] for row in clean] == ["3", "4", "7"]
    assert {row["task"] for row in clean} == {"tf_binding_human"}


def test_a_second_audit_writes_the_same_bytes(planted: Path) -> None:
    def digest() -> list[str]:
        names = ("audit.json", "clean_test.parquet")
        return [hashlib.sha256((planted / name).read_bytes()).hexdigest() for name in names]

    audit(planted, align=False, workers=1)
    first = digest()
    audit(planted, align=False, workers=2)
    assert digest() == first


def test_wrong_in_train_is_reported(planted: Path, tmp_path: Path) -> None:
    shutil.copytree(planted, tmp_path / "wrong")
    path = next((tmp_path / "wrong/data/tf_binding_human").glob("test-*.parquet"))
    rows = pq.read_table(path)
    place = rows.column_names.index("in_train")
    pq.write_table(rows.set_column(place, "in_train", pa.array([False] * len(rows))), path)
    found = audit(tmp_path / "wrong", align=False, workers=1)
    assert found["tasks"]["tf_binding_human"]["in_train_faults"] == {"train": 0, "test": 2}
    assert "`in_train` is wrong in 2 rows" in table(found)


def test_the_command_prints_a_table_and_puts_it_on_the_card(planted: Path) -> None:
    command = [sys.executable, "-m", "dataset_builder", "audit", str(planted), "--no-align"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    line = next(line for line in done.stdout.splitlines() if line.startswith("| tf_binding_human"))
    assert "3 of 9" in line and line in (planted / "README.md").read_text()
    absent = subprocess.run([*command[:4], str(planted.parent), "--no-align"], capture_output=True, text=True)
    assert absent.returncode == 1 and "holds no manifest.json" in absent.stderr and "Traceback" not in absent.stderr


@pytest.mark.skipif(not shutil.which("mmseqs"), reason="MMseqs2 is not installed")
def test_alignment_finds_homologues_where_mmseqs_is_installed(dataset: Path) -> None:
    found = homology.homologous(dataset, TASKS["fluorescence"], 0)  # all are variants of one protein
    assert found["sequences"] == found["sequences_with_identity"]["0.9"] > 0
    found = homology.homologous(dataset, TASKS["solubility"], 0)  # made up independently
    assert found["sequences"] > found["sequences_with_identity"]["0.9"]


def test_a_folder_of_other_rows_is_refused(planted: Path, tmp_path: Path) -> None:
    shutil.copytree(planted, tmp_path / "other")
    path = next((tmp_path / "other/data/tf_binding_human").glob("test-*.parquet"))
    rows = pq.read_table(path)
    prompts = [[turn | {"content": "Which one?"} for turn in row] for row in rows["prompt"].to_pylist()]
    place = rows.column_names.index("prompt")
    pq.write_table(rows.set_column(place, "prompt", pa.array(prompts, rows.schema.field("prompt").type)), path)
    with pytest.raises(SourceError, match="'Which one\\?' holds not 1 sequences tagged dna"):
        audit(tmp_path / "other", align=False, workers=1)


def test_rows_in_several_files_are_the_same_rows(planted: Path, tmp_path: Path) -> None:
    shutil.copytree(planted, tmp_path / "parted")
    for split in ("train", "test"):
        path = next((tmp_path / "parted/data/tf_binding_human").glob(f"{split}-*.parquet"))
        rows = pq.read_table(path)
        path.unlink()
        for i, start in enumerate((0, 5)):
            part = rows.slice(start, 5 if i == 0 else None)
            pq.write_table(part, path.with_name(f"{split}-0000{i}-of-00002.parquet"))
    assert audit(tmp_path / "parted", align=False, workers=1) == audit(planted, align=False, workers=1)


def test_what_a_library_shares_by_design_makes_no_near_copies(tmp_path: Path) -> None:
    draw = random.Random(0)
    ends = sequences(1)[0]

    def variants(count: int) -> list[str]:
        return [ends[:40] + "".join(draw.choices("ACGT", k=21)) + ends[61:] for _ in range(count)]

    train, test = variants(50), variants(near.LEAST_COMMON + 100)
    test[7] = train[3][:40] + substituted(train[3][40:61], 1) + train[3][61:]
    test[8] = train[4][:40] + substituted(train[4][40:61], 3) + train[4][61:]  # what is left is the library's
    label = [(sequence, 0) for sequence in test]
    write_gue(tmp_path / "sources", "tf/0", train=[(sequence, 0) for sequence in train], test=label)
    build(tmp_path / "sources", tmp_path / "dataset", ["tf_binding_human"])
    found = audit(tmp_path / "dataset", align=False, workers=1)["tasks"]["tf_binding_human"]
    assert found["near"]["test in train"]["near_rows"] == 1
    assert found["clean_test"]["rows"] == len(test) - 1


def test_a_pair_is_a_near_copy_only_of_one_pair() -> None:
    def shares(matrix: list[list[int]]) -> near.Shares:
        return near.Shares(np.ones(2), np.array([10, 20]), sparse.csr_array(np.array(matrix, dtype=bool)))

    firsts, seconds = shares([[1, 0], [0, 1]]), shares([[1, 0], [0, 1]])  # the i-th held is a near copy of the i-th
    train = pd.DataFrame({"member_0": [10, 20], "member_1": [20, 10]})
    rows = [np.array([0, 0, 1]), np.array([0, 1, 0])]  # the pairs (0, 0), (0, 1) and (1, 0)
    assert near.near_pairs([firsts, seconds], rows, train).tolist() == [False, True, True]


def test_both_members_of_a_pair_are_known_whichever_the_question_names_first(dataset: Path) -> None:
    task = TASKS["antibody_antigen"]
    for split in ("train", "test"):
        first, second = zip(
            *(batch["sequences"] for batch in batches(shards(dataset, task, split), [], task)), strict=True
        )
        assert {len(text) for some in first for text in some.to_pylist()} == {80}
        assert {len(text) for some in second for text in some.to_pylist()} == {100}
    splits = read_splits(dataset, task)
    known = overlap(splits["test"], splits["train"], task)["rows_by_known_member"]
    assert known["second_only"] == len(splits["test"])  # the antibodies of its test are new


def test_a_dataset_of_other_templates_is_refused(dataset: Path, tmp_path: Path) -> None:
    shutil.copytree(dataset / "data/antibody_antigen", tmp_path / "data/antibody_antigen")
    path = next((tmp_path / "data/antibody_antigen").glob("test-*.parquet"))
    rows = pq.read_table(path)
    numbers = pa.array([number + 100_000 for number in rows["question_id"].to_pylist()], pa.int32())
    pq.write_table(rows.set_column(rows.column_names.index("question_id"), "question_id", numbers), path)
    with pytest.raises(SourceError, match="build the dataset with the templates that are here"):
        read_splits(tmp_path, TASKS["antibody_antigen"])


def test_a_core_promoter_is_found_in_the_promoters_of_another_task(tmp_path: Path) -> None:
    sources = tmp_path / "sources"
    promoters = ["".join(part) for part in zip(sequences(20), sequences(20, 1), sequences(20, 2), strict=True)]
    inside = [promoters[i][100:170] for i in range(3)] + [promoters[3][100:170][::-1].translate(COMPLEMENT)]
    write_gue(sources, "prom/prom_300_tata", train=[(promoter, 1) for promoter in promoters])
    elsewhere = [(text[:70], 0) for text in sequences(6, seed=3)]
    write_gue(sources, "prom/prom_core_tata", train=elsewhere[:5], test=[(text, 1) for text in inside] + elsewhere[5:])
    build(sources, tmp_path / "dataset", ["promoter_300", "core_promoter"])
    found = audit(tmp_path / "dataset", align=False, workers=1)["between"]
    assert [(entry["held_out"], entry["training"]) for entry in found] == [
        ("core_promoter/test", "promoter_300/train")
    ]
    assert found[0]["sequences"] == 5 and found[0]["identical"] == 0
    assert found[0]["sequences_with_share"] == {"0.1": 4, "0.5": 4, "0.8": 4, "1.0": 4}


@pytest.mark.parametrize(
    ("molecule", "letters", "k"), [("dna", "ACGTACGTN", 15), ("protein", "ACDEFGHIKLMNPQRSTVWYX", 5)]
)
def test_kmers_of_joined_sequences_are_those_of_each(molecule: str, letters: str, k: int) -> None:
    from sourmash import MinHash

    draw = random.Random(0)
    texts = ["".join(draw.choices(letters, k=n)) for n in (1, k - 1, k, 60, 40_000, 3, k + 1)]
    hashes, owner = kmer_hashes(pa.array(["dropped", *texts])[1:], molecule, k)
    sketch = MinHash(0, k, scaled=1, is_protein=molecule == "protein")
    for i, text in enumerate(texts):
        alone = sketch.seq_to_hashes(text, force=True, bad_kmers_as_zeroes=True, is_protein=molecule == "protein")
        assert hashes[owner == i].tolist() == [number for number in alone if number]
    kept, _ = kmer_hashes(pa.array(texts), molecule, k, scaled=4)
    assert set(kept.tolist()) == {number for number in hashes.tolist() if number <= (2**64 - 1) // 4}


# What is counted on the real files elsewhere, by other programs.


def splits_of(dataset: Path, name: str) -> dict:
    return read_splits(dataset, TASKS[name])


def test_core_promoter(real_dataset: Path) -> None:
    task, splits = TASKS["core_promoter"], splits_of(real_dataset, "core_promoter")
    assert describe(splits["train"], task)["distinct"] == 52_390
    assert describe(splits["test"], task)["distinct"] == 5_916
    assert overlap(splits["validation"], splits["train"], task)["rows"] == 10_484
    assert overlap(splits["test"], splits["train"], task)["rows"] == 100
    assert describe(pd.concat(splits.values()), task)["contradictory"] == {"sequences": 64, "rows": 256}


def test_epigenetic_marks(real_dataset: Path) -> None:
    task, splits = TASKS["epigenetic_marks"], splits_of(real_dataset, "epigenetic_marks")
    found = describe(splits["test"], task)
    assert (found["distinct"], found["contradictory"]) == (21_261, {"sequences": 2_893, "rows": 6_647})
    assert overlap(splits["test"], splits["validation"], task)["rows"] == 13_802


def test_tf_binding_human(real_dataset: Path) -> None:
    task, splits = TASKS["tf_binding_human"], splits_of(real_dataset, "tf_binding_human")
    train = splits["train"]
    assert describe(train[train["subtask"] == "4"], task)["repeated"] == 3_789
    assert describe(train[train["subtask"] == "2"], task)["repeated"] == 185
    assert overlap(splits["test"], train, task)["rows"] == 34


def test_ncrna_family_and_protein_stability(real_dataset: Path) -> None:
    task, splits = TASKS["ncrna_family"], splits_of(real_dataset, "ncrna_family")
    found = [overlap(splits["test"], splits[split], task)["rows"] for split in ("train", "validation")]
    assert sum(found) == 347
    stability = splits_of(real_dataset, "protein_stability")["train"]
    assert describe(stability, TASKS["protein_stability"])["distinct"] == 53_571
