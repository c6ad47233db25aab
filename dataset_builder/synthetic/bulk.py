"""Random sequences by the million, as long as the real ones, and FASTA files of any size."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import numpy as np

from dataset_builder.synthetic.signals import LETTERS


# Letters of a sequence: one number; the least and the most, all as likely; or least, quartiles and most.
Lengths = tuple[int, ...]
LENGTHS: dict[str, Lengths] = {
    "epigenetic_marks": (500,),
    "enhancer_activity": (249,),
    "promoter_300": (300,),
    "core_promoter": (70,),
    "tf_binding_human": (101,),
    "tf_binding_mouse": (101,),
    "apa_isoform": (186,),
    "ncrna_family": (38, 99, 130, 174, 770),
    "rna_modification": (1_001,),
    "mean_ribosome_loading": (25, 100),
    "switch": (30,),
    "guide": (21,),
    "ec_number": (60, 186, 360, 483, 1_000),
    "protein_stability": (43, 50),
    "avGFP": (237,),
    "solubility": (27, 150, 270, 420, 1_697),
    "thermostability": (100, 280, 420, 650, 2_000),
    "antibody": (193, 234, 240, 247, 271),
    "virus": (714, 849, 856, 862, 912),
    "rna of a pair": (15, 300, 1_500, 2_500, 3_400),
    "protein of a pair": (60, 130, 400, 800, 3_300),
    "promoter": (2_000,),
    "enhancer": (3_000,),
    "siRNA": (19, 21),
    "target": (400, 1_500, 2_500, 4_000, 8_000),
    "UniRef50": (20, 130, 250, 430, 10_000),
}
EXTREME = 3.7  # standard deviations from the mean to the least and to the most of some thousand

TABLES = {  # a byte -> a letter
    molecule: "".join(letters[i * len(letters) // 256] for i in range(256)).encode()
    for molecule, letters in LETTERS.items()
}
ROWS_AT_ONCE = 20_000

WIDTH = 60  # letters on a line
LINES_AT_ONCE = 50_000
BLOCKS_PER_CHROMOSOME = 17  # of two times as many lines: about 100 Mb
GAP_LINES = 500
HEADER = b">UniRef50_synthetic%d synthetic protein n=1 Tax=synthetic construct TaxID=32630 RepID=synthetic%d\n"


def sequences(rng: np.random.Generator, molecule: str, lengths: Lengths, n: int) -> Iterator[str]:
    """n random sequences."""
    for start in range(0, n, ROWS_AT_ONCE):
        ends = np.cumsum(draw_lengths(rng, lengths, min(ROWS_AT_ONCE, n - start))).tolist()
        letters = rng.bytes(ends[-1]).translate(TABLES[molecule]).decode("ascii")
        yield from (letters[first:end] for first, end in zip([0, *ends], ends, strict=False))


def draw_lengths(rng: np.random.Generator, lengths: Lengths, n: int) -> np.ndarray:
    """n lengths (int64); between two quantiles they are log-normal."""
    if len(lengths) < 5:
        return rng.integers(lengths[0], lengths[-1], n, endpoint=True)
    quantiles = [-EXTREME, -0.6745, 0, 0.6745, EXTREME]
    return np.exp(np.interp(rng.standard_normal(n), quantiles, np.log(lengths))).round().astype(np.int64)


def labels(rng: np.random.Generator, n: int) -> list[int]:
    """0 and 1, as many of either."""
    return rng.integers(0, 2, n).tolist()


def numbers(rng: np.random.Generator, n: int, low: float, high: float) -> list[float]:
    """Numbers of a regression with four decimals."""
    return rng.uniform(low, high, n).round(4).tolist()


def parts(n: int, k: int) -> list[int]:
    """n in k numbers that differ by one at most."""
    return [n * (i + 1) // k - n * i // k for i in range(k)]


def write_genome(path: Path, size: int) -> None:
    """A FASTA file of `size` bytes or little more, as GRCh38: long chromosomes with a gap, half of it soft-masked."""
    rng = np.random.default_rng(0)
    with open(path, "wb") as stream:
        for number in count(1):
            stream.write(b">chr%d synthetic\n" % number + (b"N" * WIDTH + b"\n") * GAP_LINES)
            for _ in range(BLOCKS_PER_CHROMOSOME):
                stream.write(lines(rng, "dna", LINES_AT_ONCE) + lines(rng, "dna", LINES_AT_ONCE).lower())
                if stream.tell() >= size:
                    return


def write_proteins(path: Path, size: int) -> None:
    """A FASTA file of `size` bytes or little more, with headers and lengths such as those of UniRef50."""
    rng = np.random.default_rng(0)
    with open(path, "wb") as stream:
        for first in count(0, ROWS_AT_ONCE):
            lengths = draw_lengths(rng, LENGTHS["UniRef50"], ROWS_AT_ONCE)
            ends = np.cumsum(-(-lengths // WIDTH)) * (WIDTH + 1)  # of the last line of each
            text = lines(rng, "protein", ends[-1] // (WIDTH + 1))
            starts = [0, *ends.tolist()]
            stops = starts[:-1] + lengths + (lengths - 1) // WIDTH
            for i, (start, stop) in enumerate(zip(starts, stops.tolist(), strict=False), first):
                stream.write(HEADER % (i, i) + text[start:stop] + b"\n")
            if stream.tell() >= size:
                return


def lines(rng: np.random.Generator, molecule: str, n: int) -> bytes:
    """n lines of random letters."""
    letters = np.frombuffer(rng.bytes(n * WIDTH).translate(TABLES[molecule]), dtype=np.uint8)
    return np.pad(letters.reshape(n, WIDTH), ((0, 0), (0, 1)), constant_values=ord("\n")).tobytes()
