"""Endpoints for the files of a repository: list, download, and commit."""

import base64
import codecs
import json
import re
from fnmatch import fnmatch
from urllib.parse import parse_qs, urlencode

from tests.local_hub.git import Change, Commit, Entry, Repository
from tests.local_hub.messages import Request, Response, reply
from tests.local_hub.repositories import URL_PREFIX, date
from tests.local_hub.store import HubError


PAGE, EXPANDED_PAGE = 1000, 50
LARGEST_REGULAR_BYTES = 10 << 20


def describe(repository: Repository, path: str, entry: Entry) -> dict:
    if entry.folder:
        return {"type": "directory", "path": path, "oid": entry.oid, "size": 0}
    blob = repository.blob(entry.oid)
    found = {"type": "file", "path": path, "oid": entry.oid, "size": blob.size}
    if blob.sha256:
        found["lfs"] = {"oid": blob.sha256, "size": blob.size, "pointerSize": len(blob.content)}
    return found


def last_commits(repository: Repository, head: Commit) -> dict[str, Commit]:
    """The commit that gave every path of `head` its present content."""
    current, found = repository.entries(head.tree), {}
    for commit in repository.history(head.id):
        before = repository.entries(next(repository.history(commit.parent)).tree) if commit.parent else {}
        found |= {path: commit for path in current.keys() - found.keys() if before.get(path) != current[path]}
    return found


def expand(repository: Repository, head: Commit, items: list[dict]) -> None:
    """Add lastCommit to the entries of a listing."""
    last = last_commits(repository, head)
    for item in items:
        commit = last[item["path"]]
        item["lastCommit"] = {"id": commit.id, "title": commit.title, "date": date(commit.time)}


def tree(request: Request, kind: str, id: str, revision: str, folder: str | None = None) -> Response:
    """One page of a folder; `Link` leads to the next."""
    repository = request.repository(kind, id)
    commit = repository.resolve(revision)
    entries = repository.entries(commit.tree)
    if folder and not (folder in entries and entries[folder].folder):
        raise entry_not_found(folder, commit)
    flag = {name: request.query.get(name, ["false"])[0].lower() in ("true", "1") for name in ("recursive", "expand")}
    prefix = f"{folder}/" if folder else ""
    below = [path for path in entries if path.startswith(prefix)]
    paths = below if flag["recursive"] else [path for path in below if "/" not in path.removeprefix(prefix)]
    start, count = int(request.query.get("cursor", ["0"])[0]), EXPANDED_PAGE if flag["expand"] else PAGE
    items = [describe(repository, path, entries[path]) for path in paths[start : start + count]]
    if flag["expand"]:
        expand(repository, commit, items)
    query = urlencode({**flag, "cursor": start + count})
    more = start + count < len(paths)
    return reply(items, headers={"Link": f'<{request.url}{request.path}?{query}>; rel="next"'} if more else {})


def paths_info(request: Request, kind: str, id: str, revision: str) -> Response:
    """The entries among `paths` that exist."""
    repository = request.repository(kind, id)
    commit = repository.resolve(revision)
    entries, form = repository.entries(commit.tree), parse_qs(request.body().decode())
    paths = [path.rstrip("/") for path in form.get("paths", [])]
    items = [describe(repository, path, entries[path]) for path in paths if path in entries]
    if form.get("expand", ["false"])[0].lower() in ("true", "1"):
        expand(repository, commit, items)
    return reply(items)


def entry_not_found(path: str, commit: Commit) -> HubError:
    return HubError(404, f"Entry not found: {path}", "EntryNotFound", {"X-Repo-Commit": commit.id})


