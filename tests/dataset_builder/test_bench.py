"""The benchmark: files of the sizes it states, memory of every process, no comparison with something else."""

import json
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from Bio.SeqIO.FastaIO import SimpleFastaParser

from dataset_builder import bench
from dataset_builder.files import Sources
from dataset_builder.synthetic import volume
from dataset_builder.synthetic.bulk import LENGTHS, draw_lengths, sequences, write_genome, write_proteins
from dataset_builder.synthetic.signals import LETTERS
from dataset_builder.tasks import SPLITS, TASKS
from tests.dataset_builder.reading import read_splits


SHARE = 0.002


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("bench")
    volume.write(folder / "sources", SHARE)
    return folder


def test_table_2_is_what_the_whole_files_are_for():
    sizes = [volume.sizes_of(task_id, 1) for task_id in TASKS]
    assert [sum(column) for column in zip(*sizes, strict=True)] == [3_330_232, 190_946, 243_227 - 308 + 1_762]


@pytest.mark.parametrize("task_id", TASKS)
def test_files_have_their_rows_and_no_faults(folder, task_id):
    files = Sources(folder / "sources")
    tables, rejected = read_splits(TASKS[task_id], files)
    assert (files.missing, [row for row in rejected if row.malformed]) == ([], [])
    wanted = volume.sizes_of(task_id, SHARE)
    found = [len(tables[split]) if split in tables else 0 for split in SPLITS]
    assert sum(found) == pytest.approx(sum(wanted), abs=4)  # promoters and pairs come in twos
    if task_id != "ncrna_family":  # whose validation is a number per class
        assert found == pytest.approx(wanted, abs=4)


def test_lengths_have_their_quantiles():
    lengths = draw_lengths(np.random.default_rng(0), LENGTHS["solubility"], 50_000)
    assert np.quantile(lengths, [0, 0.25, 0.5, 0.75, 1]) == pytest.approx(LENGTHS["solubility"], rel=0.05)


@pytest.mark.parametrize("molecule", LETTERS)
def test_letters_are_in_their_proportions(molecule):
    text = "".join(sequences(np.random.default_rng(0), molecule, (100, 200), 1_000))
    for letter in set(LETTERS[molecule]):
        share = LETTERS[molecule].count(letter) / len(LETTERS[molecule])
        assert text.count(letter) / len(text) == pytest.approx(share, rel=0.25)


def test_files_are_written_once_and_anew_for_another_share(tmp_path):
    volume.write(tmp_path / "sources", 0.001)
    table = tmp_path / "sources" / "apa_isoform" / "Isoform" / "train_new.csv"
    written = table.stat().st_mtime_ns, table.read_bytes()
    volume.write(tmp_path / "sources", 0.001)
    assert (table.stat().st_mtime_ns, table.read_bytes()) == written
    volume.write(tmp_path / "sources", 0.0005)
    assert len(table.read_bytes()) == pytest.approx(len(written[1]) / 2, rel=0.1)


@pytest.mark.parametrize(
    ("write", "letters", "longest"),
    [(write_genome, "ACGTNacgt", 200_000_000), (write_proteins, LETTERS["protein"], 10_000)],
)
def test_large_fasta_files_are_fasta_files(tmp_path, write, letters, longest):
    write(tmp_path / "big.fasta", 12_000_000)
    assert 12_000_000 <= (tmp_path / "big.fasta").stat().st_size < 25_000_000
    with open(tmp_path / "big.fasta") as stream:
        assert max(len(text.rstrip("\n")) for text in stream if not text.startswith(">")) == 60
    with open(tmp_path / "big.fasta") as stream:
        records = list(SimpleFastaParser(stream))
    assert len({header.split()[0] for header, _ in records}) == len(records)
    assert set("".join(text for _, text in records)) == set(letters)
    assert max(len(text) for _, text in records) <= longest


def test_memory_of_a_child_of_the_command_counts(tmp_path):
    """A command that itself holds little, and a process below it that holds 300 MB for a second."""
    child = "import time; held = bytearray(b'x') * 300_000_000; time.sleep(1)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    done = bench.watched([sys.executable, "-c", parent], tmp_path / "log")
    assert 300e6 < done["peak_bytes"] < 400e6
    assert 1 < done["seconds"] < 20


def test_a_command_that_fails_ends_the_benchmark(tmp_path):
    with pytest.raises(RuntimeError, match=r"exit status 3; what it printed is in .*log"):
        bench.watched([sys.executable, "-c", "print('why'); raise SystemExit(3)"], tmp_path / "log")
    assert (tmp_path / "log").read_text() == "why\n"


def test_parquet_of_other_options_is_no_comparison(tmp_path):
    table = pa.table({"id": [f"a/train/{i}" for i in range(5_000)]})
    pq.write_table(table, tmp_path / "other.parquet", compression="none")
    with pytest.raises(RuntimeError, match="other.parquet: .* written again"):
        bench.write_again(tmp_path / "other.parquet", tmp_path / "again")


def test_the_whole(folder, monkeypatch, capsys):
    """All rows of the files are built, written again and generated; the corpora have all letters of theirs."""
    options = ["--folder", str(folder), "--share", str(SHARE), "--workers", "2", "--full", "--fasta-gb", "0.001"]
    monkeypatch.setattr(sys, "argv", ["bench", *options])
    bench.main()
    results = json.loads((folder / "results.json").read_text())
    build = results["build"]
    wanted = sum(sum(volume.sizes_of(task_id, SHARE)) for task_id in TASKS)
    assert sum(build["rows_of_tasks"].values()) == pytest.approx(wanted, abs=20)
    compared = [*results["parquet_only"], results["from_generator"]]
    assert [part["rows"] for part in compared] == [build["rows"]] * 3
    assert [part["processes"] for part in results["parquet_only"]] == [1, 2]
    assert min(part["seconds"] for part in [build, *compared, *results["corpora"]]) > 0
    printed = capsys.readouterr().out
    assert printed.count("goal: ") == 6
    assert f"{build['rows']:,} rows" in printed
    assert 0 < build["reasoning_seconds"] < build["seconds"]
    assert f"{build['argued_answers']:,} argued answers in" in printed
    left = {path.name for path in folder.iterdir() if path.is_dir()}
    assert left == {"sources", "corpora", "biology-instructions"}
