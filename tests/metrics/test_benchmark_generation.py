"""Answers do not depend on what else is in the batch; prompts that are too long lose letters, not words."""

from functools import partial
from pathlib import Path

import pyarrow as pa
import pytest
from transformers import ContinuousBatchingConfig

from metrics.benchmark.data import EvaluationError, rows_to_ask
from metrics.benchmark.decoding import Decoder, continuously, in_batches, until_end
from metrics.benchmark.generation import encode, end_tokens, generate, load_model, resolve_revision, tokens_of
from metrics.benchmark.slots import greedy
from tests.metrics.benchmark_inputs import write_dataset, write_model


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> pa.Table:
    folder = write_dataset(tmp_path_factory.mktemp("dataset"))
    return rows_to_ask(str(folder), ["antibody_antigen"], limit=12)["antibody_antigen"]


def answers(rows: pa.Table, tokenizer, model, batch_size: int) -> dict[str, str]:
    batches = generate(rows, tokenizer, model, max_new_tokens=12, batch_size=batch_size)
    return {row: text for batch in batches for row, text in zip(batch.ids, batch.answers, strict=True)}


def test_batched_answers_are_those_of_one_row_at_a_time(model: Path, rows: pa.Table) -> None:
    loaded = load_model(str(model), None)
    together = answers(rows, *loaded, batch_size=5)
    assert together == answers(rows, *loaded, batch_size=1)
    assert len(set(together.values())) > 6  # different questions, different answers


def test_a_model_without_a_tokenizer_says_where_one_would_be(model: Path, tmp_path: Path) -> None:
    for name in ("config.json", "model.safetensors"):
        (tmp_path / name).symlink_to(model / name)
    with pytest.raises(EvaluationError, match="a folder has it in tokenizer.json"):
        load_model(str(tmp_path), None)


def test_a_model_that_would_sample_is_asked_greedily(model: Path, rows: pa.Table) -> None:
    tokenizer, loaded = load_model(str(model), None)
    expected = answers(rows, tokenizer, loaded, 12)
    loaded.generation_config.update(do_sample=True, temperature=5.0, repetition_penalty=3.0)
    assert answers(rows, tokenizer, loaded, 12) == expected


def test_an_answer_ends_with_the_turn(model: Path, rows: pa.Table) -> None:
    """A model whose every next token is <|eot_id|> says nothing; without that stop it would fill the whole length."""
    import torch

    tokenizer, loaded = load_model(str(model), None)
    eot = tokenizer.convert_tokens_to_ids("<|eot_id|>")
    assert end_tokens(tokenizer) == sorted([eot, tokenizer.eos_token_id])
    certain = torch.nn.functional.one_hot(torch.tensor(eot), len(tokenizer)).float()
    loaded.lm_head.register_forward_hook(lambda head, inputs, logits: certain.expand_as(logits))
    for batch in generate(rows, tokenizer, loaded, max_new_tokens=12, batch_size=5):
        assert set(batch.answers) == {""} and set(batch.more["answer_tokens"]) == {1}


@pytest.mark.parametrize("decoder", [in_batches, continuously, greedy], ids=lambda decoder: decoder.__name__)
def test_every_decoder_says_what_the_model_says_of_one_prompt(model: Path, rows: pa.Table, decoder: Decoder) -> None:
    """Answers of all lengths, more prompts than are answered at a time, and one that begins unlike the others."""
    tokenizer, loaded = load_model(str(model), None)
    little = ContinuousBatchingConfig(num_blocks=32, max_batch_tokens=256)  # by default it takes all memory
    loaded.generate_batch = partial(loaded.generate_batch, continuous_batching_config=little)
    prompts = [tokens_of(prompt, tokenizer) for prompt in rows["prompt"].to_pylist()] + [[5, 6, 7]]
    first = dict(in_batches(enumerate(prompts), loaded, [0], 12, 1))
    ends = [said[-1] for said in list(first.values())[::3]] + [first[1][0]]  # of these, some come early
    expected = {key: until_end(said, ends) for key, said in first.items()}
    assert len({len(said) for said in expected.values()}) > 3
    found = list(decoder(enumerate(prompts), loaded, ends, 12, 4))
    assert dict(found) == expected and len(found) == len(prompts)


def test_what_a_prompt_shares_with_the_one_before_is_read_once(model: Path, rows: pa.Table) -> None:
    """Beside its own letters a repeated question costs its last token, wherever it stood among the rows."""
    tokenizer, loaded = load_model(str(model), None)
    fed: list[int] = []
    loaded.get_input_embeddings().register_forward_hook(lambda _, inputs, __: fed.append(inputs[0].numel()))

    def read(table: pa.Table) -> int:
        fed.clear()
        batches = list(generate(table, tokenizer, loaded, max_new_tokens=1, batch_size=4))
        assert sum(len(batch.ids) for batch in batches) == len(table)
        return sum(fed)

    twice = pa.concat_tables([rows, rows.set_column(0, "id", pa.array([f"{row}/again" for row in range(len(rows))]))])
    assert read(twice) == read(rows) + len(rows)


def test_a_long_prompt_loses_the_end_of_its_longest_sequence(model: Path) -> None:
    tokenizer, _ = load_model(str(model), None)
    long, short = "ACGT" * 100, "MKV"
    prompt = [
        {"role": "system", "content": "Answer."},
        {"role": "user", "content": f"<rna>{long}</rna> and <protein>{short}</protein> Do they interact?"},
    ]
    whole, cut = encode(prompt, tokenizer, context=10_000)
    assert not cut
    ids, cut = encode(prompt, tokenizer, context=len(whole) - 150)
    text = tokenizer.decode(ids)
    kept = text.split("<rna>")[1].split("</rna>")[0]
    assert cut and len(ids) == len(whole) - 150  # a byte a token: not a letter more than necessary
    assert kept == long[: len(kept)] and f"</rna> and <protein>{short}</protein> Do they interact?" in text


def test_a_question_that_cannot_fit_is_an_error(model: Path) -> None:
    tokenizer, _ = load_model(str(model), None)
    prompt = [{"role": "user", "content": "<dna>ACGT</dna> Is this a promoter?"}]
    with pytest.raises(EvaluationError, match="the model's context has room for 30"):
        encode(prompt, tokenizer, context=30)


def test_revision_of_a_folder_follows_its_weights(tmp_path: Path) -> None:
    first = resolve_revision(str(write_model(tmp_path / "a")), None)
    assert first == resolve_revision(str(write_model(tmp_path / "b")), None)
    assert first != resolve_revision(str(write_model(tmp_path / "b", seed=1)), None)
