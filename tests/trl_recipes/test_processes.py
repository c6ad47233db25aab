"""Several processes train as one: data parallel, ZeRO-2, ZeRO-3, Slurm; killed, preempted, continued by others."""

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from safetensors.torch import load_file

from trl_recipes.recipe import RecipeError, load_recipe
from trl_recipes.resuming import RunRecord, Split, check_run, last_checkpoint
from trl_recipes.trainer import arguments_of, run


STEPS = ["training.max_steps=4", "training.save_steps=2", "training.logging_steps=1", "training.max_length=320"]
TWICE = "global_batch=4"
ROWS = "training.per_device_train_batch_size=2"
SINGLE = (TWICE, "training.per_device_train_batch_size=1")  # micro-batches of one row, as many as that takes


def settings(model: Path, dataset: Path, out: Path, *changes: str) -> list[str]:
    return [f"model={model}", f"dataset={dataset}", f"out={out}", *STEPS, ROWS, *changes]


def train(stage: int, *changes: str) -> Path:
    """In this process; returns the run's folder."""
    return run(load_recipe(Path(f"trl_recipes/tiny/stage{stage}.yaml"), list(changes))).parent


def launch(config: str, stage: int, *changes: str) -> subprocess.Popen:
    """Two processes on this CPU, by the recipe's own command."""
    command = [
        *(
            sys.executable,
            "-m",
            "accelerate.commands.launch",
            "--config_file",
            f"trl_recipes/accelerate/{config}.yaml",
        ),
        *("--num_processes", "2", "trl_recipes/sft.py", "--config", f"trl_recipes/tiny/stage{stage}.yaml"),
        *("--set", *changes, "training.ddp_backend=gloo"),
    ]
    return start(command, DS_ACCELERATOR="cpu")


def start(command: list[str], **environment: str) -> subprocess.Popen:
    more = {"OMP_NUM_THREADS": "1", **environment}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, env=os.environ | more, start_new_session=True, **quiet)


def finish(process: subprocess.Popen) -> str:
    """What it wrote; it must have ended well."""
    _, written = process.communicate(timeout=120)
    assert process.returncode == 0, written[-3000:]
    return written


def wait_for_step(process: subprocess.Popen, out: Path, step: int) -> None:
    """Until the run has logged the step."""
    while not (out / "log.jsonl").is_file() or len((out / "log.jsonl").read_text().splitlines()) < step:
        assert process.poll() is None, process.stderr.read()[-3000:]
        time.sleep(0.02)


def assert_same(ours: Path, theirs: Path, *more: str) -> None:
    """Weights up to rounding; every step's loss, gradient, counts, and what else is named."""
    logs = [list(map(json.loads, (out / "log.jsonl").read_text().splitlines())) for out in (ours, theirs)]
    for mine, other in zip(*logs, strict=True):
        for name in ("step", "loss", "grad_norm", "tokens", "padding", *more):
            assert mine[name] == pytest.approx(other[name], rel=1e-4), name
    first, second = (load_file(out / "merged/model.safetensors") for out in (ours, theirs))
    assert all(first[name].allclose(second[name], rtol=1e-3, atol=1e-5) for name in second)


@pytest.mark.parametrize(("config", "kill"), [("zero2", True), ("zero3", False)])
def test_deepspeed_in_two_processes_takes_the_steps_of_one(
    config: str, kill: bool, tiny_model: Path, dataset: Path, tmp_path: Path
) -> None:
    """Killed after a step that is in no checkpoint, it ends at the same weights; other processes cannot go on."""
    one = train(2, *settings(tiny_model, dataset, tmp_path / "one", *SINGLE))
    two = settings(tiny_model, dataset, tmp_path / "two", *SINGLE)
    if kill:
        killed = launch(config, 2, *two)
        wait_for_step(killed, tmp_path / "two", 3)
        for part in psutil.Process(killed.pid).children(recursive=True):  # the launcher's children outlive it
            part.kill()
        killed.wait()
        assert not (tmp_path / "two/run.json").exists()
        with pytest.raises(RecipeError, match=f"ZeRO-{config[-1]}.*use the DeepSpeed setting of the run"):
            train(2, *two)
    written = finish(launch(config, 2, *two))
    assert ("resumed from" in written) == kill
    summaries = [json.loads((out / "run.json").read_text()) for out in (one, tmp_path / "two")]
    assert summaries[1]["deepspeed_stage"] == int(config[-1]) and summaries[1]["processes"] == 2
    assert summaries[0]["groups"] == summaries[1]["groups"], "parameters are counted otherwise"
    assert_same(tmp_path / "two", one)


