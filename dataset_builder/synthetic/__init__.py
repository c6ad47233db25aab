"""Small made-up upstream files of every task and corpus in their real layouts, to try the project without real data.

    write(Path("sources"))            # as `python -m dataset_builder synthetic --out sources` does

What the labels follow is the table in signals.py; the other modules know how each upstream lays out its files.
"""

import shutil
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

from dataset_builder.build import SYNTHETIC, replace
from dataset_builder.files import SourceError
from dataset_builder.synthetic import corpora, nucleotides, pairs, proteins
from dataset_builder.synthetic.signals import FLIPPED, Sizes, describe


NOTICE = """\
The files of this folder are SYNTHETIC: random letters with planted words, written by
`python -m dataset_builder synthetic` (rows {rows}, seed {seed}) in the layouts of the real upstream files. They hold
no biological measurement. Models trained on them, and scores measured on them, say nothing about biology.

What the labels follow, by task: a binary label is positive where a word is in the sequence, of a pair where both
molecules have theirs; a class is given where its word is. {flipped:.0%} of these labels are wrong on purpose. A number
is a base, a step for each time that a word is there, and normal noise of the standard deviation given.

{signals}
"""
LEAST_ROWS = 50

LAYOUTS: dict[str, Callable[[Path, np.random.Generator, Sizes], None]] = {
    "epigenetic_marks": nucleotides.gue,
    "enhancer_activity": nucleotides.deepstarr,
    "promoter_300": nucleotides.gue_promoters,
    "core_promoter": nucleotides.gue_promoters,
    "tf_binding_human": nucleotides.gue,
    "tf_binding_mouse": nucleotides.gue,
    "apa_isoform": nucleotides.apa,
    "ncrna_family": nucleotides.nrc,
    "rna_modification": nucleotides.multirm,
    "mean_ribosome_loading": nucleotides.optimus,
    "rna_switches": nucleotides.toehold,
    "crispr_on_target": nucleotides.deepcrispr,
    "ec_number": proteins.deepfri,
    "protein_stability": proteins.rocklin,
    "fluorescence": proteins.sarkisyan,
    "solubility": proteins.deepsol,
    "thermostability": proteins.flip,
    "antibody_antigen": pairs.deepaai,
    "rna_protein": pairs.rpiter,
    "enhancer_promoter": pairs.epi_dlmh,
    "sirna_efficiency": pairs.sais_sirna,
    "pretrain_dna": corpora.grch38,
    "pretrain_rna": corpora.rnacentral,
    "pretrain_protein": corpora.uniref50,
}


def write(root: Path, rows: int = 200, seed: int = 0) -> None:
    """Write <root>/<task or corpus>/<upstream path> for all 21 tasks and three corpora, and SYNTHETIC.txt.

    The bytes depend on `rows` and `seed` alone. A folder written earlier is replaced, nothing else ever is.

    Args:
        rows: training rows per task and records per corpus, about; validation and test have a quarter of it each.

    Raises:
        SourceError: `rows` is less than 50, or `root` is something else's.
    """
    if rows < LEAST_ROWS:
        raise SourceError(f"--rows {rows}: at least {LEAST_ROWS} are needed for every split to get some")
    if root.exists() and not (root / SYNTHETIC).is_file() and (not root.is_dir() or any(root.iterdir())):
        raise SourceError(f"{root} is there and holds no {SYNTHETIC}: not written by this command; choose another")
    partial = root.with_name(f".{root.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    sizes = (rows, rows // 4, rows // 4)
    for name, layout in LAYOUTS.items():
        folder = partial / name
        folder.mkdir(parents=True)
        layout(folder, np.random.default_rng([seed, zlib.crc32(name.encode())]), sizes)
    notice = NOTICE.format(rows=rows, seed=seed, flipped=FLIPPED, signals=describe())
    (partial / SYNTHETIC).write_text(notice, encoding="utf-8")
    replace(partial, root)
