"""The clean test subset: rows that no training row gives away, with one answer each, and each sequence once."""

import numpy as np
import pandas as pd

from dataset_builder.audit.repeats import contradictory, either_strand, seen
from dataset_builder.tasks import Task


RULE = (
    "A test row is clean if its sequence (or pair) is not in train or validation, on either strand where the strand "
    "does not matter; is no near copy of one there; and has one label in all of the task's rows. Of rows with the "
    "same sequence one is kept, the first of the smallest sub-task."
)


def clean_rows(
    splits: dict[str, pd.DataFrame], task: Task, near: dict[tuple[str, str], np.ndarray]
) -> tuple[np.ndarray, dict]:
    """(row numbers of the clean test rows; their number, what they were compared with, and what each rule takes).

    Args:
        near: by (split, reference) whether each row of the split is a near copy.
    """
    test = splits["test"]
    key = either_strand(test) if task.strand_free else test["key"]
    faults = {}
    against = [split for split in ("train", "validation") if split in splits]
    for reference in against:
        exact = seen(test, splits[reference], task).to_numpy()
        faults[f"in_{reference}"] = exact
        faults[f"near_copy_in_{reference}"] = near["test", reference] & ~exact
    every = pd.concat([rows[["key", "twin", "label"]] for rows in splits.values()], ignore_index=True)
    every["key"] = either_strand(every) if task.strand_free else every["key"]
    faults["contradictory"] = key.isin(every.loc[contradictory(every, ["key"]), "key"]).to_numpy()
    faultless = np.flatnonzero(~np.logical_or.reduce(list(faults.values())))
    set_size = test["subtask"].map(test["subtask"].value_counts()).astype(int).to_numpy()
    order = faultless[np.argsort(set_size[faultless], kind="stable")]
    kept = np.sort(order[~key.iloc[order].duplicated().to_numpy()])
    taken = {name: int(rows.sum()) for name, rows in faults.items()} | {"repeated": len(faultless) - len(kept)}
    return kept, {"rows": len(kept), "of": len(test), "against": against, "taken": taken}
