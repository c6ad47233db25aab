"""The build command: every config loads offline, bytes repeat, bad input is named and leaves nothing half-written."""

import gzip
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dataset_builder.build import build, names_to_build
from dataset_builder.files import SourceError
from dataset_builder.tasks import TASKS


def command(*arguments: str | Path, **options) -> subprocess.CompletedProcess:
    """Run python -m dataset_builder as a user would."""
    return subprocess.run(
        [sys.executable, "-m", "dataset_builder", *map(str, arguments)], capture_output=True, text=True, **options
    )


def test_every_config_loads_from_the_folder_with_one_schema(dataset: Path) -> None:
    from datasets import get_dataset_config_names, load_dataset

    configs = get_dataset_config_names(str(dataset))
    corpora = {"pretrain_dna", "pretrain_rna", "pretrain_protein"}
    assert set(configs) == {*TASKS, "all", "conditioned", "mini", "reasoning", *corpora}
    schemas = set()
    for config in configs:
        splits = load_dataset(str(dataset), config)
        assert set(splits) == ({"train"} if config in {*corpora, "reasoning"} else {"train", "validation", "test"})
        if config not in corpora:
            schemas |= {str(rows.features) for rows in splits.values()}
    assert len(schemas) == 1
    everything = load_dataset(str(dataset), "all")
    for split, rows in everything.items():
        assert len(rows) == sum(len(load_dataset(str(dataset), task, split=split)) for task in TASKS)
        assert len(set(rows["id"])) == len(rows)


def test_the_same_sources_give_the_same_bytes(dataset: Path, synthetic_sources: Path, tmp_path: Path) -> None:
    again = build(synthetic_sources, tmp_path / "again", names_to_build(None))
    assert again == json.loads((dataset / "manifest.json").read_text())
    other = build(synthetic_sources, tmp_path / "seed", names_to_build(None), seed=1)
    assert other["digest"] != again["digest"]


def test_installed_it_loads_by_name_from_any_directory_offline(dataset: Path, tmp_path: Path) -> None:
    environment = os.environ | {"HF_HOME": str(tmp_path / "home")}
    for _ in range(2):  # the second changes nothing
        assert command("install", dataset, env=environment).returncode == 0
    script = (
        "import datasets; print(datasets.load_dataset('biology-instructions', 'ncrna_family')['train'][0]['task'])"
    )
    (tmp_path / "elsewhere").mkdir()
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, cwd=tmp_path / "elsewhere", capture_output=True, text=True
    )
    assert done.stdout.strip() == "ncrna_family", done.stderr


def test_in_train_marks_exact_and_reverse_complement_repeats(tmp_path: Path) -> None:
    folder = tmp_path / "GUE" / "tf" / "0"
    folder.mkdir(parents=True)
    (folder / "train.csv").write_text("sequence,label\nAACCGT,1\nGGGGGG,0\n")
    (folder / "dev.csv").write_text("sequence,label\nACGGTT,1\nCCCCCC,0\nTTTTTT,0\n")
    (folder / "test.csv").write_text("sequence,label\nAACCGT,0\nTTGGCA,0\n")
    build(tmp_path, tmp_path / "out", ["tf_binding_human"])
    from datasets import load_dataset

    rows = load_dataset(str(tmp_path / "out"), "tf_binding_human")
    assert rows["validation"]["in_train"] == [True, True, False]
    assert rows["test"]["in_train"] == [True, False]


def gue(root: Path, text: str | bytes, split: str = "train", name: str = "tf/0") -> Path:
    """One GUE file below a sources folder."""
    path = root / "GUE" / name / f"{split}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


GOOD = "".join(f"ACGTACGT{'ACGT'[i % 4]}{'ACGT'[i // 4 % 4]},{i % 2}\n" for i in range(300))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            gzip.compress(b"sequence,label\n" + GOOD.encode())[:-40],
            ["train.csv", "ends early, in line", "ACGTACGT", "fetch the file again"],
        ),
        (GOOD, ["train.csv", "line 1", "ACGTACGTAA,0", "expected the columns sequence, label"]),
        ("sequence,label\n" + "ACGT,2\n" * 50, ["train.csv", "line 2", "'2'", "0 or 1", "correct or remove the row"]),
        ("sequence,label\n" + "AC1T,1\n" * 50, ["train.csv", "line 2", "'AC1T'", "not a dna sequence"]),
        ("sequence,label\nACGT,1,9\n", ["train.csv", "line 2", "3 fields, expected 2", "correct the line"]),
        ("", ["train.csv", "Empty"]),
    ],
    ids=["truncated gzip", "no header", "label out of range", "digits", "extra field", "empty"],
)
def test_a_bad_file_is_named_and_nothing_is_written(text: str | bytes, parts: list[str], tmp_path: Path) -> None:
    gue(tmp_path / "sources", text)
    done = command(
        "build", "--sources", tmp_path / "sources", "--out", tmp_path / "out", "--tasks", "tf_binding_human"
    )
    assert done.returncode == 1
    for part in parts:
        assert part in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["sources"]


