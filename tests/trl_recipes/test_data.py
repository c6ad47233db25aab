"""What the model is trained on: the answer and its end token, never without its answer."""

from pathlib import Path

import pytest

from dataset_builder.tags import shorten
from dataset_builder.tasks import CHAT_DATE, REASONING_SYSTEM_PROMPT, SYSTEM_PROMPT
from trl_recipes.data import ChatFrame, encode_chats, encode_texts, end_of_text


@pytest.fixture(scope="module")
def tokenizer(tiny_model: Path):
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(tiny_model)


def row(sequence: str, system: str = SYSTEM_PROMPT) -> dict:
    user = f"<dna>{sequence}</dna> Is this a core promoter?"
    return {
        "id": "row",
        "prompt": [{"role": "system", "content": system}, {"role": "user", "content": user}],
        "completion": [{"role": "assistant", "content": "Yes, it is a core promoter."}],
    }


def encode(rows: list[dict], tokenizer, max_length: int) -> dict:
    batch = {key: [r[key] for r in rows] for key in rows[0]}
    return encode_chats(batch, tokenizer, ChatFrame(tokenizer), max_length)


@pytest.mark.parametrize("system", [SYSTEM_PROMPT, REASONING_SYSTEM_PROMPT])
def test_ids_are_those_of_the_chat_template_and_labels_are_the_answer(tokenizer, system: str) -> None:
    chat = row("ACGTTGCA", system)
    encoded = encode([chat], tokenizer, 1024)
    whole = tokenizer.apply_chat_template(chat["prompt"] + chat["completion"], return_dict=True, date_string=CHAT_DATE)
    assert encoded["input_ids"][0] == whole["input_ids"]
    answer = [i for i in encoded["labels"][0] if i != -100]
    assert tokenizer.decode(answer) == "Yes, it is a core promoter.<|eot_id|>"
    assert encoded["labels"][0][-len(answer) :] == answer


@pytest.mark.parametrize("max_length", [180, 231, 400])
def test_what_does_not_fit_loses_sequence_never_question_or_answer(tokenizer, max_length: int) -> None:
    encoded = encode([row("ACGT" * 300), row("ACGT")], tokenizer, max_length)
    text = tokenizer.decode(encoded["input_ids"][0])
    assert len(encoded["input_ids"][0]) <= max_length
    assert "</dna> Is this a core promoter?" in text and text.endswith("Yes, it is a core promoter.<|eot_id|>")
    assert encoded["letters_cut"][0] > 0 and encoded["letters_cut"][1] == 0
    assert text.count("ACGT") * 4 <= 1200 - encoded["letters_cut"][0] + 4


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
    encoded = encode_texts(["<dna>ACGT</dna>"], tokenizer, end_of_text(tokenizer))
    assert tokenizer.decode(encoded["input_ids"][0]) == "<|begin_of_text|><dna>ACGT</dna><|end_of_text|>"
    assert encoded["labels"] == encoded["input_ids"]
