"""Cross entropy of a frozen output layer: logits one slice of tokens at a time, loss and gradient in the same pass.

TRL's fused head multiplies by the output layer three times (forward, again backward, gradient). With the gradient made
while the logits are at hand it is twice. At a vocabulary of 128,256 that saves 1.05 of 33.5 GFLOP per token (stage 1).
Imported late, by the functions that train: it needs torch.
"""

import functools
from types import MethodType

import torch

from trl_recipes.encoding import IGNORED


# what a config says where logits are more than hidden states times the output layer (Gemma 2, Granite, Cohere)
SCALED_LOGITS = ("final_logit_softcapping", "logits_scaling", "logit_scale")
SLICE_TOKENS = 1024  # of logits at a time: 0.26 GB in bf16 at a vocabulary of 128,256


def is_plain(model: torch.nn.Module) -> bool:
    """Whether the model's logits are its last hidden states times its frozen output layer, and nothing else."""
    head = model.get_output_embeddings()
    scaled = any(getattr(model.config, name, None) not in (None, 1) for name in SCALED_LOGITS)
    return not (head.weight.requires_grad or head.bias is not None or scaled)


def add_lean_loss(model: torch.nn.Module) -> None:
    """Let a causal language model answer `model(..., labels=labels, lean_loss=True)` with its loss instead of logits.

    The answer is a dict of 0-d tensors: `loss`, the float32 sum over labelled tokens; `scored` and `right`, how many
    they are and for how many the label is the most likely token. Other calls do as before.
    """
    before = model.forward

    @functools.wraps(type(model).forward)  # generate() reads the signature
    def forward(self, *args, lean_loss=False, labels=None, **kwargs):
        if not lean_loss:
            return before(*args, **kwargs) if labels is None else before(*args, labels=labels, **kwargs)
        hidden = self.base_model(*args, use_cache=False, **kwargs).last_hidden_state[:, :-1]
        scored = labels[:, 1:] != IGNORED
        weight = self.get_output_embeddings().weight
        loss, right = LinearCrossEntropy.apply(hidden[scored].to(weight.dtype), weight, labels[:, 1:][scored])
        return {"loss": loss, "scored": scored.sum(), "right": right}

    model.forward = MethodType(forward, model)


class LinearCrossEntropy(torch.autograd.Function):
    """Sum over tokens of -log softmax(hidden · weightᵀ)[label], with a gradient for `hidden` alone.

    hidden: (tokens, width); weight: (vocabulary, width) of the same dtype, frozen; labels: (tokens,) int64, none -100.
    Returns float32 (), and int64 (): the number of tokens whose label is the most likely one.
    """

    @staticmethod
    def forward(ctx, hidden, weight, labels):
        gradient = torch.empty_like(hidden)
        loss = torch.zeros((), device=hidden.device)
        right = torch.zeros((), device=hidden.device, dtype=torch.int64)
        rate = compiled_loss_and_error() if hidden.is_cuda else loss_and_error
        for start in range(0, len(hidden), SLICE_TOKENS):
            part = slice(start, start + SLICE_TOKENS)
            logits, chosen = hidden[part] @ weight.t(), labels[part, None].clone()
            for tensor in (logits, chosen):  # the last slice is shorter: one compilation for any number
                torch._dynamo.maybe_mark_dynamic(tensor, 0)
            slice_loss, slice_right, error = rate(logits, chosen)
            loss += slice_loss
            right += slice_right
            torch.mm(error, weight, out=gradient[part])
        ctx.save_for_backward(gradient)
        ctx.mark_non_differentiable(right)
        return loss, right

    @staticmethod
    def backward(ctx, loss_gradient, _):
        (gradient,) = ctx.saved_tensors
        return gradient * loss_gradient.to(gradient.dtype), None, None


def loss_and_error(logits: torch.Tensor, labels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """(tokens, vocabulary) logits, (tokens, 1) labels -> summed loss, number right, softmax - onehot as logits."""
    scores = logits.float()
    total = scores.logsumexp(-1, keepdim=True)
    chosen = scores.gather(-1, labels)
    right = (chosen >= scores.amax(-1, keepdim=True)).sum()
    columns = torch.arange(logits.shape[-1], device=logits.device)
    error = (scores - total).exp() - (columns == labels).float()
    return (total - chosen).sum(), right, error.to(logits.dtype)


@functools.cache
def compiled_loss_and_error():
    """`loss_and_error` as two passes over the logits instead of nine."""
    return torch.compile(loss_and_error)
