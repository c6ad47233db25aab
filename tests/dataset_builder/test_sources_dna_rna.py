"""The source modules of the DNA and RNA tasks: real files whole, and the documented layouts where no real file is."""

import csv
import gzip
import random
import shutil
from pathlib import Path

import pyarrow as pa
import pytest

from dataset_builder.files import SourceError
from dataset_builder.tasks import SPLITS, TASKS
from tests.dataset_builder.source_reading import left_out, read, read_all


TASK_IDS = [task.id for task in TASKS.values() if task.omics in ("DNA", "RNA")]


def write(path: Path, text: str, *, zipped: bool = False, newline: str = "\n") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    content = text.replace("\n", newline).encode()
    (path.with_name(f"{path.name}.gz") if zipped else path).write_bytes(gzip.compress(content) if zipped else content)


def sizes(splits: dict[str, pa.Table]) -> dict[str, int]:
    return {split: len(rows) for split, rows in splits.items()}


def split_of_sequence(splits: dict[str, pa.Table]) -> dict[str, str]:
    return {sequence: split for split, rows in splits.items() for sequence in rows["sequence"].to_pylist()}


def dna(count: int, length: int) -> list[str]:
    generator = random.Random(0)
    return ["".join(generator.choices("ACGT", k=length)) for _ in range(count)]


REAL = {
    "epigenetic_marks": {"validation": 28_741, "test": 28_741},
    "promoter_300": {"train": 4_904, "validation": 11_840, "test": 11_840},
    "core_promoter": {"train": 94_712, "validation": 11_840, "test": 11_840},
    "tf_binding_human": {"train": 128_344, "validation": 5_000, "test": 5_000},
    "ncrna_family": {"train": 5_670, "validation": 650, "test": 2_600},
    "mean_ribosome_loading": {"validation": 7_600, "test": 7_600},
}


@pytest.mark.parametrize("task_id", REAL)
def test_real_files_are_read_whole_with_unique_ids(task_id, real_sources):
    splits, sources = read(task_id, real_sources)
    assert sizes(splits) == REAL[task_id]
    for rows in splits.values():
        assert set(rows["subtask"].unique().to_pylist()) <= set(TASKS[task_id].subtasks or [""])
    assert all((real_sources / path).is_file() for path in sources.sha256())


def test_real_gue_rows_keep_sub_task_sequence_and_label(real_sources):
    rows = read("core_promoter", real_sources)[0]["validation"].to_pylist()
    with gzip.open(real_sources / "core_promoter/GUE/prom/prom_core_tata/dev.csv.gz", "rt") as stream:
        expected = list(csv.DictReader(stream))
    found = [row for row in rows if row["subtask"] == "tata"]
    assert [(row["sequence"], int(row["label"])) for row in found] == [
        (row["sequence"], int(row["label"])) for row in expected
    ]
    assert [row["id"] for row in found[:2]] == ["core_promoter/validation/tata/0", "core_promoter/validation/tata/1"]


def test_a_split_with_some_sub_task_files_is_partial_and_says_which_are_missing(real_sources):
    splits, sources = read("promoter_300", real_sources)
    assert splits["train"]["subtask"].unique().to_pylist() == ["tata"]
    assert [(missing.split, missing.names) for missing in sources.missing] == [
        ("train", ("GUE/prom/prom_300_all/train.csv", "GUE/prom/prom_300_notata/train.csv"))
    ]


def test_real_ncrna_validation_has_50_of_each_class_and_no_sequence_of_train(real_sources):
    splits, _ = read("ncrna_family", real_sources)
    counts = splits["validation"]["label"].value_counts().to_pylist()
    assert {count["values"]: count["counts"] for count in counts} == dict.fromkeys(TASKS["ncrna_family"].classes, 50)
    by_class = {
        split: set(zip(rows["sequence"].to_pylist(), rows["label"].to_pylist(), strict=True))
        for split, rows in splits.items()
    }
    assert not by_class["train"] & by_class["validation"]


def test_real_ribosome_loads_are_those_of_the_file(real_sources):
    splits, sources = read("mean_ribosome_loading", real_sources)
    with gzip.open(real_sources / "mean_ribosome_loading/stride11133m_MPA_V_pred.csv.gz", "rt") as stream:
        file = list(csv.DictReader(stream))
    for split, name in (("validation", "random"), ("test", "human")):
        expected = [(row["utr"], float(row["rl"])) for row in file if row["set"] == name]
        found = [(row["sequence"], row["label"]["value"]) for row in splits[split].to_pylist()]
        assert found == [(utr, pytest.approx(load, abs=0.00501)) for utr, load in expected]
    assert [missing.split for missing in sources.missing] == ["train"]


