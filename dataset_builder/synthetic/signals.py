"""What the labels of synthetic rows follow: how often the words of this table are in the sequence, and noise.

Numbers and binary labels count in the finished sequence, where a word that came about by chance is worth as much as a
planted one; classes are those whose words were planted.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dataset_builder.tasks import MODIFICATIONS, NCRNA_CLASSES, TASKS


Sizes = tuple[int, int, int]  # rows of train, validation and test

LETTERS = {  # in the proportions of the human genome, of none, and of Swiss-Prot
    "dna": "AAACCGGTTT",
    "rna": "ACGT",
    "protein": "AAAAAAAARRRRRRNNNNDDDDDCQQQQEEEEEEEGGGGGGGHHIIIIIILLLLLLLLLLKKKKKKMMFFFFPPPPPSSSSSSSTTTTTWYYYVVVVVVV",
}
COMPLEMENT = str.maketrans("ACGT", "TGCA")
FLIPPED = 0.1  # share of wrong binary labels and classes, so that nothing scores 100%
CARRIERS = 0.7  # share of molecules that have their word, so that about half of all pairs have both
COPIES = 2  # of the word of each class in a sequence


@dataclass(frozen=True)
class Signal:
    """`words` and, for a regression, number = base + step * count + a normal deviate of standard deviation noise.

    Attributes:
        most: so many are planted at most in one sequence.
    """

    words: tuple[str, ...]
    most: int = 3
    base: float = 0.0
    step: float = 0.0
    noise: float = 0.0

    def count(self, sequence: str) -> int:
        """How often the words are in `sequence`, each without overlaps of its own."""
        return sum(sequence.count(word) for word in self.words)

    def number(self, rng: np.random.Generator, sequence: str) -> float:
        """The noisy number of a regression."""
        return self.base + self.step * self.count(sequence) + rng.normal(0, self.noise)

    def planted(self, rng: np.random.Generator, least: int = 0) -> list[str]:
        """From `least` to `most` of the words, to be put into one sequence."""
        return rng.choice(self.words, rng.integers(least, self.most + 1)).tolist()


def one_word_each(names: Sequence[str], words: str) -> dict[str, Signal]:
    """A signal per class."""
    return {name: Signal((word,)) for name, word in zip(names, words.split(), strict=True)}


PROMOTER = {"tata": Signal(("TATAAA",)), "notata": Signal(("GGGCGG",))}

# Task -> field, class, sub-task or molecule -> words. Those of strand-free tasks are their own reverse complements.
SIGNALS: dict[str, dict[str, Signal]] = {
    "epigenetic_marks": {"positive": Signal(("GGATCC",))},
    "enhancer_activity": {
        "hk": Signal(("TATCGATA",), most=4, base=-1, step=1.2, noise=0.6),
        "dev": Signal(("TGACGTCA",), most=4, base=-1, step=1.2, noise=0.6),
    },
    "promoter_300": PROMOTER,
    "core_promoter": PROMOTER,
    "tf_binding_human": {"positive": Signal(("CACGTG",))},
    "tf_binding_mouse": {"positive": Signal(("GAATTC",))},
    "apa_isoform": {"value": Signal(("AATAAA",), base=0.1, step=0.25, noise=0.08)},
    "ncrna_family": one_word_each(
        NCRNA_CLASSES,
        "GGTTACCA CCATGGAC TTCGAACC AGGCTTAA TGATGACG GTAGCATC CAATTGCG GCGTATAC ACAGTCTG TACCGTAG CGGAAGTT ATCTGAGC "
        "GATACGCT",
    ),
    "rna_modification": one_word_each(
        MODIFICATIONS,
        "CAGATGC GTCCATA AGTGGCA TCTTAGC GTTCAAG ACCGTCT TTGTAGA GGACTAC CCGAATG GAGCGTT TGTCGGT ATACGAC",
    ),
    "mean_ribosome_loading": {"value": Signal(("ATG",), most=5, base=8, step=-0.9, noise=0.6)},
    "rna_switches": {
        "ON": Signal(("AAT",), base=0.2, step=0.2, noise=0.08),
        "OFF": Signal(("CTCC",), base=0.1, step=0.2, noise=0.08),
    },
    "crispr_on_target": {"value": Signal(("G", "C"), most=14, base=-0.15, step=0.04, noise=0.07)},
    "ec_number": one_word_each(
        ("1.1.1.1", "2.7.11.1", "3.2.1.4", "3.4.21.4", "4.2.1.11", "5.3.1.5", "6.1.1.4"),
        "GHEWC HRDLK NEPHW GDSGG MSHRY WGGRE KMSKH",
    ),
    "protein_stability": {"value": Signal(tuple("FILVW"), most=18, base=-2, step=0.15, noise=0.35)},
    "fluorescence": {"value": Signal(("P",), base=3.7, step=-0.4, noise=0.15)},
    "solubility": {"positive": Signal(("EKEEK",))},
    "thermostability": {"value": Signal(tuple("EKR"), most=25, base=38, step=0.7, noise=2.5)},
    "antibody_antigen": {"antibody": Signal(("GYTFW",)), "antigen": Signal(("NNTRK",))},
    "rna_protein": {"rna": Signal(("GGAGGT",)), "protein": Signal(("RGGFR",))},
    "enhancer_promoter": {"enhancer": Signal(("TGACTCA",), most=5), "promoter": Signal(("CCAATCA",), most=5)},
    # The number falls with A and T in the sense strand, and by SITE_EFFECT where the sense strand is in the target.
    "sirna_efficiency": {"value": Signal(("A", "T"), most=14, base=120, step=-5, noise=7)},
}
SITE_EFFECT = -20.0


def describe() -> str:
    """The table in words, a line per signal."""
    lines = []
    for task_id, signals in SIGNALS.items():
        for name, signal in signals.items():
            effect = f": {signal.base:g} {signal.step:+g} each, ± {signal.noise:g}" if signal.step else ""
            lines.append(f"{task_id}: {name}: {' '.join(signal.words)}{effect}")
    return "\n".join([*lines, f"sirna_efficiency: {SITE_EFFECT:+g} where the target holds the site of the siRNA"])


def draw(rng: np.random.Generator, molecule: str, length: int, words: Sequence[str] = ()) -> str:
    """A random sequence with `words` in it, apart from each other.

    Raises:
        ValueError: the words do not fit.
    """
    letters = rng.choice(list(LETTERS[molecule]), length)
    width = max(map(len, words), default=1)
    for slot, word in zip(rng.permutation(length // width)[: len(words)], words, strict=True):
        letters[slot * width : slot * width + len(word)] = list(word)
    return "".join(letters)


def reverse_complement(sequence: str) -> str:
    """The other strand, read 5' to 3'."""
    return sequence.translate(COMPLEMENT)[::-1]


def flipped(rng: np.random.Generator, label: bool) -> int:
    """1 or 0, sometimes the wrong one."""
    return int(label != (rng.random() < FLIPPED))


def halves(rng: np.random.Generator, n: int) -> list[bool]:
    """n times true or false, as many of each, in random order."""
    return (rng.permutation(n) % 2 == 0).tolist()


def with_or_without(rng: np.random.Generator, signal: Signal, molecule: str, length: int, has: bool) -> str:
    """A sequence, with at least one of the words if it `has` them."""
    return draw(rng, molecule, length, signal.planted(rng, least=1) if has else ())


def binary(
    rng: np.random.Generator, signal: Signal, n: int, molecule: str, lengths: tuple[int, int]
) -> list[tuple[str, int]]:
    """(sequence, label) of n rows, the lengths between the two (included), about half of them positive."""
    rows = []
    for has in halves(rng, n):
        sequence = with_or_without(rng, signal, molecule, rng.integers(*lengths, endpoint=True), has)
        rows.append((sequence, flipped(rng, signal.count(sequence) > 0)))
    return rows


def planted(rng: np.random.Generator, task_id: str) -> list[str]:
    """Words of all of a task's signals, to be put into one sequence."""
    return [word for signal in SIGNALS[task_id].values() for word in signal.planted(rng)]


