"""How many reasoning answers are true of their rows: of a dataset's `reasoning` config, or of a model's predictions.

audit.json: what was audited, and per task and for all together
    n, claims (measured per answer), found (findings by kind), and by status of `findings.STATUSES`: count, share and
    its 95% interval (Wilson 1927)
findings.jsonl, with --explain: id, task, label, status, findings and answer of every answer that is not faithful
"""

import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pyarrow as pa

from dataset_builder.tasks import REASONING_SYSTEM_PROMPT
from metrics.benchmark.data import COLUMNS, dataset_digest, read_rows, rows_to_ask
from metrics.benchmark.evaluation import check_labels
from metrics.benchmark.predictions import known_of, read_predictions
from metrics.benchmark.stored import EvaluationError
from metrics.benchmark.table import aligned
from metrics.reasoning.findings import FAITHFUL, LEAK, UNSUPPORTED, WRONG
from metrics.reasoning.verify import Verdict, verify


AUDIT, FINDINGS = "audit.json", "findings.jsonl"
VERSION = "1.2"
CONFIG = "reasoning"
ALL = "all"


def audit(dataset: str, out: Path, predictions: Path | None = None, explain: bool = False) -> dict:
    """Check every answer; write audit.json to `out`, and return what it holds.

    Args:
        dataset: a built dataset folder, an installed name or a Hub id: its `reasoning` config is audited, or
            `predictions`, answers of a model to its rows.
        explain: write findings.jsonl too.

    Raises:
        EvaluationError: no reasoning rows, or predictions that are not of this dataset.
    """
    from tqdm import tqdm

    about, rows = predicted(dataset, predictions) if predictions else written(dataset)
    judged = [(row, verify(row, row["answer"])) for row in tqdm(rows, desc="audit", unit="answer")]
    tasks = {
        name: [verdict for row, verdict in judged if row["task"] == name] for name in {r["task"]: 0 for r in rows}
    }
    results = about | {"verifier": VERSION, "tasks": {name: summary(found) for name, found in tasks.items()}}
    results[ALL] = summary([verdict for _, verdict in judged])
    out.mkdir(parents=True, exist_ok=True)
    write(out / AUDIT, json.dumps(results, indent=1) + "\n")
    if explain:
        write(out / FINDINGS, "".join(json.dumps(line) + "\n" for line in explained(judged)))
    return results


def written(dataset: str) -> tuple[dict, list[dict]]:
    """What is said of the dataset, and its reasoning rows with their answers; plain rows are counted and left out."""
    tables = read_rows(dataset, None, "train", CONFIG, [*COLUMNS, "question_id", "completion"])
    rows = [row | {"answer": row["completion"][-1]["content"]} for part in tables.values() for row in part.to_pylist()]
    reasoned = [row for row in rows if row["prompt"][0]["content"] == REASONING_SYSTEM_PROMPT]
    if not reasoned:
        raise EvaluationError(f"{dataset} has no rows with reasoning in its config {CONFIG!r}")
    about = {"name": dataset, "digest": dataset_digest(dataset), "config": CONFIG, "split": "train"}
    return {"model": None, "dataset": about, "plain_rows": len(rows) - len(reasoned)}, reasoned


def predicted(dataset: str, predictions: Path) -> tuple[dict, list[dict]]:
    """What is said of the predictions, and the rows of the dataset with their answers."""
    table, about = read_predictions(predictions)
    stated, answers = about["dataset"], known_of(table)
    tables = rows_to_ask(dataset, table["task"].unique().to_pylist(), stated["split"], stated["config"])
    together = pa.concat_tables(tables.values())
    check_labels(predictions, table, dataset, together)
    rows = [row for row in together.to_pylist() if row["id"] in answers]
    stated |= {"name": dataset, "digest": dataset_digest(dataset)}
    answered = [row | {"answer": answers[row["id"]]["answer"]} for row in rows]
    return {"model": about["model"], "dataset": stated, "plain_rows": 0}, answered


def summary(verdicts: list[Verdict]) -> dict:
    """The entry of a task."""
    from scipy.stats import binomtest

    n, statuses = len(verdicts), Counter(verdict.status for verdict in verdicts)
    entry: dict = {"n": n, "claims": sum(claims_of(verdict) for verdict in verdicts) / n}
    for status in (FAITHFUL, WRONG, UNSUPPORTED, LEAK):
        ends = binomtest(statuses[status], n).proportion_ci(method="wilson")
        entry[status] = {"count": statuses[status], "share": statuses[status] / n, "interval": [ends.low, ends.high]}
    found = Counter(kind for verdict in verdicts for kind in {finding.kind for finding in verdict.findings})
    return entry | {"found": dict(found.most_common())}


def claims_of(verdict: Verdict) -> int:
    """How many claims about the sequences were measured; the conclusion is none."""
    measured = (*verdict.checked, *(finding for finding in verdict.findings if finding.status == WRONG))
    return sum(finding.kind not in ("conclusion", "contradiction") for finding in measured)


def explained(judged: list[tuple[dict, Verdict]]) -> Iterator[dict]:
    """The lines of findings.jsonl."""
    for row, verdict in judged:
        if verdict.findings:
            line = {name: row[name] for name in ("id", "task", "label")} | {"status": verdict.status}
            yield line | {"findings": [asdict(finding) for finding in verdict.findings], "answer": row["answer"]}


def write(path: Path, text: str) -> None:
    """Write a file at once."""
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(text, encoding="utf-8")
    os.replace(partial, path)


def render(results: dict) -> str:
    """A line per task, and one for all; shares in percent."""
    statuses = (FAITHFUL, WRONG, UNSUPPORTED, LEAK)
    lines = [("task", "answers", "claims", *statuses, "faithful, 95%", "commonest findings")]
    for name, entry in (results["tasks"] | {ALL: results[ALL]}).items():
        low, high = entry[FAITHFUL]["interval"]
        shares = (f"{100 * entry[status]['share']:.1f}" for status in statuses)
        found = ", ".join(f"{kind} {count}" for kind, count in list(entry["found"].items())[:3])
        lines.append(
            (name, f"{entry['n']:,}", f"{entry['claims']:.1f}", *shares, f"[{100 * low:.1f}, {100 * high:.1f}]", found)
        )
    dataset = results["dataset"]
    left_out = f"; {results['plain_rows']:,} plain rows left out" * bool(results["plain_rows"])
    what = f"model {results['model']}" if results["model"] else f"config {dataset['config']}"
    head = f"{what}, dataset {dataset['name']}, digest {dataset['digest']}, {dataset['split']} split{left_out}"
    return "\n".join([head, f"verifier {results['verifier']}; shares of answers in percent", *aligned(lines)])
