"""The source modules of the protein and multi-molecule tasks."""

import gzip
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from dataset_builder.biology_instructions import source_module
from dataset_builder.delimited import read_csv
from dataset_builder.files import File, SourceError, Sources
from dataset_builder.tasks import SPLITS, TASKS
from dataset_builder.text import read_fasta
from tests.dataset_builder.source_reading import left_out, read, read_all


TASK_IDS = [task.id for task in TASKS.values() if task.omics in ("Protein", "Multi-molecule")]


def sizes(splits: dict[str, pa.Table]) -> tuple[int, ...]:
    return tuple(len(splits[split]) if split in splits else 0 for split in SPLITS)


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    content = text.encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def fasta(records: dict[str, str]) -> str:
    return "".join(f">{name}\n{sequence}\n" for name, sequence in records.items())


def random_sequences(count: int, letters: str, length: int, seed: int = 0) -> list[str]:
    drawn = np.random.default_rng(seed).choice(list(letters), (count, length))
    return ["".join(row) for row in drawn]


@pytest.mark.parametrize(
    ("task_id", "expected"),
    [
        ("protein_stability", (53_614, 2_512, 12_851)),
        ("fluorescence", (21_446, 5_362, 27_217)),
        ("antibody_antigen", (22_359, 1_242, 3_301)),
        ("ec_number", (1_228, 150, 1_919)),
    ],
)
def test_real_files_give_the_published_rows(real_sources, task_id, expected):
    splits, _ = read(task_id, real_sources)
    assert sizes(splits) == expected


def test_fluorescence_labels_of_validation_are_those_of_tape(real_sources):
    splits, _ = read("fluorescence", real_sources)
    tape = read_csv(Sources(real_sources).find("fluorescence", "fluorescence.valid.csv"), ["seq", "label"])
    published = {row["seq"]: float(row["label"]) for row in tape.to_pylist()}
    ours = {row["sequence"]: row["label"]["value"] for row in splits["validation"].to_pylist()}
    assert ours.keys() == published.keys()
    assert all(abs(ours[sequence] - published[sequence]) <= 0.0051 for sequence in published)


def test_fluorescence_without_the_validation_file_is_test_alone(tmp_path):
    write(tmp_path / "avGFP_amacGFP_cgreGFP_ppluGFP2__protein_sequences.fasta", ">avGFP\nMSKGEE\n>amacGFP\nMSK\n")
    variants = ["wt\t9\t3.7\t0.1", "SK1A\t1\t1.3\t", "SS0A:SK1A:SG2*:SE4L\t1\t2.5\t"]
    table = "\n".join(["aaMutations\tuniqueBarcodes\tmedianBrightness\tstd", *variants]) + "\n"
    write(tmp_path / "amino_acid_genotypes_to_brightness.tsv", table)
    splits, rejected, sources = read_all("fluorescence", tmp_path)
    file = "amino_acid_genotypes_to_brightness.tsv"
    assert left_out(rejected) == [(file, 2, "wt"), (file, 3, "SK1A")]
    assert {split: rows["sequence"].to_pylist() for split, rows in splits.items()} == {"test": ["AAEL"]}
    assert {missing.split for missing in sources.missing} == {"train", "validation"}


def test_a_genotype_that_does_not_fit_avgfp_is_named(tmp_path):
    write(tmp_path / "avGFP_amacGFP_cgreGFP_ppluGFP2__protein_sequences.fasta", ">avGFP\nMSKGEE\n")
    table = "aaMutations\tuniqueBarcodes\tmedianBrightness\tstd\nwt\t9\t3.7\t0.1\nSA3C\t1\t1.3\t\n"
    write(tmp_path / "amino_acid_genotypes_to_brightness.tsv", table)
    with pytest.raises(SourceError, match=r"genotypes_to_brightness.tsv: line 3: 'SA3C': no genotype of avGFP"):
        read("fluorescence", tmp_path)


def test_ec_chains_without_a_sequence_are_counted_and_noted(real_sources, caplog):
    splits, rejected, sources = read_all("ec_number", real_sources)
    assert len(left_out(rejected)) == len(rejected) == 14_323 + 1_579
    assert {(m.split, m.names) for m in sources.missing} == {
        ("train", ("nrPDB-EC_2020.04_sequences.fasta",)),
        ("validation", ("nrPDB-EC_2020.04_sequences.fasta",)),
    }
    assert "14,323 of 15,551" in caplog.text and "1,579 of 1,729" in caplog.text
    assert "ec_number/train/4PR3-A" not in splits["train"]["id"].to_pylist()


