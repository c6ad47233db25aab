"""Nothing is Llama's alone: the recipes of Qwen and Gemma train tiny models of their architecture and template."""

import json
from pathlib import Path

import datasets
import pyarrow as pa
import pytest
import torch
from safetensors.torch import load_file

from dataset_builder.tasks import CHAT_DATE, REASONING_SYSTEM_PROMPT, SYSTEM_PROMPT
from metrics.benchmark.generation import end_tokens
from tests.trl_recipes.bases import create_base
from trl_recipes.attention import use_varlen
from trl_recipes.collate import FlatCollator
from trl_recipes.encoding import IGNORED, ChatFrame, encode_chats, encode_texts, end_of_text
from trl_recipes.head import is_plain
from trl_recipes.parameters import prepare
from trl_recipes.plan import plan
from trl_recipes.recipe import RecipeError, load_recipe
from trl_recipes.trainer import run


BASES = ("qwen2.5-7b", "gemma3-1b")
ENDS = {"qwen2.5-7b": ("<|im_end|>", "<|endoftext|>"), "gemma3-1b": ("<end_of_turn>", "<eos>")}
SHORT = ["training.max_steps=2", "training.save_strategy='no'", "training.logging_steps=1", "training.use_cpu=true"]
SHORT += ["global_batch=1", "training.warmup_steps=0"]


@pytest.fixture(scope="module")
def models(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("bases")
    return {base: create_base(base, str(dataset), folder / base) for base in BASES}


@pytest.fixture(params=BASES)
def base(request) -> str:
    return request.param


@pytest.fixture
def tokenizer(base: str, models: dict[str, Path]):
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(models[base])


def recipe_of(base: str, stage: int, *changes: str):
    return load_recipe(Path(f"trl_recipes/{base}/stage{stage}.yaml"), list(changes))


def part(name: str) -> str:
    """The module and kind of a weight: q_proj.bias, embed_tokens.weight; every norm is `norm`."""
    module, kind = name.split(".")[-2:]
    return "norm" if module.endswith("norm") else f"{module}.{kind}"


@pytest.mark.parametrize("stage", [1, 2, 3])
def test_exactly_the_stage_s_weights_move_in_bf16(
    stage: int, base: str, models, dataset: Path, tmp_path: Path
) -> None:
    settings = [f"model={models[base]}", f"dataset={dataset}", f"out={tmp_path}", *SHORT]
    data = {1: "{pretrain_rna: 1}", 2: "{core_promoter: 1}", 3: "{reasoning: 1}"}
    merged = run(recipe_of(base, stage, *settings, f"data={data[stage]}", "training.learning_rate=1e-2"))
    before, after = load_file(models[base] / "model.safetensors"), load_file(merged / "model.safetensors")
    assert before.keys() == after.keys()
    moved = {name for name in before if not before[name].bfloat16().equal(after[name])}
    biases = {1: set(), 2: {"q_proj.bias", "k_proj.bias"}, 3: {"q_proj.bias", "k_proj.bias", "v_proj.bias"}}[stage]
    linear = {f"{name}_proj.weight" for name in ("q", "k", "v", "o", "gate", "up", "down")}
    assert moved == {name for name in before if part(name) in linear | {"norm"} | biases}
    assert {part(name) for name in before} >= ({"q_proj.bias"} if base == "qwen2.5-7b" else {"embed_tokens.weight"})
    logged = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in logged] == [1, 2] and all(line["grad_norm"] > 0 for line in logged)
    if (tmp_path / "adapter").is_dir():
        assert_merged(before, after, load_file(tmp_path / "adapter/adapter_model.safetensors"), stage)
    assert_stops(merged, ENDS[base])


def assert_merged(before: dict, after: dict, adapter: dict, stage: int) -> None:
    """The exported weights are the base's plus the adapter's, rounded once."""
    scale = {1: 32 / 128, 2: 32 / 64}[stage]
    for name, weight in after.items():
        module, kind = f"base_model.model.{name.rpartition('.')[0]}", name.rpartition(".")[2]
        wanted = adapter.get(f"{module}.{kind}", before[name]).float()
        if kind == "weight" and f"{module}.lora_A.weight" in adapter:
            wanted = (
                before[name].float() + scale * adapter[f"{module}.lora_B.weight"] @ adapter[f"{module}.lora_A.weight"]
            )
        assert weight.allclose(wanted.bfloat16(), rtol=1e-2, atol=1e-4), name


