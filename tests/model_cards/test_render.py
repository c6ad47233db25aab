"""Model cards from run folders: what the files say appears, and parses back to the same numbers."""

import json
import re
from pathlib import Path

import pytest
import yaml
from huggingface_hub import ModelCard, parse_eval_result_entries

from metrics.benchmark.generation import resolve_revision
from model_cards.figures import LIGHT, curves, training_curves
from model_cards.folders import FolderError, read_run
from model_cards.render import render
from tests.model_cards.runs import RESULTS, add_results, make_manifest, make_run


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """The files of a model, as far as a card reads them."""
    folder = tmp_path / "model"
    folder.mkdir()
    config = {"architectures": ["LlamaForCausalLM"], "num_hidden_layers": 4, "hidden_size": 128, "vocab_size": 2048}
    (folder / "config.json").write_text(json.dumps(config | {"model_type": "llama"}))
    (folder / "tokenizer.json").write_text("{}")
    (folder / "model.safetensors").write_bytes(bytes(100))
    return folder


@pytest.fixture
def build(tmp_path: Path) -> Path:
    return make_manifest(tmp_path / "build", synthetic=False)


def card_of(run: Path, build: Path | None) -> ModelCard:
    return ModelCard.load(render(read_run(run), "my-lab", build) / "README.md")


@pytest.mark.parametrize(
    ("config", "configs"), [(None, ["core_promoter", "sirna_efficiency"]), ("mini", ["mini"] * 2)]
)
def test_results_read_back_as_they_were_measured(
    config: str | None, configs: list[str], model: Path, build: Path, tmp_path: Path
) -> None:
    run = make_run(tmp_path / "run", 2, model)
    add_results(run, config=config)
    card = card_of(run, build)
    found = card.data.eval_results
    assert [result.metric_value for result in found] == [12.35, 50.0]
    assert [result.metric_type for result in found] == ["mcc", "mixed_score"]
    assert [result.task_name for result in found] == ["Core Promoter Detection", "siRNA Efficiency Prediction"]
    assert [(result.dataset_config, result.dataset_split) for result in found] == [(name, "test") for name in configs]
    rows = [line for line in card.text.splitlines() if line.startswith("| Core Promoter")]
    assert rows == [
        "| Core Promoter Detection | mcc | **12.35** | -1.00 to 23.45 | 1,234 (1,200) | 98.76 | 0.00 | 3.12 |"
    ]

    claimed = run / "card" / ".eval_results" / "biology-instructions.yaml"
    if config:  # not what the dataset's eval.yaml names
        assert not claimed.exists()
        return
    parsed = parse_eval_result_entries(yaml.safe_load(claimed.read_text()))
    assert [(entry.task_id, entry.value) for entry in parsed] == list(
        zip(RESULTS["tasks"], [12.35, 50.0], strict=True)
    )
    assert {entry.dataset_id for entry in parsed} == {"my-lab/biology-instructions"}


def test_what_a_published_scorer_leaves_undefined_is_told_and_not_claimed(
    model: Path, build: Path, tmp_path: Path
) -> None:
    run = make_run(tmp_path / "run", 2, model)
    add_results(run)
    path = run / "evaluation" / "results.json"
    results = json.loads(path.read_text()) | {"scorer": {"name": "paper", "version": "1.0"}}
    results["tasks"]["core_promoter"] |= {"value": None, "interval": None}
    means = {
        kind: {"value": 0.5, "interval": None, "standard_error": None, "tasks": 1} for kind in ("plain", "scaled")
    }
    path.write_text(json.dumps(results | {"means": {"model": means}}))
    card = card_of(run, build)
    assert "The mean of 1 tasks is 50.00 (none); with" in card.text
    row = "| Core Promoter Detection | mcc | **undefined** | none | 1,234 (1,200) | 98.76 | 0.00 | 3.12 |"
    assert row in card.text.splitlines()
    assert "a published evaluator does, faults included" in card.text and "No row is left out" not in card.text
    assert [result.task_name for result in card.data.eval_results] == ["siRNA Efficiency Prediction"]
    assert not (run / "card" / ".eval_results").exists()


@pytest.mark.parametrize(
    "changed", [{"limit": 24}, {"scorer": {"name": "opencompass", "version": "1"}}, {"split": "validation"}]
)
def test_only_the_whole_test_set_by_the_default_scorer_goes_to_the_leaderboard(
    changed: dict, model: Path, build: Path, tmp_path: Path
) -> None:
    run = make_run(tmp_path / "run", 2, model)
    add_results(run)
    path = run / "evaluation" / "results.json"
    results = json.loads(path.read_text())
    assert "12.35" in card_of(run, build).text and (run / "card" / ".eval_results").exists()
    split = {"dataset": results["dataset"] | {"split": changed.pop("split", "test")}}
    path.write_text(json.dumps(results | changed | split))
    assert "12.35" in card_of(run, build).text and not (run / "card" / ".eval_results").exists()


