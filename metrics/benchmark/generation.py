"""Greedy answers of a causal language model, with transformers, on a GPU if there is one."""

import hashlib
import platform
import time
from collections.abc import Iterator
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from dataset_builder.files import file_sha256
from dataset_builder.tags import shorten
from dataset_builder.tasks import CHAT_DATE
from metrics.benchmark.asking import Batch, Settings
from metrics.benchmark.decoding import decoder_of
from metrics.benchmark.prompts import plain
from metrics.benchmark.ranks import device
from metrics.benchmark.stored import EvaluationError, one_line


if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

ITS_PLACE = "a folder has it in tokenizer.json, beside config.json and the weights"  # the tokenizer's
MODEL_FILES = ("*config.json", "tokenizer*", "*.jinja", "*.safetensors", "*.bin")
LIBRARIES = ("torch", "transformers", "tokenizers", "datasets", "numpy")


def identify(settings: Settings) -> str:
    """Which weights exactly; see `resolve_revision`."""
    return resolve_revision(settings.model, settings.revision)


def answers(rows: pa.Table, settings: Settings) -> Iterator[dict | Batch]:
    """The environment once the model is loaded, then its answers in batches."""
    tokenizer, model = load_model(settings.model, settings.revision)
    yield environment(tokenizer, model) | {"batch_size": settings.batch_size}
    yield from generate(rows, tokenizer, model, settings.max_new_tokens, settings.batch_size)


def resolve_revision(model: str, revision: str | None) -> str:
    """Which weights exactly: the commit of a Hub id; of a folder, `sha256:` and the digest over the model's files.

    Raises:
        EvaluationError: there is no model, or no such revision of it.
    """
    folder = Path(model)
    if not folder.is_dir():
        return hub_commit(model, revision)
    if revision:
        raise EvaluationError(f"{model} is a folder and has no revision {revision!r}; --revision is for Hub ids")
    paths = sorted({path for pattern in MODEL_FILES for path in folder.glob(pattern)})
    if folder / "config.json" not in paths or not any(path.suffix in (".safetensors", ".bin") for path in paths):
        merged = folder / "merged"
        hint = f"did you mean {merged}?" if merged.is_dir() else "give the folder of a merged model, or a Hub id"
        raise EvaluationError(f"{model}: no model here (config.json and *.safetensors); {hint}")
    files = "".join(f"{path.name} {file_sha256(path)}\n" for path in paths)
    return f"sha256:{hashlib.sha256(files.encode()).hexdigest()}"


def hub_commit(model: str, revision: str | None) -> str:
    """The commit that a revision of a Hub model stands for, from the cache when the Hub is offline."""
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import EntryNotFoundError

    try:
        return Path(hf_hub_download(model, "config.json", revision=revision)).parent.name
    except (EntryNotFoundError, OSError, ValueError) as error:
        raise EvaluationError(
            f"cannot open the model {model!r}, revision {revision or 'main'}: {one_line(error)} "
            "Give the folder of a merged model, or a Hub id that holds one"
        ) from error


def load_model(model: str, revision: str | None) -> "tuple[PreTrainedTokenizerBase, PreTrainedModel]":
    """Tokenizer and model, in the dtype of the weights, on a GPU or else the CPU.

    Raises:
        EvaluationError: there is no tokenizer, or it has no token that ends an answer.
    """
    from transformers import AutoModelForCausalLM, AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(model, revision=revision)
    except (OSError, ValueError) as error:
        raise EvaluationError(f"cannot load the tokenizer of {model}; {ITS_PLACE}: {one_line(error)}") from error
    if not end_tokens(tokenizer):
        raise EvaluationError(f"the tokenizer of {model} has no token that ends an answer; add it there")
    loaded = AutoModelForCausalLM.from_pretrained(model, revision=revision, dtype="auto", device_map=device())
    return tokenizer, loaded


