"""The same build on a cluster, by datatrove: a Slurm array with a task per unit, then one job that puts all together.

The folder of the dataset and that of the sources are on a file system that all nodes share.
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from dataset_builder.units import Plan, build_unit


if TYPE_CHECKING:
    from datatrove.executor.base import PipelineExecutor


def build_units(plan: Plan, names: list[str]):
    """A datatrove step: task `rank` of `world_size` builds every world_size-th of the units."""

    def step(_: object, rank: int, world_size: int) -> None:
        for name in names[rank::world_size]:
            build_unit(plan, name)

    return step


def finish_dataset(plan: Plan, out: Path):
    """A datatrove step: what needs all units."""

    def step(_: object, rank: int, world_size: int) -> None:
        from dataset_builder.build import finish

        finish(plan, out)

    return step


def logs(out: Path) -> Path:
    """Where datatrove keeps logs and which tasks are complete."""
    return out.with_name(f"{out.name}-logs")


def run_local(plan: Plan, out: Path, workers: int) -> None:
    """Build the open units by datatrove on this machine."""
    from datatrove.executor import LocalPipelineExecutor

    names = plan.open
    if names:
        step = build_units(plan, names)
        LocalPipelineExecutor(
            [step], tasks=len(names), workers=workers, logging_dir=str(logs(out) / "units"), skip_completed=False
        ).run()


def submit(plan: Plan, out: Path, partition: str, time: str, memory_gb: int) -> "PipelineExecutor":
    """Submit the open units as a Slurm array and, behind it, the job that finishes the dataset at `out`.

    Args:
        time: limit of each task, as sbatch --time takes it.
        memory_gb: of each task.
    """
    from datatrove.executor import SlurmPipelineExecutor

    names = plan.open
    project = Path(__file__).resolve().parents[1]
    common = {
        "time": time,
        "partition": partition,
        "mem_per_cpu_gb": memory_gb,
        "qos": "",
        "env_command": f"export PYTHONPATH={project} PATH={Path(sys.executable).parent}:$PATH",
        "skip_completed": False,
    }
    units = SlurmPipelineExecutor(
        [build_units(plan, names)],
        tasks=len(names),
        job_name="biology-instructions",
        logging_dir=str(logs(out) / "units"),
        **common,
    )
    last = SlurmPipelineExecutor(
        [finish_dataset(plan, out)],
        tasks=1,
        job_name="biology-instructions-finish",
        logging_dir=str(logs(out) / "finish"),
        depends=units if names else None,
        **common,
    )
    last.run()
    return last
