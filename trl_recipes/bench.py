"""How fast rows are prepared for training, and a CPU trains on them, beside SFTTrainer with its defaults.

make bench                                  # or: python -m trl_recipes.bench --help
"""

import argparse
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from dataset_builder.bench import surroundings
from trl_recipes.ladder import LEAN, PLAIN
from trl_recipes.recipe import Recipe, load_recipe


if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

TIMES_FASTER = 5  # than SFTTrainer's own preparation, at least
CARD = "---\nconfigs: [{config_name: sample, data_files: [{split: train, path: sample.parquet}]}]\n---\n"


def main() -> None:
    """Measure, print, write <folder>/results.json."""
    parser = argparse.ArgumentParser(prog="python -m trl_recipes.bench", description=__doc__.partition("\n")[0])
    parser.add_argument("--folder", type=Path, default=Path("build/bench-training"), help="of files and results.json")
    parser.add_argument("--dataset", type=Path, default=Path("build/bench/biology-instructions"), help="a build")
    parser.add_argument("--rows", type=int, default=100_000, help="to prepare (100,000)")
    parser.add_argument("--seconds", type=float, default=60, help="of training with each trainer (60); 0: none")
    args = parser.parse_args()
    shutil.rmtree(args.folder, ignore_errors=True)
    args.folder.mkdir(parents=True)
    os.environ["HF_DATASETS_CACHE"] = str(args.folder / "cache")
    results = {"command": sys.argv, **surroundings()}
    results["preparation"] = measure_preparation(args.dataset, args.folder, args.rows)
    results["training"] = measure_training(args.seconds) if args.seconds else []
    (args.folder / "results.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(f"{results['machine']}; load average before: {results['load'][0]:.1f}")
    for line in shown(results):
        print(line)


def measure_preparation(dataset: Path, folder: Path, rows: int) -> list[dict]:
    """Tokenise, mask and pack the same rows, by this project and by SFTTrainer."""
    write_sample(dataset, folder / "sample", rows)
    tokenizer = make_tokenizer(folder / "sample" / "sample.parquet")
    changes = [f"dataset={folder / 'sample'}", "data={sample: 1}", "model=none", f"out={folder / 'run'}"]
    packing = ["training.max_length=1024", "training.packing=true", "training.packing_strategy=bfd"]
    recipe = load_recipe(Path(__file__).parent / "tiny" / "stage2.yaml", [*changes, *packing])
    return [prepare_ours(recipe, tokenizer, folder), prepare_theirs(recipe, tokenizer)]


def write_sample(dataset: Path, out: Path, rows: int) -> None:
    """Training rows of a build's tasks, each task in proportion, as a dataset of one config."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    shards = sorted(dataset.glob("data/*/train*.parquet"))
    if not shards:
        sys.exit(f"error: {dataset} is no build with training rows: python -m dataset_builder.bench makes one there")
    total = sum(pq.read_metadata(shard).num_rows for shard in shards)
    every = max(1, total // rows)
    parts = []
    for shard in shards:
        table = pq.read_table(shard)
        parts.append(table.take(list(range(0, len(table), every))))
    out.mkdir()
    pq.write_table(pa.concat_tables(parts).slice(0, rows), out / "sample.parquet")
    (out / "README.md").write_text(CARD, encoding="utf-8")


def make_tokenizer(sample: Path) -> "PreTrainedTokenizerBase":
    """One with Llama-3.1's special tokens and chat template, trained on the first rows."""
    import pyarrow.parquet as pq

    from trl_recipes.scratch import SPLITS, llama_template, train_tokenizer

    def texts() -> Iterator[str]:
        for row in pq.read_table(sample, columns=["prompt"]).slice(0, 2000).to_pylist():
            yield from (turn["content"] for turn in row["prompt"])

    tokenizer = train_tokenizer(texts(), 4096, SPLITS["words"], [])
    tokenizer.chat_template = llama_template()
    return tokenizer


def prepare_ours(recipe: Recipe, tokenizer: "PreTrainedTokenizerBase", folder: Path) -> dict:
    """What training reads: tokenised, masked, mixed, packed and written, by `data.prepare`."""
    from trl_recipes.data import load_config, prepare
    from trl_recipes.trainer import arguments_of

    rows = len(load_config(recipe.dataset, "sample"))  # reading Parquet and importing count in neither
    arguments = arguments_of(recipe, use_cpu=True)
    begun = clocks()
    prepare(recipe, tokenizer, arguments, folder / "prepared")
    return {"name": "trl_recipes", "rows": rows} | spent_since(begun)


def prepare_theirs(recipe: Recipe, tokenizer: "PreTrainedTokenizerBase") -> dict:
    """What SFTTrainer makes of the rows when it is built, with as many processes as there are cores."""
    import datasets
    import torch
    import trl
    from transformers import LlamaConfig, LlamaForCausalLM

    from trl_recipes.data import load_config
    from trl_recipes.trainer import arguments_of

    datasets.disable_caching()
    rows = load_config(recipe.dataset, "sample").select_columns(["prompt", "completion"])
    with torch.device("meta"):
        model = LlamaForCausalLM(LlamaConfig(vocab_size=len(tokenizer), hidden_size=8, num_attention_heads=1))
    arguments = arguments_of(recipe, use_cpu=True, dataset_num_proc=os.cpu_count())
    trainer = trl.SFTTrainer
    begun = clocks()
    trainer(model.to_empty(device="cpu"), arguments, train_dataset=rows, processing_class=tokenizer)
    return {"name": "SFTTrainer", "rows": len(rows)} | spent_since(begun)


def clocks() -> tuple[float, float]:
    """Seconds by the clock, and of the processor, of this process and its children that ended."""
    return time.perf_counter(), sum(os.times()[:4])


def spent_since(begun: tuple[float, float]) -> dict[str, float]:
    """What both clocks have run on."""
    return dict(zip(("seconds", "cpu_seconds"), (b - a for a, b in zip(begun, clocks(), strict=True)), strict=True))


def measure_training(seconds: float) -> list[dict]:
    """Full-rank steps of a random `small` on random documents, in float32, by both trainers, while there is time."""
    from trl_recipes.bench_gpu import measure

    settings = argparse.Namespace(  # what is not compiled gets a quarter of the seconds
        warm_up=1, steps=40, seconds=4 * seconds, shape="small", device="cpu", peak_tflops=1, profile=False
    )
    rungs = [replace(rung, stage=3, rows=4) for rung in (LEAN, PLAIN)]
    names = ("trl_recipes", PLAIN.name)
    return [{"name": n} | measure(rung, settings, float("inf")) for n, rung in zip(names, rungs, strict=True)]


def shown(results: dict) -> Iterator[str]:
    """Lines of the report."""
    ours, theirs = results["preparation"]
    for line in (ours, theirs):
        by_clock, by_processor = (line["rows"] / line[clock] for clock in ("seconds", "cpu_seconds"))
        found = f"{by_clock:>9,.0f} rows/s {by_processor:>9,.0f} rows per CPU second"
        yield f"prepare   {line['name']:30} {line['rows']:>8,} rows {found}"
    times, by_processor = (theirs[clock] / ours[clock] for clock in ("seconds", "cpu_seconds"))
    reached = "reached" if times >= TIMES_FASTER else "MISSED"
    yield f"          {times:.1f} times as fast, {by_processor:.1f} by CPU time; goal: {TIMES_FASTER} times: {reached}"
    for line in results["training"]:
        yield f"train     {line['name']:30} {line['steps']:>8,} steps {line['tokens_per_second']:>8,} tokens/s"
    if results["training"]:
        ours, theirs = (line["tokens_per_second"] for line in results["training"])
        yield f"          {ours / theirs:.2f} times as fast, padding not counted"


if __name__ == "__main__":
    main()