def test_the_real_guides_are_split_70_10_20(real_sources, tmp_path):
    target = tmp_path / "crispr_on_target/ontar/hl60.repisgt.gz"
    target.parent.mkdir(parents=True)
    shutil.copy(real_sources / "crispr_on_target/ontar/hl60.repisgt.head100.gz", target)
    splits, _ = read("crispr_on_target", tmp_path)
    assert sizes(splits) == {"train": 70, "validation": 10, "test": 20}
    with gzip.open(target, "rt") as stream:
        efficacy = {line.split("\t")[4]: float(line.split("\t")[9]) for line in stream}
    for rows in splits.values():
        for row in rows.to_pylist():
            assert row["label"]["value"] == pytest.approx(efficacy[row["sequence"]], abs=0.00501)


@pytest.mark.parametrize("task_id", TASK_IDS)
def test_missing_files_are_noted_for_every_split(task_id, tmp_path):
    splits, sources = read(task_id, tmp_path)
    assert not splits
    assert sorted({(missing.task, missing.split) for missing in sources.missing}) == sorted(
        (task_id, split) for split in SPLITS
    )
    assert all(missing.names for missing in sources.missing)


@pytest.mark.parametrize(
    "task_id, folder",
    [("epigenetic_marks", "EMP/H3K4me1"), ("tf_binding_mouse", "mouse/3"), ("promoter_300", "prom/prom_300_notata")],
)
def test_gue_files_of_another_make(task_id, folder, tmp_path):
    """CRLF, a byte-order mark, another order of columns, an extra one, and a folder that tasks share."""
    text = "\ufeffindex,label,sequence\n0,1,ACGT\n1,0,GGCC\n"
    write(tmp_path / "GUE" / folder / "dev.csv", text, zipped=True, newline="\r\n")
    rows = read(task_id, tmp_path)[0]["validation"].to_pylist()
    assert [(row["sequence"], row["label"]) for row in rows] == [("ACGT", True), ("GGCC", False)]
    assert folder.endswith(rows[0]["subtask"])


def test_a_gue_file_without_a_column_is_an_error(tmp_path):
    write(tmp_path / "GUE/tf/2/test.csv", "seq,label\nACGT,1\n")
    with pytest.raises(SourceError, match=r"tf/2/test\.csv: line 1: .*'seq,label'.*sequence, label"):
        read("tf_binding_human", tmp_path)


def test_a_file_with_nothing_but_its_header_is_an_error(tmp_path):
    write(tmp_path / "GUE/tf/2/test.csv", "sequence,label\n")
    with pytest.raises(SourceError, match=r"tf/2/test\.csv: no usable rows"):
        read("tf_binding_human", tmp_path)


def test_deepstarr_pairs_records_with_rows(tmp_path):
    write(tmp_path / "enhancer_activity/Sequences_Val.fa", ">chr2L_1_249_+\nACGT\nACGT\n>chr2L_1_249_-\nTTTT\n")
    text = "Dev_log2_enrichment\tHk_log2_enrichment\tgroup\n1.234\t-0.5\ta\n0.1\t2\tb\n"
    write(tmp_path / "enhancer_activity/Sequences_activity_Val.txt", text)
    splits, sources = read("enhancer_activity", tmp_path)
    assert [(row["sequence"], row["label"]) for row in splits["validation"].to_pylist()] == [
        ("ACGTACGT", {"hk": -0.5, "dev": 1.23}),
        ("TTTT", {"hk": 2.0, "dev": 0.1}),
    ]
    assert [missing.split for missing in sources.missing] == ["train", "test"]


def test_deepstarr_files_of_different_length_are_an_error(tmp_path):
    write(tmp_path / "Sequences_Test.fa", ">a\nACGT\n>b\nACGT\n")
    write(tmp_path / "Sequences_activity_Test.txt", "Dev_log2_enrichment\tHk_log2_enrichment\n1\t2\n")
    with pytest.raises(SourceError, match=r"Sequences_Test\.fa: 2, .*Sequences_activity_Test\.txt: 1 records"):
        read("enhancer_activity", tmp_path)


