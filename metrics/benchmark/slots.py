"""Greedy answers on a processor, by continuous batching: a place that gets free is filled at once.

A prompt is read alone, from where it differs from the prompt before: without padding nothing is computed for nobody,
and small matrices stay in the processor's caches. Answers are then continued together, each in a slot with a length
of its own. (transformers' own continuous batching is made for GPUs.)
"""

import os
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from transformers.cache_utils import Cache, DynamicCache, DynamicLayer


if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel


class SlotLayer(DynamicLayer):
    """Keys and values of one layer, of shape (slots, heads, tokens, dimension); every slot has a length of its own.

    Attributes:
        at: int64 of shape (n,): where in each of the first n slots the next token goes.
    """

    def put(self, slot: int, read: DynamicLayer, slots: int, tokens: int) -> None:
        """Begin a slot with what was read of one prompt; make room for so many slots and tokens."""
        import torch

        if not self.is_initialized:
            self.lazy_initialization(read.keys, read.values)
            self.all_keys, self.all_values = (
                part.new_empty(slots, part.shape[1], 0, part.shape[3]) for part in (read.keys, read.values)
            )
        missing = tokens - self.all_keys.shape[2]
        if missing > 0:
            self.all_keys, self.all_values = (
                torch.nn.functional.pad(part, (0, 0, 0, missing)) for part in (self.all_keys, self.all_values)
            )
        self.all_keys[slot, :, : read.keys.shape[2]] = read.keys[0]
        self.all_values[slot, :, : read.values.shape[2]] = read.values[0]

    def update(self, keys: "torch.Tensor", values: "torch.Tensor", *args, **kwargs) -> tuple:
        """One more token in each of the first n slots; keys and values up to the longest of them."""
        n, limit = len(self.at), int(self.at.max()) + 1
        slots = self.at.new_tensor(range(n))
        self.all_keys[slots, :, self.at] = keys[:, :, 0]
        self.all_values[slots, :, self.at] = values[:, :, 0]
        self.keys, self.values = self.all_keys[:n, :, :limit], self.all_values[:n, :, :limit]
        return self.keys, self.values

    def move(self, source: int, target: int) -> None:
        """Let a slot have what another one has."""
        self.all_keys[target], self.all_values[target] = self.all_keys[source], self.all_values[source]


class Slots:
    """Answers in progress: `keys` of their prompts, lengths read so far, and tokens said so far."""

    def __init__(self, model: "PreTrainedModel", slots: int, max_new_tokens: int) -> None:
        layers = model.config.get_text_config().num_hidden_layers
        self.model, self.slots, self.max_new_tokens = model, slots, max_new_tokens
        self.cache = Cache(layers=[SlotLayer() for _ in range(layers)])
        self.keys: list[int] = []
        self.lengths: list[int] = []
        self.said: list[list[int]] = []

    def begin(self, key: int, prompt: list[int], read: Cache, first: int) -> None:
        """An answer in a slot of its own."""
        for layer, new in zip(self.cache.layers, read.layers, strict=True):
            layer.put(len(self.keys), new, self.slots, len(prompt) + self.max_new_tokens)
        self.keys.append(key)
        self.lengths.append(len(prompt))
        self.said.append([first])

    def step(self) -> None:
        """One more token for every answer."""
        import torch

        at = torch.tensor(self.lengths, device=self.model.device)
        for layer in self.cache.layers:
            layer.at = at
        beyond = torch.arange(max(self.lengths) + 1, device=at.device) > at[:, None]
        mask = torch.zeros(beyond.shape, dtype=self.model.dtype, device=at.device)
        mask.masked_fill_(beyond, torch.finfo(self.model.dtype).min)
        output = self.model(
            input_ids=torch.tensor([[said[-1]] for said in self.said], device=at.device),
            attention_mask=mask[:, None, None],
            position_ids=at[:, None],
            past_key_values=self.cache,
            use_cache=True,
        )
        for said, token in zip(self.said, output.logits[:, -1].argmax(-1).tolist(), strict=True):
            said.append(token)
        self.lengths = [length + 1 for length in self.lengths]

    def free(self, slot: int) -> tuple[int, list[int]]:
        """Take an answer out: its prompt's key and its tokens. The last slot moves to its place."""
        last = len(self.keys) - 1
        if slot != last:
            for layer in self.cache.layers:
                layer.move(last, slot)
        done = self.keys[slot], self.said[slot]
        for values in (self.keys, self.lengths, self.said):
            values[slot] = values[last]
            values.pop()
        return done


def greedy(
    prompts: Iterable[tuple[int, list[int]]],
    model: "PreTrainedModel",
    ends: list[int],
    max_new_tokens: int,
    slots: int,
) -> Iterator[tuple[int, list[int]]]:
    """Key and answer tokens (with the one that ends it) of each prompt, in the order in which answers end.

    Args:
        prompts: keys and token ids; what a prompt shares with the one before is read once (`decoding.alike`).
    """
    import torch

    with torch.inference_mode():
        waiting = iter(prompts)
        running = Slots(model, slots, max_new_tokens)
        before, read = [], DynamicCache()

        def ended(said: list[int]) -> bool:
            return said[-1] in ends or len(said) == max_new_tokens

        while True:
            next_ones = list(islice(waiting, slots - len(running.keys)))
            for key, prompt in next_ones:
                read, first = read_prompt(prompt, before, read, model)
                before = prompt
                if ended([first]):
                    yield key, [first]
                else:
                    running.begin(key, prompt, read, first)
            if not running.keys and not next_ones:
                return
            if running.keys:
                running.step()
            for slot in reversed(range(len(running.keys))):
                if ended(running.said[slot]):
                    yield running.free(slot)


def read_prompt(prompt: list[int], before: list[int], read: Cache, model: "PreTrainedModel") -> tuple[Cache, int]:
    """The cache of a prompt, and the most probable token after it.

    Args:
        before: another prompt, of which `read` is the cache; the tokens that both begin with are not read again.
    """
    import torch

    known = min(len(os.path.commonprefix([before, prompt])), len(prompt) - 1)
    cache = DynamicCache()
    if known:
        for i, layer in enumerate(read.layers):
            cache.update(layer.keys[:, :, :known], layer.values[:, :, :known], i)
    output = model(
        input_ids=torch.tensor([prompt[known:]], device=model.device),
        past_key_values=cache,
        use_cache=True,
        logits_to_keep=1,
    )
    return cache, int(output.logits[0, -1].argmax())
