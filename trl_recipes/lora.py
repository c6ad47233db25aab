"""LoRA in the dtype of the activations: float32 masters, no casts of activations, no extra passes over the output.

PEFT's layer casts its input to the adapter's float32, multiplies there, scales, adds and casts back: five passes over
tensors as large as the layer's output. Here only the small matrices are cast, and the last product adds in place.
"""

from functools import cache
from typing import TYPE_CHECKING

from trl_recipes.recipe import RecipeError


if TYPE_CHECKING:
    import torch


def fuse_lora(model: "torch.nn.Module") -> int:
    """Give every LoRA linear layer of a PEFT model the lean forward; returns how many. Names and weights stay.

    Merging, saving, loading and switching the adapter off work as before.

    Raises:
        RecipeError: a layer has dropout, a bias, a variant such as DoRA, or several adapters, which the forward lacks.
    """
    from peft.tuners.lora import Linear

    layers = {name: module for name, module in model.named_modules() if type(module) is Linear}
    for name, layer in layers.items():
        drops = any(getattr(dropout, "p", 0) for dropout in layer.lora_dropout.values())
        biased = any(up.bias is not None for up in layer.lora_B.values())
        if drops or biased or layer.lora_variant or len(layer.lora_A) != 1:
            raise RecipeError(f"{name}: the lean LoRA forward knows one plain adapter without dropout and bias")
        layer.__class__ = lean_linear()
    return len(layers)


@cache
def lean_linear() -> type:
    """A subclass of PEFT's LoRA linear layer that differs in its forward alone."""
    from peft.tuners.lora import Linear
    from torch.nn.functional import linear

    class LeanLinear(Linear):
        def forward(self, x, *args, **kwargs):
            """x (..., in) -> base(x) + scaling · x Aᵀ Bᵀ (..., out), in the dtype of base(x)."""
            if self.disable_adapters or self.merged:
                return super().forward(x, *args, **kwargs)
            name = self.active_adapters[0]
            out = self.base_layer(x)
            down = self.lora_A[name].weight.to(out.dtype)
            up = (self.lora_B[name].weight * self.scaling[name]).to(out.dtype)
            low = linear(x.to(out.dtype), down).flatten(0, -2)
            return out.flatten(0, -2).addmm_(low, up.t()).view_as(out)  # in place: a fresh tensor that nobody saved

    return LeanLinear
