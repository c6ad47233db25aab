"""results.json and comparison.json as plain text tables, values x 100: baselines above the model, notes below."""

from dataset_builder.tasks import TASKS
from metrics.scorers.readings import OPEN


MEANS = {"plain": "plain", "scaled": "trivial 0, perfect 100"}
HEADER = ("task", "metric", "answers", "value", "95% interval", "resolves", "coverage", "n", "distinct")


def render(results: dict) -> str:
    """One line per baseline, model and sub-task of every task, after two lines that say what was evaluated."""
    lines = [HEADER]
    for task, result in results["tasks"].items():
        named = {f"{name} baseline": baseline for name, baseline in result["baselines"].items()}
        named["model"] = result
        named |= {f"  {name}": part for name, part in result["subtasks"].items()}
        for i, (name, part) in enumerate(named.items()):
            lines.append((*((task, result["metric"]) if i == 0 else ("", "")), name, *numbers(part)))
        lines += probability_lines(result.get("probabilities"))
    for name, part in results.get("means", {}).items():
        for kind, label in MEANS.items():
            lines.append(("mean", label, name, *ends(part[kind]), "", "", *over(part[kind]), ""))
    rows = aligned(lines)
    dataset, backend, prompt = (results.get(name) for name in ("dataset", "backend", "prompt"))
    asked = f", asked by {backend}" * bool(backend) + f" with the prompt {prompt}" * bool(prompt)
    return "\n".join(
        [
            f"model {results['model']}, revision {results['revision']}{asked}",
            f"dataset {dataset['name']}, digest {dataset['digest']}, {dataset['split']} split; scorer "
            f"{results['scorer']['name']} {results['scorer']['version']}; values x 100",
            "resolves: the smallest true difference from another model that the rows show (80% power at 5%)",
            *rows,
            *(line for task, result in results["tasks"].items() for line in notes(task, result)),
        ]
    )


def render_comparison(results: dict) -> str:
    """One line per task and sub-task of a comparison (compare.py), after two lines that say what was compared."""
    lines = [("task", "metric", "rows", "first", "second", "difference", "95% interval", "p", "resolves", "n")]
    for task, result in results["tasks"].items():
        for name, part in {"": result, **result["subtasks"]}.items():
            head = ("", "", name) if name else (task, result["metric"], "")
            lines.append((*head, *differences(part), f"{part['n']:,}"))
    for kind, label in MEANS.items():
        if part := results["means"][kind]:
            lines.append(("mean", label, "", *differences(part), *over(part)))
    dataset = results["dataset"]
    return "\n".join(
        [
            *(
                f"{name} {one['model']}, revision {one['revision']}"
                for name, one in zip(("first ", "second"), results["models"], strict=True)
            ),
            f"dataset {dataset['name']}, digest {dataset['digest']}, {dataset['split']} split; values x 100; a true "
            "difference of `resolves` is found with a power of 80% at p < 0.05",
            *aligned(lines),
            *(
                f"{task}: {result['left_out']:,} rows that only one of the two answered are left out"
                for task, result in results["tasks"].items()
                if result["left_out"]
            ),
        ]
    )


def differences(part: dict) -> tuple[str, ...]:
    """The cells of both values, their difference, its interval and p, and the smallest that could be found."""
    first, second, difference, smallest = (
        f"{100 * part[name]:.2f}" for name in ("first", "second", "difference", "smallest_difference")
    )
    interval = f"[{100 * part['interval'][0]:.2f}, {100 * part['interval'][1]:.2f}]"
    return first, second, difference, interval, f"{part['p']:.3f}", smallest


def over(part: dict) -> tuple[str]:
    """The cell that says how many of all tasks a mean is over."""
    return (f"{part['tasks']} of {len(TASKS)}",)


def aligned(lines: list[tuple[str, ...]]) -> list[str]:
    """The cells in columns: the first three to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    forms = [f"{'<' if i < 3 else '>'}{width}" for i, width in enumerate(widths)]
    rows = ("  ".join(f"{cell:{form}}" for cell, form in zip(line, forms, strict=True)) for line in lines)
    return [row.rstrip() for row in rows]


def probability_lines(part: dict | None) -> list[tuple[str, ...]]:
    """A line per metric of the model's probabilities."""
    if not part:
        return []
    measured = part["metrics"] | ({"ece": {"value": part["calibration"]["ece"]}} if "calibration" in part else {})
    return [
        ("", name, "model, probabilities", *ends(one), "", "", f"{part['n']:,}", "") for name, one in measured.items()
    ]


def notes(task: str, result: dict) -> list[str]:
    """What a reader must know of how answers were counted: by their labels, or not for want of a classifier."""
    lines = []
    if result["counted_by_label"]:
        reasons = ", ".join(f"{reason}: {count:,}" for reason, count in result["counted"].items() if "label" in reason)
        lines.append(f"{task}: the label decided what {result['counted_by_label']:,} answers count as ({reasons})")
    if missing := result["read_by"].get(OPEN):
        lines.append(f"{task}: {missing:,} answers are unusable ({OPEN})")
    return lines


def numbers(part: dict) -> tuple[str, ...]:
    """The cells of one measurement."""
    smallest = part.get("smallest_difference")
    resolves = "" if smallest is None else f"{100 * smallest:.2f}"
    return (*ends(part), resolves, f"{100 * part['coverage']:.2f}", f"{part['n']:,}", f"{part['n_distinct']:,}")


def ends(part: dict) -> tuple[str, str]:
    """The cells of a value and its interval."""
    value, interval = part["value"], part.get("interval")
    return (
        "undefined" if value is None else f"{100 * value:.2f}",
        f"[{100 * interval[0]:.2f}, {100 * interval[1]:.2f}]" if interval else "none",
    )
