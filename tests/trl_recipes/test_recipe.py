"""Recipes: every file in the repository loads, and what is wrong with one is said before anything heavy starts."""

import dataclasses
from pathlib import Path

import pytest

from model_cards.publish import PublishError
from model_cards.render import BASES
from trl_recipes.hub import name_of
from trl_recipes.recipe import RecipeError, load_recipe
from trl_recipes.scratch import create
from trl_recipes.shape import model_shape
from trl_recipes.trainer import arguments_of, pad_token, run


WHOLE = "{stage: 1, base: a, model: a, out: a, training: {}, data: {mini: 1}, full: [norm]}"
RECIPES = sorted(Path("trl_recipes").glob("*/stage*.yaml"))


@pytest.mark.parametrize("path", RECIPES, ids=str)
def test_every_recipe_loads_and_its_training_arguments_exist(path: Path, tmp_path: Path) -> None:
    import trl

    recipe = load_recipe(path, [])
    trl.SFTConfig(output_dir=str(tmp_path), **recipe.training | {"bf16": False})


def test_every_base_has_a_licence_and_sizes() -> None:
    for base in {load_recipe(path, []).base for path in RECIPES}:
        assert base in BASES and model_shape(base).vocab_size, base


def test_the_authors_scripts_beside_the_paper() -> None:
    one, two, three = (load_recipe(Path(f"trl_recipes/llama3.1-8b/stage{k}_script.yaml"), []) for k in (1, 2, 3))
    assert (one.lora.rank, one.lora.alpha, one.lora.plus_ratio, one.full) == (128, 64, 4, ["norm"])
    assert one.lora.targets == ["q_proj", "k_proj", "v_proj", "o_proj"]
    assert one.training["max_steps"] == 2 * (2 * 523_933 + 1_561_639 + 2_000_000) // 64
    assert (two.lora.rank, two.lora.alpha, two.lora.plus_ratio) == (64, 32, 16)
    assert two.full == ["q_proj", "v_proj", "norm"] and "k_proj" in two.lora.targets
    assert "norm" not in three.full and three.lora is None
    assert [r.global_batch for r in (one, two, three)] == [2 * 32, 2 * 20, 1 * 4 * 12]
    assert [r.training["per_device_train_batch_size"] for r in (one, two, three)] == [2, 2, 1]
    assert [r.training.get("num_train_epochs") for r in (two, three)] == [1, 2]


def test_the_balanced_ablation_differs_from_stage_2_by_that_alone() -> None:
    plain, balanced = (load_recipe(Path(f"trl_recipes/llama3.1-8b/stage2{k}.yaml"), []) for k in ("", "_balanced"))
    assert balanced.balanced and not plain.balanced
    named = {"variant": plain.variant, "out": plain.out, "balanced": False}
    assert dataclasses.replace(balanced, **named) == plain


def test_a_variant_has_a_repository_of_its_own() -> None:
    paths = (path for path in RECIPES if path.parent.name == "llama3.1-8b")
    names = [name_of(load_recipe(path, [])) for path in paths]
    assert len(set(names)) == len(names) == 7 and "chatmultiomics-llama3.1-8b-stage2-balanced" in names


