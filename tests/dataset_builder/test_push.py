"""`python -m dataset_builder push` to a Hub on loopback, and what the unmodified clients then find there."""

import json
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dataset_builder.build import build
from dataset_builder.card import version_tag
from dataset_builder.tasks import SPLITS
from tests.local_hub import LocalHub
from tests.local_hub.clients import client, command
from tests.local_hub.git import Commit, Repository, find


NAME = "biology/biology-instructions"


def push(hub: LocalHub, folder: Path) -> subprocess.Popen:
    return command(hub, "-m", "dataset_builder", "push", folder, "--org", "biology")


def finished(process: subprocess.Popen) -> str:
    """What a push said."""
    _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return err


def writes(hub: LocalHub) -> list[str]:
    """The paths of requests that change something or send content."""
    return [path for method, path, _ in hub.log if method not in ("GET", "HEAD")]


def repository(hub: LocalHub) -> Repository:
    found = find(hub.store, "datasets", NAME)
    assert found
    return found


def history(hub: LocalHub) -> list[Commit]:
    """The commits of main, newest first; the last is that of the new repository."""
    return list(repository(hub).history(repository(hub).refs()["refs/heads/main"]))


def tag_of(folder: Path) -> str:
    return version_tag(json.loads((folder / "manifest.json").read_text()))


def assert_tagged(hub: LocalHub, folder: Path) -> None:
    """The tag of a build holds its shards by sha256, its manifest, and nothing else beside what describes it."""
    there = repository(hub)
    entries = there.entries(there.resolve(tag_of(folder)).tree)
    manifest = json.loads((folder / "manifest.json").read_text())
    files = {path for path, entry in entries.items() if not entry.folder}
    assert files == {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} | {
        ".gitattributes"
    }
    found = {path: there.blob(entries[path].oid).sha256 for path in manifest["shards"]}
    assert found == {path: shard["sha256"] for path, shard in manifest["shards"].items()}
    assert json.loads(there.blob(entries["manifest.json"].oid).content) == manifest


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[LocalHub]:
    with LocalHub(tmp_path / "store") as hub:
        yield hub


