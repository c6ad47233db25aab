"""Building the dataset folder: Parquet of every config, rejected.jsonl, manifest.json, the card; then one rename.

The unfinished dataset stands beside its place as .<name>.partial; a build that was killed is continued by the same
command, as long as nothing that it depends on has changed.
"""

import hashlib
import json
import logging
import shutil
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from dataset_builder.files import Missing, SourceError, Sources
from dataset_builder.manifest import MANIFEST, dataset_digest
from dataset_builder.tasks import TASKS
from dataset_builder.units import CORPORA, Plan


SYNTHETIC = "SYNTHETIC.txt"  # its presence beside the sources marks them, and all built from them, as synthetic
SHOWN = 20  # rejected rows that are printed

log = logging.getLogger(__name__)


def build(
    sources: Path,
    out: Path,
    names: list[str],
    seed: int = 0,
    run: Callable[[Plan], None] | None = None,
    workers: int = 1,
) -> dict:
    """Build `names` (task ids and corpora) into the folder `out`; returns the manifest.

    Nothing is at `out` until everything is; a dataset built there earlier is replaced then.

    Args:
        run: builds the open units of a plan; by default in this process, one after the other.
        workers: processes that write the reasoning answers.

    Raises:
        SourceError: a file cannot be used, no file is there at all, or `out` is not something that this made.
    """
    plan = prepare(sources, out, names, seed)
    try:
        (run or run_here)(plan)
        return finish(plan, out, workers)
    except SourceError:
        shutil.rmtree(plan.folder, ignore_errors=True)
        raise


def run_here(plan: Plan) -> None:
    """Build the open units in this process."""
    from dataset_builder.units import build_unit

    for name in plan.open:
        build_unit(plan, name)


def prepare(sources: Path, out: Path, names: list[str], seed: int) -> Plan:
    """The plan; what an earlier run left of the same build is kept, everything else of it removed."""
    out = out.resolve()
    recover(out)
    if out.exists() and not (out / MANIFEST).is_file():
        raise SourceError(f"{out} is there and holds no {MANIFEST}: not a dataset built earlier; choose another --out")
    Sources(sources)
    plan = Plan(sources.resolve(), out.with_name(f".{out.name}.partial"), tuple(names), seed)
    stamp, now = plan.folder / "units" / "fingerprint", fingerprint(plan)
    if not stamp.is_file() or stamp.read_text() != now:
        shutil.rmtree(plan.folder, ignore_errors=True)
        stamp.parent.mkdir(parents=True)
        stamp.write_text(now)
    elif len(plan.open) < len(names):
        log.warning("continuing: %s of %s units are finished", len(names) - len(plan.open), len(names))
    return plan


