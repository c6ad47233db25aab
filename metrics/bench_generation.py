"""How fast a model answers, beside transformers' pipeline and lm-evaluation-harness, and how fast answers are ranked.

    make bench                                    # or: python -m metrics.bench_generation --help

All answer the same prompts of all tasks greedily, in one process, with the tiny model after a minute of its stage 2
(without that it would never end an answer), and the answers are compared. The pipeline is asked row by row.
lm-evaluation-harness is asked in batches of 1, its default, and of 16, and the faster one counts. Ranking is timed
with the prompt shared by all possible answers of a row, and with a pass over prompt and answer for each alone.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa


if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

TIMES_FASTER = 2  # than either, at least
BATCH = 16
RANKED = ("promoter_300", "ncrna_family", "rna_modification", "protein_stability", "ec_number")
ALONE = 200  # answers that are read alone, of as many rows as they make
RANKED_ROWS = 32
RECIPES, STEPS = Path("trl_recipes/tiny"), 100

Answers = dict[str, str]  # by row id


def main() -> None:
    """Measure, print a table, write <folder>/generation.json."""
    args = arguments().parse_args()
    from dataset_builder.bench import surroundings
    from metrics.benchmark.data import rows_to_ask

    args.folder.mkdir(parents=True, exist_ok=True)
    model = args.model or str(tiny_model(args.dataset, args.folder / "tiny"))
    rows = pa.concat_tables(rows_to_ask(args.dataset, limit=args.rows).values())
    results = {
        "command": sys.argv,
        **surroundings(),
        "model": model,
        "rows": len(rows),
        "max_new_tokens": args.max_new_tokens,
        "generation": measure_generation(model, rows, args.max_new_tokens, args.rounds),
        "ranking": measure_ranking(model, args.dataset),
    }
    (args.folder / "generation.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(table(results))


def arguments() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m metrics.bench_generation", description=__doc__.partition("\n")[0])
    parser.add_argument("--dataset", default="build/bench/biology-instructions", help="folder of a build")
    parser.add_argument("--folder", type=Path, default=Path("build/bench"), help="of the model and generation.json")
    parser.add_argument("--model", help="another model than the tiny one")
    parser.add_argument("--rows", type=int, default=24, help="per task (24)")
    parser.add_argument("--max-new-tokens", type=int, default=128, help="per answer (128)")
    parser.add_argument("--rounds", type=int, default=2, help="of all but the pipeline; the fastest counts (2)")
    return parser


def tiny_model(dataset: str, out: Path) -> Path:
    """The tiny model, trained for STEPS of its stage 2; made once."""
    merged = out / "stage2" / "merged"
    if not merged.exists():
        from dataset_builder.bench import watched
        from trl_recipes.scratch import create

        create(RECIPES / "model.yaml", dataset, out / "stage0")
        recipe = [
            f"model={out / 'stage0'}",
            f"dataset={dataset}",
            f"out={merged.parent}",
            f"training.max_steps={STEPS}",
        ]
        command = [sys.executable, "trl_recipes/sft.py", "--config", str(RECIPES / "stage2.yaml"), "--set", *recipe]
        watched(command, out / "stage2.log")
    return merged


def measure_generation(model: str, rows: pa.Table, max_new_tokens: int, rounds: int) -> list[dict]:
    """Every way to answer the rows: `name`, `seconds`, `cpu_seconds`, and `as_ours`, the share of equal answers."""
    from metrics.benchmark.generation import load_model

    tokenizer, loaded = load_model(model, None)
    ours = {"ours": lambda: ours_answers(rows, tokenizer, loaded, max_new_tokens)}
    harness = {
        f"lm-evaluation-harness, batches of {size}": harness_of(rows, tokenizer, loaded, max_new_tokens, size)
        for size in (1, BATCH)
    }
    pipeline = {"transformers.pipeline, row by row": pipeline_of(rows, tokenizer, loaded, max_new_tokens)}
    ours_answers(rows.slice(0, BATCH), tokenizer, loaded, 2)  # what only a first call costs
    found, expected = [], {}
    for name, answers in (ours | harness | pipeline).items():
        said, best = timed(answers, 1 if name in pipeline else rounds)
        expected = expected or said
        equal = sum(said[row] == expected[row] for row in expected) / len(expected)
        found.append({"name": name, **best, "as_ours": equal})
    return found


def timed(answers: Callable[[], Answers], rounds: int) -> tuple[Answers, dict[str, float]]:
    """The answers, and the times of the fastest round."""
    times = []
    for _ in range(rounds):
        wall, cpu = time.perf_counter(), time.process_time()
        said = answers()
        times.append({"seconds": time.perf_counter() - wall, "cpu_seconds": time.process_time() - cpu})
    return said, min(times, key=lambda one: one["seconds"])


def ours_answers(
    rows: pa.Table, tokenizer: "PreTrainedTokenizerBase", model: "PreTrainedModel", max_new_tokens: int
) -> Answers:
    """As `python -m metrics evaluate` gets them."""
    from metrics.benchmark.generation import generate

    batches = generate(rows, tokenizer, model, max_new_tokens, BATCH)
    return {row: text for batch in batches for row, text in zip(batch.ids, batch.answers, strict=True)}


def pipeline_of(
    rows: pa.Table, tokenizer: "PreTrainedTokenizerBase", model: "PreTrainedModel", max_new_tokens: int
) -> Callable[[], Answers]:
    """One chat after the other through a text-generation pipeline."""
    from transformers import pipeline

    pipe = pipeline("text-generation", model=model, tokenizer=tokenizer)
    options = {"max_new_tokens": max_new_tokens, "do_sample": False, "return_full_text": False}

    def answers() -> Answers:
        chats = zip(rows["id"].to_pylist(), rows["prompt"].to_pylist(), strict=True)
        return {row: pipe(chat, **options)[0]["generated_text"].strip() for row, chat in chats}

    return answers


def harness_of(
    rows: pa.Table, tokenizer: "PreTrainedTokenizerBase", model: "PreTrainedModel", max_new_tokens: int, batch: int
) -> Callable[[], Answers]:
    """The harness' own model class, asked for the same texts."""
    from lm_eval.api.instance import Instance
    from lm_eval.models.huggingface import HFLM

    harness = HFLM(pretrained=model, tokenizer=tokenizer, batch_size=batch)
    options = {"until": [tokenizer.eos_token], "max_gen_toks": max_new_tokens, "do_sample": False}

    def answers() -> Answers:
        texts = [
            tokenizer.apply_chat_template(chat, add_generation_prompt=True, tokenize=False)
            for chat in rows["prompt"].to_pylist()
        ]
        asked = [Instance("generate_until", {}, (text, options), i) for i, text in enumerate(texts)]
        said = harness.generate_until(asked, disable_tqdm=True)
        return {row: text.strip() for row, text in zip(rows["id"].to_pylist(), said, strict=True)}

    return answers


