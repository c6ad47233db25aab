"""A Hub repository is a bare git repository: blobs, trees and commits are git's own objects, stored loose.

Branches and tags are lines of packed-refs; hub.json has what git does not know (visibility, SDK). A large file's blob
is its LFS pointer. `git --git-dir <owner>/<name>.git log --stat` shows a repository, `git fsck` checks it.
"""

import hashlib
import json
import re
import shutil
import time
import uuid
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.local_hub.store import HubError, Store


POINTER = re.compile(rb"version https://git-lfs.github.com/spec/v1\noid sha256:([0-9a-f]{64})\nsize (\d+)\n")
TREE_ENTRY = re.compile(rb"(\d+) ([^\0]+)\0(.{20})", re.DOTALL)
OBJECT_ID = re.compile(r"[0-9a-f]{40}")
REPOSITORY_ID = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*", re.ASCII)
REF_NAME = re.compile(r"(?!.*(\.\.|//|/\.|\.lock(/|$)|[/.]$))\w[\w.+/-]*", re.ASCII)


@dataclass(frozen=True)
class Entry:
    """A git tree entry: a folder (`oid` of a tree) or a file (`oid` of a blob)."""

    oid: str
    folder: bool


@dataclass(frozen=True)
class Blob:
    """What a file's blob stands for: `size` bytes, in the pool of large files if `sha256` is set."""

    content: bytes
    size: int
    sha256: str | None


@dataclass(frozen=True)
class Commit:
    """A git commit; `time` in seconds since 1970, `parent` None for the first."""

    id: str
    tree: str
    parent: str | None
    author: str
    time: int
    title: str
    message: str


@dataclass(frozen=True)
class Change:
    """A step of a commit: give `path` the blob `oid`; without one delete the file, or the folder if it ends in /."""

    path: str
    oid: str | None = None


@dataclass(frozen=True)
class Repository:
    """A bare git repository: `kind` is one of models, datasets and spaces, `id` is owner/name."""

    store: Store
    kind: str
    id: str

    @property
    def path(self) -> Path:
        return self.store.root / self.kind / f"{self.id}.git"

    @property
    def settings(self) -> dict:
        return json.loads((self.path / "hub.json").read_bytes())

    def configure(self, settings: dict) -> None:
        self.store.write(self.path / "hub.json", [json.dumps(settings).encode()])

    def get(self, oid: str) -> tuple[str, bytes]:
        """Type and content of a git object; FileNotFoundError if there is none."""
        header, _, content = zlib.decompress(self._object(oid).read_bytes()).partition(b"\0")
        return header.split()[0].decode(), content

    def put(self, type: str, content: bytes) -> str:
        """Store a git object; returns its SHA-1."""
        framed = f"{type} {len(content)}\0".encode() + content
        oid = hashlib.sha1(framed).hexdigest()
        if not self._object(oid).exists():
            self.store.write(self._object(oid), [zlib.compress(framed, 1)])
        return oid

    def _object(self, oid: str) -> Path:
        return self.path / "objects" / oid[:2] / oid[2:]

    def put_pointer(self, sha256: str) -> str:
        """The blob of a large file; HubError 400 if its content was never uploaded."""
        if not (content := self.store.large(sha256)).is_file():
            raise HubError(400, f"the content of LFS object {sha256} is not here: upload it before the commit")
        size = content.stat().st_size
        return self.put(
            "blob", f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256}\nsize {size}\n".encode()
        )

    def blob(self, oid: str) -> Blob:
        content = self.get(oid)[1]
        pointer = POINTER.fullmatch(content)
        return Blob(content, int(pointer[2]), pointer[1].decode()) if pointer else Blob(content, len(content), None)

    def entries(self, tree: str, prefix: str = "") -> dict[str, Entry]:
        """All folders and files below a tree, by path, folders before what they hold."""
        found = {}
        for mode, name, oid in TREE_ENTRY.findall(self.get(tree)[1]):
            path = prefix + name.decode()
            found[path] = Entry(oid.hex(), folder=mode == b"40000")
            if found[path].folder:
                found |= self.entries(oid.hex(), f"{path}/")
        return found

    def write_tree(self, files: dict[str, str]) -> str:
        """Store the trees of {path: blob id}; HubError 400 if one path is both a file and a folder."""
        entries, folders = {}, {}
        for path, oid in files.items():
            name, _, rest = path.partition("/")
            if rest:
                folders.setdefault(name, {})[rest] = oid
            else:
                entries[name] = ("100644", oid, name)
        if both := entries.keys() & folders.keys():
            raise HubError(400, f"{min(both)!r} is both a file and a folder")
        for name, below in folders.items():
            entries[name] = ("40000", self.write_tree(below), f"{name}/")
        # git sorts a folder as if its name ended in a slash
        ordered = sorted(entries.items(), key=lambda item: item[1][2].encode())
        return self.put("tree", b"".join(f"{m} {n}\0".encode() + bytes.fromhex(oid) for n, (m, oid, _) in ordered))

    def put_commit(self, tree: str, parent: str | None, author: str, title: str, message: str = "") -> str:
        who = f"{author} <{author}@localhost> {int(time.time())} +0000"
        parents = f"parent {parent}\n" if parent else ""
        text = f"tree {tree}\n{parents}author {who}\ncommitter {who}\n\n{title}\n\n{message}".rstrip("\n") + "\n"
        return self.put("commit", text.encode())

    def history(self, commit: str | None) -> Iterator[Commit]:
        """A commit and its ancestors, newest first."""
        while commit:
            header, _, text = self.get(commit)[1].decode().partition("\n\n")
            fields = dict(line.split(" ", 1) for line in header.splitlines())
            author, _, when = fields["author"].partition(" <")
            title, _, message = text.partition("\n")
            parent = fields.get("parent")
            yield Commit(commit, fields["tree"], parent, author, int(when.split()[1]), title, message.strip())
            commit = parent

    def refs(self) -> dict[str, str]:
        """Commit id of every branch (refs/heads/...) and tag (refs/tags/...)."""
        lines = (self.path / "packed-refs").read_text().splitlines()
        return {name: oid for oid, name in (line.split(" ", 1) for line in lines)}

    def set_refs(self, refs: dict[str, str]) -> None:
        lines = (f"{oid} {name}\n" for name, oid in sorted(refs.items()))
        self.store.write(self.path / "packed-refs", ["".join(lines).encode()])

    def create_ref(self, name: str, commit: str) -> None:
        """HubError 409 if the branch or tag exists, 400 if git would not accept the name."""
        if not REF_NAME.fullmatch(name) or OBJECT_ID.fullmatch(name.rpartition("/")[2]):
            raise HubError(400, f"{name!r} is not a valid name of a branch or tag")
        with self.store.lock:
            if name in (refs := self.refs()):
                raise HubError(409, f"Reference already exists: {name}")
            self.set_refs(refs | {name: commit})

    def delete_ref(self, name: str) -> None:
        with self.store.lock:
            if name not in (refs := self.refs()):
                raise HubError(404, f"Invalid rev id: {name}", "RevisionNotFound")
            self.set_refs({other: oid for other, oid in refs.items() if other != name})

    def resolve(self, revision: str) -> Commit:
        """The commit of a branch, a tag, a full ref or a full commit id; HubError 404 if there is none."""
        refs = self.refs()
        for name in (f"refs/heads/{revision}", f"refs/tags/{revision}", revision):
            if name in refs:
                return next(self.history(refs[name]))
        if OBJECT_ID.fullmatch(revision) and self._object(revision).exists() and self.get(revision)[0] == "commit":
            return next(self.history(revision))
        raise HubError(404, f"Invalid rev id: {revision}", "RevisionNotFound")

    def commit(
        self, branch: str, changes: Iterable[Change], author: str, title: str, message: str, parent: str | None
    ) -> str:
        """Apply `changes` to the head of a branch and return the new head; the old one if nothing changed.

        HubError 404 without such a branch or file to delete, 412 if `parent` is given and is not the head.
        """
        with self.store.lock:
            refs, name = self.refs(), f"refs/heads/{branch}"
            if name not in refs:
                raise HubError(404, f"Invalid rev id: {branch}", "RevisionNotFound")
            head = next(self.history(refs[name]))
            if parent and parent != head.id:
                raise HubError(412, "A commit has happened since. Please refresh and try again.")
            files = {path: entry.oid for path, entry in self.entries(head.tree).items() if not entry.folder}
            for change in changes:
                apply(change, files)
            tree = self.write_tree(files)
            if tree == head.tree:
                return head.id
            new = self.put_commit(tree, head.id, author, title, message)
            self.set_refs(refs | {name: new})
            return new


