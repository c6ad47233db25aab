"""What the model is trained on: the answer and its end token, never without its answer."""

import copy
import os
import random
import shutil
from collections import Counter
from pathlib import Path

import datasets
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from Bio.Seq import Seq

from dataset_builder.tags import TAGGED, shorten
from dataset_builder.tasks import CHAT_DATE, REASONING_SYSTEM_PROMPT, SYSTEM_PROMPT
from trl_recipes.data import balance, load_config, load_data
from trl_recipes.encoding import (
    IGNORED,
    ChatFrame,
    encode_chats,
    encode_texts,
    end_of_text,
    sequences_stand_apart,
    tokenise,
    tokenise_apart,
)
from trl_recipes.recipe import RecipeError, load_recipe
from trl_recipes.trainer import arguments_of, tokenizer_of


@pytest.fixture(scope="module")
def tokenizer(tiny_model: Path):
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(tiny_model)


def row(sequence: str, system: str = SYSTEM_PROMPT) -> dict:
    user = f"<dna>{sequence}</dna> Is this a core promoter?"
    return {
        "id": "row",
        "task": "core_promoter",
        "prompt": [{"role": "system", "content": system}, {"role": "user", "content": user}],
        "completion": [{"role": "assistant", "content": "Yes, it is a core promoter."}],
    }


def encode(rows: list[dict], tokenizer, max_length: int) -> dict:
    return encode_chats(pa.Table.from_pylist(rows), tokenizer, ChatFrame(tokenizer), max_length).to_pydict()


@pytest.mark.parametrize("system", [SYSTEM_PROMPT, REASONING_SYSTEM_PROMPT])
def test_ids_are_those_of_the_chat_template_and_labels_are_the_answer(tokenizer, system: str) -> None:
    chat = row("ACGTTGCA", system)
    encoded = encode([chat], tokenizer, 1024)
    whole = tokenizer.apply_chat_template(chat["prompt"] + chat["completion"], return_dict=True, date_string=CHAT_DATE)
    assert encoded["input_ids"][0] == whole["input_ids"]
    answer = [i for i in encoded["labels"][0] if i != -100]
    assert tokenizer.decode(answer) == "Yes, it is a core promoter.<|eot_id|>"
    assert encoded["labels"][0][-len(answer) :] == answer


def test_sequences_are_tokenised_apart_where_no_token_joins_them_to_words(tokenizer) -> None:
    """Not where the pre-tokenizer parts at spaces alone, nor where tags are tokens: there the parts have other ids."""
    from tokenizers import pre_tokenizers

    tagged, spaced = copy.deepcopy(tokenizer), copy.deepcopy(tokenizer)
    tagged.add_tokens(["</dna>", "<dna>"])
    bytes_alone = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    spaced.backend_tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), bytes_alone])
    assert [sequences_stand_apart(each) for each in (tokenizer, tagged, spaced)] == [True, False, False]
    texts = ["", "no tag", "<dna>ACG</dna>, <rna>ACGU</rna>?", "a<protein>MKV</protein><dna></dna>", "<dna>acgt</dna>"]
    assert tokenise_apart(tokenizer, pa.array(texts)).equals(tokenise(tokenizer, pa.array(texts)))


@pytest.mark.parametrize("max_length", [180, 231, 400])
@pytest.mark.parametrize("second", ["", "<dna>GATTACA</dna>", f"<dna>{'TTGCA' * 150}</dna>"], ids=len)
def test_what_does_not_fit_loses_sequence_never_question_or_answer(tokenizer, max_length: int, second: str) -> None:
    """And no more letters than it must, whichever tokens they are in; what is left is tokenised as ever."""
    long, sequence = row("ACGT"), "".join(random.Random(0).choices("ACGT", k=900)) + "A" * 300
    long["prompt"][1]["content"] = f"<dna>{sequence}</dna>{second} Is this a core promoter?"
    encoded = encode([long, row("ACGT")], tokenizer, max_length)
    ids, (cut, none) = encoded["input_ids"][0], encoded["letters_cut"]
    text = tokenizer.decode(ids)
    assert text.endswith(tokenizer.decode([i for i in encoded["labels"][0] if i != IGNORED]))
    assert text.endswith("Yes, it is a core promoter.<|eot_id|>") and "</dna> Is this a core promoter?" in text
    assert cut > 0 == none and max_length - 2 <= len(ids) <= max_length
    assert tokenizer(text, add_special_tokens=False)["input_ids"] == ids
    left = [match[2] for match in TAGGED.finditer(text)]
    whole = [match[2] for match in TAGGED.finditer(long["prompt"][1]["content"])]
    assert sum(map(len, whole)) - sum(map(len, left)) == cut
    assert all(one.startswith(other) for one, other in zip(whole, left, strict=True))