@pytest.mark.parametrize("synthetic", [True, False])
def test_results_of_real_data_are_drawn_beside_published_ones(synthetic: bool, model: Path, tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", 2, model)
    add_results(run)
    text = card_of(run, make_manifest(tmp_path / "build", synthetic)).text
    shown = set(re.findall(r'src(?:set)?="([^"]+)"', text))
    charts = {"radar.png", "radar-dark.png"}
    assert shown == {"training.png", "training-dark.png"} | (set() if synthetic else charts)
    assert all((run / "card" / name).is_file() for name in shown)


def test_the_header_names_licence_base_and_dataset(model: Path, build: Path, tmp_path: Path) -> None:
    first = make_run(tmp_path / "first", 1, model, base="llama3.1-8b")
    card = card_of(first, build)
    assert (card.data.license, card.data.base_model) == ("llama3.1", "meta-llama/Llama-3.1-8B-Instruct")
    assert "Built with Llama" in card.text
    scratch = card_of(make_run(tmp_path / "scratch", 1, model), build)
    assert (scratch.data.license, scratch.data.base_model) == ("apache-2.0", None)
    third = card_of(make_run(tmp_path / "third", 3, model), build)
    assert third.data.base_model == "my-lab/chatmultiomics-tiny-stage2"
    assert third.data.datasets == ["my-lab/biology-instructions"]
    unknown = make_run(tmp_path / "unknown", 1, model, base="gpt-9")
    with pytest.raises(FolderError, match="base 'gpt-9' has no known licence; add it to BASES"):
        card_of(unknown, build)


def test_a_variant_has_its_own_name_and_names_the_run_that_it_came_from(model, build, tmp_path: Path) -> None:
    settings = {"data": {"all": 1}, "dataset": "elsewhere", "variant": "script"}
    run = make_run(tmp_path / "run", 2, model, recipe=settings, previous="chatmultiomics-tiny-stage1-script")
    card = card_of(run, build)
    assert card.data.base_model == "my-lab/chatmultiomics-tiny-stage1-script"
    assert 'name = "my-lab/chatmultiomics-tiny-stage2-script"' in card.text


@pytest.mark.parametrize("stage", [1, 2, 3])
def test_the_card_tells_the_training_and_how_to_use_it(stage: int, model: Path, build: Path, tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", stage, model)
    text = card_of(run, build).text
    for told in (
        "| lora_B | 0.032 | 20 | 14,336 |",
        "7 of 1,500 rows",
        "| steps | 120 |",
        "1.2346",
        "0:01:23 on 1 × cpu",
    ):
        assert told in text
    assert "`step-1`, `step-2`" in text
    assert ("branch `adapter`" in text) == (stage < 3)
    assert str(tmp_path) not in text and "/home/" not in text
    code = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert code and all(compile(block, "card", "exec") for block in code)
    assert f'name = "my-lab/chatmultiomics-tiny-stage{stage}"' in code[0]
    assert ("apply_chat_template" in code[0]) == (stage > 1)


def test_a_model_without_results_says_so(model: Path, build: Path, tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", 2, model)
    card = card_of(run, build)
    assert "**This model was not evaluated.**" in card.text
    assert card.data.eval_results is None
    assert not (run / "card" / ".eval_results").exists()
    add_results(run)
    assert "not evaluated" not in card_of(run, build).text


@pytest.mark.parametrize("synthetic", [True, False])
def test_synthetic_data_is_told_loudly(synthetic: bool, model: Path, tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", 3, model)
    card = card_of(run, make_manifest(tmp_path / "build", synthetic))
    assert ("SYNTHETIC DATA" in card.text.split("\n## ")[0]) == synthetic
    assert ("synthetic" in card.data.tags) == synthetic


def test_no_card_that_may_hide_synthetic_data(model: Path, tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", 3, model)
    with pytest.raises(FolderError, match="nothing says whether its dataset .* is synthetic; pass --dataset"):
        card_of(run, None)
    with pytest.raises(FolderError, match="nothing says"):
        card_of(run, make_manifest(tmp_path / "other", synthetic=False, digest="e2" * 32))


def test_results_of_other_weights_are_refused(model: Path, build: Path, tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", 2, model)
    add_results(run, revision=resolve_revision(str(run / "merged"), None))
    assert "12.35" in card_of(run, build).text
    (run / "merged" / "model.safetensors").write_bytes(bytes(101))
    with pytest.raises(FolderError, match="results.json: of another model than .*merged; evaluate that one"):
        card_of(run, build)


@pytest.mark.parametrize("speeds", [True, False])
def test_the_curves_are_opaque_and_the_later_of_two_lines_counts(speeds: bool, tmp_path: Path) -> None:
    from matplotlib.image import imread

    more = {"tokens_per_second": 1000.0, "mfu": 0.6} if speeds else {}
    lines = [json.dumps({"step": step, "loss": 2 / step, **more}) for step in range(1, 9)]
    resumed = [*lines[:5], json.dumps({"step": 6, "loss": 9.0}), *lines[5:]]
    for name, log in (("straight", lines), ("resumed", resumed)):
        (tmp_path / name).mkdir()
        (tmp_path / f"{name}.jsonl").write_text("\n".join(log))
        assert 'src="training.png"' in training_curves(tmp_path / f"{name}.jsonl", "title", tmp_path / name)
    for page, paper in (("", (1, 1, 1)), ("-dark", (13 / 255, 17 / 255, 23 / 255))):
        drawn = [tmp_path / name / f"training{page}.png" for name in ("straight", "resumed")]
        assert drawn[0].read_bytes() == drawn[1].read_bytes()
        pixels = imread(drawn[0])
        assert (pixels[..., 3:] == 1).all() and pixels[0, 0, :3] == pytest.approx(paper, abs=0.01)
    texts = [text.get_text() for panel in curves(list(map(json.loads, lines)), "", LIGHT).axes for text in panel.texts]
    assert texts == ["median 1,000, 60.0% MFU"] * speeds


def test_a_run_that_logged_nothing_has_no_picture(model: Path, build: Path, tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", 2, model)
    (run / "log.jsonl").unlink()
    text = card_of(run, build).text
    assert "training.png" not in text and "logged no loss" in text
    assert not (run / "card" / "training.png").exists()


def test_an_installed_dataset_is_found_by_its_name(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import datasets

    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path)
    make_manifest(tmp_path / "biology-instructions", synthetic=True)
    run = make_run(tmp_path / "run", 3, model, recipe={"data": {"mini": 1}, "dataset": "biology-instructions"})
    assert "SYNTHETIC DATA" in card_of(run, None).text