def test_one_process_goes_on_for_two_that_take_its_steps(tiny_model: Path, dataset: Path, tmp_path: Path) -> None:
    """Data parallel; one process continues what two began, where a step has as many rows, and else says why not."""
    packed = ("training.packing=true", "training.packing_strategy=bfd")
    one = train(2, *settings(tiny_model, dataset, tmp_path / "one", *packed, TWICE))
    two = settings(tiny_model, dataset, tmp_path / "two", *packed, "training.use_cpu=true")
    finish(launch("multi_gpu", 2, *two))
    assert_same(tmp_path / "two", one, "mean_token_accuracy")
    alone = tmp_path / "alone"
    shutil.copytree(tmp_path / "two/checkpoints/checkpoint-2", alone / "checkpoints/checkpoint-2")
    shutil.copy(tmp_path / "two/log.jsonl", alone)
    with pytest.raises(RecipeError, match=r"2 x 1 x 2 processes = 4 rows a step.*2 x 1 x 1 processes = 2 rows"):
        train(2, *settings(tiny_model, dataset, alone, *packed))
    assert_same(train(2, *settings(tiny_model, dataset, alone, *packed, TWICE)), one)


def test_a_launcher_that_is_asked_to_stop_takes_training_along(
    tiny_model: Path, dataset: Path, tmp_path: Path
) -> None:
    """By itself `accelerate launch` of one process would leave it running."""
    command = [sys.executable, "-m", "accelerate.commands.launch", "--config_file", "trl_recipes/accelerate/cpu.yaml"]
    command += ["trl_recipes/sft.py", "--config", "trl_recipes/tiny/stage2.yaml", "--set"]
    launcher = start([*command, *settings(tiny_model, dataset, tmp_path)])
    wait_for_step(launcher, tmp_path, 1)
    launcher.terminate()
    _, written = launcher.communicate(timeout=120)  # until training, which holds the pipe too, has ended
    assert "stopped by SIGTERM after step" in written


@pytest.mark.parametrize(
    ("then", "now", "cure"),
    [
        (Split(2, 4, 8, 0), Split(4, 8, 2, 0), None),
        (Split(2, 4, 8, 2), Split(4, 2, 8, 2), None),
        (Split(2, 4, 8, 2), Split(2, 8, 4, 2), "run 8 processes"),
        (Split(2, 4, 8, 2), Split(2, 4, 8, 3), "use the DeepSpeed setting of the run: ZeRO-2"),
        (Split(2, 4, 8, 0), Split(2, 4, 8, 2), "use the DeepSpeed setting of the run: none"),
        (Split(2, 4, 8, 3), Split(2, 4, 4, 3), "set global_batch=64"),
    ],
)
def test_what_other_processes_cannot_continue_is_said(
    then: Split, now: Split, cure: str | None, tmp_path: Path
) -> None:
    recipe = load_recipe(Path("trl_recipes/tiny/stage1.yaml"), [])
    state = {"global_step": 7, "stateful_callbacks": {"RunRecord": RunRecord(then, recipe).state()}}
    (tmp_path / "trainer_state.json").write_text(json.dumps(state))
    if not cure:
        return check_run(tmp_path, RunRecord(now, recipe))
    with pytest.raises(RecipeError, match=f"{cure}.*--set model=runs/tiny/stage1/steps/step-7 out="):
        check_run(tmp_path, RunRecord(now, recipe))