def test_a_row_too_long_without_its_sequence_is_left_out(tokenizer) -> None:
    wordy = row("ACGT")
    wordy["prompt"][1]["content"] += " Please tell me." * 100
    encoded = encode([wordy, row("ACGT")], tokenizer, 300)
    assert len(encoded["input_ids"]) == len(encoded["labels"]) == len(encoded["letters_cut"]) == 1
    assert "Please tell me" not in tokenizer.decode(encoded["input_ids"][0])


def test_shorten_cuts_the_longest_sequence_from_its_end() -> None:
    assert shorten("<rna>ACGTACGT</rna> and <dna>ACG</dna>?", 3) == "<rna>ACGTA</rna> and <dna>ACG</dna>?"
    assert shorten("<dna>A</dna>?", 5) == "<dna>A</dna>?"
    assert shorten("no sequence", 5) == "no sequence"


def test_corpus_texts_end_with_end_of_text_and_every_token_counts(tokenizer) -> None:
    encoded = encode_texts(pa.table({"text": ["<dna>ACGT</dna>"]}), tokenizer, end_of_text(tokenizer)).to_pydict()
    assert tokenizer.decode(encoded["input_ids"][0]) == "<|begin_of_text|><dna>ACGT</dna><|end_of_text|>"
    assert encoded["labels"] == encoded["input_ids"]


def packed(dataset: Path, tiny_model: Path, tmp_path: Path, *changes: str):
    """The recipe's rows, tokenizer and cuts."""
    settings = [f"model={tiny_model}", f"dataset={dataset}", f"out={tmp_path}", "training.bf16=false", *changes]
    recipe = load_recipe(Path("trl_recipes/small/stage2.yaml"), settings)
    tokenizer = tokenizer_of(recipe)
    return *load_data(recipe, tokenizer, arguments_of(recipe)), tokenizer


def documents(rows, tokenizer) -> list[str]:
    """The texts of packed rows, taken apart again by `seq_lengths`."""
    parts = [np.split(row["input_ids"], np.cumsum(row["seq_lengths"])[:-1]) for row in rows]
    return sorted(tokenizer.decode(ids) for row in parts for ids in row)


def test_packing_keeps_every_chat_whole_and_the_answers_as_labels(dataset, tiny_model, tmp_path: Path) -> None:
    one = "data={tf_binding_human: 1}"
    rows, cuts, tokenizer = packed(dataset, tiny_model, tmp_path, one, "training.max_length=2048")
    train = datasets.load_dataset(str(dataset), "tf_binding_human", split="train")
    wanted = [
        tokenizer.apply_chat_template(row["prompt"] + row["completion"], tokenize=False, date_string=CHAT_DATE)
        for row in train
    ]
    assert documents(rows, tokenizer) == sorted(wanted)
    assert cuts.tokens == sum(len(row["input_ids"]) for row in rows)
    answers = [tokenizer.decode(ids[ids != IGNORED]).split("<|eot_id|>")[:-1] for ids in rows["labels"][:]]
    assert sorted(sum(answers, [])) == sorted(row["completion"][0]["content"] for row in train)


def test_every_second_repeat_shows_the_other_strand(dataset, tiny_model, tmp_path: Path) -> None:
    rows, *_, tokenizer = packed(dataset, tiny_model, tmp_path, "data={tf_binding_human: 3, core_promoter: 2}")
    found = Counter(match[2] for text in documents(rows, tokenizer) for match in TAGGED.finditer(text))
    wanted = Counter()
    for task, turned in (("tf_binding_human", 1), ("core_promoter", 0)):
        for row in datasets.load_dataset(str(dataset), task, split="train"):
            strand = TAGGED.search(row["prompt"][-1]["content"])[2]
            wanted[strand] += 2
            wanted[str(Seq(strand).reverse_complement())] += turned
    assert found == wanted


