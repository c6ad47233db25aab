"""`reason --backend openai` from the command line: killed and run again, and what the dataset has of it in the end."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from threading import Event

import pytest
from datasets import load_dataset

from dataset_builder.__main__ import main
from dataset_builder.tasks import REASONING_SYSTEM_PROMPT, TASKS
from metrics.parsing import parse
from metrics.reasoning.verify import verify
from tests.dataset_builder.scripted_panel import Scripted, replying
from tests.processes import kill_when
from tests.scripted_endpoint import Handler, serving


ROWS, ANSWERED = 38, 50


def command(folder: Path, base_url: str, *more: str) -> list[str]:
    made = [sys.executable, "-m", "dataset_builder", "reason", str(folder), "--backend", "openai"]
    made += ["--base-url", base_url, "--model", "writer", "--reviewer", "judge", "--rows", str(ROWS)]
    return [*made, "--concurrency", "4", *more]


def calls(folder: Path) -> list[dict]:
    paths = folder.with_name(f"{folder.name}-calls").glob("calls-*.jsonl")
    lines = [line for path in paths for line in path.read_text().splitlines()]
    return [call for call in map(json.loads, lines) if "reply" in call]


def test_killed_and_run_again_pays_for_nothing_twice_and_ends_in_the_dataset(dataset: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(dataset, tmp_path / "dataset"))
    scripted, alive = Scripted(), Event()

    def behave(handler: Handler, user: str) -> None:
        if len(server.questions) > ANSWERED and not alive.is_set():
            alive.wait(60)
            handler.hang_up()
        else:
            scripted(handler, user)

    with serving(behave) as server:
        process = subprocess.Popen(command(folder, server.base_url), stderr=subprocess.DEVNULL)
        kill_when(process, lambda: len(calls(folder)) >= ANSWERED)
        alive.set()
        before = len(server.questions)
        subprocess.run(command(folder, server.base_url), check=True)
    assert ANSWERED <= before <= ANSWERED + 4 and len(server.questions) - before == 3 * ROWS - ANSWERED
    assert len(calls(folder)) == 3 * ROWS
    rows = load_dataset(str(folder), "reasoning", split="train")
    argued = [row for row in rows if row["prompt"][0]["content"] == REASONING_SYSTEM_PROMPT]
    assert len(argued) == ROWS and {row["task"] for row in argued} == set(TASKS) - {"antibody_antigen", "rna_protein"}
    check(argued)


def check(argued: list[dict]) -> None:
    """Every answer concludes with its label, and states and gives away nothing that it must not."""
    for row in argued:
        text, label = row["completion"][0]["content"], json.loads(row["label"])
        assert parse(text, TASKS[row["task"]]).value == (sorted(label) if isinstance(label, list) else label)
        assert verify(row, text).status in ("faithful", "unsupported")


def test_a_spent_budget_leaves_the_dataset_and_the_end_says_what_was_rejected(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    folder = Path(shutil.copytree(dataset, tmp_path / "dataset"))
    manifest = (folder / "manifest.json").read_bytes()
    doubted = [row["prompt"][-1]["content"] for row in load_dataset(str(folder), "solubility", split="validation")]
    scripted = Scripted({question: ("review", replying(accurate=False), 9) for question in doubted[::2]})

    def run(base_url: str, budget: str) -> int:
        prices = ["--price-in", "1e4", "--price-out", "1e4", "--budget", budget]
        monkeypatch.setattr(sys, "argv", command(folder, base_url, *prices)[2:])
        return main()

    with serving(scripted) as server:
        assert run(server.base_url, "80") == 1 and "the budget of 80.0000 has no room" in capsys.readouterr().err
        assert (folder / "manifest.json").read_bytes() == manifest and len(server.questions) < 80
        assert run(server.base_url, "9000") == 0
    record = json.loads((folder / "reasoning.json").read_text())
    assert record["accepted"] == ROWS == sum(record["tasks"].values()) and record["rejected"]["review"] > 0
    assert record["asked"] == ROWS + sum(record["rejected"].values()) and record["open"] == 0
    assert record["requests"] == len(server.questions) == len(calls(folder))
    assert record["cost"] == pytest.approx(1.1 * record["requests"])
    card = (folder / "README.md").read_text()
    assert (
        f"Of {record['asked']} answers {ROWS} were accepted" in card
        and f"| {record['rejected']['review']} | review |" in card
    )
    check([row for row in load_dataset(str(folder), "reasoning", split="train") if "reasoning/" in row["id"]])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--backend", "openai"], "needs --base-url"),
        (["--model", "name"], "--model and --base-url are for --backend openai"),
        (["--rows", "0"], "--rows 0: give a positive number"),
    ],
)
def test_wrong_options_are_one_line(
    dataset: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture, options: list[str], message: str
) -> None:
    monkeypatch.setattr(sys, "argv", ["dataset_builder", "reason", str(dataset), *options])
    assert main() == 1 and message in capsys.readouterr().err
