"""What the machine refuses, a folder that cannot be written, is one line in every command, as any wrong input is."""

import runpy
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize(
    "command",
    [
        "dataset_builder synthetic --out /dev/null/x",
        "metrics evaluate --model {model} --dataset {dataset} --limit 1 --out /dev/null/x",
        "model_cards tables --out /dev/null/x",
        "trl_recipes create /dev/null/x.yaml --out x",
        "trl_recipes.sft --config trl_recipes/tiny/stage2.yaml "
        "--set model={model} dataset={dataset} out=/dev/null/x training.max_steps=1",
    ],
)
def test_a_folder_that_cannot_be_written_is_one_line(
    command: str, tiny_model: Path, dataset: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setattr(sys, "argv", command.format(model=tiny_model, dataset=dataset).split())
    with pytest.raises(SystemExit) as stop:
        runpy.run_module(sys.argv[0], run_name="__main__")
    said = str(stop.value) if stop.value.code != 1 else capsys.readouterr().err.strip().splitlines()[-1]
    assert said.startswith("error: ") and "/dev/null/" in said
