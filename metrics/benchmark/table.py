"""results.json as a plain text table: values and coverage x 100, baselines above the model, notes below."""

from metrics.scorers.readings import OPEN


HEADER = ("task", "metric", "answers", "value", "95% interval", "coverage", "n", "distinct")


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
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    forms = [f"{'<' if i < 3 else '>'}{width}" for i, width in enumerate(widths)]
    rows = ["  ".join(f"{cell:{form}}" for cell, form in zip(line, forms, strict=True)) for line in lines]
    dataset, backend, prompt = (results.get(name) for name in ("dataset", "backend", "prompt"))
    asked = f", asked by {backend}" * bool(backend) + f" with the prompt {prompt}" * bool(prompt)
    return "\n".join(
        [
            f"model {results['model']}, revision {results['revision']}{asked}",
            f"dataset {dataset['name']}, digest {dataset['digest']}, {dataset['split']} split; scorer "
            f"{results['scorer']['name']} {results['scorer']['version']}; values x 100",
            *(row.rstrip() for row in rows),
            *(line for task, result in results["tasks"].items() for line in notes(task, result)),
        ]
    )


def probability_lines(part: dict | None) -> list[tuple[str, ...]]:
    """A line per metric of the model's probabilities."""
    if not part:
        return []
    measured = part["metrics"] | ({"ece": {"value": part["calibration"]["ece"]}} if "calibration" in part else {})
    return [("", name, "model, probabilities", *ends(one), "", f"{part['n']:,}", "") for name, one in measured.items()]


def notes(task: str, result: dict) -> list[str]:
    """What a reader must know of how answers were counted: by their labels, or not for want of a classifier."""
    lines = []
    if result["counted_by_label"]:
        reasons = ", ".join(f"{reason}: {count:,}" for reason, count in result["counted"].items() if "label" in reason)
        lines.append(f"{task}: the label decided what {result['counted_by_label']:,} answers count as ({reasons})")
    if missing := result["read_by"].get(OPEN):
        lines.append(f"{task}: {missing:,} answers are unusable ({OPEN})")
    return lines


def numbers(part: dict) -> tuple[str, str, str, str, str]:
    """The cells of one measurement."""
    return (*ends(part), f"{100 * part['coverage']:.2f}", f"{part['n']:,}", f"{part['n_distinct']:,}")


def ends(part: dict) -> tuple[str, str]:
    """The cells of a value and its interval."""
    value, interval = part["value"], part.get("interval")
    return (
        "undefined" if value is None else f"{100 * value:.2f}",
        f"[{100 * interval[0]:.2f}, {100 * interval[1]:.2f}]" if interval else "none",
    )
