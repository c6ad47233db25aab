"""The last sentence of an answer: the label, in an answer template of the task."""

import json
import re

from dataset_builder.reasoning.choices import Choices
from dataset_builder.tasks import Task
from dataset_builder.wording import Template, read_templates


STYLE = "academic"  # of the answer templates, which suits an argued answer
LENGTH = re.compile(r"\b(\d+)[- ](?:bp|nt|base|nucleotide|residue)")  # that a template names
LEADS = ("Conclusion", "In conclusion", "In summary", "Answer", "To conclude", "All in all")


def conclude(label: str, task: Task, lengths: set[int], choices: Choices) -> tuple[int, str]:
    """(id of the template, the label in its words), behind words that mark it as the conclusion.

    Args:
        lengths: of the sequences, in letters.
    """
    value = json.loads(label)
    template = choices.one(suitable(value, task, lengths))
    text = template.text
    for name, shown in placeholders(value, task).items():
        text = text.replace(f"{{{name}}}", shown)
    return template.id, f"{choices.one(LEADS)}: {text}"


def suitable(value: object, task: Task, lengths: set[int]) -> list[Template]:
    """The answer templates for this kind of label that name no other length."""
    lists = read_templates(task.id)
    kind = value if task.kind == "binary" else "none" if value == [] and "none" in lists else "label"
    templates = [template for template in lists[kind] if template.style == STYLE]
    return [template for template in templates if lengths.issuperset(map(int, LENGTH.findall(template.text)))]


def placeholders(value: object, task: Task) -> dict[str, str]:
    """The label as templates take it: numbers with exactly the field's decimals, lists joined by commas."""
    if task.kind == "regression":
        numbers = value if isinstance(value, dict) else {task.fields[0].name: value}
        return {field.name: f"{numbers[field.name]:.{field.decimals}f}" for field in task.fields}
    return {"label": ", ".join(value) if isinstance(value, list) else value}
