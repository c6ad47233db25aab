"""Checkpoints reach the Hub while training goes on, and a fresh machine continues from there."""

import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import time
from concurrent.futures import wait
from pathlib import Path
from unittest.mock import Mock

import pytest
from safetensors.torch import load_file

from model_cards import publish
from tests.local_hub import LocalHub
from tests.local_hub.clients import client
from trl_recipes.hub import CheckpointPusher, publish_checked
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


def save(out: Path, step: int) -> None:
    """What training leaves of a step."""
    for folder, name in (
        (f"steps/step-{step}", "model.safetensors"),
        (f"checkpoints/checkpoint-{step}", "optimizer.pt"),
    ):
        (out / folder).mkdir(parents=True)
        (out / folder / name).write_bytes(bytes([step]) * 100)


def push_while_the_hub_fails(out: Path, failing: Path) -> tuple[str, list[list[int]]]:
    """The steps on disk after each save: the Hub is away for the second, then for all to the end, then is back."""
    publish.WAITS_S = (0, 0)  # seconds
    (out / "log.jsonl").write_text("{}")
    target = publish.repository(publish.connect("biology"), "biology/model", "model", private=False)
    pusher, on_disk = CheckpointPusher(target, out, keep=1), []
    for step, away in ((1, False), (2, True), (3, False), (4, True)):
        failing.touch() if away else failing.unlink(missing_ok=True)
        save(out, step)
        pusher.push(step)
        wait(pusher.waiting.values())
        on_disk.append(sorted(pusher.saved()))
    try:
        pusher.finish()
    except publish.PublishError as error:
        said = str(error)
    failing.unlink()
    CheckpointPusher(target, out, keep=1).finish()  # the same command, later
    return said, [*on_disk, sorted(pusher.saved())]


def test_nothing_is_deleted_that_the_hub_does_not_have(tmp_path: Path) -> None:
    out, failing = tmp_path / "run", tmp_path / "failing"
    out.mkdir()

    def drop_commits(method: str, path: str) -> None:
        if "/commit/" in path and failing.exists():
            raise ConnectionError

    with LocalHub(tmp_path / "store") as hub:
        hub.on_request = drop_commits
        said, on_disk = client(hub, tmp_path / "home", push_while_the_hub_fails, out, failing)
        assert on_disk == [[1], [1, 2], [3], [3, 4], [4]]
        assert said.startswith("biology/model: not on the Hub: step-4 (") and "step-3" not in said
        *tags, checkpoint = client(hub, tmp_path / "home", what_the_hub_has)
    assert tags == [bytes([step]) * 100 for step in (1, 2, 3, 4)] and checkpoint == bytes([4]) * 100


def test_the_checkpoint_on_the_hub_never_goes_back(tmp_path: Path) -> None:
    """A run that goes on from step 4 has step 3 on disk too."""
    for step in (3, 4):
        save(tmp_path, step)
    (tmp_path / "log.jsonl").write_text("{}")
    target = Mock()
    target.refs.return_value = Mock(branches=[], tags=[])
    pushed = []
    target.push.side_effect = lambda folder, branch: pushed.append(folder.name)
    CheckpointPusher(target, tmp_path, keep=None).finish()
    assert pushed == ["4"]


def test_a_check_that_was_killed_is_no_wrong_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nkill -KILL $$\n")
    python.chmod(stat.S_IRWXU)
    monkeypatch.setattr("sys.executable", python)
    monkeypatch.setattr("trl_recipes.hub.publish", Mock())
    with pytest.raises(publish.PublishError, match="stage3: its check was ended by SIGKILL; run the same"):
        publish_checked(load_recipe(Path("trl_recipes/tiny/stage3.yaml"), ["hub=biology"]), tmp_path)


def what_the_hub_has() -> list[bytes]:
    """The model of each step, and the optimizer that a fresh machine goes on with."""
    from huggingface_hub import hf_hub_download

    files = [(f"step-{step}", "model.safetensors") for step in (1, 2, 3, 4)] + [("checkpoint", "optimizer.pt")]
    return [Path(hf_hub_download("biology/model", name, revision=at)).read_bytes() for at, name in files]
