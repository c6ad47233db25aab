"""Greedy answers to prompts that come one by one, by what is fastest for the model and where it is.

A decoder takes keys with token ids (sorted by its order), the model, the tokens that end an answer, the most tokens of
an answer, and how many prompts to answer at a time. It yields each key with the answer's tokens, the one that ends it
included, in the order in which answers end.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from metrics.benchmark.passes import attends_to_all


if TYPE_CHECKING:
    from transformers import GenerationConfig, PreTrainedModel

Prompts = Iterable[tuple[int, list[int]]]
Decoder = Callable[[Prompts, "PreTrainedModel", list[int], int, int], Iterator[tuple[int, list[int]]]]
Order = Callable[[list[dict]], tuple]  # a chat's turns -> its key to sort by
AT_A_TIME = 64  # batches that continuous batching is given together


def decoder_of(model: "PreTrainedModel") -> tuple[Decoder, Order]:
    """On a processor slots, on a GPU with flash attention transformers' continuous batching, otherwise batches."""
    from transformers.utils import is_flash_attn_2_available, is_flash_attn_3_available

    if model.device.type == "cpu" and attends_to_all(model):
        from metrics.benchmark.slots import greedy

        return greedy, alike
    if model.device.type == "cuda" and (is_flash_attn_2_available() or is_flash_attn_3_available()):
        return continuously, longest_first
    return in_batches, longest_first


def longest_first(chat: list[dict]) -> tuple:
    """So that memory runs out at once or never, and what is answered together is about as long."""
    return (-len(chat[-1]["content"]),)


def alike(chat: list[dict]) -> tuple:
    """Prompts that begin alike side by side, among those as long to a factor of two; the longest of these first."""
    return -len(chat[-1]["content"]).bit_length(), *(turn["content"] for turn in chat)


def in_batches(
    prompts: Prompts, model: "PreTrainedModel", ends: list[int], max_new_tokens: int, batch_size: int
) -> Iterator[tuple[int, list[int]]]:
    """`model.generate`; padding is on the left, where answers do not begin."""
    import torch
    from torch.nn.utils.rnn import pad_sequence

    def padded(rows: list[torch.Tensor], value: int) -> torch.Tensor:
        return pad_sequence(rows, True, value, padding_side="left").to(model.device)

    model.generation_config = config_of(ends, max_new_tokens)
    prompts = iter(prompts)
    while batch := list(islice(prompts, batch_size)):
        rows = [torch.tensor(tokens) for _, tokens in batch]
        input_ids, mask = padded(rows, ends[0]), padded([torch.ones_like(row) for row in rows], 0)
        output = model.generate(input_ids=input_ids, attention_mask=mask)[:, input_ids.shape[1] :].tolist()
        yield from ((key, until_end(said, ends)) for (key, _), said in zip(batch, output, strict=True))


def continuously(
    prompts: Prompts, model: "PreTrainedModel", ends: list[int], max_new_tokens: int, batch_size: int
) -> Iterator[tuple[int, list[int]]]:
    """transformers' continuous batching, which sees for itself how many prompts fit."""
    prompts = iter(prompts)
    while some := list(islice(prompts, AT_A_TIME * batch_size)):
        output = model.generate_batch([tokens for _, tokens in some], config_of(ends, max_new_tokens))
        if len(output) < len(some):
            raise RuntimeError(
                f"continuous batching answered {len(output)} of {len(some)} prompts; see what it logged"
            )
        yield from ((key, one.generated_tokens) for (key, _), one in zip(some, output.values(), strict=True))


def config_of(ends: list[int], max_new_tokens: int) -> "GenerationConfig":
    """Greedy: without what the model's own configuration may say of sampling or penalties."""
    from transformers import GenerationConfig

    return GenerationConfig(
        do_sample=False, max_new_tokens=max_new_tokens, eos_token_id=ends, pad_token_id=ends[0], use_cache=True
    )


def until_end(tokens: list[int], ends: list[int]) -> list[int]:
    """The tokens up to the first that ends an answer, with it."""
    place = next((i for i, token in enumerate(tokens) if token in ends), len(tokens) - 1)
    return tokens[: place + 1]
