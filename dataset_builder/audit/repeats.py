"""What repeats and what contradicts: inside a split, and between the splits of a task."""

import numpy as np
import pandas as pd

from dataset_builder.audit.rows import has_twins
from dataset_builder.tasks import Task


COMPARED = (("validation", "train"), ("test", "train"), ("test", "validation"))


def describe(rows: pd.DataFrame, task: Task) -> dict:
    """Counts of some rows: `repeated` are those beyond the first of each sequence (or pair)."""
    found = {"rows": len(rows), "distinct": int(rows["key"].nunique())}
    found["repeated"] = found["rows"] - found["distinct"]
    if has_twins(task):
        other_strand = rows["twin"].isin(rows["key"]) & (rows["twin"] != rows["key"])
        found["reverse_complements"] = int(other_strand.sum())
    found["contradictory"] = contradiction_counts(rows, ["key"], task)
    if rows["subtask"].nunique() > 1:
        found["contradictory_within_subtask"] = contradiction_counts(rows, ["key", "subtask"], task)
    if task.strand_free:
        found["contradictory_either_strand"] = contradiction_counts(
            rows.assign(key=either_strand(rows)), ["key"], task
        )
    return found


def contradiction_counts(rows: pd.DataFrame, by: list[str], task: Task) -> dict:
    """Sequences with more than one label, and their rows; for numbers also how far the labels of one lie apart."""
    rows = rows[contradictory(rows, by)]
    found: dict = {"sequences": int(rows["key"].nunique()), "rows": len(rows)}
    if found["sequences"] and task.fields:
        values = rows.groupby(by, observed=True)[[f"value_{field.name}" for field in task.fields]]
        spread = values.max() - values.min()
        found["spread"] = {
            field.name: {
                "median": round(float(spread[f"value_{field.name}"].median()), 4),
                "largest": round(float(spread[f"value_{field.name}"].max()), 4),
            }
            for field in task.fields
        }
    return found


def contradictory(rows: pd.DataFrame, by: list[str]) -> pd.Series:
    """Whether rows with the same `by` have another label; bool per row."""
    different = rows[[*by, "label"]].drop_duplicates()
    again = different.loc[different.duplicated(by), by].drop_duplicates()
    return pd.Series(pd.MultiIndex.from_frame(rows[by]).isin(pd.MultiIndex.from_frame(again)), index=rows.index)


def either_strand(rows: pd.DataFrame) -> pd.Series:
    """The key of a sequence that its reverse complement has too."""
    return rows["key"].where(rows["key"] < rows["twin"], rows["twin"])


def found_in(rows: pd.DataFrame, reference: pd.DataFrame) -> pd.Series:
    """Per row: `same` where the sequence is in the reference, `twin` where only its reverse complement is, or `no`."""
    same, twin = rows["key"].isin(reference["key"]), rows["twin"].isin(reference["key"])
    return pd.Series(np.select([same, twin], ["same", "twin"], "no"), index=rows.index)


def seen(rows: pd.DataFrame, reference: pd.DataFrame, task: Task) -> pd.Series:
    """Whether the sequence is in the reference, on either strand where the strand does not matter."""
    return found_in(rows, reference).isin(["same", "twin"] if task.strand_free else ["same"])


def overlap(rows: pd.DataFrame, reference: pd.DataFrame, task: Task) -> dict:
    """How many rows have their sequence in the reference, on the same or the other strand, and with the same label."""
    found = found_in(rows, reference)
    labelled = pd.MultiIndex.from_frame(rows[["key", "label"]])
    same_label = labelled.isin(pd.MultiIndex.from_frame(reference[["key", "label"]]))
    counts: dict = {
        "rows": int((found == "same").sum()),
        "sequences": int(rows.loc[found == "same", "key"].nunique()),
        "same_label": int(same_label.sum()),
    }
    if has_twins(task):
        counts["reverse_complement_rows"] = int((found == "twin").sum())
    if rows["subtask"].nunique() > 1:
        by_set = rows.loc[found == "same", "subtask"].value_counts()
        counts["rows_by_subtask"] = {str(name): int(by_set[name]) for name in sorted(rows["subtask"].unique())}
    if len(task.molecules) == 2:
        first, second = (rows[f"member_{i}"].isin(reference[f"member_{i}"]) for i in range(2))
        counts["rows_by_known_member"] = {
            "both": int((first & second).sum()),
            "first_only": int((first & ~second).sum()),
            "second_only": int((~first & second).sum()),
            "neither": int((~first & ~second).sum()),
        }
    return counts


def in_train_faults(splits: dict[str, pd.DataFrame], task: Task) -> dict[str, int]:
    """Rows per split whose `in_train` is not what is found."""
    faults = {}
    for split, rows in splits.items():
        if split == "train":
            expected = pd.Series(True, index=rows.index)
        elif "train" in splits:
            expected = seen(rows, splits["train"], task)
        else:
            expected = pd.Series(False, index=rows.index)
        faults[split] = int((rows["in_train"] != expected).sum())
    return faults
