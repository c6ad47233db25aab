"""Upstream files of all 21 tasks as large as the real ones, to measure a build with.

    write(Path("sources"))            # about 1.5 GB, 3,330,232 rows of train among them; share=0.01 for a hundredth

Row counts are those of Table 2, lengths those of the real files; letters and labels are random and follow nothing. Of
rows that no split takes there are fewer than in the real files: five negatives per positive pair in enhancer_promoter
(20 in the real ones), no switch without a measurement, no UTR that was hardly read.
"""

import shutil
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

from dataset_builder.build import SYNTHETIC, replace
from dataset_builder.sources.epi_dlmh import SIZES
from dataset_builder.sources.toehold import PARTS
from dataset_builder.synthetic.bulk import LENGTHS, labels, numbers, parts, sequences
from dataset_builder.synthetic.nucleotides import CONSTANT_PARTS, GUE_SPLITS, gue_folder
from dataset_builder.synthetic.pairs import SAIS_COLUMNS, distinct_pairs
from dataset_builder.synthetic.proteins import mutate, with_parents
from dataset_builder.synthetic.signals import Sizes, reverse_complement
from dataset_builder.synthetic.writers import write_fasta, write_table, write_text, write_workbook
from dataset_builder.tasks import CELL_LINES, MODIFICATIONS, NCRNA_CLASSES, TASKS


NOTICE = "The files of this folder are SYNTHETIC: random letters and labels at {share:g} of the sizes of Table 2.\n"

TATA_SHARE = 4_904 / 47_356  # of the promoters
SEEN, UNSEEN, VIRUSES = 209, 45, 940  # antibodies of train and validation, of test; HIV strains
RNAS, PROTEINS = 4_636, 449
NEGATIVES = 5
TARGETS = 3_000


def gue(folder: Path, rng: np.random.Generator, sizes: Sizes) -> None:
    """{train,dev,test}.csv of every sub-task, all as large."""
    subtasks = TASKS[folder.name].subtasks
    for split, n in zip(GUE_SPLITS, sizes, strict=True):
        for subtask, rows in zip(subtasks, parts(n, len(subtasks)), strict=True):
            texts = sequences(rng, "dna", LENGTHS[folder.name], rows)
            table = zip(texts, labels(rng, rows), strict=True)
            write_table(gue_folder(folder, subtask) / f"{split}.csv", ("sequence", "label"), table)


