"""What makes training fast changes no loss and no gradient: attention, LoRA, loss, compiled layers, flat batches."""

import functools
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import datasets
import peft
import pytest
import torch
import trl
from accelerate.utils.deepspeed import map_pytorch_optim_to_deepspeed
from tokenizers import Tokenizer, models
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
from transformers.integrations import HfDeepSpeedConfig

from trl_recipes import bench_gpu, ladder
from trl_recipes.attention import use_varlen
from trl_recipes.collate import FlatCollator
from trl_recipes.lora import fuse_lora
from trl_recipes.parameters import optimizer_factory, prepare
from trl_recipes.recipe import RecipeError, load_recipe
from trl_recipes.shape import model_shape
from trl_recipes.speed import compile_layers, fast_trainer, keep_norms_in_dtype
from trl_recipes.throughput import flops_per_token


VOCABULARY, LONGEST = 97, 32


def make_model(dtype: torch.dtype = torch.float32) -> LlamaForCausalLM:
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=64,
        intermediate_size=96,
        num_hidden_layers=4,
        num_attention_heads=4,
        num_key_value_heads=2,
        bos_token_id=1,
        eos_token_id=1,
        pad_token_id=0,
    )
    return LlamaForCausalLM(config).to(dtype)


def make_documents(count: int, seed: int = 0) -> datasets.Dataset:
    """Random documents of 2 to LONGEST tokens whose second half has labels."""
    draw = torch.Generator().manual_seed(seed)
    lengths = torch.randint(2, LONGEST + 1, (count,), generator=draw).tolist()
    ids = [torch.randint(2, VOCABULARY, (n,), generator=draw).tolist() for n in lengths]
    return datasets.Dataset.from_dict(
        {"input_ids": ids, "labels": [[-100] * (len(row) // 2) + row[len(row) // 2 :] for row in ids]}
    )


def with_lora(model: LlamaForCausalLM, **changes) -> peft.PeftModel:
    settings = {"r": 8, "lora_alpha": 4, "target_modules": "all-linear", "modules_to_save": ["norm"]}
    config = peft.LoraConfig(**settings | changes, init_lora_weights=False, task_type="CAUSAL_LM")
    return peft.get_peft_model(model, config)


def loss_and_gradients(model: torch.nn.Module, **batch) -> tuple[float, dict[str, torch.Tensor]]:
    model.zero_grad()
    loss = model(**batch, use_cache=False).loss
    loss.backward()
    return loss.item(), {name: p.grad.clone() for name, p in model.named_parameters() if p.requires_grad}


def assert_close(ours: dict[str, torch.Tensor], theirs: dict[str, torch.Tensor]) -> None:
    for name, gradient in theirs.items():
        torch.testing.assert_close(ours[name], gradient, rtol=1e-4, atol=1e-6, msg=name)


@pytest.mark.parametrize("padding", [0, 1, 77])
def test_a_flat_batch_has_the_loss_and_gradients_of_its_documents_apart(padding: int) -> None:
    model, rows = make_model(), make_documents(12)
    padded = trl.trainer.sft_trainer.DataCollatorForLanguageModeling(pad_token_id=0)(list(rows))
    apart, gradients = loss_and_gradients(model, **padded)
    flat = FlatCollator(sum(map(len, rows["input_ids"])) + padding, LONGEST, pad_token_id=0)(list(rows))
    real = flat.pop("real_tokens")
    assert real + padding == flat["input_ids"].numel() == flat["cu_seq_lens_q"][-1]
    assert flat["cu_seq_lens_q"].diff().max() <= flat["max_length_q"]
    use_varlen(model)
    together, flat_gradients = loss_and_gradients(model, **flat)
    assert together == pytest.approx(apart, abs=1e-6)
    assert_close(flat_gradients, gradients)
    assert loss_and_gradients(model, **padded)[0] == pytest.approx(apart, abs=1e-6), "a padded batch went wrong"


def test_a_flat_batch_refuses_more_tokens_than_it_has_room_for() -> None:
    rows = list(make_documents(12))
    with pytest.raises(ValueError, match="micro-batch of 40"):
        FlatCollator(40, LONGEST, pad_token_id=0)(rows)


def test_lean_lora_is_peft_s_lora() -> None:
    model = with_lora(make_model())
    ids = torch.randint(0, VOCABULARY, (3, 21))
    loss, gradients = loss_and_gradients(model, input_ids=ids, labels=ids)
    assert fuse_lora(model) == 4 * 7
    lean, lean_gradients = loss_and_gradients(model, input_ids=ids, labels=ids)
    assert lean == pytest.approx(loss, abs=1e-6)
    assert_close(lean_gradients, gradients)
    with model.disable_adapter():
        bare = model(input_ids=ids, labels=ids).loss.item()
    assert bare == pytest.approx(make_model()(input_ids=ids, labels=ids).loss.item(), abs=1e-6)
    assert model.merge_and_unload()(input_ids=ids, labels=ids).loss.item() == pytest.approx(loss, abs=1e-5)


@pytest.mark.parametrize("setting", [{"lora_dropout": 0.1}, {"use_dora": True}, {"lora_bias": True}])
def test_lean_lora_refuses_what_it_would_leave_out(setting: dict) -> None:
    with pytest.raises(RecipeError, match="one plain adapter"):
        fuse_lora(with_lora(make_model(), **setting))


def arguments(folder: Path, **changes) -> trl.SFTConfig:
    settings = {
        "output_dir": str(folder),
        "max_steps": 4,
        "max_length": LONGEST,
        "per_device_train_batch_size": 4,
        "learning_rate": 1e-2,
        "logging_steps": 1,
        "gradient_checkpointing": False,
        "bf16": False,
        "use_cpu": True,
        "save_strategy": "no",
        "report_to": "none",
        "disable_tqdm": True,
        "dataset_kwargs": {"skip_prepare_dataset": True},
    }
    return trl.SFTConfig(**settings | changes)


def tokenizer() -> PreTrainedTokenizerFast:
    words = Tokenizer(models.WordLevel({"<pad>": 0, "<end>": 1}, unk_token="<pad>"))
    return PreTrainedTokenizerFast(tokenizer_object=words, pad_token="<pad>", eos_token="<end>")


def fast(model: torch.nn.Module, rows: datasets.Dataset, settings: trl.SFTConfig, recipe=None, flat_rows: int = 4):
    recipe = recipe or load_recipe(Path("trl_recipes/tiny/stage1.yaml"), [])
    factory = (optimizer_factory(recipe), {"lr": settings.learning_rate, "weight_decay": 0.0})
    shape = {"flat_tokens": flat_rows * LONGEST or None, "longest": LONGEST}
    return fast_trainer(model, tokenizer(), rows, settings, factory, **shape, compiled=False)


@pytest.fixture
def packed() -> datasets.Dataset:
    return trl.pack_dataset(make_documents(120), LONGEST, "bfd")


@pytest.mark.parametrize("accumulate", [1, 2])
def test_the_fast_trainer_takes_sft_trainer_s_steps(accumulate: int, packed: datasets.Dataset, tmp_path: Path) -> None:
    settings = {"gradient_accumulation_steps": accumulate}
    plain_model = with_lora(make_model())
    use_varlen(plain_model.get_base_model())
    recipe = load_recipe(Path("trl_recipes/tiny/stage1.yaml"), ["lora.plus_ratio=1"])
    plain = trl.SFTTrainer(
        plain_model,
        arguments(tmp_path, **settings, packing=True, weight_decay=0.0),
        train_dataset=packed,
        processing_class=tokenizer(),
    )
    ours = fast(with_lora(make_model()), packed, arguments(tmp_path, **settings), recipe)
    steps = []
    for trainer in (plain, ours):
        trainer.train()
        steps.append([entry for entry in trainer.state.log_history if "loss" in entry])
    for theirs, mine in zip(*steps, strict=True):
        for name in ("loss", "grad_norm", "mean_token_accuracy"):
            assert mine[name] == pytest.approx(theirs[name], rel=1e-4, abs=1e-5), name


@pytest.mark.parametrize("flat", [True, False], ids=["flat", "padded"])
def test_eight_micro_batches_take_the_step_of_one(flat: bool, packed: datasets.Dataset, tmp_path: Path) -> None:
    """The loss is the mean over the labelled tokens of the whole step, in which answers are short and long."""
    rows = packed if flat else make_documents(64)
    steps = []
    for micro_batches in (1, 8):
        size = {"per_device_train_batch_size": 8 // micro_batches, "gradient_accumulation_steps": micro_batches}
        trainer = fast(
            with_lora(make_model()), rows, arguments(tmp_path, **size), flat_rows=flat and 8 // micro_batches
        )
        trainer.train()
        steps.append([entry for entry in trainer.state.log_history if "loss" in entry])
    assert len({entry["tokens"] for entry in steps[0]}) == 4
    for whole, parts in zip(*steps, strict=True):
        assert parts["tokens"] == whole["tokens"]
        for name in ("loss", "grad_norm"):
            assert parts[name] == pytest.approx(whole[name], rel=1e-5), name


def test_every_trained_tensor_moves_in_bf16_and_activations_stay_bf16(
    packed: datasets.Dataset, tmp_path: Path
) -> None:
    recipe = load_recipe(Path("trl_recipes/tiny/stage2.yaml"), ["lora.rank=8"])
    model = prepare(make_model(torch.bfloat16), recipe)
    before = {name: p.detach().clone() for name, p in model.named_parameters() if p.requires_grad}
    trainer = fast(model, packed, arguments(tmp_path, bf16=True, learning_rate=1e-4), recipe)
    seen = set()
    model.get_base_model().model.norm.register_forward_hook(lambda norm, inputs, output: seen.add(output.dtype))
    trainer.train()
    assert seen == {torch.bfloat16}
    assert all(p.dtype == torch.float32 and not p.equal(before[n]) for n, p in model.named_parameters() if n in before)


def test_offload_keeps_rates_and_decoupled_weight_decay(monkeypatch: pytest.MonkeyPatch) -> None:
    """What accelerate hands DeepSpeedCPUAdam, which is compiled where it is first used, so a stand-in here."""
    monkeypatch.setattr("deepspeed.ops.adam.DeepSpeedCPUAdam", lambda groups, **settings: (groups, settings))
    recipe = load_recipe(Path("trl_recipes/tiny/stage2.yaml"), ["lora.rank=8"])
    settings = {"betas": (0.8, 0.9), "eps": 1e-6, "weight_decay": 0.1}
    optimizer = optimizer_factory(recipe)()(prepare(make_model(), recipe), lr=1e-3, **settings)
    groups, mode = map_pytorch_optim_to_deepspeed(optimizer)
    assert mode["adamw_mode"]
    assert [group["lr"] for group in groups] == [1e-3, 16e-3]
    assert all(group[name] == value for group in groups for name, value in settings.items())


def test_a_bf16_model_has_one_dtype_under_zero3() -> None:
    stage = HfDeepSpeedConfig({"zero_optimization": {"stage": 3}})
    model = prepare(make_model(torch.bfloat16), load_recipe(Path("trl_recipes/tiny/stage2.yaml"), ["lora.rank=8"]))
    del stage
    assert {p.dtype for p in model.parameters()} == {torch.bfloat16}
    assert sum(p.requires_grad for p in model.parameters()) > 9


def test_tokens_and_padding_are_counted_on_after_a_resume(packed: datasets.Dataset, tmp_path: Path) -> None:
    saving = {"save_strategy": "steps", "save_steps": 2}
    straight = fast(with_lora(make_model()), packed, arguments(tmp_path, **saving))
    straight.train()
    resumed = fast(with_lora(make_model()), packed, arguments(tmp_path, **saving))
    resumed.train(resume_from_checkpoint=str(tmp_path / "checkpoint-2"))
    assert resumed.throughput.tokens == straight.throughput.tokens
    assert resumed.throughput.slots == straight.throughput.slots == 4 * 4 * LONGEST
    last = resumed.state.log_history[-2]
    assert last["tokens"] == resumed.throughput.tokens < resumed.throughput.slots
    assert last["tokens_per_second"] > 0
    assert 0 < last["padding"] < 0.3


@pytest.fixture
def compiler(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """torch.compile without its code generator, which takes a minute on a CPU."""
    quick = functools.partialmethod(torch.nn.Module.compile, backend="aot_eager")
    monkeypatch.setattr(torch.nn.Module, "compile", quick)
    torch._dynamo.reset()
    torch._dynamo.utils.counters.clear()
    yield
    torch._dynamo.reset()


def test_all_layers_are_compiled_once(compiler: None) -> None:
    model = with_lora(make_model())
    fuse_lora(model)
    ids = torch.randint(0, VOCABULARY, (2, 21))
    loss, gradients = loss_and_gradients(model, input_ids=ids, labels=ids)
    keep_norms_in_dtype(model)
    assert compile_layers(model) == 4
    for _ in range(2):
        compiled, compiled_gradients = loss_and_gradients(model, input_ids=ids, labels=ids)
    assert compiled == pytest.approx(loss, abs=1e-6)
    assert_close(compiled_gradients, gradients)
    assert torch._dynamo.utils.counters["stats"]["unique_graphs"] == 1
    assert not torch._dynamo.utils.counters["graph_break"]


@pytest.mark.parametrize(
    ("stage", "document_tokens", "gflop", "trained"),
    [(1, 600, 32.5, 335_810_560), (2, 300, 32.44, 811_864_064), (3, 600, 44.45, 6_979_588_096)],
)
def test_flops_and_trained_parameters_of_the_8b_stages(
    stage: int, document_tokens: int, gflop: float, trained: int
) -> None:
    with torch.device("meta"):
        model = LlamaForCausalLM(model_shape("llama3.1-8b"))
        model = prepare(model, load_recipe(Path(f"trl_recipes/llama3.1-8b/stage{stage}.yaml"), []))
    assert sum(p.numel() for p in model.parameters() if p.requires_grad) == trained
    assert flops_per_token(model, document_tokens) / 1e9 == pytest.approx(gflop, abs=0.01)
    unscored = flops_per_token(model, document_tokens, scored=0)
    assert flops_per_token(model, document_tokens) - unscored == 2 * 2 * 4096 * 128256


def test_the_gpu_benchmark_climbs_its_ladder_in_several_calls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    short = ladder.Documents(shortest=4, longest=20, answer=0.5, row=24)
    out = tmp_path / "out.json"
    for stage, rungs in ((2, "compiled"), (3, "compiled"), (2, "defaults")):
        monkeypatch.setitem(ladder.DOCUMENTS, stage, short)
        options = f"--shape tiny --device cpu --steps 2 --warm-up 1 --stages {stage} --rungs {rungs} --out {out}"
        monkeypatch.setattr(sys, "argv", ["bench_gpu", *options.split()])
        bench_gpu.main()
    rungs = json.loads(out.read_text())["rungs"]
    measured = [rung for rung in rungs if "steps" in rung]
    ours, plain = ladder.OURS.name, ladder.PLAIN.name
    assert [(rung["stage"], rung["name"]) for rung in measured] == [(2, ours), (3, ours), (2, plain)]
    assert all(rung["steps"] == 2 and rung["tokens_per_second"] > 0 for rung in measured)
    assert plain in capsys.readouterr().out
    report = json.loads(out.read_text())
    out.write_text(json.dumps(report | {"device": {"name": "another"}}))
    with pytest.raises(SystemExit, match="another"):
        bench_gpu.main()
