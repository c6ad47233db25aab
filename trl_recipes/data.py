"""Dataset rows -> token ids and labels. The loss falls on the answer and its end token; an answer is never cut."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dataset_builder.tags import shorten
from dataset_builder.tasks import CHAT_DATE
from trl_recipes.recipe import Recipe, RecipeError


if TYPE_CHECKING:
    import datasets
    from transformers import PreTrainedTokenizerBase


@dataclass
class Cuts:
    """What did not fit of `rows` instruction rows.

    Attributes:
        dropped: rows left out, as their question and answer alone are too long.
        shortened: rows whose sequences lost letters at the end, `letters_cut` in all.
    """

    rows: int = 0
    dropped: int = 0
    shortened: int = 0
    letters_cut: int = 0


def load_data(
    recipe: Recipe, tokenizer: "PreTrainedTokenizerBase", max_length: int
) -> "tuple[datasets.Dataset, Cuts]":
    """The recipe's configs, each repeated as it says, tokenised and in one shuffled order.

    Returns:
        Rows of `input_ids` and `labels` (-100 outside the answer; corpora have every token as label), and the cuts.
    """
    import datasets

    parts, cuts = [], Cuts()
    for config, repeats in recipe.data.items():
        rows = load_config(recipe.dataset, config)
        if "text" in rows.column_names:
            end = end_of_text(tokenizer)
            encoded = rows.map(
                lambda batch, end=end: encode_texts(batch["text"], tokenizer, end),
                batched=True,
                remove_columns=rows.column_names,
                desc=f"tokenise {config}",
            )
        else:
            frame = ChatFrame(tokenizer)
            encoded = rows.map(
                lambda batch, frame=frame: encode_chats(batch, tokenizer, frame, max_length),
                batched=True,
                remove_columns=rows.column_names,
                desc=f"tokenise {config}",
            )
            cuts.rows += len(rows)
            cuts.dropped += len(rows) - len(encoded)
            cuts.shortened += sum(n > 0 for n in encoded["letters_cut"])
            cuts.letters_cut += sum(encoded["letters_cut"])
            encoded = encoded.remove_columns("letters_cut")
        parts += [encoded] * repeats
    return datasets.concatenate_datasets(parts).shuffle(seed=recipe.training.get("seed", 42)), cuts


def load_config(dataset: str, config: str) -> "datasets.Dataset":
    """The train split of one config of a build's folder, the installed dataset, or one on the Hub."""
    import datasets

    try:
        return datasets.load_dataset(dataset, config, split="train")
    except (ValueError, FileNotFoundError, ConnectionError, datasets.exceptions.DatasetNotFoundError) as error:
        raise RecipeError(
            f"cannot load config {config!r}, split train, of the dataset {dataset!r}: {error}. Give a folder made by "
            "`python -m dataset_builder build`, a Hub id, or install a build: `python -m dataset_builder install`"
        ) from error


def encode_texts(texts: list[str], tokenizer: "PreTrainedTokenizerBase", end: int) -> dict[str, list[list[int]]]:
    """Corpus texts: beginning of sequence, text, end of text; every token is a label."""
    start = [] if tokenizer.bos_token_id is None else [tokenizer.bos_token_id]
    ids = [[*start, *row, end] for row in tokenizer(texts, add_special_tokens=False)["input_ids"]]
    return {"input_ids": ids, "labels": ids}


def end_of_text(tokenizer: "PreTrainedTokenizerBase") -> int:
    """Id of the token that ends a corpus text: <|end_of_text|> where there is one (Llama), else the end token."""
    found = tokenizer.convert_tokens_to_ids("<|end_of_text|>")
    return tokenizer.eos_token_id if found in (None, tokenizer.unk_token_id) else found


class ChatFrame:
    """The fixed text around the user's and the assistant's words, read off the tokenizer's own chat template once."""

    def __init__(self, tokenizer: "PreTrainedTokenizerBase") -> None:
        self.tokenizer = tokenizer
        self.frames: dict[str, tuple[str, str, str]] = {}

    def __call__(self, system: str) -> tuple[str, str, str]:
        """(before the user's words, between them and the answer, after the answer) under a system prompt."""
        if system not in self.frames:
            turns = [{"role": "system", "content": system}, {"role": "user", "content": "USER_WORDS"}]
            answer = {"role": "assistant", "content": "ASSISTANT_WORDS"}
            asked = self.tokenizer.apply_chat_template(
                turns, tokenize=False, add_generation_prompt=True, date_string=CHAT_DATE
            )
            full = self.tokenizer.apply_chat_template([*turns, answer], tokenize=False, date_string=CHAT_DATE)
            before, _, between = asked.partition("USER_WORDS")
            if not full.startswith(f"{asked}ASSISTANT_WORDS"):
                raise RecipeError("the chat template does not continue its own generation prompt; give another one")
            self.frames[system] = (before, between, full.removeprefix(f"{asked}ASSISTANT_WORDS").rstrip("\n"))
        return self.frames[system]


def encode_chats(batch: dict, tokenizer: "PreTrainedTokenizerBase", frame: ChatFrame, max_length: int) -> dict:
    """Prompt-completion rows as `input_ids`, `labels` (-100 on the prompt) and `letters_cut` from their sequences.

    A row whose question and answer alone are longer than `max_length` is left out.
    """

    def tokenise(texts: list[str]) -> list[list[int]]:
        return tokenizer(texts, add_special_tokens=False)["input_ids"]

    frames = [frame(prompt[0]["content"]) for prompt in batch["prompt"]]
    users = [prompt[-1]["content"] for prompt in batch["prompt"]]
    answers = tokenise([c[0]["content"] + f[2] for c, f in zip(batch["completion"], frames, strict=True)])
    prompts = tokenise([f[0] + user + f[1] for f, user in zip(frames, users, strict=True)])
    encoded: dict[str, list] = {"input_ids": [], "labels": [], "letters_cut": []}
    for (before, between, _), user, prompt, answer in zip(frames, users, prompts, answers, strict=True):
        kept = user
        while (excess := len(prompt) + len(answer) - max_length) > 0:
            shorter = shorten(kept, excess)
            if shorter == kept:
                break
            kept = shorter
            prompt = tokenise([before + kept + between])[0]
        else:
            encoded["input_ids"].append(prompt + answer)
            encoded["labels"].append([-100] * len(prompt) + answer)
            encoded["letters_cut"].append(len(user) - len(kept))
    return encoded
