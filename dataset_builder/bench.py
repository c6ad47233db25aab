"""How fast a dataset of the size of Table 2 is built and in how much memory, beside what it is to be compared with.

    make bench                                    # or: python -m dataset_builder.bench --help

The build runs as a user runs it, on synthetic files of the real sizes. Beside it, on the same machine, with the rows
that it wrote: (a) the rows, ready as Python dicts, through datasets.Dataset.from_generator; (b) the Arrow tables,
ready in memory, to Parquet with the same options and nothing else: beside the build without the argued answers of
the config reasoning, whose time is told apart. What reading them takes counts in neither. Last, FASTA files of
gigabytes, of which only a part may be in memory at any time.
"""

import argparse
import contextlib
import json
import os
import platform
import re
import shutil
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dataset_builder.manifest import MANIFEST
from dataset_builder.tasks import SPLITS


if TYPE_CHECKING:
    from psutil import Process

CORPORA = ("pretrain_dna", "pretrain_protein")
TIMES_FASTER = 4  # than from_generator, at least
TIMES_AS_LONG = 2  # as Parquet alone, at most
MAX_BYTES = 2 * 2**30  # of memory for a build
MAX_CORPUS_BYTES = 10**9  # of memory for a corpus
SAMPLE_EVERY = 20  # rows for from_generator
INTERVAL = 0.2  # seconds between two looks at the memory; each costs milliseconds