def end_tokens(tokenizer: "PreTrainedTokenizerBase") -> list[int]:
    """The tokens that end an answer: the tokenizer's own, and the one that its chat template puts behind an answer.

    They differ in Gemma, whose own ends a text, and in base Llama-3, where <|eot_id|> ends a turn.
    """
    found = {tokenizer.eos_token_id, tokenizer.get_vocab().get("<|eot_id|>")}
    if tokenizer.chat_template:
        chat = [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "ASSISTANT_WORDS"}]
        text = tokenizer.apply_chat_template(chat, tokenize=False, date_string=CHAT_DATE)
        after = tokenizer(text.rpartition("ASSISTANT_WORDS")[2], add_special_tokens=False)["input_ids"]
        found |= {*after[:1]} & special_ids(tokenizer)
    return sorted(found - {None})


def special_ids(tokenizer: "PreTrainedTokenizerBase") -> set[int]:
    """Ids of the tokens that no text is tokenised into by chance."""
    return {id for id, token in tokenizer.added_tokens_decoder.items() if token.special}


def environment(tokenizer: "PreTrainedTokenizerBase", model: "PreTrainedModel") -> dict:
    """What else the answers may depend on: template, device, dtype and versions."""
    import torch

    cpu = f"{platform.machine()} CPU, {torch.get_num_threads()} threads"
    return {
        "template": "chat" if tokenizer.chat_template else "plain text, the tokenizer has no chat template",
        "device": torch.cuda.get_device_name() if model.device.type == "cuda" else cpu,
        "dtype": str(model.dtype).removeprefix("torch."),
        "platform": platform.platform(),
        "python": platform.python_version(),
        **{name: version(name) for name in LIBRARIES},
    }


def generate(
    rows: pa.Table,
    tokenizer: "PreTrainedTokenizerBase",
    model: "PreTrainedModel",
    max_new_tokens: int,
    batch_size: int,
) -> Iterator[Batch]:
    """Greedy answers to the rows' prompts, in the order of the decoder, in batches of answers that ended."""
    context = model.config.get_text_config().max_position_embeddings - max_new_tokens
    chats = list(zip(rows["id"].to_pylist(), rows["prompt"].to_pylist(), strict=True))
    decode, order = decoder_of(model)
    chats.sort(key=lambda chat: order(chat[1]))
    asked: dict[int, tuple[list[int], bool]] = {}

    def prompts() -> Iterator[tuple[int, list[int]]]:
        for place, (_, prompt) in enumerate(chats):
            asked[place] = encode(prompt, tokenizer, context)
            yield place, asked[place][0]

    ended = decode(prompts(), model, end_tokens(tokenizer), max_new_tokens, batch_size)
    start = time.perf_counter()
    while batch := list(islice(ended, batch_size)):
        ids = [chats[place][0] for place, _ in batch]
        prompt_tokens, cut = zip(*(asked.pop(place) for place, _ in batch), strict=True)
        texts = tokenizer.batch_decode([said for _, said in batch], skip_special_tokens=True)
        more = {
            "prompt_tokens": list(map(len, prompt_tokens)),
            "answer_tokens": [len(said) for _, said in batch],
        }
        shortened = [row for row, was_cut in zip(ids, cut, strict=True) if was_cut]
        yield Batch(ids, [text.strip() for text in texts], shortened, time.perf_counter() - start, more)
        start = time.perf_counter()


def encode(prompt: list[dict], tokenizer: "PreTrainedTokenizerBase", context: int) -> tuple[list[int], bool]:
    """Token ids of a prompt up to the answer, and whether a sequence was shortened to fit it into `context` tokens.

    Raises:
        EvaluationError: the question alone does not fit.
    """
    *before, question = prompt
    text = question["content"]
    while True:
        ids = tokens_of([*before, question | {"content": text}], tokenizer)
        if len(ids) <= context:
            return ids, text != question["content"]
        shorter = shorten(text, len(ids) - context)
        if shorter == text:
            raise EvaluationError(
                f"{text[:60]!r}: {len(ids)} tokens with the shortest sequence, and the model's context has room for "
                f"{context}; lower --max-new-tokens or evaluate a model with a longer context"
            )
        text = shorter


def tokens_of(prompt: list[dict], tokenizer: "PreTrainedTokenizerBase") -> list[int]:
    """Token ids of the prompt in the tokenizer's chat template, up to the answer; as plain text where it has none."""
    if not tokenizer.chat_template:
        return tokenizer(plain(prompt))["input_ids"]
    return tokenizer.apply_chat_template(prompt, add_generation_prompt=True, date_string=CHAT_DATE)["input_ids"]
