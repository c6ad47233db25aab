"""Writing a stage-1 corpus: shards of `id` and `text`; one that was killed goes on behind its last shard.

A text is one tagged sequence, `<dna>…</dna>`, `<rna>…</rna>` or `<protein>…</protein>`, as in the instruction data, so
that the tags are learnt first.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path

import pyarrow as pa

from dataset_builder.checks import ALPHABETS, Rejected, require_few_rejected
from dataset_builder.files import Missing, Sources
from dataset_builder.pretraining import Cursor, Text, batches, highest_hash, is_spelled, read_texts, spell
from dataset_builder.shards import open_shard


SUFFIXES = (".fa", ".fasta", ".fna")
TEXTS_PER_SHARD = 50_000
TEXTS_PER_GROUP = 5_000  # of a shard, in one row group
SCHEMA = pa.schema({"id": pa.string(), "text": pa.string()})


@dataclass
class Progress:
    """What is done of a corpus; a file of it stands beside each finished shard.

    Attributes:
        shards: finished ones.
        cursor: behind the last text of the last of them.
        highest: of the hashes of the proteins that are sampled.
        read: texts so far, the left out ones included.
        left_out: how many by which rule.
        rejected: those that cannot be used.
        ended: nothing is behind the cursor.
    """

    shards: int = 0
    cursor: Cursor = Cursor()
    highest: int = 0
    read: int = 0
    left_out: dict[str, int] = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)
    ended: bool = False


def write_corpus(corpus: str, files: Sources, folder: Path) -> Progress:
    """Write <folder>/train-00000-of-00032.parquet, … from every FASTA file (also .gz) below <root>/<corpus>.

    Raises:
        SourceError: a file is no FASTA file, or more than 1% of the texts cannot be used.
    """
    paths = sorted(path for path in (files.root / corpus).rglob("*") if is_fasta(path))
    files.used.update(paths)
    if not paths:
        files.missing.append(Missing(corpus, "train", (f"{corpus}/*.fasta",)))
        return Progress(ended=True)
    folder.mkdir(parents=True, exist_ok=True)
    done = last_progress(folder)
    if done.shards == 0 and corpus == "pretrain_protein":
        done.highest = highest_hash(paths)
    texts = read_texts(corpus, paths, done.cursor, done.highest)
    while not done.ended:
        write_shard(corpus, texts, files.root, folder / f"train-{done.shards:05d}", done)
        require_few_rejected(corpus, "train", done.rejected, done.read)
    for i in range(done.shards):
        shard = folder / f"train-{i:05d}"
        if shard.exists():
            shard.rename(folder / f"{shard.name}-of-{done.shards:05d}.parquet")
    return done


def is_fasta(path: Path) -> bool:
    """Whether the name is that of a FASTA file, plain or gzipped."""
    return path.name.removesuffix(".gz").endswith(SUFFIXES) and path.is_file()


def last_progress(folder: Path) -> Progress:
    """The progress beside the last finished shard, or that of nothing done."""
    reports = sorted(folder.glob("train-?????.json"))
    if not reports:
        return Progress()
    found = json.loads(reports[-1].read_text(encoding="utf-8"))
    found["cursor"] = Cursor(*found["cursor"][:3], tuple(found["cursor"][3]), found["cursor"][4])
    found["rejected"] = [Rejected(**row) for row in found["rejected"]]
    return Progress(**found)


def write_shard(corpus: str, texts: Iterator[Text], root: Path, path: Path, done: Progress) -> None:
    """The next shard and, beside it, the progress with it; no shard where no text is left that can be used."""
    partial = path.with_suffix(".partial")
    rows, good = 0, usable(texts, corpus, root, done)
    with open_shard(partial, SCHEMA) as writer:
        for batch in batches(islice(good, TEXTS_PER_SHARD), TEXTS_PER_GROUP):
            ids, letters = zip(*batch, strict=True)
            columns = [pa.array(ids, pa.string()), pa.array(letters, pa.binary()).cast(pa.string())]
            writer.write_table(pa.table(columns, schema=SCHEMA))
            rows += len(batch)
    done.ended = rows < TEXTS_PER_SHARD
    if rows:
        partial.rename(path)
        done.shards += 1
    else:
        partial.unlink()
    report = path.with_suffix(".report")
    report.write_text(json.dumps(asdict(done) | {"cursor": done.cursor}), encoding="utf-8")
    report.rename(path.with_suffix(".json"))


def usable(texts: Iterator[Text], corpus: str, root: Path, done: Progress) -> Iterator[tuple[str, bytes]]:
    """(id, tagged text) of those that are kept; counts the others, and moves the cursor."""
    molecule = corpus.removeprefix("pretrain_")
    names: dict[Path, str] = {}
    for text in texts:
        done.read += 1
        done.cursor = text.then
        if text.left_out:
            done.left_out[text.left_out] = done.left_out.get(text.left_out, 0) + 1
            continue
        if text.path not in names:
            names[text.path] = str(text.path.relative_to(root))
        name, letters = names[text.path], spell(text.letters, molecule)
        if not is_spelled(letters, molecule):
            reason = f"not a {molecule} sequence (letters {ALPHABETS[molecule]}); correct or remove the record"
            value = f"{text.name} {text.letters[:60].decode('latin-1')}"
            done.rejected.append(Rejected(corpus, "train", name, text.line, value, reason))
            continue
        record = f"{corpus}/{name.removeprefix(f'{corpus}/').removesuffix('.gz')}/{text.name}"
        yield record, b"<%b>%b</%b>" % (molecule.encode(), letters, molecule.encode())
