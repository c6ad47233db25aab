"""Run folders as trl_recipes/trainer.py leaves them, and results as an evaluation does, written by hand."""

import json
import shutil
from pathlib import Path


DIGEST = "d1" * 32
RESULTS = {
    "model": "runs/tiny/stage2/merged",
    "revision": "main",
    "dataset": {"name": "biology-instructions", "digest": DIGEST, "config": None, "split": "test"},
    "scorer": {"name": "strict", "version": "1.0.0"},
    "prompt": "chat",
    "decoding": {"strategy": "greedy", "max_new_tokens": 128},
    "environment": {"torch": "2.13.0"},
    "tasks": {
        "core_promoter": {
            "metric": "mcc",
            "value": 0.123456,
            "interval": [-0.01, 0.2345],
            "n": 1234,
            "n_distinct": 1200,
            "coverage": 0.9876,
            "baselines": {"empty": {"value": 0.0}, "constant": {"value": 0.0312}},
        },
        "sirna_efficiency": {
            "metric": "mixed_score",
            "value": 0.5,
            "interval": [0.4, 0.6],
            "n": 50,
            "n_distinct": 50,
            "coverage": 1.0,
            "baselines": {"empty": {"value": 0.41}, "constant": {"value": 0.41}},
        },
    },
}


def make_run(out: Path, stage: int, model: Path, dataset: Path | None = None, **changes: object) -> Path:
    """A finished stage whose final model and steps 1 and 2 are copies of `model`, each named in its config.json."""
    out.mkdir(parents=True)
    digest = json.loads((dataset / "manifest.json").read_text())["digest"] if dataset else DIGEST
    for name in ("steps/step-1", "steps/step-2", "merged"):
        shutil.copytree(model, out / name)
        config = json.loads((model / "config.json").read_text())
        (out / name / "config.json").write_text(json.dumps(config | {"exported_as": name}))
    if stage < 3:
        (out / "adapter").mkdir()
        adapter = {"peft_type": "LORA", "base_model_name_or_path": "/elsewhere/base", "r": 4}
        (out / "adapter" / "adapter_config.json").write_text(json.dumps(adapter))
        shutil.copy(model / "model.safetensors", out / "adapter" / "adapter_model.safetensors")
        (out / "adapter" / "training_args.bin").write_bytes(b"\x80\x04pickle")
    summary = {
        "recipe": {"data": {"mini": 1}, "dataset": str(dataset), "model": "/elsewhere/base", "out": str(out)},
        "stage": stage,
        "base": "tiny",
        "dataset_digest": digest,
        "groups": [
            {"name": "base", "learning_rate": 0.002, "tensors": 25, "parameters": 98_304},
            {"name": "lora_B", "learning_rate": 0.032, "tensors": 20, "parameters": 14_336},
        ],
        "data": {"rows": 1500, "dropped": 2, "shortened": 7, "letters_cut": 99},
        "steps": 120,
        "training_loss": 1.23456,
        "seconds": 83.4,
        "processes": 1,
        "device": "cpu",
        "platform": "Linux",
        "versions": {"torch": "2.13.0", "trl": "1.16.0"},
    }
    (out / "run.json").write_text(json.dumps(summary | changes))
    lines = [{"step": step, "loss": 4 / step, "learning_rates": [0.002, 0.032]} for step in range(5, 125, 5)]
    (out / "log.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return out


def make_manifest(folder: Path, synthetic: bool, digest: str = DIGEST) -> Path:
    """A folder with what a card reads of a dataset."""
    folder.mkdir()
    (folder / "manifest.json").write_text(json.dumps({"digest": digest, "synthetic": synthetic}))
    return folder


def add_results(run: Path, revision: str = "main", **dataset: object) -> None:
    """evaluation/results.json, with changes to what it says about the dataset."""
    (run / "evaluation").mkdir()
    results = RESULTS | {"revision": revision, "dataset": RESULTS["dataset"] | dataset}
    (run / "evaluation" / "results.json").write_text(json.dumps(results))
