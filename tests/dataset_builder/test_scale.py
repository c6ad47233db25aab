"""One digest, whatever builds it: 1, 2 or 7 workers, datatrove, Slurm, any order of files, a run killed ten times."""

import json
import os
import random
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest


def command(sources: Path, out: Path, *more: object) -> list[str]:
    return [
        sys.executable,
        "-m",
        "dataset_builder",
        "build",
        "--sources",
        str(sources),
        "--out",
        str(out),
        *map(str, more),
    ]


def digest(out: Path) -> str:
    return json.loads((out / "manifest.json").read_text())["digest"]


@pytest.mark.parametrize(
    "more", [("--workers", 1), ("--workers", 7), ("--workers", 2, "--engine", "datatrove")], ids=str
)
def test_any_number_of_workers_and_either_engine_write_the_same_bytes(
    more: tuple, dataset: Path, synthetic_sources: Path, tmp_path: Path
) -> None:
    done = subprocess.run(command(synthetic_sources, tmp_path / "out", *more), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert digest(tmp_path / "out") == digest(dataset)
    assert not list((tmp_path / "out").rglob("*.lock")) and not list((tmp_path / "out").rglob("*.json.partial"))


def test_the_order_in_which_files_come_does_not_matter(dataset: Path, synthetic_sources: Path, tmp_path: Path) -> None:
    paths = [path for path in synthetic_sources.rglob("*") if path.is_file()]
    random.Random(0).shuffle(paths)
    for path in paths:  # a folder lists its files as they were made, on some file systems
        copy = tmp_path / "sources" / path.relative_to(synthetic_sources)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    subprocess.run(command(tmp_path / "sources", tmp_path / "out"), capture_output=True, check=True)
    assert digest(tmp_path / "out") == digest(dataset)


@pytest.mark.slow
def test_killed_ten_times_at_random_moments_it_ends_at_the_same_digest(
    dataset: Path, synthetic_sources: Path, tmp_path: Path
) -> None:
    draw, kills = random.Random(1), 0
    while kills < 10:
        build = subprocess.Popen(
            command(synthetic_sources, tmp_path / "out", "--workers", 2),
            stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        try:
            build.wait(timeout=draw.uniform(0.5, 4.5))
        except subprocess.TimeoutExpired:
            build.send_signal(signal.SIGKILL)  # the workers are left to end themselves
            build.wait()
            kills += 1
            assert not (tmp_path / "out").exists() or digest(tmp_path / "out") == digest(dataset)
            continue
        assert build.returncode == 0
        shutil.rmtree(tmp_path / "out")
    subprocess.run(command(synthetic_sources, tmp_path / "out", "--workers", 2), capture_output=True, check=True)
    assert digest(tmp_path / "out") == digest(dataset)
    time.sleep(0.5)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_killed_build_does_not_build_finished_tasks_again(synthetic_sources: Path, tmp_path: Path) -> None:
    from dataset_builder.build import finish, prepare
    from dataset_builder.units import build_unit

    names = ["crispr_on_target", "solubility"]
    plan = prepare(synthetic_sources, tmp_path / "out", names, seed=0)
    build_unit(plan, "solubility")
    shards = {path: path.stat().st_mtime_ns for path in plan.folder.rglob("data/solubility/*.parquet")}
    again = prepare(synthetic_sources, tmp_path / "out", names, seed=0)
    assert shards and again == plan and again.open == ["crispr_on_target"]
    assert prepare(synthetic_sources, tmp_path / "out", names, seed=1).open != ["crispr_on_target"]  # another build
    build_unit(plan, "crispr_on_target")
    build_unit(plan, "solubility")
    assert set(finish(plan, tmp_path / "out")["shards"])


SBATCH = """#!/usr/bin/env bash
# Runs the tasks of an array one after the other, as a cluster of one node would.
script="${@: -1}"
last=$(sed -n 's/^#SBATCH --array=0-\\([0-9]*\\).*/\\1/p' "$script")
for ((i = 0; i <= ${last:-0}; i++)); do
  [ -n "$last" ] && export SLURM_ARRAY_TASK_ID=$i
  SLURM_NODELIST=node1 SLURM_JOB_ID=7 bash "$script" >> "$SLURM_LOG" 2>&1 || exit 1
done
echo Submitted batch job 7
"""
SRUN = '#!/usr/bin/env bash\nwhile [[ "$1" == -* ]]; do [[ "$1" == -n ]] && shift; shift; done\nexec "$@"\n'
SCONTROL = "#!/usr/bin/env bash\necho node1\n"


def test_slurm_jobs_write_the_same_bytes(dataset: Path, synthetic_sources: Path, tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    for name, text in (("sbatch", SBATCH), ("srun", SRUN), ("scontrol", SCONTROL)):
        (tools / name).write_text(text)
        (tools / name).chmod(stat.S_IRWXU)
    environment = os.environ | {"PATH": f"{tools}:{os.environ['PATH']}", "SLURM_LOG": str(tmp_path / "slurm.log")}
    tasks = ["crispr_on_target", "pretrain_rna", "rna_protein"]
    more = ("--slurm", "cpu", "--tasks", *tasks)
    done = subprocess.run(
        command(synthetic_sources, tmp_path / "out", *more), env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr + (tmp_path / "slurm.log").read_text()
    found, expected = (
        json.loads((folder / "manifest.json").read_text())["shards"] for folder in (tmp_path / "out", dataset)
    )
    shared = [path for path in found if not path.startswith("reasoning/")]
    assert len(shared) > 10 and {path: found[path] for path in shared} == {path: expected[path] for path in shared}
