"""Upstream files of the DNA and RNA tasks; a function is named as the module of sources/ that reads its files.

Each writes into `folder`, whose name is the task; `sizes` are the rows of train, validation and test.
"""

from pathlib import Path

import numpy as np

from dataset_builder.sources.gue import FOLDERS
from dataset_builder.synthetic.signals import (
    SIGNALS,
    Sizes,
    binary,
    classes,
    draw,
    measured,
    numbers,
    planted,
    reverse_complement,
)
from dataset_builder.synthetic.writers import write_fasta, write_table
from dataset_builder.tasks import MODIFICATIONS, TASKS


GUE_SPLITS = ("train", "dev", "test")
CONSTANT_PARTS = {  # of every switch of the real library
    "loop1": "AACCAAACACACAAACGCAC",
    "loop2": "AACAGAGGAGA",
    "atg": "ATG",
    "linker": "AACCTGGCGGCAGCGCAAAAGATGCG",
    "post_linker": "TAAAGGAGAA",
}


def gue(folder: Path, rng: np.random.Generator, sizes: Sizes) -> None:
    """{train,dev,test}.csv of every sub-task with the columns sequence and label."""
    subtasks = TASKS[folder.name].subtasks
    for split, n in zip(GUE_SPLITS, share(sizes, 1 / len(subtasks)), strict=True):
        for subtask in subtasks:
            rows = binary(rng, SIGNALS[folder.name]["positive"], n, "dna", (60, 60))
            write_table(gue_folder(folder, subtask) / f"{split}.csv", ("sequence", "label"), rows)


def gue_promoters(folder: Path, rng: np.random.Generator, sizes: Sizes) -> None:
    """As `gue`, but `all` is the union of `notata` and `tata`, so that every row is there twice."""
    for i, split in enumerate(GUE_SPLITS):
        rows = {
            subtask: binary(rng, SIGNALS[folder.name][subtask], share(sizes, part)[i], "dna", (60, 60))
            for subtask, part in (("notata", 3 / 8), ("tata", 1 / 8))
        }
        rows["all"] = rows["notata"] + rows["tata"]
        for subtask in TASKS[folder.name].subtasks:
            write_table(gue_folder(folder, subtask) / f"{split}.csv", ("sequence", "label"), rows[subtask])


def gue_folder(folder: Path, subtask: str) -> Path:
    """Where GUE has a sub-task."""
    return folder / "GUE" / FOLDERS[folder.name].format(subtask)


def share(sizes: Sizes, part: float) -> Sizes:
    """The sizes of a sub-task."""
    return tuple(max(round(n * part), 2) for n in sizes)


def deepstarr(folder: Path, rng: np.random.Generator, sizes: Sizes) -> None:
    """Sequences_<split>.fa and, row for row, Sequences_activity_<split>.txt."""
    for split, n in zip(("Train", "Val", "Test"), sizes, strict=True):
        rows = numbers(rng, folder.name, n, (100, 100))
        records = [(f"synthetic_{split}_{i}_+", sequence) for i, (sequence, _) in enumerate(rows)]
        write_fasta(folder / f"Sequences_{split}.fa", records)
        header = ("Dev_log2_enrichment", "Hk_log2_enrichment")
        activities = [(label["dev"], label["hk"]) for _, label in rows]
        write_table(folder / f"Sequences_activity_{split}.txt", header, activities, delimiter="\t")


def apa(folder: Path, rng: np.random.Generator, sizes: Sizes) -> None:
    """BEACON's Isoform/<split>.csv: four columns, the second the sequence, the third the proportion."""
    for name, n in zip(("train_new", "val", "test"), sizes, strict=True):
        rows = numbers(rng, folder.name, n, (80, 80))
        lines = [(i, sequence, label["value"], "synthetic") for i, (sequence, label) in enumerate(rows)]
        write_table(folder / "Isoform" / f"{name}.csv", ("", "seq", "proportion", "library"), lines)


