"""What the verification of reasoning answers catches: errors planted in true answers, and answers judged by hand.

python -m metrics.bench_reasoning --dataset biology-instructions     # 200 answers of its config reasoning
python -m metrics.bench_reasoning --dataset … --judged tests/metrics/reasoning_answers.json
"""

import argparse
import json
import sys
import time
from collections import Counter
from pathlib import Path

from dataset_builder.bench import surroundings
from dataset_builder.hashing import hash64
from metrics.benchmark.table import aligned
from metrics.reasoning.audit import written
from metrics.reasoning.findings import FAITHFUL, LEAK, UNSUPPORTED, WRONG
from metrics.reasoning.planting import ERRORS, plant
from metrics.reasoning.verify import verify


CAUGHT, REFUSED = 0.95, 0.02  # of planted errors at least, of clean answers at most
STATUSES = (FAITHFUL, WRONG, UNSUPPORTED, LEAK)
EXPECTED = {"leak": LEAK, "unsupported claim": UNSUPPORTED}  # of any other error WRONG
CLEAN = "clean"

Confusion = dict[str, Counter]  # by kind of error, how often each status


def main() -> None:
    """Plant, judge, print the tables and write <folder>/reasoning.json."""
    parser = argparse.ArgumentParser(prog="python -m metrics.bench_reasoning", description=__doc__.partition("\n")[0])
    parser.add_argument("--dataset", default="build/bench/biology-instructions", help="folder of a build")
    parser.add_argument(
        "--answers", type=int, default=200, help="of which each is judged clean and with an error (200)"
    )
    parser.add_argument("--judged", type=Path, help="JSON of rows and answers with verdicts given by hand")
    parser.add_argument("--folder", type=Path, default=Path("build/bench"), help="of reasoning.json")
    args = parser.parse_args()
    rows = chosen(written(args.dataset)[1], args.answers)
    start = time.perf_counter()
    planted = confusion(rows)
    results = {"command": sys.argv, **surroundings(), "answers": len(rows), "planted": planted}
    results["milliseconds_per_answer"] = (
        1_000 * (time.perf_counter() - start) / sum(map(Counter.total, planted.values()))
    )
    print(f"{len(rows)} answers of {args.dataset}, each clean and with one error", *table(planted), sep="\n")
    print(f"{results['milliseconds_per_answer']:.1f} ms per answer")
    if args.judged:
        results["judged"] = judged(args.judged)
        print(
            "", f"answers of {args.judged} by the verdict that was given by hand", *table(results["judged"]), sep="\n"
        )
    args.folder.mkdir(parents=True, exist_ok=True)
    (args.folder / "reasoning.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def chosen(rows: list[dict], count: int) -> list[dict]:
    """So many rows, every task in turn, those that hash lowest first."""
    order = sorted(zip(hash64([row["id"] for row in rows], "bench").tolist(), range(len(rows)), strict=True))
    seen: Counter = Counter()
    ranked = []
    for hashed, i in order:
        ranked.append((seen[rows[i]["task"]], hashed, i))
        seen[rows[i]["task"]] += 1
    return [rows[i] for _, _, i in sorted(ranked)[:count]]


def confusion(rows: list[dict]) -> Confusion:
    """How the answers are judged as they are, and with one error each: the kinds take turns, and an answer that has no
    place for one gets the next."""
    kinds, found, turn = list(ERRORS), {CLEAN: Counter()}, 0
    for row in rows:
        found[CLEAN][verify(row, row["answer"]).status] += 1
        for kind in kinds[turn:] + kinds[:turn]:
            if changed := plant(kind, row, row["answer"]):
                verdict = verify(row, changed)
                expected = EXPECTED.get(kind, WRONG)
                seen = expected in {finding.status for finding in verdict.findings}
                found.setdefault(kind, Counter())[expected if seen else verdict.status] += 1
                turn = (kinds.index(kind) + 1) % len(kinds)
                break
    return found


def judged(path: Path) -> Confusion:
    """How the answers of a hand-written table are judged, by their own verdict and part."""
    table = json.loads(path.read_text(encoding="utf-8"))
    found: Confusion = {}
    for case in table["answers"]:
        row = table["rows"][case["row"]]
        prompt = [{"role": "user", "content": row["question"]}]
        status = verify(
            {"task": row["task"], "prompt": prompt, "label": json.dumps(row["label"])}, case["answer"]
        ).status
        name = CLEAN if case["verdict"] == FAITHFUL else case["verdict"]
        found.setdefault(f"{name}, {case['part']}", Counter())[status] += 1
    return found


def table(found: Confusion) -> list[str]:
    """A line per kind of error, and what of all errors is caught and of all clean answers refused."""
    lines = [("planted", "answers", "caught, %", *STATUSES)]
    refused, caught = Counter(), Counter()
    for kind, statuses in found.items():
        clean, n = kind.startswith(CLEAN), statuses.total()
        hit = n - statuses[FAITHFUL]
        (refused if clean else caught).update({"n": n, "hit": hit})
        share = "" if clean else f"{100 * hit / n:.1f}"
        lines.append((kind, str(n), share, *(str(statuses[status]) for status in STATUSES)))
    shares = [part["hit"] / max(1, part["n"]) for part in (caught, refused)]
    met = "reached" if shares[0] >= CAUGHT and shares[1] <= REFUSED else "MISSED"
    return [
        *aligned(lines),
        f"errors caught {100 * shares[0]:.1f}% of {caught['n']} (goal: {100 * CAUGHT:.0f}), clean answers refused "
        f"{100 * shares[1]:.1f}% of {refused['n']} (goal: at most {100 * REFUSED:.0f}): {met}",
    ]


if __name__ == "__main__":
    main()
