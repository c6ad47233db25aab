"""The card, its header and croissant.json: they say what is in the folder, and the tools that read them agree."""

import json
import re
import shutil
from importlib.resources import files
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import yaml
from huggingface_hub import DatasetCard

from dataset_builder.biology_instructions import FEATURES
from dataset_builder.build import build
from dataset_builder.card import size_category, version_tag, write_card
from dataset_builder.tasks import TASKS


LARGEST_ROW_GROUP = 300_000_000  # bytes; the Hub's viewer reads no larger one


@pytest.fixture(scope="module")
def card(dataset: Path) -> DatasetCard:
    return DatasetCard.load(dataset / "README.md")


@pytest.fixture(scope="module")
def words() -> dict:
    return yaml.safe_load(Path("dataset_builder/card.yaml").read_text(encoding="utf-8"))


def shards(dataset: Path) -> dict[str, dict]:
    return json.loads((dataset / "manifest.json").read_text(encoding="utf-8"))["shards"]


def test_the_header_has_the_words_that_the_hub_knows(card: DatasetCard, dataset: Path) -> None:
    known = files("datasets.utils.resources")
    data = card.data.to_dict()
    assert set(data["size_categories"]) <= set(json.loads((known / "size_categories.json").read_text()))
    assert set(data["annotations_creators"]) <= set(json.loads((known / "creators.json").read_text())["annotations"])
    assert set(data["multilinguality"]) <= set(json.loads((known / "multilingualities.json").read_text()))
    assert set(data["language"]) <= set(json.loads((known / "languages.json").read_text()))
    assert (data["license"], (dataset / data["license_link"]).is_file()) == ("other", True)
    assert "synthetic" in data["tags"]


def test_eval_yaml_names_the_tasks_that_have_a_test_split(card: DatasetCard, dataset: Path) -> None:
    from datasets.utils.metadata import MetadataConfigs

    found = yaml.safe_load((dataset / "eval.yaml").read_text(encoding="utf-8"))
    assert (found["name"], found["evaluation_framework"]) == ("Biology-Instructions", "biology-instructions")
    configs = MetadataConfigs.from_dataset_card_data(card.data)
    splits = {name: [files["split"] for files in config["data_files"]] for name, config in configs.items()}
    assert [task["id"] for task in found["tasks"]] == [name for name in TASKS if "test" in splits.get(name, ())]
    assert all(task["split"] in splits[task["config"]] for task in found["tasks"])


def test_datasets_reads_the_header_as_it_was_meant(card: DatasetCard, dataset: Path) -> None:
    from datasets.info import DatasetInfosDict
    from datasets.utils.metadata import MetadataConfigs

    configs = MetadataConfigs.from_dataset_card_data(card.data)
    infos = DatasetInfosDict.from_dataset_card_data(card.data)
    assert configs.get_default_config_name() == "all"
    assert set(configs) == set(infos) > {*TASKS, "all", "conditioned", "mini", "reasoning", "pretrain_rna"}
    assert all(info.features == FEATURES for name, info in infos.items() if not name.startswith("pretrain_"))
    paths = {path for path in shards(dataset) if path.startswith("data/ncrna_family/")}
    size = sum(pq.read_table(dataset / path).nbytes for path in paths)
    assert infos["ncrna_family"].dataset_size == pytest.approx(size, rel=0.25)
    assert infos["ncrna_family"].download_size == sum((dataset / path).stat().st_size for path in paths)


def test_the_viewer_can_seek_in_every_shard(dataset: Path) -> None:
    for path in shards(dataset):
        footer = pq.read_metadata(dataset / path)
        for group in (footer.row_group(i) for i in range(footer.num_row_groups)):
            assert group.total_byte_size < LARGEST_ROW_GROUP, path
            assert all(group.column(i).has_offset_index for i in range(group.num_columns)), path


def test_a_header_that_promises_other_sizes_is_noticed_by_datasets(dataset: Path, tmp_path: Path) -> None:
    from datasets import load_dataset
    from datasets.exceptions import NonMatchingSplitsSizesError

    folder = tmp_path / "biology-instructions"
    shutil.copytree(dataset, folder)
    assert load_dataset(str(folder), "ncrna_family", cache_dir=str(tmp_path / "a")).num_rows == {
        split: sum(n["rows"] for path, n in shards(dataset).items() if path.startswith(f"data/ncrna_family/{split}-"))
        for split in ("train", "validation", "test")
    }
    test = next((folder / "data" / "ncrna_family").glob("test-*.parquet"))
    pq.write_table(pq.read_table(test).slice(1), test)
    with pytest.raises(NonMatchingSplitsSizesError):
        load_dataset(str(folder), "ncrna_family", cache_dir=str(tmp_path / "b"))


