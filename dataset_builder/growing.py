"""More templates from a model behind any OpenAI-compatible endpoint; each passes the checks of those there are.

OPENAI_API_KEY=… python -m dataset_builder templates core_promoter --grow <model> --base-url <url> --out more-templates
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from dataset_builder.endpoint import Endpoint, EndpointError, Pace, complete, open_session
from dataset_builder.files import SourceError
from dataset_builder.replies import json_in
from dataset_builder.tasks import TASKS, Task
from dataset_builder.wording import (
    FOLDER,
    MOST,
    QUESTION_LISTS,
    STYLES,
    Template,
    list_faults,
    placeholders,
    read_templates,
)


if TYPE_CHECKING:
    import requests

ROUNDS = 5  # requests per list and style, at most
SHOWN = 12  # templates that the model is shown of a list
PROMPT = """\
You write {what} for an instruction data set of biological sequences. Task: {title} ({omics}); a label is {label}.
Write {count} new ones in the style "{style}" that differ in grammar and wording from each other and from these:

{examples}

Each must be correct English and correct biology, mean exactly what these mean, hold the placeholders {placeholders}
once each and no other braces, and claim no experiment or motif. Answer with a JSON list of strings only."""


def grow(names: list[str], model: str, base_url: str, out: Path, count: int) -> None:
    """Ask for up to `count` new templates per list, and write <out>/<task>.yaml with the old and the new ones.

    Raises:
        SourceError: no endpoint or folder is given, the endpoint refuses, or a task is unknown.
    """
    if not base_url or not out:
        raise SourceError("--grow needs --base-url, an OpenAI-compatible endpoint, and --out, a folder")
    try:
        session, endpoint = open_session(), Endpoint(base_url, model, timeout_s=120, tries=4)
        out.mkdir(parents=True, exist_ok=True)
        for name in names or list(TASKS):
            grow_task(session, endpoint, name, out, count)
    except EndpointError as error:
        raise SourceError(str(error)) from None


def grow_task(session: "requests.Session", endpoint: Endpoint, name: str, out: Path, count: int) -> None:
    """One task of `grow`."""
    lists = {kind: list(templates) for kind, templates in read_templates(name).items()}
    for kind, templates in lists.items():
        new, refused = candidates(session, endpoint, TASKS[name], kind, templates, count)
        templates += new
        print(f"{name} {kind}: {len(new)} new, {refused} refused by the checks")
    write(lists, name, out / f"{name}.yaml")


def candidates(
    session: "requests.Session", endpoint: Endpoint, task: Task, kind: str, templates: list[Template], count: int
) -> tuple[list[Template], int]:
    """Templates of the model that break no rule beside those there are; and how many broke one."""
    new, pace = [], Pace()
    refused, first_id = 0, max(template.id for template in templates) + 1
    for round_ in range(ROUNDS * len(STYLES)):
        wanted = min(count, MOST - len(templates)) - len(new)
        if wanted <= 0:
            break
        style = STYLES[round_ % len(STYLES)]
        question = request(task, kind, templates, style, min(wanted, -(-count // len(STYLES))))
        asked = [{"role": "user", "content": question}]
        for text in strings(complete(session, endpoint, asked, {"max_tokens": 2_000}, pace).text):
            candidate = Template(first_id + len(new), style, text)
            known = [*templates, *new]
            faultless = list_faults(task, kind, [*known, candidate]) == list_faults(task, kind, known)
            if len(new) < count and faultless and means(candidate, kind, task):
                new.append(candidate)
            else:
                refused += 1
    return new, refused


def means(candidate: Template, kind: str, task: Task) -> bool:
    """Whether the strict parser reads an answer as its list says; any question does."""
    from metrics.parsing import parse

    if kind in QUESTION_LISTS:
        return True
    filled, label = candidate.text, kind if task.kind == "binary" else []
    if task.kind == "regression":
        values = {field.name: round(field.low + 0.37 * (field.high - field.low), 2) for field in task.fields}
        filled = filled.format(**{name: f"{value:.2f}" for name, value in values.items()})
        label = values if len(values) > 1 else values["value"]
    elif kind == "label":
        names = task.classes[:1] if task.kind == "multiclass" else task.classes[:2] or ("1.2.3.4", "3.4.21.-")
        filled = filled.format(label=", ".join(names))
        label = names[0] if task.kind == "multiclass" else list(names)
    found = parse(filled, task)
    return found.status == "ok" and found.value == label


def request(task: Task, kind: str, templates: list[Template], style: str, count: int) -> str:
    """The prompt for one list and style."""
    of_style = [template.text for template in templates if template.style == style][:SHOWN]
    label = {
        "binary": "positive or negative",
        "regression": " and ".join(f"{f.name} ({f.unit}, {f.low} to {f.high})" for f in task.fields),
    }.get(task.kind, "one of " + ", ".join(task.classes) if task.classes else "a list of EC numbers")
    return PROMPT.format(
        what="questions" if kind in QUESTION_LISTS else f"answers that say: {kind}",
        title=task.title,
        omics=task.omics,
        label=label,
        count=count,
        style=style,
        examples="\n".join(f"- {text}" for text in of_style),
        placeholders=", ".join(f"{{{name}}}" for name in placeholders(task, kind)) or "(none)",
    )


def strings(answer: str) -> list[str]:
    """The strings of a JSON list somewhere in the answer; nothing where there is none."""
    found = json_in(answer, list) or []
    return [" ".join(text.split()) for text in found if isinstance(text, str) and text.strip()]


def write(lists: dict[str, list[Template]], name: str, path: Path) -> None:
    """A template file in the form of templates/."""

    def entry(template: Template, indent: str) -> str:
        text = json.dumps(template.text, ensure_ascii=False)
        return f"{indent}- {{id: {template.id}, style: {template.style}, text: {text}}}"

    lines = [(FOLDER / f"{name}.yaml").read_text(encoding="utf-8").splitlines()[0]]
    for kind in QUESTION_LISTS:
        if kind in lists:
            lines += [f"{kind}:", *(entry(template, "  ") for template in lists[kind])]
    lines.append("answers:")
    for kind in (name for name in lists if name not in QUESTION_LISTS):
        lines += [f"  {kind}:", *(entry(template, "    ") for template in lists[kind])]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
