"""datasets, transformers and evaluate push to a LocalHub and load from it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.local_hub import LocalHub
from tests.local_hub.clients import client


with_and_without_xet = pytest.mark.parametrize("disable_xet", ["0", "1"], ids=["xet", "lfs"])


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[LocalHub]:
    with LocalHub(tmp_path / "store") as hub:
        yield hub


def push_dataset() -> None:
    from datasets import Dataset, DatasetDict

    train, test = (
        {"id": [f"{split}/{i}" for i in range(50)], "label": list(range(50))} for split in ("train", "test")
    )
    for config in ("one", "two"):
        splits = {"train": Dataset.from_dict(train), "test": Dataset.from_dict(test)}
        DatasetDict(splits).push_to_hub("biology/sequences", config)


def load_dataset_configs() -> None:
    from datasets import get_dataset_config_names, load_dataset

    assert get_dataset_config_names("biology/sequences") == ["one", "two"]
    for config in ("one", "two"):
        for split in ("train", "test"):
            rows = load_dataset("biology/sequences", config, split=split)
            assert rows["id"] == [f"{split}/{i}" for i in range(50)]


@with_and_without_xet
def test_datasets_pushes_and_loads_two_configs(hub: LocalHub, tmp_path: Path, disable_xet: str):
    client(hub, tmp_path / "a", push_dataset, HF_HUB_DISABLE_XET=disable_xet)
    client(hub, tmp_path / "b", load_dataset_configs, HF_HUB_DISABLE_XET=disable_xet)


def push_and_load_model(cache: Path) -> None:
    import torch
    from huggingface_hub import HfApi
    from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    model = LlamaForCausalLM(LlamaConfig(hidden_size=64, intermediate_size=128, num_hidden_layers=2, vocab_size=1000))
    before = {name: value.clone() for name, value in model.state_dict().items()}
    model.push_to_hub("biology/llama")
    HfApi().create_tag("biology/llama", tag="step-1")
    with torch.no_grad():
        model.lm_head.weight.zero_()
    model.push_to_hub("biology/llama")
    tagged = AutoModelForCausalLM.from_pretrained("biology/llama", revision="step-1", cache_dir=cache).state_dict()
    assert all(torch.equal(tagged[name], value) for name, value in before.items())
    latest = AutoModelForCausalLM.from_pretrained("biology/llama", cache_dir=cache)
    assert not latest.lm_head.weight.any()


def test_transformers_loads_a_model_by_its_tag(hub: LocalHub, tmp_path: Path):
    client(hub, tmp_path / "home", push_and_load_model, tmp_path / "cache")


METRIC = """
import datasets
import evaluate

from .counting import share_equal


class ShareEqual(evaluate.Metric):
    def _info(self):
        features = datasets.Features({"predictions": datasets.Value("int32"), "references": datasets.Value("int32")})
        return evaluate.MetricInfo(description="", citation="", features=features)

    def _compute(self, predictions, references):
        return {"share_equal": share_equal(predictions, references)}
"""
COUNTING = """
def share_equal(left, right):
    return sum(a == b for a, b in zip(left, right)) / len(left)
"""


def push_and_load_metric() -> dict[str, float]:
    import evaluate
    from huggingface_hub import CommitOperationAdd, HfApi

    api, id = HfApi(), "biology/share_equal"
    api.create_repo(id, repo_type="space", space_sdk="gradio")
    files = {"share_equal.py": METRIC, "counting.py": COUNTING, "README.md": "---\nsdk: gradio\n---\n"}
    operations = [CommitOperationAdd(path, text.encode()) for path, text in files.items()]
    api.create_commit(id, operations, commit_message="metric", repo_type="space")
    assert api.space_info(id).sdk == "gradio"
    return evaluate.load(id).compute(predictions=[1, 2, 3, 4], references=[1, 2, 3, 5])


def test_evaluate_loads_a_metric_with_a_module_of_its_own(hub: LocalHub, tmp_path: Path):
    assert client(hub, tmp_path / "home", push_and_load_metric) == {"share_equal": 0.75}