def test_every_table_is_whole_and_every_link_within_the_card_leads_somewhere(card: DatasetCard) -> None:
    headings = {re.sub(r"[^\w -]", "", line.lstrip("# ").lower()).replace(" ", "-") for line in lines(card, "#")}
    assert set(re.findall(r"\]\(#([\w-]+)\)", card.text)) <= headings
    for block in re.split(r"\n(?!\|)", card.text):
        rows = [line for line in block.splitlines() if line.startswith("|")]
        assert len({row.count("|") - row.count(r"\|") for row in rows}) <= 1, rows[:2]
    assert not re.search(r"\bNone\b(?! is known)|\{\{|\{%", card.text)
    for task in TASKS:
        assert sum(line.startswith(f"| {task} |") for line in lines(card, "|")) >= 2


def lines(card: DatasetCard, start: str) -> list[str]:
    return [line for line in card.text.splitlines() if line.startswith(start)]


def test_every_task_and_column_has_its_words(words: dict) -> None:
    assert list(words["labels"]) == list(TASKS)
    assert set(words["columns"]) == {*FEATURES, "text"}


def test_the_example_is_a_row_of_the_dataset(card: DatasetCard, dataset: Path) -> None:
    shown = json.loads(re.search(r"```json\n(.*?)```", card.text, re.DOTALL)[1])
    rows = [row for path in shards(dataset) if f"data/{shown['task']}/" in path for row in rows_of(dataset / path)]
    row = next(row for row in rows if row["id"] == shown["id"])
    same = set(FEATURES) - {"prompt"}
    assert {name: shown[name] for name in same} == {name: row[name] for name in same}
    before, after = shown["prompt"][1]["content"].split("…")
    assert row["prompt"][1]["content"].startswith(before) and row["prompt"][1]["content"].endswith(after)


def rows_of(path: Path) -> list[dict]:
    return pq.read_table(path).to_pylist()


