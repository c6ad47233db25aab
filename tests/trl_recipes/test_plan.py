"""What `python -m trl_recipes plan` says of the 8B recipes: numbers that follow from the paper; a clear refusal."""

import json
import math
import re
import subprocess
import sys
from pathlib import Path

import pytest

from dataset_builder.tasks import TASKS
from trl_recipes.data import load_data
from trl_recipes.plan import activation_bytes, measurement, plan
from trl_recipes.recipe import RecipeError, load_recipe
from trl_recipes.shape import model_shape
from trl_recipes.trainer import arguments_of, run, tokenizer_of


def lines(stage: int | str, *changes: str, **settings) -> str:
    recipe = load_recipe(Path(f"trl_recipes/llama3.1-8b/stage{stage}.yaml"), ["dataset=nowhere", *changes])
    return "\n".join(plan(recipe, **{"gpus": 1, "tokens_per_second": 10_000} | settings))


@pytest.mark.parametrize(("stage", "millions"), [(1, "335.8"), (2, "811.9"), (3, "6,979.6")])
def test_the_trained_parameters_are_the_paper_s(stage: int, millions: str) -> None:
    assert f"trained: {millions} of 8," in lines(stage)


def test_the_groups_have_their_rates_and_sizes() -> None:
    """B, of rank x outputs, is fast; A, of rank x inputs, the norms and what is in full rank are at the base rate."""
    layers, width, inner, key = 32, 4096, 14336, 1024
    norms = (2 * layers + 1) * width
    ins, outs = 6 * width + inner, 3 * width + 2 * key + 2 * inner
    first, second = lines(1), lines(2)
    assert f"trained at 0.0001: {layers * 128 * ins + norms:,} parameters in {7 * layers + 65} tensors (base)" in first
    assert f"trained at 0.0004: {layers * 128 * outs:,} parameters in {7 * layers} tensors (lora_B)" in first
    full = layers * (width * width + width * key)  # q and k
    ins, outs = ins - 2 * width, outs - width - key
    assert f"trained at 0.0001: {layers * 64 * ins + norms + full:,} parameters" in second
    assert f"trained at 0.0016: {layers * 64 * outs:,} parameters in {5 * layers} tensors (lora_B)" in second
    assert "trained at 1e-05: 6,979,588,096 parameters in 289 tensors (base)" in lines(3)


@pytest.mark.parametrize(
    ("preset", "millions"), [("1_script", "109.3"), ("2_script", "811.9"), ("3_script", "6,979.3")]
)
def test_the_scripts_presets_train_what_the_scripts_do(preset: str, millions: str) -> None:
    assert f"trained: {millions} of 8," in lines(preset)


@pytest.mark.parametrize(
    ("stage", "rates"),
    [
        (1, "0.0001 at 14,000, 5.5e-05 at 77,000, 1e-05 at 140,000"),
        (3, "1e-05 at 83, 7.5e-06 at 1,416, 5e-06 at 2,750"),
        ("3_script", "1e-05 at 14, 7.5e-06 at 237, 5e-06 at 460"),
    ],
)
def test_the_rate_falls_by_a_cosine_to_its_floor(stage: int | str, rates: str) -> None:
    changes = {"gpus": 12} if stage == "3_script" else {}
    assert f"base rate by step: 0 at 0, {rates} (cosine_with_min_lr)" in lines(stage, **changes)


def test_the_balanced_ablation_is_of_the_smallest_task_s_size() -> None:
    rows = 21 * min(task.table2[0] for task in TASKS.values())
    text = lines("2_balanced", "training.packing=false", "global_batch=400", gpus=20)
    assert rows == 30_513 and f"steps: {math.ceil(rows / 400)} (1.00 epochs of {rows:,} rows, Table 2" in text


def test_the_steps_and_tokens_of_the_paper_s_machines() -> None:
    first = lines(1, gpus=24)
    assert "= 48 rows" in first
    assert f"tokens: {140_000 * 48 * 1200:,}, 1,200 a row" in first
    rows = round(sum(task.table2[0] for task in TASKS.values()) * 240 / 1024)
    second = lines(2, gpus=16, price=2.5)
    assert "= 96 rows" in second
    assert f"steps: {math.ceil(rows / 96):,} (1.00 epochs of {rows:,} rows, packed from Table 2" in second
    hours = rows * 1024 / 10_000 / 3600
    assert f"{hours / 16:,.1f} hours at 10,000 tokens/s a GPU (given); {hours:,.1f} GPU-hours" in second
    assert f"{hours * 2.5:,.0f} at 2.5 an hour" in second
    assert 3_330_232 / math.ceil(rows / 96) == pytest.approx(400, rel=0.03), "not the paper's 400 questions a step"


@pytest.mark.parametrize(("stage", "rows"), [(1, 48), (2, 96), (3, 24)])
def test_any_number_of_gpus_takes_the_recipe_s_step(stage: int, rows: int) -> None:
    texts = [lines(stage, gpus=gpus) for gpus in (1, 2, 8)]
    assert all(f" processes = {rows} rows a step, " in text for text in texts)
    assert len({re.search("steps: .*", text).group() for text in texts}) == 1
    assert len({re.search("GPU-hours.*|[0-9.]+ GPU-hours", text).group() for text in texts}) == 1


