"""How fast stored answers are scored and in how much memory, beside scipy's bootstrap.

make bench                                  # or: python -m metrics.bench --help
"""

import argparse
import json
import sys
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from dataset_builder.bench import now, surroundings, watched


SECONDS = 20  # for scoring the test sets of Table 2, at most
PEER_SHARE = 50  # of so many resamples the peer draws one


@dataclass(frozen=True)
class Line:
    """One measurement.

    Attributes:
        name: what was measured.
        rows: how many there were.
        seconds, cpu_seconds: by the clock, and of all processes together.
        found: what a reader should see beside it: memory, a ratio, a goal.
        reached: whether a goal was; None where there is none.
    """

    name: str
    rows: int
    seconds: float
    cpu_seconds: float
    found: str
    reached: bool | None = None


def main() -> None:
    """Measure, print a table, write <folder>/results.json."""
    parser = argparse.ArgumentParser(prog="python -m metrics.bench", description=__doc__.partition("\n")[0])
    parser.add_argument("--folder", type=Path, default=Path("build/bench-scoring"), help="of files and results.json")
    parser.add_argument("--share", type=float, default=1, help="of the rows of Table 2 (1)")
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    about = {"command": sys.argv, "share": args.share, **surroundings()}
    lines = measure_scoring(args.folder, args.share)
    results = about | {"lines": list(map(asdict, lines))}
    (args.folder / "results.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(f"{about['machine']}; load average before: {about['load'][0]:.1f}")
    print("\n".join(map(shown, lines)))


def measure_scoring(folder: Path, share: float) -> list[Line]:
    """The command `score` on the test sets of Table 2 as a user runs it, and beside it scipy's bootstrap."""
    import pyarrow.parquet as pq

    from metrics.benchmark.synthetic_answers import write

    dataset, predictions = write(folder, share)
    rows = pq.read_metadata(predictions).num_rows
    command = [sys.executable, "-m", "metrics", "score", "--predictions", str(predictions)]
    done = watched([*command, "--dataset", str(dataset), "--out", str(folder / "scored")], folder / "score.log")
    tasks = json.loads((folder / "scored" / "results.json").read_text(encoding="utf-8"))["tasks"].values()
    values = sum(1 + len(entry["baselines"]) + len(entry["subtasks"]) for entry in tasks)
    spent, alone = bootstrap_by_scipy(predictions)
    found = f"{done['peak_bytes'] / 2**30:.2f} GiB of memory; goal: under {SECONDS} s"
    per_value = spent[0] / alone / (done["seconds"] / values)
    beside = f"per interval {per_value:.1f} times as long, though nothing is read, parsed or counted in it"
    ours = Line(
        f"score, {values} intervals", rows, done["seconds"], done["cpu_seconds"], found, done["seconds"] < SECONDS
    )
    return [ours, Line(f"scipy.stats.bootstrap, {alone} intervals", rows, *spent, beside)]


def bootstrap_by_scipy(predictions: Path) -> tuple[tuple[float, float], int]:
    """Seconds by the clock and of the processor for the intervals of every task's own value, and how many those are.

    In one process, from parsed pairs in memory, with the same metric functions and number of resamples; every
    PEER_SHARE-th resample is drawn and the time multiplied.
    """
    import numpy as np
    import pyarrow.parquet as pq
    from scipy.stats import bootstrap
    from tqdm import tqdm

    from dataset_builder.tasks import TASKS, Task
    from metrics.benchmark.intervals import RESAMPLES
    from metrics.scoring import STRICT, Pairs, default_constant, metric_of

    table = pq.read_table(predictions, columns=["task", "label", "answer"]).to_pandas()
    spent, intervals = np.zeros(2), 0
    for name, rows in tqdm(table.groupby("task"), desc="scipy", unit="task"):
        task, labels = TASKS[name], list(map(json.loads, rows["label"]))
        constant, readings = json.loads(default_constant(task)), STRICT.read(task, rows["answer"].tolist())
        said = [STRICT.count(task, *row, constant).value for row in zip(readings, labels, strict=True)]

        def value(places: np.ndarray, task: Task, pairs: Pairs) -> float:
            sides = (pairs.predictions, pairs.references)
            return metric_of(task)(*([side[i] for i in places.tolist()] for side in sides))

        for pairs in STRICT.pairs(task, said, labels):
            places, statistic = np.arange(len(labels)), partial(value, task=task, pairs=pairs)
            statistic(places)  # what it imports counts in neither
            start = now()
            bootstrap(
                (places,),
                statistic,
                n_resamples=RESAMPLES // PEER_SHARE,
                vectorized=False,
                method="percentile",
                rng=0,
            )
            spent += now() - start
            intervals += 1
    return tuple((PEER_SHARE * spent).tolist()), intervals


def shown(line: Line) -> str:
    """One line of the table."""
    times = f"{line.seconds:>8,.1f} s {line.cpu_seconds:>8,.1f} CPU s {line.rows / line.seconds:>9,.0f} rows/s"
    goal = "" if line.reached is None else ": reached" if line.reached else ": MISSED"
    return f"{line.name:36} {line.rows:>9,} rows {times}  {line.found}{goal}"


if __name__ == "__main__":
    main()
