"""README.md of the dataset folder: YAML that makes every config loadable, sizes, sources, what is missing."""

import json
from pathlib import Path

from dataset_builder.build import split_sizes
from dataset_builder.files import Missing
from dataset_builder.manifest import MANIFEST
from dataset_builder.tasks import SPLITS, TASKS
from dataset_builder.units import CORPORA


def write_card(folder: Path) -> None:
    """Render card.md.jinja into <folder>/README.md, from the folder's manifest and, if there is one, its audit."""
    import jinja2
    import yaml

    from dataset_builder.biology_instructions import source_catalogue, source_of

    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    sizes = split_sizes(manifest)
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(Path(__file__).with_name("card.md.jinja").read_text(encoding="utf-8"))
    catalogue = source_catalogue()
    built = [task for task in TASKS.values() if f"data/{task.id}" in sizes]
    corpora = [name for name in CORPORA if name in sizes]
    names = list(dict.fromkeys(source_of(name) for name in [*(task.id for task in built), *corpora]))
    header = {
        "pretty_name": "Biology-Instructions",
        "language": ["en"],
        "license": "other",
        "license_name": "per-source",
        "tags": ["biology", "dna", "rna", "protein", "instruction-tuning", *["synthetic"] * manifest["synthetic"]],
        "task_categories": ["text-generation", "question-answering"],
        "configs": configs(sizes),
    }
    text = template.render(
        header=yaml.safe_dump(header, sort_keys=False, allow_unicode=True),
        manifest=manifest,
        tasks=built,
        sizes=sizes,
        splits=SPLITS,
        corpora=corpora,
        sources={name: catalogue[name] for name in names},
        rows=sum(sum(sizes[f"data/{task.id}"].values()) for task in built),
    )
    (folder / "README.md").write_text(text, encoding="utf-8")


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
