"""Heads of the real files of some tasks, how their rows are counted, and edits that damage them."""

import gzip
import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from dataset_builder.sources.multirm import FLAGS


Edit = Callable[[bytes], bytes]
ROWS = 300  # of each file, so that up to three may be malformed


@dataclass(frozen=True)
class Base:
    """A few real files of a task, one of which is damaged."""

    task: str
    file: str
    rows: Callable[[bytes], int]
    member: str = ""  # of an archive


def lines_of(content: bytes) -> list[str]:
    """Lines that are not blank."""
    return [line for line in re.split("\r\n|\r|\n", content.decode("utf-8-sig", errors="replace")) if line]


def records_of(content: bytes) -> int:
    return sum(line.startswith(">") for line in lines_of(content))


def data_lines(content: bytes) -> int:
    return len(lines_of(content)) - 1


def sheet_rows(content: bytes) -> int:
    return len(pd.read_excel(io.BytesIO(content)))


def flag_rows(content: bytes) -> int:
    import h5py

    with h5py.File(io.BytesIO(content), "r") as tables:
        return sum(len(tables[f"{name}_out/block0_values"]) for name in ("train", "valid", "test"))


def gunzipped(content: bytes) -> bytes:
    return gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content


def member_rows(content: bytes) -> int:
    return data_lines(gunzipped(zipfile.ZipFile(io.BytesIO(content)).read(MEMBER)))


MEMBER = "GUE/tf/0/dev.csv"
BASES = {
    "csv": Base("core_promoter", "GUE/prom/prom_core_tata/dev.csv", data_lines),
    "archive": Base("tf_binding_human", "GUE.zip", member_rows, MEMBER),
    "numbers": Base("protein_stability", "stability.valid.csv", data_lines),
    "genotypes": Base("fluorescence", "amino_acid_genotypes_to_brightness.tsv", data_lines),
    "guides": Base("crispr_on_target", "ontar/hl60.repisgt", lambda content: len(lines_of(content))),
    "utrs": Base("mean_ribosome_loading", "stride11133m_MPA_V_pred.csv", data_lines),
    "switches": Base("rna_switches", "worst_toehold_sequences.csv", data_lines),
    "fasta": Base("ncrna_family", "dataset_Rfam_validated_2600_13classes.fasta", records_of),
    "pairs": Base("rna_protein", "RPI369_pairs.txt", lambda content: len(lines_of(content))),
    "rna": Base("rna_protein", "RPI369_rna_seq.fa", records_of),
    "lines": Base("solubility", "val_src", lambda content: len(content.rstrip(b"\r\n").split(b"\n"))),
    "labels": Base("solubility", "val_tgt", lambda content: len(content.rstrip(b"\r\n").split(b"\n"))),
    "chains": Base("ec_number", "nrPDB-EC_2020.04_test.txt", lambda content: len(lines_of(content))),
    "numbers of chains": Base("ec_number", "nrPDB-EC_2020.04_annot.tsv", data_lines),
    "workbook": Base("antibody_antigen", "dataset_hiv_cls.xlsx", sheet_rows),
    "index": Base("antibody_antigen", "seed_0_train_seen_index.npy", len),
    "hdf5": Base("rna_modification", "data_12RM.h5", flag_rows),
}
COUNTED = {  # the file with the rows of the task, where the damaged one has none of its own
    "RPI369_rna_seq.fa": "RPI369_pairs.txt",
    "val_tgt": "val_src",
    "nrPDB-EC_2020.04_annot.tsv": "nrPDB-EC_2020.04_test.txt",
    "seed_0_train_seen_index.npy": "dataset_hiv_cls.xlsx",
}