def main() -> None:
    """Measure, print a table, write <folder>/results.json."""
    args = arguments().parse_args()
    from dataset_builder.synthetic import volume

    folder, every = args.folder, 1 if args.full else SAMPLE_EVERY
    folder.mkdir(parents=True, exist_ok=True)
    results = {"command": sys.argv, "share": args.share, **surroundings()}
    volume.write(folder / "sources", args.share)
    results["build"] = measure_build(folder, args.workers)
    dataset = folder / "biology-instructions"
    results["parquet_only"] = [measure_parquet(dataset, folder / "again", n) for n in sorted({1, args.workers})]
    results["from_generator"] = measure_from_generator(dataset, folder / "cache", every)
    results["corpora"] = [measure_corpus(name, folder, args.fasta_gb) for name in CORPORA if args.fasta_gb]
    (folder / "results.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(table(results))


def arguments() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m dataset_builder.bench", description=__doc__.partition("\n")[0])
    parser.add_argument("--folder", type=Path, default=Path("build/bench"), help="of files, dataset and results.json")
    parser.add_argument("--share", type=float, default=1, help="of the rows of Table 2 (1)")
    parser.add_argument("--workers", type=int, default=2, help="of the build (2)")
    parser.add_argument("--full", action="store_true", help=f"from_generator: all rows, not every {SAMPLE_EVERY}th")
    parser.add_argument("--fasta-gb", type=float, default=1, help="size of each corpus (1); 0: none")
    return parser


def surroundings() -> dict:
    """The machine, how busy it was before (the load averages of os.getloadavg), and the versions."""
    import psutil

    libraries = ("datasets", "pyarrow", "numpy")
    return {
        "machine": f"{processor()}, {os.cpu_count()} cores, {psutil.virtual_memory().total / 2**30:.0f} GiB",
        "system": platform.platform(),
        "load": os.getloadavg(),
        "versions": {"python": platform.python_version()} | {name: version(name) for name in libraries},
    }


def processor() -> str:
    """The name of the processor, where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())


def watched(command: list[str], log: Path) -> dict[str, float]:
    """Run a command, its output into `log`.

    Returns:
        `seconds`; `cpu_seconds` of all its processes; `peak_bytes`, the largest sum of their memory.

    Raises:
        RuntimeError: it failed.
    """
    import psutil

    start, peak, cpu = time.perf_counter(), 0, {}
    with open(log, "w", encoding="utf-8") as stream, psutil.Popen(command, stdout=stream, stderr=stream) as process:
        while process.poll() is None:
            used = 0
            for each in (process, *process.children(recursive=True)):
                with contextlib.suppress(psutil.NoSuchProcess):
                    cpu[each.pid] = sum(each.cpu_times()[:2])
                    used += memory(each)
            peak = max(peak, used)
            time.sleep(INTERVAL)
    seconds = time.perf_counter() - start
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)}: exit status {process.returncode}; what it printed is in {log}")
    return {"seconds": seconds, "cpu_seconds": sum(cpu.values()), "peak_bytes": peak}


def memory(process: "Process") -> int:
    """Bytes; of pages that n processes share an n-th (PSS), where the system can tell."""
    import psutil

    try:
        return process.memory_full_info().pss
    except (AttributeError, psutil.AccessDenied):  # not Linux
        return process.memory_info().rss


def measure_build(folder: Path, workers: int) -> dict:
    """All tasks from <folder>/sources into <folder>/biology-instructions, from nothing."""
    out = folder / "biology-instructions"
    log = folder / "build.log"
    done = watched(build_command(folder / "sources", out, workers), log)
    answers, seconds = re.search(r"reasoning: ([\d,]+) argued answers in ([\d.]+) s", log.read_text()).groups()
    sizes = rows_of(out)
    tasks = {split: sum(sizes[name].get(split, 0) for name in sizes if name.startswith("data/")) for split in SPLITS}
    rows = sum(sum(splits.values()) for splits in sizes.values())
    reasoning = {"argued_answers": int(answers.replace(",", "")), "reasoning_seconds": float(seconds)}
    return {"workers": workers, "rows_of_tasks": tasks, "rows": rows, **done, **reasoning}


def rows_of(dataset: Path) -> dict[str, dict[str, int]]:
    """Rows by folder and split, as the manifest has them."""
    from dataset_builder.build import split_sizes

    return split_sizes(json.loads((dataset / MANIFEST).read_text(encoding="utf-8")))


def build_command(sources: Path, out: Path, workers: int, tasks: Iterable[str] = ()) -> list[str]:
    """The command of a build; what an earlier one left, finished or not, is removed."""
    for left in (out, out.with_name(f".{out.name}.partial")):
        shutil.rmtree(left, ignore_errors=True)
    command = [sys.executable, "-m", "dataset_builder", "build", "--sources", str(sources), "--out", str(out)]
    return [*command, "--workers", str(workers), *(["--tasks", *tasks] if tasks else [])]


def now() -> np.ndarray:
    """Two clocks in seconds: the wall's and that of this process on the processor."""
    return np.array([time.perf_counter(), time.process_time()])


def measure_from_generator(dataset: Path, scratch: Path, every: int) -> dict:
    """(a) Dataset.from_generator over every `every`-th row of each row group, in one process, as its default is."""
    import datasets
    import pyarrow.parquet as pq
    from tqdm import tqdm

    from dataset_builder.biology_instructions import FEATURES

    datasets.disable_progress_bars()
    shutil.rmtree(scratch, ignore_errors=True)
    rows, reading = 0, np.zeros(2)

    def generate() -> Iterator[dict]:
        nonlocal rows, reading
        for path in tqdm(sorted(dataset.rglob("*.parquet")), desc="from_generator", unit="shard"):
            file = pq.ParquetFile(path)
            for i in range(file.num_row_groups):
                start = now()
                group = file.read_row_group(i)
                sample = group.take(list(range(0, len(group), every))).to_pylist()
                reading += now() - start
                rows += len(sample)
                yield from sample

    start = now()
    datasets.Dataset.from_generator(generate, FEATURES, cache_dir=str(scratch), fingerprint="bench")
    spent = now() - start - reading
    shutil.rmtree(scratch)
    return {"every": every, "rows": rows, "seconds": spent[0], "cpu_seconds": spent[1]}


def measure_parquet(dataset: Path, scratch: Path, processes: int) -> dict:
    """(b) Writing every shard again; `seconds` are what the processes need together, divided by their number."""
    from tqdm import tqdm

    paths = sorted(dataset.rglob("*.parquet"))
    with ProcessPoolExecutor(processes, get_context("forkserver")) as pool:
        done = pool.map(partial(write_again, scratch=scratch), paths)
        spent = sum(tqdm(done, total=len(paths), desc=f"Parquet, {processes} at once", unit="shard"))
    shutil.rmtree(scratch)
    rows = sum(sum(splits.values()) for splits in rows_of(dataset).values())
    return {"processes": processes, "rows": rows, "seconds": spent[0] / processes, "cpu_seconds": spent[1]}


def write_again(path: Path, scratch: Path) -> np.ndarray:
    """Both clocks' seconds to write what is in a shard, its tables being in memory.

    Raises:
        RuntimeError: the files differ in size, so that they were not written with the same options.
    """
    import pyarrow.parquet as pq

    from dataset_builder.shards import open_shard

    file, copy = pq.ParquetFile(path), scratch / f"{os.getpid()}.parquet"
    tables = [file.read_row_group(i) for i in range(file.num_row_groups)]
    start = now()
    with open_shard(copy, file.schema_arrow) as writer:
        for part in tables:
            writer.write_table(part)
    spent = now() - start
    if copy.stat().st_size != path.stat().st_size:
        raise RuntimeError(f"{path}: {path.stat().st_size} bytes, written again {copy.stat().st_size}; see shards.py")
    return spent


def measure_corpus(name: str, folder: Path, gigabytes: float) -> dict:
    """A corpus from one FASTA file of that size, by one worker."""
    from dataset_builder.synthetic.bulk import write_genome, write_proteins

    sources, out = folder / "corpora" / f"{gigabytes:g}GB", folder / name
    fasta = sources / name / "synthetic.fasta"
    if not fasta.exists():
        fasta.parent.mkdir(parents=True, exist_ok=True)
        partial = fasta.with_suffix(".partial")
        {"pretrain_dna": write_genome, "pretrain_protein": write_proteins}[name](partial, int(gigabytes * 1e9))
        partial.rename(fasta)
    done = watched(build_command(sources, out, 1, [name]), folder / f"{name}.log")
    rows = rows_of(out)[name]["train"]
    shutil.rmtree(out)
    return {"corpus": name, "bytes": fasta.stat().st_size, "rows": rows, **done}


def table(results: dict) -> str:
    """What was measured, beside the goals."""
    build, generator = results["build"], results["from_generator"]
    faster = build["rows"] / build["seconds"] / (generator["rows"] / generator["seconds"])
    lines = [
        (f"build, {build['workers']} workers", build, *peak(build, MAX_BYTES)),
        (
            f"(a) from_generator, 1 row of {generator['every']}",
            generator,
            f"the build is {faster:.1f} times as fast; goal: at least {TIMES_FASTER}",
            faster >= TIMES_FASTER,
        ),
    ]
    for alone in results["parquet_only"]:
        longer = (build["seconds"] - build["reasoning_seconds"]) / alone["seconds"]
        found = f"the build without reasoning takes {longer:.2f} times as long; goal: at most {TIMES_AS_LONG}"
        lines.append((f"(b) Parquet alone, {alone['processes']} processes", alone, found, longer <= TIMES_AS_LONG))
    for corpus in results["corpora"]:
        name = f"{corpus['corpus']}, {corpus['bytes'] / 1e9:.1f} GB"
        lines.append((name, corpus, *peak(corpus, MAX_CORPUS_BYTES)))
    splits = " / ".join(f"{build['rows_of_tasks'][split]:,}" for split in SPLITS)
    head = [
        f"{results['machine']}; load average before: {results['load'][0]:.1f}",
        f"rows of the tasks {splits}; with conditioned, mini and reasoning {build['rows']:,}",
        f"of the build: {build['argued_answers']:,} argued answers in {build['reasoning_seconds']:,.1f} s",
    ]
    return "\n".join([*head, *(line(*columns) for columns in lines)])


def peak(part: dict, limit: int) -> tuple[str, bool]:
    """The most memory in use, and whether that is less than `limit` bytes."""
    used = part["peak_bytes"]
    return f"{used / 2**30:.2f} GiB of memory; goal: under {limit / 2**30:.2f}", used < limit


def line(name: str, part: dict, found: str, reached: bool) -> str:
    """One line of the table."""
    rows, seconds = part["rows"], part["seconds"]
    rate = f"{rows:>9,} rows {seconds:>6,.1f} s {part['cpu_seconds']:>6,.1f} CPU s {rows / seconds:>8,.0f} rows/s"
    return f"{name:32} {rate}  {found}: {'reached' if reached else 'MISSED'}"


if __name__ == "__main__":
    main()
