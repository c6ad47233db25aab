"""What an endpoint receives and returns: Request, with the checks of who may do what, and Response."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import parse_qs

from tests.local_hub.git import Repository, find
from tests.local_hub.store import HubError, Store


BLOCK_BYTES = 1 << 20


@dataclass(frozen=True)
class Response:
    """Sends `length` bytes of `body`, bytes or a file, from `start` on; bytes are sent whole if it is None."""

    body: bytes | Path = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    start: int = 0
    length: int | None = None


def reply(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(json.dumps(value).encode(), status, {"Content-Type": "application/json"} | dict(headers or {}))


@dataclass
class Request:
    """One HTTP request. `path` is still percent-encoded; `unread` counts the bytes of the body not read yet."""

    method: str
    target: str
    headers: Mapping[str, str]
    stream: BinaryIO
    url: str
    store: Store
    user: str
    namespaces: frozenset[str]

    def __post_init__(self) -> None:
        self.path, _, query = self.target.partition("?")
        self.query: dict[str, list[str]] = parse_qs(query)
        self.unread = int(self.headers.get("Content-Length", 0))

    def blocks(self) -> Iterator[bytes]:
        """The body; ConnectionError if the client goes away before its end."""
        while self.unread:
            block = self.stream.read(min(BLOCK_BYTES, self.unread))
            if not block:
                raise ConnectionError(f"{self.method} {self.path}: {self.unread} bytes of the body are missing")
            self.unread -= len(block)
            yield block

    def body(self) -> bytes:
        return b"".join(self.blocks())

    def json(self) -> dict:
        try:
            return json.loads(self.body() or b"{}")
        except ValueError as error:
            raise HubError(400, f"the body is not JSON: {error}") from error

    def bearer(self) -> str | None:
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        return token if scheme == "Bearer" else None

    def authenticated(self) -> bool:
        """Whether the store's token was sent; HubError 401 for any other token."""
        token = self.bearer()
        if token not in (None, self.store.token):
            raise HubError(401, "Invalid credentials in Authorization header")
        return token is not None

    def require_write(self, namespace: str) -> None:
        if not self.authenticated():
            raise HubError(401, "Invalid username or password.")
        if namespace not in self.namespaces:
            raise HubError(403, f"You don't have the rights to write to the namespace {namespace!r}")

    def may_read(self, repository: Repository) -> bool:
        authenticated = self.authenticated()
        owned = authenticated and repository.id.partition("/")[0] in self.namespaces
        return owned or not repository.settings["private"]

    def repository(self, kind: str, id: str, write: bool = False) -> Repository:
        """The repository asked for; for a hidden one the same HubError as for none: 404, or 401 without a token."""
        if write:
            self.require_write(id.partition("/")[0])
        repository = find(self.store, kind, id)
        if repository is None or not self.may_read(repository):
            raise HubError(404 if self.authenticated() else 401, f"Repository not found: {id}", "RepoNotFound")
        return repository
