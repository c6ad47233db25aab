"""Stage-3 rows without a model: facts computed from the sequences, then the labelled conclusion.

Every number in these answers is measured on the sequence of the row, the answers say that such properties of a whole
sequence are weak evidence, and the conclusion is the row's own answer. Sizes follow the paper (3.2.3 and 4.3):
8,000 reasoning rows from validation over 19 tasks and 3,000 plain ones, drawn by hash, every task in turn.
"""

import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from dataset_builder.hashing import hash64
from dataset_builder.shards import write_parquet
from dataset_builder.tags import TAGGED
from dataset_builder.tasks import REASONING_SYSTEM_PROMPT


REASONING_ROWS, PLAIN_ROWS = 8_000, 3_000
WITHOUT_REASONING = ("antibody_antigen", "rna_protein")  # left out to study transfer (paper, section 3.2.3)

OPENINGS = (
    "Let me look at the {molecules} before answering.",
    "I start with what can be measured on the {molecules} itself.",
    "First the facts that the {molecules} gives directly.",
)
LINKS = (
    "Whole-sequence properties like these are weak evidence on their own; taken together with the pattern of the "
    "sequence they lead to this conclusion.",
    "None of these numbers decides the question alone, so the conclusion also rests on the order of the letters.",
    "These properties frame the answer but do not prove it; weighing them with the sequence as a whole:",
)


def build_reasoning(folder: Path, seed: int) -> None:
    """reasoning/train from data/*/validation of the dataset folder; nothing where there is no such file."""
    paths = sorted((folder / "data").glob("*/validation-*.parquet"))
    if not paths:
        return
    keys = [pq.read_table(path, columns=["id", "task"]) for path in paths]
    rows = pa.concat_tables(keys)
    order = np.argsort(rank_in_turn(rows, seed))
    wanted = min(REASONING_ROWS, len(rows) * REASONING_ROWS // (REASONING_ROWS + PLAIN_ROWS))  # 8 : 3 of fewer rows
    allowed = np.isin(rows["task"], WITHOUT_REASONING, invert=True)[order]
    reasoned = np.flatnonzero(allowed)[:wanted]
    plain = np.delete(np.arange(len(rows)), reasoned)[:PLAIN_ROWS]
    chosen = take(paths, [len(part) for part in keys], order[np.concatenate([reasoned, plain])])
    explained = [explain(row, seed) for row in chosen.slice(0, len(reasoned)).to_pylist()]
    table = pa.concat_tables([pa.Table.from_pylist(explained, chosen.schema), chosen.slice(len(reasoned))])
    write_parquet(table, folder / "reasoning" / "train-00000-of-00001.parquet")


def take(paths: list[Path], lengths: list[int], indices: np.ndarray) -> pa.Table:
    """The rows at `indices` of all files as one table, in that order; one file at a time is in memory."""
    parts, places, start = [], [], 0
    for path, length in zip(paths, lengths, strict=True):
        here = np.flatnonzero((indices >= start) & (indices < start + length))
        parts.append(pq.read_table(path).take(pa.array(indices[here] - start)))
        places.append(here)
        start += length
    return pa.concat_tables(parts).take(pa.array(np.argsort(np.concatenate(places))))


def rank_in_turn(rows: pa.Table, seed: int) -> np.ndarray:
    """Sort key per row: its place among the rows of its task by hash, so that every task is drawn from in turn."""
    hashes = hash64(rows["id"], f"reasoning/{seed}")
    tasks = np.unique(rows["task"].to_numpy(zero_copy_only=False), return_inverse=True)[1]
    order = np.lexsort((hashes, tasks))
    counts = np.bincount(tasks)
    rank = np.empty(len(rows), dtype=np.int64)
    rank[order] = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    place = np.empty(len(rows), dtype=np.int64)
    place[np.argsort(hashes, kind="stable")] = np.arange(len(rows))
    return rank * len(rows) + place


def explain(row: dict, seed: int) -> dict:
    """The row with the reasoning system prompt and an answer that shows the facts before the conclusion."""
    question = row["prompt"][-1]["content"]
    conclusion = row["completion"][0]["content"]
    draw = int(hash64(pa.array([row["id"]]), f"wording/{seed}")[0])
    sequences = TAGGED.findall(question)
    molecules = " and ".join(molecule.upper().replace("PROTEIN", "protein") for molecule, _ in sequences)
    facts = "\n".join(f"- {fact}" for molecule, sequence in sequences for fact in measure(molecule, sequence))
    opening = OPENINGS[draw % len(OPENINGS)].format(molecules=f"{molecules} sequence{'s' * (len(sequences) > 1)}")
    answer = f"{opening}\n{facts}\n{LINKS[draw // 7 % len(LINKS)]}\n{conclusion}"
    return row | {
        "id": f"reasoning/{row['id']}",
        "prompt": [{"role": "system", "content": REASONING_SYSTEM_PROMPT}, {"role": "user", "content": question}],
        "completion": [{"role": "assistant", "content": answer}],
    }


def measure(molecule: str, sequence: str) -> list[str]:
    """Sentences of measured facts about one sequence; percentages have one decimal."""
    from Bio.SeqUtils import gc_fraction
    from Bio.SeqUtils.ProtParam import ProteinAnalysis

    if molecule == "protein":
        standard = re.sub("[^ACDEFGHIKLMNPQRSTVWY]", "", sequence)
        facts = [f"The protein has {len(sequence)} residues."]
        if standard:
            protein = ProteinAnalysis(standard)
            facts.append(f"Its mean hydropathy (GRAVY) is {protein.gravy():.2f}.")
            facts.append(f"Its net charge at pH 7 is {protein.charge_at_pH(7.0):.1f}.")
        return facts
    facts = [f"The {molecule.upper()} is {len(sequence)} nucleotides long."]
    facts.append(f"Its GC content is {100 * gc_fraction(sequence, ambiguous='ignore'):.1f}%.")
    if molecule == "dna":
        facts.append(f"It holds {sequence.count('CG')} CpG dinucleotides.")
    else:
        facts.append(f"It holds {sequence.count('ATG')} AUG triplets.")
    return facts
