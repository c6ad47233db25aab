"""huggingface_hub against LocalHub: files, history, access, and what becomes of interrupted uploads."""

import hashlib
import json
import random
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.local_hub import LocalHub
from tests.local_hub.clients import SPAWN, client


ROOT = Path(__file__).parents[2]
CARD = "---\nlicense: mit\ntags: [biology]\n---\n# Sequences\n"
with_and_without_xet = pytest.mark.parametrize("disable_xet", ["0", "1"], ids=["xet", "lfs"])


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[LocalHub]:
    with LocalHub(tmp_path / "store") as hub:
        yield hub


def raises(code: int, call: Callable, *arguments: Any, **keywords: Any) -> str:
    """The name of the client's exception; the status of the answer behind it must be `code`."""
    from huggingface_hub.errors import HfHubHTTPError

    try:
        call(*arguments, **keywords)
    except HfHubHTTPError as error:
        assert error.response.status_code == code, error
        return type(error).__name__
    raise AssertionError(f"{call} did not fail")


def post(url: str, token: str | None, data: bytes, method: str = "POST") -> int:
    """Status of a request that no client would make."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        with urlopen(Request(url, data, headers, method=method)) as response:
            return response.status
    except HTTPError as error:
        return error.code


def hashes(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file() and ".cache" not in path.parts)
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def content_sent(log: list[tuple[str, str, int]]) -> list[tuple[str, str, int]]:
    """Requests that carry files or make commits."""
    return [entry for entry in log if entry[0] == "PUT" or "/xorbs/" in entry[1] or "/commit/" in entry[1]]


def make_folder(folder: Path) -> None:
    """Text, an empty file, random bytes, floats that compress, and many small files in folders."""
    (folder / "parts" / "deep").mkdir(parents=True)
    (folder / "README.md").write_text(CARD)
    (folder / "empty.txt").touch()
    (folder / "random.bin").write_bytes(random.Random(0).randbytes(5_000_001))
    (folder / "floats.npy").write_bytes(struct.pack("<500000f", *(i / 7 for i in range(500_000))) + b"end")
    for i in range(120):
        (folder / "parts" / ("deep" if i % 2 else "") / f"{i} \u00b5.txt").write_text(f"ACGT {i}\n" * 20)


def upload(folder: Path) -> str:
    from huggingface_hub import HfApi

    api = HfApi()
    assert api.create_repo("biology/folder", exist_ok=True).repo_id == "biology/folder"
    return api.upload_folder(repo_id="biology/folder", folder_path=folder).oid


def upload_twice(folder: Path) -> tuple[str, str]:
    return upload(folder), upload(folder)


def download(folder: Path) -> dict[str, Any]:
    from huggingface_hub import HfApi, HfFileSystem

    api = HfApi()
    api.snapshot_download("biology/folder", local_dir=folder)
    checked = api.verify_repo_checksums("biology/folder", local_dir=folder)
    assert not checked.mismatches and not checked.missing_paths
    info = api.model_info("biology/folder", files_metadata=True)
    with HfFileSystem().open("biology/folder/random.bin") as file:
        file.seek(2_500_000)
        part = file.read(1000)
    return {"checked": checked.checked_count, "card": info.card_data.to_dict(), "sha": info.sha, "part": part}


@with_and_without_xet
def test_a_folder_comes_back_as_it_was_sent_and_is_sent_only_once(hub: LocalHub, tmp_path: Path, disable_xet: str):
    make_folder(tmp_path / "sent")
    first, second = client(hub, tmp_path / "a", upload_twice, tmp_path / "sent", HF_HUB_DISABLE_XET=disable_xet)
    assert first == second
    assert len([entry for entry in hub.log if "/commit/" in entry[1]]) == 1
    upload_path = "/lfs/" if disable_xet == "1" else "/xorbs/"
    assert sum(received for _, path, received in hub.log if upload_path in path) > 5_000_000

    start = len(hub.log)  # another machine, with an empty cache, has the same files
    assert client(hub, tmp_path / "b", upload, tmp_path / "sent", HF_HUB_DISABLE_XET=disable_xet) == first
    assert content_sent(hub.log[start:]) == []

    got = client(hub, tmp_path / "c", download, tmp_path / "received", HF_HUB_DISABLE_XET=disable_xet)
    received = hashes(tmp_path / "received")
    assert received.pop(".gitattributes")
    assert received == hashes(tmp_path / "sent")
    assert got["sha"] == first and got["checked"] == len(received) + 1
    assert got["card"] == {"license": "mit", "tags": ["biology"]}
    assert got["part"] == (tmp_path / "sent" / "random.bin").read_bytes()[2_500_000:2_501_000]

    git = ["git", "--git-dir", tmp_path / "store" / "models" / "biology" / "folder.git"]
    subprocess.run([*git, "fsck", "--strict"], check=True, capture_output=True)
    listed = subprocess.run([*git, "ls-tree", "-rz", "--name-only", "main"], check=True, capture_output=True).stdout
    assert set(listed.decode().split("\0")[:-1]) == {".gitattributes", *received}


def test_a_new_store_on_the_same_port_is_sent_what_the_client_remembers_sending(tmp_path: Path):
    make_folder(tmp_path / "sent")
    port = 0
    for store in ("one", "two"):
        with LocalHub(tmp_path / store, port) as hub:
            port = int(hub.url.rpartition(":")[2])
            client(hub, tmp_path / "home", upload, tmp_path / "sent", HF_HUB_DISABLE_XET="0")
            assert sum(received for _, path, received in hub.log if "/xorbs/" in path) > 5_000_000


def edit_history() -> None:
    import io

    from huggingface_hub import CommitOperationAdd, CommitOperationCopy, CommitOperationDelete, HfApi

    api, id = HfApi(), "biology/history"
    api.create_repo(id)

    def commit(message: str, *operations: object, **keywords: object) -> str:
        return api.create_commit(id, operations, commit_message=message, **keywords).oid

    def names(revision: str) -> set[str]:
        return set(api.list_repo_files(id, revision=revision)) - {".gitattributes"}

    many = [CommitOperationAdd(f"many/{i}.txt", f"{i}\n".encode()) for i in range(1050)]
    weights = CommitOperationAdd("a.bin", io.BytesIO(b"\0" * 1000))  # a buffer is sent by LFS even with hf_xet
    first = commit("first", weights, CommitOperationAdd("a.txt", b"one\n"), *many)
    api.create_tag(id, tag="step-1")
    api.create_branch(id, branch="adapter/lora", revision=first)
    copies = CommitOperationCopy("a.bin", "b/a.bin"), CommitOperationCopy("a.txt", "b/a.txt")
    second = commit("second\nwith a description", CommitOperationDelete("many/"), *copies)
    third = commit("third", CommitOperationDelete("a.bin"), CommitOperationAdd("a.txt", b"two\n"))
    branch = commit("branch", CommitOperationAdd("c.txt", b"three\n"), revision="adapter/lora")

    assert len(names("step-1")) == 1052  # two pages
    assert names("main") == {"a.txt", "b/a.bin", "b/a.txt"}
    assert names("adapter/lora") == names("step-1") | {"c.txt"}
    assert names("refs/heads/main") == names("main") == names(third)
    texts = {r: Path(api.hf_hub_download(id, "a.txt", revision=r)).read_text() for r in ("step-1", second, "main")}
    assert texts == {"step-1": "one\n", second: "one\n", "main": "two\n"}
    assert Path(api.hf_hub_download(id, "b/a.bin")).read_bytes() == b"\0" * 1000
    history = api.list_repo_commits(id)
    assert [item.title for item in history] == ["third", "second", "first", "initial commit"]
    assert [item.commit_id for item in history][:3] == [third, second, first]
    last = {item.path: item.last_commit.title for item in api.list_repo_tree(id, recursive=True, expand=True)}
    expected = {"a.txt": "third", "b": "second", "b/a.txt": "second", "b/a.bin": "second"}
    assert last == expected | {".gitattributes": "initial commit"}
    assert [item.path for item in api.get_paths_info(id, ["a.txt", "none.txt", "b"])] == ["a.txt", "b"]

    assert raises(409, api.create_tag, id, tag="step-1") == "HfHubHTTPError"
    assert raises(404, api.list_repo_files, id, revision="none") == "RevisionNotFoundError"
    assert raises(404, commit, "wrong", CommitOperationDelete("none.txt")) == "RemoteEntryNotFoundError"
    assert raises(400, commit, "wrong", CommitOperationAdd("a.txt/b", b"")) == "BadRequestError"
    assert raises(403, api.delete_branch, id, branch="main") == "HfHubHTTPError"
    api.delete_tag(id, tag="step-1")
    refs = api.list_repo_refs(id)
    assert {ref.name: ref.target_commit for ref in refs.branches} == {"main": third, "adapter/lora": branch}
    assert refs.tags == []
    api.delete_branch(id, branch="adapter/lora")
    api.super_squash_history(id)
    assert len(api.list_repo_commits(id)) == 1 and names("main") == {"a.txt", "b/a.bin", "b/a.txt"}


def commit_at_once() -> list[int]:
    """Statuses of four commits that all build on the same parent."""
    from huggingface_hub import CommitOperationAdd, HfApi
    from huggingface_hub.errors import HfHubHTTPError

    api = HfApi()
    api.create_repo("biology/race", repo_type="dataset")
    parent = api.dataset_info("biology/race").sha

    def commit(i: int) -> int:
        operations = [CommitOperationAdd(f"{i}.txt", b"x\n")]
        try:
            api.create_commit(
                "biology/race", operations, commit_message=f"{i}", repo_type="dataset", parent_commit=parent
            )
        except HfHubHTTPError as error:
            return error.response.status_code
        return 200

    with ThreadPoolExecutor(4) as pool:
        statuses = sorted(pool.map(commit, range(4)))
    assert len(api.list_repo_files("biology/race", repo_type="dataset")) == 2
    return statuses


def test_history_branches_and_tags_are_those_of_git(hub: LocalHub, tmp_path: Path):
    client(hub, tmp_path / "home", edit_history)
    assert client(hub, tmp_path / "home", commit_at_once) == [200, 412, 412, 412]


def try_access() -> None:
    from huggingface_hub import HfApi

    api, anonymous, wrong = HfApi(), HfApi(token=False), HfApi(token="hf_wrong")
    assert api.whoami()["name"] == "biologist" and api.whoami()["orgs"][0]["name"] == "biology"
    assert raises(401, wrong.whoami) == "HfHubHTTPError"
    for kind in ("model", "dataset", "space"):
        sdk = {"space_sdk": "gradio"} if kind == "space" else {}
        assert raises(401, anonymous.create_repo, "biology/x", repo_type=kind, **sdk) == "HfHubHTTPError"
        assert raises(401, wrong.create_repo, "biology/x", repo_type=kind, **sdk) == "HfHubHTTPError"
        assert raises(403, api.create_repo, "someone/x", repo_type=kind, **sdk) == "HfHubHTTPError"
        api.create_repo("x", repo_type=kind, private=True, **sdk)
        assert raises(409, api.create_repo, "biologist/x", repo_type=kind, **sdk) == "HfHubHTTPError"
        assert api.repo_info("biologist/x", repo_type=kind).private
        assert raises(401, anonymous.repo_info, "biologist/x", repo_type=kind) == "RepositoryNotFoundError"
        upload = {"path_or_fileobj": b"x\n", "path_in_repo": "x.txt", "repo_id": "biologist/x", "repo_type": kind}
        assert raises(401, wrong.upload_file, **upload) == "HfHubHTTPError"
        assert raises(401, anonymous.upload_file, **upload) == "HfHubHTTPError"
        api.upload_file(**upload)
        api.update_repo_settings("biologist/x", repo_type=kind, private=False)
        assert not anonymous.repo_info("biologist/x", repo_type=kind).private
        api.move_repo("biologist/x", "biology/y", repo_type=kind)
        assert raises(404, api.repo_info, "biologist/x", repo_type=kind) == "RepositoryNotFoundError"
        assert anonymous.file_exists("biology/y", "x.txt", repo_type=kind)
        assert not anonymous.file_exists("biology/y", "none.txt", repo_type=kind)
    listings = anonymous.list_models(author="biology"), anonymous.list_datasets(), anonymous.list_spaces(search="Y")
    assert [[item.id for item in listing] for listing in listings] == [["biology/y"]] * 3
    assert list(api.list_models(author="biologist")) == []
    with pytest.raises(ValueError, match="mapping"):
        api.upload_file(path_or_fileobj=b"---\n- a\n---\n", path_in_repo="README.md", repo_id="biology/y")
    api.delete_repo("biology/y")
    assert raises(404, api.delete_repo, "biology/y") == "RepositoryNotFoundError"
    assert not api.repo_exists("biology/y") and api.repo_exists("biology/y", repo_type="dataset")


def test_only_the_token_of_the_owner_may_write(hub: LocalHub, tmp_path: Path):
    client(hub, tmp_path / "home", try_access)


def test_what_no_client_would_send_is_refused(hub: LocalHub, tmp_path: Path):
    def create(name: str) -> int:
        return post(f"{hub.url}/api/repos/create", hub.token, json.dumps({"name": name}).encode())

    assert [create(name) for name in ("a--b", "../a", "a/b", "-a", "a.git", "a" * 97, "")] == [400] * 7
    assert create("good") == 200
    with socket.create_connection(hub.url.removeprefix("http://").split(":")) as connection:
        connection.sendall(b"POST /api/repos/create HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n")
        assert connection.recv(12) == b"HTTP/1.1 411"
    content = b"weights"
    oid = hashlib.sha256(content).hexdigest()
    entry = {"objects": [{"oid": oid, "size": len(content)}]}
    batch = f"{hub.url}/biologist/good.git/info/lfs/objects/batch"
    assert post(batch, None, json.dumps(entry).encode()) == 401
    with urlopen(Request(batch, json.dumps(entry).encode(), {"Authorization": f"Bearer {hub.token}"})) as response:
        address = json.load(response)["objects"][0]["actions"]["upload"]["href"]
    assert post(address, None, b"Weights", "PUT") == 400  # another sha256
    assert post(address, None, b"weight", "PUT") == 400  # another size
    assert post(address[:-1] + "x", None, content, "PUT") == 404  # no signature
    assert post(address.replace(oid, "0" * 64), None, content, "PUT") == 403  # signature of another object
    with socket.create_connection(hub.url.removeprefix("http://").split(":")) as connection:
        connection.sendall(f"PUT {address.removeprefix(hub.url)} HTTP/1.1\r\nContent-Length: 7\r\n\r\nwei".encode())
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(1) == b""
    pointer = {"key": "lfsFile", "value": {"path": "a.bin", "algo": "sha256", "oid": oid}}
    lines = json.dumps({"key": "header", "value": {"summary": "x"}}) + "\n" + json.dumps(pointer)
    commit = f"{hub.url}/api/models/biologist/good/commit/main"
    assert post(commit, hub.token, lines.encode()) == 400
    assert not (tmp_path / "store" / "large").exists()
    assert not list((tmp_path / "store" / "incoming").iterdir())
    assert post(address, None, content, "PUT") == 200
    assert post(commit, hub.token, lines.replace("a.bin", "../a.bin").encode()) == 400
    assert post(commit, hub.token, lines.encode()) == 200

    xorbs = f"{hub.url}/cas/{hub.store.uuid}/v1/xorbs/default/{'0' * 64}"
    assert post(xorbs, hub.token, b"\0" * 8) == 401  # not a Xet token
    assert post(xorbs, hub.store.sign("xet"), b"\0\xff\0\0\0\xff\0\0cut short") == 400
    assert post(f"{hub.url}/cas/{hub.store.uuid}/v1/shards", hub.store.sign("xet"), b"\0" * 100) == 400


@with_and_without_xet
def test_an_upload_killed_at_its_commit_leaves_nothing_and_the_next_completes_it(
    hub: LocalHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, disable_xet: str
):
    make_folder(tmp_path / "sent")
    for name, value in {**hub.environment(tmp_path / "home"), "HF_HUB_DISABLE_XET": disable_xet}.items():
        monkeypatch.setenv(name, value)
    process = SPAWN.Process(target=upload, args=(tmp_path / "sent",))

    def kill_at_commit(method: str, path: str) -> None:
        if "/commit/" in path:
            process.kill()
            raise ConnectionError("killed by the test")

    hub.on_request = kill_at_commit
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    hub.on_request, start = None, len(hub.log)
    files = client(hub, tmp_path / "b", list_files, HF_HUB_DISABLE_XET=disable_xet)
    assert files == [".gitattributes"]
    client(hub, tmp_path / "b", upload, tmp_path / "sent", HF_HUB_DISABLE_XET=disable_xet)
    assert [path for _, path, _ in content_sent(hub.log[start:])] == ["/api/models/biology/folder/commit/main"]
    assert len(client(hub, tmp_path / "b", list_files)) == 125


def list_files() -> list[str]:
    from huggingface_hub import HfApi

    return HfApi().list_repo_files("biology/folder")


def test_a_store_served_from_the_command_line_continues_after_a_restart(tmp_path: Path):
    def serve(*extra: str) -> subprocess.Popen:
        command = [sys.executable, "-m", "tests.local_hub", "--store", tmp_path / "store", *extra]
        process = subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        stack.enter_context(process)
        stack.callback(process.kill)
        return process

    def models(url: str) -> list[str]:
        with urlopen(f"{url}/api/models") as response:
            return [model["id"] for model in json.load(response)]

    with ExitStack() as stack:
        first = serve()
        url = first.stdout.readline().strip()
        token = (tmp_path / "store" / "token").read_text()
        assert models(url) == []
        assert post(f"{url}/api/repos/create", token, b'{"name": "a"}') == 200
        second = serve()
        assert second.wait(30) == 1
        assert "served by another process" in second.stderr.read()
        first.kill()
        first.wait(30)
        third = serve("--user", "someone", "--org", "biologist")
        url = third.stdout.readline().strip()
        assert models(url) == ["biologist/a"]
        assert post(f"{url}/api/repos/create", token, b'{"name": "a", "organization": "biologist"}') == 409
        third.terminate()
        assert third.wait(30) == 0