def test_isoform_columns_are_read_by_position(tmp_path):
    write(tmp_path / "apa_isoform/Isoform/test.csv", ",utr,ratio,library\n7,acgu,0.125,22\n9,GGG,1.0,12\n")
    rows = read("apa_isoform", tmp_path)[0]["test"].to_pylist()
    assert [(row["id"], row["sequence"], row["label"]) for row in rows] == [
        ("apa_isoform/test/0", "ACGT", {"value": 0.12}),
        ("apa_isoform/test/1", "GGG", {"value": 1.0}),
    ]


@pytest.mark.parametrize(
    "text, message",
    [
        ("0,ACGT,0.5,a\n1,ACGG,0.6,b\n", r"val\.csv: line 1: .*'0,ACGT,0\.5,a': a number, expected a header"),
        ("i,utr,ratio\n0,ACGT,0.5\n", r"val\.csv: line 1: .* 3 fields, expected 4"),
    ],
)
def test_isoform_files_of_another_shape_are_an_error(text, message, tmp_path):
    write(tmp_path / "Isoform/val.csv", text)
    with pytest.raises(SourceError, match=message):
        read("apa_isoform", tmp_path)


def test_modification_flags_become_names(tmp_path):
    flags = ["0 0 0 1 0 0 0 0 0 0 0 1", " ".join("0" * 12), "1 0 0 0 0 0 0 1 1 0 0 0"]
    text = "".join(f'ACGU,"{flag}"\n' for flag in flags)
    write(tmp_path / "rna_modification/Modification/train.csv", "sequence,label\n" + text)
    rows = read("rna_modification", tmp_path)[0]["train"]
    assert rows["label"].to_pylist() == [["Um", "AtoI"], [], ["Am", "m6A", "m6Am"]]


@pytest.mark.parametrize("flags", ["", "0 1", "0 0 0 2 0 0 0 0 0 0 0 1", "0 0 0 0 0 0 0 0 0 0 0 0 0"])
def test_modification_flags_that_are_not_twelve_are_never_taken_for_none(flags, tmp_path):
    write(tmp_path / "Modification/test.csv", f"sequence,label\nACGT,{flags}\n")
    _, rejected, _ = read_all("rna_modification", tmp_path)
    assert [(row.line, row.value) for row in rejected] == [(2, f"not 12 times 0 or 1: {flags}")]


def ncrna_fasta(records: list[tuple[str, str]]) -> str:
    return "".join(f">RF_{i} {name}\n{sequence[:60]}\n{sequence[60:]}\n" for i, (sequence, name) in enumerate(records))


def test_small_ncrna_classes_give_a_fifth_and_the_draw_ignores_order(tmp_path):
    names = ["tRNA"] * 300 + ["IRES"] * 30 + ["leader"] * 3
    records = list(zip(dna(333, 80), names, strict=True))
    found = []
    for name in ("ordered", "shuffled"):
        write(tmp_path / name / "dataset_Rfam_6320_13classes.fasta", ncrna_fasta(records))
        splits, _ = read("ncrna_family", tmp_path / name)
        found.append(split_of_sequence(splits))
        random.Random(1).shuffle(records)
    assert found[0] == found[1]
    counts = splits["validation"]["label"].value_counts().to_pylist()
    assert {count["values"]: count["counts"] for count in counts} == {"tRNA": 50, "IRES": 6}


def library() -> list[tuple[str, float, str, int]]:
    """(utr, rl, set, total_reads): 130 random and 110 human UTRs of 25 and of 26 nt; every tenth has too few reads."""
    generator = random.Random(0)
    groups = [(length, name) for name, count in (("random", 130), ("human", 110)) for length in (25, 26) * count]
    utrs = ["".join(generator.choices("ACGT", k=length)) for length, _ in groups]
    reads = [generator.randint(0, 9) if i % 10 == 0 else generator.randint(10, 5_000) for i in range(len(groups))]
    return [(utr, 4.5, name, count) for utr, (_, name), count in zip(utrs, groups, reads, strict=True)]


def write_library(root: Path, rows: list[tuple]) -> None:
    lines = [f"{i},{','.join(map(str, row))},{len(row[0])}\n" for i, row in enumerate(rows)]
    text = ",utr,rl,set,total_reads,len\n" + "".join(lines)
    write(root / "mean_ribosome_loading/GSM4084997_varying_length_25to100.csv", text, zipped=True)