def test_what_was_prepared_is_found_again_and_changes_with_what_decides_it(
    dataset, tiny_model, tmp_path, monkeypatch
) -> None:
    def folder(*changes: str) -> str:
        rows, *_ = packed(dataset, tiny_model, tmp_path, "data={ncrna_family: 1}", *changes)
        return str(Path(rows.cache_files[0]["filename"]).parent)

    first = folder()
    written = os.stat(first).st_mtime_ns
    assert folder("out=elsewhere", "training.learning_rate=1.0") == first
    assert os.stat(first).st_mtime_ns == written
    others = ("training.max_length=4096", "training.packing=false", "training.seed=1", "data={ncrna_family: 2}")
    assert len({first, *(folder(change) for change in others)}) == 5
    edited = shutil.copytree(dataset, tmp_path / "edited")  # by hand, and so with the manifest of what it was
    [train] = (edited / "data" / "ncrna_family").glob("train*.parquet")
    rows = pq.read_table(train)
    pq.write_table(rows.take([1, *range(1, len(rows))]), train)
    assert folder(f"dataset={edited}") != first
    monkeypatch.setattr("trl_recipes.data.version", lambda library: "another")
    assert folder() != first


def test_wrapped_rows_are_the_shuffled_texts_one_after_another(dataset, tiny_model, tmp_path: Path) -> None:
    """As the paper packs stage 1: at a length that is no power of two, all rows full but the last."""
    one = ["data={pretrain_rna: 1, pretrain_dna: 1}", "training.max_length=120"]
    rows, cuts, tokenizer = packed(dataset, tiny_model, tmp_path, *one, "training.packing_strategy=wrapped")
    lengths = [len(ids) for ids in rows["input_ids"]]
    assert set(lengths[:-1]) == {120} and 0 < lengths[-1] <= 120 and sum(lengths) == cuts.tokens
    stream = tokenizer.decode(np.concatenate(rows["input_ids"][:]))
    texts = [text for c in ("pretrain_rna", "pretrain_dna") for text in load_config(str(dataset), c)["text"]]
    found = stream.removesuffix("<|end_of_text|>").split("<|end_of_text|>")
    assert sorted(found) == sorted(f"<|begin_of_text|>{text}" for text in texts)
    assert all((ids == labels).all() for ids, labels in zip(rows["input_ids"], rows["labels"], strict=True))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (["data={pretrain_dna: 1}", "training.max_length=64"], "texts of .* tokens and training.max_length=64: set"),
        (
            ["data={pretrain_dna: 1}", "training.max_length=64", "training.packing=false"],
            "tokens and training.max_len",
        ),
        (["data={ncrna_family: 1}", "training.packing_strategy=wrapped"], "cut answers from their questions"),
        (["data={ncrna_family: 1}", "training.max_length=20"], "no row fits training.max_length=20"),
    ],
)
def test_packing_that_would_lose_tokens_is_refused(changes, message, dataset, tiny_model, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=message):
        packed(dataset, tiny_model, tmp_path, *changes)


@pytest.mark.parametrize("words", ["Is it?", "a\n\n b", "<dna>ACGT</dna>", "<|eot_id|>", "é 12345 [x]", "(1)"])
def test_a_question_is_tokenised_as_within_its_chat(words: str, tokenizer) -> None:
    rows = [row("ACGT")]
    rows[0]["prompt"][1]["content"] = words
    chat = tokenizer.apply_chat_template(
        rows[0]["prompt"], tokenize=False, add_generation_prompt=True, date_string=CHAT_DATE
    )
    whole = tokenizer(chat, add_special_tokens=False)["input_ids"]
    assert encode(rows, tokenizer, 512)["input_ids"][0][: len(whole)] == whole