def real_heads(real_sources: Path) -> dict[str, dict[str, bytes]]:
    """The heads of the real files by task and name."""

    def head(name: str, lines: int = ROWS + 1, stored: str | None = None) -> bytes:
        with gzip.open(real_sources / f"{stored or name}.gz") as stream:
            return b"".join(stream.readlines() if lines < 0 else [stream.readline() for _ in range(lines)])

    def fasta(name: str, records: int) -> bytes:
        return b"\n>".join(head(name, -1).replace(b"\r", b"").split(b"\n>")[:records]) + b"\n"

    switches = head("rna_switches/worst_toehold_sequences.csv", -1)
    guides = head("", -1, stored="crispr_on_target/ontar/hl60.repisgt.head100")
    sheet = pd.read_excel(real_sources / "antibody_antigen/dataset_hiv_cls.xlsx", nrows=ROWS)
    utrs = lines_of(head("mean_ribosome_loading/stride11133m_MPA_V_pred.csv", -1))
    ec_chains = head("ec_number/nrPDB-EC_2020.04_test.txt", ROWS)
    return {
        "core_promoter": {BASES["csv"].file: head(f"core_promoter/{BASES['csv'].file}")},
        "tf_binding_human": {"GUE.zip": zipped(head(f"tf_binding_human/{MEMBER}"))},
        "protein_stability": {BASES["numbers"].file: head("protein_stability/stability.valid.csv")},
        "fluorescence": {
            name: head(f"fluorescence/{name}", lines)
            for name, lines in (
                ("amino_acid_genotypes_to_brightness.tsv", ROWS + 1),
                ("avGFP_amacGFP_cgreGFP_ppluGFP2__protein_sequences.fasta", -1),
                ("fluorescence.valid.csv", -1),
            )
        },
        "crispr_on_target": {"ontar/hl60.repisgt": 3 * guides},
        "mean_ribosome_loading": {
            "stride11133m_MPA_V_pred.csv": "\n".join([*utrs[: ROWS // 2 + 1], *utrs[-ROWS // 2 :], ""]).encode()
        },
        "rna_switches": {"worst_toehold_sequences.csv": switches + 2 * (b"\n" + below_first_line(switches))},
        "ncrna_family": {BASES["fasta"].file: fasta(f"ncrna_family/{BASES['fasta'].file}", ROWS)},
        "rna_protein": {
            "RPI369_pairs.txt": head("rna_protein/RPI369_pairs.txt", ROWS),
            "RPI369_rna_seq.fa": head("rna_protein/RPI369_rna_seq.fa", -1),
            "RPI369_protein_seq.fa": head("rna_protein/RPI369_protein_seq.fa", -1),
        },
        "solubility": {name: head("", -1, stored=f"solubility/{name}.head300") for name in ("val_src", "val_tgt")},
        "ec_number": {
            "nrPDB-EC_2020.04_test.txt": ec_chains,
            "nrPDB-EC_2020.04_annot.tsv": head("ec_number/nrPDB-EC_2020.04_annot.tsv", -1),
            "nrPDB-EC_2020.04_test_sequences.fasta": head("ec_number/nrPDB-EC_2020.04_test_sequences.fasta", -1),
        },
        "antibody_antigen": {
            "dataset_hiv_cls.xlsx": workbook(sheet),
            "seed_0_train_seen_index.npy": index(np.arange(250)),
            "seed_0_valid_seen_index.npy": index(np.arange(250, 290)),
        },
        "rna_modification": {"data_12RM.h5": hdf5(fasta(f"ncrna_family/{BASES['fasta'].file}", ROWS))},
    }


def workbook(sheet: pd.DataFrame) -> bytes:
    stream = io.BytesIO()
    sheet.to_excel(stream, index=False)
    return stream.getvalue()


def index(rows: np.ndarray, **options) -> bytes:
    stream = io.BytesIO()
    np.save(stream, rows, **options)
    return stream.getvalue()


def hdf5(fasta: bytes) -> bytes:
    """The first 20 nt of real RNA as the tables of MultiRM, each in all three splits."""
    import h5py

    sequences = [re.sub(r"\s|[^ACGT]", "", record.partition("\n")[2])[:20] for record in fasta.decode().split(">")[1:]]
    one_hot = np.eye(4)[[["ACGT".index(letter) for letter in text] for text in sequences]].reshape(len(sequences), -1)
    stream = io.BytesIO()
    with h5py.File(stream, "w") as tables:
        for name in ("train", "valid", "test"):
            tables[f"{name}_in/block0_values"] = one_hot
            tables[f"{name}_out/block0_values"] = np.zeros((len(sequences), len(FLAGS)))
            tables[f"{name}_out/block0_items"] = np.array(FLAGS, dtype="S8")
    return stream.getvalue()


# Edits of text files. Line 1 is the first.


def on_line(number: int, edit: Callable[[str], str]) -> Edit:
    def apply(content: bytes) -> bytes:
        lines = content.decode().split("\n")
        lines[number - 1] = edit(lines[number - 1])
        return "\n".join(lines).encode("utf-8", "surrogateescape")

    return apply


def set_line(number: int, text: str) -> Edit:
    return on_line(number, lambda _: text)


def set_field(number: int, place: int, text: str, delimiter: str = ",") -> Edit:
    def edit(line: str) -> str:
        fields = line.split(delimiter)
        fields[place] = text
        return delimiter.join(fields)

    return on_line(number, edit)


def insert(number: int, text: str) -> Edit:
    return on_line(number, lambda line: f"{text}\n{line}")


def every(edit: Callable[[str], str]) -> Edit:
    return lambda content: "\n".join(edit(line) if line else line for line in content.decode().split("\n")).encode()


def shuffled(order: list[int], delimiter: str = ",") -> Edit:
    return every(lambda line: delimiter.join(line.split(delimiter)[i] for i in order))


def below_header(edit: Callable[[bytes], bytes]) -> Edit:
    return lambda content: content[: content.index(b"\n") + 1] + edit(content[content.index(b"\n") + 1 :])


def quoted(content: bytes) -> bytes:
    return every(lambda line: ",".join(f'"{field}"' for field in line.split(",")))(content)


def mixed_case(content: bytes) -> bytes:
    return bytes(c + 32 if i % 3 and 65 <= c <= 90 else c for i, c in enumerate(content))


def wrapped(content: bytes) -> bytes:
    lines = content.decode().split("\n")
    return "\n".join(re.sub(r"(.{10})(?=.)", r"\1\n", line) if line[:1] != ">" else line for line in lines).encode()


def below_first_line(content: bytes) -> bytes:
    return content[content.index(b"\n") + 1 :]


def flip_byte(content: bytes, place: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :]


def zipped(content: bytes, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        archive.writestr(MEMBER, content)
    return stream.getvalue()


def in_archive(edit: Edit) -> Edit:
    return lambda content: zipped(edit(zipfile.ZipFile(io.BytesIO(content)).read(MEMBER)))


def sheet_edit(edit: Callable[[pd.DataFrame], object]) -> Edit:
    def apply(content: bytes) -> bytes:
        sheet = pd.read_excel(io.BytesIO(content), dtype=object)
        edited = edit(sheet)
        return workbook(sheet if edited is None else edited)

    return apply


def cell(row: int, column: str, value: object) -> Edit:
    """Row as the sheet numbers it: 2 is the first below the header."""
    return sheet_edit(lambda sheet: sheet.__setitem__(column, sheet[column].where(sheet.index != row - 2, value)))


def annotated(numbers: str) -> Edit:
    """The EC numbers of the second chain of the test."""
    return lambda content: re.sub(rb"(?m)^5U4N-A\t.*$", b"5U4N-A\t" + numbers.encode(), content)


def table_edit(key: str, place: tuple[int, int] | None, value: object) -> Edit:
    def apply(content: bytes) -> bytes:
        import h5py

        stream = io.BytesIO(content)
        with h5py.File(stream, "r+") as tables:
            if place:
                tables[key][place] = value
            else:
                del tables[key]
                if value is not None:
                    tables[key] = value
        return stream.getvalue()

    return apply
