"""The audit as Markdown, for the terminal and the dataset card."""

from dataset_builder.audit.near import NEAR


CONTAINED, STRETCH = 0.8, 0.1  # shares of the k-mers of a held-out sequence that training data have
LEAST = {CONTAINED: 0.01, STRETCH: 0.1}  # of the held-out sequences; what is less is in audit.json only


def table(audit: dict) -> str:
    """One row per task, then what is contained in the training data of other tasks and in the corpora."""
    lines = [
        "| config | distinct of train rows | contradictory sequences (rows) | the same, sub-task known "
        "| validation rows in train | test rows in train | test rows in validation "
        f"| near copies of test rows in train (share {NEAR}) | clean test rows |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [row(name, task) for name, task in audit["tasks"].items()]
    shared = [entry for entry in audit["between"] if worth_showing(entry)]
    if shared:
        lines += [
            "",
            "| held-out sequences | training data | sequences | identical "
            f"| contained (share {CONTAINED}) | a stretch (share {STRETCH}) |",
            "|---|---|---|---|---|---|",
        ]
    for entry in shared:
        counts = entry["sequences_with_share"]
        numbers = (entry["sequences"], entry["identical"], counts[str(CONTAINED)], counts[str(STRETCH)])
        lines.append(f"| {entry['held_out']} | {entry['training']} | {' | '.join(f'{n:,}' for n in numbers)} |")
    for name, task in audit["tasks"].items():
        if wrong := sum(task["in_train_faults"].values()):
            lines += ["", f"{name}: `in_train` is wrong in {wrong:,} rows; build the dataset again."]
    return "\n".join(lines) + "\n"


def row(name: str, task: dict) -> str:
    """The line of one task; – where a split is not there."""
    splits, overlap = task["splits"], task["overlap"]
    cells = ["–" if "train" not in splits else f"{splits['train']['distinct']:,} of {splits['train']['rows']:,}"]
    for scope in ("contradictory", "contradictory_within_subtask"):
        counts = task["all"].get(scope)
        cells.append(f"{counts['sequences']:,} ({counts['rows']:,})" if counts else "–")
    for pair in ("validation in train", "test in train", "test in validation"):
        cells.append(f"{overlap[pair]['rows']:,} of {splits[pair.split()[0]]['rows']:,}" if pair in overlap else "–")
    cells.append(f"{task['near']['test in train']['near_rows']:,}" if "test in train" in task["near"] else "–")
    clean = task.get("clean_test")
    apart = "" if "train" in splits else " (no train here)"
    cells.append(f"{clean['rows']:,} of {clean['of']:,}{apart}" if clean else "–")
    return f"| {name} | {' | '.join(cells)} |"


def worth_showing(entry: dict) -> bool:
    """Whether training data other than the task's own train hold enough of the held-out sequences."""
    own = entry["held_out"].split("/")[0] == entry["training"].split("/")[0]
    counts = entry["sequences_with_share"]
    return not own and any(counts[str(share)] >= least * entry["sequences"] for share, least in LEAST.items())
