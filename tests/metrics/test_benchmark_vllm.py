"""vLLM gets the token ids that transformers get and is asked greedily; it is not here, so a stand-in answers."""

import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from metrics.benchmark import vllm_backend
from metrics.benchmark.data import EvaluationError
from metrics.benchmark.evaluation import evaluate
from metrics.benchmark.generation import end_tokens, load_model
from tests.metrics.benchmark_inputs import write_dataset, write_model


def test_answers_are_those_of_transformers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset, model = write_dataset(tmp_path / "dataset"), write_model(tmp_path / "model", context=400)
    options = {"tasks": ["antibody_antigen", "promoter_300"], "limit": 6, "max_new_tokens": 8}
    expected = evaluate(str(model), str(dataset), tmp_path / "transformers", **options)
    monkeypatch.syspath_prepend(str(Path(__file__).parent / "stand_ins"))
    monkeypatch.delitem(sys.modules, "vllm", raising=False)
    monkeypatch.setattr(vllm_backend, "KEPT_AFTER", 5)
    found = evaluate(str(model), str(dataset), tmp_path / "vllm", backend="vllm", **options)
    calls = sys.modules.pop("vllm").calls
    tables = [
        pq.read_table(tmp_path / name / "predictions.parquet").select(
            ["id", "answer", "prompt_tokens", "answer_tokens", "model", "revision", "prompt_format"]
        )
        for name in ("transformers", "vllm")
    ]
    assert tables[0] == tables[1]
    assert found["tasks"] == expected["tasks"] and found["shortened"] == expected["shortened"]
    assert found["shortened"]["antibody_antigen"] > 0
    assert found["backend"] == "vllm" and found["finish_reasons"] == {"length": 12}
    assert found["environment"]["vllm"] == "0.33.0" and found["environment"]["dtype"] == "float32"
    opened, *asked = calls
    assert (opened["dtype"], opened["generation_config"], opened["revision"]) == ("float32", "vllm", None)
    assert [len(call["prompts"]) for call in asked] == [5, 5, 2] and not any(call["use_tqdm"] for call in asked)
    tokenizer, _ = load_model(str(model), None)
    assert {tuple(call["sampling_params"].stop_token_ids) for call in asked} == {tuple(end_tokens(tokenizer))}


def test_where_it_is_not_installed_a_line_says_so(tmp_path: Path) -> None:
    dataset = write_dataset(tmp_path / "dataset")
    with pytest.raises(EvaluationError, match="vLLM is not installed here") as error:
        evaluate("any/model", str(dataset), tmp_path / "out", backend="vllm")
    assert "\n" not in str(error.value) and not (tmp_path / "out").exists()
