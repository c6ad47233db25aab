"""The self-check: an export passes it, on this machine or from a Hub; whatever is not the trained model is named."""

import json
import shutil
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file

from tests.local_hub import LocalHub
from tests.local_hub.clients import client
from trl_recipes.answers import FILE, QUESTIONS, check
from trl_recipes.export import export
from trl_recipes.recipe import RecipeError, load_recipe


@pytest.fixture(scope="module")
def exported(tiny_model: Path, dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A model of stage 2 and one of stage 1, each with its answers."""
    out, shared = tmp_path_factory.mktemp("exported"), [f"model={tiny_model}", f"dataset={dataset}", "dtype=bfloat16"]
    for stage in (1, 2):
        recipe = load_recipe(Path(f"trl_recipes/tiny/stage{stage}.yaml"), shared)
        export(tiny_model, recipe, out / f"stage{stage}")
    return {path.name: path for path in out.iterdir()}


@pytest.fixture
def pushed(exported: dict[str, Path], tmp_path: Path) -> Path:
    """A copy of the stage-2 model, to spoil."""
    return Path(shutil.copytree(exported["stage2"], tmp_path / "pushed"))


@pytest.mark.parametrize("stage", ["stage1", "stage2"])
def test_an_export_answers_as_recorded(stage: str, exported: dict[str, Path]) -> None:
    assert f"{QUESTIONS} of {QUESTIONS} answers are those of the training run" in check(
        str(exported[stage]), None, None
    )
    recorded = json.loads((exported[stage] / FILE).read_text())["answers"]
    assert len({answer["id"] for answer in recorded}) == QUESTIONS
    assert all(answer["answer_tokens"] for answer in recorded)
    assert all(("text" in answer) == (stage == "stage1") for answer in recorded)


def scale_a_tensor(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    weights["model.layers.2.mlp.down_proj.weight"] *= 1.5
    save_file(weights, folder / "model.safetensors", {"format": "pt"})


def leave_out_a_tensor(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    del weights["model.layers.1.self_attn.q_proj.weight"]
    save_file(weights, folder / "model.safetensors", {"format": "pt"})


def truncate_the_shard(folder: Path) -> None:
    content = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(content[: len(content) // 2])


def take_other_merges(folder: Path) -> None:
    tokenizer = json.loads((folder / "tokenizer.json").read_text())
    tokenizer["model"]["merges"] = tokenizer["model"]["merges"][:100]
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))


def take_another_template(folder: Path) -> None:
    path = folder / "chat_template.jinja"
    path.write_text(path.read_text().replace("<|start_header_id|>", "<|eom_id|>"))


def forget_the_end(folder: Path) -> None:
    settings = json.loads((folder / "generation_config.json").read_text())
    (folder / "generation_config.json").write_text(json.dumps(settings | {"eos_token_id": None}))
    settings = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(settings | {"eos_token_id": None}))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (scale_a_tensor, "other weights: .* rounding is below"),
        (leave_out_a_tensor, r"its files lack 1 weights: model\.layers\.1\.self_attn\.q_proj\.weight"),
        (truncate_the_shard, "cannot be loaded: SafetensorError"),
        (take_other_merges, "other tokenizer or chat template"),
        (take_another_template, "other tokenizer or chat template"),
        (forget_the_end, r"generation does not stop at '<\|eot_id\|>'"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_is_not_the_trained_model_is_named(spoil, message: str, pushed: Path) -> None:
    spoil(pushed)
    with pytest.raises(RecipeError, match=message):
        check(str(pushed), None, None)


def test_rounding_is_no_other_model(pushed: Path) -> None:
    """Answers that a last bit turned, at equal log-probabilities, are told and pass."""
    recorded = json.loads((pushed / FILE).read_text())
    recorded["answers"][0]["answer_tokens"].append(5)
    recorded["answers"][1]["first_log_probability"] += 0.001
    (pushed / FILE).write_text(json.dumps(recorded))
    assert (
        f"{QUESTIONS - 1} of {QUESTIONS} answers" in (found := check(str(pushed), None, None)) and "rounding" in found
    )


def test_a_model_without_recorded_answers_says_how_to_give_them(pushed: Path, exported: dict[str, Path]) -> None:
    (pushed / FILE).unlink()
    with pytest.raises(RecipeError, match="--answers"):
        check(str(pushed), None, None)
    assert "8 of 8" in check(str(pushed), None, exported["stage2"] / FILE)


def push_and_check(good: Path, spoilt: Path) -> list[str]:
    """In a process that has nothing of the model: what the check says of a right revision and of a wrong one."""
    from huggingface_hub import HfApi

    api, said = HfApi(), []
    api.create_repo("biology/model")
    for folder in (good, spoilt):
        revision = api.upload_folder(repo_id="biology/model", folder_path=folder).oid
        try:
            said.append(check("biology/model", revision, good / FILE))
        except RecipeError as error:
            said.append(str(error))
    return said


def test_the_hub_s_model_is_asked(exported: dict[str, Path], pushed: Path, tmp_path: Path) -> None:
    scale_a_tensor(pushed)
    with LocalHub(tmp_path / "store") as hub:
        right, wrong = client(hub, tmp_path / "home", push_and_check, exported["stage2"], pushed)
    assert right.startswith("biology/model ") and right.endswith("8 of 8 answers are those of the training run")
    assert "is not the model that was trained" in wrong and "other weights" in wrong
