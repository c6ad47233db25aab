"""A dataset folder of the test sizes of Table 2 and a predictions file for it, to measure scoring with.

    write(Path("folder"))            # 243,227 rows; share=0.01 for a hundredth

Letters and labels are random and follow nothing. Answers are said in the dataset's own answer templates and, by a
share of the rows each, in other manners of models; no model is asked.
"""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import yaml

from dataset_builder.manifest import MANIFEST
from dataset_builder.rendering import Draws, canonical_label, render, render_answer
from dataset_builder.shards import write_parquet
from dataset_builder.synthetic.bulk import LENGTHS, sequences
from dataset_builder.tasks import TASKS, Task
from metrics.benchmark.predictions import PREDICTIONS, write_predictions


DATASET = "dataset"  # folder
LENGTHS_OF = {  # of the molecules of tasks that are not named in LENGTHS
    "rna_switches": ((148,),),
    "crispr_on_target": ((23,),),
    "fluorescence": (LENGTHS["avGFP"],),
    "antibody_antigen": (LENGTHS["antibody"], LENGTHS["virus"]),
    "rna_protein": (LENGTHS["rna of a pair"], LENGTHS["protein of a pair"]),
    "enhancer_promoter": (LENGTHS["enhancer"], LENGTHS["promoter"]),
    "sirna_efficiency": (LENGTHS["siRNA"], LENGTHS["target"]),
}
RIGHT = 0.6  # share of classes that are said right
MANNERS = (  # share of the rows, and how the label, or what a template made of it, is said
    (0.70, "{answer}"),
    (0.12, "{label}"),
    (0.05, "**Answer:** {answer}\n\nThis is a prediction and was not measured."),
    (0.05, "<think>\nThe user gives a sequence. I look at its composition and its motifs first.\n</think>\n{answer}"),
    (0.03, "I'm sorry, but I cannot determine this from the sequence alone."),
    (0.03, ""),
    (0.02, "{answer}\nassistant\nThe next question asks for another sequence, which I do not have. "),
)


def write(folder: Path, share: float = 1) -> tuple[Path, Path]:
    """Write <folder>/dataset and <folder>/predictions.parquet; returns both paths."""
    rng = np.random.default_rng(0)
    dataset, tables, known = folder / DATASET, [], {}
    for task in TASKS.values():
        rows = random_rows(task, max(2, round(task.table2[2] * share)), rng)
        draws = Draws(rows["id"], 0)
        tables.append(render(rows, task, "test", draws))
        write_parquet(tables[-1], dataset / "data" / task.id / "test-00000-of-00001.parquet")
        answers = said(rows, task, draws, rng)
        known |= {row: {"answer": answer} for row, answer in zip(rows["id"].to_pylist(), answers, strict=True)}
    configs = [
        {"config_name": name, "data_files": [{"split": "test", "path": [f"data/{name}/test-*.parquet"]}]}
        for name in TASKS
    ]
    (dataset / "README.md").write_text(f"---\n{yaml.safe_dump({'configs': configs})}---\n", encoding="utf-8")
    (dataset / MANIFEST).write_text(json.dumps({"digest": f"synthetic answers, share {share:g}"}), encoding="utf-8")
    about = {
        "model": "synthetic answers",
        "revision": None,
        "backend": None,
        "dataset": {"name": str(dataset), "digest": None, "config": None, "split": "test"},
        "prompt": None,
        "decoding": {},
    }
    columns = pa.concat_tables(table.select(["id", "task", "subtask", "label"]) for table in tables)
    write_predictions(folder, columns, known, about)
    return dataset, folder / PREDICTIONS


def random_rows(task: Task, n: int, rng: np.random.Generator) -> pa.Table:
    """n checked rows, as `dataset_builder.rendering` takes them."""
    lengths = LENGTHS_OF.get(task.id) or (LENGTHS[task.id],)
    columns = {
        name: list(sequences(rng, molecule, some, n))
        for name, molecule, some in zip(("sequence", "sequence_2"), task.molecules, lengths, strict=False)
    }
    return pa.table(
        {
            "id": [f"{task.id}/test/{i}" for i in range(n)],
            "task": [task.id] * n,
            "subtask": rng.choice(task.subtasks, n).tolist() if task.subtasks else [""] * n,
            **columns,
            "label": pa.chunked_array([random_labels(task, n, rng)]),
            "in_train": np.zeros(n, dtype=bool),
        }
    )


def random_labels(task: Task, n: int, rng: np.random.Generator) -> pa.Array:
    """n labels: bool, string, list<string>, or struct of float64 in the middle half of each field's range."""
    if task.kind == "binary":
        return pa.array(rng.random(n) < 0.5)
    if task.kind == "multiclass":
        return pa.array(rng.choice(task.classes, n).tolist())
    if task.kind == "multilabel":
        names = task.classes or [
            f"{i}.{j}.{k}.{m}" for i in (1, 2, 3) for j in (1, 2, 4) for k in (1, 3) for m in (1, 7)
        ]
        return pa.array([[name] for name in rng.choice(names, n).tolist()])
    middle = [(field, (field.low + field.high) / 2, (field.high - field.low) / 4) for field in task.fields]
    numbers = [rng.uniform(at - half, at + half, n).round(field.decimals) for field, at, half in middle]
    return pa.StructArray.from_arrays(map(pa.array, numbers), [field.name for field in task.fields])


def said(rows: pa.Table, task: Task, draws: Draws, rng: np.random.Generator) -> list[str]:
    """An answer to each row; the label that it says is another random one in a share of the rows."""
    other = random_labels(task, len(rows), rng)
    index = np.where(rng.random(len(rows)) < RIGHT, 0, len(rows)) + np.arange(len(rows))
    labels = pa.concat_arrays([*rows["label"].chunks, other]).take(pa.array(index))
    guessed = rows.set_column(rows.column_names.index("label"), "label", pa.chunked_array([labels]))
    texts = render_answer(guessed, task, draws)[1].to_pylist()
    plain = canonical_label(guessed["label"], task).to_pylist()
    shares, forms = zip(*MANNERS, strict=True)
    chosen = rng.choice(len(forms), len(rows), p=shares).tolist()
    return [
        forms[i].replace("{answer}", text).replace("{label}", label.strip('"'))
        for i, text, label in zip(chosen, texts, plain, strict=True)
    ]