def numbers(rng: np.random.Generator, task_id: str, n: int, lengths: tuple[int, int]) -> list[tuple[str, dict]]:
    """(sequence, number by field) of n rows of a regression."""
    rows = []
    for _ in range(n):
        length = rng.integers(*lengths, endpoint=True)
        sequence = draw(rng, TASKS[task_id].molecules[0], length, planted(rng, task_id))
        rows.append((sequence, measured(rng, task_id, sequence)))
    return rows


def measured(rng: np.random.Generator, task_id: str, sequence: str) -> dict[str, float]:
    """The noisy number of every field that has a signal, within the field's range."""
    fields = {field.name: field for field in TASKS[task_id].fields}
    return {
        name: round(float(np.clip(signal.number(rng, sequence), fields[name].low, fields[name].high)), 4)
        for name, signal in SIGNALS[task_id].items()
    }


def classes(
    rng: np.random.Generator, task_id: str, n: int, lengths: tuple[int, int], counts: tuple[int, ...]
) -> list[tuple[str, list[str]]]:
    """(sequence, sorted classes) of n rows; `counts`: how many classes a row may have, each as likely.

    The first classes are taken in turn, so that every one has its share; some rows are given a wrong one instead.
    """
    signals = SIGNALS[task_id]
    names = list(signals)
    rows = []
    for i in range(n):
        others = rng.permutation([name for name in names if name != names[i % len(names)]]).tolist()
        chosen = [names[i % len(names)], *others][: rng.choice(counts)]
        words = [word for name in chosen for word in signals[name].words * COPIES]
        sequence = draw(rng, TASKS[task_id].molecules[0], rng.integers(*lengths, endpoint=True), words)
        if chosen and rng.random() < FLIPPED:
            chosen[0] = others[-1]
        rows.append((sequence, sorted(set(chosen))))
    return rows
