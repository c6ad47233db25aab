"""Two processes go on where one stopped, share the rest of the rows, and end at what one process says."""

import json
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq

from metrics.benchmark.evaluation import evaluate
from tests.metrics.benchmark_inputs import write_dataset, write_model


def test_two_processes_end_at_what_one_says(tmp_path: Path) -> None:
    model, dataset = str(write_model(tmp_path / "model")), str(write_dataset(tmp_path / "dataset"))
    one, two = tmp_path / "one", tmp_path / "two"
    options = {"max_new_tokens": 6, "mode": "both"}
    expected = evaluate(model, dataset, one, limit=9, **options)
    evaluate(model, dataset, two, limit=4, **options)

    launch = ["--multi_gpu", "--num_machines", "1", "--num_processes", "2", "--mixed_precision", "no"]
    launch += ["--dynamo_backend", "no", "--main_process_port", "0", "-m", "metrics", "evaluate"]
    asked = ["--model", model, "--dataset", dataset, "--out", str(two), "--limit", "9", "--mode", "both"]
    command = [sys.executable, "-m", "accelerate.commands.launch", *launch, *asked, "--max-new-tokens", "6"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert done.stdout.count("\npromoter_300") == 1  # one of them tells

    tables = [pq.read_table(folder / "predictions.parquet", columns=["id", "answer"]) for folder in (one, two)]
    assert tables[0] == tables[1]
    for name, entry in json.loads((two / "results.json").read_text())["tasks"].items():
        assert entry["value"] == expected["tasks"][name]["value"]
    files = sorted(two.glob("answers-*.jsonl"))
    records = [json.loads(line) for path in files for line in path.read_text().splitlines()]
    assert len(files) == 4  # generated and ranked, each by two
    assert sum(len(record.get("ids", ())) for record in records) == 2 * len(tables[1])  # no question asked twice
    assert all('"ids"' in path.read_text() for path in files)
