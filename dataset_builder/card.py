"""README.md, LICENSE.md, croissant.json and eval.yaml of a dataset folder: what people, the Hub and its clients read
first."""

import json
import os
from functools import partial
from pathlib import Path

from dataset_builder.build import split_sizes
from dataset_builder.files import Missing
from dataset_builder.manifest import MANIFEST
from dataset_builder.tasks import SPLITS, TASKS, Task
from dataset_builder.units import CORPORA


NAME = "biology-instructions"
AUDIT, CLEAN_TEST = "audit.json", "clean_test.parquet"  # written by `audit`
REASONING = "reasoning.json"  # how the config reasoning was made; written with it
EVAL = "eval.yaml"  # makes a dataset on the Hub a benchmark
PRINTED_TOTALS = (3_330_232, 190_946, 244_681)  # the last row of Table 2; its test column sums to 243,227


def write_card(folder: Path, repository: str = NAME, url: str = "") -> None:
    """Write the files, each as a whole or not at all; what they show is read from the folder.

    Args:
        repository: the name by which the dataset is loaded: <org>/biology-instructions on a Hub.
        url: the dataset's page there; empty for a dataset that is nowhere but in its folder.
    """
    import jinja2
    import yaml

    from dataset_builder.biology_instructions import source_catalogue, source_of
    from dataset_builder.croissant import croissant
    from dataset_builder.diversity import published
    from dataset_builder.facts import argued_example, config_infos, examples, seen_in_train

    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    words = yaml.safe_load(Path(__file__).with_name("card.yaml").read_text(encoding="utf-8"))
    sizes = split_sizes(manifest)
    built = [task for task in TASKS.values() if f"data/{task.id}" in sizes]
    corpora = [name for name in CORPORA if name in sizes]
    names = list(dict.fromkeys(source_of(name) for name in [*(task.id for task in built), *corpora]))
    audit = read_audit(folder, manifest["digest"])
    listed = configs(sizes)
    if audit:
        listed.append({"config_name": "clean_test", "data_files": [{"split": "test", "path": [CLEAN_TEST]}]})
    infos = config_infos(folder, listed)
    shown = {
        "repository": repository,
        "url": url,
        "tag": version_tag(manifest),
        "header": header(manifest, listed, infos),
        "manifest": manifest,
        "words": words,
        "rows": sum(sum(sizes[f"data/{task.id}"].values()) for task in built),
        "tasks": built,
        "corpora": corpora,
        "conditions": list(dict.fromkeys(task.condition for task in built if task.condition)),
        "infos": infos,
        "columns": column_types(infos["all" if built else corpora[0]].features),
        "numbers": [(task, field) for task in built for field in task.fields],
        "examples": examples(folder, built),
        "reasoning": read_json(folder / REASONING),
        "argued": argued_example(folder) if (folder / REASONING).is_file() else {},
        "table2": [table2_row(task, sizes[f"data/{task.id}"], seen_in_train(folder, task)) for task in built],
        "paper": tuple(sum(task.table2[i] for task in TASKS.values()) for i in range(3)),
        "printed": PRINTED_TOTALS,
        "differences": differences(built, sizes, manifest["left_out"]),
        "audit": audit_table(audit) if audit else "",
        "clean_rule": audit["method"]["clean_test"] if audit else "",
        "left_out_rows": [
            (name, rows["read"], count, reason)
            for name, rows in manifest["rows"].items()
            for reason, count in rows["rejected"].items()
        ],
        "templates": published(),
        "sources": {name: source_catalogue()[name] for name in names},
    }
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "thousands": "{:,}".format,
        "pretty": partial(json.dumps, indent=1, ensure_ascii=False),
        "cell": lambda text: text.replace("<", "&lt;").replace("|", r"\|"),
    }
    for name, template in (("README.md", "card.md.jinja"), ("LICENSE.md", "licence.md.jinja")):
        replace_text(folder / name, environment.get_template(template).render(shown))
    described = croissant(
        manifest, words, list(shown["sources"].values()), listed, infos, repository, url, version_tag(manifest)
    )
    replace_text(folder / "croissant.json", json.dumps(described, indent=1, ensure_ascii=False) + "\n")
    tested = [task.id for task in built if "test" in sizes[f"data/{task.id}"]]
    if tested:
        replace_text(folder / EVAL, yaml.safe_dump(benchmark(words["summary"], tested), sort_keys=False))


def benchmark(description: str, tasks: list[str]) -> dict:
    """What eval.yaml says (huggingface.co/docs/hub/eval-results): the tasks, by the ids under which .eval_results of
    models give their scores, and the framework that makes those: python -m metrics evaluate."""
    return {
        "name": "Biology-Instructions",
        "description": description,
        "evaluation_framework": NAME,
        "tasks": [{"id": task, "config": task, "split": "test"} for task in tasks],
    }


def version_tag(manifest: dict) -> str:
    """The tag of a build on the Hub: its version and the beginning of its digest."""
    return f"v{manifest['version']}-{manifest['digest'][:12]}"