def resolve(request: Request, kind: str | None, id: str, revision: str, path: str) -> Response:
    """The content of a file, or one range of it."""
    repository = request.repository(kind or "models", id)
    commit = repository.resolve(revision)
    entry = repository.entries(commit.tree).get(path)
    if entry is None or entry.folder:
        raise entry_not_found(path, commit)
    blob = repository.blob(entry.oid)
    headers = {
        "Content-Type": "application/octet-stream",
        "Accept-Ranges": "bytes",
        "X-Repo-Commit": commit.id,
        "ETag": f'"{blob.sha256 or entry.oid}"',
    }
    if blob.sha256:
        headers |= {"X-Linked-ETag": headers["ETag"], "X-Linked-Size": str(blob.size)}
    body = request.store.large(blob.sha256) if blob.sha256 else blob.content
    wanted = re.fullmatch(r"bytes=(\d*)-(\d*)", request.headers.get("Range", ""))
    if not wanted or wanted.groups() == ("", ""):
        return Response(body, 200, headers, length=blob.size)
    first, last = wanted.groups()
    start = int(first) if first else max(blob.size - int(last), 0)
    stop = min(int(last) + 1, blob.size) if first and last else blob.size
    if start >= stop:
        raise HubError(416, "Range not satisfiable", headers={"Content-Range": f"bytes */{blob.size}"})
    headers["Content-Range"] = f"bytes {start}-{stop - 1}/{blob.size}"
    return Response(body, 206, headers, start, stop - start)


def is_text(sample: bytes) -> bool:
    """UTF-8 without NUL; the sample may end within a character."""
    try:
        return "\0" not in codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return False


def preupload(request: Request, kind: str, id: str, revision: str) -> Response:
    """Say which files must be uploaded as large ones, and what their paths hold now."""
    repository = request.repository(kind, id, write=True)
    body = request.json()
    if body.get("gitIgnore"):
        raise HubError(501, "uploading a .gitignore is not implemented: leave it out")
    entries = repository.entries(repository.resolve(revision).tree)
    attributes = repository.get(entries[".gitattributes"].oid)[1].decode() if ".gitattributes" in entries else ""
    patterns = [line.split()[0] for line in attributes.splitlines() if "filter=lfs" in line.split()]
    answers = []
    for file in body["files"]:
        path, sample = file["path"], base64.b64decode(file["sample"])
        matched = any(fnmatch(name, pattern) for pattern in patterns for name in (path, path.rpartition("/")[2]))
        large = matched or file["size"] > LARGEST_REGULAR_BYTES or not is_text(sample)
        answer = {"path": path, "uploadMode": "lfs" if large else "regular", "shouldIgnore": False}
        if path in entries and not entries[path].folder:
            answer["oid"] = repository.blob(entries[path].oid).sha256 or entries[path].oid
        answers.append(answer)
    return reply({"files": answers})


def read_change(repository: Repository, key: str, value: dict) -> Change:
    """One line of a commit request; the blob it names or carries is stored."""
    path = value["path"]
    if key == "file":
        return Change(path, repository.put("blob", base64.b64decode(value["content"])))
    if key == "lfsFile":
        return Change(path, repository.put_pointer(value["oid"]))
    if key == "deletedFile":
        return Change(path)
    if key == "deletedFolder":
        return Change(path.rstrip("/") + "/")
    raise HubError(400, f"unknown operation {key!r}: expected file, lfsFile, deletedFile or deletedFolder")


def commit(request: Request, kind: str, id: str, branch: str) -> Response:
    """Newline-delimited JSON: a header, then one line per change."""
    repository = request.repository(kind, id, write=True)
    if "create_pr" in request.query:
        raise HubError(501, "pull requests are not implemented: commit to a branch")
    lines = [json.loads(line) for line in request.body().splitlines()]
    header = lines[0]["value"]
    changes = [read_change(repository, line["key"], line["value"]) for line in lines[1:]]
    title, message, parent = (header.get(key) or "" for key in ("summary", "description", "parentCommit"))
    oid = repository.commit(branch, changes, request.user, title, message, parent)
    url = f"{request.url}/{URL_PREFIX[kind]}{id}/commit/{oid}"
    return reply({"success": True, "commitOid": oid, "commitUrl": url})