def test_the_paper_and_design_values_of_the_8b_stages() -> None:
    one, two, three = (load_recipe(Path(f"trl_recipes/llama3.1-8b/stage{k}.yaml"), []) for k in (1, 2, 3))
    assert (one.lora.rank, one.lora.alpha, one.lora.plus_ratio, one.lora.targets) == (128, 32, 4, "all-linear")
    assert (two.lora.rank, two.lora.alpha, two.lora.plus_ratio) == (64, 32, 16)
    assert two.full == ["q_proj", "k_proj", "norm"]
    assert two.lora.targets == ["v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
    assert one.data == {"pretrain_rna": 2, "pretrain_dna": 1, "pretrain_protein": 1} and one.full == ["norm"]
    assert (three.full, three.frozen, three.lora) == ("all", ["embed_tokens", "lm_head"], None)
    for recipe, rate, warmup, floor in ((one, 1e-4, 0.1, 0.1), (two, 1e-4, 0.03, 0.1), (three, 1e-5, 0.03, 0.5)):
        training = recipe.training
        assert training["learning_rate"] == rate and training["warmup_steps"] == warmup
        assert training["lr_scheduler_kwargs"] == {"min_lr_rate": floor}
        assert training["weight_decay"] == 5e-4
        made = arguments_of(recipe, use_cpu=True, bf16=False)
        assert (made.adam_beta1, made.adam_beta2, made.adam_epsilon, made.max_grad_norm) == (0.9, 0.999, 1e-8, 1.0)
    assert [r.training.get("max_steps") for r in (one, two, three)] == [140_000, None, 2_750]
    assert [r.training["max_length"] for r in (one, two, three)] == [1_200, 1_024, 1_024]
    assert (one.global_batch, three.global_batch) == (48, 24)
    for recipe, gpus in ((one, 24), (three, 12)):
        made = arguments_of(recipe, gpus, use_cpu=True, bf16=False)
        assert (made.per_device_train_batch_size, made.gradient_accumulation_steps) == (2, 1)


@pytest.mark.parametrize("stage", [1, 2, 3])
@pytest.mark.parametrize("base", ["qwen2.5-7b", "gemma3-1b"])
def test_other_bases_are_trained_as_llama(base: str, stage: int) -> None:
    """But for their names, and how many rows a GPU holds."""
    ours, llama = (load_recipe(Path(f"trl_recipes/{name}/stage{stage}.yaml"), []) for name in (base, "llama3.1-8b"))
    fits = {key: ours.training[key] for key in ("per_device_train_batch_size", "gradient_checkpointing")}
    named = {"base": ours.base, "model": ours.model, "out": ours.out, "training": llama.training | fits}
    assert dataclasses.replace(llama, **named) == ours


@pytest.mark.parametrize(
    ("processes", "most", "micro_batches"),
    [(1, 8, (8, 6)), (1, 100, (48, 1)), (8, 8, (6, 1)), (8, 4, (3, 2)), (16, 2, (1, 3)), (48, 2, (1, 1))],
)
def test_processes_share_the_rows_of_a_step(processes: int, most: int, micro_batches: tuple[int, int]) -> None:
    changes = ["global_batch=48", f"training.per_device_train_batch_size={most}"]
    made = arguments_of(load_recipe(Path("trl_recipes/tiny/stage1.yaml"), changes), processes)
    assert (made.per_device_train_batch_size, made.gradient_accumulation_steps) == micro_batches


def test_rows_that_processes_cannot_share_are_refused() -> None:
    recipe = load_recipe(Path("trl_recipes/tiny/stage1.yaml"), ["global_batch=48"])
    for processes, near in ((20, 40), (96, 96)):
        with pytest.raises(RecipeError, match=f"48 rows .* {processes} processes: set global_batch={near}"):
            arguments_of(recipe, processes)


@pytest.mark.parametrize(
    ("text", "changes", "message"),
    [
        ("stage: 1\nlearning_rate: 1", [], "unknown key 'learning_rate'"),
        ("lora: {rnak: 8}", [], "did you mean 'rank'"),
        ("stage: 1", [], "missing base, model, data, out, training"),
        ("stage: [", [], "not YAML"),
        ("stage: 1", ["model"], "expected key=value"),
        ("- stage: 1", [], "expected a mapping"),
        (WHOLE, ["training.max_steps=5", "training.max_steps.x=1"], "max_steps is 5, which has no keys"),
        (WHOLE, ["model=[a"], "--set 'model=.*not YAML"),
        (WHOLE, ["data={mini: 0.5}"], r"data: {'mini': 0.5}; expected dict\[str, int\]"),
        (WHOLE, ["data={mini: 0}"], "mini: 0; expected how many"),
        (WHOLE, ["data={}"], "data: empty"),
        (WHOLE, ["global_batch=0"], "global_batch: 0; expected rows"),
        (WHOLE, ["global_batch=8", "training.gradient_accumulation_steps=2"], "leave .*accumulation_steps out"),
        (WHOLE, ["balanced=maybe"], "balanced: 'maybe'; expected bool"),
        (WHOLE, ["stage=true"], "stage: True; expected int"),
        (WHOLE, ["stage=4"], "stage: 4; expected one of 1, 2, 3"),
        (WHOLE, ["dtype=bf16"], "dtype: 'bf16'; expected one of float32"),
        (WHOLE, ["lora={rank: x, alpha: 1, plus_ratio: 4}"], "lora: rank: 'x'; expected int"),
        (WHOLE, ["full=[]"], "neither lora nor full"),
        (WHOLE, ["full=q_proj"], "full: 'q_proj'; expected a list"),
        (WHOLE, ["lora={rank: 8, alpha: 1, plus_ratio: 4}", "full=all"], "without lora, `all`"),
    ],
)
def test_a_wrong_recipe_is_named(text: str, changes: list[str], message: str, tmp_path: Path) -> None:
    path = tmp_path / "recipe.yaml"
    path.write_text(text)
    with pytest.raises(RecipeError, match=message):
        load_recipe(path, changes)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("learnign_rate=1", "learnign_rate"),
        ("learning_rate=fast", "'fast'; expected a value like"),
        ("max_steps=three", "'three'; expected a value like -1"),
        ("lr_scheduler_kwargs={floor: 1}", "'floor'"),
        ("eval_strategy=steps", "no rows to evaluate on"),
        ("eval_on_start=true", "no rows to evaluate on"),
        ("save_only_model=true", "save_only_model: a stopped run would not go on"),
        ("packing_strategy=best", "'best'; expected bfd"),
        ("max_length=null", "max_length: none"),
        ("optim=adamw_8bit", "none of 8 bits is offered"),
        ("push_to_hub=true", "set the recipe's `hub`"),
        ("assistant_only_loss=true", "the loss falls on the answer"),
        ("padding_free=true", "set packing=true"),
        ("enable_jit_checkpoint=true", "SIGTERM and SIGUSR1"),
        ("use_liger_kernel=true", "makes no logits"),
        ("gradient_accumulation_steps=0", "gradient_accumulation_steps: 0; expected 1"),
        ("per_device_train_batch_size=0", "per_device_train_batch_size: 0; expected 1"),
    ],
)
def test_a_training_argument_that_cannot_be_is_named(change: str, message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        arguments_of(load_recipe(Path("trl_recipes/tiny/stage2.yaml"), [f"training.{change}"]))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("model=nowhere", "tokenizer of the model 'nowhere'"),
        ("dataset=nowhere", "'mini', split train, of the dataset 'nowhere'"),
        ("data={minj: 1}", "'minj'"),
        ("full=[query_proj]", "'query_proj'.*q_proj"),
        ("hub=biology", "no token for"),
    ],
)
def test_what_is_not_there_is_said_before_any_data_is_prepared(
    change: str, message: str, tiny_model: Path, dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def heavy(*_):
        raise AssertionError("data are being prepared")

    monkeypatch.setattr("trl_recipes.trainer.load_data", heavy)
    monkeypatch.setattr("huggingface_hub.HfApi.whoami", no_token)
    changes = [f"model={tiny_model}", f"dataset={dataset}", f"out={tmp_path}", change]
    with pytest.raises((RecipeError, PublishError), match=message):
        run(load_recipe(Path("trl_recipes/tiny/stage2.yaml"), changes))
    assert [path.name for path in tmp_path.iterdir()] == [".lock"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "missing or unknown: seed, tokenizer_rows, vocab_size"),
        ("{vocab_size: 9, tokenizer_rows: 9, seed: 0, hidden_sise: 8}", "missing or unknown: hidden_sise"),
    ],
)
def test_wrong_sizes_of_a_model_are_named(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "model.yaml").write_text(text)
    with pytest.raises(RecipeError, match=message):
        create(tmp_path / "model.yaml", "nowhere", tmp_path / "out")


def no_token(self):
    from huggingface_hub.errors import LocalTokenNotFoundError

    raise LocalTokenNotFoundError


def test_padding_is_no_token_that_ends_an_answer() -> None:
    ends = {"<|end_of_text|>": 0, "<|eot_id|>": 1}
    assert pad_token(ends | {"<|reserved_special_token_0|>": 2}) == "<|reserved_special_token_0|>"
    with pytest.raises(RecipeError, match="no padding token"):
        pad_token(ends)


def test_numbers_may_be_written_as_people_write_them() -> None:
    recipe = load_recipe(Path("trl_recipes/tiny/stage2.yaml"), ["training.learning_rate=2e-3", "model=2e"])
    assert recipe.training["learning_rate"] == 0.002 and recipe.model == "2e"