def nrc(folder: Path, rng: np.random.Generator, sizes: Sizes) -> None:
    """Train and validation in one FASTA file, test in another; the class is the last word of a header."""
    files = {"dataset_Rfam_6320_13classes": sizes[0] + sizes[1], "dataset_Rfam_validated_2600_13classes": sizes[2]}
    for name, n in files.items():
        rows = classes(rng, folder.name, n, (40, 120), counts=(1,))
        records = [(f"synthetic_{i}_1-{len(seq)} {label}", seq) for i, (seq, [label]) in enumerate(rows)]
        write_fasta(folder / f"{name}.fasta", records)


def multirm(folder: Path, rng: np.random.Generator, sizes: Sizes) -> None:
    """BEACON's Modification/<split>.csv: sequence and label, twelve times 0 or 1."""
    for name, n in zip(("train", "val", "test"), sizes, strict=True):
        rows = [
            (sequence, " ".join(str(int(modification in label)) for modification in MODIFICATIONS))
            for sequence, label in classes(rng, folder.name, n, (61, 61), counts=(0, 1, 1, 2))
        ]
        write_table(folder / "Modification" / f"{name}.csv", ("sequence", "label"), rows)


def optimus(folder: Path, rng: np.random.Generator, sizes: Sizes) -> None:
    """GEO's library, a few of its UTRs hardly read, and the held-out random and human UTRs in MTtrans' file."""
    sets = ("random", "random", "human")
    train, *held_out = (
        [(sequence, label["value"], name) for sequence, label in numbers(rng, folder.name, n, (25, 100))]
        for n, name in zip(sizes, sets, strict=True)
    )
    held_out = [row for rows in held_out for row in rows]
    lines = [(i, i, utr, rl, "", name) for i, (utr, rl, name) in enumerate(held_out)]
    header = ("", "Unnamed: 0", "utr", "rl", "pred_stride1113", "set")
    write_table(folder / "stride11133m_MPA_V_pred.csv", header, lines)
    hardly_read = [(sequence, 0.0, "random") for sequence, _ in numbers(rng, folder.name, 5, (25, 100))]
    library = [
        *((utr, rl, name, 5_000, len(utr)) for utr, rl, name in held_out),
        *((utr, rl, name, int(rng.integers(10, 2_000)), len(utr)) for utr, rl, name in train),
        *((utr, rl, name, 9, len(utr)) for utr, rl, name in hardly_read),
    ]
    header = ("utr", "rl", "set", "total_reads", "len")
    write_table(folder / "GSM4084997_varying_length_25to100.csv", header, library)


def toehold(folder: Path, rng: np.random.Generator, sizes: Sizes) -> None:
    """What a switch is made of and how it did, all splits together; one in 40 was not measured."""
    parts = ("loop1", "switch", "loop2", "stem1", "atg", "stem2", "linker", "post_linker")
    rows = []
    for i in range(sum(sizes)):
        switch = draw(rng, "rna", 30, planted(rng, folder.name))
        trigger = reverse_complement(switch)
        made_of = CONSTANT_PARTS | {"switch": switch, "stem1": trigger[:6], "stem2": trigger[9:18]}
        pieces = [made_of[part] for part in parts]
        label = measured(rng, folder.name, "".join(pieces))
        outcome = (label["ON"], label["OFF"], round(label["ON"] - label["OFF"], 4)) if i % 40 else ("", "", "")
        rows.append(("synthetic", f"synthetic_{i}", trigger, *pieces, *outcome))
    header = ("source_sequence", "sequence_id", "trigger", *parts, "ON", "OFF", "ON_OFF")
    write_table(folder / "Toehold_Dataset_Final_2019-10-23.csv", header, rows)


def deepcrispr(folder: Path, rng: np.random.Generator, sizes: Sizes) -> None:
    """ontar/hl60.repisgt: place, guide with PAM, four epigenetic tracks, efficacy; all splits together."""
    rows = []
    for i in range(sum(sizes)):
        guide = draw(rng, "rna", 21, planted(rng, folder.name)) + "GG"
        tracks = ["".join(rng.choice(("A", "N"), len(guide))) for _ in range(4)]
        place = ("synthetic", 100 * i, 100 * i + len(guide) - 1, "+")
        rows.append((*place, guide, *tracks, measured(rng, folder.name, guide)["value"]))
    write_table(folder / "ontar" / "hl60.repisgt", (), rows, delimiter="\t")