def plain_rows(dataset, model, tmp_path: Path, *changes: str) -> tuple[list[str], object]:
    """The texts of unpacked rows in the order of training, and the tokenizer."""
    rows, _, tokenizer = packed(dataset, model, tmp_path, "training.packing=false", *changes)
    return [tokenizer.decode(ids) for ids in rows["input_ids"]], tokenizer


def test_rna_is_read_twice_an_epoch_and_mixed_with_the_rest(dataset, tiny_model, tmp_path: Path) -> None:
    """Appendix B: weights [2, 1, 1] are repeats."""
    weights = "data={pretrain_rna: 2, pretrain_dna: 1, pretrain_protein: 1}"
    found, _ = plain_rows(dataset, tiny_model, tmp_path, weights, "training.max_length=1200")
    wanted = Counter()
    for config, times in (("pretrain_rna", 2), ("pretrain_dna", 1), ("pretrain_protein", 1)):
        for text in datasets.load_dataset(str(dataset), config, split="train")["text"]:
            wanted[f"<|begin_of_text|>{text}<|end_of_text|>"] += times
    assert Counter(found) == wanted
    half = Counter("<rna>" in text for text in found[: len(found) // 2])
    assert half[True] / len(found) * 2 == pytest.approx(sum("<rna>" in text for text in found) / len(found), abs=0.15)


def test_stage_3_mixes_plain_rows_with_reasons_each_with_its_own_prompt(dataset, tiny_model, tmp_path: Path) -> None:
    found, _ = plain_rows(dataset, tiny_model, tmp_path, "data={reasoning: 1}", "training.max_length=4096")
    rows = datasets.load_dataset(str(dataset), "reasoning", split="train")
    wanted = Counter(row[0]["content"] for row in rows["prompt"])
    prompts = (SYSTEM_PROMPT, REASONING_SYSTEM_PROMPT)
    assert {prompt: sum(prompt in text for text in found) for prompt in prompts} == wanted
    order = [SYSTEM_PROMPT in text for text in found]
    assert any(order[: len(order) // 2]) and any(order[len(order) // 2 :]), "plain rows at one end"


def test_balanced_data_has_the_smallest_task_s_rows_of_every_task(dataset, tiny_model, tmp_path: Path) -> None:
    two = "data={tf_binding_human: 1, ncrna_family: 2}"
    sizes = [len(load_config(str(dataset), name)) for name in ("tf_binding_human", "ncrna_family")]
    assert sizes[0] != sizes[1]
    found, _ = plain_rows(dataset, tiny_model, tmp_path, two, "balanced=true")
    tasks = Counter("<rna>" in text for text in found)
    assert tasks == {True: 2 * min(sizes), False: min(sizes)}
    assert plain_rows(dataset, tiny_model, tmp_path, two, "balanced=true", "training.max_length=8192")[0] == found
    other, _ = plain_rows(dataset, tiny_model, tmp_path, two, "balanced=true", "training.seed=1")
    assert set(other) != set(found)


def test_balance_counts_tasks_within_one_config_too(dataset) -> None:
    rows = load_config(str(dataset), "all")
    counts = Counter(rows["task"])
    kept = balance({"all": rows}, seed=42)["all"]
    assert Counter(kept["task"]) == dict.fromkeys(counts, min(counts.values()))
    assert set(kept["id"]) <= set(rows["id"]) and len(set(counts.values())) > 1
    turned = rows.select(range(len(rows) - 1, -1, -1)).flatten_indices()
    assert set(balance({"all": turned}, seed=42)["all"]["id"]) == set(kept["id"])


def test_there_is_nothing_to_balance_in_a_corpus(dataset) -> None:
    with pytest.raises(RecipeError, match="no tasks in pretrain_dna"):
        balance({"pretrain_dna": load_config(str(dataset), "pretrain_dna")}, seed=42)


def test_the_real_reasoning_rows_are_the_paper_s_8000_and_3000(real_dataset) -> None:
    prompts = Counter(row[0]["content"] for row in load_config(str(real_dataset), "reasoning")["prompt"])
    assert prompts == {REASONING_SYSTEM_PROMPT: 8_000, SYSTEM_PROMPT: 3_000}
