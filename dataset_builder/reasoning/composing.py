"""The body of an argued answer: the order of its findings, how they become sentences, and how these are laid out."""

from dataset_builder.reasoning.choices import Choices
from dataset_builder.reasoning.findings import Finding
from dataset_builder.reasoning.statements import phrased, state, summary, words


Told = tuple[Finding, str]  # a finding and its stance
ORDERS = (  # of stances; an empty one keeps the order of the task's file
    (),
    ("", "supporting", "pulling", "opposing"),
    ("", "opposing", "pulling", "supporting"),
)


def compose(told: list[Told], molecules: list[str], choices: Choices) -> str:
    """Figures in one sentence where there are several, the other findings each with what it means."""
    if order := choices.one(ORDERS):
        told = sorted(told, key=lambda finding: order.index(finding[1]))
    layout = choices.one(LAYOUTS)
    figures = [finding for finding, _ in told if phrased(finding) and not finding.reading]
    figures = [finding for finding in figures if finding.molecule == figures[0].molecule]
    points = [summary(figures, molecules, choices)] if len(figures) > 1 and choices.below(4) else []
    gathered = figures if points else []
    before = None
    for finding, stance in told:
        if finding not in gathered and (text := point(finding, molecules, choices, first=not points)):
            turned = layout is paragraph and stance and before and stance != before
            points.append(turn(text, stance, choices) if turned else text)
            before = stance or before
    return layout(points, choices)


def point(finding: Finding, molecules: list[str], choices: Choices, first: bool) -> str:
    """The statement of a finding and what it means, as one sentence or two."""
    statement = state(finding, molecules, choices, first)
    if not statement or not finding.reading or not finding.reading.texts:
        return statement
    reading = choices.one(finding.reading.texts)
    rest = inside(reading)
    if not rest or ". " in reading or not choices.below(3):
        return f"{statement} {reading}"
    which = phrased(finding) and rest.startswith("that is ")
    return f"{statement[:-1]}, which {rest.removeprefix('that ')}" if which else f"{statement[:-1]}; {rest}"


def turn(text: str, stance: str, choices: Choices) -> str:
    """The point behind words that say that the argument turns."""
    rest = inside(text)
    return f"{choices.one(words()['turns'][stance])} {rest}" if rest else text


def inside(text: str) -> str:
    """As it stands inside a sentence; empty where its first word may be a name."""
    first = text.partition(" ")[0]
    if first == "I" or first[0].isdigit():
        return text
    return text[0].lower() + text[1:] if first in words()["small"] else ""


def paragraph(points: list[str], choices: Choices) -> str:
    """One paragraph."""
    return " ".join(points)


def dashes(points: list[str], choices: Choices) -> str:
    """A list, with or without a line above it."""
    return "\n".join([*lead_in(choices), *(f"- {point}" for point in points)])


def steps(points: list[str], choices: Choices) -> str:
    """A numbered list, with or without a line above it."""
    return "\n".join([*lead_in(choices), *(f"{i}. {point}" for i, point in enumerate(points, 1))])


def halves(points: list[str], choices: Choices) -> str:
    """Two paragraphs."""
    middle = (len(points) + 1) // 2
    return "\n\n".join(" ".join(part) for part in (points[:middle], points[middle:]) if part)


def lead_in(choices: Choices) -> list[str]:
    """A line above a list, or none."""
    return [choices.one(words()["lead_ins"])] if choices.below(2) else []


LAYOUTS = (paragraph, dashes, paragraph, steps, halves)
