"""Building the dataset folder: Parquet of every config, rejected.jsonl, manifest.json, the card; then one rename."""

import hashlib
import json
import logging
import shutil
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from tqdm import tqdm

from dataset_builder.checks import Rejected
from dataset_builder.files import SourceError, Sources, file_sha256
from dataset_builder.hashing import hash64
from dataset_builder.manifest import MANIFEST
from dataset_builder.tasks import SPLITS, TASKS


CORPORA = ("pretrain_dna", "pretrain_rna", "pretrain_protein")
MINI_ROWS = 1_000  # per task and split
SYNTHETIC = (
    "SYNTHETIC.txt"  # its presence beside the sources marks them, and all that is built from them, as synthetic
)

log = logging.getLogger(__name__)


def build(sources: Path, out: Path, names: list[str], seed: int = 0) -> dict:
    """Build `names` (task ids and corpora) into the folder `out`; returns the manifest.

    Nothing is at `out` until everything is; a dataset built there earlier is replaced then.

    Raises:
        SourceError: a file cannot be used, no file is there at all, or `out` is not something that this made.
    """
    import datasets

    from dataset_builder.card import left_out

    out = out.resolve()
    recover(out)
    if out.exists() and not (out / MANIFEST).is_file():
        raise SourceError(f"{out} is there and holds no {MANIFEST}: not a dataset built earlier; choose another --out")
    datasets.disable_progress_bars()
    files = Sources(sources)
    partial = out.with_name(f".{out.name}.partial")
    try:
        manifest, rejected = build_into(partial, files, names, seed)
        replace(partial, out)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    for line in left_out(files, split_sizes(manifest)):
        log.warning(line)
    for row in rejected[:20]:
        log.warning("rejected: %s", row)
    if len(rejected) > 20:
        log.warning("%s rows rejected in all: %s", f"{len(rejected):,}", out / "rejected.jsonl")
    return manifest


def build_into(partial: Path, files: Sources, names: list[str], seed: int) -> tuple[dict, list[Rejected]]:
    """Make the whole dataset in the folder `partial`, anew; returns the manifest and what was rejected."""
    from dataset_builder.card import left_out, write_card
    from dataset_builder.reasoning.grounded import build_reasoning

    shutil.rmtree(partial, ignore_errors=True)
    rejected: list[Rejected] = []
    for name in tqdm(names, desc="build", unit="config"):
        if name in CORPORA:
            build_corpus(name, files, partial)
        else:
            rejected += build_task(name, files, partial, seed)
    if not partial.exists():
        raise SourceError("\n".join([f"nothing to build below {files.root}:", *left_out(files, {})]))
    build_mini(partial)
    build_reasoning(partial, seed)
    (partial / "rejected.jsonl").write_text(
        "".join(json.dumps(asdict(row), ensure_ascii=False) + "\n" for row in rejected), encoding="utf-8"
    )
    manifest = write_manifest(partial, files, seed, len(rejected))
    write_card(partial, manifest, files)
    return manifest, rejected


def build_task(task_id: str, files: Sources, folder: Path, seed: int) -> list[Rejected]:
    """data/<task>/ and, where the task has a condition, conditioned/<task>/; returns the rejected rows."""
    from dataset_builder.biology_instructions import BiologyInstructions, NothingToRead

    rejected: list[Rejected] = []
    for part in ("data", "conditioned") if TASKS[task_id].condition else ("data",):
        target = folder / part / task_id
        builder = BiologyInstructions(
            config_name=task_id,
            cache_dir=str(folder.with_name(f"{folder.name}.cache")),
            sources=str(files.root),
            seed=seed,
            conditioned=part == "conditioned",
        )
        try:
            builder.download_and_prepare(str(target), file_format="parquet")
        except NothingToRead:
            files.missing += builder.files.missing
            break
        finally:
            shutil.rmtree(builder._cache_dir_root, ignore_errors=True)
            Path(f"{target}_builder.lock").unlink(missing_ok=True)
        tidy(target)
        if part == "data":
            rejected = builder.rejected
            files.used |= builder.files.used
            files.missing += builder.files.missing
    return rejected


def tidy(folder: Path) -> None:
    """datasets' names -> the Hub's: <dataset>-train.parquet -> train-00000-of-00001.parquet."""
    (folder / "dataset_info.json").unlink()
    for path in folder.glob("*.parquet"):
        name = path.name.split("-", 1)[1]
        if "-of-" not in name:
            name = name.replace(".parquet", "-00000-of-00001.parquet")
        path.rename(folder / name)


def build_corpus(corpus: str, files: Sources, folder: Path) -> None:
    """<corpus>/train-00000-of-00001.parquet with `id` and `text`, streamed."""
    from dataset_builder.pretraining import read_corpus

    writer = None
    for table in read_corpus(corpus, files):
        if writer is None:
            (folder / corpus).mkdir(parents=True)
            path = folder / corpus / "train-00000-of-00001.parquet"
            writer = pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table)
    if writer:
        writer.close()


def build_mini(folder: Path) -> None:
    """mini/: at most 1,000 rows of every task and split, those whose ids hash lowest."""
    for split in SPLITS:
        parts = []
        for path in sorted((folder / "data").glob(f"*/{split}-*.parquet")):
            table = pq.read_table(path)
            order = pa.array(hash64(table["id"], "mini").argsort(kind="stable")[:MINI_ROWS])
            parts.append(table.take(order))
        if parts:
            write_parquet(pa.concat_tables(parts), folder / "mini" / f"{split}-00000-of-00001.parquet")


def write_parquet(table: pa.Table, path: Path) -> None:
    """One Parquet file; the folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table.replace_schema_metadata(), path, compression="zstd")


def write_manifest(folder: Path, files: Sources, seed: int, rejected: int) -> dict:
    """manifest.json: rows and sha256 of every shard, sha256 of every source file, and the digest over all of it."""
    from dataset_builder.biology_instructions import VERSION

    shards = {
        str(path.relative_to(folder)): {"rows": pq.read_metadata(path).num_rows, "sha256": file_sha256(path)}
        for path in sorted(folder.rglob("*.parquet"))
    }
    manifest = {
        "version": VERSION,
        "seed": seed,
        "digest": hashlib.sha256(json.dumps(shards, sort_keys=True).encode()).hexdigest(),
        "synthetic": (files.root / SYNTHETIC).is_file(),
        "rejected_rows": rejected,
        "shards": shards,
        "sources": files.sha256(),
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    return manifest


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
    """Rows by folder of the dataset (data/<task>, mini, pretrain_dna, …) and split."""
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
        hint = f"; did you mean {close[0]}?" if close else ""
        raise SourceError(f"unknown task {unknown[0]!r}{hint} The tasks are {', '.join(known)}")
    return [name for name in known if not asked or name in asked]
