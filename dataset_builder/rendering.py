"""Checked rows -> prompts, completions and labels, in Arrow string kernels, without per-row Python.

Which templates a row gets, and whether its question carries the task label, depends on its id and the seed alone.
"""

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dataset_builder.hashing import hash64
from dataset_builder.tasks import SYSTEM_PROMPT, Task
from dataset_builder.wording import QUESTION_LISTS, read_templates


TASK_LABEL_SHARE = 0.3  # paper, section 4.2; training questions only


def render(rows: pa.Table, task: Task, split: str, draws: "Draws", conditioned: bool = False) -> pa.Table:
    """Instruction rows (design: "A row") of one split of one task.

    Args:
        rows: what `checks.accept` returns, and `in_train` (bool).
        draws: of these rows.
        conditioned: name the sub-task (histone mark, factor set, cell line) in the question; the task has a condition.
    """
    question_id, question = render_question(rows, task, split, draws, conditioned)
    answer_id, answer = render_answer(rows, task, draws)
    return pa.table(
        {
            "id": rows["id"],
            "task": rows["task"],
            "subtask": rows["subtask"],
            "prompt": messages(("system", "user"), question, [len(SYSTEM_PROMPT)]),
            "completion": messages(("assistant",), answer, []),
            "label": canonical_label(rows["label"], task),
            "question_id": question_id,
            "answer_id": answer_id,
            "in_train": rows["in_train"],
        }
    )


class Draws:
    """Independent draws per row, each a function of the row's id, the seed and the draw's number."""

    def __init__(self, ids: pa.ChunkedArray, seed: int) -> None:
        self.hashes = hash64(ids, f"rendering/{seed}")

    def below(self, limit: int | np.ndarray, number: int) -> np.ndarray:
        """int64 in [0, limit) per row: the splitmix64 step `number` of the row's hash."""
        with np.errstate(over="ignore"):
            z = self.hashes + np.uint64(number) * np.uint64(0x9E3779B97F4A7C15)
            z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return ((z ^ (z >> np.uint64(31))) % np.asarray(limit, dtype=np.uint64)).astype(np.int64)


def render_question(
    rows: pa.Table, task: Task, split: str, draws: Draws, conditioned: bool
) -> tuple[pa.Array, pa.ChunkedArray]:
    """(question ids int32, system prompt and user text in one): a single sequence stands first, pairs where told.

    Held-out templates never occur in train; validation and test are drawn from all.
    """
    templates = read_templates(task.id)["conditioned" if conditioned else "questions"]
    templates = [template for template in templates if split != "train" or not template.held_out]
    ids, texts = [template.id for template in templates], [template.text for template in templates]
    chosen = draws.below(len(texts), 1)
    labelled = (
        (draws.below(1000, 2) < TASK_LABEL_SHARE * 1000) if split == "train" else np.zeros(len(rows), dtype=bool)
    )
    before = "{sequence} " if len(task.molecules) == 1 else ""
    variants = [before + text for text in texts] + [f"{before}{task.task_label} {text}" for text in texts]
    names = ("sequence",) if len(task.molecules) == 1 else ("sequence_1", "sequence_2")
    columns = {"condition": rows["subtask"]}
    for name, source, tag in zip(names, ("sequence", "sequence_2"), task.molecules, strict=False):
        columns[name] = rows[source]
        variants = [text.replace(f"{{{name}}}", f"<{tag}>{{{name}}}</{tag}>") for text in variants]
    variants = [SYSTEM_PROMPT + text for text in variants]
    return pa.array(ids, pa.int32()).take(pa.array(chosen)), fill(variants, chosen + labelled * len(texts), columns)


def render_answer(rows: pa.Table, task: Task, draws: Draws) -> tuple[pa.Array, pa.ChunkedArray]:
    """(answer ids int32, assistant texts): the template is drawn among those for the row's kind of label."""
    lists = read_templates(task.id)
    answers = {kind: lists[kind] for kind in lists if kind not in QUESTION_LISTS}
    kinds = list(answers)
    ids, texts = zip(*((template.id, template.text) for kind in kinds for template in answers[kind]), strict=True)
    sizes = np.array([len(answers[kind]) for kind in kinds])
    kind = label_kind(rows["label"], task, kinds)
    chosen = draws.below(sizes[kind], 3) + (np.cumsum(sizes) - sizes)[kind]
    return pa.array(ids, pa.int32()).take(pa.array(chosen)), fill(texts, chosen, label_texts(rows["label"], task))


def label_kind(label: pa.ChunkedArray, task: Task, kinds: list[str]) -> np.ndarray:
    """Index into `kinds` of each row's answer list."""
    if task.kind == "binary":
        return np.where(label.to_numpy(), kinds.index("positive"), kinds.index("negative"))
    if "none" in kinds:
        return np.where(pc.list_value_length(label).to_numpy() == 0, kinds.index("none"), kinds.index("label"))
    return np.zeros(len(label), dtype=np.int64)