def assert_stops(merged: Path, ends: tuple[str, str]) -> None:
    """transformers' own generation ends with the token that ends an answer."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(merged)
    model = AutoModelForCausalLM.from_pretrained(merged)
    assert model.config.tie_word_embeddings == (model.lm_head.weight is model.get_input_embeddings().weight)
    for end in ends:
        one = torch.nn.functional.one_hot(torch.tensor(tokenizer.convert_tokens_to_ids(end)), len(tokenizer)).float()
        hook = model.lm_head.register_forward_hook(lambda head, inputs, logits, one=one: one.expand_as(logits))
        made = model.generate(torch.tensor([[5, 6, 7]]), max_new_tokens=9, do_sample=False)
        assert made.shape == (1, 4), end
        hook.remove()


@pytest.mark.parametrize("system", [SYSTEM_PROMPT, REASONING_SYSTEM_PROMPT])
def test_ids_are_the_template_s_and_labels_the_answer_with_its_end(system: str, base, tokenizer, dataset) -> None:
    rows = datasets.load_dataset(str(dataset), "all", split="train").shuffle(seed=0).select(range(60)).to_list()
    for row in rows:
        row["prompt"][0]["content"] = system
    columns = [{name: row[name] for name in ("id", "task", "prompt", "completion")} for row in rows]
    encoded = encode_chats(pa.Table.from_pylist(columns), tokenizer, ChatFrame(tokenizer), 100_000).to_pydict()
    end, newline = ENDS[base][0], tokenizer("\n", add_special_tokens=False)["input_ids"]
    for row, ids, labels in zip(rows, encoded["input_ids"], encoded["labels"], strict=True):
        chat = row["prompt"] + row["completion"]
        assert (
            ids + newline == tokenizer.apply_chat_template(chat, date_string=CHAT_DATE, return_dict=True)["input_ids"]
        )
        answer = [label for label in labels if label != IGNORED]
        assert tokenizer.decode(answer) == row["completion"][0]["content"] + end
        assert labels[-len(answer) :] == answer and ids[-len(answer) :] == answer


def test_corpora_begin_and_end_as_the_family_s_texts_do(base: str, tokenizer) -> None:
    (ids,) = encode_texts(pa.table({"text": ["<dna>ACGT</dna>"]}), tokenizer, end_of_text(tokenizer)).to_pydict()[
        "input_ids"
    ]
    assert tokenizer.decode(ids) == (tokenizer.bos_token or "") + "<dna>ACGT</dna>" + ENDS[base][1]


def test_the_benchmark_ends_an_answer_where_training_did(base: str, tokenizer) -> None:
    assert tokenizer.convert_tokens_to_ids(ENDS[base][0]) in end_tokens(tokenizer)


def test_packed_documents_are_apart_and_windows_are_kept(base: str, models) -> None:
    """Loss of documents in one flat row, some longer than Gemma's window, as of each alone by transformers' sdpa."""
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(models[base])
    draw = torch.Generator().manual_seed(0)
    ids = [torch.randint(8, 600, (length,), generator=draw) for length in (5, 200, 130, 64)]
    alone = sum(model(i[None], labels=i[None]).loss * (len(i) - 1) for i in ids) / sum(len(i) - 1 for i in ids)
    use_varlen(model)
    batch = FlatCollator(420, 200, pad_token_id=0)([{"input_ids": i.numpy(), "labels": i.numpy()} for i in ids])
    batch.pop("real_tokens")
    assert model(**batch).loss.item() == pytest.approx(alone.item(), rel=1e-6)


@pytest.mark.parametrize(
    ("base", "counts"),
    [("qwen2.5-7b", ("323.2", "552.7", "6,525.6 of 7,615.6")), ("gemma3-1b", ("104.5", "84.7", "697.9 of 999.9"))],
)
def test_plan_counts_the_published_sizes(base: str, counts: tuple[str, ...]) -> None:
    """Qwen says 7.61 billion, 6.53 without embeddings; Gemma 1 billion, 302 million of them embeddings."""
    for stage, count in enumerate(counts, 1):
        lines = plan(recipe_of(base, stage, "dataset=nowhere"), 1)
        assert any(f"trained: {count}" in line for line in lines), stage


@pytest.mark.parametrize(
    ("stage", "change"),
    [(1, "full=[norm, embed_tokens]"), (2, "full=[lm_head]"), (1, "lora.targets=[lm_head]"), (3, "frozen=[lm_head]")],
)
def test_an_output_layer_that_is_the_embeddings_is_not_trained_alone(stage: int, change: str, models) -> None:
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(models["gemma3-1b"])
    with pytest.raises(RecipeError, match="both"):
        prepare(model, recipe_of("gemma3-1b", stage, change))


def test_logits_and_scores_that_are_more_than_a_product_are_left_to_transformers(models) -> None:
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(models["gemma3-1b"])
    model.requires_grad_(False)
    assert is_plain(model)
    model.config.final_logit_softcapping = 30.0
    assert not is_plain(model)
    model.config.attn_logit_softcapping = 50.0
    with pytest.raises(RecipeError, match="caps its attention scores"):
        use_varlen(model)


@pytest.mark.parametrize(
    ("template", "message"),
    [
        (
            "{% if messages[0].role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}",
            "not supp",
        ),
        (
            "{% for m in messages %}{{ m.content }}{% endfor %}{% if add_generation_prompt %}<think>{% endif %}",
            "continue",
        ),
    ],
)
def test_a_template_that_the_data_does_not_fit_is_refused(template: str, message: str, models) -> None:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(models["qwen2.5-7b"])
    tokenizer.chat_template = template
    with pytest.raises(RecipeError, match=message):
        ChatFrame(tokenizer)(SYSTEM_PROMPT)
