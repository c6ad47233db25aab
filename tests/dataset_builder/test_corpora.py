"""Stage-1 corpora: every letter in its place, rules as stated, and a killed run that goes on to the same bytes."""

import gzip
import hashlib
import io
import json
import random
import re
import tracemalloc
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from Bio.SeqIO.FastaIO import SimpleFastaParser

from dataset_builder import corpora, fasta, pretraining
from dataset_builder.files import File, SourceError, Sources
from dataset_builder.text import read_fasta
from tests.dataset_builder.reading import read_corpus


def random_fasta(draw: random.Random, names: list[str], letters: str, most: int) -> str:
    """Records of 0 to `most` letters in lines of different widths, some of them with Windows line ends."""
    text = ""
    for name in names:
        sequence, width = "".join(draw.choices(letters, k=draw.randint(0, most))), draw.choice((5, 60, 10_000))
        end = draw.choice(("\n", "\n", "\r\n"))
        lines = [sequence[i : i + width] for i in range(0, len(sequence), width)]
        text += f">{name} some words{end}" + "".join(line + end for line in lines)
    return text


@pytest.mark.parametrize("seed", range(40))
def test_sections_give_what_biopython_reads_from_any_place_on(seed: int, tmp_path: Path, monkeypatch) -> None:
    draw = random.Random(seed)
    text = random_fasta(draw, [f"r{i}" for i in range(draw.randint(1, 6))], "ACGTNacgt", 300)
    text = text.rstrip("\n") if seed % 3 == 0 else text
    path = tmp_path / "x.fa"
    path.write_bytes(gzip.compress(text.encode()) if seed % 2 else text.encode())
    monkeypatch.setattr(fasta, "BLOCK_BYTES", draw.choice((1, 7, 64, 10_000)))
    found = list(fasta.sections(path))
    records: list[list[str]] = []
    for section in found:
        if section.header is not None:
            records.append([section.header.decode().rstrip("\r"), ""])
        records[-1][1] += section.letters.decode()
        assert section.line == text.encode()[: section.offset].count(b"\n") + 1
    assert [tuple(record) for record in records] == list(SimpleFastaParser(io.StringIO(text, newline=None)))
    middle = draw.choice(found)
    behind = b"".join(section.letters for section in fasta.sections(path, middle.offset, middle.line))
    assert behind == b"".join(section.letters for section in found[found.index(middle) + 1 :])


def test_windows_cover_every_letter_once_and_leave_out_gaps(tmp_path: Path) -> None:
    genome = "".join(random.Random(0).choices("ACGTacgt", k=9_000)) + "n" * 4_000 + "ACGT" * 700
    (tmp_path / "pretrain_dna").mkdir()
    (tmp_path / "pretrain_dna" / "g.fa").write_text(f">chr1 x\n{genome}\n>chr2\nAC\n")
    done = corpora.write_corpus("pretrain_dna", Sources(tmp_path), tmp_path / "out")
    rows = pq.read_table(tmp_path / "out/train-00000-of-00001.parquet").to_pylist()
    seen = {}
    for row in rows:
        place = row["id"].removeprefix("pretrain_dna/g.fa/")
        first, last = map(int, place.split(":")[1].split("-"))
        letters = row["text"].removeprefix("<dna>").removesuffix("</dna>")
        source = genome if place.startswith("chr1") else "AC"
        assert letters == source[first - 1 : last].upper() and len(letters) <= 2_000
        seen[place] = len(letters)
    assert [*seen][-1] == "chr2:1-2"
    left_out = done.left_out["a run of N over more than 10% of the window"]
    assert done.read == len(rows) + left_out and left_out == 3  # 8,001 to 14,000 hold the gap of 9,001 to 13,000
    assert done.rejected == []


def write_sources(root: Path, corpus: str, names: list[str], letters: str) -> None:
    """Two files of a corpus, one of them gzipped."""
    draw = random.Random(corpus)
    (root / corpus).mkdir(parents=True)
    half = len(names) // 2
    (root / corpus / "a.fasta").write_text(random_fasta(draw, names[:half], letters, 5_000))
    (root / corpus / "b.fa.gz").write_bytes(gzip.compress(random_fasta(draw, names[half:], letters, 5_000).encode()))


CASES = {
    "pretrain_dna": ([f"chr{i}" for i in range(60)], "ACGTacgtN"),
    "pretrain_rna": ([f"URS{i:010X}_{9606 if i % 3 else 10090}" for i in range(120)], "ACGUacguTN"),
    "pretrain_protein": ([f"UniRef50_A{i}" for i in range(120)], "ACDEFGHIKLMNPQRSTVWYX"),
}


