"""A real OpenAI-compatible server, `transformers serve`, on loopback: its greedy answers are those of transformers."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from dataset_builder.service import Service
from dataset_builder.tasks import CHAT_DATE, TASKS
from metrics.benchmark.evaluation import evaluate
from metrics.benchmark.stored import EvaluationError


SAME = ["id", "task", "answer", "prompt_tokens", "answer_tokens", "prompt_format"]


@pytest.mark.parametrize(("prompt", "tasks"), [("chat", None), ("closed-source", ["rna_protein", "rna_switches"])])
def test_greedy_answers_are_those_of_transformers(
    dataset: Path, tiny_model: Path, served_model: str, tmp_path: Path, prompt: str, tasks: list[str] | None
) -> None:
    options = {"limit": 1, "max_new_tokens": 12, "prompt": prompt, "tasks": tasks}
    expected = evaluate(str(tiny_model), str(dataset), tmp_path / "transformers", **options)
    service = Service(served_model, concurrency=4, request={"chat_template_kwargs": {"date_string": CHAT_DATE}})
    found = evaluate(str(tiny_model), str(dataset), tmp_path / "openai", backend="openai", service=service, **options)
    ours, theirs = (pq.read_table(tmp_path / name / "predictions.parquet") for name in ("transformers", "openai"))
    assert ours.select(SAME) == theirs.select(SAME) and len(ours) == len(tasks or TASKS)
    assert len(set(ours["answer"].to_pylist())) > len(ours) // 3  # not a model that always says the same
    assert found["tasks"] == expected["tasks"] and found["served_as"] == [f"{tiny_model}@main"]


def test_a_model_that_it_does_not_have_stops_with_its_words(dataset: Path, served_model: str, tmp_path: Path) -> None:
    options = {"tasks": ["solubility"], "limit": 2, "backend": "openai", "service": Service(served_model)}
    with pytest.raises(EvaluationError, match="HTTP 4.*no/such-model"):
        evaluate("no/such-model", str(dataset), tmp_path, **options)
