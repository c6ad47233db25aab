"""Write the YAML files of lm-evaluation-harness beside this file, as dataset_builder/tasks.py implies them.

python -m metrics.lm_eval
"""

from pathlib import Path

from dataset_builder.tasks import TASKS, Task


FOLDER = Path(__file__).parent
DEFAULT = "_default_yaml"  # no task of its own: without the suffix the harness does not take it for one
GROUP = "biology_instructions"
GROUPS = {"DNA": "dna", "RNA": "rna", "Protein": "protein", "Multi-molecule": "multi"}
HEADER = "# Written by `python -m metrics.lm_eval`.\n"


def files() -> dict[str, str]:
    """The contents of every file by its name."""
    members = {f"{GROUP}_{short}": [t for t in TASKS.values() if t.omics == omics] for omics, short in GROUPS.items()}
    groups = {name: [f"{GROUP}_{task.id}" for task in tasks] for name, tasks in members.items()}
    return {
        **{f"{task.id}.yaml": task_file(task) for task in TASKS.values()},
        **{f"{name}.yaml": group_file(name, tasks) for name, tasks in {GROUP: list(groups), **groups}.items()},
    }


def task_file(task: Task) -> str:
    """One task: its rows, and its metric under its own name besides `score`, by which groups take their mean."""
    return f"""{HEADER}include: {DEFAULT}
task: {GROUP}_{task.id}
task_alias: {task.title}
dataset_kwargs:
  task: {task.id}
metric_list:
  - metric: {task.metric}
    aggregation: !function functions.task_score
    higher_is_better: true
  - metric: score
    aggregation: !function functions.task_score
    higher_is_better: true
  - metric: coverage
    aggregation: !function functions.task_coverage
    higher_is_better: true
"""


def group_file(name: str, tasks: list[str]) -> str:
    """The plain mean of the tasks' scores and of their coverages."""
    listed = "".join(f"  - {task}\n" for task in tasks)
    return f"""{HEADER}group: {name}
task:
{listed}aggregate_metric_list:
  - metric: score
    weight_by_size: false
  - metric: coverage
    weight_by_size: false
metadata:
  version: 1.0
"""


def main() -> None:
    """Write every file."""
    for name, text in files().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
