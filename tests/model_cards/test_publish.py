"""`python -m model_cards publish` to a Hub on loopback, and what the unmodified clients then read from it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dataset_builder.tasks import TASKS
from tests.local_hub import LocalHub
from tests.model_cards.runs import add_results, make_run


LOAD = """
import json, datasets, evaluate, yaml
from huggingface_hub import hf_hub_download
from transformers import AutoModelForCausalLM, AutoTokenizer

name = "biology/chatmultiomics-tiny-stage1"
models = {r: AutoModelForCausalLM.from_pretrained(name, revision=r) for r in ("main", "step-1", "step-2")}
benchmark = open(hf_hub_download("biology/biology-instructions", "eval.yaml", repo_type="dataset"))
adapter = hf_hub_download("biology/chatmultiomics-tiny-stage2", "adapter_config.json", revision="adapter")
print(json.dumps({
    "rows": {s: len(d) for s, d in datasets.load_dataset("biology/biology-instructions", "core_promoter").items()},
    "score": evaluate.load("biology/mixed_score").compute(predictions=[50.0, 50.0], references=[50.0, 50.0]),
    "exported_as": {revision: model.config.exported_as for revision, model in models.items()},
    "benchmark": [task["id"] for task in yaml.safe_load(benchmark)["tasks"]],
    "words": len(AutoTokenizer.from_pretrained(name)),
    "base of the adapter": json.load(open(adapter))["base_model_name_or_path"],
}))
"""


def run(hub: LocalHub, *command: object, **environment: str) -> subprocess.CompletedProcess:
    """A Python command in a process of its own, which starts with the Hub's environment."""
    known = {**os.environ, "PYTHONPATH": os.getcwd(), **hub.environment(hub.folder.parent / "home"), **environment}
    return subprocess.run([sys.executable, *map(str, command)], env=known, capture_output=True, text=True, timeout=120)


def publish(
    hub: LocalHub, *arguments: object, org: str = "biology", **environment: str
) -> subprocess.CompletedProcess:
    return run(hub, "-m", "model_cards", "publish", "--org", org, *arguments, **environment)


def writes(hub: LocalHub) -> list[str]:
    """The paths of requests that change something or send content."""
    return [path for method, path, _ in hub.log if method not in ("GET", "HEAD")]