def test_the_most_read_utrs_of_each_length_are_held_out(tmp_path):
    rows = library()
    expected = {}
    for split, name in (("validation", "random"), ("test", "human")):
        expected[split] = set()
        for length in (25, 26):
            measured = [row for row in rows if row[2] == name and len(row[0]) == length and row[3] >= 10]
            expected[split] |= {row[0] for row in sorted(measured, key=lambda row: -row[3])[:100]}
    expected["train"] = {row[0] for row in rows if row[2] == "random" and row[3] >= 10} - expected["validation"]
    for name in ("ordered", "shuffled"):
        write_library(tmp_path / name, rows)
        splits, _ = read("mean_ribosome_loading", tmp_path / name)
        assert {split: set(part["sequence"].to_pylist()) for split, part in splits.items()} == expected
        random.Random(2).shuffle(rows)


def test_the_published_held_out_sets_win_over_the_rule(tmp_path):
    rows = library()
    write_library(tmp_path, rows)
    random_utr = next(row[0] for row in rows if row[2] == "random" and row[3] >= 10)
    text = f",Unnamed: 0,utr,rl,pred_stride1113,set\n0,0,{random_utr},4.123,4.0,random\n1,1,ACGTACGT,3.5,4.0,human\n"
    write(tmp_path / "mean_ribosome_loading/stride11133m_MPA_V_pred.csv", text)
    splits, sources = read("mean_ribosome_loading", tmp_path)
    assert splits["validation"]["sequence"].to_pylist() == [random_utr]
    assert splits["test"]["label"].to_pylist() == [{"value": 3.5}]
    assert len(splits["train"]) == sum(row[2] == "random" and row[3] >= 10 for row in rows) - 1
    held_out = [(line, utr) for line, (utr, *_) in enumerate(rows, 2) if utr == random_utr]
    assert [(row.line, row.value) for row in sources.rejected if row.reason.startswith("held out")] == held_out


def test_a_number_of_reads_that_is_none_is_an_error(tmp_path):
    write_library(tmp_path, [("ACGT", 4.5, "random", 12), ("ACGA", 4.5, "random", "many")])
    with pytest.raises(SourceError, match=r"25to100\.csv\.gz: line 3: 'many': total_reads must be a number"):
        read("mean_ribosome_loading", tmp_path)


def test_switches_are_joined_measured_and_drawn_by_sequence(tmp_path):
    header = "sequence_id,pre_seq,loop1,switch,loop2,stem1,atg,stem2,linker,post_linker,ON,OFF,ON_OFF,QC_ON"
    switches = dna(1000, 30)
    lines = [f"id{i},CTC,AA,{switch},CC,GG,ATG,TT,AC,GT,0.9,0.25,0.65,1.1" for i, switch in enumerate(switches)]
    lines += ["x,CTC,AA,ACGT,CC,GG,ATG,TT,AC,GT,,0.2,,", "y,CTC,AA,TTTT,CC,GG,ATG,TT,AC,GT,0.2,,,1.1"]
    found = []
    for name in ("ordered", "shuffled"):
        write(tmp_path / name / "Toehold_Dataset_Final_2019-10-23.csv", "\n".join([header, *lines, ""]))
        splits, _ = read("rna_switches", tmp_path / name)
        found.append(split_of_sequence(splits))
        random.Random(3).shuffle(lines)
    assert found[0] == found[1]
    assert set(found[0]) == {f"GGGAA{switch}CCGGATGTTACGT" for switch in switches}
    assert sizes(splits) == {"train": 784, "validation": 98, "test": 118}
    assert splits["test"]["label"][0].as_py() == {"ON": 0.9, "OFF": 0.25, "ON_OFF": 0.65}
    _, rejected, _ = read_all("rna_switches", tmp_path / "ordered")
    assert [line for _, line, _ in left_out(rejected)] == [1002, 1003]


def test_all_2076_guides_are_split_as_in_table_2_whatever_their_order(tmp_path):
    lines = [f"chr1\t{i}\t{i + 22}\t+\t{guide}\tA\tA\tN\tN\t0.25" for i, guide in enumerate(dna(2076, 23))]
    found = []
    for name in ("ordered", "shuffled"):
        write(tmp_path / name / "crispr_on_target/ontar/hl60.repisgt", "\n".join([*lines, ""]), newline="\r\n")
        splits, _ = read("crispr_on_target", tmp_path / name)
        found.append(split_of_sequence(splits))
        random.Random(4).shuffle(lines)
    assert found[0] == found[1]
    assert tuple(len(splits[split]) for split in SPLITS) == TASKS["crispr_on_target"].table2
