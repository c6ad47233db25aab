"""Logs people look at: one aligned line per step on the console, and the same figures in the recipe's tracker."""

import json
import os
from pathlib import Path

import pytest
import trl

from trl_recipes.console import check_trackers, dense_line
from trl_recipes.recipe import RecipeError, load_recipe
from trl_recipes.schedule import learning_rate
from trl_recipes.trainer import arguments_of, run


FIGURES = {
    "loss": 1.23456,
    "mean_token_accuracy": 0.612,
    "learning_rate": 1e-5,
    "grad_norm": 0.52149,
    "tokens_per_second": 14995.2,
    "mfu": 0.6191,
    "padding": 0.0312,
    "peak_memory_gib": 61.04,
    "epoch": 0.3,
}


def test_a_step_is_one_line_that_lines_up_with_the_others() -> None:
    line = dense_line(120, 2750, FIGURES, 5025)
    assert line == (
        "  120/2,750  loss  1.2345  acc 61.2%  lr 1.00e-05  grad   0.521     14,995 tok/s  mfu 61.9%  pad  3.1%"
        "    61.0 GiB  eta 1:23:45"
    ).replace("1.2345", "1.2346")
    later = FIGURES | {"loss": 12.5, "grad_norm": 113.0, "tokens_per_second": 987.0, "padding": 0.5, "mfu": 0.05}
    assert len(dense_line(2750, 2750, later, 0)) == len(line)
    assert "mfu" not in dense_line(1, 10, {"loss": 1.0}, 0), "without a GPU there is none"


def test_the_figures_of_the_console_are_those_of_tensorboard(
    tiny_model: Path, dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real event file, read back by TensorBoard; a peak of 1 TFLOP/s stands in for a GPU's, so there is an MFU."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    monkeypatch.setattr("trl_recipes.throughput.peak_flops", lambda: 1e12)
    steps = ["training.max_steps=3", "training.logging_steps=1", "training.save_strategy='no'"]
    settings = [
        f"model={tiny_model}",
        f"dataset={dataset}",
        f"out={tmp_path}",
        "training.report_to=tensorboard",
        *steps,
    ]
    recipe = load_recipe(Path("trl_recipes/tiny/stage3.yaml"), settings)
    run(recipe)
    (events,) = (tmp_path / "checkpoints" / "runs").glob("*/events.*")
    read = EventAccumulator(str(events.parent))
    read.Reload()
    logged = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    for name in ("loss", "tokens_per_second", "padding", "mfu", "grad_norm", "mean_token_accuracy", "learning_rate"):
        written = [(scalar.step, scalar.value) for scalar in read.Scalars(f"train/{name}")]
        assert written == [(line["step"], pytest.approx(line[name], rel=1e-5)) for line in logged], name
    arguments = arguments_of(recipe)
    planned = [learning_rate(arguments, 3, line["step"]) for line in logged]  # what the schedule printed at the start
    assert [line["learning_rates"] for line in logged] == [[pytest.approx(rate)] for rate in planned]
    shown = capsys.readouterr()
    lines = [line for line in shown.out.splitlines() if "tok/s" in line]
    assert [line.split()[0] for line in lines] == ["1/3", "2/3", "3/3"]
    for line, figures in zip(lines, logged, strict=True):
        assert f"loss {figures['loss']:7.4f}" in line and f"pad {figures['padding']:5.1%}" in line and " mfu " in line
    assert lines[-1].endswith("eta 0:00:00") and "{'loss'" not in shown.out and "3/3" in shown.err


def arguments(tmp_path: Path, trackers: list[str]) -> trl.SFTConfig:
    return trl.SFTConfig(output_dir=str(tmp_path), bf16=False, report_to=trackers)


def test_a_tracker_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RecipeError, match="no tracker 'tensorbord'.* tensorboard"):
        check_trackers(arguments(tmp_path, ["tensorbord"]))
    where = "transformers.integrations.integration_utils.is_wandb_available"
    monkeypatch.setattr(where, lambda: False)
    with pytest.raises(RecipeError, match="pip install wandb"):
        check_trackers(arguments(tmp_path, ["wandb"]))


@pytest.mark.parametrize(("before", "after"), [(None, "offline"), ("online", "online")])
def test_wandb_stays_on_this_machine_unless_asked(
    before: str | None, after: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WANDB_MODE", before) if before else monkeypatch.delenv("WANDB_MODE", raising=False)
    check_trackers(arguments(tmp_path, []))
    assert os.environ["WANDB_MODE"] == after
    monkeypatch.setenv("WANDB_MODE", after)  # undone with the test
