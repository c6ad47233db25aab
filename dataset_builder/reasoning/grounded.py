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
    rows = pa.concat_tables(pq.read_table(path) for path in paths)
    rows = rows.take(np.argsort(rank_in_turn(rows, seed)))
    wanted = min(REASONING_ROWS, len(rows) * REASONING_ROWS // (REASONING_ROWS + PLAIN_ROWS))  # 8 : 3 of fewer rows
    allowed = np.isin(rows["task"], WITHOUT_REASONING, invert=True)
    reasoned = np.flatnonzero(allowed)[:wanted]
    plain = np.setdiff1d(np.arange(len(rows)), reasoned)[:PLAIN_ROWS]
    explained = pa.Table.from_pylist([explain(row, seed) for row in rows.take(reasoned).to_pylist()], rows.schema)
    table = pa.concat_tables([explained, rows.take(plain)])
    write_parquet(table, folder / "reasoning" / "train-00000-of-00001.parquet")


def rank_in_turn(rows: pa.Table, seed: int) -> list[int]:
    """Sort key per row: its place among the rows of its task by hash, so that every task is drawn from in turn."""
    hashes = hash64(rows["id"], f"reasoning/{seed}")
    seen: dict[str, int] = {}
    keys = [0] * len(rows)
    tasks = rows["task"].to_pylist()
    for place, i in enumerate(hashes.argsort(kind="stable")):
        rank = seen.get(tasks[i], 0)
        seen[tasks[i]] = rank + 1
        keys[i] = rank * len(rows) + place
    return keys


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