def test_writing_it_again_changes_nothing_and_leaves_nothing_behind(dataset: Path, tmp_path: Path) -> None:
    folder = tmp_path / "linked"
    shutil.copytree(dataset, folder, copy_function=lambda source, link: Path(link).symlink_to(source))
    before = {path.name: path.read_bytes() for path in dataset.iterdir() if path.is_file()}
    write_card(folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before
    assert {path.name for path in tmp_path.iterdir()} == {"linked"}
    write_card(folder, "lab/biology-instructions", "https://hub.example/datasets/lab/biology-instructions")
    tag = version_tag(json.loads(before["manifest.json"]))
    assert (
        f'load_dataset("lab/biology-instructions", "epigenetic_marks", revision="{tag}")'
        in (folder / "README.md").read_text()
    )
    assert (dataset / "README.md").read_bytes() == before["README.md"]  # the link was replaced, not what it led to


def test_an_audited_build_has_its_findings_and_its_clean_test_rows(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import datasets

    from dataset_builder.audit import audit
    from dataset_builder.install import install

    folder = tmp_path / "audited"
    for part in ("data/ncrna_family", "data/core_promoter", "mini/ncrna_family", "mini/core_promoter"):
        shutil.copytree(dataset / part, folder / part)
    manifest = json.loads((dataset / "manifest.json").read_text())
    manifest["shards"] = {path: shard for path, shard in manifest["shards"].items() if (folder / path).is_file()}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    write_card(folder)
    assert "was not audited" in (folder / "README.md").read_text()

    found = audit(folder, align=False, workers=1)
    write_card(folder)
    text = (folder / "README.md").read_text()
    assert found["method"]["clean_test"] in text and "was not audited" not in text
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    install(folder)
    for name in (str(folder), "biology-instructions"):
        clean = datasets.load_dataset(name, "clean_test", split="test", cache_dir=str(tmp_path / "cache"))
        assert len(clean) == sum(task["clean_test"]["rows"] for task in found["tasks"].values())

    (folder / "audit.json").write_text(json.dumps(found | {"digest": "of another build"}))
    write_card(folder)
    assert "was not audited" in (folder / "README.md").read_text()


def test_a_build_of_corpora_alone_has_a_card(synthetic_sources: Path, tmp_path: Path) -> None:
    build(synthetic_sources, tmp_path / "out", ["pretrain_rna"])
    card = DatasetCard.load(tmp_path / "out" / "README.md")
    assert card.data.to_dict()["dataset_info"]["config_name"] == "pretrain_rna"
    assert "Table 2" not in card.text.replace("[sizes and Table 2]", "")


@pytest.mark.parametrize(
    ("rows", "category"),
    [
        (0, "n<1K"),
        (999, "n<1K"),
        (1_000, "1K<n<10K"),
        (99_999, "10K<n<100K"),
        (3_764_405, "1M<n<10M"),
        (12_000_000, "10M<n<100M"),
    ],
)
def test_size_categories(rows: int, category: str) -> None:
    assert size_category(rows) == category


def test_croissant_is_valid_and_describes_every_row_and_shard(dataset: Path, words: dict) -> None:
    import mlcroissant

    found = mlcroissant.Dataset(dataset / "croissant.json")  # raises on what is not valid
    told = found.metadata.to_json()
    assert told["conformsTo"] == ["http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0"]
    assert {name: told[f"rai:{name}"] for name in words["responsible"]} == words["responsible"]
    hashes = {file.id: file.sha256 for file in found.metadata.file_objects}
    assert hashes == {path: shard["sha256"] for path, shard in shards(dataset).items()}

    expected = {
        row["id"]: row for path in shards(dataset) if "data/ncrna_family/" in path for row in rows_of(dataset / path)
    }
    records = list(found.records("ncrna_family"))
    assert len(records) == len(expected)
    for record in records[:: len(records) // 10]:
        row = expected[record["ncrna_family/id"].decode()]
        assert record["ncrna_family/split"].decode() == row["id"].split("/")[1]
        assert [m["ncrna_family/prompt/content"].decode() for m in record["ncrna_family/prompt"]] == [
            message["content"] for message in row["prompt"]
        ]
        assert record["ncrna_family/question_id"] == row["question_id"]


def test_croissant_of_a_published_build_names_its_files_there(dataset: Path, tmp_path: Path) -> None:
    import mlcroissant

    folder = tmp_path / "staged"
    shutil.copytree(dataset, folder, copy_function=lambda source, link: Path(link).symlink_to(source))
    url = "https://hub.example/datasets/lab/biology-instructions"
    write_card(folder, "lab/biology-instructions", url)
    found = mlcroissant.Dataset(folder / "croissant.json", mapping={"repository": str(dataset)})
    tag = version_tag(json.loads((dataset / "manifest.json").read_text()))
    named = {file.content_url for file in found.metadata.file_objects if file.id != "repository"}
    assert named == {f"{url}/resolve/{tag}/{path}" for path in shards(dataset)}
    assert len(list(found.records("pretrain_rna"))) == sum(
        shard["rows"] for path, shard in shards(dataset).items() if path.startswith("pretrain_rna/")
    )


def test_the_card_of_real_files_names_the_differences_from_table_2(real_sources: Path, tmp_path: Path) -> None:
    build(real_sources, tmp_path / "out", ["core_promoter", "ncrna_family", "solubility"])
    text = (tmp_path / "out" / "README.md").read_text()
    assert "| core_promoter | 94,712 | 11,840 | 11,840 | 10,484 | 100 |" in text
    assert "| ncrna_family | 5,670 | 650 | 2,600 (4,840) | 0 | 319 |" in text
    assert "**ncrna_family**: test 2,600 instead of 4,840. Splits: " in text
    assert "sum to 3,330,232, 190,946, 243,227; as its totals it prints 3,330,232, 190,946, 244,681" in text
    assert "## Not in this build" in text and "solubility (train, validation, test)" in text


def test_the_card_says_how_the_reasoning_was_made_and_shows_an_answer(card: DatasetCard, dataset: Path) -> None:
    record = json.loads((dataset / "reasoning.json").read_text(encoding="utf-8"))
    rows = pq.read_table(dataset / "reasoning" / "train-00000-of-00001.parquet")
    assert (record["backend"], record["accepted"] + sum(record["plain"].values())) == ("grounded", len(rows))
    section = card.content.partition("## Reasoning\n")[2].partition("\n## ")[0]
    assert "with no language model" in section
    for task in TASKS:
        assert f"| {task} | {record['tasks'].get(task, 0):,} | {record['plain'].get(task, 0):,} |" in section
    conclusion = rows.slice(0, 1).to_pylist()[0]["completion"][0]["content"].rpartition("\n")[2]
    assert conclusion in section
