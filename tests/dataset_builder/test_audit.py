"""The audit finds what was planted and what is known of the real files, and names a test subset without any of it."""

import hashlib
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dataset_builder.audit import audit, table
from dataset_builder.audit.repeats import describe, overlap
from dataset_builder.audit.rows import read_splits
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
    folder = root / "sources" / "GUE" / "tf" / "0"
    folder.mkdir(parents=True)
    rows = {"train": [(sequence, i % 2) for i, sequence in enumerate(train)], "test": test}
    for split, pairs in rows.items():
        lines = [f"{sequence},{label}" for sequence, label in pairs]
        (folder / f"{split}.csv").write_text("\n".join(["sequence,label", *lines, ""]))
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
def test_alignment_finds_homologues_where_mmseqs_is_installed(planted: Path) -> None:
    found = audit(planted, workers=1)["tasks"]["tf_binding_human"]["homology"][0]
    assert found["sequences"] == 7 and found["sequences_with_identity"]["0.9"] == 3


def test_a_folder_of_other_rows_is_refused(planted: Path, tmp_path: Path) -> None:
    shutil.copytree(planted, tmp_path / "other")
    path = next((tmp_path / "other/data/tf_binding_human").glob("test-*.parquet"))
    rows = pq.read_table(path)
    prompts = [[turn | {"content": "Which one?"} for turn in row] for row in rows["prompt"].to_pylist()]
    place = rows.column_names.index("prompt")
    pq.write_table(rows.set_column(place, "prompt", pa.array(prompts, rows.schema.field("prompt").type)), path)
    with pytest.raises(SourceError, match="'Which one\\?' holds not 1 sequences tagged dna"):
        audit(tmp_path / "other", align=False, workers=1)


# What is counted on the real files elsewhere, by other programs.


def splits_of(dataset: Path, name: str) -> dict:
    return read_splits(dataset, TASKS[name])


def test_core_promoter(real_dataset: Path) -> None:
    task, splits = TASKS["core_promoter"], splits_of(real_dataset, "core_promoter")
    assert describe(splits["train"], task)["distinct"] == 52_390
    assert describe(splits["test"], task)["distinct"] == 5_916
    assert overlap(splits["validation"], splits["train"], task)["rows"] == 10_484
    assert overlap(splits["test"], splits["train"], task)["rows"] == 100


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