def header(manifest: dict, listed: list[dict], infos: dict) -> str:
    """The YAML that the Hub and datasets read: licence, tags, and files, features and sizes of every config."""
    from datasets.info import DatasetInfosDict
    from huggingface_hub import DatasetCardData

    once = ("all", *CORPORA)  # the other configs are parts or other wordings of these
    rows = sum(split.num_examples for name in once if name in infos for split in infos[name].splits.values())
    data = DatasetCardData(
        pretty_name="Biology-Instructions",
        language=["en"],
        license="other",
        license_name="per-source",
        license_link="LICENSE.md",
        annotations_creators=["found"],
        multilinguality=["monolingual"],
        size_categories=[size_category(rows)],
        task_categories=["text-generation", "question-answering"],
        tags=[
            *("biology", "genomics", "dna", "rna", "protein", "instruction-tuning", "benchmark"),
            *["synthetic"] * manifest["synthetic"],
        ],
        configs=listed,
    )
    DatasetInfosDict(infos).to_dataset_card_data(data)
    return data.to_yaml()


def size_category(rows: int) -> str:
    """The Hub's name for the order of magnitude of a number of rows, such as 1M<n<10M."""
    if rows < 1000:
        return "n<1K"
    names = [f"{number}{letter}" for letter in "KMBT" for number in (1, 10, 100)]
    order = min(len(str(rows)) - 4, len(names) - 2)
    return f"{names[order]}<n<{names[order + 1]}"


def column_types(features: dict) -> dict[str, str]:
    """A word for the type of every column; lists here are of messages."""
    return {name: getattr(feature, "dtype", "list") for name, feature in features.items()}


def table2_row(task: Task, sizes: dict[str, int], seen: dict[str, int]) -> list[str]:
    """The cells of a task: its id, rows per split with those of Table 2 where they differ, rows seen in train."""
    cells = [task.id]
    for split, paper in zip(SPLITS, task.table2, strict=True):
        rows = sizes.get(split, 0)
        cells.append(f"{rows:,}" if rows == paper else f"{rows:,} ({paper:,})")
    return cells + [f"{seen[split]:,}" if split in seen else "" for split in SPLITS[1:]]


def differences(tasks: list[Task], sizes: dict[str, dict[str, int]], left_out: list[str]) -> list[str]:
    """A line for each task with other sizes than Table 2: which, and the rule by which its splits are made."""
    from dataset_builder.biology_instructions import source_catalogue, source_of

    lines = []
    for task in tasks:
        built = [sizes[f"data/{task.id}"].get(split, 0) for split in SPLITS]
        changed = [
            f"{split} {rows:,} instead of {paper:,}"
            for split, rows, paper in zip(SPLITS, built, task.table2, strict=True)
            if rows != paper
        ]
        if changed:
            missing = any(f": {task.id} (" in line for line in left_out)
            rule = source_catalogue()[source_of(task.id)]["splits"]
            where = ", as files are [missing](#not-in-this-build)" if missing else ""
            lines.append(f"**{task.id}**: {', '.join(changed)}{where}. Splits: {rule}.")
    return lines


def read_audit(folder: Path, digest: str) -> dict:
    """audit.json; empty where this build was not audited."""
    found = read_json(folder / AUDIT)
    return found if found.get("digest") == digest else {}


def read_json(path: Path) -> dict:
    """What the file holds; empty where it is not there."""
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def audit_table(audit: dict) -> str:
    """What the audit found, as Markdown."""
    from dataset_builder.audit import table

    return table(audit)


def replace_text(path: Path, text: str) -> None:
    """Put a file in its place as a whole; a link there is replaced, not what it leads to."""
    folder = path.parent.resolve()
    beside = folder.with_name(f".{folder.name}.{path.name}.{os.getpid()}")  # nothing unfinished is ever in the folder
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


def configs(sizes: dict[str, dict[str, int]]) -> list[dict]:
    """The YAML `configs`: one per task, the combined ones, and what else there is; only files that are there."""

    def config(name: str, patterns: dict[str, list[str]]) -> dict:
        files = [{"split": split, "path": paths} for split, paths in patterns.items() if paths]
        return {"config_name": name, "data_files": files}

    def paths(folders: list[str]) -> dict[str, list[str]]:
        return {s: [f"{f}/{s}-*.parquet" for f in folders if s in sizes.get(f, {})] for s in SPLITS}

    plain = [f"data/{task_id}" for task_id in TASKS if f"data/{task_id}" in sizes]
    conditioned = [
        f.replace("data/", "conditioned/") if f.replace("data/", "conditioned/") in sizes else f for f in plain
    ]
    listed = [config(folder.removeprefix("data/"), paths([folder])) for folder in plain]
    if plain:
        listed += [config("all", paths(plain)) | {"default": True}, config("conditioned", paths(conditioned))]
    if plain:
        listed.append(config("mini", paths([f.replace("data/", "mini/") for f in plain])))
    listed += [config(name, paths([name])) for name in ("reasoning", *CORPORA) if name in sizes]
    return listed


def left_out(missing_files: list[Missing], sizes: dict[str, dict[str, int]]) -> list[str]:
    """A line per task: which splits are not there, or only in part; which files they need, and from where."""
    from dataset_builder.biology_instructions import source_catalogue, source_of

    grouped: dict[tuple[str, str], dict[str, list[str]]] = {}
    for missing in missing_files:
        built = missing.split in sizes.get(f"data/{missing.task}", {})
        splits = grouped.setdefault((missing.task, "in part" if built else "left out"), {})
        splits.setdefault(missing.split, []).extend(missing.names)
    lines = []
    for (task, how), splits in grouped.items():
        source = source_catalogue()[source_of(task)]
        names = list(dict.fromkeys(name for group in splits.values() for name in group))
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        where = f"{source['files']}; from {source['url']}"
        lines.append(f"{how}: {task} ({', '.join(splits)}): no {names[0]}{more} ({where})")
    return lines
