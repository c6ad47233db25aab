"""Checkpoints reach the Hub while training goes on, and a fresh machine continues from there."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from safetensors.torch import load_file

from model_cards.publish import PublishError
from tests.local_hub import LocalHub
from trl_recipes.hub import CheckpointPusher
from trl_recipes.recipe import load_recipe
from trl_recipes.trainer import run


CHANGES = ["training.max_steps=8", "training.save_steps=3", "training.logging_steps=1", "training.max_length=256"]


def refs(hub: LocalHub) -> set[str]:
    """Branches and tags of the run's repository."""
    folder = hub.folder / "models" / "biology" / "chatmultiomics-tiny-stage3.git"
    if not folder.is_dir():
        return set()
    command = ["git", "--git-dir", str(folder), "for-each-ref", "--format=%(refname:short)"]
    return set(subprocess.run(command, capture_output=True, text=True).stdout.split())


def test_a_stopped_run_goes_on_from_the_hub_on_a_fresh_machine(
    tiny_model: Path, dataset: Path, tmp_path: Path
) -> None:
    """Preempted, with all its process group, in a step that is no multiple of save_steps; and killed."""
    settings = [f"model={tiny_model}", f"dataset={dataset}", *CHANGES]
    recipe = Path("trl_recipes/tiny/stage3.yaml")
    straight = run(load_recipe(recipe, [*settings, f"out={tmp_path / 'straight'}"]))
    out = tmp_path / "pushed"
    more = [f"out={out}", "hub=biology", "training.save_total_limit=1"]
    command = [sys.executable, "trl_recipes/sft.py", "--config", str(recipe), "--set", *settings, *more]
    with LocalHub(tmp_path / "store") as hub:
        environment = {**os.environ, "PYTHONPATH": os.getcwd(), **hub.environment(tmp_path / "home")}
        asked = start(command, environment)
        while not (out / "log.jsonl").is_file():
            time.sleep(0.02)
        os.killpg(asked.pid, signal.SIGTERM)
        _, written = asked.communicate(timeout=60)
        assert asked.returncode == 75, written[-3000:]
        step = re.search("stopped by SIGTERM after step ([0-9]+) of 8: .*; the same command goes on", written)[1]
        assert {"checkpoint", f"step-{step}"} <= refs(hub)
        shutil.rmtree(out)
        killed = start(command, environment)
        while "step-6" not in refs(hub) and killed.poll() is None:
            time.sleep(0.05)
        os.killpg(killed.pid, signal.SIGKILL)
        _, written = killed.communicate()
        assert "fetched from the Hub" in written
        shutil.rmtree(out)
        second = subprocess.run(command, env=environment, capture_output=True, text=True)
        assert second.returncode == 0, second.stderr[-3000:]
        assert "fetched from the Hub" in second.stderr
        assert "chatmultiomics-tiny-stage3: 8 of 8 answers are those of the training run" in second.stderr
        third = subprocess.run(command, env=environment, capture_output=True, text=True)
        assert "is finished" in third.stderr and "main: unchanged, verified" in third.stderr
        recorded = json.loads((out / "merged/answers.json").read_text())
        recorded["answers"][0]["first_log_probability"] -= 1
        (out / "merged/answers.json").write_text(json.dumps(recorded))
        fourth = subprocess.run(command, env=environment, capture_output=True, text=True)
        assert fourth.returncode == 1 and "is not the model that was trained" in fourth.stderr
        assert {"main", "steps", "checkpoint", "step-3", "step-6", "step-8"} <= refs(hub)
    assert [path.name for path in (out / "checkpoints").glob("checkpoint-*")] == ["checkpoint-8"]
    one, other = load_file(straight / "model.safetensors"), load_file(out / "merged" / "model.safetensors")
    assert all(one[name].equal(other[name]) for name in one)
    assert len((out / "log.jsonl").read_text().splitlines()) == 8


def start(command: list[str], environment: dict[str, str]) -> subprocess.Popen:
    """As a process group of its own, with data loader workers in it."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, env=environment, process_group=0, **quiet)


class Pusher(CheckpointPusher):
    """A pusher whose Hub refuses a step as often as `refusals` says."""

    refusals: dict[int, int]
    sent: list[int]

    def send(self, step: int) -> None:
        if self.refusals.get(step, 0) > 0:
            self.refusals[step] -= 1
            raise ConnectionError("the Hub is away")
        self.sent.append(step)
        self.pushed.add(step)
        self.rotate()


def pusher(out: Path, keep: int, **refusals: int) -> Pusher:
    made = Pusher(None, out, keep)
    made.refusals, made.sent = {int(name.removeprefix("step")): times for name, times in refusals.items()}, []
    return made


def save(pusher: Pusher, step: int) -> None:
    (pusher.out / "checkpoints" / f"checkpoint-{step}").mkdir(parents=True)
    pusher.push(step)
    pusher.waiting[step].exception()


def test_nothing_is_deleted_that_the_hub_does_not_have(tmp_path: Path) -> None:
    made = pusher(tmp_path, 1, step2=1)
    save(made, 1)
    save(made, 2)
    assert made.saved() and {1, 2} <= set(made.saved())
    save(made, 3)
    made.finish()
    assert sorted(made.sent) == [1, 2, 3] and made.saved() == [3]


def test_what_never_arrives_is_named_at_the_end(tmp_path: Path) -> None:
    made = pusher(tmp_path, 1, step2=9)
    made.target = type("Target", (), {"id": "biology/model"})
    save(made, 1)
    save(made, 2)
    with pytest.raises(PublishError, match=r"step-2 \(the Hub is away\)"):
        made.finish()
    assert 2 in made.saved()