def fingerprint(plan: Plan) -> str:
    """A digest of all that a build depends on: its code and templates, names, seed, the files of the sources."""
    digest = hashlib.sha256(json.dumps([plan.names, plan.seed]).encode())
    code = Path(__file__).parent
    for path in sorted(path for path in code.rglob("*") if path.suffix in (".py", ".yaml")):
        digest.update(path.read_bytes())
    for path in sorted(plan.sources.rglob("*")):
        state = path.stat()
        digest.update(f"{path}\0{state.st_size}\0{state.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def finish(plan: Plan, out: Path, workers: int = 1) -> dict:
    """What needs all units: reasoning data, rejected.jsonl, manifest, card; then the dataset stands at `out`."""
    from dataset_builder.card import write_card
    from dataset_builder.reasoning.config import reasoning_shards, write_reasoning
    from dataset_builder.reasoning.parallel import grounded

    units = {name: json.loads(plan.record(name).read_text(encoding="utf-8")) for name in plan.names}
    start = time.perf_counter()
    record = write_reasoning(plan.folder, plan.seed, grounded(workers))
    if record:
        log.info("reasoning: %s argued answers in %.2f s", f"{record['accepted']:,}", time.perf_counter() - start)
    manifest = merge(plan, units, reasoning_shards(plan.folder))
    if not manifest["shards"]:
        raise SourceError("\n".join([f"nothing to build below {plan.sources}:", *manifest["left_out"]]))
    with open(plan.folder / "rejected.jsonl", "wb") as stream:
        for name in plan.names:
            rows = plan.folder / "units" / f"{name}.rejected.jsonl"
            if rows.is_file():
                with open(rows, "rb") as part:
                    shutil.copyfileobj(part, stream)
    (plan.folder / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    write_card(plan.folder)
    report(plan, manifest)
    shutil.rmtree(plan.folder / "units")
    for path in plan.folder.glob("pretrain_*/*.json"):
        path.unlink()
    replace(plan.folder, out.resolve())
    return manifest


def merge(plan: Plan, units: dict[str, dict], more: dict[str, dict]) -> dict:
    """manifest.json: every shard's rows and sha256, every source file's sha256, and the digest over the shards."""
    from dataset_builder.biology_instructions import VERSION
    from dataset_builder.card import left_out

    shards = dict(sorted({path: shard for unit in units.values() for path, shard in unit["shards"].items()}.items()))
    shards |= more
    missing = [
        Missing(**entry | {"names": tuple(entry["names"])}) for unit in units.values() for entry in unit["missing"]
    ]
    manifest = {
        "version": VERSION,
        "seed": plan.seed,
        "digest": dataset_digest(shards),
        "synthetic": (plan.sources / SYNTHETIC).is_file(),
        "rows": {
            name: {"read": unit["read"], "rejected": unit["rejected"]} for name, unit in units.items() if unit["read"]
        },
        "shards": shards,
        "sources": {path: sha256 for unit in units.values() for path, sha256 in unit["sources"].items()},
    }
    return manifest | {"left_out": left_out(missing, split_sizes(manifest))}


def report(plan: Plan, manifest: dict) -> None:
    """Log what was left out: files that are not there, rows by reason, and the first of the unusable rows."""
    for line in manifest["left_out"]:
        log.warning(line)
    for task_id, rows in manifest["rows"].items():
        for reason, count in rows["rejected"].items():
            log.warning("rejected: %s: %s of %s rows: %s", task_id, f"{count:,}", f"{rows['read']:,}", reason)


def replace(new: Path, old: Path) -> None:
    """Put the finished folder `new` in the place of `old`; `recover` mends one that was cut in the middle."""
    recover(old)
    retired = old.with_name(f".{old.name}.old")
    shutil.rmtree(retired, ignore_errors=True)
    if old.exists():
        old.rename(retired)
    new.rename(old)
    shutil.rmtree(retired, ignore_errors=True)


def recover(folder: Path) -> None:
    """Put back what a `replace` had taken away when it was killed before the new folder stood in its place."""
    retired = folder.with_name(f".{folder.name}.old")
    if retired.exists() and not folder.exists():
        retired.rename(folder)


def split_sizes(manifest: dict) -> dict[str, dict[str, int]]:
    """Rows by folder of the dataset (data/<task>, mini/<task>, pretrain_dna, …) and split."""
    sizes: dict[str, dict[str, int]] = {}
    for path, shard in manifest["shards"].items():
        folder, name = path.rsplit("/", 1)
        split = name.split("-")[0]
        sizes.setdefault(folder, {}).setdefault(split, 0)
        sizes[folder][split] += shard["rows"]
    return sizes


def names_to_build(asked: Iterable[str] | None) -> list[str]:
    """Task ids and corpora, all of them by default.

    Raises:
        SourceError: an unknown name.
    """
    known = [*TASKS, *CORPORA]
    unknown = [name for name in asked or () if name not in known]
    if unknown:
        import difflib

        close = difflib.get_close_matches(unknown[0], known, n=1)
        hint = f"did you mean {close[0]}? " if close else ""
        raise SourceError(f"unknown task {unknown[0]!r}; {hint}The tasks are {', '.join(known)}")
    return [name for name in known if not asked or name in asked]
