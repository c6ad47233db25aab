"""Tokens per second on one GPU: plain SFTTrainer with PEFT beside this project's training, rung by rung.

    python -m trl_recipes.bench_gpu --stages 1 2 3 --out throughput.json

A Llama-3.1-8B of random weights is made on the GPU: nothing is downloaded. Documents are random tokens of the paper's
lengths. A rung's figure is the median over its steps after warm-up, in real tokens: padding does not count. A step is
one micro-batch with its optimizer step. A rung that ends by an error, out of memory say, records it and the next goes
on; the file is written after each. What it held before stays, but for what is measured anew: a ladder can be climbed
in several calls. `--shape tiny --device cpu` tries all but the compiler, in two minutes.
"""

import argparse
import gc
import json
import logging
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from trl_recipes.device import describe_device
from trl_recipes.ladder import DOCUMENTS, FIRST, THEN, Rung, make_rows, packed_row
from trl_recipes.recipe import Lora, Recipe, load_recipe
from trl_recipes.shape import HERE, model_shape


if TYPE_CHECKING:
    import datasets
    import transformers
    import trl

log = logging.getLogger(__name__)
SPEC_FLOPS = 989e12  # H100 and H200 SXM, dense bf16, by their data sheets


def main() -> None:
    """Run the rungs of the stages asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stages", type=int, nargs="+", default=[1, 2, 3], choices=(1, 2, 3))
    parser.add_argument("--rungs", nargs="+", default=[""], metavar="TEXT", help="only those with it in their name")
    parser.add_argument("--steps", type=int, default=50, help="measured steps of a rung, at most")
    parser.add_argument("--warm-up", type=int, default=5, help="steps before those, compilation among them; 1 or more")
    parser.add_argument("--seconds", type=float, default=60, help="at most, measuring; a quarter where not compiled")
    parser.add_argument("--budget-seconds", type=float, default=260, help="for everything; then rungs stop")
    parser.add_argument("--peak-tflops", type=float, default=790, help="measured bf16 matrix peak that MFU refers to")
    parser.add_argument("--shape", default="llama3.1-8b", help="sizes of trl_recipes/<shape>/model.yaml")
    parser.add_argument("--device", default="cuda", choices=("cuda", "cpu"))
    parser.add_argument("--profile", action="store_true", help="<out>-stage<k>.txt: the kernels of one compiled step")
    parser.add_argument("--out", type=Path, default=Path("throughput.json"))
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    os.environ.setdefault("PYTORCH_ALLOC_CONF", "expandable_segments:True")
    deadline = time.monotonic() + args.budget_seconds
    args.out.parent.mkdir(parents=True, exist_ok=True)

    settings = {name: value for name, value in vars(args).items() if name != "out"}
    report = {"device": describe_device(args.device), "settings": settings, "rungs": []}
    log.info("%s", report["device"])
    earlier = earlier_rungs(args.out, report["device"]["name"])
    run = datetime.now(UTC).isoformat(timespec="minutes")
    ladder = [replace(rung, stage=stage) for part in (FIRST, THEN) for stage in args.stages for rung in part[stage]]
    for rung in [rung for rung in ladder if any(text in rung.name for text in args.rungs)]:
        reason = reason_to_skip(rung, report, deadline - time.monotonic())
        figures = {"left_out": reason} if reason else attempt(rung, args, deadline)
        log.info("stage %s, %s: %s", rung.stage, rung.name, figures)
        report["rungs"].append(asdict(rung) | {"run": run} | figures)
        whole = report | {"rungs": merge(earlier, report["rungs"])}
        args.out.write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")
        print(table(whole["rungs"]))


def earlier_rungs(path: Path, device: str) -> list[dict]:
    """The measured rungs of a report that is there already.

    Raises:
        SystemExit: it is another device's.
    """
    if not path.is_file():
        return []
    report = json.loads(path.read_text(encoding="utf-8"))
    if report["device"]["name"] != device:
        raise SystemExit(
            f"error: {path} was measured on {report['device']['name']}, this is {device}: give another --out"
        )
    return [rung for rung in report["rungs"] if "steps" in rung]


def merge(earlier: list[dict], later: list[dict]) -> list[dict]:
    """Both, with the later of two measurements of a rung, and nothing left out that was measured earlier."""

    def key(rung: dict) -> tuple[int, str]:
        return rung["stage"], rung["name"]

    measured, before = {key(r) for r in later if "steps" in r}, {key(r) for r in earlier}
    kept = [rung for rung in earlier if key(rung) not in measured]
    return kept + [rung for rung in later if "steps" in rung or key(rung) not in before]


def reason_to_skip(rung: Rung, report: dict, seconds_left: float) -> str | None:
    """Why a rung is not started, if so."""
    memory = report["device"]["memory_gib"]
    if rung.stage == 3 and memory and memory < 100:
        return f"7 billion float32 weights with Adam need more than {memory:.0f} GiB"
    if any((r["stage"], r["name"]) == (rung.stage, rung.name) and "steps" in r for r in report["rungs"]):
        return "measured with more rows"
    return f"{max(seconds_left, 0):.0f} s left" if seconds_left < 25 else None


def attempt(rung: Rung, args: argparse.Namespace, deadline: float) -> dict:
    """The figures of one rung, or what went wrong."""
    import torch

    begun = time.monotonic()
    try:
        figures = measure(rung, args, deadline)
    except Exception as error:  # noqa: BLE001 one rung's failure must not cost the others
        log.exception("stage %s, %s failed", rung.stage, rung.name)
        figures = {"error": f"{type(error).__name__}: {str(error)[:500]}"}
    torch._dynamo.reset()
    gc.collect()
    if args.device == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
        figures["left_on_gpu_gib"] = round(torch.cuda.memory_allocated() / 2**30, 2)
    return figures | {"rung_seconds": round(time.monotonic() - begun, 1)}


def measure(rung: Rung, args: argparse.Namespace, deadline: float) -> dict:
    """Train `warm_up + steps` steps, or as many as fit."""
    import torch

    from trl_recipes.throughput import flops_per_token

    begun = time.monotonic()
    config, documents = model_shape(args.shape), DOCUMENTS[rung.stage]
    rows, lengths = make_rows(rung, config.vocab_size, args.warm_up + args.steps)
    with tempfile.TemporaryDirectory() as folder:
        trainer, tokens = make_trainer(rung, args, config, rows, folder)
        built = time.monotonic()
        clock = step_clock(tokens, args.warm_up, args.seconds if rung.compiled else args.seconds / 4, deadline)
        trainer.add_callback(clock)
        if args.profile and rung.compiled:
            trainer.add_callback(
                profiler(args.warm_up + 2, args.out.with_name(f"{args.out.stem}-stage{rung.stage}.txt"))
            )
        trainer.train()
    measured = clock.marks[args.warm_up - 1 :]
    rates = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in zip(measured, measured[1:], strict=False)]
    if not rates:
        return {"error": f"time was up after {len(clock.marks)} steps, {args.warm_up} of them warm-up"}
    flops = flops_per_token(trainer.model, sum(n * n for n in lengths) / sum(lengths), documents.answer)
    rate = statistics.median(rates)
    return {
        "tokens_per_second": round(rate),
        "steps": len(rates),
        "slowest_and_fastest": [round(min(rates)), round(max(rates))],
        "gflop_per_token": round(flops / 1e9, 2),
        "mfu": round(rate * flops / args.peak_tflops / 1e12, 4),
        "mfu_of_specification": round(rate * flops / SPEC_FLOPS, 4),
        "padding": round(1 - trainer.throughput.tokens / trainer.throughput.slots, 4) if rung.fast else None,
        "peak_memory_gib": round(torch.cuda.max_memory_allocated() / 2**30, 2) if args.device == "cuda" else None,
        "losses": [round(entry["loss"], 4) for entry in trainer.state.log_history if "loss" in entry],
        "build_seconds": round(built - begun, 1),
        "first_step_seconds": round(clock.marks[0][0] - clock.begun, 1),
    }


def make_trainer(
    rung: Rung, args: argparse.Namespace, config: "transformers.LlamaConfig", rows: "datasets.Dataset", folder: str
) -> "tuple[trl.SFTTrainer, Callable[[], int]]":
    """The rung's trainer of the stage's recipe, and a function that says how many real tokens it has seen."""
    import torch
    import trl
    from transformers import AutoModelForCausalLM

    from trl_recipes.parameters import optimizer_factory, prepare
    from trl_recipes.speed import FAST_ARGUMENTS, fast_trainer

    gpu, row = args.device == "cuda", DOCUMENTS[rung.stage].row
    recipe = load_recipe(HERE / "llama3.1-8b" / f"stage{rung.stage}.yaml", [])
    if args.shape == "tiny" and recipe.lora:
        recipe = replace(recipe, lora=Lora(8, 4, recipe.lora.plus_ratio, recipe.lora.targets))
    torch.manual_seed(0)
    with torch.device(args.device):
        model = AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16 if gpu else torch.float32)
        model = prepare(model, recipe) if rung.fast else model
    rate = recipe.training["learning_rate"]
    settings = settings_of(rung, gpu, args.warm_up + args.steps, folder) | {"learning_rate": rate}
    if not rung.fast:
        return plain_trainer(model, rows, recipe, trl.SFTConfig(**settings))
    trainer = fast_trainer(
        model,
        word_tokenizer(),
        rows,
        trl.SFTConfig(**settings, **FAST_ARGUMENTS),
        (optimizer_factory(recipe), {"lr": rate, "fused": gpu}),
        flat_tokens=rung.rows * row,
        longest=row,
        compiled=rung.compiled and gpu,
    )
    return trainer, lambda: trainer.throughput.tokens


def settings_of(rung: Rung, gpu: bool, steps: int, folder: str) -> dict:
    """Arguments of SFTConfig, beside the learning rate."""
    row = DOCUMENTS[rung.stage].row
    return {
        "output_dir": folder,
        "max_steps": steps,
        "per_device_train_batch_size": rung.rows * row // packed_row(rung) if rung.packing else rung.rows,
        "gradient_checkpointing": rung.checkpointing,
        "max_length": row,
        "save_strategy": "no",
        "logging_first_step": True,
        "report_to": "none",
        "disable_tqdm": True,
        "use_cpu": not gpu,
        "bf16": gpu,
        "dataset_kwargs": {"skip_prepare_dataset": True},
    }


def word_tokenizer() -> "transformers.PreTrainedTokenizerFast":
    """One of three words: the documents are tokens already."""
    from tokenizers import Tokenizer, models
    from transformers import PreTrainedTokenizerFast

    words = Tokenizer(models.WordLevel({"<s>": 0, "</s>": 1, "<pad>": 2}, unk_token="<pad>"))
    return PreTrainedTokenizerFast(tokenizer_object=words, bos_token="<s>", eos_token="</s>", pad_token="<pad>")


def plain_trainer(
    model: "transformers.PreTrainedModel", rows: "datasets.Dataset", recipe: Recipe, arguments: "trl.SFTConfig"
) -> "tuple[trl.SFTTrainer, Callable[[], int]]":
    """SFTTrainer with PEFT as their documentation uses them."""
    import trl
    from peft import LoraConfig

    lora = recipe.lora and LoraConfig(
        r=recipe.lora.rank,
        lora_alpha=recipe.lora.alpha,
        target_modules=recipe.lora.targets,
        exclude_modules=list(recipe.full),
        modules_to_save=list(recipe.full),
        task_type="CAUSAL_LM",
    )
    trainer = trl.SFTTrainer(model, arguments, train_dataset=rows, processing_class=word_tokenizer(), peft_config=lora)
    return trainer, lambda: trainer._total_train_tokens


def step_clock(tokens: Callable[[], int], warm_up: int, seconds: float, deadline: float):
    """A callback that keeps (time, tokens) at the end of every step, and stops training when the time is used up."""
    import torch
    from transformers import TrainerCallback

    class StepClock(TrainerCallback):
        def on_train_begin(self, args, state, control, **kwargs):
            self.begun, self.marks = time.monotonic(), []

        def on_step_end(self, args, state, control, **kwargs):
            if torch.cuda.is_available():
                torch.cuda.synchronize()
            now = time.monotonic()
            self.marks.append((now, tokens()))
            measured = now - self.marks[warm_up - 1][0] if len(self.marks) >= warm_up else 0
            if measured > seconds or now > deadline:
                control.should_training_stop = True

    return StepClock()


def profiler(step: int, path: Path):
    """A callback that writes which kernels that step spent its time in."""
    import torch
    from transformers import TrainerCallback

    on = "cuda" if torch.cuda.is_available() else "cpu"
    activity = getattr(torch.profiler.ProfilerActivity, on.upper())

    class Profiler(TrainerCallback):
        def on_step_begin(self, args, state, control, **kwargs):
            if state.global_step == step - 1:
                self.profile = torch.profiler.profile(activities=[activity])
                self.profile.start()

        def on_step_end(self, args, state, control, **kwargs):
            if state.global_step == step:
                self.profile.stop()
                kernels = self.profile.key_averages()
                path.write_text(kernels.table(sort_by=f"self_{on}_time_total", row_limit=60, max_name_column_width=90))

    return Profiler()


def table(rungs: list[dict]) -> str:
    """The rungs as text, by stage."""
    lines = [f"stage {'rung':40} rows tokens/s steps    MFU    GiB"]
    for r in sorted(rungs, key=lambda r: r["stage"]):
        line = f"{r['stage']:5} {r['name']:40} {r['rows']:4} "
        if "steps" in r:
            memory = r["peak_memory_gib"] or 0
            line += f"{r['tokens_per_second']:8,} {r['steps']:5} {r['mfu']:6.1%} {memory:6.1f}"
        else:
            line += r.get("left_out") or r["error"][:70]
        lines.append(line)
    return "\n".join(lines)


if __name__ == "__main__":
    main()