def apply(change: Change, files: dict[str, str]) -> None:
    """Carry out one change on {path: blob id}, in place."""
    if change.oid:
        parts = change.path.split("/")
        if any(part in ("", ".", "..", ".git") or "\0" in part for part in parts):
            raise HubError(400, f"{change.path!r} is not a valid path in a repository")
        files[change.path] = change.oid
        return
    doomed = [
        path for path in files if path == change.path or (change.path[-1:] == "/" and path.startswith(change.path))
    ]
    if not doomed:
        raise HubError(404, f"A file with this name doesn't exist: {change.path}", "EntryNotFound")
    for path in doomed:
        del files[path]


def find(store: Store, kind: str, id: str) -> Repository | None:
    repository = Repository(store, kind, id)
    return repository if REPOSITORY_ID.fullmatch(id) and repository.path.is_dir() else None


def find_all(store: Store, kind: str) -> list[Repository]:
    paths = sorted((store.root / kind).glob("*/*.git"))
    return [Repository(store, kind, f"{path.parent.name}/{path.stem}") for path in paths]


def create(store: Store, kind: str, id: str, settings: dict, attributes: bytes, author: str) -> Repository:
    """A repository whose first commit holds .gitattributes. It appears under its name when complete."""
    draft = Repository(store, "incoming", str(uuid.uuid4()))
    store.write(draft.path / "HEAD", [b"ref: refs/heads/main\n"])
    store.write(draft.path / "config", [b"[core]\n\trepositoryformatversion = 0\n\tbare = true\n"])
    (draft.path / "refs").mkdir()
    draft.configure({"createdAt": int(time.time())} | settings)
    tree = draft.write_tree({".gitattributes": draft.put("blob", attributes)})
    draft.set_refs({"refs/heads/main": draft.put_commit(tree, None, author, "initial commit")})
    try:
        return move(draft, kind, id)
    except HubError:
        shutil.rmtree(draft.path)
        raise


def move(repository: Repository, kind: str, id: str) -> Repository:
    """Rename; HubError 409 if the name is taken."""
    target = Repository(repository.store, kind, id)
    with repository.store.lock:
        if target.path.exists():
            raise HubError(409, f"{kind} {id} already exists")
        target.path.parent.mkdir(parents=True, exist_ok=True)
        repository.path.rename(target.path)
    return target


def delete(repository: Repository) -> None:
    """Gone at once, whatever happens while its files are removed."""
    shutil.rmtree(move(repository, "incoming", str(uuid.uuid4())).path)
