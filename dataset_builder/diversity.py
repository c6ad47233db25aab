"""How varied the templates are, in numbers: what `python -m dataset_builder templates` prints and the card carries."""

import hashlib
import json
from pathlib import Path

import numpy as np

from dataset_builder.tasks import TASKS
from dataset_builder.wording import FOLDER, Template, faults, read_templates, similarity


STATISTICS = FOLDER / "statistics.json"  # a result: written by the command, read by the card
COLUMNS = ("count", "held_out", "distinct_1", "distinct_2", "distinct_3", "self_bleu", "words", "most_alike")


def run(names: list[str]) -> int:
    """Print the table and the nearest pairs of each list, write statistics.json where all tasks were asked for.

    Returns:
        1 if a template breaks a rule of wording.py, else 0.
    """
    from tqdm import tqdm

    tasks = {name: measure_task(name) for name in tqdm(names or list(TASKS), desc="templates", unit="task")}
    print(table(tasks))
    for task_id, lists in tasks.items():
        for name, found in lists.items():
            print(f"{task_id} {name}, most alike ({found['most_alike']:.2f}): " + " | ".join(found["nearest"]))
    wrong = [fault for name in tasks for fault in faults(TASKS[name], read_templates(name))]
    print("\n".join(wrong) or "no faults")
    if set(tasks) == set(TASKS):
        content = {"digest": digest(), "tasks": tasks}
        STATISTICS.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return int(bool(wrong))


def digest() -> str:
    """sha256 over all template files."""
    return hashlib.sha256(b"".join((FOLDER / f"{name}.yaml").read_bytes() for name in TASKS)).hexdigest()


def measure_task(task_id: str) -> dict[str, dict]:
    """The statistics of every list of a task."""
    return {name: measure(templates, name) for name, templates in read_templates(task_id).items()}


def measure(templates: list[Template], name: str) -> dict:
    """Statistics of one list.

    Returns:
        count; held_out (questions only); distinct_1 to distinct_3: distinct n-grams of words / all of them; self_bleu:
        mean BLEU-4 (0 to 100, sacreBLEU, effective order) of each template against all the others, lower is more
        varied; words: least, median and most in a template; most_alike: the greatest share of words, in order, that
        two have in common; nearest: these two.
    """
    words = [template.words for template in templates]
    alike = np.triu(similarity(templates), k=1)
    i, j = np.unravel_index(alike.argmax(), alike.shape)
    lengths = sorted(map(len, words))
    return {
        "count": len(templates),
        "held_out": sum(template.held_out for template in templates) if name in ("questions", "conditioned") else 0,
        **{f"distinct_{n}": round(distinct(words, n), 3) for n in (1, 2, 3)},
        "self_bleu": round(self_bleu(words), 1),
        "words": [lengths[0], lengths[len(lengths) // 2], lengths[-1]],
        "most_alike": round(float(alike.max()), 2),
        "nearest": [templates[i].text, templates[j].text],
    }


def distinct(texts: list[list[str]], n: int) -> float:
    """Distinct n-grams divided by all n-grams of the texts."""
    grams = [tuple(words[i : i + n]) for words in texts for i in range(len(words) - n + 1)]
    return len(set(grams)) / len(grams) if grams else 0.0


def self_bleu(texts: list[list[str]]) -> float:
    """Mean BLEU of each text with all the others as references."""
    from sacrebleu.metrics import BLEU

    bleu = BLEU(tokenize="none", effective_order=True)
    joined = [" ".join(words) for words in texts]
    scores = [bleu.sentence_score(text, joined[:i] + joined[i + 1 :]).score for i, text in enumerate(joined)]
    return float(np.mean(scores))


def table(tasks: dict[str, dict[str, dict]]) -> str:
    """A Markdown table, a row per list; words: the least, the median and the most in a template."""
    lines = [
        "| task | list | templates | held out | distinct-1 | -2 | -3 | self-BLEU | words | most alike |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for task_id, lists in tasks.items():
        for name, found in lists.items():
            cells = [found[column] for column in COLUMNS]
            cells[6] = ", ".join(map(str, found["words"]))
            lines.append("| " + " | ".join([task_id, name, *map(str, cells)]) + " |")
    return "\n".join(lines)


def published() -> str:
    """The table of statistics.json."""
    return table(json.loads(Path(STATISTICS).read_text(encoding="utf-8"))["tasks"])