def test_a_checkpoint_of_another_recipe_is_not_continued(tmp_path: Path) -> None:
    """What `training` holds may change, such as the length of the run; what is trained on what may not."""
    path, split = Path("trl_recipes/tiny/stage2.yaml"), Split(2, 1, 1, 0)
    state = {"global_step": 7, "stateful_callbacks": {"RunRecord": RunRecord(split, load_recipe(path, [])).state()}}
    (tmp_path / "trainer_state.json").write_text(json.dumps(state))
    check_run(tmp_path, RunRecord(split, load_recipe(path, ["training.max_steps=900", "model=elsewhere"])))
    for change, said in (("data={all: 1}", "data was {'mini': 1}"), ("lora.rank=8", "lora was"), ("stage=1", "stage")):
        with pytest.raises(RecipeError, match=f"of another recipe: {said}.*--fresh"):
            check_run(tmp_path, RunRecord(split, load_recipe(path, [change])))


def test_what_a_full_disk_or_a_kill_left_half_written_is_not_continued(tmp_path: Path) -> None:
    recipe = load_recipe(Path("trl_recipes/tiny/stage2.yaml"), [f"out={tmp_path}", "training.bf16=false"])
    folders = [tmp_path / "checkpoints" / f"checkpoint-{step}" for step in (9, 10, 11)]
    for folder, content in zip(
        folders, ('{"global_step": 9, "stateful_callbacks": {}}', '{"global_st', None), strict=True
    ):
        folder.mkdir(parents=True)
        if content:
            (folder / "trainer_state.json").write_text(content)
    assert last_checkpoint(recipe, arguments_of(recipe)) == str(folders[0])
    assert not folders[1].exists() and not folders[2].exists()


SRUN = """#!/usr/bin/env bash
# A task on each of two machines, which are this one; signals go to both; the highest exit status is the answer.
while [[ "$1" == --* ]]; do shift; done
for rank in 0 1; do SLURM_PROCID=$rank SLURM_LOCALID=0 "$@" & tasks+=($!); done
trap 'kill -USR1 ${tasks[@]}' USR1
highest=0
for task in ${tasks[@]}; do
  while wait $task; code=$?; kill -0 $task 2> /dev/null; do :; done
  ((code > highest)) && highest=$code
done
exit $highest
"""
SCONTROL = """#!/usr/bin/env bash
if [ "$1" = requeue ]; then echo "$2" >> "$REQUEUED"; else printf "localhost\\nnode2\\n"; fi
"""


def test_a_slurm_job_on_two_machines_is_preempted_queued_again_and_goes_on(
    tiny_model: Path, dataset: Path, tmp_path: Path
) -> None:
    one = train(1, *settings(tiny_model, dataset, tmp_path / "one", TWICE))
    for tool, text in (("srun", SRUN), ("scontrol", SCONTROL)):
        (tmp_path / tool).write_text(text)
        (tmp_path / tool).chmod(stat.S_IRWXU)
    job, path = f"{os.getpid()}", f"{tmp_path}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    slurm = {"SLURM_JOB_ID": job, "SLURM_JOB_NODELIST": "node[1-2]", "SLURM_NTASKS": "2", "SLURM_NTASKS_PER_NODE": "1"}
    two = settings(tiny_model, dataset, tmp_path / "two", "training.save_steps=100", "training.use_cpu=true")
    script = ["bash", "trl_recipes/train.slurm", "trl_recipes/accelerate/multi_gpu.yaml"]
    command = [*script, "--config", "trl_recipes/tiny/stage1.yaml", "--fresh", "--set", *two]
    environment = slurm | {"PATH": path, "REQUEUED": str(tmp_path / "requeued")}
    first = start(command, **environment)
    wait_for_step(first, tmp_path / "two", 1)
    os.killpg(first.pid, signal.SIGUSR1)
    assert "stopped by SIGUSR1 after step" in finish(first)
    assert (tmp_path / "requeued").read_text() == f"{job}\n"
    assert "resumed from" in finish(start(command, **environment, SLURM_RESTART_COUNT="1"))
    assert (tmp_path / "requeued").read_text() == f"{job}\n"
    assert_same(tmp_path / "two", one)