def measure_ranking(model: str, dataset: str) -> list[dict]:
    """Of some tasks: how many answers each row has, and `rows` and `seconds` of ranking them `shared` and `alone`."""
    from dataset_builder.tasks import TASKS
    from metrics.benchmark.data import rows_to_ask
    from metrics.benchmark.generation import load_model
    from metrics.benchmark.loglikelihood import judge_of
    from metrics.benchmark.passes import after, alone

    tokenizer, loaded = load_model(model, None)
    found = []
    of_task = rows_to_ask(dataset, limit=RANKED_ROWS)
    for name in filter(of_task.get, RANKED):
        rows = of_task[name]
        answers = judge_of(TASKS[name], tokenizer).answers
        few = rows.slice(0, max(1, ALONE // answers))
        ways = {
            "shared": seconds_of(rows, tokenizer, loaded, after),
            "alone": seconds_of(few, tokenizer, loaded, alone),
        }
        found.append({"task": name, "answers": answers, **ways})
    return found


def seconds_of(rows: pa.Table, tokenizer: "PreTrainedTokenizerBase", model: "PreTrainedModel", way: Callable) -> dict:
    """The time that batches take, without what a task needs once."""
    import torch

    from metrics.benchmark.loglikelihood import score_rows

    with torch.inference_mode():
        batches = score_rows(rows, tokenizer, model, BATCH, way)
        return {"rows": len(rows), "seconds": sum(batch.seconds for batch in batches)}


def table(results: dict) -> str:
    """What was measured, beside the goals."""
    ours, *others = results["generation"]
    lines = [
        f"{results['machine']}; load average before: {results['load'][0]:.1f}",
        f"{results['rows']} prompts of all tasks, {results['max_new_tokens']} tokens at most, {results['model']}",
        generation_line(ours, results["rows"], ""),
    ]
    best = {}
    for other in others:
        name = other["name"].partition(",")[0]
        best[name] = min(best.get(name, other), other, key=lambda one: one["seconds"])
        lines.append(generation_line(other, results["rows"], f"  {100 * other['as_ours']:.1f}% the same answers"))
    for name, other in best.items():
        times, cpu = (other[clock] / ours[clock] for clock in ("seconds", "cpu_seconds"))
        verdict = "reached" if times >= TIMES_FASTER else "MISSED"
        lines.append(
            f"ours is {times:.1f} times as fast as {name} ({cpu:.1f} times by CPU seconds, which count on a busy "
            f"machine); goal: at least {TIMES_FASTER}: {verdict}"
        )
    lines += [ranking_line(entry) for entry in results["ranking"]]
    return "\n".join(lines)


def generation_line(part: dict, rows: int, more: str) -> str:
    """One line of the table."""
    rate = f"{part['seconds']:>6.1f} s {part['cpu_seconds']:>6.1f} CPU s {rows / part['seconds']:>7.1f} rows/s"
    return f"{part['name']:40} {rate}{more}"


def ranking_line(entry: dict) -> str:
    """One line of the table."""
    rates = [entry[way]["rows"] * entry["answers"] / entry[way]["seconds"] for way in ("shared", "alone")]
    shared, separate = rates
    return (
        f"ranking, {entry['task']:18} {entry['answers']:>5,} answers per row: {shared:>9,.0f} answers/s, "
        f"{separate:>7,.0f} without the shared prompt: {shared / separate:.1f} times as fast"
    )


if __name__ == "__main__":
    main()
