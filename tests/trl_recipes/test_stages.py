"""The three stages on the tiny model: exactly which weights move, at which rate; merging, resuming."""

import dataclasses
import json
import math
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from safetensors.torch import load_file

from trl_recipes.data import load_config
from trl_recipes.export import export
from trl_recipes.preemption import Preempted
from trl_recipes.recipe import Recipe, RecipeError, load_recipe
from trl_recipes.resuming import alone
from trl_recipes.trainer import make_trainer, run


SHORT = ["training.max_steps=4", "training.save_steps=2", "training.logging_steps=1", "training.max_length=640"]
LINEAR = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")


def recipe_of(stage: int, model: Path, dataset: Path, out: Path, *changes: str):
    settings = [f"model={model}", f"dataset={dataset}", f"out={out}", *SHORT, *changes]
    return load_recipe(Path(f"trl_recipes/tiny/stage{stage}.yaml"), settings)


def kind(name: str) -> str:
    """Which part of a Llama a weight belongs to."""
    return next((part for part in (*LINEAR, "norm", "embed_tokens", "lm_head") if part in name), name)


@pytest.mark.parametrize("stage", [1, 2, 3])
def test_exactly_the_stage_s_weights_move(stage: int, tiny_model: Path, dataset: Path, tmp_path: Path) -> None:
    merged = run(recipe_of(stage, tiny_model, dataset, tmp_path / "run"))
    before, after = load_file(tiny_model / "model.safetensors"), load_file(merged / "model.safetensors")
    assert before.keys() == after.keys()
    moved = {name for name in before if not before[name].equal(after[name])}
    assert moved == {name for name in before if kind(name) in {*LINEAR, "norm"}}
    assert {kind(name) for name in before} - {kind(name) for name in moved} == {"embed_tokens", "lm_head"}


@pytest.mark.parametrize(
    ("stage", "full", "base", "fast"),
    [(1, ("norm",), 3e-3, 4 * 3e-3), (2, ("norm", "q_proj", "k_proj"), 3e-3, 16 * 3e-3), (3, None, 2e-4, None)],
)
def test_every_trained_parameter_has_its_rate(
    stage: int, full: tuple | None, base: float, fast: float | None, tiny_model: Path, dataset: Path, tmp_path: Path
) -> None:
    trainer, _ = make_trainer(recipe_of(stage, tiny_model, dataset, tmp_path))
    trainer.create_optimizer()
    rates = {id(p): group["lr"] for group in trainer.optimizer.param_groups for p in group["params"]}
    trained = {name: rates.pop(id(p)) for name, p in trainer.model.named_parameters() if p.requires_grad}
    assert not rates, "the optimizer holds a parameter that is not trained"
    for name, rate in trained.items():
        assert rate == pytest.approx(fast if "lora_B" in name else base), name
    for name, parameter in trainer.model.named_parameters():
        part = kind(name)
        if full is None:
            wanted = part not in ("embed_tokens", "lm_head")
        elif part in full:
            wanted = "modules_to_save" in name
        else:
            wanted = "lora_" in name
        assert parameter.requires_grad == wanted, name
    lora = {kind(name) for name in trained if "lora_" in name}
    assert lora == (set() if full is None else set(LINEAR) - set(full))


def test_merged_weights_are_base_plus_adapter(tiny_model: Path, dataset: Path, tmp_path: Path) -> None:
    recipe = recipe_of(2, tiny_model, dataset, tmp_path / "run", "training.save_total_limit=1")
    merged = load_file(run(recipe) / "model.safetensors")
    base, adapter = (
        load_file(tiny_model / "model.safetensors"),
        load_file(tmp_path / "run/adapter/adapter_model.safetensors"),
    )
    scale = recipe.lora.alpha / recipe.lora.rank
    for name, weight in merged.items():
        module = f"base_model.model.{name.removesuffix('.weight')}"
        if f"{module}.lora_A.weight" in adapter:
            delta = scale * adapter[f"{module}.lora_B.weight"] @ adapter[f"{module}.lora_A.weight"]
            assert weight.allclose(base[name] + delta, atol=1e-6), name
        else:
            assert weight.equal(adapter.get(f"{module}.weight", base[name])), name
    for name in ("checkpoints/checkpoint-*", "steps/step-*"):
        assert [path.name[-2:] for path in (tmp_path / "run").glob(name)] == ["-4"], "save_total_limit"


