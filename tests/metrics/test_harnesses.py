"""The same stored answers get the same numbers from ours, evaluate's modules and lm-evaluation-harness."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dataset_builder.tasks import TASKS
from metrics.benchmark.baselines import constants
from metrics.benchmark.evaluation import score
from metrics.lm_eval.__main__ import FOLDER, GROUP, GROUPS, files
from tests.metrics.harness_inputs import ROWS, write_dataset


EXACTLY = 1e-9


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict]]:
    return write_dataset(tmp_path_factory.mktemp("dataset"))


@pytest.fixture(scope="module")
def ours(answered: tuple[Path, list[dict]], tmp_path_factory: pytest.TempPathFactory) -> dict:
    """What `python -m metrics score` finds, by task id."""
    dataset, rows = answered
    out = tmp_path_factory.mktemp("ours")
    known = {"model": "stored", "revision": "1", "decoding": '{"strategy": "greedy"}'}
    table = pa.Table.from_pylist([row | known for row in rows]).drop_columns("prompt")
    pq.write_table(table, out / "predictions.parquet")
    return score(out / "predictions.parquet", str(dataset), out)["tasks"]


@pytest.fixture(scope="module")
def by_lm_eval(answered: tuple[Path, list[dict]]) -> dict:
    """What lm-evaluation-harness finds, by the names of its tasks and groups."""
    import lm_eval
    from lm_eval.api.model import LM
    from lm_eval.tasks import TaskManager

    dataset, rows = answered
    answers = {row["prompt"][1]["content"]: row["answer"] for row in rows}

    class Stored(LM):
        def generate_until(self, requests: list, disable_tqdm: bool = False) -> list[str]:
            return [answers[request.args[0].split("\n\n", 1)[1]] for request in requests]

        def loglikelihood(self, requests: list, disable_tqdm: bool = False) -> Iterator:
            raise NotImplementedError

        loglikelihood_rolling = loglikelihood

    manager = TaskManager(include_path=str(FOLDER), include_defaults=False, metadata={"dataset": str(dataset)})
    found = lm_eval.simple_evaluate(
        Stored(), tasks=[GROUP], task_manager=manager, bootstrap_iters=0, log_samples=False
    )
    return {**found["results"], **found["groups"]}


def test_lm_eval_finds_what_ours_finds(ours: dict, by_lm_eval: dict) -> None:
    assert ours.keys() == TASKS.keys()
    for name, task in TASKS.items():
        found = by_lm_eval[f"{GROUP}_{name}"]
        assert found[f"{task.metric},none"] == found["score,none"] == pytest.approx(ours[name]["value"], abs=EXACTLY)
        assert found["coverage,none"] == pytest.approx(ours[name]["coverage"], abs=EXACTLY)
    assert sum(0 < task["coverage"] < 1 for task in ours.values()) > 15  # readable and unreadable answers
    assert len({round(task["value"], 3) for task in ours.values()}) > 15


def test_groups_are_plain_means_of_their_tasks(ours: dict, by_lm_eval: dict) -> None:
    for group, members in {
        GROUP: list(TASKS),
        **{f"{GROUP}_{short}": [n for n, t in TASKS.items() if t.omics == omics] for omics, short in GROUPS.items()},
    }.items():
        mean = sum(ours[name]["value"] for name in members) / len(members)
        assert by_lm_eval[group]["score,none"] == pytest.approx(mean, abs=EXACTLY)


def test_evaluates_modules_find_what_ours_finds(answered: tuple[Path, list[dict]], ours: dict) -> None:
    from metrics.biology_instructions.biology_instructions import BiologyInstructions

    dataset, rows = answered
    typical = {name: constant.label for name, constant in constants(str(dataset), None, list(TASKS)).items()}
    columns = {name: [row[name] for row in rows] for name in ("answer", "label", "task", "subtask")}
    found = BiologyInstructions().compute(
        predictions=columns["answer"],
        references=columns["label"],
        tasks=columns["task"],
        subtasks=columns["subtask"],
        constants=typical,
    )
    for name in TASKS:
        assert found[name]["value"] == pytest.approx(ours[name]["value"], abs=EXACTLY)
        assert found[name]["coverage"] == pytest.approx(ours[name]["coverage"], abs=EXACTLY)
        assert found[name]["n"] == ours[name]["n"] >= (140 if "all" in TASKS[name].subtasks else ROWS["test"])


def test_the_harness_files_are_what_the_tasks_imply() -> None:
    written = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.yaml")}
    assert written == files(), "run python -m metrics.lm_eval"


def test_the_harness_loads_its_files_from_any_folder(tmp_path: Path) -> None:
    row = {"task": "core_promoter", "subtask": "tata", "label": '"positive"', "constant": '"negative"'}
    loaded = f"""
import runpy
functions = runpy.run_path({str(FOLDER / "functions.py")!r})
values = functions["process_results"]({row}, ["Yes."])
print(sorted(values), values["score"]["answer"])
"""
    done = subprocess.run(
        [sys.executable, "-P", "-c", loaded], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("['coverage', 'mcc', 'score'] Yes.\n", "")
