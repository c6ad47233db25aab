"""croissant.json: the dataset for machines, in Croissant 1.1 with the responsible-AI vocabulary (RAI 1.0).

The Hub makes a Croissant of its own from the Parquet and the card's header. That has no checksums, no citation and
none of the RAI properties, and its files are copies on another branch. Specification: docs.mlcommons.org/croissant
"""

from typing import TYPE_CHECKING, Any


if TYPE_CHECKING:
    from datasets import DatasetInfo

CONFORMS_TO = ["http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0"]
PARQUET = "application/x-parquet"
DATA_TYPES = {"string": "sc:Text", "int32": "cr:Int32", "bool": "sc:Boolean"}
SPLIT_IN_PATH = r"(?:.*/)?(train|validation|test)(?:-[0-9]+-of-[0-9]+[.]parquet)?$"
TERMS = (
    *("arrayShape", "citeAs", "column", "containedIn", "equivalentProperty", "extract", "field", "fileObject"),
    *("fileProperty", "fileSet", "format", "includes", "isArray", "isLiveDataset", "jsonPath", "key", "md5"),
    *("parentField", "path", "recordSet", "references", "regex", "repeated", "replace", "samplingRate", "separator"),
    *("source", "subField", "transform"),
)
CONTEXT = {  # as in appendix 1 of the specification, with the prefix of RAI
    "@language": "en",
    "@vocab": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "dct": "http://purl.org/dc/terms/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "sc": "https://schema.org/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "description": {"@container": "@language"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "name": {"@container": "@language"},
} | {term: f"cr:{term}" for term in TERMS}


def croissant(
    manifest: dict,
    words: dict,
    sources: list[dict],
    configs: list[dict],
    infos: dict[str, "DatasetInfo"],
    repository: str,
    url: str,
    tag: str,
) -> dict[str, Any]:
    """The JSON-LD of a dataset folder.

    Args:
        words: card.yaml. sources: the entries of sources.yaml that it is made of. configs, infos: those of the card.
        url: the dataset's page on a Hub, whose files at `tag` are named then; empty: files are named from the folder.
    """
    found = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "name": repository.replace("/", "_"),
        "description": words["summary"],
        "conformsTo": CONFORMS_TO,
        "license": sorted({licence(source) for source in sources}),
        "citeAs": words["bibtex"],
        "keywords": ["biology", "genomics", "DNA", "RNA", "protein", "instruction tuning", "benchmark"],
        "inLanguage": "en",
        "version": f"{manifest['version']}+{manifest['digest'][:12]}",
        "isLiveDataset": False,
        "isBasedOn": [based_on(source) for source in sources],
        **{f"rai:{name}": value for name, value in words["responsible"].items()},
        "distribution": distribution(manifest, configs, url, tag),
        "recordSet": [splits_set(), *(record_set(name, info, words["columns"]) for name, info in infos.items())],
    }
    if url:
        found |= {"url": url, "creator": {"@type": "sc:Organization", "name": repository.split("/")[0]}}
    return found


def licence(source: dict) -> str:
    """The address of a source's licence; of the source itself, where it states none."""
    known = source["licence"] != "NOASSERTION"
    return f"https://spdx.org/licenses/{source['licence']}.html" if known else source["url"]


def based_on(source: dict) -> dict:
    """A source as schema.org's CreativeWork."""
    return {
        "@type": "sc:CreativeWork",
        "name": source["title"],
        "url": source["url"],
        "license": licence(source),
        "citation": source["citation"],
    }


def distribution(manifest: dict, configs: list[dict], url: str, tag: str) -> list[dict]:
    """Every shard with its sha256, and the set of shards of every config.

    The files of a set are found in a git clone of the repository, or below the folder of croissant.json.
    """
    repository = {
        "@type": "cr:FileObject",
        "@id": "repository",
        "name": "repository",
        "contentUrl": f"{url}/tree/refs%2Ftags%2F{tag}",
        "encodingFormat": "git+https",
        "sha256": "https://github.com/mlcommons/croissant/issues/80",  # as the Hub says it: a clone has no hash
    }
    shards = [
        {
            "@type": "cr:FileObject",
            "@id": path,
            "name": path,
            "contentUrl": f"{url}/resolve/{tag}/{path}" if url else path,
            "encodingFormat": PARQUET,
            "sha256": shard["sha256"],
        }
        for path, shard in manifest["shards"].items()
    ]
    sets = [
        {
            "@type": "cr:FileSet",
            "@id": files_of(config["config_name"]),
            "name": files_of(config["config_name"]),
            "encodingFormat": PARQUET,
            "includes": [path for entry in config["data_files"] for path in entry["path"]],
            **({"containedIn": {"@id": "repository"}} if url else {}),
        }
        for config in configs
    ]
    return [*[repository] * bool(url), *shards, *sets]


def files_of(config: str) -> str:
    """The id of the set of a config's shards."""
    return f"files-of-{config}"


def splits_set() -> dict:
    """The record set of the three splits, to which the field `split` of every config refers."""
    return {
        "@type": "cr:RecordSet",
        "@id": "splits",
        "name": "splits",
        "dataType": "cr:Split",
        "key": {"@id": "splits/name"},
        "field": [{"@type": "cr:Field", "@id": "splits/name", "name": "name", "dataType": "sc:Text"}],
        "data": [{"splits/name": split} for split in ("train", "validation", "test")],
    }


def record_set(config: str, info: "DatasetInfo", columns: dict[str, str]) -> dict:
    """The columns of a config, and the split of each row from the name of its file."""
    sizes = ", ".join(f"{name} {split.num_examples:,}" for name, split in info.splits.items())
    files = {"fileSet": {"@id": files_of(config)}}
    split = {
        "@type": "cr:Field",
        "@id": f"{config}/split",
        "name": "split",
        "dataType": "sc:Text",
        "source": files | {"extract": {"fileProperty": "fullpath"}, "transform": {"regex": SPLIT_IN_PATH}},
        "references": {"field": {"@id": "splits/name"}},
    }
    return {
        "@type": "cr:RecordSet",
        "@id": config,
        "name": config,
        "description": f"Rows: {sizes}",
        "key": {"@id": f"{config}/id"},
        "field": [split, *(field(config, name, kind, files, columns) for name, kind in info.features.items())],
    }


def field(config: str, name: str, kind: Any, files: dict, columns: dict[str, str]) -> dict:
    """A column; the columns of messages have their role and content as fields of their own."""
    source = files | {"extract": {"column": name}}
    described = {"@type": "cr:Field", "@id": f"{config}/{name}", "name": name, "description": columns[name]}
    if hasattr(kind, "dtype"):
        return described | {"dataType": DATA_TYPES[kind.dtype], "source": source}
    parts = [
        {
            "@type": "cr:Field",
            "@id": f"{config}/{name}/{part}",
            "name": part,
            "dataType": DATA_TYPES[value.dtype],
            "source": source | {"transform": {"jsonPath": part}},
        }
        for part, value in kind.feature.items()
    ]
    return described | {"isArray": True, "arrayShape": "-1", "subField": parts}