@pytest.mark.parametrize("corpus", CASES)
def test_a_corpus_killed_at_any_shard_goes_on_to_the_same_bytes(corpus: str, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(corpora, "TEXTS_PER_SHARD", 20)
    monkeypatch.setattr(corpora, "TEXTS_PER_GROUP", 6)
    monkeypatch.setattr(pretraining, "MAX_PROTEINS", 70)
    monkeypatch.setattr(pretraining, "NAMES_AT_ONCE", 11)
    monkeypatch.setattr(fasta, "BLOCK_BYTES", 3_000)
    write_sources(tmp_path / "in", corpus, *CASES[corpus])
    straight = corpora.write_corpus(corpus, Sources(tmp_path / "in"), tmp_path / "straight")
    expected = digests(tmp_path / "straight")
    assert len(expected) == straight.shards >= 3
    for stop in range(straight.shards):
        folder = tmp_path / f"stopped{stop}"
        interrupted(monkeypatch, corpus, tmp_path / "in", folder, stop)
        before = {path.name: path.stat().st_mtime_ns for path in folder.glob("train-?????")}
        again = corpora.write_corpus(corpus, Sources(tmp_path / "in"), folder)
        assert again == straight and digests(folder) == expected
        kept = {path.name[:11]: path.stat().st_mtime_ns for path in folder.glob("*.parquet")}
        assert before.items() <= kept.items() and len(before) == stop  # finished shards were not written again


def interrupted(monkeypatch, corpus: str, sources: Path, folder: Path, shards: int) -> None:
    """Write a corpus up to somewhere in the shard number `shards`."""
    write_shard = corpora.write_shard

    def limited(name: str, texts, root: Path, path: Path, done) -> None:
        if done.shards == shards:
            path.with_suffix(".partial").write_bytes(b"PAR1 half a shard")
            raise KeyboardInterrupt
        write_shard(name, texts, root, path, done)

    with monkeypatch.context() as patch:
        patch.setattr(corpora, "write_shard", limited)
        with pytest.raises(KeyboardInterrupt):
            corpora.write_corpus(corpus, Sources(sources), folder)


def digests(folder: Path) -> dict[str, str]:
    """sha256 of every shard."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.parquet")}


def test_letters_are_spelled_by_the_stated_rules_and_others_are_rejected_with_their_line(tmp_path: Path) -> None:
    (tmp_path / "pretrain_rna").mkdir()
    good = "".join(f">URS{i:06X}_9606 x\nacguN\n" for i in range(300))
    odd = ">URS00A_9606\nACGUEIX\n>URS00B_9606\nAC-GU\n>URS00C_9606\n\n"
    (tmp_path / "pretrain_rna" / "r.fasta").write_text(good + odd)
    done = corpora.write_corpus("pretrain_rna", Sources(tmp_path), tmp_path / "out")
    rows = pq.read_table(tmp_path / "out/train-00000-of-00001.parquet").to_pylist()
    assert rows[0]["text"] == "<rna>ACGTN</rna>"
    assert rows[-1] == {"id": "pretrain_rna/r.fasta/URS00A_9606", "text": "<rna>ACGTNNN</rna>"}
    assert [(row.line, row.value) for row in done.rejected] == [(603, "URS00B_9606 AC-GU"), (605, "URS00C_9606 ")]
    assert done.read == len(rows) + len(done.rejected) == 303


def test_a_file_that_is_no_fasta_is_named(tmp_path: Path) -> None:
    (tmp_path / "pretrain_dna").mkdir()
    (tmp_path / "pretrain_dna" / "x.fa").write_text("ACGT\n")
    with pytest.raises(SourceError, match=r"x\.fa: line 1: 'ACGT.*does not begin a FASTA record"):
        corpora.write_corpus("pretrain_dna", Sources(tmp_path), tmp_path / "out")


def test_progress_survives_json(tmp_path: Path) -> None:
    write_sources(tmp_path, "pretrain_dna", *CASES["pretrain_dna"])
    done = corpora.write_corpus("pretrain_dna", Sources(tmp_path), tmp_path / "out")
    assert corpora.last_progress(tmp_path / "out") == done
    assert json.loads((tmp_path / "out/train-00000.json").read_text())["ended"]


def write(path: Path, text: str) -> Path:
    """A text file, compressed if its name says so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def records(sequences: dict[str, str]) -> str:
    return "".join(f">{name}\n{sequence}\n" for name, sequence in sequences.items())


def random_sequences(count: int, letters: str, length: int) -> list[str]:
    drawn = np.random.default_rng(0).choice(list(letters), (count, length))
    return ["".join(row) for row in drawn]


def corpus(name: str, root: Path) -> tuple[dict[str, str], Sources]:
    """Texts by id, and the sources they are from."""
    sources = Sources(root)
    return read_corpus(name, sources), sources


def untagged(text: str, tag: str) -> str:
    return re.fullmatch(f"<{tag}>([A-Z]{{1,2000}})</{tag}>", text)[1]


def test_dna_windows_join_to_the_genome(real_sources):
    texts, sources = corpus("pretrain_dna", real_sources)
    windows = {name: untagged(text, "dna") for name, text in texts.items()}
    expected = 0
    for path in sources.used:
        for header, sequence, _ in read_fasta(File(sources, "pretrain_dna", "train", path)):
            cut = [sequence[i : i + 2_000].upper() for i in range(0, len(sequence), 2_000)]
            kept = [window for window in cut if max(map(len, re.findall("N+", window)), default=0) <= len(window) / 10]
            expected += len(kept)
            if header == "chr22":
                prefix = "pretrain_dna/hg38_chr22_32000000_32300000.fa/chr22:"
                assert [window for name, window in windows.items() if name.startswith(prefix)] == kept
                assert f"{prefix}2001-4000" in windows
    assert len(windows) == expected
    assert corpus("pretrain_dna", real_sources)[0] == texts


def test_dna_windows_do_not_depend_on_line_length_or_compression(tmp_path):
    (sequence,) = random_sequences(1, "ACGTacgt", 5_003)
    write(tmp_path / "a/pretrain_dna/deep/x.fna", f">chr1 description\n{sequence}\n>chr2\nACGT\n")
    wrapped = "\r\n".join(sequence[i : i + 60] for i in range(0, len(sequence), 60))
    write(tmp_path / "b/pretrain_dna/deep/x.fna.gz", f">chr1 description\r\n{wrapped}\r\n>chr2\r\nACGT\r\n")
    texts, _ = corpus("pretrain_dna", tmp_path / "a")
    assert texts == corpus("pretrain_dna", tmp_path / "b")[0]
    assert list(texts) == [
        f"pretrain_dna/deep/x.fna/{n}" for n in ("chr1:1-2000", "chr1:2001-4000", "chr1:4001-5003", "chr2:1-4")
    ]


def test_dna_windows_in_gaps_are_left_out(tmp_path):
    write(
        tmp_path / "pretrain_dna/x.fa",
        records({"in": "A" * 1_800 + "N" * 200, "out": "A" * 1_799 + "n" * 201, "gap": "NN"}),
    )
    texts, _ = corpus("pretrain_dna", tmp_path)
    assert list(texts) == ["pretrain_dna/x.fa/in:1-2000"]


def test_a_chromosome_is_never_held_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(fasta, "BLOCK_BYTES", 100_000)
    line = "ACGT" * 15 + "\n"
    path = write(tmp_path / "pretrain_dna/chromosome.fa", ">chr1\n" + line * 50_000)
    tracemalloc.start()
    count = sum(1 for _ in pretraining.dna_windows([path], pretraining.Cursor()))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 1_500 and peak < 1_000_000


def test_human_rna_of_the_real_files(real_sources):
    texts, _ = corpus("pretrain_rna", real_sources)
    assert len(texts) == 115
    assert max(len(untagged(text, "rna")) for text in texts.values()) == 2_000


def test_rna_is_human_and_in_t_letters(tmp_path):
    sequences = {
        "URS0000A_9606 human": "ACGU",
        "URS0000B_96061": "ACGU",
        "URS0000C_9606": "AU" * 1_500,
        "X_9606": "ACGU",
    }
    write(tmp_path / "pretrain_rna/x.fasta.gz", records(sequences))
    texts, _ = corpus("pretrain_rna", tmp_path)
    assert texts == {
        "pretrain_rna/x.fasta/URS0000A_9606": "<rna>ACGT</rna>",
        "pretrain_rna/x.fasta/URS0000C_9606": f"<rna>{'AT' * 1_000}</rna>",
    }


def test_proteins_are_sampled_by_name_alone(tmp_path, monkeypatch):
    sequences = {f"UniRef50_A{i}": sequence for i, sequence in enumerate(random_sequences(500, "ACDEFGHIKL", 30))}
    write(tmp_path / "whole/pretrain_protein/uniref50.fasta", records(sequences))
    whole, _ = corpus("pretrain_protein", tmp_path / "whole")
    assert [untagged(text, "protein") for text in whole.values()] == list(sequences.values())
    monkeypatch.setattr(pretraining, "MAX_PROTEINS", 100)
    sample, _ = corpus("pretrain_protein", tmp_path / "whole")
    assert len(sample) == 100 and sample.items() < whole.items()
    for start in (0, 1):
        half = dict(list(sequences.items())[::-1][start::2])
        write(tmp_path / f"parts/pretrain_protein/{start}.fasta.gz", records(half))
    again, _ = corpus("pretrain_protein", tmp_path / "parts")
    assert set(again.values()) == set(sample.values())


def test_a_corpus_without_files_is_noted(tmp_path):
    texts, sources = corpus("pretrain_rna", tmp_path)
    assert texts == {}
    assert [(m.task, m.split) for m in sources.missing] == [("pretrain_rna", "train")]
