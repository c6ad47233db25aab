"""Upstream files from their original publishers into a sources folder, as sources.yaml lists them.

Nothing is fetched before it was shown and agreed to. pooch keeps the checksums, transfer.py the connection; files stay
in <out>/.download until they are whole and checked, and then land by rename where `build` looks for them.
"""

import gzip
import hashlib
import logging
import os
import shutil
import tarfile
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from dataset_builder.files import SourceError, Sources
from dataset_builder.tasks import TASKS
from dataset_builder.transfer import PATIENCE, Patience, Resumable


STAGING = ".download"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Wanted:
    """One upstream file.

    Attributes:
        source: its key in sources.yaml.
        path: where `build` looks for it below the sources folder: <task or corpus>/<upstream path>.
        url: where its publisher has it; empty where no URL leads to it.
        member: the name of the file inside the tar archive at `url`.
        bytes, sha256, md5: of what is at `url`, where known.
        by_hand: how to get it without, or instead of, the URL.
    """

    source: str
    path: str
    url: str = ""
    member: str = ""
    bytes: int | None = None
    sha256: str = ""
    md5: str = ""
    by_hand: str = ""

    @property
    def task(self) -> str:
        """The task or corpus that it is for."""
        return self.path.split("/", 1)[0]

    @property
    def checksum(self) -> str | None:
        """What pooch compares with."""
        return f"sha256:{self.sha256}" if self.sha256 else f"md5:{self.md5}" if self.md5 else None

    def __str__(self) -> str:
        size = f"{self.bytes:,} bytes" if self.bytes is not None else "size unknown"
        checksum = f"md5 {self.md5}" if self.md5 else f"sha256 {self.sha256 or 'not known'}"
        return f"{self.path}  ({size}, {checksum}) from {self.url}" if self.url else f"{self.path}  by hand"


@dataclass(frozen=True)
class Plan:
    """What is there already, what can be fetched, and what cannot."""

    out: Path
    there: tuple[Wanted, ...]
    fetch: tuple[Wanted, ...]
    by_hand: tuple[Wanted, ...]

    @property
    def bytes(self) -> int:
        """What is to be fetched, as far as sizes are known."""
        return sum(wanted.bytes or 0 for wanted in self.fetch)


@dataclass
class Outcome:
    """Of a plan: the files that landed, the errors by path, and what the readers say of what they cannot use."""

    fetched: list[Wanted] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)


def download(
    out: Path,
    names: list[str] | None = None,
    *,
    yes: bool = False,
    dry_run: bool = False,
    ask: Callable[[str], str] = input,
    patience: Patience = PATIENCE,
) -> bool:
    """Show what `names` (task ids and corpora; all by default) need, ask, fetch into `out`, check, and report.

    Returns:
        Whether nothing that has a URL is missing or unreadable; files to get by hand are reported, not counted.

    Raises:
        SourceError: an unknown name, or too little space on the disk.
    """
    planned = plan(out, names)
    print(describe(planned))
    if dry_run:
        return True
    if planned.fetch and not yes and not agreed(ask, f"fetch {len(planned.fetch)} files into {out}? [y/N] "):
        print("nothing was fetched")
        return False
    outcome = fetch(planned, patience)
    outcome.unreadable = read_back(planned)
    print(report(planned, outcome))
    return not outcome.failed and not outcome.unreadable


def agreed(ask: Callable[[str], str], question: str) -> bool:
    """Whether the answer is yes; no answer, as where nobody is at the terminal, is a no."""
    try:
        return ask(question).strip().lower() in ("y", "yes")
    except EOFError:
        return False


def listed(names: Iterable[str]) -> list[Wanted]:
    """The files that sources.yaml lists for some tasks and corpora."""
    from dataset_builder.biology_instructions import source_catalogue

    files = [
        Wanted(source, **entry) for source, about in source_catalogue().items() for entry in about.get("download", ())
    ]
    return [wanted for wanted in files if wanted.task in names]


def plan(out: Path, names: list[str] | None = None) -> Plan:
    """Compare what is listed with what is below `out`; a SourceError where a name is unknown."""
    from dataset_builder.build import names_to_build

    there, missing = [], []
    for wanted in listed(names_to_build(names)):
        (there if is_there(wanted, out) else missing).append(wanted)
    fetchable = tuple(wanted for wanted in missing if wanted.url)
    return Plan(out, tuple(there), fetchable, tuple(wanted for wanted in missing if not wanted.url))


def is_there(wanted: Wanted, out: Path) -> bool:
    """Whether `build` finds the file, plain or gzipped, and its bytes have the right checksum where one is known."""
    if not out.is_dir():
        return False
    file = Sources(out).find(wanted.task, wanted.path.split("/", 1)[1])
    if file is None or not wanted.checksum or wanted.member:  # a member's own checksum is not known
        return file is not None
    algorithm, expected = wanted.checksum.split(":")
    path = file.path
    zipped = path.suffix == ".gz" and not wanted.path.endswith(".gz")
    try:
        with gzip.open(path) if zipped else open(path, "rb") as stream:
            return hashlib.file_digest(stream, algorithm).hexdigest() == expected
    except (EOFError, gzip.BadGzipFile, zlib.error):
        return False


