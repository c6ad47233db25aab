"""A recipe's training rows: tokenised, mixed and packed once, kept by content, read from a memory map."""

import hashlib
import inspect
import json
import logging
import math
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from dataset_builder import hashing, overlap, tags
from dataset_builder.build import replace
from dataset_builder.hashing import hash64
from dataset_builder.manifest import find_manifest
from trl_recipes import encoding
from trl_recipes.encoding import IDS, ChatFrame, encode_chats, encode_texts, end_of_text
from trl_recipes.recipe import Recipe, RecipeError


if TYPE_CHECKING:
    import datasets
    import pyarrow as pa
    import trl
    from transformers import PreTrainedTokenizerBase

BATCH = 2_000  # rows tokenised together
PACKED = 20_000  # rows packed together: the more, the fuller
PACKERS = 8  # processes at most, on any machine: which rows are packed together depends on their number
CUTS = "cuts.json"
CODE = (encoding, hashing, overlap, tags)  # whose text decides the rows, beside this file's

log = logging.getLogger(__name__)


@dataclass
class Cuts:
    """What did not fit of `rows` instruction rows.

    Attributes:
        dropped: rows left out, as their question and answer alone are too long.
        shortened: rows whose sequences lost letters at the end, `letters_cut` in all.
        tokens: of all rows, corpora too, that are trained on in an epoch.
    """

    rows: int = 0
    dropped: int = 0
    shortened: int = 0
    letters_cut: int = 0
    tokens: int = 0


def load_data(
    recipe: Recipe, tokenizer: "PreTrainedTokenizerBase", arguments: "trl.SFTConfig"
) -> "tuple[datasets.Dataset, Cuts]":
    """The recipe's configs, each repeated as it says, tokenised, in one shuffled order, and packed where it says so.

    What was prepared once from the same data, tokenizer and settings is read from datasets' cache.

    Returns:
        Rows of `input_ids` and `labels` (IGNORED outside the answer; corpora have every token as label) and, packed
        by documents, `seq_lengths`; and the cuts.
    """
    import datasets

    key = content_key(recipe, tokenizer, arguments)
    folder = Path(datasets.config.HF_DATASETS_CACHE) / "trl_recipes" / key
    # one process of all, then one of each machine, which finds the rows there if the cache is shared
    with arguments.main_process_first(local=False, desc="tokenise"), arguments.main_process_first(desc="tokenise"):
        if not (folder / CUTS).is_file():
            shutil.rmtree(folder, ignore_errors=True)
            prepare(recipe, tokenizer, arguments, folder)
    log.info("tokens: %s", folder)
    return datasets.load_from_disk(folder).with_format("numpy"), Cuts(**json.loads((folder / CUTS).read_text()))


def content_key(recipe: Recipe, tokenizer: "PreTrainedTokenizerBase", arguments: "trl.SFTConfig") -> str:
    """A name for everything that decides the prepared rows, this code and the libraries that it calls included."""
    manifest = find_manifest(recipe.dataset)
    decides = {
        "dataset": manifest["digest"]
        if manifest
        else {c: load_config(recipe.dataset, c)._fingerprint for c in recipe.data},
        "files": sizes(Path(recipe.dataset)),
        "data": list(recipe.data.items()),
        "balanced": recipe.balanced,
        "other_strand": recipe.other_strand,
        "tokenizer": [tokenizer.backend_tokenizer.to_str(), tokenizer.chat_template, tokenizer.bos_token_id],
        "max_length": arguments.max_length,
        "packing": arguments.packing and arguments.packing_strategy,
        "answer_only": arguments.completion_only_loss,
        "seed": arguments.seed,
        "code": [inspect.getsource(module) for module in (*CODE, inspect.getmodule(content_key))],
        "libraries": [version(name) for name in ("datasets", "tokenizers", "transformers", "trl")],
    }
    return hashlib.sha256(json.dumps(decides).encode()).hexdigest()[:16]


def sizes(folder: Path) -> dict[str, int]:
    """Bytes of every Parquet file of a build's folder: one that was edited is not what its manifest says."""
    return {path.relative_to(folder).as_posix(): path.stat().st_size for path in sorted(folder.rglob("*.parquet"))}


def prepare(recipe: Recipe, tokenizer: "PreTrainedTokenizerBase", arguments: "trl.SFTConfig", folder: Path) -> None:
    """Write the rows of `load_data` to `folder`, which appears whole or not at all."""
    import datasets
    import pyarrow.compute as pc
    import trl

    tokenizer.backend_tokenizer.no_truncation()
    tokenizer.backend_tokenizer.no_padding()
    scratch = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    parts, cuts = [], Cuts()
    loaded = {config: load_config(recipe.dataset, config) for config in recipe.data}
    wrapped = (
        arguments.packing and arguments.packing_strategy == "wrapped" and arguments.completion_only_loss is not False
    )
    if wrapped and any("prompt" in rows.column_names for rows in loaded.values()):
        raise RecipeError("training.packing_strategy=wrapped would cut answers from their questions: set bfd")
    if recipe.balanced:
        loaded = balance(loaded, arguments.seed)
    for config, repeats in recipe.data.items():
        rows = loaded[config]
        ways = [False, True][:repeats] if recipe.other_strand and "prompt" in rows.column_names else [False]
        encoded = [encode(rows, config, tokenizer, arguments, turn, scratch, cuts) for turn in ways]
        parts += [encoded[i % len(encoded)] for i in range(repeats)]
    check_packing(parts, arguments)
    mixed = datasets.concatenate_datasets(parts).shuffle(seed=arguments.seed)
    if arguments.packing:
        groups = math.ceil(len(mixed) / PACKED)
        mixed = trl.pack_dataset(
            mixed,
            arguments.max_length,
            arguments.packing_strategy,
            {
                "batch_size": PACKED,
                "num_proc": min(PACKERS, groups) if groups > 1 else None,
                "desc": "pack",
                "cache_file_name": str(scratch / "packed.arrow"),
            },
        )
    cuts.tokens = sum(pc.sum(pc.list_value_length(part.data["input_ids"])).as_py() for part in parts)
    out = scratch / "out"
    mixed.save_to_disk(out)
    (out / CUTS).write_text(json.dumps(asdict(cuts)) + "\n")
    replace(out, folder)
    shutil.rmtree(scratch)


