"""Rows of a built dataset, read back in batches: sequences out of the prompts, and one number per sequence."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from dataset_builder.files import SourceError
from dataset_builder.hashing import hash64
from dataset_builder.overlap import reverse_complement
from dataset_builder.tasks import SPLITS, Task
from dataset_builder.wording import read_templates


BATCH = 2_048  # rows; of the longest, pairs of 5,000 letters, 10 MB
NUCLEOTIDES = ("dna", "rna")
ORDER = np.uint64(0x9E3779B97F4A7C15)  # odd, so that a pair is not the pair turned round


def shards(dataset: Path, task: Task, split: str) -> list[Path]:
    """The Parquet files of a split, in order; none where the split was not built."""
    return sorted((dataset / "data" / task.id).glob(f"{split}-*.parquet"))


def read_splits(dataset: Path, task: Task) -> dict[str, pd.DataFrame]:
    """What `read_rows` returns for every split that is there."""
    return {split: read_rows(paths, task) for split in SPLITS if (paths := shards(dataset, task, split))}


def read_rows(paths: list[Path], task: Task) -> pd.DataFrame:
    """One split without its texts, a row per row.

    Returns:
        key: uint64, equal where the sequence, or the pair, is. twin: the key of its reverse complement, for single
        DNA and RNA sequences; otherwise the key. member_0, member_1: of pairs, the keys of the two. label: uint64,
        equal where the label is. value_<field>: float64, of regressions. subtask (categorical), in_train.
    """
    parts: dict[str, list[np.ndarray]] = {}
    subtasks = []
    for batch in batches(paths, ["subtask", "label", "in_train"], task):
        for name, values in columns(batch, task).items():
            parts.setdefault(name, []).append(values)
        subtasks.append(batch["subtask"])
    rows = pd.DataFrame({name: np.concatenate(values) for name, values in parts.items()})
    rows["subtask"] = pa.chunked_array(subtasks, pa.string()).dictionary_encode().to_pandas()
    return rows


def columns(batch: dict[str, pa.Array], task: Task) -> dict[str, np.ndarray]:
    """The numbers that `read_rows` keeps of a batch."""
    members = [sequence_keys(sequences) for sequences in batch["sequences"]]
    label = batch["label"]
    found = {"label": hash64(label, "label"), "in_train": batch["in_train"].to_numpy(zero_copy_only=False)}
    if len(members) == 2:
        found |= {"member_0": members[0], "member_1": members[1], "key": members[0] * ORDER + members[1]}
    else:
        found["key"] = members[0]
    found["twin"] = twin_keys(batch["sequences"][0]) if has_twins(task) else found["key"]
    for field in task.fields:
        number = label
        if len(task.fields) > 1:
            number = pc.struct_field(pc.extract_regex(label, rf'"{field.name}": (?P<number>[^,}}]+)'), "number")
        found[f"value_{field.name}"] = number.cast(pa.float64()).to_numpy(zero_copy_only=False)
    return found


def has_twins(task: Task) -> bool:
    """Whether reverse complements are looked for: of single DNA and RNA sequences."""
    return len(task.molecules) == 1 and task.molecules[0] in NUCLEOTIDES


def sequence_keys(sequences: pa.Array) -> np.ndarray:
    """uint64 per sequence; two of ten million share one with a chance of 3 in a million."""
    return hash64(sequences, "audit")


def twin_keys(sequences: pa.Array) -> np.ndarray:
    """The keys of the reverse complements."""
    return sequence_keys(reverse_complement(pa.chunked_array([sequences])))


def batches(paths: list[Path], names: list[str], task: Task) -> Iterator[dict[str, pa.Array]]:
    """Columns of the files, batch by batch, with `sequences`: a list of one array, or of two, in the task's order."""
    for path in paths:
        for batch in pq.ParquetFile(path).iter_batches(BATCH, columns=[*names, "id", "prompt", "question_id"]):
            yield {name: batch[name] for name in names} | {"sequences": sequences_in(batch, task, path)}


def sequences_in(batch: pa.RecordBatch, task: Task, path: Path) -> list[pa.Array]:
    """The tagged sequences of the questions, in the order of `task.molecules`, whichever the question names first."""
    question = pc.struct_field(pc.list_element(batch["prompt"], 1), "content")  # 0 is the system prompt
    tag = "|".join(sorted(set(task.molecules)))
    pattern = "(?s)^(?P<before>.*?)" + ".*?".join(
        rf"<(?P<tag_{i}>{tag})>(?P<sequence_{i}>[A-Z]+)</" for i in range(len(task.molecules))
    )
    parts = pc.extract_regex(question, pattern)
    if parts.null_count:
        row = pc.index(pc.is_null(parts), True).as_py()
        raise SourceError(
            f"{path}: {batch['id'][row]}: {question[row].as_py()[:80]!r} holds not {len(task.molecules)} sequences "
            f"tagged {tag}; audit a folder that `build` wrote"
        )
    sequences = [pc.struct_field(parts, f"sequence_{i}") for i in range(len(task.molecules))]
    if len(sequences) == 1:
        return sequences
    if task.molecules[0] != task.molecules[1]:
        swapped = pc.equal(pc.struct_field(parts, "tag_0"), task.molecules[1])
    else:
        swapped = named_second_first(batch["question_id"], pc.struct_field(parts, "before"), task, path)
    return [pc.if_else(swapped, sequences[1], sequences[0]), pc.if_else(swapped, sequences[0], sequences[1])]


def named_second_first(question_id: pa.Array, before: pa.Array, task: Task, path: Path) -> pa.Array:
    """Whether each row's template names the second sequence first; the tags of such a pair cannot tell.

    Raises:
        SourceError: a question does not begin as its template does, so the dataset was built with other templates.
    """
    opening = {template.id: template.text.split("{sequence_")[:2] for template in read_templates(task.id)["questions"]}
    for number, text in zip(question_id.to_pylist(), before.to_pylist(), strict=True):
        if number not in opening or not text.endswith(opening[number][0]):
            raise SourceError(
                f"{path}: a question with question_id {number} begins {text[:60]!r}, not as template {number} of "
                f"{task.id}; build the dataset with the templates that are here, then audit it"
            )
    return pa.array([opening[number][1].startswith("2}") for number in question_id.to_pylist()])


def distinct(dataset: Path, task: Task, splits: tuple[str, ...], member: int) -> Iterator[tuple[np.ndarray, pa.Array]]:
    """(keys, sequences) of some splits, batch by batch, every sequence the first time it comes."""
    seen: set[int] = set()
    paths = [path for split in splits for path in shards(dataset, task, split)]
    for batch in batches(paths, [], task):
        sequences = batch["sequences"][member]
        keys = sequence_keys(sequences)
        fresh = [i for i, key in enumerate(keys.tolist()) if key not in seen and not seen.add(key)]
        if fresh:
            yield keys[fresh], sequences.take(pa.array(fresh))