def gue_promoters(folder: Path, rng: np.random.Generator, sizes: Sizes) -> None:
    """As `gue`, but `all` is the union of `notata` and `tata`."""
    for split, n in zip(GUE_SPLITS, sizes, strict=True):
        tata = round(n / 2 * TATA_SHARE)
        texts = list(sequences(rng, "dna", LENGTHS[folder.name], n // 2))
        rows = list(zip(texts, labels(rng, n // 2), strict=True))
        for subtask, part in (("all", rows), ("notata", rows[tata:]), ("tata", rows[:tata])):
            write_table(gue_folder(folder, subtask) / f"{split}.csv", ("sequence", "label"), part)


def deepstarr(folder: Path, rng: np.random.Generator, sizes: Sizes) -> None:
    """Sequences_<split>.fa and, row for row, Sequences_activity_<split>.txt."""
    for split, n in zip(("Train", "Val", "Test"), sizes, strict=True):
        texts = sequences(rng, "dna", LENGTHS[folder.name], n)
        write_fasta(folder / f"Sequences_{split}.fa", ((f"synthetic_{i}_+", text) for i, text in enumerate(texts)))
        activities = zip(numbers(rng, n, -3, 6), numbers(rng, n, -3, 6), strict=True)
        header = ("Dev_log2_enrichment", "Hk_log2_enrichment")
        write_table(folder / f"Sequences_activity_{split}.txt", header, activities, delimiter="\t")


def apa(folder: Path, rng: np.random.Generator, sizes: Sizes) -> None:
    """BEACON's Isoform/<split>.csv."""
    for name, n in zip(("train_new", "val", "test"), sizes, strict=True):
        texts = sequences(rng, "rna", LENGTHS[folder.name], n)
        rows = zip(range(n), texts, numbers(rng, n, 0, 1), ["synthetic"] * n, strict=True)
        write_table(folder / "Isoform" / f"{name}.csv", ("", "seq", "proportion", "library"), rows)


def nrc(folder: Path, rng: np.random.Generator, sizes: Sizes) -> None:
    """Train and validation in one FASTA file, test in another; the classes in turn."""
    files = {"dataset_Rfam_6320_13classes": sizes[0] + sizes[1], "dataset_Rfam_validated_2600_13classes": sizes[2]}
    for name, n in files.items():
        texts = enumerate(sequences(rng, "rna", LENGTHS[folder.name], n))
        records = ((f"synthetic_{i} {NCRNA_CLASSES[i % len(NCRNA_CLASSES)]}", text) for i, text in texts)
        write_fasta(folder / f"{name}.fasta", records)


def multirm(folder: Path, rng: np.random.Generator, sizes: Sizes) -> None:
    """BEACON's Modification/<split>.csv; a row has one modification or none."""
    flags = [" ".join(str(int(i == j)) for j in range(len(MODIFICATIONS))) for i in range(len(MODIFICATIONS) + 1)]
    for name, n in zip(("train", "val", "test"), sizes, strict=True):
        texts = sequences(rng, "rna", LENGTHS[folder.name], n)
        rows = zip(texts, rng.choice(flags, n).tolist(), strict=True)
        write_table(folder / "Modification" / f"{name}.csv", ("sequence", "label"), rows)


def optimus(folder: Path, rng: np.random.Generator, sizes: Sizes) -> None:
    """GEO's library and, in MTtrans' file, the held-out random and human UTRs of it."""
    sets = ("random", "random", "human")
    train, *held_out = (
        [*zip(sequences(rng, "rna", LENGTHS[folder.name], n), numbers(rng, n, 2, 9), [name] * n, strict=True)]
        for n, name in zip(sizes, sets, strict=True)
    )
    held_out = [row for rows in held_out for row in rows]
    header = ("", "Unnamed: 0", "utr", "rl", "pred_stride1113", "set")
    lines = ((i, i, utr, rl, rl, name) for i, (utr, rl, name) in enumerate(held_out))
    write_table(folder / "stride11133m_MPA_V_pred.csv", header, lines)
    header = ("utr", "rl", "set", "total_reads", "len")
    lines = ((utr, rl, name, 1_000, len(utr)) for utr, rl, name in held_out + train)
    write_table(folder / "GSM4084997_varying_length_25to100.csv", header, lines)


def toehold(folder: Path, rng: np.random.Generator, sizes: Sizes) -> None:
    """What a switch is made of and how it did, all splits together."""
    n = sum(sizes)
    measured = zip(numbers(rng, n, 0, 1), numbers(rng, n, 0, 1), strict=True)
    header = ("source_sequence", "sequence_id", "trigger", *PARTS, "ON", "OFF", "ON_OFF")
    rows = []
    for i, (switch, (on, off)) in enumerate(zip(sequences(rng, "rna", LENGTHS["switch"], n), measured, strict=True)):
        trigger = reverse_complement(switch)
        made_of = CONSTANT_PARTS | {"switch": switch, "stem1": trigger[:6], "stem2": trigger[9:18]}
        pieces = [made_of[part] for part in PARTS]
        rows.append(("synthetic", f"synthetic_{i}", trigger, *pieces, on, off, round(on - off, 4)))
    write_table(folder / "Toehold_Dataset_Final_2019-10-23.csv", header, rows)


def deepcrispr(folder: Path, rng: np.random.Generator, sizes: Sizes) -> None:
    """ontar/hl60.repisgt, all splits together; none of the epigenetic tracks has a signal."""
    n = sum(sizes)
    guides = zip(sequences(rng, "rna", LENGTHS["guide"], n), numbers(rng, n, 0, 1), strict=True)
    rows = [
        ("synthetic", 100 * i, 100 * i + 22, "+", f"{guide}GG", *["N" * 23] * 4, efficacy)
        for i, (guide, efficacy) in enumerate(guides)
    ]
    write_table(folder / "ontar" / "hl60.repisgt", (), rows, delimiter="\t")


def deepfri(folder: Path, rng: np.random.Generator, sizes: Sizes) -> None:
    """The annotations (each number and its parent), a list of chains per split, and their FASTA files."""
    ec_numbers = [
        f"{i}.{j}.{k}.{m}" for i in range(1, 8) for j in range(1, 5) for k in range(1, 5) for m in (1, 2, 11)
    ]
    annotations, records = [], {}
    for split, n in zip(("train", "valid", "test"), sizes, strict=True):
        chains = [f"synthetic_{split}_{i}-A" for i in range(n)]
        texts = sequences(rng, "protein", LENGTHS[folder.name], n)
        write_text(folder / f"nrPDB-EC_2020.04_{split}.txt", "".join(f"{chain}\n" for chain in chains))
        records[split] = [(f"{chain} nrPDB_{split}", text) for chain, text in zip(chains, texts, strict=True)]
        chosen = rng.choice(ec_numbers, n).tolist()
        annotations += [(chain, ",".join(with_parents([ec]))) for chain, ec in zip(chains, chosen, strict=True)]
    write_fasta(folder / "nrPDB-EC_2020.04_sequences.fasta", records["train"] + records["valid"])
    write_fasta(folder / "nrPDB-EC_2020.04_test_sequences.fasta", records["test"])
    head = [("### EC-numbers",), with_parents(ec_numbers), ("### PDB-chain", "EC-numbers")]
    write_table(folder / "nrPDB-EC_2020.04_annot.tsv", (), [*head, *annotations], delimiter="\t")


def rocklin(folder: Path, rng: np.random.Generator, sizes: Sizes) -> None:
    """stability.<split>.csv."""
    for split, n in zip(("train", "valid", "test"), sizes, strict=True):
        rows = zip(sequences(rng, "protein", LENGTHS[folder.name], n), numbers(rng, n, -2, 3), strict=True)
        write_table(folder / f"stability.{split}.csv", ("seq", "label"), rows)


def sarkisyan(folder: Path, rng: np.random.Generator, sizes: Sizes) -> None:
    """Genotypes of a made-up protein, four to eight mutations for the test; the sequences of validation."""
    [wild_type] = sequences(rng, "protein", LENGTHS["avGFP"], 1)
    wild_type = wild_type.replace("P", "A")  # as every other mutation is to proline
    proteins = "avGFP_amacGFP_cgreGFP_ppluGFP2__protein_sequences.fasta"
    write_fasta(folder / proteins, [("avGFP synthetic", f"M{wild_type}")])
    development, test = sizes[0] + sizes[1], sizes[2]
    variants = {"wt": wild_type}
    for mutations, wanted in (((2, 3), development), ((4, 8), development + test)):
        while len(variants) < wanted:
            genotype, sequence = mutate(rng, wild_type, rng.integers(*mutations, endpoint=True))
            variants[genotype] = sequence
    rows = [
        (genotype, 1, brightness, "")
        for genotype, brightness in zip(variants, numbers(rng, len(variants), 1, 4), strict=True)
    ]
    header = ("aaMutations", "uniqueBarcodes", "medianBrightness", "std")
    write_table(folder / "amino_acid_genotypes_to_brightness.tsv", header, rows, delimiter="\t")
    held_out = [(variants[genotype], brightness) for genotype, _, brightness, _ in rows[1 : 1 + sizes[1]]]
    write_table(folder / "fluorescence.valid.csv", ("seq", "label"), held_out)


def deepsol(folder: Path, rng: np.random.Generator, sizes: Sizes) -> None:
    """<split>_src, a protein per line, and <split>_tgt, its label."""
    for split, n in zip(("train", "val", "test"), sizes, strict=True):
        texts = sequences(rng, "protein", LENGTHS[folder.name], n)
        for name, column in (("src", texts), ("tgt", labels(rng, n))):
            write_text(folder / f"{split}_{name}", "".join(f"{value}\n" for value in column))


def flip(folder: Path, rng: np.random.Generator, sizes: Sizes) -> None:
    """human_cell.csv; validation rows are training rows that are marked."""
    rows = []
    for n, (name, mark) in zip(sizes, (("train", ""), ("train", "True"), ("test", "")), strict=True):
        texts = sequences(rng, "protein", LENGTHS[folder.name], n)
        rows += zip(texts, numbers(rng, n, 38, 68), [name] * n, [mark] * n, strict=True)
    write_table(folder / "human_cell.csv", ("sequence", "target", "set", "validation"), rows)


def deepaai(folder: Path, rng: np.random.Generator, sizes: Sizes) -> None:
    """The workbook of pairs and, per split, the numbers of its rows; the antibodies of the test are nowhere else."""
    viruses = list(sequences(rng, "protein", LENGTHS["virus"], VIRUSES))
    rows = []
    for name, n, count in (("seen", sizes[0] + sizes[1], SEEN), ("unseen", sizes[2], UNSEEN)):
        antibodies = list(sequences(rng, "protein", LENGTHS["antibody"], count))
        pairs = zip(distinct_pairs(rng, count, VIRUSES, n), labels(rng, n), strict=True)
        rows += [(antibodies[i], viruses[j], label, name) for (i, j), label in pairs]
    write_workbook(folder / "dataset_hiv_cls.xlsx", [("antibody_seq", "virus_seq", "label", "split"), *rows])
    places = np.split(np.arange(len(rows)), np.cumsum(sizes)[:2])
    for name, index in zip(("train_seen", "valid_seen", "test_unseen"), places, strict=True):
        np.save(folder / f"seed_0_{name}_index.npy", index.astype(np.int64))


def rpiter(folder: Path, rng: np.random.Generator, sizes: Sizes) -> None:
    """NPInter_pairs.txt (protein, RNA, label) and the sequences of either; RNA is written with U."""
    n = sum(sizes)
    pairs = zip(distinct_pairs(rng, PROTEINS, RNAS, n), labels(rng, n), strict=True)
    rows = ((f"synthetic_p{i}", f"synthetic_n{j}", label) for (i, j), label in pairs)
    write_table(folder / "NPInter_pairs.txt", (), rows, delimiter="\t")
    proteins = enumerate(sequences(rng, "protein", LENGTHS["protein of a pair"], PROTEINS))
    write_fasta(folder / "NPInter_protein_seq.fa", ((f"synthetic_p{i}", text) for i, text in proteins))
    rnas = enumerate(sequences(rng, "rna", LENGTHS["rna of a pair"], RNAS))
    write_fasta(folder / "NPInter_rna_seq.fa", ((f"synthetic_n{j}", text.replace("T", "U")) for j, text in rnas))


def epi_dlmh(folder: Path, rng: np.random.Generator, sizes: Sizes) -> None:
    """<cell>/imbltrain/ of every cell line: enhancers, promoters and labels, row for row."""
    for cell, positives in zip(CELL_LINES, parts(sum(sizes) // 2, len(CELL_LINES)), strict=True):
        place, n = folder / cell / "imbltrain", positives * (1 + NEGATIVES)
        for name in ("enhancer", "promoter"):
            records = (
                (f"synthetic_{cell}_{i}", text) for i, text in enumerate(sequences(rng, "dna", LENGTHS[name], n))
            )
            write_fasta(place / f"{cell}_{name}s.fasta", records, width=LENGTHS[name][0])
        positive = rng.permutation(n) < positives
        write_text(place / f"{cell}labels.txt", "".join(f"{label:d}\n" for label in positive.tolist()))


def sais_sirna(folder: Path, rng: np.random.Generator, sizes: Sizes) -> None:
    """The competition's CSV, all splits together; siRNA is written with U, its target with T."""
    n = sum(sizes)
    targets = list(sequences(rng, "rna", LENGTHS["target"], TARGETS))
    chosen, remaining = rng.integers(0, TARGETS, n).tolist(), numbers(rng, n, 0, 100)
    rows = []
    for i, sense in enumerate(sequences(rng, "rna", LENGTHS["siRNA"], n)):
        strands = [strand.replace("T", "U") for strand in (sense, reverse_complement(sense))]
        row = dict.fromkeys(SAIS_COLUMNS, "synthetic") | {
            "id": i,
            "siRNA_sense_seq": strands[0],
            "siRNA_antisense_seq": strands[1],
            "modified_siRNA_sense_seq_list": " ".join(strands[0]),
            "modified_siRNA_antisense_seq_list": " ".join(strands[1]),
            "gene_target_seq": targets[chosen[i]],
            "mRNA_remaining_pct": remaining[i],
        }
        rows.append(row.values())
    write_table(folder / "siRNA_Open_Dataset_for_Drug_Discovery_1.0.csv", SAIS_COLUMNS, rows)


LAYOUTS: dict[str, Callable[[Path, np.random.Generator, Sizes], None]] = {
    "epigenetic_marks": gue,
    "enhancer_activity": deepstarr,
    "promoter_300": gue_promoters,
    "core_promoter": gue_promoters,
    "tf_binding_human": gue,
    "tf_binding_mouse": gue,
    "apa_isoform": apa,
    "ncrna_family": nrc,
    "rna_modification": multirm,
    "mean_ribosome_loading": optimus,
    "rna_switches": toehold,
    "crispr_on_target": deepcrispr,
    "ec_number": deepfri,
    "protein_stability": rocklin,
    "fluorescence": sarkisyan,
    "solubility": deepsol,
    "thermostability": flip,
    "antibody_antigen": deepaai,
    "rna_protein": rpiter,
    "enhancer_promoter": epi_dlmh,
    "sirna_efficiency": sais_sirna,
}


def sizes_of(task_id: str, share: float) -> Sizes:
    """Rows of train, validation and test in the files: those of Table 2, or what its source module takes for it."""
    table2 = SIZES if task_id == "enhancer_promoter" else TASKS[task_id].table2
    return tuple(max(round(n * share), 1) for n in table2)


def write(root: Path, share: float = 1.0) -> None:
    """Write <root>/<task>/<upstream path> for all 21 tasks, and SYNTHETIC.txt; nothing where that was done before.

    Args:
        share: of the rows of Table 2.
    """
    notice = NOTICE.format(share=share)
    if (root / SYNTHETIC).is_file() and (root / SYNTHETIC).read_text(encoding="utf-8") == notice:
        return
    partial = root.with_name(f".{root.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    for task_id, layout in LAYOUTS.items():
        folder = partial / task_id
        folder.mkdir(parents=True)
        layout(folder, np.random.default_rng(zlib.crc32(task_id.encode())), sizes_of(task_id, share))
    (partial / SYNTHETIC).write_text(notice, encoding="utf-8")
    replace(partial, root)
