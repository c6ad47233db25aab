"""What metrics.bench measures with: rows of the stated sizes, and answers that are read as those of models are."""

from pathlib import Path

from dataset_builder.tasks import TASKS
from metrics.bench import Line, bootstrap_by_scipy, shown
from metrics.benchmark.evaluation import score
from metrics.benchmark.synthetic_answers import write


def test_synthetic_answers_are_of_all_tasks_and_mostly_usable(tmp_path: Path) -> None:
    dataset, predictions = write(tmp_path, 0.002)
    tasks = score(predictions, str(dataset), tmp_path)["tasks"]
    for name, task in TASKS.items():
        found = tasks[name]
        pooled = found["subtasks"].get("all", {"n": 0})["n"] if found["excluded_subtasks"] else 0
        assert found["n"] + pooled == max(2, round(0.002 * task.table2[2]))
    coverage = sum(found["coverage"] * found["n"] for found in tasks.values()) / sum(f["n"] for f in tasks.values())
    assert 0.85 < coverage < 0.99  # a few say nothing, or that they cannot tell
    assert sum(task.table2[2] for task in TASKS.values()) == 243_227
    spent, intervals = bootstrap_by_scipy(predictions)
    assert min(spent) > 0 and intervals == sum(max(1, len(task.fields)) for task in TASKS.values())


def test_a_missed_goal_is_said() -> None:
    line = Line("score", 10, 25.0, 40.0, "goal: under 20 s")
    assert shown(line).endswith("goal: under 20 s")
    assert shown(Line(**vars(line) | {"reached": False})).endswith("goal: under 20 s: MISSED")