def label_texts(label: pa.ChunkedArray, task: Task) -> dict[str, pa.ChunkedArray]:
    """The placeholders of the answer templates: numbers with exactly the field's decimals, lists joined by commas."""
    if task.kind == "regression":
        return {f.name: fixed_point(pc.struct_field(label, f.name), f.decimals) for f in task.fields}
    if task.kind == "multilabel":
        return {"label": pc.binary_join(label, ", ")}
    return {"label": label.cast(pa.string())}


def canonical_label(label: pa.ChunkedArray, task: Task) -> pa.ChunkedArray:
    """The label as json.dumps would write it."""
    if task.kind == "binary":
        return pc.if_else(label, '"positive"', '"negative"')
    if task.kind == "multiclass":
        return pc.binary_join_element_wise('"', label, '"', "")
    if task.kind == "multilabel":
        filled = pc.binary_join_element_wise('["', pc.binary_join(label, '", "'), '"]', "")
        return pc.if_else(pc.equal(pc.list_value_length(label), 0), "[]", filled)
    shortest = {  # 2.10 -> 2.1, 3.00 -> 3.0
        name: pc.replace_substring_regex(text, r"(\.\d+?)0+$", r"\1")
        for name, text in label_texts(label, task).items()
    }
    if list(shortest) == ["value"]:
        return shortest["value"]
    parts = []
    for i, (name, text) in enumerate(shortest.items()):
        parts += [f'{", " if i else "{"}"{name}": ', text]
    return pc.binary_join_element_wise(*parts, "}", "")


def fixed_point(numbers: pa.ChunkedArray, decimals: int) -> pa.ChunkedArray:
    """Decimal text of float64 numbers with exactly `decimals` decimals (at least one)."""
    scaled = pc.cast(pc.round(pc.multiply(numbers, 10.0**decimals)), pa.int64())
    digits = pc.utf8_lpad(pc.cast(pc.abs(scaled), pa.string()), decimals + 1, "0")
    whole, fraction = pc.utf8_slice_codeunits(digits, 0, -decimals), pc.utf8_slice_codeunits(digits, -decimals)
    return pc.binary_join_element_wise(pc.if_else(pc.less(scaled, 0), "-", ""), whole, ".", fraction, "")


def fill(texts: list[str] | tuple[str, ...], chosen: np.ndarray, columns: dict[str, pa.ChunkedArray]) -> pa.Array:
    """Each row's chosen text with its {placeholders} replaced by the row's value of that column."""
    parsed = [re.split(r"\{(\w+)\}", text) for text in texts]  # text, name, text, name, …, text
    longest = max(map(len, parsed))
    parsed = [pieces + [""] * (longest - len(pieces)) for pieces in parsed]
    names = ["", *columns]
    values = [pa.repeat("", len(chosen)), *columns.values()]
    indices = pa.array(chosen)
    parts = []
    for position, pieces in enumerate(zip(*parsed, strict=True)):
        if position % 2 == 0:
            parts.append(pieces[0] if len(set(pieces)) == 1 else pa.array(pieces).take(indices))
        elif len(set(pieces)) == 1:
            parts.append(values[names.index(pieces[0])])
        else:
            parts.append(pc.choose(pa.array([names.index(name) for name in pieces]).take(indices), *values))
    if all(isinstance(part, str) for part in parts):
        parts.append(values[0])  # one text for all rows
    return pc.binary_join_element_wise(*parts, "")


def messages(roles: tuple[str, ...], contents: pa.Array | pa.ChunkedArray, cuts: list[int]) -> pa.ListArray:
    """One list of {role, content} per row.

    Args:
        contents: those of all turns of a row in one string; nothing is copied.
        cuts: where in bytes each turn but the first begins, the same in all rows.
    """
    contents = contents.combine_chunks() if isinstance(contents, pa.ChunkedArray) else contents
    rows, turns = len(contents), len(roles)
    _, offsets, letters = contents.buffers()
    begins = np.frombuffer(offsets, np.int32)[contents.offset : contents.offset + rows + 1]
    starts = np.append(np.add.outer(begins[:-1], np.array([0, *cuts], np.int32)).ravel(), begins[-1:])
    content = pa.StringArray.from_buffers(turns * rows, pa.py_buffer(starts.astype(np.int32)), letters)
    role = pa.array(roles).take(pa.array(np.tile(np.arange(turns), rows)))
    each = pa.array(np.arange(0, turns * rows + 1, turns, dtype=np.int32))
    return pa.ListArray.from_arrays(each, pa.StructArray.from_arrays([role, content], ["role", "content"]))
