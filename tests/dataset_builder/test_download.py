"""Downloads against a local server with faults, and the list of sources.yaml against the readers and real files."""

import gzip
import hashlib
import io
import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from dataset_builder import biology_instructions, download
from dataset_builder.biology_instructions import source_module
from dataset_builder.files import SourceError, Sources
from dataset_builder.tasks import TASKS
from dataset_builder.transfer import Patience


BODY = bytes(range(256)) * 1_000
HASTY = Patience(tries=4, wait=0.01, silence=0.3, slowest=1_000, progress=100_000)
CORPORA = ("pretrain_dna", "pretrain_rna", "pretrain_protein")
CATALOGUE = biology_instructions.source_catalogue()


@dataclass
class File:
    """What the server has at one path, and the faults of the next requests, in order; without faults all is well."""

    body: bytes = BODY
    faults: list[str] = field(default_factory=list)
    tag: str | None = '"1"'
    ranges: bool = True
    heed_if_range: bool = True
    kind: str = "application/octet-stream"
    asked: list[dict[str, str]] = field(default_factory=list)


class Handler(BaseHTTPRequestHandler):
    """GET with Range and If-Range, and faults."""

    def do_GET(self) -> None:
        file = self.server.files.get(self.path)
        if file is None:
            return self.send_error(404)
        file.asked.append(dict(self.headers))
        fault = file.faults.pop(0) if file.faults else ""
        if fault.isdecimal():
            return self.send_error(int(fault))
        if fault == "busy":
            return self.answer(429, {"Retry-After": "1"}, b"")
        if fault == "moved":
            return self.answer(302, {"Location": "/elsewhere"}, b"")
        start = int(file.asked[-1].get("Range", "bytes=0-")[6:-1]) if file.ranges else 0
        if file.heed_if_range and file.asked[-1].get("If-Range", file.tag) != file.tag:
            start = 0
        if start >= len(file.body):
            return self.send_error(416)
        headers = {"ETag": file.tag, "Content-Type": file.kind, "Content-Length": str(len(file.body) - start)}
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(file.body) - 1}/{len(file.body)}"
        if fault == "unended":  # no length: only the end of the last chunk says that all is there
            self.protocol_version = "HTTP/1.1"
            headers |= {"Content-Length": None, "Transfer-Encoding": "chunked"}
            self.answer(200, headers, b"%x\r\n%s\r\n" % (len(file.body) // 2, file.body[: len(file.body) // 2]))
            self.close_connection = True
            return None
        half = start + (len(file.body) - start) // 2
        if fault == "early" and start:
            start -= 100
            headers["Content-Range"] = f"bytes {start}-{len(file.body) - 1}/{len(file.body)}"
            headers["Content-Length"] = str(len(file.body) - start)
            return self.answer(206, headers, file.body[start:])
        if fault == "piece" and start:  # a server may send less than the range that was asked for
            headers["Content-Range"] = f"bytes {start}-{half - 1}/{len(file.body)}"
            headers["Content-Length"] = str(half - start)
        self.answer(206 if start else 200, headers, file.body[start : half if fault else None])
        if fault == "stalls":
            self.server.over.wait(20)
        if fault == "trickles":
            for byte in file.body[half : half + 1_000]:
                if self.server.over.wait(0.02):
                    break
                self.wfile.write(bytes([byte]))
        return None

    def answer(self, status: int, headers: dict[str, str | None], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            if value is not None:
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    """A server on loopback; `files` is what it has, by path."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads, server.files, server.over = True, {}, threading.Event()
    server.handle_error = lambda *_: None  # clients that hang up
    server.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server
    server.over.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def catalogue(monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, list[dict]]], None]:
    """Replace the lists of files of some sources; the other sources have none."""

    def replace(lists: dict[str, list[dict]]) -> None:
        changed = {name: about | {"download": lists.get(name, [])} for name, about in CATALOGUE.items()}
        monkeypatch.setattr(biology_instructions, "source_catalogue", lambda: changed)

    return replace


@pytest.fixture
def fetch_one(server: ThreadingHTTPServer, tmp_path: Path) -> Callable[..., tuple[Path, download.Outcome]]:
    """Fetch ncrna_family/<name> from the server; the place of the file and what came of it."""

    def fetch(name: str = "data", **about: str | int) -> tuple[Path, download.Outcome]:
        wanted = download.Wanted("nrc", f"ncrna_family/{name}", f"{server.url}/{name}", **about)
        planned = download.Plan(tmp_path / "sources", (), (wanted,), ())
        return planned.out / wanted.path, download.fetch(planned, HASTY)

    return fetch


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def ranges(file: File) -> list[str | None]:
    return [headers.get("Range") for headers in file.asked]


def failure(outcome: download.Outcome) -> str:
    (message,) = outcome.failed.values()
    return message


@pytest.mark.parametrize("tag", ['"1"', 'W/"1"', None])
def test_a_cut_download_goes_on_where_it_was_cut(server, fetch_one, tag):
    server.files["/data"] = file = File(faults=["cut", "cut"], tag=tag)
    path, outcome = fetch_one(sha256=sha256(BODY), bytes=len(BODY))
    assert path.read_bytes() == BODY and not outcome.failed
    assert ranges(file) == [None, f"bytes={len(BODY) // 2}-", f"bytes={len(BODY) * 3 // 4}-"]
    assert [headers.get("If-Range") for headers in file.asked[1:]] == [tag if tag == '"1"' else None] * 2
    assert not (path.parents[1] / ".download").exists()


@pytest.mark.parametrize("fault", ["early", "piece"])
def test_a_range_that_was_not_asked_for_is_not_taken_for_it(server, fetch_one, fault):
    server.files["/data"] = File(faults=["cut", fault])
    path, outcome = fetch_one()
    assert path.read_bytes() == BODY and not outcome.failed


def test_a_server_without_ranges_is_asked_again_for_all(server, fetch_one):
    server.files["/data"] = File(faults=["cut", "cut"], ranges=False)
    path, outcome = fetch_one()
    assert path.read_bytes() == BODY and not outcome.failed


def test_without_version_and_checksum_nothing_is_continued(server, fetch_one):
    server.files["/data"] = file = File(faults=["cut"], tag=None)
    path, _ = fetch_one()
    assert path.read_bytes() == BODY
    assert ranges(file) == [None, None]


@pytest.mark.parametrize("heed_if_range", [True, False])
@pytest.mark.parametrize(("old", "new"), [('"1"', '"2"'), ('W/"1"', 'W/"2"')])
def test_two_versions_are_never_spliced(server, tmp_path, fetch_one, old, new, heed_if_range):
    server.files["/data"] = File(faults=["cut", *["500"] * HASTY.tries], tag=old)
    _, outcome = fetch_one()
    assert f"{len(BODY) // 2:,} bytes are kept" in failure(outcome)
    server.files["/data"] = File(body=BODY[::-1], tag=new, heed_if_range=heed_if_range)
    path, _ = fetch_one()
    assert path.read_bytes() == BODY[::-1]
    assert server.files["/data"].asked[0]["Range"] == f"bytes={len(BODY) // 2}-"


def test_a_shorter_version_at_the_server_is_fetched_anew(server, fetch_one):
    server.files["/data"] = File(faults=["cut", *["500"] * HASTY.tries])
    fetch_one()
    server.files["/data"] = File(body=BODY[:1_000])
    path, _ = fetch_one()
    assert path.read_bytes() == BODY[:1_000]


@pytest.mark.parametrize("fault", ["stalls", "trickles", "unended", "500", "503"])
def test_a_slow_or_failing_server_is_tried_again(server, fetch_one, fault):
    server.files["/data"] = file = File(faults=[fault])
    began = time.monotonic()
    path, outcome = fetch_one()
    assert path.read_bytes() == BODY and not outcome.failed
    assert len(file.asked) == 2 and time.monotonic() - began < 10


def test_a_busy_server_is_left_alone_as_long_as_it_asks(server, fetch_one):
    server.files["/data"] = File(faults=["busy"])
    began = time.monotonic()
    path, _ = fetch_one()
    assert path.read_bytes() == BODY and time.monotonic() - began >= 1


def test_a_redirect_is_followed(server, fetch_one):
    server.files |= {"/data": File(faults=["moved"]), "/elsewhere": File()}
    path, _ = fetch_one()
    assert path.read_bytes() == BODY


@pytest.mark.parametrize(("status", "tries"), [("404", 1), ("403", 1), ("500", HASTY.tries)])
def test_a_server_that_refuses_is_named_with_what_to_do(server, fetch_one, status, tries):
    server.files["/data"] = file = File(faults=[status] * 9)
    path, outcome = fetch_one()
    assert not path.exists() and len(file.asked) == tries
    for part in (f"{server.url}/data", status, "https://github.com/IcarPA-TBlab/nrc", str(path)):
        assert part in failure(outcome)


def test_wrong_bytes_never_land_and_the_right_ones_do_later(server, fetch_one):
    about = {"sha256": sha256(BODY)}
    server.files["/data"] = File(body=BODY[:-1] + b"!")
    path, outcome = fetch_one(**about)
    assert not path.exists()
    assert about["sha256"] in failure(outcome) and sha256(BODY[:-1] + b"!") in failure(outcome)
    server.files["/data"] = File()
    path, outcome = fetch_one(**about)
    assert path.read_bytes() == BODY and not outcome.failed


def test_another_length_than_listed_is_refused_before_it_is_fetched(server, fetch_one, tmp_path):
    server.files["/data"] = File()
    path, outcome = fetch_one(bytes=len(BODY) + 1)
    assert "256,000 bytes, expected 256,001" in failure(outcome)
    assert not path.exists() and (tmp_path / "sources/.download/ncrna_family__data.part").stat().st_size == 0


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("data.csv", b"<!DOCTYPE html><html><title>Sign in</title></html>"),
        ("data.csv", b"version https://git-lfs.github.com/spec/v1\noid sha256:0"),
        ("data.csv", b""),
        ("data.fasta", b"ACGT\n"),
        ("data.fna.gz", b">a\nACGT\n"),
        ("data.fna.gz", gzip.compress(b"<html>", mtime=0)),
        ("data.xlsx", b"{}"),
        ("data.npy", b"12"),
    ],
)
def test_something_else_than_data_is_refused(server, fetch_one, name, body):
    server.files[f"/{name}"] = File(body=body)
    path, outcome = fetch_one(name)
    assert not path.exists()
    assert "not the data that was asked for" in failure(outcome) or not body


def test_killed_downloads_go_on(server, fetch_one, tmp_path):
    server.files["/data"] = file = File(faults=["stalls"])
    script = (
        "from dataset_builder.download import *; from pathlib import Path; import sys;"
        "wanted = Wanted('nrc', 'ncrna_family/data', sys.argv[1]);"
        "fetch(Plan(Path(sys.argv[2]), (), (wanted,), ()))"
    )
    arguments = [sys.executable, "-c", script, f"{server.url}/data", str(tmp_path / "sources")]
    part = tmp_path / "sources/.download/ncrna_family__data.part"
    with subprocess.Popen(arguments, stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 30
        while not part.exists() or part.stat().st_size < len(BODY) // 2:
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.02)
        path, outcome = fetch_one()
        assert "is being written by another download" in failure(outcome)
        os.kill(process.pid, signal.SIGKILL)
    path, outcome = fetch_one()
    assert path.read_bytes() == BODY and not outcome.failed
    assert ranges(file) == [None, f"bytes={len(BODY) // 2}-"]
    assert not (tmp_path / "sources/.download").exists()


def packed(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as tar:
        for info, content in members:
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return stream.getvalue()


def test_one_member_of_an_archive_lands_and_nothing_else(server, fetch_one, tmp_path):
    link = tarfile.TarInfo("ontar/data")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    outside = tarfile.TarInfo("../../../outside")
    archive = packed((outside, b"no"), (link, b""), (tarfile.TarInfo("./ontar/data"), b"yes"))
    server.files["/data"] = File(body=archive)
    path, outcome = fetch_one(member="ontar/data", sha256=sha256(archive))
    assert path.read_bytes() == b"yes" and not path.is_symlink() and not outcome.failed
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == [path]


@pytest.mark.parametrize(
    ("archive", "message"),
    [
        (packed((tarfile.TarInfo("other"), b"x")), "holds no file"),
        (packed((tarfile.TarInfo("a"), BODY))[:200], "whole"),
    ],
    ids=["without the file", "cut short"],  # not the bytes, which have the time in them
)
def test_a_changed_or_broken_archive_is_named(server, fetch_one, archive, message):
    server.files["/data"] = File(body=archive)
    path, outcome = fetch_one(member="ontar/data")
    assert message in failure(outcome) and not path.exists()


def test_too_small_a_disk_is_found_before_anything_is_fetched(server, fetch_one, monkeypatch):
    server.files["/data"] = file = File()
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=1_000))
    with pytest.raises(SourceError, match="1,000 bytes are free, 256,000 are needed"):
        fetch_one(bytes=len(BODY))
    assert not file.asked


CSV = b"seq,label\nDQSVRK,-0.21\nGSSDIE,-0.95\n"
STABILITY = [f"protein_stability/stability.{name}.csv" for name in ("train", "valid", "test")]


@pytest.fixture
def three_files(server, catalogue) -> list[File]:
    """The three files of protein_stability, and one of solubility that no URL leads to."""
    files = [File(body=CSV, kind="text/plain") for _ in STABILITY]
    server.files |= {f"/{path}": file for path, file in zip(STABILITY, files, strict=True)}
    listed = [{"path": path, "url": f"{server.url}/{path}", "sha256": sha256(CSV)} for path in STABILITY]
    by_hand = [{"path": "solubility/train_src", "by_hand": "ask the authors"}]
    catalogue({"rocklin": [listed[0] | {"bytes": len(CSV)}, *listed[1:]], "deepsol": by_hand})
    return files


def test_the_plan_is_shown_and_agreed_to_before_anything_is_fetched(three_files, tmp_path, capsys):
    for answer in ("n", "", None):

        def ask(question: str, answer: str | None = answer) -> str:
            if answer is None:
                raise EOFError
            return answer

        assert not download.download(tmp_path / "sources", ask=ask, patience=HASTY)
    assert download.download(tmp_path / "sources", dry_run=True)
    shown = capsys.readouterr().out
    about = CATALOGUE["rocklin"]
    for part in (about["title"], about["licence"], about["citation"], f"{len(CSV):,} bytes", "size unknown"):
        assert part in shown
    assert sha256(CSV) in shown and "ask the authors" in shown
    assert "to fetch: 3 files, 36 bytes and 2 files of unknown size; already there: 0; by hand: 1" in shown
    assert not (tmp_path / "sources").exists() and not any(file.asked for file in three_files)


def test_one_failing_file_does_not_stop_the_others(three_files, tmp_path, capsys):
    three_files[1].faults = ["404"]
    out = tmp_path / "sources"
    assert not download.download(out, ["protein_stability"], yes=True, patience=HASTY)
    assert [(out / path).is_file() for path in STABILITY] == [True, False, True]
    assert "fetched: 2; already there: 0; failed: 1; unreadable: 0; by hand: 0" in capsys.readouterr().out
    assert download.download(out, ["protein_stability"], ask=lambda question: "y", patience=HASTY)
    assert [len(file.asked) for file in three_files] == [1, 2, 1]


def test_what_is_there_is_kept_and_what_is_wrong_is_fetched_again(three_files, tmp_path):
    out = tmp_path / "sources"
    for path, content in zip(STABILITY, (gzip.compress(CSV), CSV[:-5], gzip.compress(CSV)[:-5]), strict=True):
        target = out / (path if content[:1] == b"s" else f"{path}.gz")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    (out / "solubility").mkdir()
    (out / "solubility/train_src").write_text("MKV\n")
    planned = download.plan(out)
    assert [wanted.path for wanted in planned.there] == [STABILITY[0], "solubility/train_src"]
    assert [wanted.path for wanted in planned.fetch] == STABILITY[1:] and not planned.by_hand
    assert download.download(out, ["protein_stability"], yes=True, patience=HASTY)
    assert [len(file.asked) for file in three_files] == [0, 1, 1]
    assert (out / STABILITY[1]).read_bytes() == CSV


def test_a_changed_layout_is_named_with_its_url(server, catalogue, tmp_path, capsys):
    server.files["/data"] = File(body=CSV.replace(b"seq", b"primary"))
    catalogue({"rocklin": [{"path": STABILITY[0], "url": f"{server.url}/data"}]})
    assert not download.download(tmp_path / "sources", yes=True, patience=HASTY)
    shown = capsys.readouterr().out
    assert "'primary,label', expected the columns seq, label" in shown and f"{server.url}/data" in shown


def test_an_unknown_name_is_told_before_anything_else(tmp_path):
    with pytest.raises(SourceError, match="did you mean ncrna_family"):
        download.plan(tmp_path, ["ncrna_familly"])


def test_every_task_and_corpus_has_a_list_and_every_entry_is_well_formed():
    files = download.listed([*TASKS, *CORPORA])
    assert {wanted.task for wanted in files} == {*TASKS, *CORPORA}
    assert len({wanted.path for wanted in files}) == len(files)
    for wanted in files:
        assert wanted.task in CATALOGUE[wanted.source]["tasks"]
        assert not {"", ".", ".."} & set(wanted.path.split("/"))
        assert wanted.url or len(wanted.by_hand) > 20
        assert re.fullmatch(r"([0-9a-f]{64})?", wanted.sha256) and re.fullmatch(r"([0-9a-f]{32})?", wanted.md5)
        assert wanted.bytes is None or wanted.sha256, f"{wanted.path}: a size that no checksum vouches for"
        address = urlsplit(wanted.url)
        assert address.scheme in ("https", "") and not address.query
        if "github" in address.netloc:
            assert re.search(r"/[0-9a-f]{40}/", address.path), f"{wanted.path}: not pinned to a commit"


@pytest.mark.parametrize("task_id", TASKS)
def test_files_land_where_the_readers_look_for_them(synthetic_sources, task_id):
    sources = Sources(synthetic_sources)
    for _ in source_module(task_id).read(TASKS[task_id], sources):
        pass
    opened = {str(path.relative_to(synthetic_sources)).removesuffix(".gz") for path in sources.used}
    listed = {wanted.path.removesuffix(".gz") for wanted in download.listed([task_id])}
    assert opened and opened - listed <= {"thermostability/human_cell.csv"}  # which is listed in its archive


def test_checksums_and_sizes_are_those_of_the_real_files(real_sources):
    compared = 0
    for wanted in download.listed([*TASKS, *CORPORA]):
        file = Sources(real_sources).find(wanted.task, wanted.path.split("/", 1)[1])
        if file and wanted.sha256 and not wanted.member:
            path = file.path
            zipped = path.suffix == ".gz" and not wanted.path.endswith(".gz")
            content = gzip.decompress(path.read_bytes()) if zipped else path.read_bytes()
            assert (len(content), sha256(content)) == (wanted.bytes, wanted.sha256), wanted.path
            compared += 1
    assert compared > 70


def served_from(root: Path, task_ids: list[str], server: ThreadingHTTPServer, catalogue: Callable) -> None:
    """The real lists of some tasks with the server's address in every URL, and the files of `root` behind them."""
    lists: dict[str, list[dict]] = {}
    for source, about in CATALOGUE.items():
        for entry in about["download"]:
            task, name = entry["path"].split("/", 1)
            file = Sources(root).find(task, name)
            if task in task_ids and file and "url" in entry:
                path = file.path
                zipped = path.suffix == ".gz" and not name.endswith(".gz")
                content = gzip.decompress(path.read_bytes()) if zipped else path.read_bytes()
                address = urlsplit(entry["url"]).path
                server.files[address] = File(body=content, faults=["cut"])
                lists.setdefault(source, []).append(entry | {"url": server.url + address})
    catalogue(lists)


def rows_of(task_id: str, root: Path) -> dict[str, int]:
    rows: dict[str, int] = {}
    for split, table in source_module(task_id).read(TASKS[task_id], Sources(root)):
        rows[split] = rows.get(split, 0) + len(table)
    return rows


def test_downloaded_real_files_are_what_build_reads(real_sources, server, catalogue, tmp_path):
    task_ids = ["ncrna_family", "protein_stability"]
    served_from(real_sources, task_ids, server, catalogue)
    assert download.download(tmp_path / "sources", task_ids, yes=True, patience=HASTY)
    for task_id in task_ids:
        assert rows_of(task_id, tmp_path / "sources") == rows_of(task_id, real_sources)
    assert download.plan(tmp_path / "sources", task_ids).fetch == ()


def test_downloaded_files_without_checksums_are_what_build_reads(synthetic_sources, server, catalogue, tmp_path):
    task_ids = ["enhancer_activity", "solubility"]
    served_from(synthetic_sources, task_ids, server, catalogue)
    assert download.download(tmp_path / "sources", task_ids, yes=True, patience=HASTY)
    for task_id in task_ids:
        assert rows_of(task_id, tmp_path / "sources") == rows_of(task_id, synthetic_sources)
