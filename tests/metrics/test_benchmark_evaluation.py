"""From a dataset folder and a model to results.json: interruptions, numbers, baselines and wrong input."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dataset_builder.install import install
from dataset_builder.tasks import TASKS
from metrics.__main__ import main
from metrics.benchmark import generation, processes
from metrics.benchmark.baselines import Constant, constants
from metrics.benchmark.data import EvaluationError, dataset_digest, inputs_of, rows_to_ask
from metrics.benchmark.evaluation import evaluate, score
from metrics.benchmark.predictions import SCHEMA
from metrics.benchmark.results import task_result
from metrics.benchmark.table import render
from metrics.scorers.rules import PAPER
from metrics.scoring import SCORERS, scorer_of
from metrics.scoring import score as score_task
from metrics.spaces import assemble
from tests.local_hub import LocalHub
from tests.local_hub.clients import client
from tests.metrics.benchmark_inputs import LABELS, write_dataset, write_model


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dataset(tmp_path_factory.mktemp("dataset"))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def straight(dataset: Path, model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output of an evaluation that nothing interrupted."""
    out = tmp_path_factory.mktemp("straight")
    evaluate(str(model), str(dataset), out, limit=10, batch_size=7, max_new_tokens=8)
    return out


def no_model(*args: object) -> None:
    raise AssertionError("the model is loaded")


def answered(dataset: Path, path: Path, wrong: float) -> Path:
    """A predictions file as another program writes it: right answers, a share of wrong ones and of silence."""
    random = np.random.default_rng(0)
    rows = pa.concat_tables(rows_to_ask(str(dataset)).values())
    other = {"positive": "no", "negative": "yes", "tRNA": "miRNA", "miRNA": "IRES", "IRES": "tRNA"}
    answers = []
    for label in map(json.loads, rows["label"].to_pylist()):
        if isinstance(label, dict):
            text = f"Housekeeping EA: {label['hk']:.2f}, developmental EA: {random.normal():.2f}."
        elif random.random() < wrong:
            text = f"The answer is {other[label]}."
        else:
            text = {"positive": "yes", "negative": "no"}.get(label, f"It is a {label}.")
        answers.append("" if random.random() < 0.1 else text)
    constant = {"model": "someone/else", "revision": "main", "decoding": "{}"}
    columns = {name: rows[name] for name in ("id", "task", "subtask", "label")} | {"answer": answers}
    columns |= {name: pa.repeat(value, len(rows)) for name, value in constant.items()}
    pq.write_table(pa.table(columns), path)
    return path


def test_interrupted_and_continued_is_straight(
    dataset: Path, model: Path, straight: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*args: object) -> Iterator:
        batches = generate(*args)
        yield next(batches)
        yield next(batches)
        raise KeyboardInterrupt

    options = {"limit": 10, "batch_size": 7, "max_new_tokens": 8}
    generate = generation.generate
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(generation, "generate", killed)
        evaluate(str(model), str(dataset), tmp_path, **options)
    (kept,) = tmp_path.iterdir()  # the answers so far, and nothing that looks finished
    assert kept.name.startswith("answers-")
    with open(kept, "a") as stream:
        stream.write('{"ids": ["promoter_300/te')  # a line that was being written
    evaluate(str(model), str(dataset), tmp_path, **options)
    lines = list(map(json.loads, kept.read_text().splitlines()))
    assert sum(len(line.get("ids", ())) for line in lines) == 40  # no question was asked twice
    assert pq.read_table(tmp_path / "predictions.parquet") == pq.read_table(straight / "predictions.parquet")
    assert comparable(tmp_path) == comparable(straight)


def comparable(out: Path) -> dict:
    """results.json without what depends on the clock."""
    results = json.loads((out / "results.json").read_text())
    return {key: value for key, value in results.items() if key not in ("seconds", "rows_per_second")}


