"""Log-probabilities of token sequences that may follow a prompt, which is encoded once.

The sequences are trees of tokens behind the prompt's cached keys and values. Each is read in one pass, in which every
token sees the prompt and the tokens that lead to it, so that the result is that of a pass over prompt and sequence for
each sequence alone (`separately`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from metrics.benchmark.trie import Forest, Trie, sequence_scores


if TYPE_CHECKING:
    import torch
    from transformers import Cache, PreTrainedModel

# (what each of the b prompts is continued by, sequences after that) -> float32 of shape (b, sequences)
Scores = Callable[[list[list[int]], Forest], "torch.Tensor"]
SEPARATE_ROWS = 16  # sequences read together where each is read alone


@dataclass(frozen=True)
class Read:
    """What a model has read of b rows: their cache, which tokens of it are no padding, and the logits after the last.

    `mask`: bool of shape (b, length); `logits`: of shape (b, 1, vocabulary).
    """

    cache: "Cache"
    mask: "torch.Tensor"
    logits: "torch.Tensor"


def after(prompts: list[list[int]], model: "PreTrainedModel") -> Scores:
    """A function that scores what may follow these prompts; it holds their cache."""
    import torch

    if not attends_to_all(model):
        return alone(prompts, model)
    prompt = read(prompts, model)

    def scores(between: list[list[int]], following: Forest) -> "torch.Tensor":
        before = read(between, model, prompt) if any(between) else prompt
        parts = [sequence_scores(tree, branch_logits(before, tree, model)) for tree in following.trees]
        before.cache.crop(prompt.mask.shape[1] - before.mask.shape[1])
        return torch.cat(parts, dim=1)[:, following.order.to(model.device)]

    return scores


def alone(prompts: list[list[int]], model: "PreTrainedModel") -> Scores:
    """The same from a pass over prompt and sequence for every sequence."""
    return lambda between, following: separately(prompts, between, following.sequences, model)


def attends_to_all(model: "PreTrainedModel") -> bool:
    """Whether every layer attends to all tokens before, as a mask tells it to: no window, no state."""
    config = model.config.get_text_config()
    kinds = set(getattr(config, "layer_types", None) or ["full_attention"])
    windowed = getattr(config, "sliding_window", None) and not getattr(config, "layer_types", None)
    maskable = config._attn_implementation in ("sdpa", "eager")
    return maskable and kinds == {"full_attention"} and not windowed and not model._is_stateful


def read(rows: list[list[int]], model: "PreTrainedModel", before: Read | None = None) -> Read:
    """Read b rows of tokens, padded on the left, after those `before`, whose cache grows."""
    import torch
    from torch.nn.utils.rnn import pad_sequence

    def padded(parts: list[torch.Tensor]) -> torch.Tensor:
        return pad_sequence(parts, True, 0, padding_side="left").to(model.device)

    tokens = padded([torch.tensor(row, dtype=torch.long) for row in rows])
    mask = padded([torch.ones(len(row), dtype=torch.bool) for row in rows])
    if before:
        mask = torch.cat([before.mask, mask], dim=1)
    positions = (mask.cumsum(1) - 1).clamp(min=0)[:, -tokens.shape[1] :]
    output = model(
        input_ids=tokens,
        attention_mask=mask.long(),
        position_ids=positions,
        past_key_values=before.cache if before else None,
        use_cache=True,
        logits_to_keep=1,
    )
    return Read(output.past_key_values, mask, output.logits)


def branch_logits(before: Read, tree: Trie, model: "PreTrainedModel") -> "torch.Tensor":
    """Logits after what was read and after every read node of the tree, of shape (b, 1 + m, vocabulary).

    The cache is afterwards as it was.
    """
    import torch

    rows, m = len(before.mask), len(tree.fed)
    if not m:
        return before.logits
    seen = torch.cat([before.mask[:, None].expand(-1, m, -1), tree.sees.to(model.device).expand(rows, -1, -1)], dim=2)
    smallest = torch.finfo(model.dtype).min
    mask = torch.zeros(seen.shape, dtype=model.dtype, device=model.device).masked_fill_(~seen, smallest)
    output = model(
        input_ids=tree.fed.to(model.device).expand(rows, -1),
        attention_mask=mask[:, None],
        position_ids=before.mask.sum(1, keepdim=True) + tree.depth.to(model.device),
        past_key_values=before.cache,
        use_cache=True,
    )
    before.cache.crop(-m)
    return torch.cat([before.logits, output.logits], dim=1)


def separately(
    prompts: list[list[int]], between: list[list[int]], sequences: list[list[int]], model: "PreTrainedModel"
) -> "torch.Tensor":
    """The same scores from one pass over prompt and sequence for every sequence, nothing shared."""
    import torch
    from torch.nn.utils.rnn import pad_sequence

    def scores_of(before: list[int], part: list[list[int]]) -> torch.Tensor:
        rows = [torch.tensor([*before, *sequence]) for sequence in part]
        tokens = pad_sequence(rows, True, 0).to(model.device)
        mask = pad_sequence([torch.ones_like(row) for row in rows], True, 0).to(model.device)
        logits = model(input_ids=tokens, attention_mask=mask, use_cache=False).logits[:, len(before) - 1 : -1].float()
        steps = logits.log_softmax(-1).gather(2, tokens[:, len(before) :, None])[..., 0]
        return (steps * mask[:, len(before) :]).sum(1)

    parts = [sequences[i : i + SEPARATE_ROWS] for i in range(0, len(sequences), SEPARATE_ROWS)]
    befores = [prompt + extra for prompt, extra in zip(prompts, between, strict=True)]
    return torch.stack([torch.cat([scores_of(before, part) for part in parts]) for before in befores])


def float32_head(model: "PreTrainedModel") -> None:
    """Let the output layer compute in float32: bfloat16 logits near 20 are 0.125 apart, and many answers would tie."""
    import torch

    head = model.get_output_embeddings()
    if head is not None and head.weight.dtype != torch.float32:
        head.weight = torch.nn.Parameter(
            head.weight.detach().float(), requires_grad=False
        )  # embeddings tied to it stay
        head.register_forward_pre_hook(lambda module, inputs: (inputs[0].float(),))
