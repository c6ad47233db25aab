"""Attention that keeps packed documents apart, by PyTorch's own variable-length kernel: no flash-attn wheel is needed.

    use_varlen(model)    # for batches with cu_seq_lens_q and max_length_q: collate.py's and TRL's padding-free ones

Layers with a sliding window (Gemma 3) keep it. A batch without cu_seq_lens_q (padded evaluation, generation) takes
transformers' sdpa path, mask included.
"""

import inspect
from typing import TYPE_CHECKING

from trl_recipes.recipe import RecipeError


if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

NAME = "torch_varlen"


def use_varlen(model: "PreTrainedModel") -> None:
    """Register the attention with transformers, once per process, and switch `model` to it.

    Raises:
        ImportError: torch older than 2.10, which has no torch.nn.attention.varlen.
        RecipeError: the model caps its attention scores (Gemma 2), which the kernel does not.
    """
    import torch
    from torch.nn.attention.varlen import varlen_attn
    from transformers import AttentionInterface, AttentionMaskInterface
    from transformers.integrations.sdpa_attention import sdpa_attention_forward
    from transformers.masking_utils import sdpa_mask

    if getattr(model.config, "attn_logit_softcapping", None):
        raise RecipeError(f"{model.config.model_type} caps its attention scores: set training.packing=false")
    # torch up to 2.11 takes fewer key heads than query heads unasked, later ones want to be told
    grouped = {"enable_gqa": True} if "enable_gqa" in inspect.signature(varlen_attn).parameters else {}
    kernel_dtypes = (torch.bfloat16, torch.float16)

    def attend(module, query, key, value, attention_mask, scaling=None, cu_seq_lens_q=None, max_length_q=None, **rest):
        """(1, heads, tokens, width) query, key and value -> (1, tokens, heads, width), as transformers asks for it."""
        if cu_seq_lens_q is None:
            return sdpa_attention_forward(module, query, key, value, attention_mask, scaling=scaling, **rest)
        window = rest.get("sliding_window")
        # float32 weights under autocast: the rotation has made query and key float32
        dtype = torch.get_autocast_dtype("cuda") if torch.is_autocast_enabled("cuda") else query.dtype
        if query.is_cuda and dtype in kernel_dtypes:
            q, k, v = (x.squeeze(0).transpose(0, 1).to(dtype) for x in (query, key, value))
            bounds = (cu_seq_lens_q, cu_seq_lens_q, max_length_q, max_length_q)
            sizes = (window - 1 if window else -1, 0)  # tokens before and after
            return varlen_attn(q, k, v, *bounds, scale=scaling, window_size=sizes, **grouped).unsqueeze(0), None
        return per_document(query, key, value, cu_seq_lens_q, scaling, window).transpose(1, 2), None

    def mask(*, attention_mask=None, **arguments):
        """None for packed batches, whose boundaries travel as cu_seq_lens_q; else sdpa's mask."""
        return None if attention_mask is None else sdpa_mask(attention_mask=attention_mask, **arguments)

    AttentionInterface.register(NAME, attend)
    AttentionMaskInterface.register(NAME, mask)
    model.set_attn_implementation(NAME)


def per_document(
    query: "torch.Tensor",
    key: "torch.Tensor",
    value: "torch.Tensor",
    ends: "torch.Tensor",
    scaling: float | None,
    window: int | None = None,
) -> "torch.Tensor":
    """The same on devices without the kernel: sdpa on one document after another.

    Args:
        query: (1, heads, tokens, width); key and value may have fewer heads.
        ends: int32, (documents + 1,), from 0 to tokens, as flash attention's cu_seqlens.
        window: tokens that a token sees at most, itself included; None for all before it.

    Returns:
        (1, heads, tokens, width).
    """
    import torch
    from torch.nn.functional import scaled_dot_product_attention

    lengths = ends.diff().tolist()
    parts = (x.split(lengths, dim=2) for x in (query, key, value))

    def seen(length: int) -> dict:
        if not window or length <= window:
            return {"is_causal": True}
        return {"attn_mask": torch.ones(length, length, dtype=torch.bool, device=query.device).tril().triu(1 - window)}

    done = [
        scaled_dot_product_attention(q, k, v, **seen(q.shape[2]), scale=scaling, enable_gqa=True)
        for q, k, v in zip(*parts, strict=True)
    ]
    return torch.cat(done, dim=2)
