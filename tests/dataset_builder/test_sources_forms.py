"""The other forms in which upstreams are published, and files that lie in archives."""

import gzip
import json
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dataset_builder.files import SourceError, Sources
from dataset_builder.sources.multirm import FLAGS
from dataset_builder.tasks import MODIFICATIONS, SPLITS
from tests.dataset_builder.source_reading import left_out, read, read_all


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def write_zip(path: Path, members: dict[str, str]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, text in members.items():
            zipped.writestr(name, gzip.compress(text.encode()) if name.endswith(".gz") else text)
    return path


def rows_of(splits: dict[str, pa.Table]) -> list[tuple]:
    """(split, id without task and split, sequence, label) of every row."""
    return [
        (split, row["id"].split("/", 2)[2], row["sequence"], row["label"])
        for split, rows in splits.items()
        for row in rows.to_pylist()
    ]


@pytest.mark.parametrize("archive", ["tf_binding_human/GUE.zip", "GUE.zip", "copy of GUE.zip"])
@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_members_of_archives_are_read_where_they_lie(archive, suffix, tmp_path):
    text = "sequence,label\nACGT,1\nGGCC,0\nAC GT,x\n" + "ACGT,1\n" * 300
    members = {f"GUE/tf/3/train.csv{suffix}": text, "__MACOSX/GUE/tf/3/._train.csv": "not it", "GUE/prom/x.csv": "no"}
    write_zip(tmp_path / archive, members)
    splits, rejected, sources = read_all("tf_binding_human", tmp_path)
    assert rows_of(splits)[:2] == [("train", "3/0", "ACGT", True), ("train", "3/1", "GGCC", False)]
    assert [str(row).split(": ")[:3] for row in rejected] == [
        [f"{archive}/GUE/tf/3/train.csv{suffix}", "line 4", "'x'"]
    ]
    assert [*sources.sha256()] == [archive]
    assert [path.name for path in tmp_path.rglob("*.csv*")] == []


def test_a_file_of_its_own_comes_before_a_member_and_the_shortest_member_first(tmp_path):
    write_zip(tmp_path / "splits.zip", {"old/human_cell.csv": "no", "human_cell.csv": "a,b\n"})
    find = Sources(tmp_path).find
    assert str(find("thermostability", "human_cell.csv")) == f"{tmp_path}/splits.zip/human_cell.csv"
    assert find("thermostability", "cell.csv") is None and find("thermostability", "Human_cell.csv") is None
    write(tmp_path / "human_cell.csv.gz", "")
    assert find("thermostability", "human_cell.csv").name == "human_cell.csv.gz"


def test_a_member_that_points_out_of_the_archive_is_read_and_nothing_is_written(tmp_path):
    root = tmp_path / "sources"
    write_zip(root / "splits.zip", {"../../human_cell.csv": "sequence,target,set,validation\nMK,50,test,\n"})
    splits, _ = read("thermostability", root)
    assert len(splits["test"]) == 1
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["sources", "splits.zip"]


def test_an_archive_that_is_cut_or_locked_is_named(tmp_path):
    text = "sequence,label\n" + "ACGT,1\n" * 5_000
    path = write_zip(tmp_path / "GUE.zip", {"GUE/tf/3/train.csv": text})
    whole = path.read_bytes()
    path.write_bytes(whole[:-30])
    with pytest.raises(SourceError, match=r"GUE\.zip: .*fetch the file again"):
        read("tf_binding_human", tmp_path)
    damaged = bytearray(whole)
    damaged[60] ^= 0xFF
    path.write_bytes(bytes(damaged))
    with pytest.raises(SourceError, match=r"GUE\.zip/GUE/tf/3/train\.csv: .*fetch the file again"):
        read("tf_binding_human", tmp_path)
    locked = bytearray(whole)
    locked[6] |= 1  # the flag of encryption, in both headers
    locked[whole.rfind(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(bytes(locked))
    with pytest.raises(SourceError, match=r"train\.csv: .*password.*unpack the archive"):
        read("tf_binding_human", tmp_path)


BEACON = {
    "apa_isoform": ("Isoform", ",seq,proximal_isoform_proportion,library", "7,acgu,0.125,22", {"value": 0.12}),
    "crispr_on_target": ("CRISPROnTarget", "seq,label", "ACGU,0.3", {"value": 0.3}),
    "mean_ribosome_loading": ("MeanRibosomeLoading", "seq,label", "ACGU,6.257", {"value": 6.26}),
    "rna_switches": (
        "ProgrammableRNASwitches",
        "sequence,ON,OFF,ON_OFF",
        "ACGU,0.9,0.25,0.65",
        {"ON": 0.9, "OFF": 0.25, "ON_OFF": 0.65},
    ),
}


@pytest.mark.parametrize("task_id", BEACON)
def test_beacon_files_keep_their_splits(task_id, tmp_path):
    folder, header, row, label = BEACON[task_id]
    for split in ("train_new" if folder == "Isoform" else "train", "val", "test"):
        write(tmp_path / task_id / folder / f"{split}.csv", f"{header}\n{row}\n")
    splits, sources = read(task_id, tmp_path)
    assert rows_of(splits) == [(split, "0", "ACGT", label) for split in SPLITS]
    assert not sources.missing


def test_beacon_files_of_some_splits_do_not_hide_the_form_that_is_whole(tmp_path):
    write(tmp_path / "CRISPROnTarget/train.csv", "seq,label\nACGT,0.3\n")
    _, sources = read("crispr_on_target", tmp_path)
    assert {missing.names for missing in sources.missing} == {("ontar/hl60.repisgt",)}


@pytest.mark.parametrize("header", [False, True])
def test_modification_files_with_a_column_per_flag(header, tmp_path):
    rows = ["acgu,0,0,0,1,0,0,0,0,0,0,0,1", "GGGG,0,0,0,0,0,0,0,0,0,0,0,0"]
    text = "\n".join([f"seq,{','.join(FLAGS)}"] * header + rows) + "\n"
    write(tmp_path / "Modification/train.csv", text)
    splits, _ = read("rna_modification", tmp_path)
    assert [row[2:] for row in rows_of(splits)] == [("ACGT", ["Um", "AtoI"]), ("GGGG", [])]


def write_hdf5(path: Path, codes: np.ndarray, flags: np.ndarray, name: str, letters: np.ndarray | None = None) -> None:
    """One split of data_12RM.h5 as pandas writes it: codes 0 to 3 for A, C, G, T, and 4 for an unknown nucleotide."""
    encoded = np.vstack([np.eye(4), np.full(4, 0.25)])[codes].reshape(len(codes), -1)
    columns = [f"V{i + 1}" for i in range(encoded.shape[1])]
    pd.DataFrame(encoded, columns=columns).to_hdf(path, key=f"{name}_in")
    pd.DataFrame(flags.astype(float), columns=list(FLAGS)).to_hdf(path, key=f"{name}_out")
    if letters is not None:
        frame = pd.DataFrame(np.array(list("ACGT-"))[letters], columns=columns[: letters.shape[1]]).astype(object)
        frame.to_hdf(path, key=f"{name}_in_nucleo", format="table", index=False)


@pytest.mark.parametrize("as_letters", [False, True])
@pytest.mark.parametrize("packed", [False, True])
def test_multirm_tables_give_the_middle_and_the_names_of_the_flags(as_letters, packed, tmp_path):
    draw = np.random.default_rng(0)
    path, expected = tmp_path / "data_12RM.h5", []
    for name, split in (("train", "train"), ("valid", "validation"), ("test", "test")):
        codes, flags = draw.integers(0, 5, (30, 1001)), draw.random((30, 12)) < 0.1
        if as_letters:  # characters say what a one-hot table leaves to its order of columns
            write_hdf5(path, (codes + 1) % 5, flags, name, letters=codes)
        else:
            write_hdf5(path, codes, flags, name)
        texts = ["".join("ACGTN"[code] for code in row[450:551]) for row in codes]
        labels = [[m for m, flag in zip(MODIFICATIONS, row, strict=True) if flag] for row in flags]
        expected += [(split, str(i), text, label) for i, (text, label) in enumerate(zip(texts, labels, strict=True))]
    if packed:
        path.with_name("data_12RM.h5.gz").write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()
    splits, sources = read("rna_modification", tmp_path)
    assert rows_of(splits) == expected and [*sources.rows_read.values()] == [90]


def test_multirm_rows_that_are_damaged_are_rejected_and_pickled_tables_never_read(tmp_path):
    import h5py

    codes, flags = np.zeros((200, 11), dtype=int), np.zeros((200, 12))
    for name in ("train", "valid", "test"):
        write_hdf5(tmp_path / "data_12RM.h5", codes, flags, name)
    with h5py.File(tmp_path / "data_12RM.h5", "r+") as tables:
        tables["test_in/block0_values"][3, 5] = 0.5
        tables["test_out/block0_values"][4, 2] = np.nan
    _, rejected, _ = read_all("rna_modification", tmp_path)
    assert [(row.split, row.line, row.value[:13]) for row in rejected] == [
        ("test", 4, "A?AAAAAAAAA"),
        ("test", 5, "not 12 times "),
    ]
    pickled = pd.DataFrame({"V1": ["A", "C"], "V2": ["G", "T"]}).astype(object)
    pickled.to_hdf(tmp_path / "data_12RM.h5", key="train_in", mode="a")
    with pytest.raises(SourceError, match=r"data_12RM\.h5: train_in is no pandas table of numbers.*Modification/"):
        read("rna_modification", tmp_path)
    (tmp_path / "data_12RM.h5").write_bytes(b"\x89HDF\r\n\x1a\n cut")
    with pytest.raises(SourceError, match=r"data_12RM\.h5: .*fetch the file again"):
        read("rna_modification", tmp_path)


def test_deepstarr_in_one_table(tmp_path):
    header = "ID\tset\tsequence\tDev_log2_enrichment\tHk_log2_enrichment\tDev_log2_enrichment_scaled\n"
    rows = [
        ("Test", "AAAA", "1.5\t2"),
        ("Train", "cccc", "-1\t0.5"),
        ("Val", "GGGG", "0\t0"),
        ("Train", "TTTT", "3\t4"),
    ]
    text = header + "".join(f"x\t{name}\t{seq}\t{values}\t9\n" for name, seq, values in rows)
    write(tmp_path / "enhancer_activity/Sequences_activity_all.txt.gz", text)
    splits, _ = read("enhancer_activity", tmp_path)
    assert rows_of(splits) == [
        ("train", "1", "CCCC", {"hk": 0.5, "dev": -1.0}),
        ("train", "3", "TTTT", {"hk": 4.0, "dev": 3.0}),
        ("validation", "2", "GGGG", {"hk": 0.0, "dev": 0.0}),
        ("test", "0", "AAAA", {"hk": 2.0, "dev": 1.5}),
    ]


def test_deepstarr_as_parquet(tmp_path):
    folder = tmp_path / "enhancer_activity/DeepSTARR-enhancer-activity"
    folder.mkdir(parents=True)
    table = {"sequence": ["ACGT", "AC-T", "GGGG"] + ["ACGT"] * 200, "Dev_log2_enrichment": [1.5] * 203}
    for name in ("train", "valid", "test"):
        pq.write_table(pa.table(table | {"Hk_log2_enrichment": [0.25] * 203}), folder / f"{name}.parquet")
    splits, rejected, _ = read_all("enhancer_activity", tmp_path)
    assert [len(splits[split]) for split in SPLITS] == [202] * 3
    assert rows_of(splits)[1] == ("train", "2", "GGGG", {"hk": 0.25, "dev": 1.5})
    assert [(row.split, row.line, row.value) for row in rejected] == [(split, 2, "AC-T") for split in SPLITS]
    pq.write_table(pa.table(table), folder / "train.parquet")
    with pytest.raises(SourceError, match=r"train\.parquet: .* without Hk_log2_enrichment"):
        read("enhancer_activity", tmp_path)


@pytest.mark.parametrize(
    ("name", "rows", "length"), [("worst_toehold_sequences", 100, 59), ("worst_toeholds", 20, 118)]
)
def test_switches_as_storm_lays_them_out(name, rows, length, real_sources, tmp_path, caplog):
    shutil.copy(real_sources / "rna_switches" / f"{name}.csv.gz", tmp_path)
    splits, _ = read("rna_switches", tmp_path)
    with gzip.open(tmp_path / f"{name}.csv.gz", "rt") as stream:
        frame = pd.read_csv(stream).set_index("switch_sequence")
    found = [row for part in splits.values() for row in part.to_pylist()]
    assert len(found) == rows and {len(row["sequence"]) for row in found} == {length}
    for row in found:
        switch = row["sequence"][23:82] if length == 118 else row["sequence"]
        on, off, difference = frame.loc[switch, ["on_value", "off_value", "onoff_value"]]
        assert row["label"] == {
            "ON": pytest.approx(on, abs=0.0051),
            "OFF": pytest.approx(off, abs=0.0051),
            "ON_OFF": pytest.approx(difference, abs=0.0051),
        }
    assert "did worst stand in for the library" in caplog.text


@pytest.mark.parametrize(
    ("task_id", "name", "key"),
    [("fluorescence", "fluorescence", "log_fluorescence"), ("protein_stability", "stability", "stability_score")],
)
def test_tape_records(task_id, name, key, tmp_path):
    records = [{"id": "0", "primary": "MKV", key: [1.256], "protein_length": 3}, {"primary": "MAA", key: 2}]
    damaged = [
        {"primary": "MLL", key: [1, 2]},
        {key: [1]},
        "x",
        {"primary": "M1", key: [1]},
        {"primary": "M", key: [None]},
    ]
    for split in ("train", "valid", "test"):
        write(tmp_path / f"{name}_{split}.json", json.dumps(records * 300 + (damaged if split == "test" else [])))
    splits, rejected, _ = read_all(task_id, tmp_path)
    assert rows_of(splits)[:2] == [("train", "0", "MKV", {"value": 1.26}), ("train", "1", "MAA", {"value": 2.0})]
    assert [len(splits[split]) for split in SPLITS] == [600] * 3
    assert sorted(row.line for row in rejected) == [601, 602, 603, 604, 605]
    path = tmp_path / f"{name}_train.json"
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(SourceError, match=rf"{name}_train\.json: not JSON \(.*fetch the file again"):
        read(task_id, tmp_path)


def write_lmdb(folder: Path, values: list[bytes]) -> None:
    import lmdb

    folder.mkdir(parents=True)
    with lmdb.open(str(folder), map_size=1 << 22) as database, database.begin(write=True) as writer:
        writer.put(b"length", str(len(values)).encode())
        for i, value in enumerate(values):
            writer.put(str(i).encode(), value)


def test_saprot_databases(tmp_path):
    good = [json.dumps({"name": "P1", "seq": seq, "fitness": 50.5}).encode() for seq in ("MKV", "MdKvV#", "MK")] * 100
    damaged = [b"\x80\x04cposix\nsystem\n.", b'{"seq": "MK"}']  # what is pickled is never loaded
    for split in ("train", "valid", "test"):
        write_lmdb(tmp_path / "thermostability/Thermostability/normal" / split, good + damaged)
    splits, rejected, sources = read_all("thermostability", tmp_path)
    assert [row[2:] for row in rows_of(splits)[:3]] == [(seq, {"value": 50.5}) for seq in ("MKV", "MKV", "MK")]
    assert [(row.split, row.line) for row in rejected] == [(split, line) for split in SPLITS for line in (301, 302)]
    (tmp_path / "thermostability/Thermostability/normal/test/data.mdb").write_bytes(b"no database" * 1000)
    with pytest.raises(SourceError, match=r"test/data\.mdb: no LMDB database"):
        read("thermostability", tmp_path)


def test_a_library_row_is_written_once_or_left_out_with_its_rule(tmp_path):
    header = "utr,rl,set,total_reads\n"
    rows = ["ACGT,4.5,random,9", "ACGA,4.5,random,", "ACGC,4.5,random,50", "AAAA,5,human,10", "AAAC,5,human,3"]
    write(tmp_path / "GSM4084997_varying_length_25to100.csv", header + "\n".join(rows) + "\n")
    write(tmp_path / "stride11133m_MPA_V_pred.csv", "utr,rl,set\nGGGG,4,random\nCCCC,4,human\n")
    splits, rejected, _ = read_all("mean_ribosome_loading", tmp_path)
    assert [row[2] for row in rows_of(splits)] == ["ACGC", "GGGG", "CCCC"]
    file = "GSM4084997_varying_length_25to100.csv"
    assert left_out(rejected) == [(file, 2, "ACGT"), (file, 3, "ACGA"), (file, 6, "AAAC"), (file, 5, "AAAA")]
