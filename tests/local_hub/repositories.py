"""Endpoints for whole repositories: who am I, create, delete, move, list, describe, branches, tags, history."""

import re
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from tests.local_hub import git
from tests.local_hub.messages import Request, Response, reply
from tests.local_hub.store import HubError


URL_PREFIX = {"models": "", "datasets": "datasets/", "spaces": "spaces/"}
LARGE = ("arrow", "bin", "gz", "h5", "npy", "npz", "onnx", "parquet", "pt", "pth", "safetensors", "tar", "zip")
ATTRIBUTES = "".join(f"*.{suffix} filter=lfs diff=lfs merge=lfs -text\n" for suffix in LARGE).encode()
FRONT_MATTER = re.compile(r"\A---[ \t]*\r?\n(.*?)^---[ \t]*$", re.DOTALL | re.MULTILINE)


def date(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def read_card(text: str) -> dict[str, Any]:
    """The YAML front matter of a README.md, {} without one; HubError 400 if it is not a YAML mapping."""
    import yaml

    match = FRONT_MATTER.match(text)
    try:
        card = yaml.safe_load(match[1]) if match else {}
    except yaml.YAMLError as error:
        raise HubError(400, f"YAML front matter of README.md: {error}") from error
    if not isinstance(card or {}, dict):
        raise HubError(400, f"YAML front matter of README.md: expected a mapping, found {type(card).__name__}")
    return card or {}


def whoami(request: Request) -> Response:
    if not request.authenticated():
        raise HubError(401, "Invalid username or password.")
    names = sorted(request.namespaces - {request.user})
    orgs = [{"type": "org", "name": name, "roleInOrg": "admin"} for name in names]
    auth = {"type": "access_token", "accessToken": {"displayName": "local", "role": "write"}}
    return reply({"type": "user", "name": request.user, "fullname": request.user, "orgs": orgs, "auth": auth})


def validate_yaml(request: Request) -> Response:
    try:
        card = read_card(request.json()["content"])
    except HubError as error:
        return reply({"errors": [{"message": error.message}], "warnings": []}, status=400)
    warnings = [] if card else [{"message": "empty or missing yaml metadata in repo card"}]
    return reply({"errors": [], "warnings": warnings})


def read_kind(body: dict) -> str:
    kind = f"{body.get('type') or 'model'}s"
    if kind not in URL_PREFIX:
        raise HubError(400, f"unknown repository type {body['type']!r}: expected model, dataset or space")
    return kind


def target(request: Request, body: dict) -> tuple[str, str]:
    """Kind and id named by the body of a create or delete request."""
    return read_kind(body), f"{body.get('organization') or request.user}/{body['name']}"


def check_name(id: str) -> None:
    from huggingface_hub.utils import HFValidationError, validate_repo_id

    try:
        validate_repo_id(id)
    except HFValidationError as error:
        raise HubError(400, str(error)) from error


def visibility(body: dict) -> dict[str, Any]:
    """The settings that a create or settings request changes."""
    changed = {"private": body["visibility"] == "private"} if body.get("visibility") else {}
    return changed | ({"gated": body["gated"]} if "gated" in body else {})


def create(request: Request) -> Response:
    body = request.json()
    kind, id = target(request, body)
    check_name(id)
    request.require_write(id.partition("/")[0])
    url = f"{request.url}/{URL_PREFIX[kind]}{id}"
    settings = {"private": False, "gated": False} | visibility(body)
    if kind == "spaces":
        settings["sdk"] = body.get("sdk")
    try:
        git.create(request.store, kind, id, settings, ATTRIBUTES, request.user)
    except HubError as error:
        # with exist_ok=True the client reads the url of the repository from this error
        return reply({"error": f"You already created this repo: {error.message}", "url": url}, error.status)
    return reply({"url": url, "name": id})


def delete(request: Request) -> Response:
    git.delete(request.repository(*target(request, request.json()), write=True))
    return Response()


def move(request: Request) -> Response:
    body = request.json()
    check_name(body["toRepo"])
    request.require_write(body["toRepo"].partition("/")[0])
    kind = read_kind(body)
    git.move(request.repository(kind, body["fromRepo"], write=True), kind, body["toRepo"])
    return Response()


def change_settings(request: Request, kind: str, id: str) -> Response:
    repository = request.repository(kind, id, write=True)
    with request.store.lock:
        repository.configure(repository.settings | visibility(request.json()))
    return Response()


def describe(repository: git.Repository, revision: str = "main", blobs: bool = False) -> dict[str, Any]:
    """What model_info, dataset_info and space_info return; with `blobs`, sizes and hashes of the files."""
    commit, settings = repository.resolve(revision), repository.settings
    files = {path: entry for path, entry in repository.entries(commit.tree).items() if not entry.folder}
    siblings = [{"rfilename": path} for path in files]
    for sibling, entry in zip(siblings, files.values(), strict=True) if blobs else ():
        blob = repository.blob(entry.oid)
        sibling |= {"blobId": entry.oid, "size": blob.size}
        if blob.sha256:
            sibling["lfs"] = {"sha256": blob.sha256, "size": blob.size, "pointerSize": len(blob.content)}
    readme = files.get("README.md")
    card = read_card(repository.blob(readme.oid).content.decode()) if readme else {}
    return {
        "id": repository.id,
        "author": repository.id.partition("/")[0],
        "sha": commit.id,
        "lastModified": date(commit.time),
        **settings,
        "createdAt": date(settings["createdAt"]),
        "downloads": 0,
        "likes": 0,
        "disabled": False,
        **{key: card[key] for key in ("library_name", "pipeline_tag", "model-index") if key in card},
        "tags": card.get("tags") or [],
        "cardData": card,
        "siblings": siblings,
    }


def info(request: Request, kind: str, id: str, revision: str = "main") -> Response:
    return reply(describe(request.repository(kind, id), revision, blobs="blobs" in request.query))


def listing(request: Request, kind: str) -> Response:
    """Visible repositories; HubError 400 for a filter that is not implemented, rather than a wrong list."""
    known = {"author", "search", "limit", "filter", "full", "config", "cardData", "expand"}
    if unknown := request.query.keys() - known:
        raise HubError(400, f"listing by {min(unknown)} is not implemented: expected {', '.join(sorted(known))}")
    author, search = (request.query.get(key, [""])[0] for key in ("author", "search"))
    tags = set(request.query.get("filter", []))
    visible = (repository for repository in git.find_all(request.store, kind) if request.may_read(repository))
    named = (r for r in visible if search.lower() in r.id.lower() and author in ("", r.id.partition("/")[0]))
    found = (item for item in map(describe, named) if tags <= set(item["tags"]))
    return reply(list(islice(found, int(request.query["limit"][0]) if "limit" in request.query else None)))


def refs(request: Request, kind: str, id: str) -> Response:
    groups = {"branches": [], "tags": [], "converts": [], "pullRequests": []}
    for ref, oid in request.repository(kind, id).refs().items():
        _, group, name = ref.split("/", 2)
        groups["branches" if group == "heads" else "tags"].append({"name": name, "ref": ref, "targetCommit": oid})
    return reply(groups)


def commits(request: Request, kind: str, id: str, revision: str) -> Response:
    repository = request.repository(kind, id)
    return reply(
        [
            {
                "id": commit.id,
                "title": commit.title,
                "message": commit.message,
                "authors": [{"user": commit.author}],
                "date": date(commit.time),
            }
            for commit in repository.history(repository.resolve(revision).id)
        ]
    )


def create_branch(request: Request, kind: str, id: str, branch: str) -> Response:
    repository = request.repository(kind, id, write=True)
    start = repository.resolve(request.json().get("startingPoint", "main"))
    repository.create_ref(f"refs/heads/{branch}", start.id)
    return Response()


def delete_branch(request: Request, kind: str, id: str, branch: str) -> Response:
    if branch == "main":
        raise HubError(403, "Cannot delete the main branch")
    request.repository(kind, id, write=True).delete_ref(f"refs/heads/{branch}")
    return Response()


def create_tag(request: Request, kind: str, id: str, revision: str) -> Response:
    repository = request.repository(kind, id, write=True)
    repository.create_ref(f"refs/tags/{request.json()['tag']}", repository.resolve(revision).id)
    return Response()


def delete_tag(request: Request, kind: str, id: str, tag: str) -> Response:
    request.repository(kind, id, write=True).delete_ref(f"refs/tags/{tag}")
    return Response()


def squash(request: Request, kind: str, id: str, branch: str) -> Response:
    """Replace the history of a branch by one commit with the same files."""
    repository = request.repository(kind, id, write=True)
    message, name = request.json()["message"], f"refs/heads/{branch}"
    with request.store.lock:
        commit = repository.put_commit(repository.resolve(name).tree, None, request.user, message)
        repository.set_refs(repository.refs() | {name: commit})
    return Response()