def test_ec_labels_and_lines_are_those_of_the_chain(tmp_path):
    write(
        tmp_path / "nrPDB-EC_2020.04_annot.tsv",
        "### EC-numbers\n1.1.1.1\t2.2.2.-\n### PDB-chain\tEC-numbers\n1AAA-A\t1.1.1.1,2.2.2.-\n2BBB-B\t2.2.2.-\n",
    )
    write(tmp_path / "nrPDB-EC_2020.04_test.txt", "3CCC-C\n2BBB-B\n1AAA-A\n")
    write(
        tmp_path / "nrPDB-EC_2020.04_test_sequences.fasta.gz", ">1AAA-A nrPDB_test\nMK\nLV\n>2BBB-B nrPDB_test\nMA\n"
    )
    ((split, raw),) = source_module("ec_number").read(TASKS["ec_number"], Sources(tmp_path))
    assert split == "test"
    kept = raw.filter(pa.compute.equal(raw["left_out"], ""))
    assert kept.select(["row", "sequence", "label", "line"]).to_pylist() == [
        {"row": "2BBB-B", "sequence": "MA", "label": "2.2.2.-", "line": 2},
        {"row": "1AAA-A", "sequence": "MKLV", "label": "1.1.1.1,2.2.2.-", "line": 3},
    ]
    _, rejected, _ = read_all("ec_number", tmp_path)
    assert left_out(rejected) == [("nrPDB-EC_2020.04_test.txt", 1, "3CCC-C")]


def test_solubility_reads_the_parallel_files(real_sources, tmp_path):
    for name in ("test_src", "test_tgt", "val_src", "val_tgt", "train_tgt"):
        shutil.copy(real_sources / "solubility" / f"{name}.head300.gz", tmp_path / f"{name}.gz")
    splits, sources = read("solubility", tmp_path)
    assert sizes(splits) == (0, 300, 300)
    assert [(m.split, m.names) for m in sources.missing] == [("train", ("train_src",))]
    labels = gzip.decompress((tmp_path / "val_tgt.gz").read_bytes()).decode().split()
    assert splits["validation"]["label"].to_pylist() == [label == "1" for label in labels]


def test_parallel_files_of_different_length_are_named_with_their_counts(tmp_path):
    write(tmp_path / "test_src", "MKV\nMAA\nMLL\n")
    write(tmp_path / "test_tgt", "1\n0\n")
    with pytest.raises(SourceError, match=r"test_src: 3, .*test_tgt: 2 records"):
        read("solubility", tmp_path)


HUMAN_CELL = (
    "sequence,target,set,validation\nMK,50.5,train,\nMA,61.25,train,True\nMV,48.0,test,\nML,44.0,train,False\n"
)


@pytest.mark.parametrize("name", ["human_cell.csv", "human_cell.csv.gz", "splits.zip"])
def test_thermostability_is_read_plain_gzipped_and_zipped(tmp_path, name):
    if name == "splits.zip":
        with zipfile.ZipFile(tmp_path / name, "w") as zipped:
            zipped.writestr("__MACOSX/splits/._human_cell.csv", "not it")
            zipped.writestr("splits/human_cell.csv", HUMAN_CELL)
    else:
        write(tmp_path / name, HUMAN_CELL)
    splits, _ = read("thermostability", tmp_path)
    assert {split: rows["sequence"].to_pylist() for split, rows in splits.items()} == {
        "train": ["MK", "ML"],
        "validation": ["MA"],
        "test": ["MV"],
    }
    assert splits["validation"]["label"].to_pylist() == [{"value": 61.25}]


def test_a_thermostability_row_in_no_split_is_named(tmp_path):
    write(tmp_path / "human_cell.csv", HUMAN_CELL.replace("48.0,test", "48.0,tets"))
    with pytest.raises(SourceError, match=r"human_cell.csv: line 4: 'tets, ': set must be train or test"):
        read("thermostability", tmp_path)


def test_antibody_labels_are_those_of_the_index_files(real_sources):
    splits, rejected, _ = read_all("antibody_antigen", real_sources)
    assert len(left_out(rejected)) == len(rejected) == 29_394 - 22_359 - 1_242 - 3_301
    assert [sum(splits[split]["label"].to_pylist()) for split in SPLITS] == [11_346, 637, 1_523]
    seen = {*splits["train"]["sequence"].to_pylist(), *splits["validation"]["sequence"].to_pylist()}
    assert not seen & set(splits["test"]["sequence"].to_pylist())