@pytest.fixture(scope="module")
def builds(synthetic_sources: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two builds of two tasks, which differ in their seed."""
    folder = tmp_path_factory.mktemp("builds")
    for seed in (0, 1):
        build(synthetic_sources, folder / str(seed), ["core_promoter", "ncrna_family"], seed)
    return [folder / "0", folder / "1"]


@pytest.fixture(scope="module")
def full(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalHub]:
    """A Hub that holds the dataset with every config."""
    with LocalHub(tmp_path_factory.mktemp("full") / "store") as hub:
        assert f"{NAME} {tag_of(dataset)}: " in finished(push(hub, dataset))
        yield hub


def read_everything(names: list[str]) -> dict[str, dict]:
    """What the datasets library knows of every config before it reads data, and then what it reads."""
    from datasets import (
        disable_progress_bars,
        get_dataset_config_names,
        get_dataset_split_names,
        load_dataset_builder,
    )
    from huggingface_hub import whoami

    disable_progress_bars()
    builders = {name: load_dataset_builder(NAME, name) for name in get_dataset_config_names(NAME)}
    known = {
        name: {
            "rows": {split: entry.num_examples for split, entry in builder.info.splits.items()},
            "bytes": {split: entry.num_bytes for split, entry in builder.info.splits.items()},
            "features": builder.info.features.to_dict(),
        }
        for name, builder in builders.items()
    }
    splits = {name: get_dataset_split_names(NAME, name) for name in names}
    whoami()  # the mark in the Hub's log behind which data is read
    read = {}
    for name, builder in builders.items():
        stream = builder.as_streaming_dataset()
        first = {split: list(rows.take(2)) for split, rows in stream.items()}
        builder.download_and_prepare()
        whole = builder.as_dataset()
        assert all(rows.features.to_dict() == known[name]["features"] for rows in whole.values()), name
        assert {split: list(rows.take(2)) for split, rows in whole.items()} == first, name
        read[name] = {split: rows.num_rows for split, rows in whole.items()}
    return {"known": known, "splits": splits, "read": read}


def expected_rows(dataset: Path) -> dict[str, dict[str, int]]:
    """Rows by config and split, from the manifest."""
    folders: dict[str, dict[str, int]] = {}
    for path, shard in json.loads((dataset / "manifest.json").read_text())["shards"].items():
        folder, split = path.rsplit("/", 1)[0], path.rsplit("/", 1)[1].split("-")[0]
        folders.setdefault(folder, {}).setdefault(split, 0)
        folders[folder][split] += shard["rows"]

    def total(parts: list[str]) -> dict[str, int]:
        return {split: sum(folders[part][split] for part in parts) for split in SPLITS}

    tasks = [folder.removeprefix("data/") for folder in folders if folder.startswith("data/")]
    rows = {task: folders[f"data/{task}"] for task in tasks}
    rows |= {folder: folders[folder] for folder in folders if "/" not in folder}
    return rows | {
        "all": total([f"data/{task}" for task in tasks]),
        "mini": total([f"mini/{task}" for task in tasks]),
        "conditioned": total([f"conditioned/{t}" if f"conditioned/{t}" in folders else f"data/{t}" for t in tasks]),
    }


def test_every_config_says_what_it_is_before_data_is_read_then_loads_and_streams_the_same(
    full: LocalHub, dataset: Path, tmp_path: Path
) -> None:
    full.log.clear()
    found = client(full, tmp_path, read_everything, ["core_promoter", "all", "reasoning"])
    paths = [path for _, path, _ in full.log]
    assert not [path for path in paths[: paths.index("/api/whoami-v2")] if path.endswith(".parquet")]

    expected = expected_rows(dataset)
    assert {name: config["rows"] for name, config in found["known"].items()} == expected == found["read"]
    assert all(all(config["bytes"].values()) for config in found["known"].values())
    assert found["splits"] == {name: [s for s in SPLITS if s in expected[name]] for name in found["splits"]}
    features = {name: config["features"] for name, config in found["known"].items()}
    assert {tuple(features[name]) for name in features if name.startswith("pretrain_")} == {("id", "text")}
    assert all(features[name] == features["all"] for name in features if not name.startswith("pretrain_"))


def test_a_build_is_one_revision_and_one_tag_and_again_nothing_is_written(full: LocalHub, dataset: Path) -> None:
    assert_tagged(full, dataset)
    assert len(history(full)) == 2
    full.log.clear()
    assert f"{NAME} {tag_of(dataset)}: unchanged, verified" in finished(push(full, dataset))
    assert writes(full) == []


def first_prompts(revisions: list[str | None]) -> list[str]:
    from datasets import load_dataset

    return [load_dataset(NAME, "ncrna_family", split="test", revision=r)[0]["prompt"][1]["content"] for r in revisions]


def test_another_build_is_another_revision_and_both_load_by_their_tags(
    hub: LocalHub, builds: list[Path], tmp_path: Path
) -> None:
    tags = [tag_of(folder) for folder in builds]
    for folder in builds:
        finished(push(hub, folder))
    first, second, newest = client(hub, tmp_path / "a", first_prompts, [*tags, None])
    assert first != second == newest
    assert len(history(hub)) == 3

    hub.log.clear()
    assert f"another build; this one loads with revision='{tags[0]}'" in finished(push(hub, builds[0]))
    assert writes(hub) == []

    changed = tmp_path / "changed"  # such as by an audit: the data, and so the tag, are the same
    shutil.copytree(builds[0], changed)
    with open(changed / "rejected.jsonl", "a") as stream:
        stream.write("{}\n")
    finished(push(hub, changed))
    assert len(history(hub)) == 4
    assert_tagged(hub, changed)
    assert_tagged(hub, builds[1])


def test_killed_at_one_request_after_the_other_it_is_completed_by_the_next(hub: LocalHub, builds: list[Path]) -> None:
    running: list[subprocess.Popen] = []

    def kill_at(point: str) -> Callable[[str, str], None]:
        def kill(method: str, path: str) -> None:
            if method not in ("GET", "HEAD") and point in path:
                running[-1].kill()
                raise ConnectionError

        return kill

    for point in ("/repos/create", "/preupload/", "/xorbs/", "/shards", "/commit/", "/tag/"):
        hub.on_request = kill_at(point)
        running.append(push(hub, builds[0]))
        assert running[-1].wait(timeout=120) == -9, (point, running[-1].communicate())
    hub.on_request = None
    finished(push(hub, builds[0]))
    assert len(history(hub)) == 2
    assert_tagged(hub, builds[0])


@pytest.mark.parametrize("same", [True, False], ids=["one build", "two builds"])
def test_two_pushes_at_once_both_end_well(hub: LocalHub, builds: list[Path], same: bool) -> None:
    meeting, lock, commits = threading.Barrier(2, timeout=60), threading.Lock(), []

    def meet(method: str, path: str) -> None:
        """Hold the first commit until the other process wants to commit too."""
        if path.endswith("/commit/main"):
            with lock:
                commits.append(path)
                wait = len(commits) <= 2
            if wait:
                meeting.wait()

    folders = [builds[0], builds[0] if same else builds[1]]
    hub.on_request = meet
    for process in [push(hub, folder) for folder in folders]:
        finished(process)
    assert len(commits) == (2 if same else 3)  # one was refused with 412; of one build, the other's commit is its own
    assert len(history(hub)) == (2 if same else 3)
    for folder in folders:
        assert_tagged(hub, folder)