def test_again_asks_nothing_more_asks_the_rest(
    dataset: Path, model: Path, straight: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = comparable(straight)
    monkeypatch.setattr(generation, "load_model", no_model)
    options = {"limit": 10, "max_new_tokens": 8}
    evaluate(str(model), str(dataset), straight, **options)
    assert comparable(straight) == before
    for change in (
        {"limit": 11},
        {"max_new_tokens": 9},
        {"config": "conditioned"},
        {"split": "validation"},
        {"prompt": "open-source"},
    ):
        with pytest.raises(AssertionError, match="the model is loaded"):
            evaluate(str(model), str(dataset), straight, **options | change)


def test_files_follow_the_contract(dataset: Path, model: Path, straight: Path) -> None:
    table = pq.read_table(straight / "predictions.parquet")
    results = json.loads((straight / "results.json").read_text())
    assert table.schema.equals(SCHEMA) and len(table) == 40
    assert results["model"] == str(model) and results["revision"].startswith("sha256:")
    assert results["dataset"] == {"name": str(dataset), "digest": "d1" * 32, "config": None, "split": "test"}
    assert results["decoding"] == {"strategy": "greedy", "max_new_tokens": 8}
    assert list(results["tasks"]) == [name for name in TASKS if name in LABELS]
    assert results["environment"]["template"] == "chat" and results["environment"]["dtype"] == "float32"
    assert (results["backend"], results["prompt"]) == ("transformers", "chat")
    asked = table.select(["backend", "prompt_format"]).slice(0, 1).to_pylist()
    assert asked == [{"backend": "transformers", "prompt_format": "chat"}]
    assert min(table["prompt_tokens"].to_pylist()) > 100 and max(table["answer_tokens"].to_pylist()) == 8
    assert results["rows_per_second"] > 0


def test_values_equal_a_direct_calculation(dataset: Path, tmp_path: Path) -> None:
    from sklearn.metrics import matthews_corrcoef

    path = answered(dataset, tmp_path / "theirs.parquet", wrong=0.3)
    results = score(path, str(dataset), tmp_path)
    table = pq.read_table(path).to_pandas()
    for name, result in results["tasks"].items():
        constant = constants(str(dataset), None, [name])[name].label
        rows = table[(table.task == name) & (table.subtask != "all")]
        expected = score_task(TASKS[name], list(rows.answer), list(rows.label), constant)
        low, high = result["interval"]
        assert (result["value"], result["coverage"], result["n"]) == (expected.value, expected.coverage, expected.n)
        assert result.get("fields", {}) == expected.fields and low < result["value"] < high
    promoters = table[table.task == "promoter_300"]
    for name, result in results["tasks"]["promoter_300"]["subtasks"].items():
        rows = promoters[promoters.subtask == name]
        # silence is the majority of train: negative
        value = matthews_corrcoef(rows.label == '"positive"', rows.answer.str.contains("yes"))
        assert result["value"] == pytest.approx(value) and result["n"] == len(rows)
    assert results["tasks"]["promoter_300"]["excluded_subtasks"] == ["all"]
    assert results["model"] == "someone/else" and results["dataset"]["digest"] == "d1" * 32


def test_rows_of_the_pooled_promoter_set_are_scored_apart(dataset: Path, tmp_path: Path) -> None:
    path = answered(dataset, tmp_path / "theirs.parquet", wrong=0.3)
    before = score(path, str(dataset), tmp_path)["tasks"]["promoter_300"]
    table = pq.read_table(path)
    silent = [
        "" if subtask == "all" else answer
        for subtask, answer in zip(table["subtask"].to_pylist(), table["answer"].to_pylist(), strict=True)
    ]
    pq.write_table(table.set_column(table.column_names.index("answer"), "answer", [silent]), path)
    after = score(path, str(dataset), tmp_path)["tasks"]["promoter_300"]
    assert after["subtasks"].pop("all")["coverage"] == 0 < before["subtasks"].pop("all")["coverage"]
    assert after == before


def test_baselines_say_the_train_split_or_the_default(dataset: Path, straight: Path) -> None:
    tasks = json.loads((straight / "results.json").read_text())["tasks"]
    constant = {name: result["baselines"]["constant"] for name, result in tasks.items()}
    assert constant["promoter_300"]["prediction"] == '"negative"' and constant["promoter_300"]["source"] == "train"
    assert constant["ncrna_family"]["prediction"] == '"tRNA"' and constant["ncrna_family"]["value"] > 0
    assert constant["antibody_antigen"]["prediction"] == '"negative"'
    assert constant["antibody_antigen"]["source"] == "default"
    train = pq.read_table(next((dataset / "data" / "enhancer_activity").glob("train-*")))["label"].to_pylist()
    mean = {name: np.mean([json.loads(label)[name] for label in train]) for name in ("hk", "dev")}
    assert json.loads(constant["enhancer_activity"]["prediction"]) == pytest.approx(mean, abs=1e-6)
    for name, result in tasks.items():
        empty = result["baselines"]["empty"]
        assert (empty["coverage"], constant[name]["coverage"]) == (0, 1)
        assert empty["value"] == constant[name]["value"]  # what an unusable answer scores


def test_limit_chooses_rows_by_hash_not_by_order(dataset: Path, tmp_path: Path) -> None:
    chosen = set(rows_to_ask(str(dataset), ["ncrna_family"], limit=5)["ncrna_family"]["id"].to_pylist())
    turned = write_dataset(tmp_path)
    path = next((turned / "data" / "ncrna_family").glob("test-*"))
    table = pq.read_table(path)
    pq.write_table(table.take(pa.array(range(len(table))[::-1])), path)
    again = rows_to_ask(str(turned), ["ncrna_family"], limit=5)["ncrna_family"]["id"].to_pylist()
    assert set(again) == chosen and len(again) == 5


def test_an_installed_dataset_has_the_rows_and_the_digest_of_its_folder(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import datasets

    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.chdir(tmp_path)
    install(dataset)
    installed, folder = rows_to_ask("biology-instructions"), rows_to_ask(str(dataset))
    assert list(installed) == list(folder)
    assert all(installed[name].to_pylist() == folder[name].to_pylist() for name in folder)
    assert dataset_digest("biology-instructions") == dataset_digest(str(dataset)) == "d1" * 32


def on_the_hub(split: str) -> tuple[dict[str, list], list[str]]:
    """The rows of the dataset on the Hub, and the names of the files that its cache then has."""
    from huggingface_hub.constants import HF_HUB_CACHE

    rows = {name: table.to_pylist() for name, table in rows_to_ask("biology/small", split=split).items()}
    return rows, [path.name for path in Path(HF_HUB_CACHE).rglob("snapshots/**/*.*") if path.is_file()]


def test_on_the_hub_the_files_of_one_split_are_fetched(dataset: Path, tmp_path: Path) -> None:
    with LocalHub(tmp_path / "hub") as hub:
        client(hub, tmp_path / "writer", upload, dataset)
        rows, files = client(hub, tmp_path / "reader", on_the_hub, "validation")
    here = rows_to_ask(str(dataset), split="validation")
    assert rows == {name: table.to_pylist() for name, table in here.items()}
    assert {name.split("-")[0] for name in files} == {"README.md", "validation"}


def upload(folder: Path) -> None:
    from huggingface_hub import HfApi

    HfApi().create_repo("biology/small", repo_type="dataset")
    HfApi().upload_folder(repo_id="biology/small", repo_type="dataset", folder_path=folder)


def test_processes_change_nothing(dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = answered(dataset, tmp_path / "theirs.parquet", wrong=0.3)
    here = score(path, str(dataset), tmp_path)
    monkeypatch.setattr(processes, "MANY", 0)
    assert score(path, str(dataset), tmp_path) == here


def test_both_strands_are_one_input_where_the_strand_does_not_matter() -> None:
    sequences = ["AACG", "CGTT", "AACG", "AACC"]
    prompts = [[{"role": "user", "content": f"<dna>{letters}</dna> What {i}?"}] for i, letters in enumerate(sequences)]
    rows = pa.table({"prompt": prompts})
    assert len(set(inputs_of(rows, TASKS["enhancer_activity"]).tolist())) == 2
    assert len(set(inputs_of(rows, TASKS["promoter_300"]).tolist())) == 3


def test_a_pair_is_one_input_in_either_order() -> None:
    texts = ["<rna>AC</rna> and <protein>MK</protein>?", "Of <protein>MK</protein>, <rna>AC</rna>.", "<rna>AC</rna>"]
    rows = pa.table({"prompt": [[{"role": "user", "content": text}] for text in texts]})
    first, second, alone = inputs_of(rows, TASKS["rna_protein"]).tolist()
    assert first == second != alone


def test_table_shows_baselines_above_the_model(dataset: Path, tmp_path: Path) -> None:
    results = score(answered(dataset, tmp_path / "theirs.parquet", wrong=0), str(dataset), tmp_path)
    lines = render(results).splitlines()
    first = next(i for i, line in enumerate(lines) if line.startswith("ncrna_family"))
    value = f" {100 * results['tasks']['ncrna_family']['value']:.2f} "
    for line, words in zip(lines[first:], ("empty baseline", "constant baseline", f"model{value}"), strict=False):
        assert words in " ".join(line.split()) + " "


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tasks": ["ncrna_famly"]}, "unknown task 'ncrna_famly'; did you mean ncrna_family?"),
        ({"tasks": ["solubility"]}, "has no test rows of solubility"),
        ({"tasks": ["antibody_antigen"], "split": "validation"}, "has no validation rows of antibody_antigen"),
        ({"config": "condition"}, "has no config 'condition'; it has"),
        ({"dataset": "/no/such/folder"}, "cannot open the dataset '/no/such/folder'"),
        ({"model": "/no/such/folder"}, "cannot open the model '/no/such/folder'"),
        ({"model": "org/not-on-a-hub"}, "cannot open the model 'org/not-on-a-hub', revision main"),
        ({"revision": "main"}, "is a folder and has no revision 'main'"),
        ({"batch_size": 0}, "give positive numbers"),
    ],
)
def test_wrong_input_is_one_line_before_a_model_is_loaded(
    dataset: Path, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: dict, message: str
) -> None:
    monkeypatch.setattr(generation, "load_model", no_model)
    options = {"model": str(model), "dataset": str(dataset), "out": tmp_path / "out"} | change
    with pytest.raises(EvaluationError) as error:
        evaluate(**options)
    assert message in str(error.value) and "\n" not in str(error.value)
    assert not (tmp_path / "out").exists()


def test_a_folder_without_a_model_says_which_one_has_it(dataset: Path, tmp_path: Path) -> None:
    (tmp_path / "merged").mkdir()
    with pytest.raises(EvaluationError, match="did you mean .*merged"):
        evaluate(str(tmp_path), str(dataset), tmp_path)


def test_answers_to_another_build_are_not_scored(dataset: Path, tmp_path: Path, straight: Path) -> None:
    path = answered(dataset, tmp_path / "theirs.parquet", wrong=0)
    table = pq.read_table(path)
    labels = [json.dumps("IRES" if label == '"tRNA"' else json.loads(label)) for label in table["label"].to_pylist()]
    pq.write_table(table.set_column(table.column_names.index("label"), "label", [labels]), path)
    with pytest.raises(EvaluationError, match="""row ncrna_family/test/.* has the label "tRNA" in"""):
        score(path, str(dataset), tmp_path)
    other = write_dataset(tmp_path / "other")
    (other / "manifest.json").write_text(json.dumps({"digest": "e2" * 32}))
    with pytest.raises(EvaluationError, match="answers build d1d1"):
        score(straight / "predictions.parquet", str(other), tmp_path)


def test_every_scorer_gives_what_evaluate_gives_on_the_same_file(dataset: Path, tmp_path: Path) -> None:
    import evaluate as hub

    path = answered(dataset, tmp_path / "theirs.parquet", wrong=0.3)
    assemble("biology_instructions", tmp_path / "space")
    module = hub.load(str(tmp_path / "space" / "biology_instructions.py"))
    rows = pq.read_table(path).to_pydict()
    inputs = {
        "predictions": rows["answer"],
        "references": rows["label"],
        "tasks": rows["task"],
        "subtasks": rows["subtask"],
        "constants": {name: one.label for name, one in constants(str(dataset), None, list(LABELS)).items()},
    }
    for scorer in SCORERS:
        results = score(path, str(dataset), tmp_path, scorer)
        assert results["scorer"] == {"name": scorer, "version": scorer_of(scorer).version}
        for task, theirs in module.compute(**inputs, scorer=scorer).items():
            ours = results["tasks"][task]
            assert list(ours["subtasks"]) == list(theirs["subtasks"])
            parts = zip((ours, *ours["subtasks"].values()), (theirs, *theirs["subtasks"].values()), strict=True)
            for our, their in parts:
                for name in ("value", "n", "coverage"):
                    assert our[name] == pytest.approx(their[name], abs=1e-9)


def silent(dataset: Path, path: Path, answer: str = "I am unsure.") -> Path:
    """A predictions file of a model that always says the same."""
    table = pq.read_table(answered(dataset, path, wrong=0))
    said = pa.array([answer] * len(table))
    pq.write_table(table.set_column(table.column_names.index("answer"), "answer", said), path)
    return path


def test_refusing_everything_and_the_reason(dataset: Path, tmp_path: Path) -> None:
    path = silent(dataset, tmp_path / "silent.parquet")
    strict, paper, opencompass = (score(path, str(dataset), tmp_path, scorer) for scorer in SCORERS)
    for results, value in ((strict, 0), (paper, -1), (opencompass, -1)):
        found = results["tasks"]["antibody_antigen"]
        assert (found["value"], found["coverage"], found["n"]) == (value, 0, 40)
    found = paper["tasks"]["antibody_antigen"]
    assert found["read_by"] == {"don't-know keyword": 40}
    assert found["counted"] == {"as the opposite of its label": 40} and found["counted_by_label"] == 40
    assert strict["tasks"]["antibody_antigen"]["counted"] == {"as the constant": 40}
    table = render(paper)
    assert "-100.00" in table and f"scorer paper {PAPER.version}" in table
    note = "antibody_antigen: the label decided what 40 answers count as (as the opposite of its label: 40)"
    assert note in table.splitlines() and "the label decided" not in render(strict)


def test_what_a_published_formula_leaves_undefined_is_null(dataset: Path, tmp_path: Path) -> None:
    path = silent(dataset, tmp_path / "constant.parquet", "1.0 and 2.0")
    results = score(path, str(dataset), tmp_path, "opencompass")
    assert json.loads((tmp_path / "results.json").read_text()) == results
    found = results["tasks"]["enhancer_activity"]
    assert (found["value"], found["interval"], found["coverage"]) == (None, None, 1)
    (line,) = [line for line in render(results).splitlines() if "undefined" in line and "model" in line]
    assert line.split()[-5:] == ["undefined", "none", "100.00", "40", "40"]


def test_the_constant_that_the_mixed_score_flatters_stands_beside_it() -> None:
    random = np.random.default_rng(0)
    labels = np.clip(random.normal(45, 25, 200), 0, 130).round(2)
    prompts = [[{"role": "user", "content": f"<rna>{'ACGU'[i % 4] * (i + 1)}</rna>"}] for i in range(200)]
    rows = pa.table({"prompt": prompts, "label": list(map(str, labels)), "subtask": [""] * 200})
    answers = ["29.9"] * 200
    for scorer in map(scorer_of, SCORERS):
        result = task_result(TASKS["sirna_efficiency"], rows, answers, Constant("45.0", "train"), scorer).entry
        flattered = result["baselines"]["constant 29.9"]
        assert (flattered["value"], flattered["prediction"]) == (result["value"], "29.9")
        assert flattered["value"] > result["baselines"]["constant"]["value"] + 0.05
        assert flattered["interval"][0] < flattered["value"] < flattered["interval"][1]


def test_explanations_are_written_and_shown(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    path = silent(dataset, tmp_path / "silent.parquet", "A genomic promoter, unsure though.")
    arguments = ["metrics", "score", "--dataset", str(dataset), "--out", str(tmp_path), "--predictions", str(path)]
    monkeypatch.setattr(sys, "argv", [*arguments, "--scorer", "paper", "--explain"])
    main()
    shown = capsys.readouterr().out
    lines = [json.loads(line) for line in (tmp_path / "explanations.jsonl").read_text().splitlines()]
    assert f"{len(lines)} answers that the scorers do not read or count alike" in shown
    pairs = [line for line in lines if line["task"] == "antibody_antigen"]
    assert pairs[0]["scorers"]["paper"]["evidence"] == "'no' in 'genomic'"
    assert "antibody_antigen: 40, the commonest ways of 1:" in shown and f"40 like {pairs[0]['id']}, label" in shown
    assert """reads "negative" (negative keyword: 'no' in 'genomic'); counts "negative", as read""" in shown
    assert "opencompass reads unusable (don't-know keyword: 'unsure')" in shown
    assert shown.count("  <- by its label") == shown.count("as the opposite of its label  <-") > 0


def test_command_line_prints_the_table_or_one_line(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    path = answered(dataset, tmp_path / "theirs.parquet", wrong=0)
    arguments = ["metrics", "score", "--dataset", str(dataset), "--out", str(tmp_path), "--predictions"]
    monkeypatch.setattr(sys, "argv", [*arguments, str(path)])
    main()
    assert "empty baseline" in capsys.readouterr().out
    monkeypatch.setattr(sys, "argv", [*arguments, str(dataset / "manifest.json")])
    with pytest.raises(SystemExit) as stop:
        main()
    assert str(stop.value).startswith("error: cannot read") and "\n" not in str(stop.value)