def test_parallel_files_of_different_length_are_refused(synthetic_sources: Path, tmp_path: Path) -> None:
    shutil.copytree(synthetic_sources / "solubility", tmp_path / "solubility")
    labels = tmp_path / "solubility" / "val_tgt"
    labels.write_text(labels.read_text() + "1\n")
    with pytest.raises(SourceError, match="val_tgt"):
        build(tmp_path, tmp_path / "out", ["solubility"])
    assert not (tmp_path / "out").exists()


def test_a_few_bad_rows_are_left_out_and_listed(tmp_path: Path) -> None:
    gue(tmp_path, f"sequence,label\n{GOOD}AC GT,1\nAC-GT,1\nacgtn,0\n")
    manifest = build(tmp_path, tmp_path / "out", ["tf_binding_human"])
    rejected = [json.loads(line) for line in (tmp_path / "out/rejected.jsonl").read_text().splitlines()]
    assert [(row["file"], row["line"], row["value"]) for row in rejected] == [("GUE/tf/0/train.csv", 303, "AC-GT")]
    assert manifest["shards"]["data/tf_binding_human/train-00000-of-00001.parquet"]["rows"] == 302


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--tasks", "core_promotor"], "did you mean core_promoter?"),
        (["--sources", "nowhere"], "nowhere: no such folder"),
    ],
)
def test_wrong_arguments_are_explained(arguments: list[str], message: str, tmp_path: Path) -> None:
    done = command("build", "--sources", tmp_path, "--out", tmp_path / "out", *arguments)
    assert done.returncode == 1 and message in done.stderr and "Traceback" not in done.stderr


def test_missing_files_leave_a_task_out_with_one_line(tmp_path: Path) -> None:
    gue(tmp_path / "sources", f"sequence,label\n{GOOD}")
    done = command("build", "--sources", tmp_path / "sources", "--out", tmp_path / "out")
    assert done.returncode == 0
    lines = [line for line in done.stderr.splitlines() if line.startswith("left out: solubility")]
    assert len(lines) == 1 and "train_src" in lines[0] and "one sequence per line" in lines[0] and "http" in lines[0]


def test_a_folder_that_holds_something_else_is_not_replaced(synthetic_sources: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("mine")
    with pytest.raises(SourceError, match="choose another --out"):
        build(synthetic_sources, tmp_path / "thesis", ["solubility"])
    assert (tmp_path / "thesis" / "chapter.txt").read_text() == "mine"


def test_a_dataset_taken_away_by_a_killed_build_comes_back(tmp_path: Path) -> None:
    gue(tmp_path / "sources", f"sequence,label\n{GOOD}")
    built = build(tmp_path / "sources", tmp_path / "out", ["tf_binding_human"])
    (tmp_path / "out").rename(tmp_path / ".out.old")  # between the two renames of a replacement
    gue(tmp_path / "sources", "no header here\n")
    with pytest.raises(SourceError):
        build(tmp_path / "sources", tmp_path / "out", ["tf_binding_human"])
    assert json.loads((tmp_path / "out/manifest.json").read_text()) == built


@pytest.mark.parametrize(
    ("task", "sizes"),
    [
        ("ncrna_family", (5_670, 650, 2_600)),
        ("core_promoter", (94_712, 11_840, 11_840)),
        ("tf_binding_human", (128_344, 5_000, 5_000)),
        ("protein_stability", (53_614, 2_512, 12_851)),
        ("fluorescence", (21_446, 5_362, 27_217)),
        ("antibody_antigen", (22_359, 1_242, 3_301)),
    ],
)
def test_real_files_give_the_known_sizes(real_dataset: Path, task: str, sizes: tuple[int, int, int]) -> None:
    from datasets import load_dataset

    splits = load_dataset(str(real_dataset), task)
    assert tuple(len(splits[name]) for name in ("train", "validation", "test")) == sizes


def test_core_promoter_leakage_is_marked(real_dataset: Path) -> None:
    from datasets import load_dataset

    splits = load_dataset(str(real_dataset), "core_promoter")
    assert (sum(splits["validation"]["in_train"]), sum(splits["test"]["in_train"])) == (10_484, 100)