def test_a_stopped_run_continues_to_the_same_weights(tiny_model: Path, dataset: Path, tmp_path: Path) -> None:
    """From a checkpoint between two epochs: the second has an order of its own, and begins at its start."""
    rows = len(load_config(str(dataset), "rna_switches"))
    epochs = ["data={rna_switches: 1}", f"training.per_device_train_batch_size={math.ceil(rows / 2)}"]
    straight = run(recipe_of(2, tiny_model, dataset, tmp_path / "straight", *epochs))
    broken = recipe_of(2, tiny_model, dataset, tmp_path / "broken", *epochs)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("trl_recipes.trainer.step_export", lambda *_: stop_after(3))
        with pytest.raises(KeyboardInterrupt):
            run(broken)
    resumed = run(broken)
    assert json.loads((tmp_path / "broken/checkpoints/checkpoint-2/trainer_state.json").read_text())["epoch"] == 1
    first, second = load_file(straight / "model.safetensors"), load_file(resumed / "model.safetensors")
    assert all(first[name].equal(second[name]) for name in first)
    for name in ("straight", "broken"):
        lines = (tmp_path / name / "log.jsonl").read_text().splitlines()
        assert [json.loads(line)["step"] for line in lines] == [1, 2, 3, 4]
    one, other = (json.loads((tmp_path / name / "run.json").read_text()) for name in ("straight", "broken"))
    assert one["training_loss"] == pytest.approx(other["training_loss"])
    assert sorted(path.name for path in (tmp_path / "straight/steps").iterdir()) == ["step-2", "step-4"]


def stop_after(step: int):
    """A callback that ends the run as ctrl-C would, once a step that is in no checkpoint has been logged."""
    from transformers import TrainerCallback

    class Stop(TrainerCallback):
        def on_log(self, args, state, control, **kwargs):
            if state.global_step == step:
                raise KeyboardInterrupt

    return Stop()


def test_a_run_that_was_killed_after_its_last_step_takes_none_more(
    tiny_model: Path, dataset: Path, tmp_path: Path
) -> None:
    def killed_at_the_end(checkpoint: Path, recipe: Recipe, out: Path) -> None:
        if out.name == "merged":
            raise KeyboardInterrupt
        export(checkpoint, recipe, out)

    recipe = recipe_of(2, tiny_model, dataset, tmp_path)
    with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("trl_recipes.trainer.export", killed_at_the_end)
        run(recipe)
    merged, last = (load_file(folder / "model.safetensors") for folder in (run(recipe), tmp_path / "steps/step-4"))
    assert all(merged[name].equal(last[name]) for name in last)
    losses = [json.loads(line)["loss"] for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert json.loads((tmp_path / "run.json").read_text())["training_loss"] == pytest.approx(sum(losses) / 4)


def test_what_is_asked_while_a_checkpoint_is_saved_stops_after_it(
    tiny_model: Path, dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked_meanwhile(*arguments) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        export(*arguments)

    monkeypatch.setattr("trl_recipes.trainer.export", asked_meanwhile)
    with pytest.raises(Preempted, match="SIGTERM after step 2 of 4"):
        run(recipe_of(2, tiny_model, dataset, tmp_path))
    assert [path.name for path in (tmp_path / "steps").iterdir()] == ["step-2"]


@pytest.mark.parametrize("place", ["load_data", "publish_checked"])
def test_what_is_asked_where_nothing_has_to_be_saved_stops_at_once(
    place: str, tiny_model: Path, dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the data are prepared; and while a finished run is published."""

    def asked(*_) -> None:
        os.kill(os.getpid(), signal.SIGUSR1)
        raise AssertionError("the run went on")

    recipe = recipe_of(2, tiny_model, dataset, tmp_path)
    if place == "publish_checked":
        recipe = dataclasses.replace(recipe, hub="biology")
        (tmp_path / "run.json").write_text(json.dumps({"recipe": dataclasses.asdict(recipe)}))
    monkeypatch.setattr(f"trl_recipes.trainer.{place}", asked)
    with pytest.raises(Preempted, match="SIGUSR1 with nothing to save"):
        run(recipe)


def test_two_runs_do_not_write_to_one_folder(tiny_model: Path, dataset: Path, tmp_path: Path) -> None:
    holds = (
        "from pathlib import Path; from trl_recipes.resuming import alone\nwith alone(Path(input())): input(print())"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", holds], **pipes) as other:
        print(tmp_path, file=other.stdin, flush=True)
        other.stdout.readline()
        with pytest.raises(RecipeError, match="another run writes to"):
            run(recipe_of(2, tiny_model, dataset, tmp_path))
        other.kill()
    with alone(tmp_path):
        pass


def test_a_full_disk_is_named(tmp_path: Path) -> None:
    """torch.save says `unexpected pos 2457216 vs 2457108`."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, limits[1]))
    try:
        with pytest.raises(RecipeError, match="File too large; make room"), alone(tmp_path):
            (tmp_path / "optimizer.pt").write_bytes(bytes(2**21))
        with pytest.raises(Preempted), alone(tmp_path):  # which failed at nothing
            raise Preempted("stopped by SIGTERM")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_finished_run_is_not_repeated_and_another_recipe_is_refused(
    tiny_model: Path, dataset: Path, tmp_path: Path
) -> None:
    merged = run(recipe_of(3, tiny_model, dataset, tmp_path / "run"))
    written = (merged / "model.safetensors").stat().st_mtime_ns
    assert run(recipe_of(3, tiny_model, dataset, tmp_path / "run")) == merged
    assert (merged / "model.safetensors").stat().st_mtime_ns == written
    with pytest.raises(RecipeError, match="another recipe"):
        run(recipe_of(3, tiny_model, dataset, tmp_path / "run", "training.learning_rate=1.0"))