def check_packing(parts: "list[datasets.Dataset]", arguments: "trl.SFTConfig") -> None:
    """Packing takes no token away, and no answer from its question.

    Raises:
        RecipeError: it would; or nothing is left to train on.
    """
    import pyarrow.compute as pc

    longest = max((pc.max(pc.list_value_length(part.data["input_ids"])).as_py() or 0 for part in parts), default=0)
    if not longest:
        raise RecipeError(f"no row fits training.max_length={arguments.max_length}: raise it")
    if longest > arguments.max_length and not (arguments.packing and arguments.packing_strategy != "bfd"):
        raise RecipeError(
            f"texts of {longest:,} tokens and training.max_length={arguments.max_length}: set training.packing=true"
            " training.packing_strategy=wrapped, or bfd_split, which go on with a text in the next row"
        )


def balance(loaded: "dict[str, datasets.Dataset]", seed: int) -> "dict[str, datasets.Dataset]":
    """Of every task as many rows as the smallest has, those whose ids hash lowest (paper, appendix C).

    A task's rows are counted within their config; corpora, which have no task, stay as they are.
    """
    import numpy as np

    columns = {name: rows.data for name, rows in loaded.items() if "task" in rows.column_names}
    tasks = {name: np.asarray(table["task"]) for name, table in columns.items()}
    if not tasks:
        raise RecipeError(f"balanced: no tasks in {', '.join(loaded)}; it is for instruction data")
    smallest = min(count for names in tasks.values() for count in np.unique(names, return_counts=True)[1])
    kept = {}
    for name, names in tasks.items():
        order = np.argsort(hash64(columns[name]["id"].combine_chunks(), f"balanced-{seed}"))
        first = [order[names[order] == task][:smallest] for task in np.unique(names)]
        kept[name] = loaded[name].select(np.sort(np.concatenate(first)))
    return loaded | kept


def encode(
    rows: "datasets.Dataset",
    config: str,
    tokenizer: "PreTrainedTokenizerBase",
    arguments: "trl.SFTConfig",
    other_strand: bool,
    scratch: Path,
    cuts: Cuts,
) -> "datasets.Dataset":
    """One config, tokenised; what did not fit is added to `cuts`."""
    import datasets
    import pyarrow as pa
    import pyarrow.compute as pc

    path = scratch / f"{config}{'.other' if other_strand else ''}.arrow"
    with pa.ipc.new_stream(path, pa.schema({"input_ids": IDS, "labels": IDS})) as out:
        if "text" in rows.column_names:
            texts = partial(encode_texts, tokenizer=tokenizer, end=end_of_text(tokenizer))
            for _, table in in_batches(rows, ["text"], texts, path.stem):
                out.write_table(table)
        else:
            chats = partial(
                encode_chats,
                tokenizer=tokenizer,
                frame=ChatFrame(tokenizer),
                max_length=arguments.max_length,
                other_strand=other_strand,
                answer_only=arguments.completion_only_loss is not False,
            )
            for read, table in in_batches(rows, ["task", "prompt", "completion"], chats, path.stem):
                out.write_table(table.drop_columns("letters_cut"))
                cuts.rows += read
                cuts.dropped += read - len(table)
                cuts.shortened += pc.sum(pc.greater(table["letters_cut"], 0)).as_py() or 0
                cuts.letters_cut += pc.sum(table["letters_cut"]).as_py() or 0
    return datasets.Dataset.from_file(str(path))


def in_batches(
    rows: "datasets.Dataset", columns: list[str], encode: Callable[["pa.Table"], "pa.Table"], name: str
) -> Iterator[tuple[int, "pa.Table"]]:
    """Batch after batch, how many rows went into `encode` and what came out.

    Two are worked on at once: while one is in the tokenizer's threads, what Python does to the other costs no time.
    """
    from tqdm import tqdm

    rows = rows.select_columns(columns).with_format("arrow")

    def work(start: int) -> tuple[int, "pa.Table"]:
        table = rows[start : start + BATCH]
        return len(table), encode(table)

    with tqdm(total=len(rows), desc=f"tokenise {name}", unit=" rows") as bar, ThreadPoolExecutor(2) as pool:
        for read, table in pool.map(work, range(0, len(rows), BATCH)):
            bar.update(read)
            yield read, table


def load_config(dataset: str, config: str) -> "datasets.Dataset":
    """The train split of one config of a build's folder, the installed dataset, or one on the Hub."""
    import datasets

    try:
        return datasets.load_dataset(dataset, config, split="train")
    except (ValueError, FileNotFoundError, ConnectionError, datasets.exceptions.DatasetNotFoundError) as error:
        raise RecipeError(
            f"cannot load config {config!r}, split train, of the dataset {dataset!r}: {error}. Give a folder "
            "made by `python -m dataset_builder build`, a Hub id, or install a build by `python -m dataset_builder "
            "install`"
        ) from error
