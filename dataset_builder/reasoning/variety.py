"""How varied argued answers are: words, distinct-n and self-BLEU, in groups of equal size so that they compare.

Both measures depend on how many texts there are, so answers are taken in threes: the paper shows three (Tables 11-13).
"""

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dataset_builder.diversity import distinct, self_bleu


GROUP, GROUPS = 3, 200


def variety(groups: list[list[str]]) -> dict[str, float]:
    """Means over groups of answers.

    Returns:
        words: in an answer; distinct_1 to distinct_3: distinct n-grams of words / all of them; self_bleu: 0 to 100, of
        each answer against the others of its group, lower is more varied.
    """
    split = [[words(text) for text in group] for group in groups]
    found = {"words": np.mean([len(text) for group in split for text in group])}
    found |= {f"distinct_{n}": np.mean([distinct(group, n) for group in split]) for n in (1, 2, 3)}
    found["self_bleu"] = np.mean([self_bleu(group) for group in split])
    return {name: float(value) for name, value in found.items()}


def words(text: str) -> list[str]:
    """Words and numbers in lower case."""
    return re.findall(r"[\w'’/°%.-]*\w%?", text.lower())


def report(rows: pa.Table) -> str:
    """Two lines: threes of different tasks, as rows come in turn, and threes of one task; nothing for fewer rows."""
    argued = rows.filter(pc.starts_with(rows["id"], "reasoning/"))
    by_task = np.argsort(argued["task"].to_numpy(zero_copy_only=False), kind="stable")
    lines = []
    for name, order in (("different tasks", np.arange(len(argued))), ("one task", by_task)):
        threes = order[: len(order) // GROUP * GROUP].reshape(-1, GROUP)
        groups = [[text(argued, i) for i in three] for three in threes[:: max(1, len(threes) // GROUPS)]]
        if groups:
            shown = "  ".join(f"{key} {value:.2f}" for key, value in variety(groups).items())
            lines.append(f"variety in threes of {name}: {shown}")
    return "\n".join(lines)


def text(rows: pa.Table, i: int) -> str:
    """The answer of a row."""
    return rows["completion"][int(i)].as_py()[0]["content"]