def write_workbook(folder: Path, header: list[str], rows: list[list]) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    for row in (header, *rows):
        book.active.append(row)
    book.save(folder / "dataset_hiv_cls.xlsx")


NEUTRALISES = ["antibody_seq", "virus_seq", "label", "split"]


def test_index_entries_select_rows_of_the_sheet(tmp_path):
    write_workbook(
        tmp_path, NEUTRALISES, [["QV", "MR", 1, "seen"], ["EV", "MK", 0.0, "seen"], ["DI", "MX", 1, "unseen"]]
    )
    np.save(tmp_path / "seed_0_train_seen_index.npy", np.array([1, 0]))
    splits, sources = read("antibody_antigen", tmp_path)
    assert splits["train"].select(["id", "sequence", "sequence_2", "label"]).to_pylist() == [
        {"id": "antibody_antigen/train/0", "sequence": "QV", "sequence_2": "MR", "label": True},
        {"id": "antibody_antigen/train/1", "sequence": "EV", "sequence_2": "MK", "label": False},
    ]
    assert left_out(sources.rejected) == [("dataset_hiv_cls.xlsx", 4, "2")]
    assert [m.split for m in sources.missing] == ["validation", "test"]


@pytest.mark.parametrize(
    ("index", "message"),
    [
        (np.array([0, 2]), r"train_seen_index.npy: entry 1: row 2 is not among the 2 rows"),
        (np.array([-1]), r"entry 0: row -1"),
        (np.array([0, 0]), r"none of them twice"),
        (np.array([0.5]), r"float64 of shape \(1,\)"),
        (np.array([{}], dtype=object), r"train_seen_index.npy: not a NumPy array of numbers"),
    ],
)
def test_an_index_file_that_does_not_fit_the_sheet_is_refused(tmp_path, index, message):
    write_workbook(tmp_path, NEUTRALISES, [["QV", "MR", 1, "seen"], ["EV", "MK", 0, "seen"]])
    np.save(tmp_path / "seed_0_train_seen_index.npy", index, allow_pickle=True)
    with pytest.raises(SourceError, match=message):
        read("antibody_antigen", tmp_path)


def test_a_workbook_that_is_none_or_lacks_a_column_is_refused(tmp_path):
    np.save(tmp_path / "seed_0_train_seen_index.npy", np.array([0]))
    write(tmp_path / "dataset_hiv_cls.xlsx", "antibody_seq,virus_seq,label\n")
    with pytest.raises(SourceError, match=r"dataset_hiv_cls.xlsx: not an Excel workbook"):
        read("antibody_antigen", tmp_path)
    write_workbook(tmp_path, ["antibody_seq", "virus_seq"], [["QV", "MR"]])
    with pytest.raises(SourceError, match=r"dataset_hiv_cls.xlsx: line 1: .* without label"):
        read("antibody_antigen", tmp_path)


def test_rna_protein_siblings_stand_in_for_npinter(real_sources):
    splits, sources = read("rna_protein", real_sources)
    assert sum(sizes(splits)) == 8_945
    shares = np.array(sizes(splits)) / 8_945
    assert np.allclose(shares, np.array([14_994, 1_666, 4_164]) / 20_824, atol=0.001)
    assert {m.names for m in sources.missing} == {("NPInter_rna_seq.fa",)}
    counts = np.unique(pa.concat_tables(splits.values())["subtask"].to_pylist(), return_counts=True)
    assert dict(zip(*counts, strict=True)) == {"RPI1807": 3_237, "RPI2241": 4_482, "RPI369": 738, "RPI488": 488}
    again, _ = read("rna_protein", real_sources)
    assert all(again[split].equals(splits[split]) for split in SPLITS)


def write_rna_protein_set(
    folder: Path, name: str, pairs: list[tuple[str, str, int]], rna: dict, protein: dict
) -> None:
    write(folder / f"{name}_pairs.txt", "".join(f"{p}\t{r}\t{label}\n" for p, r, label in pairs))
    write(folder / f"{name}_rna_seq.fa", fasta(rna))
    write(folder / f"{name}_protein_seq.fa", fasta(protein))