def git(hub: LocalHub, *arguments: str) -> list[str]:
    """What git says about the repository of stage 1."""
    folder = hub.folder / "models" / "biology" / "chatmultiomics-tiny-stage1.git"
    command = ["git", "--git-dir", str(folder), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()


def files(hub: LocalHub, revision: str) -> set[str]:
    return set(git(hub, "ls-tree", "-r", "--name-only", revision))


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[LocalHub]:
    with LocalHub(tmp_path / "store") as hub:
        yield hub


@pytest.fixture
def stages(tiny_model: Path, dataset: Path, tmp_path: Path) -> list[Path]:
    return [make_run(tmp_path / f"stage{stage}", stage, tiny_model, dataset) for stage in (1, 2)]


def test_what_is_published_loads(hub: LocalHub, dataset: Path, stages: list[Path], tiny_model: Path) -> None:
    published = publish(hub, "--dataset", dataset, "--metrics", "--runs", *stages)
    assert published.returncode == 0, published.stderr
    loaded = run(hub, "-c", LOAD)
    assert loaded.returncode == 0, loaded.stderr
    manifest = json.loads((dataset / "manifest.json").read_text())
    tokenizer = json.loads((tiny_model / "tokenizer.json").read_text())
    assert json.loads(loaded.stdout.splitlines()[-1]) == {
        "rows": {
            Path(path).name.split("-")[0]: shard["rows"]
            for path, shard in manifest["shards"].items()
            if path.startswith("data/core_promoter/")
        },
        "score": {
            "mixed_score": 0.5
        },  # no error at all is one half of it; nothing in the low range, none of the other
        "exported_as": {"main": "merged", "step-1": "steps/step-1", "step-2": "steps/step-2"},
        "benchmark": list(TASKS),
        "words": len(tokenizer["model"]["vocab"]),
        "base of the adapter": "biology/chatmultiomics-tiny-stage1",
    }


@pytest.mark.parametrize("without_xet", ["0", "1"])
def test_nothing_is_sent_twice(hub: LocalHub, dataset: Path, stages: list[Path], without_xet: str) -> None:
    everything = ("--dataset", dataset, "--metrics", "--runs", *stages)
    first = publish(hub, *everything, HF_HUB_DISABLE_XET=without_xet)
    sent = writes(hub)
    hub.log.clear()
    again = publish(hub, *everything, HF_HUB_DISABLE_XET=without_xet)
    assert (first.returncode, again.returncode) == (0, 0), first.stderr + again.stderr
    assert sent and not writes(hub)
    before, after = ([line.rsplit(": ", 1) for line in done.stdout.splitlines()] for done in (first, again))
    assert [revision for revision, _ in before] == [revision for revision, _ in after]
    assert {outcome for _, outcome in after} == {"unchanged, verified"}


def test_only_what_changed_is_sent_and_what_is_gone_is_deleted(hub: LocalHub, stages: list[Path]) -> None:
    stage = stages[0]
    (stage / "merged" / "old.json").write_text("{}")
    assert publish(hub, "--runs", stage).returncode == 0
    tags = git(hub, "show-ref", "--tags")
    assert "old.json" in files(hub, "main")

    (stage / "merged" / "old.json").unlink()
    digest = json.loads((stage / "run.json").read_text())["dataset_digest"]
    add_results(stage, digest=digest)
    config = stage / "steps" / "step-2" / "config.json"
    config.write_text(config.read_text().replace("steps/step-2", "corrected"))
    shutil.rmtree(stage / "steps" / "step-1")
    hub.log.clear()
    second = publish(hub, "--runs", stage)
    assert second.returncode == 0, second.stderr
    assert sum("/commit/" in path for path in writes(hub)) == 2  # one to steps, one to main
    assert not any("/cas/" in path for path in writes(hub))  # the weights are there
    card = {".gitattributes", "README.md", "training.png", "training-dark.png"}
    expected = {path.name for path in (stage / "merged").iterdir()} | card
    assert files(hub, "main") == expected | {".eval_results/biology-instructions.yaml"}
    assert "corrected" in "".join(git(hub, "show", "step-2:config.json"))
    assert git(hub, "show-ref", "--tags")[0] == tags[0]  # step-1 stays, and the command says so
    assert f"step-1: kept; {stage} has no such step" in second.stdout


@pytest.mark.parametrize("request_number", [2, 8, 12, 16])
def test_killed_at_any_request_it_is_completed_by_the_next(
    hub: LocalHub, stages: list[Path], request_number: int
) -> None:
    requests, processes = iter(range(1, 1000)), []

    def kill(method: str, path: str) -> None:
        if method not in ("GET", "HEAD") and next(requests) == request_number:
            processes[0].kill()
            raise ConnectionError

    hub.on_request = kill
    command = [sys.executable, "-m", "model_cards", "publish", "--org", "biology", "--runs", str(stages[0])]
    home = hub.folder.parent / "home"
    processes.append(subprocess.Popen(command, env={**os.environ, **hub.environment(home)}, stderr=subprocess.PIPE))
    assert processes[0].wait(timeout=120) == -9, processes[0].stderr.read()
    hub.on_request = None
    assert len(git(hub, "rev-list", "main")) == 1  # no checkpoint was ever on main

    completed = publish(hub, "--runs", stages[0])
    assert completed.returncode == 0, completed.stderr
    assert len(git(hub, "rev-list", "main")) == 2
    for revision in ("main", "step-1", "step-2"):
        name = "merged" if revision == "main" else f"steps/{revision}"
        assert json.loads("".join(git(hub, "show", f"{revision}:config.json")))["exported_as"] == name
    assert files(hub, "step-2") == {path.name for path in (stages[0] / "merged").iterdir()} | {".gitattributes"}
    assert files(hub, "adapter") == {".gitattributes", "adapter_config.json", "adapter_model.safetensors"}


def test_a_broken_connection_is_tried_again(hub: LocalHub, stages: list[Path]) -> None:
    broken = []

    def drop(method: str, path: str) -> None:
        if path.endswith("/commit/main") and not broken:
            broken.append(path)
            raise ConnectionError

    hub.on_request = drop
    done = publish(hub, "--private", "--runs", stages[0])
    assert done.returncode == 0, done.stderr
    assert broken and len(git(hub, "rev-list", "main")) == 2
    assert json.loads(Path(*git(hub, "rev-parse", "--absolute-git-dir"), "hub.json").read_text())["private"]


@pytest.mark.parametrize(
    ("case", "says"),
    [
        ({"HF_ENDPOINT": "http://127.0.0.1:9"}, "cannot reach http://127.0.0.1:9"),
        ({"HF_HUB_OFFLINE": "1"}, "HF_HUB_OFFLINE"),
        ({"HF_TOKEN": ""}, "no token for"),
        ({"HF_TOKEN": "hf_wrongwrongwrong"}, "does not know this token; set HF_TOKEN"),
        ({"org": "google"}, "biologist cannot publish as 'google'; give --org one of: biologist, biology"),
        ({"remove": "run.json"}, "no run.json in it; expected the `out` folder of a finished trl_recipes/sft.py run"),
        ({"remove": "merged/model.safetensors"}, "merged: no model.safetensors in it"),
        ({"remove": "steps/step-2/config.json"}, "step-2: no config.json in it"),
    ],
)
def test_what_cannot_be_published_is_said_before_anything_is_sent(
    hub: LocalHub, stages: list[Path], case: dict[str, str], says: str
) -> None:
    case = dict(case)
    if "remove" in case:
        (stages[0] / case.pop("remove")).unlink()
    refused = publish(hub, "--runs", stages[0], **case)
    assert refused.returncode == 1
    assert says in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    assert writes(hub) == []
    assert hub.token not in refused.stderr and "hf_wrong" not in refused.stderr


def test_a_folder_that_is_no_dataset_is_refused(hub: LocalHub, tmp_path: Path) -> None:
    refused = publish(hub, "--dataset", tmp_path)
    assert refused.returncode == 1
    assert refused.stderr == f"error: {tmp_path}: no manifest.json in it; build one: python -m dataset_builder build\n"
    assert hub.log == []