def test_a_run_takes_the_steps_and_tokens_that_were_planned(tiny_model: Path, dataset: Path, tmp_path: Path) -> None:
    """Packed rows, two passes whose last steps are smaller ones."""
    changes = [f"model={tiny_model}", f"dataset={dataset}", f"out={tmp_path}", "data={ncrna_family: 1}"]
    changes += [f"training.{key}" for key in ("max_steps=-1", "num_train_epochs=2", "gradient_accumulation_steps=3")]
    changes += [f"training.{key}" for key in ("packing=true", "per_device_train_batch_size=2", "logging_steps=1")]
    recipe = load_recipe(Path("trl_recipes/tiny/stage2.yaml"), [*changes, "training.save_strategy='no'"])
    planned = "\n".join(plan(recipe, 1))
    run(recipe)
    logged = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    rows = len(load_data(recipe, tokenizer_of(recipe), arguments_of(recipe))[0])
    assert rows % 6, "no smaller step at the end of a pass"
    assert f"steps: {len(logged)} (2.00 epochs of {rows} rows, counted)" in planned
    assert f"tokens: {logged[-1]['tokens']:,}," in planned


def test_the_speed_is_the_one_that_was_measured() -> None:
    report = json.loads(Path("trl_recipes/llama3.1-8b/throughput.json").read_text())
    for stage in (1, 2, 3):
        fastest = max(r["tokens_per_second"] for r in report["rungs"] if r["stage"] == stage and "steps" in r)
        text = lines(stage, tokens_per_second=None)
        assert f"{fastest:,} tokens/s a GPU (measured on one {report['device']['name']}" in text
        assert ("expect less" in text) == (stage == 3), "the recipe is not what was measured"


def test_the_memory_of_activations_is_nearly_what_was_measured() -> None:
    rung = measurement(load_recipe(Path("trl_recipes/llama3.1-8b/stage1.yaml"), []))
    fixed = (2 * 8_030_261_248 + 16 * 335_810_560) / 2**30
    measured = (rung["peak_memory_gib"] - fixed) * 2**30 / (rung["rows"] * 1200)
    assert activation_bytes(model_shape("llama3.1-8b"), checkpointing=False) == pytest.approx(measured, rel=0.05)


def test_memory_is_said_to_fit_where_it_does() -> None:
    assert lines(3).endswith("fits")
    assert "does not fit" in lines(3, gpu_gib=78)
    assert lines(1, gpu_gib=40).endswith("fits")
    measured = ["compile=true", "training.gradient_checkpointing=false", "training.per_device_train_batch_size=6"]
    assert lines(3, *measured, gpu_gib=139.8).endswith("fits")
    crowded = "training.per_device_train_batch_size=48"
    assert "does not fit" in lines(1, crowded)
    assert lines(1, crowded, "training.gradient_checkpointing=true").endswith("fits")


def test_several_gpus_hold_the_weights_in_the_recipe_s_dtype_and_share_the_rest() -> None:
    """ZeRO-2: what it trains is bf16 too, beside a share of float32 copies, gradients and Adam's state."""
    parameters, trained = 8_030_261_248, 6_979_588_096
    weights, shared = 2 * parameters / 2**30, 16 * trained / 8 / 2**30
    assert f"with ZeRO-2: weights {weights:.1f} + gradients and Adam {shared:.1f} +" in lines(3, gpus=8)


def test_layers_that_are_not_compiled_keep_more() -> None:
    activations = [
        float(re.search(r"activations ([0-9.]+)", lines(1, f"compile={compiled}")).group(1))
        for compiled in ("true", "false")
    ]
    assert activations[1] > 1.3 * activations[0]


def test_unknown_rows_are_an_error_that_says_what_to_do() -> None:
    with pytest.raises(RecipeError, match="build"):
        lines(2, "data={mini: 1}")


@pytest.mark.parametrize(
    ("setting", "value"),
    [("gpus", 0), ("gpus", -2), ("gpu_gib", 0), ("row_tokens", 0), ("tokens_per_second", -5), ("price", float("nan"))],
)
def test_a_number_that_cannot_be_is_named(setting: str, value: float) -> None:
    with pytest.raises(RecipeError, match=f"--{setting.replace('_', '-')} {value:g}: expected more than 0"):
        lines(2, **{setting: value})


def test_what_is_not_here_is_said(tiny_model: Path) -> None:
    assert "packed from Table 2; tokenizer runs/llama3.1-8b/stage1/merged is not here" in lines(2)
    assert "packed from Table 2; dataset nowhere is not here" in lines(2, f"model={tiny_model}", "base=tiny")


def test_without_a_measured_speed_only_the_time_is_left_out() -> None:
    text = "\n".join(plan(load_recipe(Path("trl_recipes/gemma3-1b/stage2.yaml"), ["dataset=nowhere"]), 1))
    assert "time: no speed was measured for stage 2 of gemma3-1b: give --tokens-per-second" in text
    assert text.endswith("fits")


def test_data_that_the_recipe_would_spoil_are_not_planned(tiny_model: Path, dataset: Path) -> None:
    changes = [f"model={tiny_model}", f"dataset={dataset}", "training.packing=true"]
    recipe = load_recipe(Path("trl_recipes/tiny/stage2.yaml"), [*changes, "training.packing_strategy=wrapped"])
    with pytest.raises(RecipeError, match="would cut answers from their questions"):
        plan(recipe, 1)


def test_the_command_says_nothing_but_the_plan() -> None:
    command = "-m trl_recipes plan trl_recipes/llama3.1-8b/stage3.yaml --gpus 8 --set dataset=nowhere"
    done = subprocess.run([sys.executable, *command.split()], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