def test_a_complete_npinter_is_read_alone_in_the_sizes_of_table_2(tmp_path):
    rna = {f"n{i}": sequence for i, sequence in enumerate(random_sequences(4_165, "ACGU", 30))}
    protein = {f"P{i}": sequence for i, sequence in enumerate(random_sequences(5, "ACDEFGHIKL", 20))}
    pairs = [(p, r, i % 2) for i, (r, p) in enumerate((r, p) for r in rna for p in protein)][:20_824]
    write_rna_protein_set(tmp_path, "NPInter", pairs, rna, protein)
    write_rna_protein_set(tmp_path, "RPI369", pairs[:5], rna, protein)
    splits, _ = read("rna_protein", tmp_path)
    assert sizes(splits) == (14_994, 1_666, 4_164)
    first = splits["train"].to_pylist()[0]
    p, r, label = pairs[int(first["id"].split("/")[-1])]
    assert first["subtask"] == "NPInter"
    assert (first["sequence"], first["sequence_2"]) == (rna[r].replace("U", "T"), protein[p])
    assert first["label"] == bool(label)


def test_pairs_with_an_unknown_id_are_left_out_and_counted(tmp_path, caplog):
    pairs = [("P1", "n1", 1), ("P1", "n9", 0), ("P9", "n1", 0), ("P2", "n1", 0)]
    write_rna_protein_set(tmp_path, "RPI488", pairs, {"n1": "ACGU"}, {"P1": "MK", "P2": "MA"})
    splits, sources = read("rna_protein", tmp_path)
    file = "RPI488_pairs.txt"
    assert left_out(sources.rejected) == [(file, 2, "P1 n9"), (file, 3, "P9 n1")]
    rows = pa.concat_tables(splits.values())
    assert sorted(row.rpartition("/")[2] for row in rows["id"].to_pylist()) == ["0", "3"]
    assert "RPI488_pairs.txt: 2 of 4 pairs" in caplog.text


def test_a_pair_that_two_sets_have_is_in_one_split_only(tmp_path):
    rna = {f"r{i}": sequence for i, sequence in enumerate(random_sequences(200, "ACGU", 20))}
    pairs = [("P", r, 1) for r in rna]
    for name in ("RPI1807", "RPI2241"):
        write_rna_protein_set(tmp_path, name, pairs, rna, {"P": "MKV"})
    splits, _ = read("rna_protein", tmp_path)
    sequences = [set(rows["sequence"].to_pylist()) for rows in splits.values()]
    assert len(sequences) == 3 and sum(map(len, sequences)) == 200


# Positives of TargetFinder per cell line; a tenth of them, rounded down, is in test/ and not in imbltrain/.
POSITIVES = {"GM12878": 2_113, "HUVEC": 1_524, "HeLa-S3": 1_740, "IMR90": 1_254, "K562": 1_977, "NHEK": 1_291}


def write_cell_line(folder: Path, cell: str, labels: list[str], seed: int) -> None:
    place = folder / cell / "imbltrain"
    promoters = random_sequences(len(labels), "ACGT", 14, seed)
    enhancers = random_sequences(len(labels), "acgt", 14, seed + 100)
    write(place / f"{cell}_promoters.fasta", "".join(f">chr1:{i}\n{s}\n" for i, s in enumerate(promoters)))
    write(place / f"{cell}_enhancers.fasta.gz", "".join(f">chr1:{i}\n{s}\n" for i, s in enumerate(enhancers)))
    write(place / f"{cell}labels.txt", "\n".join(labels) + "\n")