def describe(planned: Plan) -> str:
    """Per source its title, licence, citation and files with size and checksum; then the total."""
    from dataset_builder.biology_instructions import source_catalogue

    lines = []
    missing = sorted((*planned.fetch, *planned.by_hand), key=attrgetter("source"))
    for source, files in groupby(missing, attrgetter("source")):
        about = source_catalogue()[source]
        lines += [about["title"], f"  {about['url']}", f"  licence: {about['licence']}", f"  {about['citation']}"]
        lines += [*(f"    {wanted}" for wanted in files), ""]
    unknown = sum(wanted.bytes is None for wanted in planned.fetch)
    total = (
        f"to fetch: {len(planned.fetch)} files, {planned.bytes:,} bytes and {unknown} files of unknown size; "
        f"already there: {len(planned.there)}; by hand: {len(planned.by_hand)}"
    )
    return "\n".join([*lines, *hand_work(planned.by_hand, planned.out), total])


def hand_work(files: Iterable[Wanted], out: Path) -> list[str]:
    """How to get what no URL leads to: an instruction, and below it the places of its files."""
    lines = []
    for how, group in groupby(files, attrgetter("by_hand")):
        lines += [f"by hand: {how}:", *(f"    {out / wanted.path}" for wanted in group)]
    return lines


def fetch(planned: Plan, patience: Patience = PATIENCE) -> Outcome:
    """Fetch what can be fetched; a file that fails is noted, and the others go on.

    Raises:
        SourceError: the disk has less space than the files of known size need.
    """
    import pooch

    outcome = Outcome()
    if not planned.fetch:
        return outcome
    staging = planned.out / STAGING
    staging.mkdir(parents=True, exist_ok=True)
    if planned.bytes > (free := shutil.disk_usage(staging).free):
        raise SourceError(f"{staging}: {free:,} bytes are free, {planned.bytes:,} are needed; choose another --out")
    for stale in staging.glob("tmp*"):  # where pooch puts a file that is whole; empty ones are of killed downloads
        if stale.stat().st_size == 0:
            stale.unlink()
    pooch.get_logger().setLevel("WARNING")
    staged = {wanted: wanted.path.replace("/", "__") + ".tar.gz" * bool(wanted.member) for wanted in planned.fetch}
    keeper = pooch.create(
        path=staging,
        base_url="",
        registry={name: wanted.checksum for wanted, name in staged.items()},
        urls={name: wanted.url for wanted, name in staged.items()},
    )
    for wanted, name in staged.items():
        downloader = Resumable(staging / f"{name}.part", wanted.bytes, bool(wanted.checksum), patience)
        try:
            place(Path(keeper.fetch(name, downloader=downloader)), wanted, planned.out)
            outcome.fetched.append(wanted)
        except (SourceError, OSError, ValueError) as error:  # pooch raises ValueError for a wrong checksum
            url = "" if wanted.url in str(error) else f"{wanted.url}: "
            outcome.failed[wanted.path] = f"{url}{error}; {remedy(wanted, planned.out)}"
            log.warning("failed: %s", outcome.failed[wanted.path])
    if not any(staging.iterdir()):
        staging.rmdir()
    return outcome


def remedy(wanted: Wanted, out: Path) -> str:
    """What to do about a file that did not come."""
    from dataset_builder.biology_instructions import source_catalogue

    how = wanted.by_hand or f"look for it at {source_catalogue()[wanted.source]['url']}"
    return f"run the same command again later or, if that stays, {how}; it belongs at {out / wanted.path}"


def place(staged: Path, wanted: Wanted, out: Path) -> None:
    """Put a whole file, or the wanted member of an archive, where `build` looks for it."""
    target = out / wanted.path
    target.parent.mkdir(parents=True, exist_ok=True)
    if not wanted.member:
        os.replace(staged, target)
        return
    unpacked = staged.with_name(f"{staged.name}.member")
    extract(staged, wanted.member, unpacked)
    os.replace(unpacked, target)
    staged.unlink()


def extract(archive: Path, member: str, target: Path) -> None:
    """Copy one regular file of a tar archive to `target`: no name and no link in the archive decides where it goes.

    Raises:
        SourceError: no such file in the archive, or it ends early.
    """
    try:
        with tarfile.open(archive) as tar:
            info = next((info for info in tar if info.isreg() and info.name.removeprefix("./") == member), None)
            if info is None:
                raise SourceError(f"{archive}: holds no file {member}; the publisher changed the archive")
            with tar.extractfile(info) as stream, open(target, "wb") as copy:
                shutil.copyfileobj(stream, copy)
    except (tarfile.TarError, EOFError, zlib.error) as error:
        archive.unlink()
        raise SourceError(f"{archive}: not a whole tar archive ({error})") from error


def read_back(planned: Plan) -> list[str]:
    """What the readers of `build` say of the files below `out`: a changed layout shows here, not in a later build."""
    from dataset_builder.biology_instructions import source_module

    files = (*planned.there, *planned.fetch)
    unreadable = []
    for task_id in dict.fromkeys(wanted.task for wanted in files if wanted.task in TASKS):
        try:
            for _ in source_module(task_id).read(TASKS[task_id], Sources(planned.out)):
                pass
        except SourceError as error:
            urls = [wanted.url for wanted in files if wanted.url and wanted.path in str(error)]
            came = f" (it came from {urls[0]}; delete it to fetch it again)" if urls else ""
            unreadable.append(f"{task_id}: {error}{came}")
    return unreadable


def report(planned: Plan, outcome: Outcome) -> str:
    """What is there now, what is missing and why, and what to get by hand."""
    lines = [f"failed: {message}" for message in outcome.failed.values()]
    lines += [f"unreadable: {message}" for message in outcome.unreadable]
    lines += hand_work(planned.by_hand, planned.out)
    total = (
        f"fetched: {len(outcome.fetched)}; already there: {len(planned.there)}; failed: {len(outcome.failed)}; "
        f"unreadable: {len(outcome.unreadable)}; by hand: {len(planned.by_hand)}"
    )
    return "\n".join([*lines, total])