def test_enhancer_promoter_has_the_sizes_of_table_2(tmp_path):
    for seed, (cell, count) in enumerate(POSITIVES.items()):
        positives = count - count // 10
        write_cell_line(tmp_path, cell, ["1"] * positives + ["0"] * (3 * positives), seed)
    splits, _ = read("enhancer_promoter", tmp_path)
    assert sizes(splits) == (14_288, 1_772, 1_762)
    rows = pa.concat_tables(splits.values())
    assert sum(rows["label"].to_pylist()) == 8_911
    subtasks, counts = np.unique(rows["subtask"].to_pylist(), return_counts=True)
    assert {cell: 2 * (n - n // 10) for cell, n in POSITIVES.items()} == dict(zip(subtasks, counts, strict=True))


def test_enhancer_promoter_rows_are_promoter_first_and_labels_may_be_floats(tmp_path):
    write_cell_line(tmp_path, "K562", ["0.000e+00"] * 30 + ["1.000e+00"] * 10, seed=3)
    splits, sources = read("enhancer_promoter", tmp_path)
    place = tmp_path / "K562" / "imbltrain"
    promoters, enhancers = (
        [sequence.upper() for _, sequence, _ in read_fasta(File(sources, "enhancer_promoter", "", place / name))]
        for name in ("K562_promoters.fasta", "K562_enhancers.fasta.gz")
    )
    surplus = {line for _, line, _ in left_out(sources.rejected)}
    assert len(surplus) == 20 and surplus <= set(range(1, 31))
    rows = pa.concat_tables(splits.values()).to_pylist()
    assert sorted(row["label"] for row in rows) == [False] * 10 + [True] * 10
    for row in rows:
        i = int(row["id"].split("/")[-1])
        assert (row["sequence"], row["sequence_2"], row["label"]) == (promoters[i], enhancers[i], i >= 30)
    assert len(sources.missing) == 5 * len(SPLITS)


def test_enhancer_promoter_files_that_do_not_fit_are_named(tmp_path):
    write_cell_line(tmp_path, "NHEK", ["1", "0", "0"], seed=1)
    labels = tmp_path / "NHEK" / "imbltrain" / "NHEKlabels.txt"
    labels.write_text("1\n0\n")
    with pytest.raises(SourceError, match=r"NHEKlabels.txt: 2, .*promoters.fasta: 3, .*enhancers.fasta.gz: 3 records"):
        read("enhancer_promoter", tmp_path)
    labels.write_text("1\n0\n2\n")
    with pytest.raises(SourceError, match=r"NHEKlabels.txt: line 3: '2': not the label 0 or 1"):
        read("enhancer_promoter", tmp_path)


def write_sirna(folder: Path, rows: list[tuple[str, str, str]]) -> Path:
    header = (
        "id,siRNA_sense_seq,siRNA_antisense_seq,modified_siRNA_antisense_seq_list,gene_target_seq,mRNA_remaining_pct"
    )
    lines = [f'{i},UUUU,{sirna},"Am Uf",{target},{value}' for i, (sirna, target, value) in enumerate(rows)]
    return write(folder / "siRNA_Open_Dataset_for_Drug_Discovery_1.0.csv", "\n".join([header, *lines]) + "\n")


def test_sirna_is_the_antisense_strand_and_at_most_100_percent(tmp_path, caplog):
    write_sirna(
        tmp_path, [("UUGCA", "ACGTT", "12.5"), ("AUGCA", "ACGTT", "127.3"), ("", "ACGT", "5"), ("AC", "AC", "")]
    )
    splits, sources = read("sirna_efficiency", tmp_path)
    assert [line for _, line, _ in left_out(sources.rejected)] == [4, 5]
    rows = sorted(pa.concat_tables(splits.values()).to_pylist(), key=lambda row: row["id"].split("/")[-1])
    assert [(row["sequence"], row["sequence_2"], row["label"]) for row in rows] == [
        ("TTGCA", "ACGTT", {"value": 12.5}),
        ("ATGCA", "ACGTT", {"value": 100.0}),
    ]
    assert "2 of 4 rows lack one of" in caplog.text


def test_sirna_measurements_of_one_pair_stay_together(tmp_path):
    pairs = [(sirna, "ACGTTGCA") for sirna in random_sequences(300, "ACGU", 21)]
    write_sirna(tmp_path, [(*pair, str(percent)) for pair in pairs for percent in (20, 40, 90)])
    splits, _ = read("sirna_efficiency", tmp_path)
    sequences = [set(rows["sequence"].to_pylist()) for rows in splits.values()]
    assert sum(map(len, sequences)) == 300
    assert np.allclose(np.array(sizes(splits)) / 900, np.array([53_592, 6_707, 6_688]) / 66_987, atol=0.005)


def test_sirna_fractions_are_not_taken_for_percentages(tmp_path):
    write_sirna(tmp_path, [("UUGCA", "ACGTT", "0.125"), ("AUGCA", "ACGTT", "0.9616")])
    with pytest.raises(SourceError, match=r"mRNA_remaining_pct is at most 0.9616"):
        read("sirna_efficiency", tmp_path)


@pytest.mark.parametrize("task_id", TASK_IDS)
def test_a_task_without_files_is_missing_in_every_split(tmp_path, task_id):
    splits, sources = read(task_id, tmp_path)
    assert splits == {}
    assert {m.split for m in sources.missing} == set(SPLITS)
